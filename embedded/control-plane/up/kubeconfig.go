package up

import (
	"encoding/base64"
	"fmt"
	"os"
)

// kubeconfigUsers are the identities that reach the API server by a kubeconfig.
func kubeconfigUsers(o options) []string {
	users := []string{adminUser, "kube-controller-manager", "kube-scheduler", "kwok", "metrics-server"}
	for _, id := range o.kubelets.identities() {
		users = append(users, id.name)
	}
	return users
}

// writeKubeconfigs writes one kubeconfig per user, certificates inside. They are rewritten at every
// start, as the port or the certificates may have changed.
func writeKubeconfigs(l layout, server string, users []string) error {
	for _, user := range users {
		encoded := map[string]string{}
		for _, name := range []string{clusterCA + ".crt", user + ".crt", user + ".key"} {
			content, err := os.ReadFile(l.pki(name))
			if err != nil {
				return fmt.Errorf("write the kubeconfig of %s: %w", user, err)
			}
			encoded[name] = base64.StdEncoding.EncodeToString(content)
		}
		content := fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: embedded
clusters:
- name: embedded
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: %s
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: embedded
  context:
    cluster: embedded
    user: %s
    namespace: default
`, server, encoded[clusterCA+".crt"], user, encoded[user+".crt"], encoded[user+".key"], user)
		if err := writeAtomically(l.kubeconfig(user), content); err != nil {
			return fmt.Errorf("write the kubeconfig of %s: %w", user, err)
		}
	}
	return nil
}
