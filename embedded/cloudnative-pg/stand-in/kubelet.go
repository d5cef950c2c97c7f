package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	tokenLife  = 7 * 24 * time.Hour
	renewAfter = 24 * time.Hour
	maxLog     = 32 << 20
)

// keepFresh does what a kubelet does for a pod that runs: it renews the tokens, and brings the Secret
// that is mounted up to date. The operator waits at most a minute for the latter.
func keepFresh(ctx context.Context, s settings, a *api) error {
	mounted, interval := false, 100*time.Millisecond
	renewed := time.Now() // the first tokens were made just now
	for ctx.Err() == nil {
		if err := mountSecret(ctx, s, a); err == nil {
			mounted, interval = true, 10*time.Second
		} else if mounted || !isNotFound(err) {
			fmt.Println("the webhooks' certificate:", err)
			interval = time.Second
		}
		if time.Since(renewed.Round(0)) > renewAfter { // by the clock on the wall: this machine may have slept
			if err := renewTokens(ctx, s, a); err != nil {
				return err
			}
			renewed = time.Now()
		}
		boundLog(s.file("logs", "operator.log"))
		pause(ctx, interval)
	}
	return nil
}

// mountSecret writes the operator's certificate where it reads it.
func mountSecret(ctx context.Context, s settings, a *api) error {
	var secret struct{ Data map[string][]byte }
	path := fmt.Sprintf("/api/v1/namespaces/%s/secrets/%s", s.Namespace, s.WebhookSecret)
	if err := a.get(ctx, path, &secret); err != nil {
		return err
	}
	for key, value := range secret.Data {
		file := s.file("webhook", key)
		if present, err := os.ReadFile(file); err == nil && string(present) == string(value) {
			continue
		}
		if err := writeAtomically(file, value); err != nil {
			return err
		}
	}
	return nil
}

// renewTokens asks for new tokens, ours last: it is what we ask with.
func renewTokens(ctx context.Context, s settings, a *api) error {
	for _, token := range []struct{ account, file string }{{s.ServiceAccount, "token"}, {s.StandIn, "stand-in.token"}} {
		var answer struct{ Status struct{ Token string } }
		path := fmt.Sprintf("/api/v1/namespaces/%s/serviceaccounts/%s/token", s.Namespace, token.account)
		body := fmt.Sprintf(`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":%d}}`,
			int(tokenLife.Seconds()))
		if err := a.call(ctx, http.MethodPost, path, "application/json", body, &answer); err != nil {
			return fmt.Errorf("renew the token of %s: %w", token.account, err)
		}
		if err := writeAtomically(s.file(token.file), []byte(answer.Status.Token)); err != nil {
			return err
		}
	}
	return nil
}

// boundLog empties a log that outgrew its bound. It is appended to, so it goes on at the start.
func boundLog(path string) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		_ = os.Truncate(path, 0)
	}
}

// awaitOperator waits until the operator answers as a pod's readiness probe asks it.
func awaitOperator(ctx context.Context, s settings) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	// A kubelet does not check certificates either: what answers on this port is what it started.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: 2 * time.Second}
	address := "https://127.0.0.1:" + strconv.Itoa(s.WebhookPort) + "/readyz"
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("HTTP %d", answer.StatusCode)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the operator does not answer within %v: %w", readyTimeout, err)
		}
		pause(ctx, 50*time.Millisecond)
	}
}
