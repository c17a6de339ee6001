package main

import (
	"flag"

	"k8s.io/apimachinery/pkg/runtime/serializer"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/admission"
	psapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

var pssVersion = flag.String("pss-version", "latest", "version of the Pod Security Standards")

func init() {
	dec := serializer.NewCodecFactory(clientscheme.Scheme).UniversalDeserializer()
	oracles["pss"] = oracle{about: "Pod Security Standards verdict for baseline and restricted, per workload document", ask: func(id string, data []byte) {
		version, err := psapi.ParseVersion(*pssVersion)
		if err != nil {
			panic(err)
		}
		eval, err := newEvaluator()
		if err != nil {
			panic(err)
		}
		for _, d := range documents(data) {
			if d.kind == "" || d.err != nil {
				continue
			}
			o, _, err := dec.Decode(d.raw, nil, nil)
			if err != nil {
				continue
			}
			meta, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(o)
			if err != nil || spec == nil {
				continue
			}
			v := d.verdict(id)
			levels := map[string]any{}
			for _, l := range []psapi.Level{psapi.LevelBaseline, psapi.LevelRestricted} {
				r := policy.AggregateCheckResults(eval.EvaluatePod(psapi.LevelVersion{Level: l, Version: version}, meta, spec))
				level := map[string]any{"allowed": r.Allowed}
				if !r.Allowed {
					level["reasons"], level["details"] = r.ForbiddenReasons, r.ForbiddenDetails
				}
				levels[string(l)] = level
			}
			v.Value = levels
			v.done()
		}
	}}
}
