package main

import (
	"encoding/json"
	"strings"

	sigsyaml "sigs.k8s.io/yaml"
)

func init() {
	oracles["yaml"] = oracle{about: "sigs.k8s.io/yaml: strict conversion of each document to JSON", ask: func(id string, data []byte) {
		for _, d := range documents(data) {
			if strings.Contains(d.index, "items") {
				continue
			}
			v := d.verdict(id)
			value, err := sigsyaml.YAMLToJSONStrict(d.raw)
			if err != nil {
				v.add("", "Decode", err.Error())
				if value, err = sigsyaml.YAMLToJSON(d.raw); err == nil {
					v.Warnings = append(v.Warnings, "lenient conversion works")
				}
			}
			if err == nil {
				v.Value = json.RawMessage(value)
			}
			v.done()
		}
	}}
}
