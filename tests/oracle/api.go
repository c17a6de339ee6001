package main

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"regexp"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsinstall "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kube-aggregator/pkg/apis/apiregistration"
	apiregistrationinstall "k8s.io/kube-aggregator/pkg/apis/apiregistration/install"

	"k8s.io/kubernetes/cmd/kubeadm/app/constants"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	apiservice "k8s.io/kubernetes/pkg/api/service"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/controlplane"
)

var crdScheme, apiServiceScheme = runtime.NewScheme(), runtime.NewScheme()

// Groups of messages, which no list of served versions has.
var notServed = map[string]bool{"admission.k8s.io": true, "imagepolicy.k8s.io": true}

var apiVersionName = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]+)?$`)

// What a client is told for a kind that the oracle can decode only.
const decodedOnly = "no strategy known to the oracle: decoded only"

func init() {
	// kube-apiserver --allow-privileged=true, as every installer sets it
	capabilities.Initialize(capabilities.Capabilities{AllowPrivileged: true})
	apiextensionsinstall.Install(crdScheme)
	apiregistrationinstall.Install(apiServiceScheme)
	known := strategies()
	oracles["api"] = oracle{about: "what the API server says on create: strict decoding, defaults, registry validation and warnings of each built-in object (no admission, no cluster state)", ask: func(id string, data []byte) {
		for _, d := range documents(data) {
			v := d.verdict(id)
			if d.err != nil {
				if bytes.Contains(d.raw, []byte("apiVersion")) {
					v.failed("Decode", d.err.Error())
				}
				continue
			}
			if v.object(d, known) {
				v.done()
			}
		}
	}}
}

// object judges one document, and is false when the API groups of Kubernetes do not have it.
func (v *verdict) object(d document, known registry) bool {
	gv, err := schema.ParseGroupVersion(d.apiVersion)
	if err != nil || d.kind == "" || d.kind == "List" || !apiVersionName.MatchString(gv.Version) {
		return false
	}
	s := schemeOf(gv.Group)
	if !s.Recognizes(gv.WithKind(d.kind)) {
		if s.IsGroupRegistered(gv.Group) {
			v.add("", "UnknownKind", fmt.Sprintf("no kind %q in %s", d.kind, d.apiVersion))
		}
		return s.IsGroupRegistered(gv.Group)
	}
	v.served(s, gv, d.kind)
	v.create(s, known, gv, d)
	return true
}

func schemeOf(group string) *runtime.Scheme {
	switch group {
	case apiextensions.GroupName:
		return crdScheme
	case apiregistration.GroupName:
		return apiServiceScheme
	}
	return legacyscheme.Scheme
}

// served: the code still decodes versions that no API server serves any more.
func (v *verdict) served(s *runtime.Scheme, gv schema.GroupVersion, kind string) {
	gone := s != legacyscheme.Scheme && gv.Version != "v1"
	if s == legacyscheme.Scheme {
		on, listed := controlplane.DefaultAPIResourceConfigSource().GroupVersionConfigs[gv]
		if listed && !on {
			v.Warnings = append(v.Warnings, "not served by default")
		}
		gone = !listed && !notServed[gv.Group]
	}
	if o, err := s.New(gv.WithKind(kind)); err == nil && removed(o) {
		gone = true
	}
	if gone {
		v.add("", "NotServed", gv.String()+" "+kind+" is no longer served")
	}
}

// removed compares the release in which a kind went away with the release of this binary.
func removed(o runtime.Object) bool {
	life, ok := o.(interface{ APILifecycleRemoved() (int, int) })
	if !ok {
		return false
	}
	major, minor := life.APILifecycleRemoved()
	return major > 0 && constants.CurrentKubernetesVersion.AtLeast(version.MajorMinor(uint(major), uint(minor)))
}

type recorder struct{ v *verdict }

func (r recorder) AddWarning(_, text string) { r.v.Warnings = append(r.v.Warnings, text) }

// create does what the API server does with a new object up to the point where it would store it.
func (v *verdict) create(s *runtime.Scheme, known registry, gv schema.GroupVersion, d document) {
	obj := v.decode(s, d.raw)
	if obj == nil {
		return
	}
	group := gv.Group
	if group == "extensions" {
		group = networking.GroupName
	}
	strategy := known[schema.GroupKind{Group: group, Kind: d.kind}]
	m, err := meta.Accessor(obj)
	if strategy == nil || err != nil {
		v.Warnings = append(v.Warnings, decodedOnly)
		return
	}
	if !strategy.NamespaceScoped() && m.GetNamespace() != "" {
		v.Warnings = append(v.Warnings, "namespace on a cluster-scoped object")
		m.SetNamespace("")
	} else if strategy.NamespaceScoped() && m.GetNamespace() == "" {
		m.SetNamespace(metav1.NamespaceDefault)
	}
	admit(obj)
	rest.FillObjectMetaSystemFields(m)
	if m.GetGenerateName() != "" && m.GetName() == "" {
		m.SetName(strategy.GenerateName(m.GetGenerateName()))
	}
	v.fail(rest.BeforeCreate(strategy, requestContext(v, gv, m), obj))
}

func requestContext(v *verdict, gv schema.GroupVersion, m metav1.Object) context.Context {
	ctx := warning.WithWarningRecorder(context.Background(), recorder{v})
	ctx = genericapirequest.WithNamespace(ctx, m.GetNamespace())
	return genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIPrefix: "apis", APIGroup: gv.Group, APIVersion: gv.Version,
		Namespace: m.GetNamespace(), Name: m.GetName(),
	})
}

// admit does what admission and the allocators of Services do before validation, as validation asks for it.
func admit(obj runtime.Object) {
	switch o := obj.(type) {
	case *api.Pod:
		if o.Spec.ServiceAccountName == "" {
			o.Spec.ServiceAccountName = "default"
			// The deprecated name of the same field is one of its own since 1.37.
			if f := reflect.ValueOf(&o.Spec).Elem().FieldByName("DeprecatedServiceAccount"); f.IsValid() {
				f.SetString("default")
			}
		}
	case *api.Service:
		if o.Spec.Type == api.ServiceTypeExternalName {
			return
		}
		if o.Spec.IPFamilyPolicy == nil {
			policy := api.IPFamilyPolicySingleStack
			o.Spec.IPFamilyPolicy = &policy
		}
		if len(o.Spec.IPFamilies) == 0 {
			o.Spec.IPFamilies = []api.IPFamily{api.IPv4Protocol}
		}
		if o.Spec.ClusterIP != "" && len(o.Spec.ClusterIPs) == 0 {
			o.Spec.ClusterIPs = []string{o.Spec.ClusterIP}
		}
		if apiservice.NeedsHealthCheck(o) && o.Spec.HealthCheckNodePort == 0 {
			o.Spec.HealthCheckNodePort = 32767
		}
	}
}
