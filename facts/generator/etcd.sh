#!/bin/sh
# etcd.sh VERSION WORK OUT
# Writes OUT/etcd/etcd-3.6.json (flags and defaults) and OUT/etcd/etcd-3.6.help for one VERSION of etcd (3.6.12). WORK is
# a folder for its module. `cargo xtask facts OUT` packs them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
minor=$(echo "$version" | cut -d. -f1-2)
mkdir -p "$2/etcd-$minor" "$3/etcd"
module=$(cd "$2" && pwd)/etcd-$minor
out=$(cd "$3" && pwd)/etcd
ln -sf "$here"/etcd/*.go "$module/"
cd "$module"
mod=$(go mod download -json "go.etcd.io/etcd/server/v3@v$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
printf 'module kubevet.dev/etcd\n\ngo %s\n\nrequire go.etcd.io/etcd/server/v3 v%s\n' "$(sed -n 's/^go //p' "$mod")" "$version" > go.mod
# Tests of dependencies name modules that are not handed out any more.
go mod tidy -e > /dev/null 2>&1 || true
tags=etcd_3_6
[ "$minor" != 3.5 ] || tags=none
go build -mod=mod -trimpath -tags "$tags" -ldflags="-s -w" -o dump .
env -i ./dump facts > "$out/etcd-$minor.json"
env -i ./dump help > "$out/etcd-$minor.help" 2>&1
