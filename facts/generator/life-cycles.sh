#!/bin/sh
# life-cycles.sh VERSION
# Writes ../data/life-cycles.tsv: when the kinds of the two API servers inside kube-apiserver that have types of their own,
# apiextensions and the aggregator, came and went, from the generated life-cycle functions in the modules of Kubernetes
# VERSION (0.37.1). `cargo xtask facts` packs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
{
  echo "# API version, kind, minors that introduce, deprecate and remove it, replacement. k8s.io/apiextensions-apiserver and"
  echo "# k8s.io/kube-aggregator $1. Written by generator/life-cycles.sh."
  for of in apiextensions-apiserver/pkg/apis/apiextensions kube-aggregator/pkg/apis/apiregistration; do
    source=$(cd / && go mod download -json "k8s.io/${of%%/*}@v$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
    group=$(sed -n 's/^const GroupName = "\(.*\)"/\1/p' "$source/${of#*/}/v1beta1/register.go")
    awk -v api="$group/v1beta1" '
      /^func \(in \*[A-Za-z]*\) APILifecycle/ {
        kind = $3; gsub(/[*)]/, "", kind)
        what = $4; sub(/APILifecycle/, "", what); sub(/\(.*/, "", what)
        kinds[kind] = 1
      }
      /return 1, / { said[kind, what] = $3 }
      /return schema.GroupVersionKind/ { split($0, part, "\""); said[kind, what] = part[2] "/" part[4] " " part[6] }
      END {
        for (kind in kinds)
          print api "\t" kind "\t" said[kind, "Introduced"] "\t" said[kind, "Deprecated"] "\t" said[kind, "Removed"] "\t" said[kind, "Replacement"]
      }' "$source/${of#*/}/v1beta1/zz_generated.prerelease-lifecycle.go" | sort
  done
} > "$here/../data/life-cycles.tsv"
