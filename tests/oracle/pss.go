package main

import (
	"flag"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/admission"
	psapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

var pssVersion = flag.String("pss-version", "latest", "version of the Pod Security Standards")

func init() {
	decoder := serializer.NewCodecFactory(clientscheme.Scheme).UniversalDeserializer()
	oracles["pss"] = oracle{about: "the Pod Security Standards baseline and restricted, of each workload", ask: func(id string, data []byte) {
		for _, d := range documents(data) {
			if d.kind == "" || d.err != nil {
				continue
			}
			v := d.verdict(id)
			if v.levels(d, decoder) {
				v.done()
			}
		}
	}}
}

// levels evaluates the pod of a document, and is false when it has none.
func (v *verdict) levels(d document, decoder runtime.Decoder) bool {
	version, err := psapi.ParseVersion(*pssVersion)
	if err != nil {
		panic(err)
	}
	evaluator, err := newEvaluator()
	if err != nil {
		panic(err)
	}
	o, _, err := decoder.Decode(d.raw, nil, nil)
	if err != nil {
		return false
	}
	meta, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(o)
	if err != nil || spec == nil {
		return false
	}
	levels := map[string]any{}
	for _, level := range []psapi.Level{psapi.LevelBaseline, psapi.LevelRestricted} {
		r := policy.AggregateCheckResults(evaluator.EvaluatePod(psapi.LevelVersion{Level: level, Version: version}, meta, spec))
		said := map[string]any{"allowed": r.Allowed}
		if !r.Allowed {
			said["reasons"], said["details"] = r.ForbiddenReasons, r.ForbiddenDetails
		}
		levels[string(level)] = said
	}
	v.Value = levels
	return true
}
