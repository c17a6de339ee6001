#!/bin/sh
# equivalence.sh WORK VERSION...
# Writes ../data/equivalence.tsv: which flags of the kubelet, kube-proxy and kube-scheduler set which field of their
# configuration file in any of the Kubernetes VERSIONs (1.28.15 1.37.1: flags come and go, but do not change fields).
# WORK is a folder for modules and binaries. `cargo xtask facts` packs the result.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)
shift
for version in "$@"; do
  module=$work/equivalence-$version
  "$here/mkmod.sh" "$version" "$here/equivalence" "$module" kubevet.dev/equivalence
  for component in kubelet proxy scheduler; do
    # Without optimisation and debug data the modules compile in half the time.
    (cd "$module" && go build -mod=mod -trimpath -gcflags="all=-N -l -dwarf=false" \
      -ldflags="-s -w -X k8s.io/component-base/version.gitVersion=v$version" -tags "c_$component" -o "$component" .)
    # No home directory and no environment: nothing may depend on the machine.
    env -i PATH=/usr/bin:/bin HOME=/nonexistent "$module/$component" > "$module/$component.tsv"
  done
  cat "$module/kubelet.tsv" "$module/proxy.tsv" "$module/scheduler.tsv"
done | sort -u > "$work/equivalence.tsv"
if cut -f1,2 "$work/equivalence.tsv" | uniq -d | grep .; then
  echo "these flags set different fields in different versions" >&2
  exit 1
fi
{
  echo "# Flags that set a field of the component's configuration file, in Kubernetes $*. Written by generator/equivalence.sh."
  cat "$work/equivalence.tsv"
} > "$here/../data/equivalence.tsv"
