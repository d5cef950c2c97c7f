// Package nix knows Nix's own formats: hashes, names, signing keys and narinfo.
package nix

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const alphabet = "0123456789abcdfghijklmnpqrsvwxyz"

// Hash is an SHA-256.
type Hash [32]byte

// ParseHash reads "sha256:" with 64 hexadecimal digits or 52 of Nix's base 32.
func ParseHash(text string) (hash Hash, err error) {
	kind, digits, found := strings.Cut(text, ":")
	switch {
	case !found:
		return hash, errors.New("the string lacks a colon separator")
	case kind != "sha256":
		return hash, fmt.Errorf("hash algorithm %s is not supported", kind)
	case len(digits) == 64:
		_, err = hex.Decode(hash[:], []byte(digits))
		return hash, err
	case len(digits) == 52:
		return fromBase32(digits)
	}
	return hash, fmt.Errorf("a SHA-256 has 64 digits (hexadecimal) or 52 (base32), not %d", len(digits))
}

// Base16 is the form that the database has.
func (h Hash) Base16() string { return "sha256:" + hex.EncodeToString(h[:]) }

// Base32 is the form that signatures are of: least significant digit last, five bits each.
func (h Hash) Base32() string {
	digits := make([]byte, 52)
	for place := range digits {
		bit := (51 - place) * 5
		value := uint(h[bit/8]) >> (bit % 8)
		if next := bit/8 + 1; next < len(h) {
			value |= uint(h[next]) << (8 - bit%8)
		}
		digits[place] = alphabet[value&31]
	}
	return "sha256:" + string(digits)
}

func fromBase32(digits string) (hash Hash, err error) {
	for place := range len(digits) {
		value := strings.IndexByte(alphabet, digits[place])
		if value < 0 {
			return hash, errors.New("invalid base32 hash")
		}
		bit := (51 - place) * 5
		spread := uint(value) << (bit % 8)
		hash[bit/8] |= byte(spread)
		if next := bit/8 + 1; next < len(hash) {
			hash[next] |= byte(spread >> 8)
		} else if spread>>8 != 0 {
			return hash, errors.New("invalid base32 hash")
		}
	}
	return hash, nil
}

var (
	storePathHash = regexp.MustCompile(`^[` + alphabet + `]{32}$`)
	cacheName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9\-_+]{0,49}$`)
	cachePattern  = regexp.MustCompile(`^[A-Za-z0-9*][A-Za-z0-9\-_+*]{0,49}$`)
)

// IsStorePathHash says whether a text is the hash at the beginning of a store path's name.
func IsStorePathHash(text string) bool { return storePathHash.MatchString(text) }

// IsCacheName says whether a cache may be called so.
func IsCacheName(text string) bool { return cacheName.MatchString(text) }

// IsCachePattern says whether a token may name caches so; `*` stands for any characters.
func IsCachePattern(text string) bool { return cachePattern.MatchString(text) }
