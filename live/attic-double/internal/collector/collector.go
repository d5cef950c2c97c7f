// Package collector removes what nobody has asked for in time, and what nothing refers to.
package collector

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"attic-pulumi/attic-double/internal/config"
	"attic-pulumi/attic-double/internal/database"
	"attic-pulumi/attic-double/internal/storage"
)

// atOnce is how many files are deleted at the same time.
const atOnce = 20

// Every collects now and after every interval, whatever becomes of it, until the context ends.
func Every(ctx context.Context, settings config.Config) {
	interval := settings.GarbageCollection.Interval
	for interval > 0 && ctx.Err() == nil {
		if err := Once(ctx, settings); err != nil && ctx.Err() == nil {
			slog.Warn("Garbage collection failed", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
}

// Once collects with a pool of its own. Several may run at a time.
func Once(ctx context.Context, settings config.Config) error {
	slog.Info("Running garbage collection...")
	db, err := database.Open(settings.Database.URL)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := objects(ctx, db, settings.GarbageCollection.DefaultRetention); err != nil {
		return err
	}
	nars, err := db.DropOrphanNars(ctx)
	if err != nil {
		return err
	}
	slog.Info("Deleted orphan NARs", "count", nars)
	store, err := storage.Open(ctx, settings.Storage)
	if err != nil {
		return err
	}
	return chunks(ctx, db, store)
}

func objects(ctx context.Context, db *database.Database, retention time.Duration) error {
	now := time.Now()
	caches, err := db.ExpiringCaches(ctx, int32(retention/time.Second))
	if err != nil {
		return err
	}
	for _, cache := range caches {
		since := now.Add(-time.Duration(cache.Retention) * time.Second)
		dropped, err := db.DropObjects(ctx, cache.ID, since)
		if err != nil {
			return err
		}
		slog.Info("Deleted objects", "cache", cache.Name, "count", dropped)
	}
	return nil
}

// chunks leaves those marked whose files cannot be deleted; a later run tries again.
func chunks(ctx context.Context, db *database.Database, store storage.Store) error {
	orphans, err := db.MarkOrphanChunks(ctx)
	if err != nil || len(orphans) == 0 {
		return err
	}
	var (
		all     sync.WaitGroup
		lock    sync.Mutex
		deleted []int64
	)
	permits := make(chan struct{}, atOnce)
	for _, orphan := range orphans {
		permits <- struct{}{}
		all.Go(func() {
			defer func() { <-permits }()
			file, err := storage.ParseReference(orphan.File)
			if err == nil {
				err = store.Delete(ctx, file)
			}
			if err != nil {
				slog.Warn("Deletion failed", "error", err)
				return
			}
			lock.Lock()
			defer lock.Unlock()
			deleted = append(deleted, orphan.ID)
		})
	}
	all.Wait()
	dropped, err := db.DropChunks(ctx, deleted)
	slog.Info("Deleted orphan chunks", "count", dropped)
	return err
}
