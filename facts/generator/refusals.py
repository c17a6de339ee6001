#!/usr/bin/env python3
"""refusals.py ORACLE DUMPS VERDICTS CORPUS

Writes ../data/refusals.tsv: what the API server refuses beyond the types. ORACLE is a program that decodes, defaults and
validates objects with the real code (`oracle yaml` and `oracle api`: paths or JSON objects in, lines of JSON out), DUMPS the
folder of dumps (1.28/swagger.json, ...), VERDICTS what the oracle said of the files of CORPUS (api.jsonl).

Every field of an accepted object is dropped once, and every string spoiled once. A field without which all of these objects
are refused is required; the values that the refusal of a spoiled string names are its values. Both hold of the version of
the oracle; fields of other API versions and fields that no object of the corpus has stay out.
`cargo xtask facts` packs the result.
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

oracle, dumps, verdicts, corpus = sys.argv[1:5]
document = json.load(open(os.path.join(dumps, "1.37/swagger.json")))
definitions = document["definitions"]


def kinds():
    found = {}
    for name, definition in definitions.items():
        known = definition.get("x-kubernetes-group-version-kind", [])
        if len(known) == 1:
            group, version = known[0]["group"], known[0]["version"]
            found[(f"{group}/{version}" if group else version, known[0]["kind"])] = name
    return found


def accepted_objects():
    accepted = collections.defaultdict(set)
    for line in open(verdicts):
        verdict = json.loads(line)
        decoded_only = any("no strategy" in text for text in verdict.get("warnings", []))
        if verdict["ok"] and not decoded_only:
            accepted[verdict["file"]].add(verdict["doc"])
    paths = [os.path.join(corpus, name) for name in sorted(accepted)]
    for line in ask("yaml", paths):
        value, file = line.get("value"), os.path.relpath(line["file"], corpus)
        if not isinstance(value, dict):
            continue
        if line["doc"] in accepted[file]:
            yield value
        elif value.get("kind") == "List":
            items = value.get("items") or []
            yield from (item for index, item in enumerate(items) if f"{line['doc']}.items[{index}]" in accepted[file])


def ask(kind, lines):
    answer = subprocess.run([oracle, kind], input="\n".join(lines), capture_output=True, text=True, check=True)
    return (json.loads(line) for line in answer.stdout.splitlines())


def resolved(schema):
    name = None
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        schema = definitions[name]
    return name, schema


class Questions:
    def __init__(self, roots):
        self.roots = set(roots.values())
        self.asked = collections.Counter()
        self.absent = collections.Counter()
        self.all = []

    def walk(self, root, value, schema, path, place):
        name, schema = resolved(schema)
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
        reference, target = resolved(schema)
        if reference is None and target.get("type") == "string" and "format" not in target and isinstance(value, str):
            holder[field] = "kubevet-none"
            self.ask("spoil", root, name, field, path, place)
        holder[field] = value
        self.walk(root, value, schema, path, place)

    def ask(self, what, root, name, field, path, place):
        self.asked[what, name, field, place] += 1
        if self.asked[what, name, field, place] <= SAMPLES:
            self.all.append((what, name, field, path, json.dumps(root)))


def toleration_operators():
    # Behind a gate that is off by default; a cluster may have it on.
    enums = json.load(open(os.path.join(dumps, "1.37/enums.json")))
    return enums["k8s.io/api/core/v1.TolerationOperator"]["values"]


def main():
    roots = kinds()
    questions = Questions(roots)
    for one in accepted_objects():
        root = roots.get((one.get("apiVersion"), one.get("kind")))
        if root:
            questions.walk(one, one, {"$ref": "#/definitions/" + root}, "", one["kind"])
    answers = {answer["file"]: answer for answer in ask("api", [question[4] for question in questions.all])}

    dropped = collections.defaultdict(set)
    values = collections.defaultdict(set)
    for what, name, field, path, text in questions.all:
        errors = answers[text].get("errors", []) if text in answers else None
        if errors is None:
            continue
        mine = [error for error in errors if error.startswith(path + ": ")]
        if what == "drop":
            dropped[name, field].add("here" if mine else "elsewhere" if errors else "accepted")
        for error in mine if what == "spoil" else []:
            if "Unsupported value" in error and "supported values: " in error:
                values[name, field] |= set(re.findall(r'"([^"]*)"', error.split("supported values: ")[1]))

    rows = []
    for (name, field), outcomes in dropped.items():
        short = name.rsplit(".", 1)[-1]
        # Schemas of custom resources are required by what stands beside them; names have a rule of their own.
        if "accepted" in outcomes or (short, field) in CONDITIONAL or field == "metadata" or short == "JSONSchemaProps":
            continue
        holder = field in ("spec", "template", "schema", "requests", "resources")
        always = questions.absent[name, field] == 0 and (outcomes == {"here"} or holder)
        if field in definitions[name].get("required", []) or always:
            rows.append((name, field, "required"))
    for (name, field), known in values.items():
        short = name.rsplit(".", 1)[-1]
        known.discard("")
        if (short, field) == ("Toleration", "operator"):
            known |= set(toleration_operators())
        # A pattern is no value.
        if (short, field) not in OPEN_VALUES and not any("{" in one for one in known):
            rows.append((name, field, ",".join(sorted(known))))
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../data/refusals.tsv")
    with open(target, "w") as out:
        out.write("# What the API server of Kubernetes 1.37.1 refuses beyond the types: fields without which it refuses an object, and the\n")
        out.write("# values that it takes of a string. Written by generator/refusals.py.\n")
        out.writelines("\t".join(row) + "\n" for row in sorted(rows))


main()
