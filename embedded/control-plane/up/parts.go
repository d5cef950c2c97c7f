package up

// partNames are the processes, in the order they start. They stop in the reverse order, etcd last.
var partNames = []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "metrics-server"}

const (
	podNetwork     = "10.244.0.0/16"
	serviceNetwork = "10.96.0.0/16"
)

func etcdFlags(l layout, p ports) []string {
	client, peer := p.url("etcd"), p.url("etcd-peer")
	return []string{
		"--name=default", "--data-dir=" + l.file("etcd"), "--log-level=warn",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer,
		"--client-cert-auth", "--trusted-ca-file=" + l.pki(etcdCA+".crt"),
		"--cert-file=" + l.pki("etcd.crt"), "--key-file=" + l.pki("etcd.key"),
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + l.pki(etcdCA+".crt"),
		"--peer-cert-file=" + l.pki("etcd.crt"), "--peer-key-file=" + l.pki("etcd.key"),
		// A killed etcd loses nothing by it; only a crash of the whole machine could.
		"--unsafe-no-fsync",
	}
}

func apiserverFlags(l layout, p ports, address string) []string {
	// A loopback address is refused as an endpoint of Service kubernetes, so it gets none.
	listen, reconciler := loopbackAddress, "none"
	if address != loopbackAddress {
		// Everywhere in its network namespace: the parts beside it ask on the loopback.
		listen, reconciler = "0.0.0.0", "lease"
	}
	return []string{
		"--etcd-servers=" + p.url("etcd"), "--etcd-cafile=" + l.pki(etcdCA+".crt"),
		"--etcd-certfile=" + l.pki("etcd-client.crt"), "--etcd-keyfile=" + l.pki("etcd-client.key"),
		"--bind-address=" + listen, p.flag("kube-apiserver"),
		"--advertise-address=" + address, "--endpoint-reconciler-type=" + reconciler,
		"--tls-cert-file=" + l.pki("apiserver.crt"), "--tls-private-key-file=" + l.pki("apiserver.key"),
		"--client-ca-file=" + l.pki(clusterCA+".crt"), "--anonymous-auth=false",
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		// Pod Security decides about privileged pods, by namespace; this flag would refuse all of them.
		"--allow-privileged=true", "--profiling=false",
		"--service-cluster-ip-range=" + serviceNetwork,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + l.pki("service-account.pub"),
		"--service-account-signing-key-file=" + l.pki("service-account.key"),
		"--requestheader-client-ca-file=" + l.pki(frontProxyCA+".crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + l.pki("front-proxy-client.crt"),
		"--proxy-client-key-file=" + l.pki("front-proxy-client.key"),
		"--kubelet-client-certificate=" + l.pki("apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + l.pki("apiserver-kubelet-client.key"),
		"--kubelet-certificate-authority=" + l.pki(clusterCA+".crt"), "--kubelet-preferred-address-types=InternalIP",
	}
}

func controllerManagerFlags(l layout, p ports) []string {
	return append(servedFlags(l, p, "kube-controller-manager"),
		"--leader-elect=false", "--profiling=false", "--use-service-account-credentials=true",
		"--root-ca-file="+l.pki(clusterCA+".crt"), "--service-account-private-key-file="+l.pki("service-account.key"),
		"--cluster-signing-cert-file="+l.pki(clusterCA+".crt"), "--cluster-signing-key-file="+l.pki(clusterCA+".key"),
		"--allocate-node-cidrs=true", "--cluster-cidr="+podNetwork, "--service-cluster-ip-range="+serviceNetwork,
		// Autoscalers look three times as often as by default and believe young pods sooner, so that
		// trying one out takes seconds. How far and how fast they scale is left to each object's own
		// behaviour and to Kubernetes' defaults.
		"--horizontal-pod-autoscaler-sync-period=2s",
		"--horizontal-pod-autoscaler-initial-readiness-delay=1s",
		"--horizontal-pod-autoscaler-cpu-initialization-period=1s",
		"--enable-hostpath-provisioner=true", // see storage.go
		// The default of 20 requests a second alone costs 4 s of the start.
		"--kube-api-qps=1000", "--kube-api-burst=2000",
	)
}

func schedulerFlags(l layout, p ports) []string {
	return append(servedFlags(l, p, "kube-scheduler"), "--leader-elect=false", "--profiling=false")
}

func metricsServerFlags(l layout, p ports) []string {
	return append(servedFlags(l, p, "metrics-server"),
		"--kubelet-use-node-status-port", "--kubelet-preferred-address-types=InternalIP",
		"--kubelet-certificate-authority="+l.pki(clusterCA+".crt"),
		// 10 s is the least it takes, and must be more than the time a kubelet may take to answer.
		"--metric-resolution=10s", "--kubelet-request-timeout=5s",
	)
}

// servedFlags are those of a part that talks to the API server and serves by its own certificate,
// asking the API server who its callers are and what they may do.
func servedFlags(l layout, p ports, name string) []string {
	kubeconfig := l.kubeconfig(name)
	return []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", p.flag(name),
		"--tls-cert-file=" + l.pki(name+".crt"), "--tls-private-key-file=" + l.pki(name+".key"),
	}
}
