package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	sigsyaml "sigs.k8s.io/yaml"
)

// decode decodes strictly, and still returns the object when only unknown and duplicate fields are wrong.
func (v *verdict) decode(s *runtime.Scheme, raw []byte) (obj runtime.Object) {
	defer func() {
		// Defaulting a KubeletConfiguration with an unknown feature gate panics in the kubelet too.
		if r := recover(); r != nil {
			v.add("", "Panic", fmt.Sprint(r))
			if rest := withoutGates(raw); rest != nil {
				obj = v.decode(s, rest)
			}
		}
	}()
	o, _, err := serializer.NewCodecFactory(s, serializer.EnableStrict).UniversalDecoder().Decode(raw, nil, nil)
	v.fail(err)
	if err != nil && runtime.IsStrictDecodingError(err) {
		o, _, err = serializer.NewCodecFactory(s).UniversalDecoder().Decode(raw, nil, nil)
		v.fail(err)
	}
	if err != nil {
		return nil
	}
	return o
}

// withoutGates drops the feature gates of a document, so that the rest of it can be judged; nil when it has none.
func withoutGates(raw []byte) []byte {
	var fields map[string]any
	if sigsyaml.Unmarshal(raw, &fields) != nil || fields["featureGates"] == nil {
		return nil
	}
	delete(fields, "featureGates")
	rest, err := sigsyaml.Marshal(fields)
	if err != nil {
		return nil
	}
	return rest
}
