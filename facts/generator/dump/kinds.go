//go:build c_apiserver || c_kcm || c_scheduler || c_kubelet || c_proxy || c_kubeadm

package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// field describes one JSON field of a versioned Go type.
type field struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // string, bool, integer, number, object, array, map, duration, time, quantity, intOrString, bytes or any
	GoType   string `json:"goType,omitempty"`
	Optional bool   `json:"optional,omitempty"` // omitempty or pointer
	Items    string `json:"items,omitempty"`    // element type of an array or map
	Ref      string `json:"ref,omitempty"`      // key in "types" when the value (or the element) is a struct
	MapKey   string `json:"mapKey,omitempty"`
	Embedded bool   `json:"embedded,omitempty"`
}

type kindFact struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Type       string `json:"type"`
	// Default: an empty object after defaulting. DefaultFull: the same with every
	// optional struct and list present once, which shows defaults of nested parts.
	Default     any    `json:"default,omitempty"`
	DefaultFull any    `json:"defaultFull,omitempty"`
	Problem     string `json:"problem,omitempty"`
}

type kindsFact struct {
	Kinds []kindFact         `json:"kinds"`
	Types map[string][]field `json:"types"`
}

// metaKinds are kinds that every scheme knows and nobody writes in a file.
var metaKinds = map[string]bool{"ListOptions": true, "GetOptions": true, "DeleteOptions": true, "CreateOptions": true,
	"UpdateOptions": true, "PatchOptions": true, "WatchEvent": true, "InternalEvent": true, "Status": true, "APIVersions": true,
	"APIGroupList": true, "APIGroup": true, "APIResourceList": true, "Table": true, "PartialObjectMetadata": true, "PartialObjectMetadataList": true}

func kindsOf(schemes ...*runtime.Scheme) kindsFact {
	out := kindsFact{Types: map[string][]field{}}
	seen := map[string]bool{}
	for _, s := range schemes {
		for gvk, t := range s.AllKnownTypes() {
			if gvk.Version == runtime.APIVersionInternal || metaKinds[gvk.Kind] {
				continue
			}
			id := gvk.GroupVersion().String() + "/" + gvk.Kind
			if seen[id] {
				continue
			}
			seen[id] = true
			k := kindFact{APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Type: goName(t)}
			describe(t, out.Types)
			k.Default, k.Problem = defaulted(s, t, false)
			k.DefaultFull, _ = defaulted(s, t, true)
			out.Kinds = append(out.Kinds, k)
		}
	}
	sort.Slice(out.Kinds, func(i, j int) bool {
		a, b := out.Kinds[i], out.Kinds[j]
		return a.APIVersion+"/"+a.Kind < b.APIVersion+"/"+b.Kind
	})
	return out
}

// plainType adds a type that is in no scheme (ImagePolicyWebhook's configuration, for example).
func (k *kindsFact) plainType(name string, v any) {
	t := reflect.TypeOf(v)
	describe(t, k.Types)
	k.Kinds = append(k.Kinds, kindFact{Kind: name, Type: goName(t)})
}

// defaulted gives an empty object its defaults; with full, one whose optional parts are there. The problem is what
// defaulting panics with.
func defaulted(s *runtime.Scheme, t reflect.Type, full bool) (v any, problem string) {
	defer func() {
		if r := recover(); r != nil {
			problem = fmt.Sprint(r)
		}
	}()
	p := reflect.New(t)
	if full {
		fill(p.Elem(), 0)
	}
	obj := p.Interface().(runtime.Object)
	s.Default(obj)
	b, err := json.Marshal(obj)
	if err != nil {
		return nil, err.Error()
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err.Error()
	}
	return v, ""
}

// fill makes every pointer to a struct non-nil and gives every list of structs one element.
func fill(v reflect.Value, depth int) {
	if depth > 8 || special(v.Type()) != "" {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			if v.Field(i).CanSet() {
				fill(v.Field(i), depth+1)
			}
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct && special(v.Type().Elem()) == "" && v.CanSet() {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		e := v.Type().Elem()
		if e.Kind() == reflect.Struct && special(e) == "" {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth+1)
		}
	}
}

func goName(t reflect.Type) string {
	if t.PkgPath() == "" {
		return t.String()
	}
	return t.PkgPath() + "." + t.Name()
}

// special names the types that JSON has in a form of their own.
func special(t reflect.Type) string {
	switch goName(t) {
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Duration":
		return "duration"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Time", "k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":
		return "time"
	case "k8s.io/apimachinery/pkg/api/resource.Quantity":
		return "quantity"
	case "k8s.io/apimachinery/pkg/util/intstr.IntOrString":
		return "intOrString"
	case "k8s.io/apimachinery/pkg/runtime.RawExtension", "k8s.io/apimachinery/pkg/runtime.Unknown":
		return "any"
	case "time.Duration":
		return "integer"
	}
	return ""
}

// typeOf names the JSON type of a Go type, of its items, the struct behind it, and the type of the keys of a map.
func typeOf(t reflect.Type, types map[string][]field) (kind, items, ref, key string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s := special(t); s != "" {
		return s, "", "", ""
	}
	switch t.Kind() {
	case reflect.String:
		return "string", "", "", ""
	case reflect.Bool:
		return "bool", "", "", ""
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "integer", "", "", ""
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer", "", "", ""
	case reflect.Float32, reflect.Float64:
		return "number", "", "", ""
	case reflect.Interface:
		return "any", "", "", ""
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes", "", "", ""
		}
		k, _, r, _ := typeOf(t.Elem(), types)
		return "array", k, r, ""
	case reflect.Map:
		k, _, r, _ := typeOf(t.Elem(), types)
		return "map", k, r, goName(t.Key())
	case reflect.Struct:
		describe(t, types)
		return "object", "", goName(t), ""
	}
	return t.Kind().String(), "", "", ""
}

// namedScalar returns the Go name of the string or number type of a field or of its elements,
// which is the key of its allowed values in the output of the enums program.
func namedScalar(t reflect.Type) string {
	for t.Kind() == reflect.Pointer || t.PkgPath() == "" && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		t = t.Elem()
	}
	if t.PkgPath() == "" || t.Kind() == reflect.Struct || special(t) != "" {
		return ""
	}
	return goName(t)
}

// describe adds the fields of a struct, and of the structs in it, to the types.
func describe(t reflect.Type, types map[string][]field) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	name := goName(t)
	if _, ok := types[name]; ok {
		return
	}
	types[name] = []field{} // types may hold themselves
	var fields []field
	for i := 0; i < t.NumField(); i++ {
		if f, ok := fieldOf(t.Field(i), types); ok {
			fields = append(fields, f)
		}
	}
	types[name] = fields
}

// fieldOf describes a field; false when JSON does not have it.
func fieldOf(sf reflect.StructField, types map[string][]field) (field, bool) {
	parts := strings.Split(sf.Tag.Get("json"), ",")
	if !sf.IsExported() && !sf.Anonymous || parts[0] == "-" {
		return field{}, false
	}
	f := field{Name: parts[0], Optional: sf.Type.Kind() == reflect.Pointer}
	for _, option := range parts[1:] {
		f.Optional = f.Optional || option == "omitempty" || option == "omitzero"
		f.Embedded = f.Embedded || option == "inline"
	}
	if f.Name == "" {
		f.Name = sf.Name
		f.Embedded = f.Embedded || sf.Anonymous
	}
	f.Type, f.Items, f.Ref, f.MapKey = typeOf(sf.Type, types)
	f.GoType = namedScalar(sf.Type)
	return f, true
}
