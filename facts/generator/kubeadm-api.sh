#!/bin/sh
# kubeadm-api.sh VERSION...
# Writes ../data/kubeadm-api.tsv: what kubeadm of each Kubernetes VERSION (1.37.1) says of the versions of its own API, from
# the maps in validateSupportedVersion of cmd/kubeadm/app/util/config/common.go. `cargo xtask facts` packs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
{
  echo "# Minor, API version, what kubeadm says of it, kubeadm that migrates it. Kubernetes $*. Written by generator/kubeadm-api.sh."
  for version in "$@"; do
    source=$(cd / && go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
    awk -v minor="$(echo "$version" | cut -d. -f2)" '
      /^func validateSupportedVersion/ { inside = 1 }
      inside && /:= map\[string\]/ { state = $1; sub(/APIVersions/, "", state); open = !/{}$/ }
      inside && open && /"kubeadm\.k8s\.io/ {
        split($0, part, "\"")
        print minor "\t" part[2] "\t" state "\t" (state == "oldKnown" ? part[4] : "")
      }
      inside && /^\t}$/ { open = 0 }
      /^}$/ { inside = 0 }' "$source/cmd/kubeadm/app/util/config/common.go"
  done
} > "$here/../data/kubeadm-api.tsv"
