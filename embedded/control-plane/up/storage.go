package up

import "context"

// createStorageClass makes the default class `standard`. Its volumes come from the controller
// manager's hostpath provisioner, which makes an empty directory per volume under /tmp/hostpath_pv:
// Kubernetes has that path written into it. They go when their claims are deleted.
func createStorageClass(ctx context.Context, a *api) error {
	return a.apply(ctx, "/apis/storage.k8s.io/v1/storageclasses/standard", `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: standard
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: kubernetes.io/host-path
reclaimPolicy: Delete
volumeBindingMode: Immediate
`)
}
