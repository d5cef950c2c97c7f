package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"attic-pulumi/attic-double/internal/database"
	"attic-pulumi/attic-double/internal/nix"
	"attic-pulumi/attic-double/internal/storage"
	"attic-pulumi/attic-double/internal/tokens"
)

func nixCacheInfo(w http.ResponseWriter, r *request) error {
	cache, _, err := r.authorised(r.cache, tokens.Pull)
	if err != nil {
		return err
	}
	showVisibility(w, cache)
	w.Header().Set("Content-Type", "text/x-nix-cache-info")
	_, err = fmt.Fprintf(w, "WantMassQuery: 1\nStoreDir: %s\nPriority: %d\n", cache.StoreDir, cache.Priority)
	return ignored(err)
}

func showVisibility(w http.ResponseWriter, cache database.Cache) {
	if cache.Public {
		w.Header().Set("X-Attic-Cache-Visibility", "public")
	}
}

// find looks for an object before anybody is asked for a token, as the server does.
func (r *request) find(w http.ResponseWriter, extension string) (object database.Object, cache database.Cache, err error) {
	hash, rest, found := strings.Cut(r.file, ".")
	if !found || rest != extension {
		return object, cache, notFound
	}
	if !nix.IsStorePathHash(hash) {
		return object, cache, common("InvalidStorePathHash", fmt.Errorf("invalid store path hash %q", hash))
	}
	db, err := r.server.database()
	if err != nil {
		return object, cache, err
	}
	object, cache, err = db.FindObject(r.Context(), r.cache, hash)
	if errors.Is(err, database.ErrNone) {
		return object, cache, noSuchObject
	}
	if err != nil {
		return object, cache, err
	}
	if allowed := withPublic(r.token.For(r.cache), cache.Public); !allowed.Has(tokens.Pull) {
		return object, cache, denied(allowed)
	}
	showVisibility(w, cache)
	return object, cache, nil
}

func serveNarInfo(w http.ResponseWriter, r *request) error {
	object, cache, err := r.find(w, "narinfo")
	if err != nil {
		return err
	}
	key, err := nix.ParseKeyPair(cache.KeyPair)
	if err != nil {
		return common("SigningError", err)
	}
	info := nix.NarInfo{
		StorePath: object.StorePath, URL: "nar/" + object.StorePathHash + ".nar", Compression: object.Compression,
		NarHash: object.NarHash, NarSize: object.NarSize, References: object.References,
		Deriver: object.Deriver, CA: object.CA,
	}
	w.Header().Set("Content-Type", "text/x-nix-narinfo")
	_, err = io.WriteString(w, info.Signed(key))
	return ignored(err)
}

func serveNar(w http.ResponseWriter, r *request) error {
	object, _, err := r.find(w, "nar")
	if err != nil {
		return err
	}
	db, err := r.server.database()
	if err != nil {
		return err
	}
	files, err := db.ChunkFiles(r.Context(), object)
	if err != nil {
		return err
	}
	references, err := referencesOf(files)
	if err != nil {
		return err
	}
	if err := db.Touch(r.Context(), object, r.now); err != nil {
		return err
	}
	store, err := r.server.storage(r.Context())
	if err != nil {
		return err
	}
	if len(references) == 1 {
		return serveFile(w, r, store, references[0])
	}
	w.Header().Set("Content-Type", "application/x-nix-nar")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		// A client is told of success before the first chunk is asked for; whoever proxies cannot tell of an error any more.
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		concatenate(w, r.Context(), store, references)
	}
	return nil
}

func referencesOf(files []*string) (list []storage.Reference, err error) {
	for _, file := range files {
		if file == nil {
			return nil, incomplete
		}
		reference, err := storage.ParseReference(*file)
		if err != nil {
			return nil, err
		}
		list = append(list, reference)
	}
	return list, nil
}

// serveFile leads a client to the file of a NAR's only chunk, or serves it.
func serveFile(w http.ResponseWriter, r *request, store storage.Store, file storage.Reference) error {
	link, err := store.Link(r.Context(), file)
	if err != nil {
		return err
	}
	if link != "" {
		w.Header().Set("Location", link)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return nil
	}
	from, err := store.Open(r.Context(), file)
	if err != nil {
		return err
	}
	defer from.Close()
	w.Header().Set("Content-Type", "application/x-nix-nar")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		send(w, from)
	}
	return nil
}

type opened struct {
	from io.ReadCloser
	err  error
}

// concatenate sends files one after the other, and opens the next while one is sent. It is too late for an error to
// be told, so the connection breaks off.
func concatenate(w io.Writer, ctx context.Context, store storage.Store, files []storage.Reference) {
	ctx, cancel := context.WithCancel(ctx)
	ahead := make(chan opened, 1)
	go func() {
		defer close(ahead)
		for _, file := range files {
			from, err := store.Open(ctx, file)
			ahead <- opened{from, err}
			if err != nil {
				return
			}
		}
	}()
	defer func() {
		cancel()
		for next := range ahead {
			if next.err == nil {
				next.from.Close()
			}
		}
	}()
	for range files {
		next := <-ahead
		if next.err != nil {
			slog.Error("Stream error", "error", next.err)
			panic(http.ErrAbortHandler)
		}
		send(w, next.from)
		next.from.Close()
	}
}

func send(w io.Writer, from io.Reader) {
	if _, err := io.Copy(w, from); err != nil {
		slog.Error("Stream error", "error", err)
		panic(http.ErrAbortHandler)
	}
}
