#!/usr/bin/env python3
"""custom-apis.py WORK

Writes ../data/custom-apis.tsv: which API versions of well-known projects their later releases deprecate or serve no more, as
the CustomResourceDefinitions say that each release brings. Releases come through the Go module proxy; WORK keeps them. Some
releases are not handed out: the first one at hand that does not serve a version is the one that is named.
`cargo xtask facts` packs the result.
"""

import collections
import io
import json
import os
import re
import subprocess
import sys
import zipfile

import yaml

# Name, its API groups by their last words, and the modules that its releases were, each with its minor releases from the
# oldest to the newest.
PROJECTS = [
    ("cert-manager", ["cert-manager.io", "certmanager.k8s.io"], [
        ("github.com/jetstack/cert-manager", (0, 5), (0, 16)),
        ("github.com/jetstack/cert-manager", (1, 0), (1, 7)),
        ("github.com/cert-manager/cert-manager", (1, 8), (1, 21)),
    ]),
    ("Cluster API", ["cluster.x-k8s.io", "cluster.k8s.io"], [
        ("sigs.k8s.io/cluster-api", (0, 2), (0, 4)), ("sigs.k8s.io/cluster-api", (1, 0), (1, 14))]),
    ("External Secrets", ["external-secrets.io"], [
        ("github.com/external-secrets/external-secrets", (0, 1), (0, 20)),
        ("github.com/external-secrets/external-secrets", (1, 0), (1, 3)),
    ]),
    ("external-snapshotter", ["snapshot.storage.k8s.io", "groupsnapshot.storage.k8s.io"], [
        ("github.com/kubernetes-csi/external-snapshotter/client/v4", (4, 0), (4, 2)),
        ("github.com/kubernetes-csi/external-snapshotter/client/v6", (6, 0), (6, 3)),
        ("github.com/kubernetes-csi/external-snapshotter/client/v8", (8, 0), (8, 7)),
    ]),
    ("Flux's helm-controller", ["toolkit.fluxcd.io"], [
        ("github.com/fluxcd/helm-controller", (0, 10), (0, 37)), ("github.com/fluxcd/helm-controller", (1, 0), (1, 6))]),
    ("Flux's kustomize-controller", ["toolkit.fluxcd.io"], [
        ("github.com/fluxcd/kustomize-controller", (0, 10), (0, 35)),
        ("github.com/fluxcd/kustomize-controller", (1, 0), (1, 10))]),
    ("Flux's notification-controller", ["toolkit.fluxcd.io"], [
        ("github.com/fluxcd/notification-controller", (0, 10), (0, 33)),
        ("github.com/fluxcd/notification-controller", (1, 0), (1, 9))]),
    ("Flux's source-controller", ["toolkit.fluxcd.io"], [
        ("github.com/fluxcd/source-controller", (0, 10), (0, 36)), ("github.com/fluxcd/source-controller", (1, 0), (1, 10))]),
    ("Gateway API", ["networking.k8s.io", "x-k8s.io"], [
        ("sigs.k8s.io/gateway-api", (0, 1), (0, 8)), ("sigs.k8s.io/gateway-api", (1, 0), (1, 7))]),
    ("Istio", ["istio.io"], [("istio.io/api", (1, 6), (1, 31))]),
    ("Karpenter", ["karpenter.sh"], [("sigs.k8s.io/karpenter", (0, 32), (0, 37)), ("sigs.k8s.io/karpenter", (1, 0), (1, 15))]),
    ("KEDA", ["keda.sh"], [("github.com/kedacore/keda/v2", (2, 0), (2, 21))]),
    ("Knative Serving", ["knative.dev"], [("knative.dev/serving", (0, 20), (0, 51))]),
    ("Kueue", ["kueue.x-k8s.io"], [("sigs.k8s.io/kueue", (0, 2), (0, 18))]),
    ("MetalLB", ["metallb.io"], [("go.universe.tf/metallb", (0, 11), (0, 16))]),
    ("Traefik", ["traefik.io", "traefik.containo.us"], [
        ("github.com/traefik/traefik/v2", (2, 4), (2, 11)), ("github.com/traefik/traefik/v3", (3, 0), (3, 7))]),
]

# Folders whose definitions are no part of a release.
FOREIGN = re.compile(r"(^|/)(test|tests|testdata|vendor|third_party|hack|e2e|examples?)/")


def fetch(module, version, work):
    """The archive of a release, or None where it is not handed out."""
    environment = dict(os.environ, GOMODCACHE=os.path.join(work, "modules"), GOFLAGS="-modcacherw")
    run = subprocess.run(["go", "mod", "download", "-json", f"{module}@{version}"], cwd=work, env=environment,
                         capture_output=True, text=True)
    return json.loads(run.stdout or "{}").get("Zip")


def documents(text):
    """Documents of a file whose lines may hold expressions of a template."""
    for part in re.split(r"^---.*$", text, flags=re.M):
        if "CustomResourceDefinition" not in part:
            continue
        lines = [line for line in part.split("\n") if "{{" not in line]
        try:
            yield yaml.load("\n".join(lines), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError:
            continue


def versions(spec):
    """Name, served and deprecated of each version of a definition, in both of its API versions."""
    listed = spec.get("versions") or ([{"name": spec["version"], "served": True}] if "version" in spec else [])
    for version in listed:
        yield version["name"], version.get("served", True), version.get("deprecated", False)


def release(archive, groups):
    """(group, kind) -> version -> (served, deprecated); a version counts as deprecated where no definition serves it otherwise."""
    found = collections.defaultdict(dict)
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            inner = name.split("@", 1)[1].split("/", 1)[1]
            if not name.endswith((".yaml", ".yml")) or FOREIGN.search(inner):
                continue
            text = io.TextIOWrapper(files.open(name), "utf-8", errors="replace").read()
            if "CustomResourceDefinition" not in text:
                continue
            for definition in documents(text):
                if not isinstance(definition, dict) or definition.get("kind") != "CustomResourceDefinition":
                    continue
                spec = definition.get("spec") or {}
                key = (spec.get("group"), (spec.get("names") or {}).get("kind"))
                # Parts of kustomizations have no names, and other projects come along.
                if not all(key) or not any(f".{key[0]}".endswith(f".{group}") for group in groups):
                    continue
                for version, served, deprecated in versions(spec):
                    was = found[key].get(version, (False, True))
                    found[key][version] = (was[0] or served, was[1] and (deprecated or not served))
    return found


def newest(of_kind):
    """The best version that a release serves: stable before beta before alpha, the higher number first."""
    def rank(version):
        parts = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
        if not parts:
            return (-1, 0, 0)
        major, stage, number = parts.groups()
        return ({None: 2, "beta": 1, "alpha": 0}[stage], int(major), int(number or 0))
    served = [version for version, (on, deprecated) in of_kind.items() if on and not deprecated]
    return max(served, key=rank, default=None)


def main():
    work = os.path.abspath(sys.argv[1])
    os.makedirs(work, exist_ok=True)
    rows, heads = [], []
    for project, groups, modules in PROJECTS:
        history = []
        for module, (major, first), (_, last) in modules:
            for minor in range(first, last + 1):
                tries = (f"v{major}.{minor}.{patch}" for patch in range(4))
                archive = next((found for version in tries if (found := fetch(module, version, work))), None)
                if archive:
                    found = release(archive, groups)
                    print(f"{project} {major}.{minor}: {len(found)} kinds", file=sys.stderr)
                    if found:
                        history.append((f"{major}.{minor}", found))
        if not history:
            print(f"{project}: nothing", file=sys.stderr)
            continue
        heads.append(f"{project} {history[0][0]} to {history[-1][0]}")
        last = history[-1][1]
        for key in sorted({key for _, found in history for key in found}):
            group, kind = key
            for version in sorted({version for _, found in history for version in found.get(key, {})}):
                states = [(at, found.get(key, {}).get(version, (False, True))) for at, found in history]
                served = [index for index, (_, state) in enumerate(states) if state[0]]
                if not served:
                    continue
                gone = states[served[-1] + 1][0] if served[-1] + 1 < len(states) else ""
                old = next((at for at, state in states if state[0] and state[1]), "")
                if not gone and not (states[-1][1][1]):
                    continue
                better = newest(last.get(key, {}))
                better = f"{group}/{better}" if better else next(
                    (f"{other}/{newest(of)}" for (other, named), of in sorted(last.items())
                     if named == kind and newest(of)), "")
                rows.append((f"{group}/{version}", kind, project, old, gone, better))
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../data/custom-apis.tsv"), "w") as out:
        out.write("# API version, kind, project, release that deprecates it, release that does not serve it, what to use.\n")
        out.write(f"# {', '.join(heads)}. Written by generator/custom-apis.py.\n")
        out.writelines("\t".join(row) + "\n" for row in rows)


main()
