package database

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Cache is a row of the table.
type Cache struct {
	ID                    int64
	Name                  string
	KeyPair               string
	Public                bool
	StoreDir              string
	Priority              int32
	UpstreamCacheKeyNames []string
	// Retention in seconds; nil for the server's default.
	Retention *int32
}

// FindCache finds a cache that was not destroyed, or is ErrNone.
func (d *Database) FindCache(ctx context.Context, name string) (c Cache, err error) {
	var upstream string
	err = d.row(ctx,
		[]any{&c.ID, &c.Name, &c.KeyPair, &c.Public, &c.StoreDir, &c.Priority, &upstream, &c.Retention},
		`SELECT id, name, keypair, is_public, store_dir, priority, upstream_cache_key_names, retention_period
		 FROM cache WHERE name = $1 AND deleted_at IS NULL`, name)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(upstream), &c.UpstreamCacheKeyNames)
}

// CreateCache says whether it made one; a cache that is only marked as deleted keeps its name.
func (d *Database) CreateCache(ctx context.Context, c Cache, now time.Time) (bool, error) {
	made, err := d.exec(ctx,
		`INSERT INTO cache (name, keypair, is_public, store_dir, priority, upstream_cache_key_names, created_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING`,
		c.Name, c.KeyPair, c.Public, c.StoreDir, c.Priority, text(c.UpstreamCacheKeyNames), now)
	return made == 1, err
}

// CachePatch is what changes of a cache: nil stays as it is.
type CachePatch struct {
	KeyPair, StoreDir     *string
	Public                *bool
	Priority              *int32
	UpstreamCacheKeyNames []string
	// SetRetention says that Retention counts.
	SetRetention bool
	Retention    *int32
}

// UpdateCache changes a cache.
func (d *Database) UpdateCache(ctx context.Context, id int64, patch CachePatch) error {
	var columns []string
	args := []any{id}
	set := func(column string, value any) {
		args = append(args, value)
		columns = append(columns, fmt.Sprintf("%s = $%d", column, len(args)))
	}
	if patch.KeyPair != nil {
		set("keypair", *patch.KeyPair)
	}
	if patch.StoreDir != nil {
		set("store_dir", *patch.StoreDir)
	}
	if patch.Public != nil {
		set("is_public", *patch.Public)
	}
	if patch.Priority != nil {
		set("priority", *patch.Priority)
	}
	if patch.UpstreamCacheKeyNames != nil {
		set("upstream_cache_key_names", text(patch.UpstreamCacheKeyNames))
	}
	if patch.SetRetention {
		set("retention_period", patch.Retention)
	}
	_, err := d.exec(ctx, "UPDATE cache SET "+strings.Join(columns, ", ")+" WHERE id = $1", args...)
	return err
}

// DestroyCache removes a cache with its objects, or marks it as deleted. It says whether it was there.
func (d *Database) DestroyCache(ctx context.Context, id int64, soft bool, now time.Time) (bool, error) {
	if soft {
		done, err := d.exec(ctx, "UPDATE cache SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL", id, now)
		return done > 0, err
	}
	done, err := d.exec(ctx, "DELETE FROM cache WHERE id = $1 AND deleted_at IS NULL", id)
	return done > 0, err
}

// text is how the tables have lists.
func text(list []string) string {
	if list == nil {
		list = []string{}
	}
	encoded, _ := json.Marshal(list)
	return string(encoded)
}
