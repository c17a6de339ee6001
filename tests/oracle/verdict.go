package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// verdict is what Kubernetes says of one document.
type verdict struct {
	ID         string    `json:"id"`
	Doc        string    `json:"doc,omitempty"` // see document.index
	APIVersion string    `json:"apiVersion,omitempty"`
	Kind       string    `json:"kind,omitempty"`
	OK         bool      `json:"ok"`
	Errors     []problem `json:"errors,omitempty"`
	Warnings   []string  `json:"warnings,omitempty"`
	Value      any       `json:"value,omitempty"`
}

// problem is one error. Type is the one of field.Error without its prefix (Required, Invalid, Duplicate, NotSupported,
// Forbidden, NotFound, TooLong, TooMany, TypeInvalid), or, before validation, Decode, UnknownField, DuplicateField,
// NotServed, UnknownKind; Other is an error that names no field.
type problem struct {
	Field string `json:"field,omitempty"`
	Type  string `json:"type"`
	Text  string `json:"text"`
}

func emit(v verdict) {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		fmt.Fprintln(os.Stderr, v.ID, err)
	}
}

func (v verdict) done() {
	v.OK = len(v.Errors) == 0
	emit(v)
}

func (v verdict) failed(kind, text string) {
	v.add("", kind, text)
	v.done()
}

func (v *verdict) add(path, kind, text string) {
	v.Errors = append(v.Errors, problem{path, strings.TrimPrefix(kind, "FieldValue"), text})
}

func (v *verdict) fields(errs field.ErrorList) {
	for _, e := range errs {
		v.add(e.Field, string(e.Type), e.ErrorBody())
	}
}

// fail unpacks an error into the problems it stands for.
func (v *verdict) fail(err error) {
	if err == nil {
		return
	}
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		for _, e := range strict.Errors() {
			v.strict(e.Error())
		}
		return
	}
	var one *field.Error
	var status *apierrors.StatusError
	var many interface{ Errors() []error }
	switch {
	case errors.As(err, &one):
		v.add(one.Field, string(one.Type), one.ErrorBody())
	case errors.As(err, &status) && status.ErrStatus.Details != nil && len(status.ErrStatus.Details.Causes) > 0:
		for _, cause := range status.ErrStatus.Details.Causes {
			v.add(cause.Field, string(cause.Type), cause.Message)
		}
	case errors.As(err, &many):
		for _, e := range many.Errors() {
			v.fail(e)
		}
	case runtime.IsNotRegisteredError(err):
		v.add("", "UnknownKind", err.Error()) // options of requests, say
	default:
		v.decoding(err.Error())
	}
}

var (
	strictField = regexp.MustCompile(`^(unknown|duplicate) field "(.*)"$`)
	doubledKey  = regexp.MustCompile(`key "(.*)" already set in map`)
	wrongType   = regexp.MustCompile(`^json: cannot unmarshal .* into Go struct field [^. ]*\.?([^ ]*) of type`)
)

// strict takes the path out of what the strict decoder says.
func (v *verdict) strict(text string) {
	if m := strictField.FindStringSubmatch(text); m != nil {
		kind := map[string]string{"unknown": "UnknownField", "duplicate": "DuplicateField"}[m[1]]
		v.add(m[2], kind, text)
		return
	}
	if m := doubledKey.FindStringSubmatch(text); m != nil {
		v.add(m[1], "DuplicateField", text) // no path, the key alone
		return
	}
	v.add("", "Decode", text)
}

// decoding takes the path out of what the JSON decoder says: fields without the numbers of list items.
func (v *verdict) decoding(text string) {
	if m := wrongType.FindStringSubmatch(text); m != nil {
		v.add(m[1], "Decode", text)
		return
	}
	for _, part := range []string{"cannot unmarshal", "illegal base64", "parsing time", "quantities must match", "parse error", "unmarshaling", "converting YAML", "unable to parse quantity", "cannot parse"} {
		if strings.Contains(text, part) {
			v.add("", "Decode", text)
			return
		}
	}
	v.add("", "Other", text)
}
