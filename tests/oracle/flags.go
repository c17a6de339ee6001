package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

var flagsChild = flag.Bool("flags-child", false, "internal: one question on standard input")

// request is a question of "oracle flags".
type request struct {
	ID        string   `json:"id"`
	Component string   `json:"component"`
	Argv      []string `json:"argv"` // without the name of the program
}

func init() {
	oracles["flags"] = oracle{about: `command lines of the components: {"id": ..., "component": "kube-apiserver", "argv": ["--x=y"]} per line`, ask: func(id string, data []byte) {
		var r request
		if err := json.Unmarshal(data, &r); err != nil {
			verdict{ID: id}.failed("Unreadable", err.Error())
			return
		}
		v := verdict{ID: r.ID, Kind: r.Component}
		if !*flagsChild && r.isGlobal() {
			v.askChild(data)
			return
		}
		v.flags(r)
		v.done()
	}}
}

// isGlobal: feature gates and a few other settings belong to the whole process, so that such a question needs its own.
// kube-controller-manager changes the default of a gate when its options are made.
func (r request) isGlobal() bool {
	return r.Component == "kube-controller-manager" || slices.ContainsFunc(r.Argv, func(argument string) bool {
		return slices.ContainsFunc([]string{"feature-gates", "feature_gates", "emulated-version", "emulation-forward", "min-compatibility", "runtime-config", "version", "help", "log"}, func(part string) bool {
			return strings.Contains(argument, part)
		})
	})
}

func (v verdict) askChild(question []byte) {
	child := exec.Command(os.Args[0], "-flags-child", "flags")
	child.Stdin = bytes.NewReader(append(question, '\n'))
	answer, err := child.Output()
	if err != nil {
		v.fail(fmt.Errorf("the component ended the process: %w", err))
		v.done()
		return
	}
	_, _ = out.Write(answer)
}

func (v *verdict) flags(r request) {
	fresh, ok := components[r.Component]
	if !ok {
		v.fail(fmt.Errorf("component %q is not known to the oracle", r.Component))
		return
	}
	argv := v.localFiles(r.Component, r.Argv)
	parse, check := fresh()
	parse.SetOutput(io.Discard)
	if err := parse.Parse(argv); err != nil {
		v.fail(err)
		v.restOf(argv, err, fresh)
		return
	}
	if rest := parse.Args(); len(rest) > 0 {
		v.fail(fmt.Errorf("takes no arguments, got %q", rest))
	}
	parse.Visit(func(f *pflag.Flag) {
		if f.Deprecated != "" {
			v.Warnings = append(v.Warnings, "--"+f.Name+" is deprecated: "+f.Deprecated)
		}
	})
	check(v)
}

// restOf tries the arguments one by one, as parsing stops at the first that is wrong.
func (v *verdict) restOf(argv []string, first error, fresh func() (*pflag.FlagSet, func(*verdict))) {
	seen := map[string]bool{first.Error(): true}
	for _, argument := range argv {
		if !strings.HasPrefix(argument, "--") || !strings.Contains(argument, "=") {
			continue
		}
		parse, _ := fresh()
		parse.SetOutput(io.Discard)
		if err := parse.Parse([]string{argument}); err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			v.fail(err)
		}
	}
}
