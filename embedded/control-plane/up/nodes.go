package up

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const zones = 3

// createNodes makes nodes node-0 … node-(count-1), over three zones, and removes those of an earlier
// run with more. KWOK plays their kubelets.
func createNodes(ctx context.Context, a *api, count int) error {
	for i := range count {
		name := fmt.Sprintf("node-%d", i)
		if err := a.apply(ctx, "/api/v1/nodes/"+name, fmt.Sprintf(`apiVersion: v1
kind: Node
metadata:
  name: %[1]s
  annotations:
    kwok.x-k8s.io/node: fake
    metrics.k8s.io/resource-metrics-path: /metrics/nodes/%[1]s/metrics/resource
  labels:
    kubernetes.io/hostname: %[1]s
    kubernetes.io/os: linux
    kubernetes.io/arch: amd64
    node-role.kubernetes.io/worker: ""
    topology.kubernetes.io/region: local
    topology.kubernetes.io/zone: zone-%[2]d
    type: kwok
`, name, i%zones)); err != nil {
			return err
		}
		if err := a.apply(ctx, "/api/v1/nodes/"+name+"/status", fmt.Sprintf(`apiVersion: v1
kind: Node
metadata: {name: %s}
status:
  capacity: {cpu: "16", memory: 64Gi, pods: "110", ephemeral-storage: 100Gi}
  allocatable: {cpu: "16", memory: 64Gi, pods: "110", ephemeral-storage: 100Gi}
`, name)); err != nil {
			return err
		}
	}
	for i := count; ; i++ {
		status, body, err := a.request(ctx, http.MethodDelete, fmt.Sprintf("/api/v1/nodes/node-%d", i), "", "")
		switch {
		case err != nil:
			return fmt.Errorf("remove node-%d: %w", i, err)
		case status == http.StatusNotFound:
			return nil
		case status/100 != 2:
			return fmt.Errorf("remove node-%d: %w", i, &refusal{status, string(body)})
		}
	}
}

// waitForNodes waits until pods can be placed on so many nodes: Ready alone is too early, the
// controller manager takes the not-ready taint off a moment later.
func waitForNodes(ctx context.Context, a *api, count int) error {
	return a.until(ctx, "nodes become ready", 60*time.Second, func() error {
		_, body, err := a.request(ctx, http.MethodGet, "/api/v1/nodes", "", "")
		if err != nil {
			return err
		}
		var list struct {
			Items []struct {
				Spec   struct{ Taints []struct{ Key string } }
				Status struct {
					Conditions []struct{ Type, Status string }
				}
			}
		}
		if err := json.Unmarshal(body, &list); err != nil {
			return err
		}
		ready := 0
		for _, node := range list.Items {
			if len(node.Spec.Taints) > 0 {
				return errors.New("a node is tainted with " + node.Spec.Taints[0].Key)
			}
			for _, condition := range node.Status.Conditions {
				if condition.Type == "Ready" && condition.Status == "True" {
					ready++
				}
			}
		}
		if ready < count {
			return fmt.Errorf("%d of %d nodes are ready", ready, count)
		}
		return nil
	})
}
