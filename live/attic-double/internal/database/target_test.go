package database

import (
	"strings"
	"testing"
)

func TestTheEnvironmentFillsWhatTheURLLeavesOut(t *testing.T) {
	t.Setenv("PGHOST", "from-environment")
	t.Setenv("PGPORT", "1")
	t.Setenv("PGPASSWORD", "p")
	t.Setenv("PGOPTIONS", "-c x=1")
	pool, err := poolConfig("postgresql://me@from-url/db?sslmode=disable&application_name=a&connect_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	c := pool.ConnConfig
	if c.Host != "from-url" || c.Port != 1 || c.User != "me" || c.Password != "p" || c.Database != "db" || c.TLSConfig != nil ||
		c.RuntimeParams["options"] != "-c x=1" || c.RuntimeParams["application_name"] != "a" {
		t.Errorf("%+v %v", c.Config, c.RuntimeParams)
	}
}

func TestTLSIsAsTheModeSays(t *testing.T) {
	for mode, verifies := range map[string]bool{"prefer": false, "require": false, "verify-full": true} {
		pool, err := poolConfig("postgres://host/db?sslmode=" + mode)
		if err != nil {
			t.Fatal(err)
		}
		encrypted := pool.ConnConfig.TLSConfig
		if encrypted.InsecureSkipVerify == verifies || encrypted.ServerName != "host" {
			t.Errorf("%s: %+v", mode, encrypted)
		}
		if fallsBack := len(pool.ConnConfig.Fallbacks) == 1; fallsBack != (mode == "prefer") {
			t.Errorf("%s falls back: %v", mode, fallsBack)
		}
	}
}

func TestAURLThatCannotBeReadIsNotRepeated(t *testing.T) {
	for _, url := range []string{"postgres://u:secret@h:x/", "secret", "mysql://secret"} {
		if _, err := poolConfig(url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
