#!/bin/sh
# The first process in the namespaces of one node, which are nested in those of the ground: containerd, kubelet,
# kube-proxy, and what enforces NetworkPolicies. When it ends, the node is gone as if its power had failed.
#
# Environment: NAME, ADDRESS, NETWORK_BITS, GATEWAY, ZONE, ROUTES ("POD_NETWORK:ADDRESS …"), CGROUP, DIRECTORY,
# KUBECONFIG, NODE (binary), LOGS, TOOLS (folders of containerd, runc, nft), NODE_JS (binary), POLICIES (program),
# POLICIES_KUBECONFIG, POD_NETWORK
set -eu
mount --make-rshared /
for directory in /run /var/log /var/lib/kubelet /var/lib/cni; do mount -t tmpfs none "$directory"; done
mkdir -p /run/lock "$DIRECTORY/kubelet" "$DIRECTORY/pod-logs"
ulimit -n "$(ulimit -Hn)"

ip link set lo up
until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
ip addr add "$ADDRESS/$NETWORK_BITS" dev eth0
ip link set eth0 up
ip route add default via "$GATEWAY"
for route in $ROUTES; do ip route add "${route%%:*}" via "${route#*:}"; done
sysctl -qw net.ipv4.ip_forward=1

# Of cgroup v1, each hierarchy has a folder of its own, and a cpuset's is empty until it is filled.
for hierarchy in /sys/fs/cgroup/*/; do
  [ -e "$hierarchy/tasks" ] || continue
  for folder in "${CGROUP%%/*}" "$CGROUP"; do
    mkdir -p "$hierarchy$folder"
    [ -e "${hierarchy}cpuset.cpus" ] || continue
    cat "${hierarchy}cpuset.cpus" >"$hierarchy$folder/cpuset.cpus"
    cat "${hierarchy}cpuset.mems" >"$hierarchy$folder/cpuset.mems"
  done
  # Else all the pods of all the nodes together would be worth one process of this machine, such as their own kubelet.
  [ -e "${hierarchy}cpu.shares" ] || continue
  worth=$((1024 * $(nproc)))
  echo $worth >"$hierarchy$CGROUP/cpu.shares"
  # Another node may have begun meanwhile, and have written before this one.
  written=0
  until nodes=$(ls -d "$hierarchy${CGROUP%%/*}"/*/ | wc -l); [ "$nodes" = "$written" ]; do
    echo $((worth * nodes)) >"$hierarchy${CGROUP%%/*}/cpu.shares"
    written=$nodes
  done
done

PATH=$TOOLS:$PATH
containerd -c "$DIRECTORY/containerd.toml" >"$LOGS/containerd-$NAME.log" 2>&1 &
until ctr version >/dev/null 2>&1; do sleep 0.05; kill -0 $! || exit 1; done
# A node without rules would let its pods do anything, so it begins with them; and with those it has when what keeps them
# ends, it would cut off every pod that comes.
while :; do
  "$NODE_JS" "$POLICIES" "$POLICIES_KUBECONFIG" "$NAME" "$POD_NETWORK" || true
  sleep 1
done >"$LOGS/network-policies-$NAME.log" 2>&1 &
until nft list table ip network-policies >/dev/null 2>&1; do sleep 0.05; done
"$NODE" kubelet --config="$DIRECTORY/kubelet.yaml" --kubeconfig="$KUBECONFIG" --root-dir="$DIRECTORY/kubelet" \
  --hostname-override="$NAME" --node-ip="$ADDRESS" --node-labels="topology.kubernetes.io/zone=$ZONE" \
  --v=2 >"$LOGS/kubelet-$NAME.log" 2>&1 &
"$NODE" kube-proxy --config="$DIRECTORY/kube-proxy.yaml" --hostname-override="$NAME" >"$LOGS/kube-proxy-$NAME.log" 2>&1 &
wait
