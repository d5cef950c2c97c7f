package up

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// api is the little of a Kubernetes client that starting needs, as the administrator.
type api struct {
	client *http.Client
	server string
	failed <-chan error // ends any wait: a part died
}

func newAPI(l layout, server string, failed <-chan error) (*api, error) {
	pair, err := tls.LoadX509KeyPair(l.pki(adminUser+".crt"), l.pki(adminUser+".key"))
	if err != nil {
		return nil, fmt.Errorf("load the administrator's certificate: %w", err)
	}
	authority, err := os.ReadFile(l.pki(clusterCA + ".crt"))
	if err != nil {
		return nil, fmt.Errorf("load the certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return &api{server: server, failed: failed, client: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}},
	}}, nil
}

// request returns the status and the body of an answer, whatever the status.
func (a *api) request(ctx context.Context, method, url, contentType, body string) (int, []byte, error) {
	if strings.HasPrefix(url, "/") {
		url = a.server + url
	}
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, content, err
}

// until asks again, every 25 ms, until check is content. It ends early when a part dies or the start
// is called off.
func (a *api) until(ctx context.Context, what string, limit time.Duration, check func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := check()
		if err == nil {
			return nil
		}
		var final *refusal
		if errors.As(err, &final) {
			return fmt.Errorf("%s: %w", what, err)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not within %v; the last answer was: %w", what, limit, err)
		}
		select {
		case died := <-a.failed:
			return died
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// refusal is an answer that asking again will not change.
type refusal struct {
	status int
	body   string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("HTTP %d: %s", r.status, strings.TrimSpace(r.body))
}

// answers waits until a URL (or path of the API server) answers 200.
func (a *api) answers(ctx context.Context, what, url string, limit time.Duration) error {
	return a.until(ctx, what+" answers", limit, func() error {
		status, body, err := a.request(ctx, http.MethodGet, url, "", "")
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return fmt.Errorf("HTTP %d: %.300s", status, body)
		}
		return nil
	})
}

// apply does a server-side apply of one YAML object, again while the API server is not ready for it.
func (a *api) apply(ctx context.Context, path, yaml string) error {
	return a.until(ctx, "apply "+path, 15*time.Second, func() error {
		status, body, err := a.request(ctx, http.MethodPatch, path+"?fieldManager=embedded-control-plane&force=true",
			"application/apply-patch+yaml", yaml)
		switch {
		case err != nil:
			return err
		case status/100 == 2:
			return nil
		case status == http.StatusNotFound || status == http.StatusConflict || status/100 == 5:
			return fmt.Errorf("HTTP %d: %.300s", status, body)
		default:
			return &refusal{status, string(body)}
		}
	})
}

// create makes an object unless one of its name is there, which is then left as it is.
func (a *api) create(ctx context.Context, collection, yaml string) error {
	return a.until(ctx, "create in "+collection, 15*time.Second, func() error {
		status, body, err := a.request(ctx, http.MethodPost, collection, "application/yaml", yaml)
		switch {
		case err != nil:
			return err
		case status/100 == 2 || status == http.StatusConflict:
			return nil
		case status == http.StatusNotFound || status/100 == 5:
			return fmt.Errorf("HTTP %d: %.300s", status, body)
		default:
			return &refusal{status, string(body)}
		}
	})
}
