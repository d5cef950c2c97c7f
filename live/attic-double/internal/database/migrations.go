package database

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed schema.sql
var schema string

// applied are the real server's migrations that the schema is the result of.
var applied = []string{
	"m20221227_000001_create_cache_table", "m20221227_000003_create_nar_table",
	"m20221227_000002_create_object_table", "m20221227_000004_add_object_last_accessed",
	"m20221227_000005_add_cache_retention_period", "m20230103_000001_add_object_created_by",
	"m20230112_000001_add_chunk_table", "m20230112_000002_add_chunkref_table", "m20230112_000003_add_nar_num_chunks",
	"m20230112_000004_migrate_nar_remote_files_to_chunks", "m20230112_000005_drop_old_nar_columns",
	"m20230112_000006_add_nar_completeness_hint", "m20260508_000001_add_chunk_state_holders_index",
	"m20260611_000001_add_nar_state_holders_index", "m20260624_000001_remove_chunk_recovery",
}

// Migrate brings an empty database to the schema, in one transaction. One that was migrated by a server of another
// age is refused: a newer one's is not known, and an older one's is not brought forward by the double.
func (d *Database) Migrate(ctx context.Context, now time.Time) error {
	connection, err := d.acquire(ctx)
	if err != nil {
		return err
	}
	defer connection.Release()
	return pgx.BeginFunc(ctx, connection, func(tx pgx.Tx) error {
		const table = `CREATE TABLE IF NOT EXISTS seaql_migrations (version varchar PRIMARY KEY, applied_at bigint NOT NULL)`
		if _, err := tx.Exec(ctx, table); err != nil {
			return err
		}
		found, err := tx.Query(ctx, "SELECT version FROM seaql_migrations")
		if err != nil {
			return err
		}
		versions, err := pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, version := range versions {
			if !slices.Contains(applied, version) {
				return fmt.Errorf("Migration file of version '%s' is missing, this migration has been applied but its file is missing", version)
			}
		}
		switch len(versions) {
		case 0:
			return create(ctx, tx, now)
		case len(applied):
			return nil
		}
		return fmt.Errorf("the database is of an older server (%d of %d migrations), which the double does not bring forward", len(versions), len(applied))
	})
}

func create(ctx context.Context, tx pgx.Tx, now time.Time) error {
	if _, err := tx.Exec(ctx, schema); err != nil {
		return err
	}
	const note = "INSERT INTO seaql_migrations (version, applied_at) SELECT unnest($1::text[]), $2::bigint"
	_, err := tx.Exec(ctx, note, applied, now.Unix())
	return err
}
