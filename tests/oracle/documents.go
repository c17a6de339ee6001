package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// document is one document of a stream, or one item of a List in it.
type document struct {
	index            string // its number in the stream, or "N.items[M]"
	raw              []byte
	apiVersion, kind string
	err              error
}

// documents splits a stream as the Kubernetes decoders do; the numbers count empty documents too.
func documents(data []byte) []document {
	var all []document
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for i := 0; ; i++ {
		raw, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		d := document{index: strconv.Itoa(i), raw: bytes.Clone(raw), err: err}
		if err != nil {
			return append(all, d)
		}
		items := d.head()
		all = append(all, d)
		if d.kind == "List" && d.apiVersion == "v1" {
			for j, item := range items {
				one := document{index: fmt.Sprintf("%d.items[%d]", i, j), raw: item}
				one.head()
				all = append(all, one)
			}
		}
	}
}

// head fills in apiVersion and kind, and returns the elements when there is a list "items".
func (d *document) head() []json.RawMessage {
	var head struct {
		APIVersion string          `json:"apiVersion"`
		Kind       string          `json:"kind"`
		Items      json.RawMessage `json:"items"`
	}
	d.err = sigsyaml.Unmarshal(d.raw, &head)
	d.apiVersion, d.kind = head.APIVersion, head.Kind
	var items []json.RawMessage
	_ = json.Unmarshal(head.Items, &items)
	return items
}

func (d document) verdict(id string) verdict {
	return verdict{ID: id, Doc: d.index, APIVersion: d.apiVersion, Kind: d.kind}
}
