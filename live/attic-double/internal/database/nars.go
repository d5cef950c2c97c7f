package database

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"attic-pulumi/attic-double/internal/nix"
)

// Nar is a NAR that is held: it is not collected until Release.
type Nar struct {
	ID   int64
	Hash string
	Size int64
}

// HoldNar finds a valid NAR of a hash and holds it. Nil when there is none, or all are locked.
func (d *Database) HoldNar(ctx context.Context, hash nix.Hash) (*Nar, error) {
	var n Nar
	err := d.row(ctx, []any{&n.ID, &n.Hash, &n.Size},
		`UPDATE nar SET holders_count = holders_count + 1 WHERE id IN (
		   SELECT id FROM nar WHERE nar_hash = $1 AND state = 'V' LIMIT 1 FOR UPDATE SKIP LOCKED)
		 RETURNING id, nar_hash, nar_size`, hash.Base16())
	if errors.Is(err, ErrNone) {
		return nil, nil
	}
	return &n, err
}

// ReleaseNar ends a hold, also when the request that it was for is gone.
func (d *Database) ReleaseNar(ctx context.Context, id int64) error {
	_, err := d.exec(context.WithoutCancel(ctx), "UPDATE nar SET holders_count = holders_count - 1 WHERE id = $1", id)
	return err
}

// NarComplete says whether a NAR has all its chunks.
func (d *Database) NarComplete(ctx context.Context, id int64) (complete bool, err error) {
	err = d.row(ctx, []any{&complete},
		"SELECT NOT EXISTS (SELECT FROM chunkref WHERE nar_id = $1 AND chunk_id IS NULL)", id)
	return complete, err
}

// BeginNar notes a NAR whose chunks are on their way.
func (d *Database) BeginNar(ctx context.Context, hash nix.Hash, size int64, compression string, now time.Time) (id int64, err error) {
	err = d.row(ctx, []any{&id},
		`INSERT INTO nar (state, nar_hash, nar_size, compression, num_chunks, created_at)
		 VALUES ('P', $1, $2, $3, 0, $4) RETURNING id`, hash.Base16(), size, compression, now)
	return id, err
}

// DropNar forgets a NAR that did not come to its end.
func (d *Database) DropNar(ctx context.Context, id int64) error {
	_, err := d.exec(context.WithoutCancel(ctx), "DELETE FROM nar WHERE id = $1", id)
	return err
}

// AddChunk makes a chunk the part of a NAR that comes at a place.
func (d *Database) AddChunk(ctx context.Context, nar int64, place int, chunk int64) error {
	_, err := d.exec(ctx, "INSERT INTO chunkref (nar_id, seq, chunk_id) VALUES ($1, $2, $3)", nar, place, chunk)
	return err
}

// FinishNar makes a NAR valid and gives a cache its object, both or neither.
func (d *Database) FinishNar(ctx context.Context, chunks int, o Object, p Placement) error {
	return d.transaction(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE nar SET state = 'V', num_chunks = $2 WHERE id = $1", p.Nar, chunks); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, putObject, objectArgs(o, p)...)
		return err
	})
}

// PutWholeNar makes a NAR of a single chunk, and its object.
func (d *Database) PutWholeNar(ctx context.Context, compression string, chunk Chunk, o Object, p Placement) error {
	return d.transaction(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx,
			`INSERT INTO nar (state, nar_hash, nar_size, compression, num_chunks, created_at)
			 VALUES ('V', $1, $2, $3, 1, $4) RETURNING id`, o.NarHash.Base16(), chunk.Size, compression, p.At).Scan(&p.Nar)
		if err != nil {
			return err
		}
		const refer = "INSERT INTO chunkref (nar_id, seq, chunk_id) VALUES ($1, 0, $2)"
		if _, err := tx.Exec(ctx, refer, p.Nar, chunk.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, putObject, objectArgs(o, p)...)
		return err
	})
}

func (d *Database) transaction(ctx context.Context, do func(pgx.Tx) error) error {
	connection, err := d.acquire(ctx)
	if err != nil {
		return err
	}
	defer connection.Release()
	return pgx.BeginFunc(ctx, connection, do)
}
