package api

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"

	"attic-pulumi/attic-double/internal/database"
	"attic-pulumi/attic-double/internal/nix"
	"attic-pulumi/attic-double/internal/storage"
	"attic-pulumi/attic-double/internal/tokens"
)

// upload is a NAR on its way into a cache.
type upload struct {
	*request
	object database.Object
	place  database.Placement
	body   io.Reader
	db     *database.Database
	store  storage.Store
}

type result struct {
	Kind string `json:"kind"`
	// FileSize is that of all chunks, compressed.
	FileSize *int64 `json:"file_size,omitempty"`
	// Deduplicated is the part that was there before, from 0 to 1.
	Deduplicated *float64 `json:"frac_deduplicated"`
}

func uploadPath(w http.ResponseWriter, r *request) error {
	u := upload{request: r, body: bufio.NewReaderSize(r.Body, 64<<10)}
	text, err := u.infoText()
	if err != nil {
		return err
	}
	cacheName, err := u.readInfo(text)
	if err != nil {
		return badRequest("%v", err)
	}
	cache, _, err := r.authorised(cacheName, tokens.Push)
	if err != nil {
		return err
	}
	if u.db, err = r.server.database(); err != nil {
		return err
	}
	if u.store, err = r.server.storage(r.Context()); err != nil {
		return err
	}
	u.place = database.Placement{Cache: cache.ID, By: r.subject(), At: r.now}
	done, err := u.run()
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, done)
	return nil
}

// infoText is what the client says of the NAR: at the beginning of the body, or in a header.
func (u *upload) infoText() ([]byte, error) {
	const inBody, inHeader = "X-Attic-Nar-Info-Preamble-Size", "X-Attic-Nar-Info"
	if given := u.Header.Get(inBody); given != "" {
		length, err := strconv.ParseUint(given, 10, 63)
		if err != nil {
			return nil, badRequest("%s must be a valid unsigned integer", inBody)
		}
		if int64(length) > u.server.settings.MaxNarInfoSize {
			return nil, badRequest("Upload info is too large")
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(u.body, text); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, badRequest("Upload info doesn't match specified size")
		} else if err != nil {
			return nil, badRequest("%v", err)
		}
		return text, nil
	}
	if given := u.Header.Get(inHeader); given != "" {
		return []byte(given), nil
	}
	return nil, badRequest("%s must be set", inHeader)
}

func (u *upload) readInfo(text []byte) (cache string, err error) {
	var info object
	if err := json.Unmarshal(text, &info); err != nil {
		return "", err
	}
	o := &u.object
	var references, sigs names
	var narHash string
	var size uint64
	_, system := may[string](info, "system")
	deriver, err1 := may[string](info, "deriver")
	ca, err2 := may[string](info, "ca")
	err = errors.Join(
		into(&cache, info, "cache"), into(&o.StorePathHash, info, "store_path_hash"),
		into(&o.StorePath, info, "store_path"), into(&references, info, "references"), into(&sigs, info, "sigs"),
		into(&narHash, info, "nar_hash"), into(&size, info, "nar_size"), system, err1, err2,
	)
	if err != nil {
		return "", err
	}
	if !nix.IsCacheName(cache) {
		return "", fmt.Errorf("Invalid cache name %q", cache)
	}
	if !nix.IsStorePathHash(o.StorePathHash) {
		return "", fmt.Errorf("Invalid store path hash %q", o.StorePathHash)
	}
	o.References, o.Sigs, o.Deriver, o.CA, o.NarSize = references, sigs, deriver, ca, int64(size)
	o.NarHash, err = nix.ParseHash(narHash)
	return cache, err
}

func (u *upload) run() (result, error) {
	ctx := u.Context()
	held, err := u.db.HoldNar(ctx, u.object.NarHash)
	if err != nil {
		return result{}, err
	}
	if held != nil {
		defer u.db.ReleaseNar(ctx, held.ID)
		complete, err := u.db.NarComplete(ctx, held.ID)
		if err != nil {
			return result{}, err
		}
		if complete {
			return u.share(ctx, *held)
		}
	}
	threshold := u.server.settings.Chunking.NarSizeThreshold
	if threshold == 0 || u.object.NarSize < threshold {
		return u.whole(ctx)
	}
	return u.chunked(ctx)
}

// share gives the cache a NAR that is there, once the client has shown that it has it, too.
func (u *upload) share(ctx context.Context, held database.Nar) (result, error) {
	if u.server.settings.RequireProofOfPossession {
		read := newMeter(u.body)
		if _, err := io.Copy(io.Discard, read); err != nil {
			return result{}, badRequest("%v", err)
		}
		if read.sum().Base16() != held.Hash || read.size != u.object.NarSize || read.size != held.Size {
			return result{}, badRequest("Bad NAR Hash or Size")
		}
	}
	u.place.Nar = held.ID
	return result{Kind: "Deduplicated"}, u.db.PutObject(ctx, u.object, u.place)
}

// meter measures what is read through it.
type meter struct {
	from io.Reader
	hash hash.Hash
	size int64
}

func newMeter(from io.Reader) *meter { return &meter{from: from, hash: sha256.New()} }

func (m *meter) Read(into []byte) (int, error) {
	read, err := m.from.Read(into)
	m.hash.Write(into[:read])
	m.size += int64(read)
	return read, err
}

func (m *meter) sum() (sum nix.Hash) {
	m.hash.Sum(sum[:0])
	return sum
}
