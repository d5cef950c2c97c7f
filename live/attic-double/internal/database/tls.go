package database

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// secure sets up TLS as sqlx does, which is not libpq's way: `require` verifies nothing even with a root, and the
// roots of `verify-full` are Mozilla's and the given one, never the system's.
func secure(c *pgx.ConnConfig, values map[string]string) error {
	mode := strings.ToLower(valueOr(values, "sslmode", "prefer"))
	encrypted, err := tlsConfig(c.Host, mode, values)
	if err != nil {
		return err
	}
	c.TLSConfig = encrypted
	if mode == "prefer" {
		c.Fallbacks = []*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port}}
	}
	return nil
}

func tlsConfig(host, mode string, values map[string]string) (*tls.Config, error) {
	switch mode {
	case "disable", "allow":
		return nil, nil
	case "prefer", "require":
		found := &tls.Config{ServerName: host, InsecureSkipVerify: true}
		return found, identify(found, values)
	case "verify-full":
		roots, err := roots(values["sslrootcert"])
		if err != nil {
			return nil, err
		}
		found := &tls.Config{ServerName: host, RootCAs: roots}
		return found, identify(found, values)
	case "verify-ca":
		// The real server panics here for want of a provider of cryptography.
		panic("sslmode verify-ca is not supported: use verify-full")
	}
	return nil, fmt.Errorf("unknown value %q for `sslmode`", mode)
}

func roots(file string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return nil, err
		}
		if root.Constraint != nil {
			pool.AddCertWithConstraint(certificate, root.Constraint)
		} else {
			pool.AddCert(certificate)
		}
	}
	if file == "" {
		return pool, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("no certificate in " + file)
	}
	return pool, nil
}

func identify(c *tls.Config, values map[string]string) error {
	certificate, key := values["sslcert"], values["sslkey"]
	if certificate == "" || key == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	c.Certificates = []tls.Certificate{pair}
	return err
}
