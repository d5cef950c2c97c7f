package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"attic-pulumi/attic-double/internal/nix"
)

type handler func(w http.ResponseWriter, r *request) error

// methods of a path. HEAD is answered where GET is.
type methods map[string]handler

const page = `<!doctype html>
<html>
<head><title>attic-double</title></head>
<body>
<h1>attic-double</h1>
<p>This is a double: it stands in for Attic's <code>atticd</code> in trials, and is no Attic.</p>
</body>
</html>
`

// route finds what answers a request: the path decides first, then the method, and only then the names in the path.
func (s *Server) route(r *http.Request) (handler, error) {
	found, cache, file := routes(r.URL.EscapedPath())
	if found == nil {
		return nil, notFound
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle, is := found[method]
	if !is {
		return notAllowed(found), nil
	}
	return func(w http.ResponseWriter, asked *request) (err error) {
		if asked.file, err = decoded(file); err != nil {
			return err
		}
		if cache == "" {
			return handle(w, asked)
		}
		if asked.cache, err = decoded(cache); err != nil {
			return err
		}
		if !nix.IsCacheName(asked.cache) {
			return plainText{400, fmt.Sprintf("Invalid URL: Invalid cache name %q", asked.cache)}
		}
		return handle(w, asked)
	}, nil
}

func routes(path string) (found methods, cache, file string) {
	switch path {
	case "/":
		return methods{"GET": showPage}, "", ""
	case "/_api/v1/get-missing-paths":
		return methods{"POST": missingPaths}, "", ""
	case "/_api/v1/upload-path":
		return methods{"PUT": uploadPath}, "", ""
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, part := range parts {
		if part == "" {
			return nil, "", ""
		}
	}
	switch {
	case len(parts) == 4 && strings.HasPrefix(path, "/_api/v1/cache-config/"):
		return methods{"GET": showCache, "POST": createCache, "PATCH": configureCache, "DELETE": destroyCache}, parts[3], ""
	case len(parts) == 3 && parts[1] == "nar":
		return methods{"GET": serveNar}, parts[0], parts[2]
	case len(parts) != 2:
		return nil, "", ""
	case parts[1] == "nix-cache-info":
		return methods{"GET": nixCacheInfo}, parts[0], ""
	case parts[1] == "attic-cache-info":
		return methods{"GET": showCache}, parts[0], ""
	}
	return methods{"GET": serveNarInfo}, parts[0], parts[1]
}

func notAllowed(found methods) handler {
	allowed := []string{}
	for method := range found {
		allowed = append(allowed, method)
		if method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	return func(w http.ResponseWriter, _ *request) error {
		w.Header().Set("Allow", strings.Join(allowed, ","))
		w.WriteHeader(http.StatusMethodNotAllowed)
		return nil
	}
}

func decoded(part string) (string, error) {
	text, err := url.PathUnescape(part)
	if err != nil || !utf8.ValidString(text) {
		return "", plainText{400, "Invalid URL: Invalid UTF-8"}
	}
	return text, nil
}

func showPage(w http.ResponseWriter, _ *request) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := w.Write([]byte(page))
	return ignored(err)
}

// ignored is an error of writing to a client that is gone.
func ignored(error) error { return nil }
