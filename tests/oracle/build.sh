#!/bin/sh
# build.sh VERSION WORK OUT
# Builds the oracle of one Kubernetes version (1.37.1; 1.32 and later) as OUT. WORK is a folder for its module.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
minor=$(echo "$version" | cut -d. -f2)
mkdir -p "$2"
module=$(cd "$2" && pwd)/oracle-1.$minor
out=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
rm -f "$module"/*.go
"$here/../../facts/generator/mkmod.sh" "$version" "$here" "$module" kubevet.dev/oracle
# Without optimisation and debug data the modules compile in half the time; every other program that is built with these
# flags shares what is compiled. Without its version in it, kubeadm believes to be 0.0.0.
cd "$module"
go build -mod=mod -trimpath -gcflags="all=-N -l -dwarf=false" -ldflags="-s -w \
  -X k8s.io/component-base/version.gitVersion=v$version \
  -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$minor" \
  -tags "$(cat TAGS)" -o "$out" .
