#!/bin/sh
# mkmod.sh VERSION SOURCE OUT NAME
# Writes OUT/go.mod of module NAME for one Kubernetes version (1.37.1), links the Go files of SOURCE beside it, and writes
# OUT/TAGS, the build tags of the version.
# The requirements are those of k8s.io/kubernetes itself; its staging modules are replaced by their v0.MINOR.PATCH tags.
set -eu
version=$1; source=$2; out=$3; name=$4
minor=$(echo "$version" | cut -d. -f2)
patch=$(echo "$version" | cut -d. -f3)

# The tag of a staging module: v0.MINOR.PATCH, or the nearest lower patch, as some are never handed out.
staging_tag() {
  p=$patch
  while [ "$p" -ge 0 ]; do
    if (cd / && go mod download "$1@v0.$minor.$p") >/dev/null 2>&1; then
      [ "$p" = "$patch" ] || echo "note: $1 v0.$minor.$p instead of v0.$minor.$patch" >&2
      echo "v0.$minor.$p"
      return
    fi
    p=$((p - 1))
  done
  echo "no v0.$minor.* of $1" >&2
  return 1
}

mkdir -p "$out"
mod=$(cd / && go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
[ -n "$mod" ] || { echo "no module for $version" >&2; exit 1; }
staging=$(mktemp)
trap 'rm -f "$staging"' EXIT
sed -n 's,.*\(k8s.io/[a-z-]*\) => ./staging/.*,\1,p' "$mod" | sort -u | while read -r module; do
  case $module in k8s.io/sample-* | k8s.io/code-generator) continue ;; esac
  echo "$module $(staging_tag "$module")"
done > "$staging"
{
  echo "module $name"
  echo
  sed -n -e '/^go /p' -e '/^godebug/p' "$mod"
  echo "require ("
  echo "	k8s.io/kubernetes v$version"
  sed 's,^,	,' "$staging"
  sed -n '/^require (/,/^)/p' "$mod" | sed -e '/^require (/d' -e '/^)/d' -e 's, // indirect,,' -e '/ v0\.0\.0$/d'
  echo ")"
  echo "replace ("
  sed 's,^\([^ ]*\) \(.*\),	\1 => \1 \2,' "$staging"
  echo ")"
} > "$out/go.mod"
for file in "$source"/*.go; do ln -sf "$(realpath "$file")" "$out/"; done
# k8s_1_30 means "1.30 or later": code that differs between versions says so with build tags.
for one in $(seq 28 "$minor"); do printf 'k8s_1_%s,' "$one"; done | sed 's/,$//' > "$out/TAGS"
