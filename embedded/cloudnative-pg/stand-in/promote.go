package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// pendingFailover is what the operator sets for a primary while it has given up one and not yet
// elected another.
const pendingFailover = "pending"

// timelines are PostgreSQL's: a promotion begins the next one. The operator keeps the number in the
// Cluster's status, but only after it has asked the new primary for it.
type timelines struct {
	mu    sync.Mutex
	begun map[string]int // by the Cluster's UID
}

func newTimelines() *timelines { return &timelines{begun: map[string]int{}} }

func (t *timelines) of(c *cluster) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(1, c.Status.TimelineID, t.begun[c.Metadata.UID])
}

func (t *timelines) next(c *cluster) {
	timeline := t.of(c) + 1
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun[c.Metadata.UID] = timeline
}

// primaryOf is the instance that takes writes: the new cluster's first one before it has said so.
func primaryOf(c *cluster) string {
	if c.Status.CurrentPrimary != "" {
		return c.Status.CurrentPrimary
	}
	return c.Status.TargetPrimary
}

// promotePrimaries does what an instance manager does when the operator elects it: it promotes its
// PostgreSQL and says so in the Cluster's status. It returns when the context ends.
func promotePrimaries(ctx context.Context, a *api, t *timelines) error {
	for ctx.Err() == nil {
		var list struct {
			Metadata metadata
			Items    []cluster
		}
		if err := a.get(ctx, clustersPath, &list); err != nil {
			pause(ctx, time.Second) // the API server is being restarted
			continue
		}
		waiting := false
		for _, c := range list.Items {
			waiting = !promote(ctx, a, t, &c) || waiting
		}
		awaitChange(ctx, a, list.Metadata.ResourceVersion, waiting)
	}
	return nil
}

// promote makes the target primary the current one. It says false when that has to wait.
func promote(ctx context.Context, a *api, t *timelines, c *cluster) bool {
	target := c.Status.TargetPrimary
	if target == "" || target == pendingFailover || target == c.Status.CurrentPrimary {
		return true
	}
	elected, err := a.instance(ctx, c.Metadata.Namespace, target)
	if err != nil || !elected.ready() {
		return false
	}
	status := map[string]any{"status": map[string]string{
		"currentPrimary": target, "currentPrimaryTimestamp": time.Now().UTC().Format(time.RFC3339),
	}}
	body, err := json.Marshal(status)
	if err != nil {
		return false
	}
	if err := a.call(ctx, http.MethodPatch, c.path()+"/status", mergePatch, string(body), nil); err != nil {
		fmt.Println("promote:", err)
		return false
	}
	if c.Status.CurrentPrimary != "" {
		t.next(c)
	}
	fmt.Printf("%s/%s: %s is the primary\n", c.Metadata.Namespace, c.Metadata.Name, target)
	return true
}

// awaitChange returns soon after a Cluster changes, or after a while: a short one while somebody waits
// for a pod.
func awaitChange(ctx context.Context, a *api, version string, waiting bool) {
	seconds := 300
	if waiting {
		seconds = 1
	}
	query := fmt.Sprintf("?watch=1&resourceVersion=%s&timeoutSeconds=%d", version, seconds)
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds+10)*time.Second)
	defer cancel()
	events, err := a.open(ctx, http.MethodGet, clustersPath+query, "", "")
	if err != nil {
		pause(ctx, time.Second)
		return
	}
	defer events.Close()
	var event struct{ Type string }
	_ = json.NewDecoder(events).Decode(&event)
	if strings.EqualFold(event.Type, "error") {
		pause(ctx, time.Second)
	}
	pause(ctx, 50*time.Millisecond) // changes come in groups
}

func pause(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}
