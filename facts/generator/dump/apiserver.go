//go:build c_apiserver

package main

import (
	"fmt"
	"reflect"
	"sort"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	rqinstall "k8s.io/apiserver/pkg/admission/plugin/resourcequota/apis/resourcequota/install"
	whv1 "k8s.io/apiserver/pkg/admission/plugin/webhook/config/apis/webhookadmission/v1"
	apiserverinstall "k8s.io/apiserver/pkg/apis/apiserver/install"
	auditinstall "k8s.io/apiserver/pkg/apis/audit/install"
	clientauth "k8s.io/client-go/pkg/apis/clientauthentication/install"
	kubeconfigv1 "k8s.io/client-go/tools/clientcmd/api/v1"
	cliflag "k8s.io/component-base/cli/flag"
	podsecurityscheme "k8s.io/pod-security-admission/admission/api/scheme"

	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controlplane"
	"k8s.io/kubernetes/pkg/kubeapiserver/authorizer/modes"
	kubeoptions "k8s.io/kubernetes/pkg/kubeapiserver/options"
	erlinstall "k8s.io/kubernetes/plugin/pkg/admission/eventratelimit/apis/eventratelimit/install"
	ptrinstall "k8s.io/kubernetes/plugin/pkg/admission/podtolerationrestriction/apis/podtolerationrestriction/install"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

func init() {
	section("flags", func() any {
		c := app.NewAPIServerCommand()
		return flags(c.Flags(), c.PersistentFlags())
	})
	section("admissionPlugins", func() any {
		off := kubeoptions.DefaultOffAdmissionPlugins()
		type plugin struct {
			Name string `json:"name"`
			On   bool   `json:"defaultOn"`
		}
		var out []plugin // in the order in which they run
		for _, p := range kubeoptions.AllOrderedPlugins {
			out = append(out, plugin{p, !off.Has(p)})
		}
		return out
	})
	section("authorizationModes", func() any { return modes.AuthorizationModeChoices })
	section("tls", func() any {
		return map[string]any{
			"preferredCipherSuites": cliflag.PreferredTLSCipherNames(),
			"insecureCipherSuites":  cliflag.InsecureTLSCipherNames(),
			"allCipherSuites":       cliflag.TLSCipherPossibleValues(),
			"versions":              cliflag.TLSPossibleVersions(),
		}
	})
	section("rbac", func() any {
		return map[string]any{
			"clusterRoles":            bootstrappolicy.ClusterRoles(),
			"clusterRoleBindings":     bootstrappolicy.ClusterRoleBindings(),
			"controllerRoles":         bootstrappolicy.ControllerRoles(),
			"controllerRoleBindings":  bootstrappolicy.ControllerRoleBindings(),
			"namespaceRoles":          bootstrappolicy.NamespaceRoles(),
			"namespaceRoleBindings":   bootstrappolicy.NamespaceRoleBindings(),
			"clusterRolesToAggregate": bootstrappolicy.ClusterRolesToAggregate(),
			"nodeRules":               bootstrappolicy.NodeRules(),
		}
	})
	section("apis", apis)
	section("configKinds", func() any {
		s := runtime.NewScheme()
		apiserverinstall.Install(s)
		auditinstall.Install(s)
		rqinstall.Install(s)
		if err := whv1.AddToScheme(s); err != nil {
			panic(err)
		}
		erlinstall.Install(s)
		ptrinstall.Install(s)
		clientauth.Install(s)
		extraConfigKinds(s)
		k := kindsOf(s, podsecurityscheme.Scheme)
		k.plainType("Config (kubeconfig, v1)", kubeconfigv1.Config{})
		return k
	})
}

type lifecycle struct {
	Introduced  string `json:"introduced,omitempty"`
	Deprecated  string `json:"deprecated,omitempty"`
	Removed     string `json:"removed,omitempty"`
	Replacement string `json:"replacement,omitempty"`
}

// release is the minor version that a method of a type names, such as APILifecycleRemoved.
func release(f func() (int, int)) string {
	major, minor := f()
	if major == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d", major, minor)
}

func lifecycleOf(t reflect.Type) lifecycle {
	var life lifecycle
	o := reflect.New(t).Interface()
	if v, ok := o.(interface{ APILifecycleIntroduced() (int, int) }); ok {
		life.Introduced = release(v.APILifecycleIntroduced)
	}
	if v, ok := o.(interface{ APILifecycleDeprecated() (int, int) }); ok {
		life.Deprecated = release(v.APILifecycleDeprecated)
	}
	if v, ok := o.(interface{ APILifecycleRemoved() (int, int) }); ok {
		life.Removed = release(v.APILifecycleRemoved)
	}
	if v, ok := o.(interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}); ok {
		r := v.APILifecycleReplacement()
		life.Replacement = r.GroupVersion().String() + "/" + r.Kind
	}
	return life
}

// apis lists every versioned kind that the API server knows, its life cycle, and what is served without --runtime-config.
func apis() any {
	type api struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		lifecycle
	}
	var kinds []api
	for gvk, t := range legacyscheme.Scheme.AllKnownTypes() {
		if gvk.Version == runtime.APIVersionInternal || metaKinds[gvk.Kind] {
			continue
		}
		kinds = append(kinds, api{gvk.GroupVersion().String(), gvk.Kind, lifecycleOf(t)})
	}
	sort.Slice(kinds, func(i, j int) bool {
		return kinds[i].APIVersion+"/"+kinds[i].Kind < kinds[j].APIVersion+"/"+kinds[j].Kind
	})
	cfg := controlplane.DefaultAPIResourceConfigSource()
	on := map[string]bool{}
	for gv, v := range cfg.GroupVersionConfigs {
		on[gv.String()] = v
	}
	res := map[string]bool{}
	for gvr, v := range cfg.ResourceConfigs {
		res[gvr.GroupVersion().String()+"/"+gvr.Resource] = v
	}
	return map[string]any{"kinds": kinds, "groupVersionsOn": on, "resourcesOn": res}
}
