package main

import (
	"os"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
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

// configs judge documents by their API group.
var configs = map[string]func(*verdict, document){
	"kubelet.config.k8s.io":                (*verdict).kubelet,
	"kubeproxy.config.k8s.io":              (*verdict).proxy,
	"kubescheduler.config.k8s.io":          (*verdict).scheduler,
	"audit.k8s.io":                         (*verdict).audit,
	"pod-security.admission.config.k8s.io": (*verdict).podSecurity,
	"eventratelimit.admission.k8s.io":      (*verdict).eventRateLimit,
	"resourcequota.admission.k8s.io":       func(v *verdict, d document) { v.decode(apiServerScheme, d.raw) },
	"apiserver.config.k8s.io":              (*verdict).apiServer,
	"apiserver.k8s.io":                     (*verdict).apiServer,
}

var kubeletScheme, apiServerScheme = runtime.NewScheme(), runtime.NewScheme()

func init() {
	var err error
	if kubeletScheme, _, err = kubeletscheme.NewSchemeAndCodecs(); err != nil {
		panic(err)
	}
	apiserverinstall.Install(apiServerScheme)
	rqinstall.Install(apiServerScheme)
	erlinstall.Install(apiServerScheme)
	oracles["config"] = oracle{about: "configuration files of kubelet, kube-proxy, kube-scheduler and API server, of audit, Pod Security and event rate limits; other kinds are passed over", ask: func(id string, data []byte) {
		for _, d := range documents(data) {
			judge, ok := configs[strings.Split(d.apiVersion, "/")[0]]
			if d.kind == "EncryptionConfig" { // the first name, without a group
				judge, ok = (*verdict).apiServer, true
			}
			if !ok {
				continue
			}
			v := d.verdict(id)
			judge(&v, d)
			v.done()
		}
	}}
}

// gates tries a map of feature gates on a copy of those of this process.
func (v *verdict) gates(m map[string]bool) {
	if len(m) > 0 {
		v.fail(utilfeature.DefaultMutableFeatureGate.DeepCopy().SetFromMap(m))
	}
}

// dropHost removes what is said about this machine, not about the file.
func (v *verdict) dropHost() {
	v.Errors = slices.DeleteFunc(v.Errors, func(p problem) bool { return strings.Contains(p.Text, "on a host using cgroup v1") })
}

func (v *verdict) kubelet(d document) {
	c, ok := v.decode(kubeletScheme, d.raw).(*kubeletconfig.KubeletConfiguration)
	if !ok {
		return
	}
	v.gates(c.FeatureGates)
	gates := utilfeature.DefaultMutableFeatureGate.DeepCopy()
	_ = gates.SetFromMap(c.FeatureGates)
	v.fail(kubeletvalidation.ValidateKubeletConfiguration(c, gates))
	v.dropHost()
	// The kubelet reads these when it starts its eviction manager, validation does not.
	_, err := eviction.ParseThresholdConfig(c.EnforceNodeAllocatable, c.EvictionHard, c.EvictionSoft, c.EvictionSoftGracePeriod, c.EvictionMinimumReclaim)
	v.fail(err)
}

func (v *verdict) proxy(d document) {
	if c, ok := v.decode(proxyscheme.Scheme, d.raw).(*proxyconfig.KubeProxyConfiguration); ok {
		v.gates(c.FeatureGates)
		v.fields(proxyvalidation.Validate(c))
	}
}

func (v *verdict) scheduler(d document) {
	if c, ok := v.decode(schedscheme.Scheme, d.raw).(*schedconfig.KubeSchedulerConfiguration); ok {
		if err := schedvalidation.ValidateKubeSchedulerConfiguration(c); err != nil {
			v.fail(err)
		}
	}
}

func (v *verdict) audit(d document) {
	_, err := auditpolicy.LoadPolicyFromBytes(d.raw)
	v.fail(err)
}

func (v *verdict) podSecurity(d document) {
	c, err := podsecurityload.LoadFromData(d.raw)
	v.fail(err)
	if err == nil {
		v.fields(podsecurityvalidation.ValidatePodSecurityConfiguration(c))
	}
}

func (v *verdict) eventRateLimit(d document) {
	if c, ok := v.decode(apiServerScheme, d.raw).(*erl.Configuration); ok {
		v.fields(erlvalidation.ValidateConfiguration(c))
	}
}

func (v *verdict) apiServer(d document) {
	switch d.kind {
	case "AuthorizationConfiguration":
		v.authorization(d)
		return
	case "EgressSelectorConfiguration":
		v.egressSelector(d)
		return
	}
	switch c := v.decode(apiServerScheme, d.raw).(type) {
	case *apiserver.AuthenticationConfiguration:
		v.fields(apiservervalidation.ValidateAuthenticationConfiguration(authenticationcel.NewDefaultCompiler(), c, nil))
	case *apiserver.EncryptionConfiguration:
		v.fields(apiservervalidation.ValidateEncryptionConfiguration(c, true))
	case *apiserver.TracingConfiguration:
		v.fields(tracing.ValidateTracingConfiguration(&c.TracingConfiguration, nil, nil))
	}
}

func (v *verdict) authorization(d document) {
	c, err := load.LoadFromData(d.raw)
	v.fail(err)
	if err == nil {
		v.fields(apiservervalidation.ValidateAuthorizationConfiguration(authorizationcel.NewDefaultCompiler(), nil, c,
			sets.New(modes.AuthorizationModeChoices...), sets.New(string(apiserver.TypeWebhook))))
	}
}

// egressSelector: the API server reads this kind from a file only.
func (v *verdict) egressSelector(d document) {
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
}
