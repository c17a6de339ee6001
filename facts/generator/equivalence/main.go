// equivalence prints which command-line flags of a component set which fields of its configuration file.
//
// Nothing is read from names or texts: every flag is set, alone, to a value other than its default, and the
// configuration object, converted to the version that people write in files, is compared with the one that the flag
// did not touch. A flag that moves exactly one field is equivalent to it; where several flags move the same one, those
// that are not deprecated win. One binary per component (build tag c_NAME), because feature gates and metrics register
// themselves when a package is imported.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// A trial is a fresh set of flags, and the configuration that results from what has been set in it.
type trial struct {
	flags  *pflag.FlagSet
	result func() (any, error)
}

// component is set by the file of the component that the build tag chooses.
var component = struct {
	name string
	try  func() (trial, error)
	// settings: flags that are set before, because others count only beside them. The first that shows a move counts.
	settings []map[string]string
}{settings: []map[string]string{nil}}

func main() {
	pairs, err := equivalence()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, pair := range pairs {
		fmt.Printf("%s\t%s\t%s\n", component.name, pair.flag.Name, pair.field)
	}
}

type pair struct {
	flag  *pflag.Flag
	field string
}

// equivalence pairs each flag that moves exactly one field with that field, by the flag's name.
func equivalence() ([]pair, error) {
	untouched, err := component.try()
	if err != nil {
		return nil, err
	}
	var found []pair
	untouched.flags.VisitAll(func(flag *pflag.Flag) {
		changed, problem := moves(flag)
		switch {
		case problem != nil:
			err = fmt.Errorf("--%s: %w", flag.Name, problem)
		case len(changed) == 1:
			found = append(found, pair{flag, changed[0]})
		default:
			fmt.Fprintf(os.Stderr, "--%s moves %d fields %s\n", flag.Name, len(changed), strings.Join(changed, " "))
		}
	})
	return slices.DeleteFunc(found, func(one pair) bool {
		return one.flag.Deprecated != "" && slices.ContainsFunc(found, func(other pair) bool {
			return other.field == one.field && other.flag.Deprecated == ""
		})
	}), err
}

// moves lists the fields that the first value moves that moves any.
func moves(flag *pflag.Flag) ([]string, error) {
	for _, settings := range component.settings {
		before, err := after(settings, "", "")
		if err != nil {
			return nil, err
		}
		for _, value := range values(flag) {
			moved, err := after(settings, flag.Name, value)
			if err != nil {
				continue // the flag, or the configuration, refuses values of this form
			}
			if changed := difference(before, moved); len(changed) > 0 {
				return changed, nil
			}
		}
	}
	return nil, nil
}

// after gives the fields of the configuration after the settings, and then one more flag, are set.
func after(settings map[string]string, name, value string) (map[string]string, error) {
	one, err := component.try()
	if err != nil {
		return nil, err
	}
	one.flags.SetOutput(io.Discard) // every use of a deprecated flag would be told
	for name, value := range settings {
		if err := one.flags.Set(name, value); err != nil {
			return nil, err
		}
	}
	if name != "" {
		if err := one.flags.Set(name, value); err != nil {
			return nil, err
		}
	}
	config, err := one.result()
	if err != nil {
		return nil, err
	}
	return fields(config)
}

// values are candidates other than the flag's default, in the forms that flags take.
func values(flag *pflag.Flag) []string {
	switch flag.Value.Type() {
	case "bool":
		on, _ := strconv.ParseBool(flag.DefValue)
		return []string{strconv.FormatBool(!on)}
	case "duration":
		length, _ := time.ParseDuration(flag.DefValue)
		return []string{(length + time.Second).String()}
	}
	if number, err := strconv.ParseFloat(flag.DefValue, 64); err == nil {
		return []string{strconv.FormatFloat(number+1, 'f', -1, 64)}
	}
	return []string{
		"kubevet", "10.9.8.7", "10.9.8.7:6543", "10.9.8.0/24", "7", "7s", "7Mi", "json", "nftables",
		"kubevet=7", "AllAlpha=false", "kubevet:7", "cpu=7m", "memory=7%", "memory.available<7Mi",
		"memory.available=7s", "kubevet=7:NoSchedule", "0:memory=7Mi",
	}
}

// fields flattens the configuration to the paths of its scalars, lists and open maps.
func fields(config any) (map[string]string, error) {
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	found := map[string]string{}
	return found, flatten(reflect.TypeOf(config), value, "", found)
}

// flatten follows the Go type, so that a map whose keys people choose stays one field.
func flatten(t reflect.Type, value any, path string, found map[string]string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	object, isObject := value.(map[string]any)
	if !isObject || t.Kind() != reflect.Struct {
		text, err := json.Marshal(value)
		found[path] = string(text)
		return err
	}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner, there := object[name]
		switch {
		case name == "" && field.Anonymous:
			name, inner = path, value
		case !there:
			continue
		case path != "":
			name = path + "." + name
		}
		if err := flatten(field.Type, inner, name, found); err != nil {
			return err
		}
	}
	return nil
}

// difference lists, in order, the paths whose values differ.
func difference(before, after map[string]string) []string {
	var changed []string
	for path, text := range after {
		if old, there := before[path]; !there || old != text {
			changed = append(changed, path)
		}
	}
	for path := range before {
		if _, there := after[path]; !there {
			changed = append(changed, path)
		}
	}
	slices.Sort(changed)
	return changed
}
