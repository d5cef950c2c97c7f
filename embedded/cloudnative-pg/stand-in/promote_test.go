package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeServer answers with one Cluster's pod, and keeps what is patched.
func fakeServer(t *testing.T, podReady string, patched *[]string) *api {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/namespaces/ns/pods/pg-2", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"status":{"conditions":[{"type":"Ready","status":"` + podReady + `"}]}}`))
	})
	mux.HandleFunc("PATCH "+(&cluster{Metadata: metadata{Namespace: "ns", Name: "pg"}}).path()+"/status",
		func(w http.ResponseWriter, r *http.Request) {
			var body struct {
				Status struct{ CurrentPrimary string }
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			*patched = append(*patched, body.Status.CurrentPrimary)
		})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &api{client: server.Client(), server: server.URL, tokenFile: token}
}

func clusterWith(current, target string) *cluster {
	c := &cluster{Metadata: metadata{Namespace: "ns", Name: "pg", UID: "uid"}}
	c.Status.CurrentPrimary, c.Status.TargetPrimary = current, target
	return c
}

func TestTheElectedInstanceBecomesThePrimaryOnANewTimeline(t *testing.T) {
	var patched []string
	a, lines := fakeServer(t, "True", &patched), newTimelines()
	c := clusterWith("pg-1", "pg-2")
	if !promote(context.Background(), a, lines, c) || strings.Join(patched, " ") != "pg-2" {
		t.Fatalf("patched %v", patched)
	}
	if got := lines.of(c); got != 2 {
		t.Fatalf("timeline %d", got)
	}
}

func TestTheFirstPrimaryBeginsTheFirstTimeline(t *testing.T) {
	var patched []string
	a, lines := fakeServer(t, "True", &patched), newTimelines()
	c := clusterWith("", "pg-2")
	if !promote(context.Background(), a, lines, c) || lines.of(c) != 1 {
		t.Fatalf("timeline %d", lines.of(c))
	}
}

func TestAnInstanceThatIsNotReadyOrNotThereIsWaitedFor(t *testing.T) {
	var patched []string
	a := fakeServer(t, "False", &patched)
	for _, target := range []string{"pg-2", "pg-9"} {
		if promote(context.Background(), a, newTimelines(), clusterWith("pg-1", target)) {
			t.Errorf("%s was not waited for", target)
		}
	}
	if len(patched) > 0 {
		t.Fatalf("patched %v", patched)
	}
}

func TestNothingIsPromotedWithoutAnElection(t *testing.T) {
	for _, target := range []string{"", pendingFailover, "pg-1"} {
		if !promote(context.Background(), nil, nil, clusterWith("pg-1", target)) {
			t.Errorf("%q was waited for", target)
		}
	}
}
