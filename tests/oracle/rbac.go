package main

import (
	"context"
	"flag"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

var rbacQueries = flag.String("rbac-query", "get secrets;create pods;escalate clusterroles.rbac.authorization.k8s.io", "questions: VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAMESPACE [NAME]], separated by ;")

// access is every role and binding of the input and of a new cluster.
type access struct {
	roles               []*rbacv1.Role
	roleBindings        []*rbacv1.RoleBinding
	clusterRoles        []*rbacv1.ClusterRole
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
}

func init() {
	decoder := serializer.NewCodecFactory(clientscheme.Scheme).UniversalDeserializer()
	var all access
	oracles["rbac"] = oracle{
		about: "who can do what, over the RBAC objects of all files and those of every cluster",
		ask: func(id string, data []byte) {
			for _, d := range documents(data) {
				if !strings.HasPrefix(d.apiVersion, rbacv1.GroupName+"/") {
					continue
				}
				o, _, err := decoder.Decode(d.raw, nil, nil)
				if err != nil {
					v := d.verdict(id)
					v.fail(err)
					v.done()
					continue
				}
				all.add(o)
			}
		},
		done: func() {
			all.addBootstrap()
			all.answer(strings.Split(*rbacQueries, ";"))
		},
	}
}

func (a *access) add(o any) {
	switch o := o.(type) {
	case *rbacv1.Role:
		namespaced(&o.ObjectMeta)
		a.roles = append(a.roles, o)
	case *rbacv1.RoleBinding:
		namespaced(&o.ObjectMeta)
		a.roleBindings = append(a.roleBindings, o)
	case *rbacv1.ClusterRole:
		a.clusterRoles = append(a.clusterRoles, o)
	case *rbacv1.ClusterRoleBinding:
		a.clusterRoleBindings = append(a.clusterRoleBindings, o)
	}
}

func namespaced(m *metav1.ObjectMeta) {
	if m.Namespace == "" {
		m.Namespace = metav1.NamespaceDefault
	}
}

func (a *access) addBootstrap() {
	for _, role := range append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...) {
		a.add(&role)
	}
	for _, binding := range append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...) {
		a.add(&binding)
	}
	for _, roles := range bootstrappolicy.NamespaceRoles() {
		for _, role := range roles {
			a.add(&role)
		}
	}
	for _, bindings := range bootstrappolicy.NamespaceRoleBindings() {
		for _, binding := range bindings {
			a.add(&binding)
		}
	}
}

func (a *access) answer(questions []string) {
	_, static := validation.NewTestRuleResolver(a.roles, a.roleBindings, a.clusterRoles, a.clusterRoleBindings)
	evaluator := rbac.NewSubjectAccessEvaluator(static, static, static, static, "")
	for _, question := range questions {
		subjects, err := evaluator.AllowedSubjects(context.Background(), attributes(question))
		v := verdict{ID: question, Value: subjects}
		if err != nil {
			v.Warnings = []string{err.Error()} // bindings to roles that are not there
		}
		v.done()
	}
	count := fmt.Sprintf("%d roles, %d rolebindings, %d clusterroles, %d clusterrolebindings", len(a.roles), len(a.roleBindings), len(a.clusterRoles), len(a.clusterRoleBindings))
	emit(verdict{ID: "objects", OK: true, Value: count})
}

func attributes(question string) authorizer.Attributes {
	words := append(strings.Fields(question), "", "", "", "")
	a := authorizer.AttributesRecord{User: &user.DefaultInfo{}, Verb: words[0], Namespace: words[2], Name: words[3], ResourceRequest: true, APIVersion: "*"}
	if strings.HasPrefix(words[1], "/") {
		a.ResourceRequest, a.Path = false, words[1]
		return a
	}
	resource, subresource, _ := strings.Cut(words[1], "/")
	a.Resource, a.APIGroup, _ = strings.Cut(resource, ".")
	a.Subresource = subresource
	return a
}
