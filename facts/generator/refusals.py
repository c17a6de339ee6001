#!/usr/bin/env python3
"""refusals.py CORPUS DUMPS ORACLE...

Writes ../data/refusals.tsv: what the API server refuses beyond the types. An ORACLE (tests/oracle; its name ends in its
minor version, oracle-1.37) decodes, defaults and validates objects with the real code; DUMPS is the folder of dumps
(1.37/swagger.json, ...), CORPUS a folder of manifests.

Every field of an accepted object is dropped once, and every string spoiled once. A field without which all of these objects
are refused is required; the values that the refusal of a spoiled string names are its values. Fields of other API versions
and fields that no object of the corpus has stay out. What not every version says has the versions that say it beside it;
versions between two that say different things say what either of them accepts. `cargo xtask facts` packs the result.
"""

import collections
import json
import os
import re
import subprocess
import sys

# Questions for one field in one place of one kind.
SAMPLES = 10

# Fields that the objects of the corpus need for a reason of their own: there is another way to say it, or another version
# of Kubernetes accepts the object without it.
CONDITIONAL = {
    ("CrossVersionObjectReference", "apiVersion"),
    ("EndpointSubset", "addresses"),
    ("FlockerVolumeSource", "datasetName"),
    ("IngressServiceBackend", "port"),
    ("MatchResources", "resourceRules"),
    ("MetricSpec", "resource"),
    ("Mutation", "applyConfiguration"),
    ("PodResourceClaim", "resourceClaimTemplateName"),
    ("PolicyRule", "apiGroups"),
    ("PolicyRule", "resources"),
    ("ResourcePolicyRule", "namespaces"),
    ("TopologySelectorTerm", "matchLabelExpressions"),
    ("VolumeAttachmentSource", "persistentVolumeName"),
    ("WebhookClientConfig", "service"),
    ("WebhookConversion", "clientConfig"),
}

# Strings whose refusal does not name every value: `requests.hugepages-2Mi` is one too.
OPEN_VALUES = {("ResourceFieldSelector", "resource")}

corpus, dumps, *oracles = sys.argv[1:]


def minor_of(oracle):
    return int(oracle.rsplit("1.", 1)[1])


class Version:
    """One version of Kubernetes: its definitions, and the program that asks its API server."""

    def __init__(self, oracle):
        self.oracle = os.path.abspath(oracle)
        self.minor = minor_of(oracle)
        self.dump = os.path.join(dumps, f"1.{self.minor}")
        self.definitions = json.load(open(os.path.join(self.dump, "swagger.json")))["definitions"]

    def kinds(self):
        found = {}
        for name, definition in self.definitions.items():
            known = definition.get("x-kubernetes-group-version-kind", [])
            if len(known) == 1:
                group, version = known[0]["group"], known[0]["version"]
                found[(f"{group}/{version}" if group else version, known[0]["kind"])] = name
        return found

    def resolved(self, schema):
        name = None
        while "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            schema = self.definitions[name]
        return name, schema

    def ask(self, kind, lines):
        answer = subprocess.run([self.oracle, kind], input="\n".join(lines), capture_output=True, text=True, check=True, cwd=corpus)
        return (json.loads(line) for line in answer.stdout.splitlines())

    def accepted_objects(self):
        files = sorted(
            os.path.relpath(os.path.join(folder, name), corpus)
            for folder, _, names in os.walk(corpus)
            for name in names
            if name.endswith((".yaml", ".yml", ".json"))
        )
        accepted = collections.defaultdict(set)
        for verdict in self.ask("api", files):
            decoded_only = any("no strategy" in text for text in verdict.get("warnings", []))
            if verdict["ok"] and not decoded_only:
                accepted[verdict["id"]].add(verdict["doc"])
        for line in self.ask("yaml", sorted(accepted)):
            value, known = line.get("value"), accepted[line["id"]]
            if not isinstance(value, dict):
                continue
            if line["doc"] in known:
                yield value
            elif value.get("kind") == "List":
                items = value.get("items") or []
                yield from (item for index, item in enumerate(items) if f"{line['doc']}.items[{index}]" in known)

    def toleration_operators(self):
        # Behind a gate that is off by default; a cluster may have it on.
        enums = json.load(open(os.path.join(self.dump, "enums.json")))
        return enums["k8s.io/api/core/v1.TolerationOperator"]["values"]


class Questions:
    """Every question about a version, at most SAMPLES of the same."""

    def __init__(self, version):
        self.version = version
        self.kinds = version.kinds()
        self.roots = set(self.kinds.values())
        self.asked = collections.Counter()
        self.absent = collections.Counter()
        self.all = []

    def walk(self, root, value, schema, path, place):
        name, schema = self.version.resolved(schema)
        if isinstance(value, dict) and "properties" in schema:
            for field, below in schema["properties"].items():
                if name in self.roots and field in ("apiVersion", "kind", "status"):
                    continue
                if name.endswith("meta.v1.ObjectMeta") and field != "ownerReferences":
                    continue
                self.field(root, value, name, field, below, path, place)
        elif isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
            for key, one in value.items():
                self.walk(root, one, schema["additionalProperties"], f"{path}[{key}]", place)
        elif isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                self.walk(root, item, schema["items"], f"{path}[{index}]", place)

    def field(self, root, holder, name, field, schema, path, place):
        if holder.get(field) is None:
            self.absent[name, field] += 1
            return
        path, place, value = f"{path}.{field}".lstrip("."), f"{place}.{field}", holder[field]
        del holder[field]
        self.ask("drop", root, name, field, path, place)
        reference, target = self.version.resolved(schema)
        if reference is None and target.get("type") == "string" and "format" not in target and isinstance(value, str):
            holder[field] = "kubevet-none"
            self.ask("spoil", root, name, field, path, place)
        holder[field] = value
        self.walk(root, value, schema, path, place)

    def ask(self, what, root, name, field, path, place):
        self.asked[what, name, field, place] += 1
        if self.asked[what, name, field, place] <= SAMPLES:
            self.all.append((what, name, field, path, json.dumps(root)))


def observed(version):
    """What a version says of each field that was dropped or spoiled: `required`, its values, or nothing."""
    questions = Questions(version)
    for one in version.accepted_objects():
        root = questions.kinds.get((one.get("apiVersion"), one.get("kind")))
        if root:
            questions.walk(one, one, {"$ref": "#/definitions/" + root}, "", one["kind"])
    lines = [f'{{"id": "{index}", "object": {question[4]}}}' for index, question in enumerate(questions.all)]
    answers = {answer["id"]: answer for answer in version.ask("api", lines)}

    dropped = collections.defaultdict(set)
    values = collections.defaultdict(set)
    for index, (what, name, field, path, _) in enumerate(questions.all):
        answer = answers.get(str(index))
        if answer is None:
            continue
        # A field that is not known is no refusal of what the object says.
        errors = [error for error in answer.get("errors", []) if error["type"] not in ("UnknownField", "DuplicateField")]
        mine = [error for error in errors if error.get("field") == path]
        if what == "drop":
            dropped[name, field].add("here" if mine else "elsewhere" if errors else "accepted")
        for error in mine if what == "spoil" else []:
            if "Unsupported value" in error["text"] and "supported values: " in error["text"]:
                values[name, field] |= set(re.findall(r'"([^"]*)"', error["text"].split("supported values: ")[1]))
    return said_of_required(version, questions, dropped), said_of_values(version, dropped, values)


def said_of_required(version, questions, dropped):
    said = {}
    for (name, field), outcomes in dropped.items():
        short = name.rsplit(".", 1)[-1]
        holder = field in ("spec", "template", "schema", "requests", "resources")
        always = questions.absent[name, field] == 0 and (outcomes == {"here"} or holder)
        listed = field in version.definitions[name].get("required", [])
        # Schemas of custom resources are required by what stands beside them; names have a rule of their own.
        other = (short, field) in CONDITIONAL or field == "metadata" or short == "JSONSchemaProps"
        required = "accepted" not in outcomes and not other and (listed or always)
        said[name, field] = "required" if required else None
    return said


def said_of_values(version, dropped, values):
    said = dict.fromkeys(dropped)
    for (name, field), known in values.items():
        short = name.rsplit(".", 1)[-1]
        known.discard("")
        if (short, field) == ("Toleration", "operator"):
            known |= set(version.toleration_operators())
        # A pattern is no value.
        if (short, field) not in OPEN_VALUES and not any("{" in one for one in known):
            said[name, field] = ",".join(sorted(known))
    return said


def rows(by_minor):
    """One row for what all versions say that know a field, else one for each range of versions that say the same."""
    for key in sorted({key for said in by_minor.values() for key in said}):
        ranges = []
        for minor in sorted(by_minor):
            what = by_minor[minor].get(key, ranges[-1][2] if ranges else None)
            if key not in by_minor[minor] and not ranges:
                continue
            if ranges and ranges[-1][2] == what:
                ranges[-1][1] = minor
            else:
                ranges.append([minor, minor, what])
        for (_, before, old), later in zip(ranges, ranges[1:]):
            after, _, new = later
            if old and new and after - before > 1:
                either = ",".join(sorted({*old.split(","), *new.split(",")}))
                if either == new:
                    later[0] = before + 1
                else:
                    yield [*key, either, f"{before + 1}-{after - 1}"]
        for index, (first, last, what) in enumerate(ranges):
            # The oldest holds for older ones too, as nobody was asked who knows better.
            first = "" if index == 0 else first
            last = "" if index == len(ranges) - 1 else last
            versions = [] if len(ranges) == 1 else [f"{first}-{last}"]
            if what:
                yield [*key, what, *versions]


def main():
    versions = [Version(oracle) for oracle in sorted(oracles, key=minor_of)]
    required, values = {}, {}
    for version in versions:
        required[version.minor], values[version.minor] = observed(version)
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../data/refusals.tsv")
    with open(target, "w") as out:
        minors = " ".join(f"1.{version.minor}" for version in versions)
        out.write("# What the API server refuses beyond the types: fields without which it refuses an object, and the values that it takes\n")
        out.write(f"# of a string; the minor versions, where not all say so. Observed of Kubernetes {minors}. Written by generator/refusals.py.\n")
        out.writelines("\t".join(row) + "\n" for row in sorted([*rows(required), *rows(values)]))


main()
