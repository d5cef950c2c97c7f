package database

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// mostChunks is how many chunks one run collects.
const mostChunks = 65535

// Expiring is a cache whose objects are not kept for ever.
type Expiring struct {
	ID        int64
	Name      string
	Retention int32
}

// ExpiringCaches are those of a retention other than 0 seconds, their own or the default.
func (d *Database) ExpiringCaches(ctx context.Context, otherwise int32) ([]Expiring, error) {
	return rows(ctx, d, pgx.RowToStructByPos[Expiring],
		`SELECT id, name, coalesce(retention_period, $1::integer) FROM cache
		 WHERE coalesce(retention_period, $1::integer) <> 0`, otherwise)
}

// DropObjects removes what was neither made nor asked for since.
func (d *Database) DropObjects(ctx context.Context, cache int64, since time.Time) (int64, error) {
	return d.exec(ctx,
		`DELETE FROM object WHERE cache_id = $1 AND created_at < $2
		 AND (last_accessed_at IS NULL OR last_accessed_at < $2)`, cache, since)
}

// DropOrphanNars removes valid NARs that are in no cache and not held.
func (d *Database) DropOrphanNars(ctx context.Context) (int64, error) {
	return d.exec(ctx,
		`DELETE FROM nar WHERE id IN (
		   SELECT nar.id FROM nar LEFT JOIN object ON object.nar_id = nar.id
		   WHERE object.id IS NULL AND nar.state = 'V' AND nar.holders_count = 0
		   FOR UPDATE OF nar SKIP LOCKED)`)
}

// Orphan is a chunk that is marked as deleted, and its file.
type Orphan struct {
	ID   int64
	File string
}

// MarkOrphanChunks marks valid chunks of no NAR that are not held, and gives all that are marked, also by a run that
// could not delete their files.
func (d *Database) MarkOrphanChunks(ctx context.Context) ([]Orphan, error) {
	_, err := d.exec(ctx,
		`UPDATE chunk SET state = 'D' WHERE id IN (
		   SELECT chunk.id FROM chunk LEFT JOIN chunkref ON chunkref.chunk_id = chunk.id
		   WHERE chunkref.id IS NULL AND chunk.state = 'V' AND chunk.holders_count = 0
		   FOR UPDATE OF chunk SKIP LOCKED)`)
	if err != nil {
		return nil, err
	}
	return rows(ctx, d, pgx.RowToStructByPos[Orphan],
		"SELECT id, remote_file FROM chunk WHERE state = 'D' LIMIT $1", mostChunks)
}

// DropChunks forgets chunks whose files are gone.
func (d *Database) DropChunks(ctx context.Context, ids []int64) (int64, error) {
	return d.exec(ctx, "DELETE FROM chunk WHERE id = ANY($1)", ids)
}
