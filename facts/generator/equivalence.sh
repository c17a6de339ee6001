#!/bin/sh
# equivalence.sh VERSION WORK
# Writes ../data/equivalence.tsv: which flags of the kubelet, kube-proxy and kube-scheduler of Kubernetes VERSION (1.37.1)
# set which field of their configuration file. WORK is a folder for modules and binaries. `cargo xtask facts` packs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)/equivalence-$version
"$here/mkmod.sh" "$version" "$here/equivalence" "$work" kubevet.dev/equivalence
for component in kubelet proxy scheduler; do
  # Without optimisation and debug data the modules compile in half the time.
  (cd "$work" && go build -mod=mod -trimpath -gcflags="all=-N -l -dwarf=false" \
    -ldflags="-s -w -X k8s.io/component-base/version.gitVersion=v$version" -tags "c_$component" -o "$component" .)
  # No home directory and no environment: nothing may depend on the machine.
  env -i PATH=/usr/bin:/bin HOME=/nonexistent "$work/$component" > "$work/$component.tsv"
done
{
  echo "# Flags that set a field of the component's configuration file, in Kubernetes $version. Written by generator/equivalence.sh."
  sort "$work/kubelet.tsv" "$work/proxy.tsv" "$work/scheduler.tsv"
} > "$here/../data/equivalence.tsv"
