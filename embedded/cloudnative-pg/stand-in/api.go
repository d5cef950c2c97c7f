package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	clustersPath = "/apis/postgresql.cnpg.io/v1/clusters"
	mergePatch   = "application/merge-patch+json"
)

// api is the little of a Kubernetes client that is needed here, as our own ServiceAccount.
type api struct {
	client    *http.Client
	server    string
	tokenFile string
}

func newAPI(s settings) (*api, error) {
	authority, err := os.ReadFile(s.file("ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("load the certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return &api{
		server: s.Server, tokenFile: s.file("stand-in.token"),
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, MaxIdleConnsPerHost: 4}},
	}, nil
}

// answerError is an answer other than 2xx.
type answerError struct {
	call   string
	status int
	body   string
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s: HTTP %d: %.300s", e.call, e.status, strings.TrimSpace(e.body))
}

func isNotFound(err error) bool {
	var answer *answerError
	return errors.As(err, &answer) && answer.status == http.StatusNotFound
}

// open makes a call and gives the body of a good answer, for the caller to close.
func (a *api) open(ctx context.Context, method, path, contentType, body string) (io.ReadCloser, error) {
	// Read each time: it is renewed in place.
	token, err := os.ReadFile(a.tokenFile)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, a.server+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 == 2 {
		return response.Body, nil
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	return nil, &answerError{method + " " + path, response.StatusCode, string(content)}
}

// call makes a call and reads its answer into out, unless that is nil.
func (a *api) call(ctx context.Context, method, path, contentType, body string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	answer, err := a.open(ctx, method, path, contentType, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer).Decode(out)
}

func (a *api) get(ctx context.Context, path string, out any) error {
	return a.call(ctx, http.MethodGet, path, "", "", out)
}

// metadata is what is read of an object's.
type metadata struct {
	Name, Namespace, UID, ResourceVersion, DeletionTimestamp string
	Labels                                                   map[string]string
}

type pod struct {
	Metadata metadata
	Spec     struct{ NodeName string }
	Status   struct {
		PodIP      string
		Conditions []struct{ Type, Status string }
	}
}

// ready is the one thing about a simulated pod that tells whether what it runs is well.
func (p *pod) ready() bool {
	for _, condition := range p.Status.Conditions {
		if condition.Type == "Ready" {
			return condition.Status == "True" && p.Metadata.DeletionTimestamp == ""
		}
	}
	return false
}

type cluster struct {
	Metadata metadata
	Status   struct {
		CurrentPrimary, TargetPrimary string
		TimelineID                    int
		Certificates                  struct{ ServerTLSSecret string }
	}
}

func (c *cluster) path() string {
	return fmt.Sprintf("/apis/postgresql.cnpg.io/v1/namespaces/%s/clusters/%s", c.Metadata.Namespace, c.Metadata.Name)
}

// instance gives a pod of a cluster; one that is not there is not ready.
func (a *api) instance(ctx context.Context, namespace, name string) (*pod, error) {
	var found pod
	err := a.get(ctx, fmt.Sprintf("/api/v1/namespaces/%s/pods/%s", namespace, name), &found)
	if isNotFound(err) {
		return &found, nil
	}
	return &found, err
}
