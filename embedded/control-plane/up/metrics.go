package up

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"time"
)

// registerMetrics puts metrics-server behind the API metrics.k8s.io. It runs outside the cluster, so
// its Service is a name that leads to this machine.
func registerMetrics(ctx context.Context, l layout, p ports, a *api) error {
	authority, err := os.ReadFile(l.pki(clusterCA + ".crt"))
	if err != nil {
		return fmt.Errorf("load the certificate authority: %w", err)
	}
	if err := a.apply(ctx, "/api/v1/namespaces/kube-system/services/metrics-server", `apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec: {type: ExternalName, externalName: localhost}
`); err != nil {
		return err
	}
	return a.apply(ctx, "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io", fmt.Sprintf(`apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  caBundle: %s
  service: {name: metrics-server, namespace: kube-system, port: %d}
`, base64.StdEncoding.EncodeToString(authority), p["metrics-server"]))
}

// waitForMetrics waits until the API is served, which an unanswered one would hold up: discovery, and
// with it kubectl and the deletion of namespaces. Figures come later, after two scrapes (10 to 25 s).
func waitForMetrics(ctx context.Context, a *api) error {
	return a.answers(ctx, "the metrics API", "/apis/metrics.k8s.io/v1beta1", 30*time.Second)
}
