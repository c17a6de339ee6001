#!/bin/sh
# etcd-flags.sh VERSION...
# Writes ../data/etcd-flags.tsv: every flag that the source of etcd's server registers (etcdmain/config.go and
# embed/config.go), hidden and ignored ones included, which its help text and the dumps lack. One newest patch (3.6.5) for
# each minor. `cargo xtask facts` packs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo "# Minor of etcd, flag, type of its value. etcd $*. Written by generator/etcd-flags.sh."
  for version in "$@"; do
    source=$(cd "$work" && go mod download -json "go.etcd.io/etcd/server/v3@v$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
    cat "$source/etcdmain/config.go" "$source/embed/config.go" | awk -v minor="$(echo "$version" | cut -d. -f1-2)" '
      function print_flag(name, kind) { print minor "\t" name "\t" kind }
      function quoted(text) { match(text, /"[a-z0-9.-]+"/); return substr(text, RSTART + 1, RLENGTH - 2) }
      /^\tignored = \[\]string\{/ { ignored = 1; next }
      ignored && /^\t}/ { ignored = 0 }
      ignored && /"/ { print_flag(quoted($0), "*flags.IgnoredFlag") }
      # fs.BoolVar(&cfg.Field, "name", default, "usage")
      match($0, /fs\.[A-Z][A-Za-z0-9]*Var\(/) {
        kind = substr($0, RSTART + 3, RLENGTH - 7)
        print_flag(quoted($0), "*flag." tolower(substr(kind, 1, 1)) substr(kind, 2) "Value")
        next
      }
      # fs.Var(flags.NewStringsValue(""), "name", "usage"), on one line or on several
      /fs\.Var\(/ && !/IgnoredFlag/ { open = 1; kind = "*flag.stringValue" }
      open && /flags\.New[A-Za-z0-9]*/ {
        match($0, /flags\.New[A-Za-z0-9]*/)
        kind = substr($0, RSTART + 9, RLENGTH - 9)
        sub(/URLsWithExceptions$/, "URLs", kind)
        kind = "*flags." (kind ~ /^Uint32/ ? "uint32Value" : kind)
      }
      open && /, *"[a-z0-9-]+", */ || open && /^\t\t"[a-z0-9-]+",$/ {
        text = $0
        sub(/.*\("[^"]*"\), */, "", text)
        print_flag(quoted(text), kind)
        open = 0
      }' | sort -u
  done
} > "$here/../data/etcd-flags.tsv"
