#!/bin/bash
# Rewrites go.mod and go.sum for other versions of what the control plane is made of:
#
#   K8S=1.36.3 KWOK=v0.8.0 METRICS_SERVER=v0.9.0 ./generate-go-mod.sh
#
# Nobody needs this to build; the result is committed. It exists because k8s.io/kubernetes names its
# own parts (k8s.io/api, k8s.io/client-go, …) by a path inside its source tree, which a module that
# depends on it cannot see: each one has to be replaced by the published module of the same release.
# Needs Go, jq, and a module proxy. Not every version of every module can be had from every proxy.
set -euo pipefail
cd "$(dirname "$0")"
K8S=${K8S:-1.36.3} KWOK=${KWOK:-v0.8.0} METRICS_SERVER=${METRICS_SERVER:-v0.9.0}
parts=v0.${K8S#1.}
upstream=$(cd / && go mod download -json "k8s.io/kubernetes@v$K8S" | jq -r .GoMod)
etcd=$(awk '$1=="go.etcd.io/etcd/server/v3"{print $2}' "$upstream")
{
  printf 'module attic-pulumi/control-plane\n\n'
  awk '$1=="go"{print; exit}' go.mod
  printf '\ngodebug default=go1.26\n\n'
  printf 'require (\n'
  printf '\tgo.etcd.io/etcd/server/v3 %s\n' "$etcd"
  printf '\tk8s.io/kubernetes v%s\n' "$K8S"
  printf '\tsigs.k8s.io/kwok %s\n' "$KWOK"
  printf '\tsigs.k8s.io/metrics-server %s\n)\n\n' "$METRICS_SERVER"
  printf "// Without it 'go mod tidy' meets an ambiguous import in a test of Prometheus' dependencies.\n"
  printf 'exclude cloud.google.com/go v0.26.0\n\n'
  printf 'replace (\n'
  sed -n 's|^\t\(k8s.io/[a-z-]*\) => ./staging.*|\1|p' "$upstream" | while read -r module; do
    printf '\t%s => %s %s\n' "$module" "$module" "$parts"
  done
  printf ')\n'
} > go.mod.new
mv go.mod.new go.mod
go mod tidy
