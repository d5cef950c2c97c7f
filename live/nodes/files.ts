import { stringify } from "yaml";
import { groundAddress, type NodeName, nodeNetwork, podNetwork } from "../addresses.ts";

/** Where a node finds what its files refer to. */
export interface NodePlaces {
  /** The node's own folder. */
  directory: string;
  /** The control plane's state directory. */
  controlPlane: string;
  /** The folder of all nodes' cgroups. */
  cgroups: string;
  /** The folder with the CNI plugins. */
  cniPlugins: string;
}

/** The image of the process that holds a pod's namespaces. */
export const pauseImage = "localhost/pause:1";

/** The files that a node is configured by, by their names in its folder. */
export function nodeFiles(node: NodeName, places: NodePlaces): Record<string, string> {
  return {
    "containerd.toml": containerd(places),
    "kubelet.yaml": stringify(kubelet(node, places)),
    "kube-proxy.yaml": stringify(kubeProxy(node.address, places)),
    "cni/10-ptp.conflist": `${JSON.stringify(cni(node), undefined, 2)}\n`,
    "resolv.conf": "",
  };
}

/** The configuration of a containerd whose folder is `containerd` below a directory. */
export function containerd({ directory, cniPlugins }: Pick<NodePlaces, "directory" | "cniPlugins">): string {
  return `version = 2
root = "${directory}/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing",
]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Neither a profile loader nor CAP_SYS_RESOURCE can be counted on.
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniPlugins}"
    conf_dir = "${directory}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

const kubelet = ({ name }: NodeName, { directory, controlPlane, cgroups }: NodePlaces) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  // Kubernetes 1.37 will not start on cgroup v1 any more.
  failCgroupV1: false,
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${cgroups}/${name}`,
  containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: `${controlPlane}/pki/ca.crt` },
  },
  authorization: { mode: "Webhook" },
  tlsCertFile: `${controlPlane}/pki/kubelet-${name}.crt`,
  tlsPrivateKeyFile: `${controlPlane}/pki/kubelet-${name}.key`,
  clusterDNS: [groundAddress],
  clusterDomain: "cluster.local",
  // Names outside the cluster are nobody's: nothing leaves the machine.
  resolvConf: `${directory}/resolv.conf`,
  podLogsDir: `${directory}/pod-logs`,
  seccompDefault: true,
  failSwapOn: false,
  enforceNodeAllocatable: ["pods"],
  // The machine's own disk and memory are not the nodes' to defend.
  evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  imageMinimumGCAge: "24h",
});

/** How Services are reached from a node, or from the ground. */
export const kubeProxy = (address: string, { controlPlane }: Pick<NodePlaces, "controlPlane">) => ({
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  mode: "nftables",
  clientConnection: { kubeconfig: `${controlPlane}/pki/kube-proxy.kubeconfig` },
  clusterCIDR: podNetwork,
  bindAddress: address,
  nodePortAddresses: [nodeNetwork],
  healthzBindAddress: "127.0.0.1:10256",
  metricsBindAddress: "127.0.0.1:10249",
  // Of the whole machine, not of a namespace.
  conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
});

/** What the network plugins call the nodes' network. */
export const cniNetwork = "live";

const cni = ({ podNetwork }: NodeName) => ({
  cniVersion: "1.0.0",
  name: cniNetwork,
  plugins: [
    {
      // Each pod has a cable of its own: what pods of one node send each other is forwarded, and so can be denied.
      type: "ptp",
      ipam: {
        type: "host-local",
        dataDir: "/run/cni-ipam",
        ranges: [[{ subnet: podNetwork }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
  ],
});
