#!/bin/sh
# dump.sh VERSION WORK OUT
# Writes OUT/1.37/NAME.json for one Kubernetes VERSION (1.37.1): what each component accepts (dump), the constants and
# markers that only the source has (enums), and the OpenAPI and discovery documents. WORK is a folder for modules and
# binaries. `cargo xtask facts OUT` packs the dumps of all versions.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
minor=$(echo "$version" | cut -d. -f2)
mkdir -p "$2" "$3/1.$minor"
work=$(cd "$2" && pwd)
out=$(cd "$3" && pwd)/1.$minor
module=$work/dump-1.$minor
components="apiserver kcm scheduler kubelet proxy kubeadm"

rm -f "$module"/*.go
"$here/mkmod.sh" "$version" "$here/dump" "$module" kubevet.dev/dump
for component in $components; do
  # Without optimisation and debug data the modules compile in half the time; the output is the same. Without its version
  # in it, kubeadm believes to be 0.0.0.
  (cd "$module" && go build -mod=mod -trimpath -gcflags="all=-N -l -dwarf=false" -ldflags="-s -w \
    -X k8s.io/component-base/version.gitVersion=v$version \
    -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$minor" \
    -tags "$(cat TAGS),c_$component" -o "$component" .)
  # No home directory and no environment: defaults must not depend on the machine.
  env -i PATH=/usr/bin:/bin HOME=/nonexistent "$module/$component" > "$out/$component.json"
  rm "$module/$component"
done

mkdir -p "$work/enums"
ln -sf "$here/enums/main.go" "$work/enums/"
(cd "$work/enums" && printf 'module kubevet.dev/enums\n\ngo 1.22\n' > go.mod && go build -o enums .)
dumps=$(for component in $components; do echo "$out/$component.json"; done)
# shellcheck disable=SC2086 # one word for each file
(cd "$module" && "$work/enums/enums" $dumps > "$out/enums.json")

source=$(cd "$module" && go list -mod=mod -m -f '{{.Dir}}' k8s.io/kubernetes)
cp "$source/api/openapi-spec/swagger.json" "$out/swagger.json"
# The discovery document is there since 1.31.
[ ! -f "$source/api/discovery/aggregated_v2.json" ] || cp "$source/api/discovery/aggregated_v2.json" "$out/discovery.json"
chmod u+w "$out"/*.json
