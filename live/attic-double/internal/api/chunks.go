package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"attic-pulumi/attic-double/internal/chunking"
	"attic-pulumi/attic-double/internal/database"
	"attic-pulumi/attic-double/internal/nix"
)

// atOnce is how many chunks of an upload are on their way at the same time; no more are in memory.
const atOnce = 10

// whole keeps a NAR as one chunk.
func (u *upload) whole(ctx context.Context) (result, error) {
	size := u.object.NarSize
	chunk, shared, err := u.shared(ctx, u.object.NarHash)
	if err != nil {
		return result{}, err
	}
	body := io.LimitReader(u.body, size)
	if shared {
		defer u.release(ctx, chunk)
		err = u.proven(body, *chunk)
	} else {
		chunk, err = u.keep(ctx, u.object.NarHash, size, body, nil)
		defer u.release(ctx, chunk)
	}
	if err != nil {
		return result{}, err
	}
	err = u.db.PutWholeNar(ctx, u.server.compressor.Name, *chunk, u.object, u.place)
	return result{Kind: "Uploaded", FileSize: &chunk.FileSize}, err
}

// proven says whether a client has the chunk that it says is there.
func (u *upload) proven(body io.Reader, held database.Chunk) error {
	if !u.server.settings.RequireProofOfPossession {
		return nil
	}
	read := newMeter(body)
	if _, err := io.Copy(io.Discard, read); err != nil {
		return badRequest("%v", err)
	}
	if read.sum().Base16() != held.Hash || read.size != u.object.NarSize || read.size != held.Size {
		return badRequest("Bad chunk hash or size")
	}
	return nil
}

// chunked keeps a NAR as chunks, those that are there already among them.
func (u *upload) chunked(ctx context.Context) (done result, err error) {
	nar, err := u.db.BeginNar(ctx, u.object.NarHash, u.object.NarSize, u.server.compressor.Name, u.now)
	if err != nil {
		return done, err
	}
	u.place.Nar = nar
	sending := sender{upload: u, permits: make(chan struct{}, atOnce)}
	defer func() {
		for _, chunk := range sending.chunks {
			u.release(ctx, chunk)
		}
		if err != nil {
			slog.Warn("Error occurred - Cleaning up NAR entry")
			logged(u.db.DropNar(ctx, nar))
		}
	}()
	read := newMeter(io.LimitReader(u.body, u.object.NarSize))
	count, err := sending.all(ctx, read)
	if err != nil {
		return done, err
	}
	if read.sum() != u.object.NarHash || read.size != u.object.NarSize {
		return done, badRequest("Bad NAR Hash or Size")
	}
	if err := u.db.FinishNar(ctx, count, u.object, u.place); err != nil {
		return done, err
	}
	part := float64(sending.shared) / float64(read.size)
	return result{Kind: "Uploaded", FileSize: &sending.fileSize, Deduplicated: &part}, nil
}

// sender sends the chunks of a NAR.
type sender struct {
	*upload
	permits chan struct{}

	lock             sync.Mutex
	chunks           []*database.Chunk
	fileSize, shared int64
	failed           error
}

// all sends chunk by chunk, and returns when none is on its way any more.
func (s *sender) all(ctx context.Context, from io.Reader) (count int, err error) {
	sizes := s.server.settings.Chunking
	cutter := chunking.NewCutter(from, int(sizes.MinSize), int(sizes.AvgSize), int(sizes.MaxSize))
	var sending sync.WaitGroup
	for s.failure() == nil {
		data, next := cutter.Next()
		if errors.Is(next, io.EOF) {
			break
		}
		if next != nil {
			err = badRequest("%v", next)
			break
		}
		s.permits <- struct{}{}
		place := count
		sending.Go(func() {
			defer func() { <-s.permits }()
			s.note(s.one(ctx, place, data))
		})
		count++
	}
	sending.Wait()
	return count, errors.Join(err, s.failure())
}

func (s *sender) failure() error {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.failed
}

func (s *sender) note(chunk *database.Chunk, shared bool, err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if chunk != nil {
		s.chunks = append(s.chunks, chunk)
		s.fileSize += chunk.FileSize
		if shared {
			s.shared += chunk.Size
		}
	}
	s.failed = errors.Join(s.failed, err)
}

func (s *sender) one(ctx context.Context, place int, data []byte) (chunk *database.Chunk, shared bool, err error) {
	hash := nix.Hash(sha256.Sum256(data))
	if chunk, shared, err = s.upload.shared(ctx, hash); err == nil && !shared {
		chunk, err = s.keep(ctx, hash, int64(len(data)), nil, data)
	}
	if err == nil {
		err = s.db.AddChunk(ctx, s.place.Nar, place, chunk.ID)
	}
	return chunk, shared, err
}

// shared holds a chunk of that content, if there is one.
func (u *upload) shared(ctx context.Context, hash nix.Hash) (*database.Chunk, bool, error) {
	chunk, err := u.db.HoldChunk(ctx, hash, u.server.compressor.Name)
	return chunk, chunk != nil, err
}

// keep writes a new chunk, and holds it: from a stream whose hash is only what was said, or from data in memory.
func (u *upload) keep(ctx context.Context, hash nix.Hash, size int64, stream io.Reader, data []byte) (*database.Chunk, error) {
	name := uuid.NewString() + ".chunk"
	reference := u.store.Reference(name)
	file := database.File{Reference: reference.JSON(), ID: reference.ID()}
	id, err := u.db.BeginChunk(ctx, hash, size, u.server.compressor.Name, file, time.Now())
	if err != nil {
		return nil, err
	}
	chunk := &database.Chunk{ID: id, Hash: hash.Base16(), Size: size}
	if err = u.write(ctx, name, chunk, hash, stream, data); err != nil {
		slog.Warn("Error occurred - Cleaning up uploaded file and chunk entry")
		logged(u.store.Delete(context.WithoutCancel(ctx), reference))
		logged(u.db.DropChunk(ctx, id))
		return nil, err
	}
	return chunk, nil
}

func (u *upload) write(ctx context.Context, name string, chunk *database.Chunk, hash nix.Hash, stream io.Reader, data []byte) error {
	read := newMeter(stream)
	var compressed io.Reader
	if stream != nil {
		pipe := u.server.compressor.Stream(read)
		defer pipe.Close()
		compressed = pipe
	} else {
		packed, err := u.server.compressor.Bytes(data)
		if err != nil {
			return err
		}
		compressed = bytes.NewReader(packed)
	}
	file := newMeter(compressed)
	if err := u.store.Put(ctx, name, file); err != nil {
		return err
	}
	if stream != nil && (read.sum() != hash || read.size != chunk.Size) {
		return badRequest("Bad chunk hash or size")
	}
	chunk.FileSize = file.size
	return u.db.FinishChunk(ctx, chunk.ID, file.sum(), file.size)
}

func (u *upload) release(ctx context.Context, chunk *database.Chunk) {
	if chunk != nil {
		logged(u.db.ReleaseChunk(ctx, chunk.ID))
	}
}

func logged(err error) {
	if err != nil {
		slog.Warn("Failed to clean up", "error", err)
	}
}
