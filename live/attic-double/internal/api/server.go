// Package api answers requests.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"attic-pulumi/attic-double/internal/compression"
	"attic-pulumi/attic-double/internal/config"
	"attic-pulumi/attic-double/internal/database"
	"attic-pulumi/attic-double/internal/storage"
	"attic-pulumi/attic-double/internal/tokens"
)

// Server answers the API and serves caches.
type Server struct {
	settings   config.Config
	compressor *compression.Compressor
	// LogRequests asks for a line a request.
	LogRequests bool

	lock  sync.Mutex
	db    *database.Database
	store storage.Store
}

// New makes a server, which looks for its database and its storage when it needs them for the first time.
func New(settings config.Config) (*Server, error) {
	compressor, err := compression.New(settings.Compression)
	return &Server{settings: settings, compressor: compressor}, err
}

func (s *Server) database() (*database.Database, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.db != nil {
		return s.db, nil
	}
	found, err := database.Open(s.settings.Database.URL)
	if err == nil {
		s.db = found
	}
	return found, err
}

func (s *Server) storage(ctx context.Context) (storage.Store, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.store != nil {
		return s.store, nil
	}
	found, err := storage.Open(context.WithoutCancel(ctx), s.settings.Storage)
	if err == nil {
		s.store = found
	}
	return found, err
}

// Heartbeat keeps the database busy, if it is configured so.
func (s *Server) Heartbeat(ctx context.Context) {
	if !s.settings.Database.Heartbeat {
		return
	}
	if db, err := s.database(); err == nil {
		db.Heartbeat(ctx)
	}
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.LogRequests {
		defer func(start time.Time) {
			fmt.Printf("request method=%s path=%q took=%v\n", r.Method, r.URL.Path, time.Since(start))
		}(time.Now())
	}
	defer func() {
		switch thrown := recover(); thrown {
		case nil:
		case http.ErrAbortHandler:
			panic(thrown)
		default:
			slog.Error("a request ended in a panic", "error", thrown)
			answerFailure(w, plainText{500, "Service panicked"})
		}
	}()
	if err := s.hostAllowed(r); err != nil {
		answerFailure(w, err)
		return
	}
	handle, err := s.route(r)
	if err == nil {
		err = handle(w, &request{Request: r, server: s, token: s.tokenOf(r), now: time.Now()})
	}
	if err != nil {
		answerFailure(w, err)
	}
}

// hostAllowed compares to the letter, the port too. HTTP/2 has no header of that name.
func (s *Server) hostAllowed(r *http.Request) error {
	if r.Host == "" || r.ProtoMajor != 1 {
		return badRequest("Missing Host header")
	}
	if allowed := s.settings.AllowedHosts; len(allowed) > 0 && !slices.Contains(allowed, r.Host) {
		return badRequest("Bad Host")
	}
	return nil
}

// tokenOf is nil for an anonymous request, which a bad token makes.
func (s *Server) tokenOf(r *http.Request) *tokens.Token {
	text, given := tokens.FromHeader(r.Header.Get("Authorization"))
	if !given {
		return nil
	}
	token, err := tokens.Verify(text, s.settings.JWT, time.Now())
	if err != nil {
		slog.Debug("Ignoring bad JWT token", "error", err)
		return nil
	}
	return token
}

// request is one that is being answered.
type request struct {
	*http.Request
	server *Server
	token  *tokens.Token
	// cache is the name in the path.
	cache string
	// file is what the path has behind the cache.
	file string
	now  time.Time
}

func (r *request) subject() *string {
	if r.token == nil {
		return nil
	}
	return r.token.Subject
}

// authorised is a cache, when it is there and the request may do that to it, with what it may do at all. Who may do
// nothing is not told whether it is there.
func (r *request) authorised(name, needed string) (database.Cache, tokens.Permissions, error) {
	allowed := r.token.For(name)
	db, err := r.server.database()
	if err != nil {
		return database.Cache{}, nil, err
	}
	cache, err := db.FindCache(r.Context(), name)
	if errors.Is(err, database.ErrNone) {
		if len(allowed) > 0 {
			return cache, nil, noSuchCache
		}
		return cache, nil, unauthorized
	}
	if err != nil {
		return cache, nil, err
	}
	allowed = withPublic(allowed, cache.Public)
	if !allowed.Has(needed) {
		return cache, nil, denied(allowed)
	}
	return cache, allowed, nil
}

func withPublic(allowed tokens.Permissions, public bool) tokens.Permissions {
	if !public || allowed.Has(tokens.Pull) {
		return allowed
	}
	return append(slices.Clone(allowed), tokens.Pull)
}
