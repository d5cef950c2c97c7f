package database

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"attic-pulumi/attic-double/internal/nix"
)

// Object is a store path in a cache, with the NAR that it has.
type Object struct {
	ID            int64
	StorePathHash string
	StorePath     string
	References    []string
	Deriver, CA   *string
	Sigs          []string
	NarHash       nix.Hash
	NarSize       int64
	NarChunks     int
	Compression   string
	narID         int64
}

// FindObject finds an object and its cache by the path's hash, whoever asks, or is ErrNone.
func (d *Database) FindObject(ctx context.Context, cache, hash string) (o Object, c Cache, err error) {
	var references, narHash string
	err = d.row(ctx,
		[]any{
			&o.ID, &o.StorePathHash, &o.StorePath, &references, &o.Deriver, &o.CA,
			&o.narID, &narHash, &o.NarSize, &o.NarChunks, &o.Compression, &c.Name, &c.KeyPair, &c.Public,
		},
		`SELECT o.id, o.store_path_hash, o.store_path, o."references", o.deriver, o.ca,
		        n.id, n.nar_hash, n.nar_size, n.num_chunks, n.compression, c.name, c.keypair, c.is_public
		 FROM object o JOIN cache c ON o.cache_id = c.id JOIN nar n ON o.nar_id = n.id
		 WHERE c.name = $1 AND c.deleted_at IS NULL AND o.store_path_hash = $2 AND n.state = 'V'`, cache, hash)
	if err != nil {
		return o, c, err
	}
	if o.NarHash, err = nix.ParseHash(narHash); err != nil {
		return o, c, err
	}
	return o, c, json.Unmarshal([]byte(references), &o.References)
}

// ChunkFiles are the files of an object's NAR in their order, as the storage refers to them; nil for one that is
// missing.
func (d *Database) ChunkFiles(ctx context.Context, o Object) ([]*string, error) {
	files, err := rows(ctx, d, pgx.RowTo[*string],
		`SELECT ch.remote_file FROM chunkref r LEFT JOIN chunk ch ON r.chunk_id = ch.id
		 WHERE r.nar_id = $1 AND (ch.state = 'V' OR ch.state IS NULL) ORDER BY r.seq`, o.narID)
	if err == nil && len(files) != o.NarChunks {
		err = fmt.Errorf("the database has %d chunks of a NAR of %d", len(files), o.NarChunks)
	}
	return files, err
}

// Touch notes that an object was asked for.
func (d *Database) Touch(ctx context.Context, o Object, now time.Time) error {
	_, err := d.exec(ctx, "UPDATE object SET last_accessed_at = $2 WHERE id = $1", o.ID, now)
	return err
}

// Present are those of the hashes that a cache has.
func (d *Database) Present(ctx context.Context, cache string, hashes []string) ([]string, error) {
	return rows(ctx, d, pgx.RowTo[string],
		`SELECT o.store_path_hash FROM object o JOIN cache c ON o.cache_id = c.id JOIN nar n ON o.nar_id = n.id
		 WHERE c.name = $1 AND o.store_path_hash = ANY($2)`, cache, hashes)
}

const putObject = `
INSERT INTO object (cache_id, nar_id, store_path_hash, store_path, "references", deriver, sigs, ca, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (cache_id, store_path_hash) DO UPDATE SET
  nar_id = EXCLUDED.nar_id, store_path = EXCLUDED.store_path, "references" = EXCLUDED."references",
  system = EXCLUDED.system, deriver = EXCLUDED.deriver, sigs = EXCLUDED.sigs, ca = EXCLUDED.ca,
  created_at = EXCLUDED.created_at, last_accessed_at = EXCLUDED.last_accessed_at, created_by = EXCLUDED.created_by`

// Placement is where an object goes, and whose it is.
type Placement struct {
	Cache, Nar int64
	By         *string
	At         time.Time
}

func objectArgs(o Object, p Placement) []any {
	return []any{
		p.Cache, p.Nar, o.StorePathHash, o.StorePath, text(o.References), o.Deriver, text(o.Sigs), o.CA, p.At, p.By,
	}
}

// PutObject gives a cache an object of a NAR that is there.
func (d *Database) PutObject(ctx context.Context, o Object, p Placement) error {
	_, err := d.exec(ctx, putObject, objectArgs(o, p)...)
	return err
}
