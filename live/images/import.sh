#!/bin/sh
# Imports archives of images into a containerd's folder, by a containerd that runs for that alone.
#
# Environment: CONFIG (of containerd), TOOLS (folder of containerd and ctr)
# Arguments: the archives
set -eu
# Whatever state it keeps goes with this namespace of mounts.
mount -t tmpfs none /run
PATH=$TOOLS:$PATH
containerd -c "$CONFIG" &
until ctr version >/dev/null 2>&1; do sleep 0.05; kill -0 $! || exit 1; done
for archive; do
  ctr --namespace=k8s.io images import "$archive" >/dev/null
done
kill $!
wait $! || true
