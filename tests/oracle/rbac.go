package main

import (
	"context"
	"flag"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

var (
	rbacQueries   = flag.String("rbac-query", "get secrets;create pods;escalate clusterroles.rbac.authorization.k8s.io", "queries: VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAMESPACE [NAME]], separated by ;")
	rbacBootstrap = flag.Bool("rbac-bootstrap", true, "add the roles and bindings every cluster has")
)

func init() {
	dec := serializer.NewCodecFactory(clientscheme.Scheme).UniversalDeserializer()
	var roles []*rbacv1.Role
	var rbs []*rbacv1.RoleBinding
	var crs []*rbacv1.ClusterRole
	var crbs []*rbacv1.ClusterRoleBinding
	oracles["rbac"] = oracle{about: "who can do what, over all RBAC objects of all files together",
		ask: func(id string, data []byte) {
			for _, d := range documents(data) {
				if !strings.HasPrefix(d.apiVersion, rbacv1.GroupName+"/") {
					continue
				}
				o, _, err := dec.Decode(d.raw, nil, nil)
				if err != nil {
					v := d.verdict(id)
					v.fail(err)
					v.done()
					continue
				}
				switch o := o.(type) {
				case *rbacv1.Role:
					if o.Namespace == "" {
						o.Namespace = "default"
					}
					roles = append(roles, o)
				case *rbacv1.RoleBinding:
					if o.Namespace == "" {
						o.Namespace = "default"
					}
					rbs = append(rbs, o)
				case *rbacv1.ClusterRole:
					crs = append(crs, o)
				case *rbacv1.ClusterRoleBinding:
					crbs = append(crbs, o)
				}
			}
		},
		done: func() {
			if *rbacBootstrap {
				for _, l := range [][]rbacv1.ClusterRole{bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()} {
					for i := range l {
						crs = append(crs, &l[i])
					}
				}
				for _, l := range [][]rbacv1.ClusterRoleBinding{bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()} {
					for i := range l {
						crbs = append(crbs, &l[i])
					}
				}
				for _, l := range bootstrappolicy.NamespaceRoles() {
					for i := range l {
						roles = append(roles, &l[i])
					}
				}
				for _, l := range bootstrappolicy.NamespaceRoleBindings() {
					for i := range l {
						rbs = append(rbs, &l[i])
					}
				}
			}
			_, static := validation.NewTestRuleResolver(roles, rbs, crs, crbs)
			eval := rbac.NewSubjectAccessEvaluator(static, static, static, static, "")
			for _, q := range strings.Split(*rbacQueries, ";") {
				a := query(q)
				subjects, err := eval.AllowedSubjects(context.Background(), a)
				v := verdict{ID: q}
				v.Value = subjects
				if err != nil {
					v.Warnings = []string{err.Error()} // bindings to roles that are not there
				}
				v.done()
			}
			emit(verdict{ID: "objects", OK: true, Value: fmt.Sprintf("%d roles, %d rolebindings, %d clusterroles, %d clusterrolebindings", len(roles), len(rbs), len(crs), len(crbs))})
		}}
}

func query(q string) authorizer.Attributes {
	w := strings.Fields(q)
	for len(w) < 4 {
		w = append(w, "")
	}
	a := authorizer.AttributesRecord{User: &user.DefaultInfo{}, Verb: w[0], Namespace: w[2], Name: w[3], ResourceRequest: true, APIVersion: "*"}
	if strings.HasPrefix(w[1], "/") {
		a.ResourceRequest, a.Path = false, w[1]
		return a
	}
	res, sub, _ := strings.Cut(w[1], "/")
	r, g, _ := strings.Cut(res, ".")
	a.Resource, a.APIGroup, a.Subresource = r, g, sub
	return a
}
