// Package tokens says what the bearer of a token may do.
package tokens

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"attic-pulumi/attic-double/internal/nix"
)

// Permissions are the letters that a claim gives for a cache.
type Permissions []string

// The letters, as claims have them.
const (
	Pull               = "r"
	Push               = "w"
	Create             = "cc"
	Configure          = "cr"
	ConfigureRetention = "cq"
	Destroy            = "cd"
)

var letters = []string{Pull, Push, "d", Create, Configure, ConfigureRetention, Destroy}

// Has says whether one is among them.
func (p Permissions) Has(letter string) bool { return slices.Contains(p, letter) }

type grant struct {
	pattern string
	allowed Permissions
}

// readGrants reads the claim in the order of its JSON, which counts. A mistake anywhere makes all of it void.
func readGrants(claim json.RawMessage) (grants []grant, err error) {
	fields, err := readObject(claim)
	if err != nil {
		return nil, err
	}
	var caches json.RawMessage
	for _, field := range fields {
		if field.key == "caches" {
			caches = field.value
		}
	}
	entries, err := readObject(caches)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !nix.IsCachePattern(entry.key) {
			return nil, fmt.Errorf("invalid cache name %q", entry.key)
		}
		allowed, err := readPermissions(entry.value)
		if err != nil {
			return nil, err
		}
		place := slices.IndexFunc(grants, func(g grant) bool { return g.pattern == entry.key })
		if place >= 0 {
			grants[place].allowed = allowed
		} else {
			grants = append(grants, grant{entry.key, allowed})
		}
	}
	return grants, nil
}

func readPermissions(claim json.RawMessage) (allowed Permissions, err error) {
	fields, err := readObject(claim)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, field := range fields {
		if !slices.Contains(letters, field.key) {
			continue
		}
		if seen[field.key] {
			return nil, fmt.Errorf("duplicate field %s", field.key)
		}
		seen[field.key] = true
		switch value := string(field.value); value {
		case "1":
			allowed = append(allowed, field.key)
		case "0":
		default:
			return nil, fmt.Errorf("%s is %s, expected 0 or 1", field.key, value)
		}
	}
	return allowed, nil
}

type field struct {
	key   string
	value json.RawMessage
}

func readObject(text json.RawMessage) (fields []field, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("expected an object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		fields = append(fields, field{key.(string), value})
	}
	_, err = decoder.Token()
	return fields, err
}

// For is what a token allows for a cache: what it says of that very name, else of the first pattern that fits.
// Nothing is added up.
func (t *Token) For(cache string) Permissions {
	if t == nil {
		return nil
	}
	for _, each := range t.grants {
		if each.pattern == cache {
			return each.allowed
		}
	}
	for _, each := range t.grants {
		if fits(each.pattern, cache) {
			return each.allowed
		}
	}
	return nil
}

func fits(pattern, name string) bool {
	start, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	name, begins := strings.CutPrefix(name, start)
	if !begins {
		return false
	}
	for skipped := range len(name) + 1 {
		if fits(rest, name[skipped:]) {
			return true
		}
	}
	return rest == ""
}
