// Package database keeps what the server knows of caches, objects, NARs and chunks in PostgreSQL.
//
// The tables are the real server's, so that either can go on where the other was.
package database

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// parameters are what a URL may have behind its question mark, and the variables that stand in for each.
var parameters = map[string]string{
	"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
	"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
	"application_name": "PGAPPNAME", "options": "PGOPTIONS", "statement-cache-capacity": "",
}

var aliases = map[string]string{
	"hostaddr": "host", "ssl-mode": "sslmode", "ssl-root-cert": "sslrootcert", "ssl-ca": "sslrootcert",
	"ssl-cert": "sslcert", "ssl-key": "sslkey",
}

// settings are the parameters of a URL; the environment fills what it leaves out.
func settings(text string) (map[string]string, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		// The text of that error has the URL, and so the password, in it.
		return nil, fmt.Errorf("the database's URL cannot be parsed")
	}
	if parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		return nil, fmt.Errorf("no driver for databases of the scheme %q: this one knows PostgreSQL alone", parsed.Scheme)
	}
	values := map[string]string{}
	for name, variable := range parameters {
		if value, given := os.LookupEnv(variable); given && readable(name, value) {
			values[name] = value
		}
	}
	set := func(name, value string) {
		if value != "" {
			values[name] = value
		}
	}
	set("host", strings.Trim(parsed.Hostname(), "[]"))
	set("port", parsed.Port())
	set("user", parsed.User.Username())
	if password, given := parsed.User.Password(); given {
		values["password"] = password
	}
	set("dbname", strings.TrimPrefix(parsed.Path, "/"))
	for name, given := range parsed.Query() {
		if alias, is := aliases[name]; is {
			name = alias
		}
		if _, known := parameters[name]; known {
			values[name] = given[len(given)-1]
		}
	}
	return values, nil
}

// readable says whether a variable counts: of a mode or a port that nobody can read, it is as if it were not there.
func readable(name, value string) bool {
	switch name {
	case "sslmode":
		return slices.Contains(sslModes, strings.ToLower(value))
	case "port":
		_, err := strconv.ParseUint(value, 10, 16)
		return err == nil
	}
	return true
}

// poolConfig is how connections are made. Nothing else than `settings` has a say: the driver's own reading of the
// environment and of files in the home folder is not sqlx's.
func poolConfig(text string) (*pgxpool.Config, error) {
	values, err := settings(text)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, fmt.Errorf("the environment of the database's client: %w", err)
	}
	c := pool.ConnConfig
	c.Fallbacks = nil
	c.Host = valueOr(values, "host", "localhost")
	port, err := strconv.ParseUint(valueOr(values, "port", "5432"), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("the database's port is no port: %w", err)
	}
	c.Port = uint16(port)
	c.User = valueOr(values, "user", os.Getenv("USER"))
	c.Password = values["password"]
	c.Database = valueOr(values, "dbname", c.User)
	c.RuntimeParams = map[string]string{"timezone": "UTC"}
	for _, name := range []string{"application_name", "options"} {
		if values[name] != "" {
			c.RuntimeParams[name] = values[name]
		}
	}
	if capacity, given := values["statement-cache-capacity"]; given {
		if c.StatementCacheCapacity, err = strconv.Atoi(capacity); err != nil {
			return nil, fmt.Errorf("statement-cache-capacity: %w", err)
		}
		if c.StatementCacheCapacity == 0 {
			c.DefaultQueryExecMode = pgx.QueryExecModeExec
		}
	}
	if filepath.IsAbs(c.Host) {
		return pool, nil
	}
	return pool, secure(c, values)
}

func valueOr(values map[string]string, name, otherwise string) string {
	if value := values[name]; value != "" {
		return value
	}
	return otherwise
}
