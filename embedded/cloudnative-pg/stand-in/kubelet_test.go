package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestTokensAreRenewedOursLast(t *testing.T) {
	s := settings{dir: t.TempDir(), Namespace: "ns", ServiceAccount: "operator", StandIn: "own"}
	used := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		used = append(used, r.Header.Get("Authorization"))
		fmt.Fprintf(w, `{"status":{"token":"new for %s"}}`, filepath.Base(filepath.Dir(r.URL.Path)))
	}))
	defer server.Close()
	a := &api{client: server.Client(), server: server.URL, tokenFile: s.file("stand-in.token")}
	if err := os.WriteFile(a.tokenFile, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := renewTokens(context.Background(), s, a); err != nil {
		t.Fatal(err)
	}
	if got := contentOf(t, s.file("token")); got != "new for operator" {
		t.Errorf("the operator's: %q", got)
	}
	if got := contentOf(t, a.tokenFile); got != "new for own" {
		t.Errorf("ours: %q", got)
	}
	if len(used) != 2 || used[0] != "Bearer old" || used[1] != "Bearer old" {
		t.Errorf("asked with %q", used)
	}
}

func TestASecretIsMountedAsFilesAndBroughtUpToDate(t *testing.T) {
	s := settings{dir: t.TempDir(), Namespace: "ns", WebhookSecret: "cert"}
	if err := os.Mkdir(s.file("webhook"), 0o700); err != nil {
		t.Fatal(err)
	}
	data := "Zmlyc3Q=" // first
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"data":{"tls.crt":%q}}`, data)
	}))
	defer server.Close()
	a := &api{client: server.Client(), server: server.URL, tokenFile: "/dev/null"}
	for _, want := range []string{"first", "second"} {
		if err := mountSecret(context.Background(), s, a); err != nil {
			t.Fatal(err)
		}
		if got := contentOf(t, s.file("webhook", "tls.crt")); got != want {
			t.Errorf("%q, not %q", got, want)
		}
		data = "c2Vjb25k" // second
	}
}
