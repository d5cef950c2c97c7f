package up

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	kwokcrd "sigs.k8s.io/kwok/kustomize/crd"
	kwokmetrics "sigs.k8s.io/kwok/kustomize/metrics/resource"
	kwoknode "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	kwokheartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	kwokpod "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

const (
	crdPath      = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
	kwokResource = "/apis/kwok.x-k8s.io/v1alpha1/"
)

// prepareSimulation makes what KWOK reads when it starts: its two resources about usage, and how a
// node and a pod pass through their states (at once; a pod of a Job completes).
func prepareSimulation(ctx context.Context, l layout, a *api) error {
	for name, definition := range map[string][]byte{
		"clusterresourceusages": kwokcrd.ClusterResourceUsage, "resourceusages": kwokcrd.ResourceUsage,
	} {
		if err := a.apply(ctx, crdPath+name+".kwok.x-k8s.io", string(definition)); err != nil {
			return err
		}
	}
	for _, name := range []string{"clusterresourceusages", "resourceusages"} {
		if err := a.answers(ctx, "the resource "+name, kwokResource+name, 20*time.Second); err != nil {
			return err
		}
	}
	if err := releaseNodes(ctx, a); err != nil {
		return err
	}
	return writeAtomically(l.file("kwok.yaml"), []byte(strings.Join([]string{
		kwoknode.DefaultNodeInit, kwokheartbeat.DefaultNodeHeartbeatWithLease,
		kwokpod.DefaultPodReady, kwokpod.DefaultPodComplete, kwokpod.DefaultPodDelete,
		kwokmetrics.DefaultMetricsResource,
	}, "\n---\n")))
}

// releaseNodes forgets who held the nodes of an earlier run. KWOK has a new identity each time, and would
// leave pods alone until the leases of the old one run out, 40 s later.
func releaseNodes(ctx context.Context, a *api) error {
	const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
	status, body, err := a.request(ctx, http.MethodDelete, leases, "", "")
	if err != nil {
		return fmt.Errorf("release the nodes: %w", err)
	}
	if status/100 != 2 && status != http.StatusNotFound {
		return fmt.Errorf("release the nodes: %w", &refusal{status, string(body)})
	}
	return nil
}

func kwokFlags(l layout, p ports) []string {
	return []string{
		"--kubeconfig=" + l.kubeconfig("kwok"), "--config=" + l.file("kwok.yaml"), "--manage-all-nodes=true",
		"--tls-cert-file=" + l.pki("kubelet.crt"), "--tls-private-key-file=" + l.pki("kubelet.key"),
		"--node-ip=127.0.0.1", fmt.Sprintf("--node-port=%d", p["kwok"]),
		fmt.Sprintf("--server-address=127.0.0.1:%d", p["kwok"]),
		"--node-lease-duration-seconds=40", "--enable-crds=ResourceUsage,ClusterResourceUsage",
	}
}

// usageOf is what a container is said to use of a resource: what its pod's annotation says, else a
// little, so that an autoscaler always has a figure.
func usageOf(resource, otherwise string) string {
	return fmt.Sprintf(`"kwok.x-k8s.io/usage-%[1]s" in pod.metadata.annotations `+
		`? Quantity(pod.metadata.annotations["kwok.x-k8s.io/usage-%[1]s"]) : Quantity("%[2]s")`, resource, otherwise)
}

// createUsage makes the one object that says what containers use. There must be only one: of several
// that match a pod KWOK takes any. Load is simulated by changing it (load.ts), for which the
// annotations keep the expressions to fall back to; so it is not touched when it is there.
func createUsage(ctx context.Context, a *api) error {
	cpu, memory := usageOf("cpu", "10m"), usageOf("memory", "64Mi")
	return a.create(ctx, kwokResource+"clusterresourceusages", fmt.Sprintf(`apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterResourceUsage
metadata:
  name: containers
  annotations:
    embedded.attic-pulumi/cpu: '%[1]s'
    embedded.attic-pulumi/memory: '%[2]s'
spec:
  usages:
  - usage:
      cpu: {expression: '%[1]s'}
      memory: {expression: '%[2]s'}
`, cpu, memory))
}
