package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/sets"
	rqinstall "k8s.io/apiserver/pkg/admission/plugin/resourcequota/apis/resourcequota/install"
	"k8s.io/apiserver/pkg/apis/apiserver"
	apiserverinstall "k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/apis/apiserver/load"
	apiservervalidation "k8s.io/apiserver/pkg/apis/apiserver/validation"
	auditpolicy "k8s.io/apiserver/pkg/audit/policy"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	authorizationcel "k8s.io/apiserver/pkg/authorization/cel"
	"k8s.io/apiserver/pkg/server/egressselector"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	tracing "k8s.io/component-base/tracing/api/v1"
	podsecurityload "k8s.io/pod-security-admission/admission/api/load"
	podsecurityvalidation "k8s.io/pod-security-admission/admission/api/validation"
	sigsyaml "sigs.k8s.io/yaml"

	"k8s.io/kubernetes/pkg/kubeapiserver/authorizer/modes"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	kubeletscheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	kubeletvalidation "k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	"k8s.io/kubernetes/pkg/kubelet/eviction"
	proxyconfig "k8s.io/kubernetes/pkg/proxy/apis/config"
	proxyscheme "k8s.io/kubernetes/pkg/proxy/apis/config/scheme"
	proxyvalidation "k8s.io/kubernetes/pkg/proxy/apis/config/validation"
	schedconfig "k8s.io/kubernetes/pkg/scheduler/apis/config"
	schedscheme "k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
	schedvalidation "k8s.io/kubernetes/pkg/scheduler/apis/config/validation"
	erl "k8s.io/kubernetes/plugin/pkg/admission/eventratelimit/apis/eventratelimit"
	erlinstall "k8s.io/kubernetes/plugin/pkg/admission/eventratelimit/apis/eventratelimit/install"
	erlvalidation "k8s.io/kubernetes/plugin/pkg/admission/eventratelimit/apis/eventratelimit/validation"
)

// dropHost removes what is said about this machine, not about the file.
func (v *verdict) dropHost() {
	v.Errors = slices.DeleteFunc(v.Errors, func(p problem) bool { return strings.Contains(p.Text, "on a host using cgroup v1") })
}

// gates tries a featureGates map on a copy of the process's gate.
func (v *verdict) gates(m map[string]bool) {
	if len(m) > 0 {
		v.fail(utilfeature.DefaultMutableFeatureGate.DeepCopy().SetFromMap(m))
	}
}

// decode decodes strictly, records strict problems, and still returns the object when only those are wrong.
func (v *verdict) decode(s *runtime.Scheme, raw []byte) (obj runtime.Object) {
	defer func() {
		// defaulting a KubeletConfiguration with an unknown feature gate panics in the real kubelet too
		if r := recover(); r != nil {
			v.add("", "Panic", fmt.Sprint(r))
			var m map[string]any
			if sigsyaml.Unmarshal(raw, &m) == nil && m["featureGates"] != nil {
				delete(m, "featureGates")
				if b, err := sigsyaml.Marshal(m); err == nil {
					obj = v.decode(s, b)
				}
			}
		}
	}()
	strict := serializer.NewCodecFactory(s, serializer.EnableStrict)
	o, _, err := strict.UniversalDecoder().Decode(raw, nil, nil)
	if err == nil {
		return o
	}
	v.fail(err)
	if !runtime.IsStrictDecodingError(err) {
		return nil
	}
	lenient := serializer.NewCodecFactory(s)
	o, _, err = lenient.UniversalDecoder().Decode(raw, nil, nil)
	if err != nil {
		v.fail(err)
		return nil
	}
	return o
}

func init() {
	kubelet, _, err := kubeletscheme.NewSchemeAndCodecs()
	if err != nil {
		panic(err)
	}
	extra := runtime.NewScheme()
	apiserverinstall.Install(extra)
	rqinstall.Install(extra)
	erlinstall.Install(extra)

	oracles["config"] = oracle{about: "component configuration files: kubelet, kube-proxy, kube-scheduler, API server, audit, pod security, event rate limit; other kinds are passed over", ask: func(id string, data []byte) {
		for _, d := range documents(data) {
			v := d.verdict(id)
			group := strings.Split(d.apiVersion, "/")[0]
			switch {
			case group == "kubelet.config.k8s.io":
				o := v.decode(kubelet, d.raw)
				if kc, ok := o.(*kubeletconfig.KubeletConfiguration); ok {
					v.gates(kc.FeatureGates)
					g := utilfeature.DefaultMutableFeatureGate.DeepCopy()
					_ = g.SetFromMap(kc.FeatureGates)
					v.fail(kubeletvalidation.ValidateKubeletConfiguration(kc, g))
					v.dropHost()
					// the kubelet reads these when it starts its eviction manager
					if _, err := eviction.ParseThresholdConfig(kc.EnforceNodeAllocatable, kc.EvictionHard, kc.EvictionSoft, kc.EvictionSoftGracePeriod, kc.EvictionMinimumReclaim); err != nil {
						v.fail(err)
					}
				}
			case group == "kubeproxy.config.k8s.io":
				if c, ok := v.decode(proxyscheme.Scheme, d.raw).(*proxyconfig.KubeProxyConfiguration); ok {
					v.gates(c.FeatureGates)
					v.fields(proxyvalidation.Validate(c))
				}
			case group == "kubescheduler.config.k8s.io":
				if c, ok := v.decode(schedscheme.Scheme, d.raw).(*schedconfig.KubeSchedulerConfiguration); ok {
					if err := schedvalidation.ValidateKubeSchedulerConfiguration(c); err != nil {
						v.fail(err)
					}
				}
			case group == "audit.k8s.io":
				_, err := auditpolicy.LoadPolicyFromBytes(d.raw)
				v.fail(err)
			case group == "pod-security.admission.config.k8s.io":
				c, err := podsecurityload.LoadFromData(d.raw)
				v.fail(err)
				if err == nil {
					v.fields(podsecurityvalidation.ValidatePodSecurityConfiguration(c))
				}
			case group == "eventratelimit.admission.k8s.io":
				if c, ok := v.decode(extra, d.raw).(*erl.Configuration); ok {
					v.fields(erlvalidation.ValidateConfiguration(c))
				}
			case group == "apiserver.config.k8s.io" || group == "apiserver.k8s.io" || d.kind == "EncryptionConfig":
				apiServerConfig(&v, extra, d)
			case group == "resourcequota.admission.k8s.io":
				v.decode(extra, d.raw)
			default:
				continue
			}
			v.done()
		}
	}}
}

func apiServerConfig(v *verdict, s *runtime.Scheme, d document) {
	switch d.kind {
	case "AuthorizationConfiguration":
		c, err := load.LoadFromData(d.raw)
		v.fail(err)
		if err == nil {
			v.fields(apiservervalidation.ValidateAuthorizationConfiguration(authorizationcel.NewDefaultCompiler(), nil, c,
				sets.New(modes.AuthorizationModeChoices...), sets.New(string(apiserver.TypeWebhook))))
		}
		return
	case "EgressSelectorConfiguration":
		f, err := os.CreateTemp("", "egress")
		if err != nil {
			v.fail(err)
			return
		}
		defer os.Remove(f.Name())
		_, _ = f.Write(d.raw)
		_ = f.Close()
		c, err := egressselector.ReadEgressSelectorConfiguration(f.Name())
		v.fail(err)
		if err == nil {
			v.fields(egressselector.ValidateEgressSelectorConfiguration(c))
		}
		return
	}
	switch c := v.decode(s, d.raw).(type) {
	case *apiserver.AuthenticationConfiguration:
		v.fields(apiservervalidation.ValidateAuthenticationConfiguration(authenticationcel.NewDefaultCompiler(), c, nil))
	case *apiserver.EncryptionConfiguration:
		v.fields(apiservervalidation.ValidateEncryptionConfiguration(c, true))
	case *apiserver.TracingConfiguration:
		v.fields(tracing.ValidateTracingConfiguration(&c.TracingConfiguration, nil, nil))
	}
}
