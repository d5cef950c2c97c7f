// Package logging sets up the log as RUST_LOG says.
package logging

import (
	"io"
	"log/slog"
	"strings"
)

var levels = map[string]slog.Level{
	"off": slog.Level(100), "error": slog.LevelError, "warn": slog.LevelWarn, "info": slog.LevelInfo,
	"debug": slog.LevelDebug, "trace": slog.LevelDebug,
}

// Setup makes the program's logger. Of the directives of RUST_LOG those count that name no part of the server, or
// `attic_server`; `tower_http=debug` asks for a line a request. Errors alone are logged where there is none.
func Setup(into io.Writer, directives string) (requests bool) {
	level := slog.LevelError
	for _, directive := range strings.Split(directives, ",") {
		part, wanted, named := strings.Cut(strings.TrimSpace(directive), "=")
		if !named {
			part, wanted = "", part
		}
		found, known := levels[strings.ToLower(wanted)]
		switch {
		case !known:
		case part == "" || part == "attic_server":
			level = found
		case part == "tower_http":
			requests = found <= slog.LevelDebug
		}
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(into, &slog.HandlerOptions{Level: level})))
	return requests || level <= slog.LevelDebug
}
