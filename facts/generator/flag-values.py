#!/usr/bin/env python3
"""flag-values.py ORACLE DUMPS

Writes ../data/flag-values.tsv: the values that string flags take, where the component refuses every other one. ORACLE is a
program that reads a command line with the real code and validates it (`oracle flags`: lines of JSON with `component` and
`argv` in, verdicts out), DUMPS the folder of dumps (1.37/kubelet.json, ...).

Every string flag gets a value that nothing can be; where that is refused, the words of its usage and of the refusal are tried.
Flags that take paths, addresses, numbers or pairs are not of this sort. `cargo xtask facts` packs the result.
"""

import json
import os
import re
import subprocess
import sys

oracle, dumps = sys.argv[1:3]
NEWEST = "1.37"
DUMPS = {
    "kube-apiserver": "apiserver", "kube-controller-manager": "kcm", "kube-scheduler": "scheduler", "kube-proxy": "proxy",
    "kubelet": "kubelet",
}
# Without these, the component does not look at the flags beside them.
ENABLERS = {
    "kube-apiserver": [
        "--audit-log-path=/var/log/audit.log", "--audit-webhook-config-file=/etc/audit.yaml", "--audit-policy-file=/etc/policy.yaml",
        "--authentication-token-webhook-config-file=/etc/token.yaml",
    ],
    "kubelet": ["--cgroup-root=/"],
}
# Other facts have the values of the first ones; Windows, older versions and any header beside the standard one are why the
# others take more than is seen here.
ELSEWHERE = {
    "admission-control", "authorization-mode", "cloud-provider", "controllers", "disable-admission-plugins", "enable-admission-plugins",
    "feature-gates", "logging-format", "tls-cipher-suites", "tls-min-version",
} | {"proxy-mode", "cidr-allocator-type", "requestheader-uid-headers"}
OPEN = ["10.0.0.0/8", "10.0.0.1", "10.0.0.1:80", "https://a.example.org", "/etc/x", "5", "1.36", "a=b", "1-2", "max-age=5"]
GARBAGE = "no-such-value"


def ask(requests):
    lines = [json.dumps({"file": str(at), "component": component, "argv": argv}) for at, (component, argv) in enumerate(requests)]
    run = subprocess.run([oracle, "flags"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    said = {}
    for line in run.stdout.splitlines():
        verdict = json.loads(line)
        said[int(verdict["file"])] = verdict.get("errors") or []
    return [said[at] for at in range(len(requests))]


def main():
    flags, version = [], ""
    for component, name in DUMPS.items():
        dump = json.load(open(os.path.join(dumps, NEWEST, f"{name}.json")))
        version = dump.get("version", NEWEST)
        for flag in dump["flags"]:
            textual = flag["type"] in ("string", "stringSlice", "stringArray", "ProxyMode", "LocalMode")
            if textual and flag["name"] not in ELSEWHERE | {"config", "kubeconfig", "version", "help"}:
                flags.append((component, flag))
    base = dict(zip(DUMPS, ask([(component, ENABLERS.get(component, [])) for component in DUMPS])))

    def refusals(questions):
        """What is said of each (component, flag, value) that is not said anyway."""
        answers = ask([(of, ENABLERS.get(of, []) + [f"--{name}={value}"]) for of, name, value in questions])
        return [[error for error in errors if error not in base[of]] for (of, _, _), errors in zip(questions, answers)]

    tried = refusals([(of, flag["name"], GARBAGE) for of, flag in flags])
    refused = [(of, flag, errors) for (of, flag), errors in zip(flags, tried) if errors]
    rows = []
    for of, flag, errors in refused:
        text = " ".join([flag.get("usage", ""), flag.get("default", "")] + errors)
        words = {word for word in re.findall(r"[A-Za-z][A-Za-z0-9./-]*", text.replace(GARBAGE, "")) if len(word) > 1}
        words = sorted({word.rstrip(".") for word in words} | {text for text in [flag.get("default", "").strip("[]")] if text})
        answers = refusals([(of, flag["name"], word) for word in words + OPEN])
        # A value that is refused for another reason is one all the same: it wants another flag beside it.
        same = [said == [error.replace(GARBAGE, word) for error in errors] for word, said in zip(words + OPEN, answers)]
        taken = [word for word, alike in zip(words + OPEN, same) if not alike]
        if taken and not set(taken) & set(OPEN) and len(taken) < 12:
            rows.append((of, flag["name"], ",".join(taken)))
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../data/flag-values.tsv"), "w") as out:
        out.write("# Component, flag, the values that it takes; every other one is refused.\n")
        out.write(f"# Kubernetes {version}. Written by generator/flag-values.py.\n")
        out.writelines("\t".join(row) + "\n" for row in sorted(rows))


main()
