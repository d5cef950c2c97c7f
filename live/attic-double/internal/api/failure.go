package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"attic-pulumi/attic-double/internal/tokens"
)

// failure is an answer in the server's own form.
type failure struct {
	status        int
	name, message string
	// cause is for the log alone.
	cause error
}

func (f failure) Error() string { return f.message }

var (
	notFound     = failure{404, "NotFound", "The URL you requested was not found.", nil}
	unauthorized = failure{401, "Unauthorized", "Unauthorized.", nil}
	forbidden    = failure{403, "AccessError", "Access error: User does not have permission to complete this action.", nil}
	noSuchCache  = failure{404, "NoSuchCache", "The requested cache does not exist.", nil}
	noSuchObject = failure{404, "NoSuchObject", "The requested object does not exist.", nil}
	cacheExists  = failure{400, "CacheAlreadyExists", "The cache already exists.", nil}
	incomplete   = failure{503, "IncompleteNar", "The requested NAR has missing chunks and needs to be repaired.", nil}
)

func badRequest(format string, args ...any) failure {
	return failure{400, "RequestError", "General request error: " + fmt.Sprintf(format, args...), nil}
}

// common is about a value that the server's shared code does not take; it counts as the server's own error.
func common(name string, cause error) failure {
	return failure{500, name, "Error from the common components.", cause}
}

// internal tells clients nothing of its cause.
func internal(cause error) failure {
	return failure{500, "InternalServerError", "The server encountered an internal error or misconfiguration.", cause}
}

// denied is what those get who may not: who may do something else is told that the cache is there.
func denied(allowed tokens.Permissions) failure {
	if len(allowed) > 0 {
		return forbidden
	}
	return unauthorized
}

// plainText is an answer in the words of the real server's framework, which is no JSON.
type plainText struct {
	status int
	text   string
}

func (p plainText) Error() string { return p.text }

func answerFailure(w http.ResponseWriter, err error) {
	var plain plainText
	if errors.As(err, &plain) {
		if plain.text != "" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		w.WriteHeader(plain.status)
		_, _ = w.Write([]byte(plain.text))
		return
	}
	var known failure
	if !errors.As(err, &known) {
		known = internal(err)
	}
	if known.cause != nil {
		slog.Error(known.message, "error", known.cause)
	}
	answerJSON(w, known.status, map[string]any{"code": known.status, "error": known.name, "message": known.message})
}

func answerJSON(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
