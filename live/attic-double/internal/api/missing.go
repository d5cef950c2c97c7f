package api

import (
	"errors"
	"fmt"
	"net/http"

	"attic-pulumi/attic-double/internal/nix"
	"attic-pulumi/attic-double/internal/tokens"
)

func missingPaths(w http.ResponseWriter, r *request) error {
	body, err := bodyOf(r.Request)
	if err != nil {
		return err
	}
	cache, err1 := must[string](body, "cache")
	hashes, err2 := must[names](body, "store_path_hashes")
	if err := errors.Join(err1, err2); err != nil {
		return mismatch(err)
	}
	if !nix.IsCacheName(cache) {
		return mismatch(fmt.Errorf("Invalid cache name %q", cache))
	}
	missing := map[string]bool{}
	for _, hash := range hashes {
		if !nix.IsStorePathHash(hash) {
			return mismatch(fmt.Errorf("Invalid store path hash %q", hash))
		}
		missing[hash] = true
	}
	if _, _, err := r.authorised(cache, tokens.Push); err != nil {
		return err
	}
	db, err := r.server.database()
	if err != nil {
		return err
	}
	present, err := db.Present(r.Context(), cache, hashes)
	if err != nil {
		return err
	}
	for _, hash := range present {
		delete(missing, hash)
	}
	list := make([]string, 0, len(missing))
	for hash := range missing {
		list = append(list, hash)
	}
	answerJSON(w, http.StatusOK, map[string][]string{"missing_paths": list})
	return nil
}
