package up

import (
	"fmt"
	"net"
	"strings"
)

// kubelets are the real nodes of a control plane, which run elsewhere and find their certificates in
// its state directory.
type kubelets []kubelet

type kubelet struct{ name, address string }

// String is NAME=ADDRESS,…, as Set takes it.
func (k *kubelets) String() string {
	var pairs []string
	for _, each := range *k {
		pairs = append(pairs, each.name+"="+each.address)
	}
	return strings.Join(pairs, ",")
}

// Set takes NAME=ADDRESS,….
func (k *kubelets) Set(value string) error {
	*k = nil
	for pair := range strings.SplitSeq(value, ",") {
		name, address, _ := strings.Cut(pair, "=")
		if name == "" || net.ParseIP(address) == nil {
			return fmt.Errorf("%q is not NAME=ADDRESS", pair)
		}
		*k = append(*k, kubelet{name, address})
	}
	return nil
}

// identities are one for each kubelet, which NodeRestriction holds to its own node, and one that the
// kube-proxies share.
func (k kubelets) identities() []identity {
	if len(k) == 0 {
		return nil
	}
	all := []identity{{name: "kube-proxy", ca: clusterCA, commonName: "system:kube-proxy"}}
	for _, each := range k {
		all = append(all, identity{
			name: "kubelet-" + each.name, ca: clusterCA, commonName: "system:node:" + each.name,
			groups: []string{"system:nodes"}, hosts: []string{each.name, each.address},
		})
	}
	return all
}
