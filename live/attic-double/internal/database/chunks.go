package database

import (
	"context"
	"errors"
	"time"

	"attic-pulumi/attic-double/internal/nix"
)

// Chunk is a chunk that is held: it is not collected until ReleaseChunk.
type Chunk struct {
	ID   int64
	Hash string
	// Size before compression, and FileSize after it.
	Size, FileSize int64
}

// HoldChunk finds a valid chunk of a hash and holds it. Nil when there is none, or all are locked.
func (d *Database) HoldChunk(ctx context.Context, hash nix.Hash, compression string) (*Chunk, error) {
	var c Chunk
	err := d.row(ctx, []any{&c.ID, &c.Hash, &c.Size, &c.FileSize},
		`UPDATE chunk SET holders_count = holders_count + 1 WHERE id IN (
		   SELECT id FROM chunk WHERE chunk_hash = $1 AND state = 'V' AND compression = $2
		   LIMIT 1 FOR UPDATE SKIP LOCKED)
		 RETURNING id, chunk_hash, chunk_size, coalesce(file_size, 0)`, hash.Base16(), compression)
	if errors.Is(err, ErrNone) {
		return nil, nil
	}
	return &c, err
}

// ReleaseChunk ends a hold, also when the request that it was for is gone.
func (d *Database) ReleaseChunk(ctx context.Context, id int64) error {
	_, err := d.exec(context.WithoutCancel(ctx), "UPDATE chunk SET holders_count = holders_count - 1 WHERE id = $1", id)
	return err
}

// File is where a chunk is kept.
type File struct{ Reference, ID string }

// BeginChunk notes a chunk that is on its way to its file; the hash is only what was said.
func (d *Database) BeginChunk(ctx context.Context, hash nix.Hash, size int64, compression string, file File, now time.Time) (id int64, err error) {
	err = d.row(ctx, []any{&id},
		`INSERT INTO chunk (state, chunk_hash, chunk_size, compression, remote_file, remote_file_id, created_at)
		 VALUES ('P', $1, $2, $3, $4, $5, $6) RETURNING id`,
		hash.Base16(), size, compression, file.Reference, file.ID, now)
	return id, err
}

// FinishChunk makes a chunk valid, and holds it.
func (d *Database) FinishChunk(ctx context.Context, id int64, fileHash nix.Hash, fileSize int64) error {
	_, err := d.exec(ctx,
		"UPDATE chunk SET state = 'V', file_hash = $2, file_size = $3, holders_count = 1 WHERE id = $1",
		id, fileHash.Base16(), fileSize)
	return err
}

// DropChunk forgets a chunk that did not come to its end.
func (d *Database) DropChunk(ctx context.Context, id int64) error {
	_, err := d.exec(context.WithoutCancel(ctx), "DELETE FROM chunk WHERE id = $1", id)
	return err
}
