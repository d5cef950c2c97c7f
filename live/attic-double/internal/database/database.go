package database

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// mostConnections is what a process holds at once.
	mostConnections = 10
	// patience is how long anything waits for a connection.
	patience = 30 * time.Second
)

// ErrNone is that there is no such row.
var ErrNone = errors.New("no such row")

// Database is a pool of connections.
type Database struct{ pool *pgxpool.Pool }

// Open makes a pool, which connects when it is asked for the first time.
func Open(url string) (*Database, error) {
	settings, err := poolConfig(url)
	if err != nil {
		return nil, err
	}
	settings.MaxConns = mostConnections
	settings.MaxConnIdleTime = 10 * time.Minute
	settings.MaxConnLifetime = 30 * time.Minute
	// A database that was restarted costs no request.
	settings.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return true }
	pool, err := pgxpool.NewWithConfig(context.Background(), settings)
	return &Database{pool}, err
}

// Close ends the connections.
func (d *Database) Close() { d.pool.Close() }

// acquire waits for a connection, also for a database that is starting.
func (d *Database) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("timed out waiting for a connection to the database"))
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		connection, err := d.pool.Acquire(ctx)
		if err == nil || !passing(err) {
			return connection, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), err)
		case <-time.After(pause):
		}
	}
}

// passing says whether it may be better in a moment.
func passing(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code == "53300" || said.Code == "57P03"
	}
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNABORTED)
}

func (d *Database) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	connection, err := d.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer connection.Release()
	done, err := connection.Exec(ctx, sql, args...)
	return done.RowsAffected(), err
}

// row reads one row into its destinations; ErrNone when there is none.
func (d *Database) row(ctx context.Context, into []any, sql string, args ...any) error {
	connection, err := d.acquire(ctx)
	if err != nil {
		return err
	}
	defer connection.Release()
	err = connection.QueryRow(ctx, sql, args...).Scan(into...)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNone
	}
	return err
}

func rows[T any](ctx context.Context, d *Database, read pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	connection, err := d.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer connection.Release()
	found, err := connection.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, read)
}

// Heartbeat sends a query every minute, whatever becomes of it.
func (d *Database) Heartbeat(ctx context.Context) {
	for {
		_, _ = d.exec(ctx, "SELECT 'heartbeat'")
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
		}
	}
}
