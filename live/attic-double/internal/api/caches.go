package api

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"

	"attic-pulumi/attic-double/internal/database"
	"attic-pulumi/attic-double/internal/nix"
	"attic-pulumi/attic-double/internal/tokens"
)

// wantedKey is the key pair that a body asks for: an empty one is to be made.
type wantedKey struct{ pair nix.KeyPair }

func (k *wantedKey) UnmarshalJSON(text []byte) error {
	name, content, err := variant(text)
	switch {
	case err != nil:
		return err
	case name == "Generate" && isNull(content):
		return nil
	case name == "Keypair" && content != nil:
		var pair string
		if err := json.Unmarshal(content, &pair); err != nil {
			return err
		}
		k.pair, err = nix.ParseKeyPair(pair)
		return err
	}
	return errors.New("unknown variant, expected `Generate` or `Keypair`")
}

func (k wantedKey) text(cache string) (string, error) {
	if k.pair.IsZero() {
		made, err := nix.GenerateKeyPair(cache)
		return made.String(), err
	}
	return k.pair.String(), nil
}

// wantedRetention is in seconds; nil is the server's default.
type wantedRetention struct{ seconds *uint32 }

func (p *wantedRetention) UnmarshalJSON(text []byte) error {
	name, content, err := variant(text)
	switch {
	case err != nil:
		return err
	case name == "Global" && isNull(content):
		return nil
	case name == "Period" && !isNull(content):
		return json.Unmarshal(content, &p.seconds)
	}
	return errors.New("unknown variant, expected `Global` or `Period`")
}

func showCache(w http.ResponseWriter, r *request) error {
	cache, _, err := r.authorised(r.cache, tokens.Pull)
	if err != nil {
		return err
	}
	key, err := nix.ParseKeyPair(cache.KeyPair)
	if err != nil {
		return common("SigningError", err)
	}
	api := r.apiEndpoint()
	substituter := r.server.settings.SubstituterEndpoint
	if substituter == "" {
		substituter = api
	}
	retention := any("Global")
	if cache.Retention != nil {
		retention = map[string]int32{"Period": *cache.Retention}
	}
	answerJSON(w, http.StatusOK, map[string]any{
		"substituter_endpoint":     substituter + r.cache,
		"api_endpoint":             api,
		"public_key":               key.PublicKey(),
		"is_public":                cache.Public,
		"store_dir":                cache.StoreDir,
		"priority":                 cache.Priority,
		"upstream_cache_key_names": cache.UpstreamCacheKeyNames,
		"retention_period":         retention,
	})
	return nil
}

// apiEndpoint is the configured one, or what the client seems to have asked.
func (r *request) apiEndpoint() string {
	if configured := r.server.settings.APIEndpoint; configured != "" {
		return configured
	}
	if r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host + "/"
	}
	return "http://" + r.Host + "/"
}

func createCache(w http.ResponseWriter, r *request) error {
	body, err := bodyOf(r.Request)
	if err != nil {
		return err
	}
	var key wantedKey
	var upstream names
	cache := database.Cache{Name: r.cache}
	fields := []error{
		into(&key, body, "keypair"), into(&cache.Public, body, "is_public"), into(&cache.StoreDir, body, "store_dir"),
		into(&cache.Priority, body, "priority"), into(&upstream, body, "upstream_cache_key_names"),
	}
	if err := errors.Join(fields...); err != nil {
		return mismatch(err)
	}
	if allowed := r.token.For(r.cache); !allowed.Has(tokens.Create) {
		return denied(allowed)
	}
	db, err := r.server.database()
	if err != nil {
		return err
	}
	cache.UpstreamCacheKeyNames = upstream
	if cache.KeyPair, err = key.text(r.cache); err != nil {
		return err
	}
	made, err := db.CreateCache(r.Context(), cache, r.now)
	if err == nil && !made {
		err = cacheExists
	}
	return err
}

func into[T any](target *T, body object, name string) (err error) {
	*target, err = must[T](body, name)
	return err
}

func configureCache(_ http.ResponseWriter, r *request) error {
	body, err := bodyOf(r.Request)
	if err != nil {
		return err
	}
	key, err1 := may[wantedKey](body, "keypair")
	public, err2 := may[bool](body, "is_public")
	storeDir, err3 := may[string](body, "store_dir")
	priority, err4 := may[int32](body, "priority")
	upstream, err5 := may[names](body, "upstream_cache_key_names")
	retention, err6 := may[wantedRetention](body, "retention_period")
	// These are shown and cannot be set, and must be strings all the same.
	fields := []error{err1, err2, err3, err4, err5, err6}
	for _, shown := range strings.Fields("substituter_endpoint api_endpoint public_key") {
		_, err := may[string](body, shown)
		fields = append(fields, err)
	}
	if err := errors.Join(fields...); err != nil {
		return mismatch(err)
	}
	cache, allowed, err := r.authorised(r.cache, tokens.Configure)
	if err != nil {
		return err
	}
	patch := database.CachePatch{Public: public, StoreDir: storeDir, Priority: priority}
	if key != nil {
		text, err := key.text(r.cache)
		if err != nil {
			return err
		}
		patch.KeyPair = &text
	}
	if upstream != nil {
		patch.UpstreamCacheKeyNames = *upstream
	}
	if retention != nil {
		if !allowed.Has(tokens.ConfigureRetention) {
			return denied(allowed)
		}
		patch.SetRetention = true
		if seconds := retention.seconds; seconds != nil {
			if *seconds > math.MaxInt32 {
				return badRequest("Invalid retention period")
			}
			signed := int32(*seconds)
			patch.Retention = &signed
		}
	}
	if key == nil && public == nil && storeDir == nil && priority == nil && upstream == nil && retention == nil {
		return badRequest("No modifiable fields were set.")
	}
	db, err := r.server.database()
	if err != nil {
		return err
	}
	return db.UpdateCache(r.Context(), cache.ID, patch)
}

func destroyCache(_ http.ResponseWriter, r *request) error {
	cache, _, err := r.authorised(r.cache, tokens.Destroy)
	if err != nil {
		return err
	}
	db, err := r.server.database()
	if err != nil {
		return err
	}
	was, err := db.DestroyCache(r.Context(), cache.ID, r.server.settings.SoftDeleteCaches, r.now)
	if err == nil && !was {
		err = noSuchCache
	}
	return err
}
