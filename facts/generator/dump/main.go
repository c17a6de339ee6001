// dump prints what one component of one Kubernetes version accepts, as JSON: flags, feature gates, kinds of configuration
// files with their defaults, and what else its code alone knows.
//
// One binary per component (build tag c_NAME), because feature gates register themselves when a package is imported: only
// a binary that imports just that component knows exactly its gates.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"github.com/spf13/pflag"
)

// sections are what is dumped, by name: the files of the components add theirs.
var sections = map[string]func() any{}

func section(name string, f func() any) { sections[name] = f }

func main() {
	out := map[string]any{}
	names := make([]string, 0, len(sections))
	for n := range sections {
		names = append(names, n)
	}
	// Flags come first: making the options of kube-controller-manager changes the default of a gate.
	sort.Slice(names, func(i, j int) bool {
		if (names[i] == "flags") != (names[j] == "flags") {
			return names[i] == "flags"
		}
		return names[i] < names[j]
	})
	for _, n := range names {
		out[n] = sections[n]()
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type flagFact struct {
	Name                string              `json:"name"`
	Shorthand           string              `json:"shorthand,omitempty"`
	Type                string              `json:"type"`
	Default             string              `json:"default"`
	NoValue             string              `json:"noValue,omitempty"` // value taken when the flag stands alone
	Deprecated          string              `json:"deprecated,omitempty"`
	ShorthandDeprecated string              `json:"shorthandDeprecated,omitempty"`
	Hidden              bool                `json:"hidden,omitempty"`
	Annotations         map[string][]string `json:"annotations,omitempty"`
	Usage               string              `json:"usage,omitempty"`
}

func flags(sets ...*pflag.FlagSet) []flagFact {
	seen := map[string]bool{}
	var out []flagFact
	for _, fs := range sets {
		fs.VisitAll(func(f *pflag.Flag) {
			if seen[f.Name] {
				return
			}
			seen[f.Name] = true
			out = append(out, flagFact{f.Name, f.Shorthand, f.Value.Type(), f.DefValue, f.NoOptDefVal,
				f.Deprecated, f.ShorthandDeprecated, f.Hidden, f.Annotations, f.Usage})
		})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
