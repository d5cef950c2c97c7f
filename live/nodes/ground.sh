#!/bin/sh
# The first process in the namespaces of the ground, which the nodes stand on: a switch between them, the control
# plane, DNS, and whatever runs beside the nodes. When it ends, everything in it ends.
#
# Environment: ADDRESS, OUTSIDE (a second address), NETWORK_BITS, NODES ("NUMBER:ADDRESS:POD_NETWORK …"), CONTROL_PLANE (binary), STATE,
# KUBELETS, FIRST_NODE, NODE (binary), KUBE_PROXY_CONFIG, COREDNS (binary), COREFILE, NODE_JS (binary), VOLUMES (program),
# VOLUMES_FOLDER, LOGS, TOOLS (folder of nft)
set -eu
mount --make-rshared /
mount -t tmpfs none /run
ip link set lo up
# Without an address of its own a bridge has the lowest of its ports': another one whenever such a node comes or goes, of
# which the other nodes would learn only when they ask again, up to a minute later.
ip link add ground0 address 02:00:00:00:00:01 type bridge
ip addr add "$ADDRESS/$NETWORK_BITS" dev ground0
ip addr add "$OUTSIDE/$NETWORK_BITS" dev ground0
ip link set ground0 up
# A default route on the bridge is enough for addresses of Services to be sent, and so to be translated.
ip route add default dev ground0 src "$ADDRESS"
for node in $NODES; do
  rest=${node#*:}
  ip route add "${rest#*:}" via "${rest%%:*}"
done
sysctl -qw net.ipv4.ip_forward=1
PATH=$TOOLS:$PATH

"$CONTROL_PLANE" up --state="$STATE" --nodes=0 --address="$ADDRESS" --port=6443 --kubelets="$KUBELETS" \
  >"$LOGS/control-plane.log" 2>&1 &
until [ -s "$STATE/ready.json" ]; do sleep 0.05; kill -0 $! || exit 1; done
# Under a node's name: for one that is none's it would look for half a minute before it began.
"$NODE" kube-proxy --config="$KUBE_PROXY_CONFIG" --hostname-override="$FIRST_NODE" >"$LOGS/kube-proxy-ground.log" 2>&1 &
"$COREDNS" -conf "$COREFILE" >"$LOGS/coredns.log" 2>&1 &
while :; do
  "$NODE_JS" "$VOLUMES" "$STATE/kubeconfig" "$VOLUMES_FOLDER" || true
  sleep 1
done >"$LOGS/volumes.log" 2>&1 &
# Also reaps what loses its parent here.
wait
