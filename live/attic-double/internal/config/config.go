// Package config reads the server's configuration, and refuses what the server refuses.
package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"
)

// Config is the configuration of a server. Sizes are in bytes.
type Config struct {
	Listen                   netip.AddrPort
	AllowedHosts             []string
	APIEndpoint              string
	SubstituterEndpoint      string
	SoftDeleteCaches         bool
	RequireProofOfPossession bool
	MaxNarInfoSize           int64
	Database                 Database
	Storage                  Storage
	Chunking                 Chunking
	Compression              Compression
	GarbageCollection        GarbageCollection
	JWT                      JWT
}

type Database struct {
	URL string
	// Whether a query is sent every minute.
	Heartbeat bool
}

// Storage is a folder when Path is set, else a bucket.
type Storage struct {
	Path string

	Region, Bucket string
	// Endpoint of another store than AWS's, whose buckets are in the path.
	Endpoint                     string
	AccessKeyID, SecretAccessKey string
}

type Chunking struct {
	// NARs from this size on are chunked; none with 0.
	NarSizeThreshold          int64
	MinSize, AvgSize, MaxSize int64
}

type Compression struct {
	Type  string
	Level int
}

type GarbageCollection struct {
	// Zero for never.
	Interval time.Duration
	// Zero for ever.
	DefaultRetention time.Duration
}

type JWT struct {
	Key    Key
	Issuer *string
	// Nil for any; no token is of an empty list.
	Audiences []string
}

// Panic is an error at which the real server panics, and exits with 101.
type Panic struct{ error }

func (p Panic) Unwrap() error { return p.error }

func parse(root table) (Config, error) {
	var c Config
	err := errors.Join(
		root.only("listen", "allowed-hosts", "api-endpoint", "substituter-endpoint", "soft-delete-caches",
			"require-proof-of-possession", "max-nar-info-size", "database", "storage", "chunking", "compression",
			"garbage-collection", "jwt"),
		c.server(root), c.database(root), c.storage(root), c.chunking(root), c.compression(root), c.collection(root),
	)
	if err != nil {
		return c, err
	}
	return c, c.jwt(root)
}

func (c *Config) server(t table) (err error) {
	listen, err := withDefault(t, "listen", "[::]:8080")
	if err != nil {
		return err
	}
	if c.Listen, err = netip.ParseAddrPort(listen); err != nil {
		return fmt.Errorf("invalid socket address syntax in `listen`: %w", err)
	}
	if c.AllowedHosts, _, err = stringList(t, "allowed-hosts"); err != nil {
		return err
	}
	if c.APIEndpoint, err = withDefault(t, "api-endpoint", ""); err != nil {
		return err
	}
	if c.SubstituterEndpoint, err = withDefault(t, "substituter-endpoint", ""); err != nil {
		return err
	}
	if c.SoftDeleteCaches, err = withDefault(t, "soft-delete-caches", false); err != nil {
		return err
	}
	if c.RequireProofOfPossession, err = withDefault(t, "require-proof-of-possession", true); err != nil {
		return err
	}
	limit, err := withDefault(t, "max-nar-info-size", int64(1<<20))
	if err != nil {
		return err
	}
	c.MaxNarInfoSize, err = size(limit, t, "max-nar-info-size")
	return err
}

func (c *Config) database(root table) error {
	t, err := root.requiredSub("database")
	if err != nil {
		return err
	}
	if c.Database.Heartbeat, err = withDefault(t, "heartbeat", false); err != nil {
		return err
	}
	url, given, err := optional[string](t, "url")
	if err != nil {
		return err
	}
	if !given {
		if url, given = os.LookupEnv("ATTIC_SERVER_DATABASE_URL"); !given {
			return Panic{errors.New("no database: set database.url or the variable ATTIC_SERVER_DATABASE_URL")}
		}
	}
	c.Database.URL = url
	return nil
}

func (c *Config) storage(root table) error {
	t, err := root.requiredSub("storage")
	if err != nil {
		return err
	}
	kind, err := required[string](t, "type")
	if err != nil {
		return err
	}
	switch kind {
	case "local":
		c.Storage.Path, err = required[string](t, "path")
		return err
	case "s3":
		return c.bucket(t)
	}
	return fmt.Errorf("unknown variant `%s` of `storage.type`, expected `local` or `s3`", kind)
}

func (c *Config) bucket(t table) (err error) {
	if c.Storage.Region, err = required[string](t, "region"); err != nil {
		return err
	}
	if c.Storage.Bucket, err = required[string](t, "bucket"); err != nil {
		return err
	}
	if c.Storage.Endpoint, err = withDefault(t, "endpoint", ""); err != nil {
		return err
	}
	keys, given, err := t.sub("credentials")
	if err != nil || !given {
		return err
	}
	if c.Storage.AccessKeyID, err = required[string](keys, "access_key_id"); err != nil {
		return err
	}
	c.Storage.SecretAccessKey, err = required[string](keys, "secret_access_key")
	return err
}

func (c *Config) chunking(root table) error {
	t, err := root.requiredSub("chunking")
	if err != nil {
		return err
	}
	var errs [4]error
	c.Chunking.NarSizeThreshold, errs[0] = requiredSize(t, "nar-size-threshold")
	c.Chunking.MinSize, errs[1] = requiredSize(t, "min-size")
	c.Chunking.AvgSize, errs[2] = requiredSize(t, "avg-size")
	c.Chunking.MaxSize, errs[3] = requiredSize(t, "max-size")
	return errors.Join(errs[:]...)
}

func (c *Config) compression(root table) error {
	levels := map[string]int{"none": 0, "brotli": 5, "zstd": 8, "xz": 2}
	c.Compression = Compression{Type: "zstd", Level: levels["zstd"]}
	t, given, err := root.sub("compression")
	if err != nil || !given {
		return err
	}
	kind, err := required[string](t, "type")
	if err != nil {
		return err
	}
	level, known := levels[kind]
	if !known {
		return fmt.Errorf("unknown variant `%s` of `compression.type`, expected one of `none`, `brotli`, `zstd`, `xz`", kind)
	}
	c.Compression = Compression{Type: kind, Level: level}
	wanted, given, err := optional[int64](t, "level")
	if err != nil || !given {
		return err
	}
	precise, err := int32Of(wanted, t, "level")
	c.Compression.Level = int(precise)
	return err
}

func (c *Config) collection(root table) error {
	c.GarbageCollection.Interval = 12 * time.Hour
	t, _, err := root.sub("garbage-collection")
	if err != nil {
		return err
	}
	for key, into := range map[string]*time.Duration{
		"interval":                 &c.GarbageCollection.Interval,
		"default-retention-period": &c.GarbageCollection.DefaultRetention,
	} {
		text, given, err := optional[string](t, key)
		if err != nil {
			return err
		}
		if !given {
			continue
		}
		if *into, err = parseSpan(text); err != nil {
			return fmt.Errorf("`%s`: %w", t.at(key), err)
		}
	}
	return nil
}

func (c *Config) jwt(root table) error {
	t, _, err := root.sub("jwt")
	if err != nil {
		return err
	}
	issuer, given, err := optional[string](t, "token-bound-issuer")
	if err != nil {
		return err
	}
	if given {
		c.JWT.Issuer = &issuer
	}
	audiences, given, err := stringList(t, "token-bound-audiences")
	if err != nil {
		return err
	}
	if given {
		c.JWT.Audiences = audiences
	}
	signing, given, err := t.sub("signing")
	if err != nil {
		return err
	}
	if given {
		c.JWT.Key, err = keyFromTable(signing)
	} else {
		c.JWT.Key, err = keyFromEnvironment()
	}
	return err
}
