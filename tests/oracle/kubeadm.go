package main

import (
	"flag"
	"regexp"
	"strings"

	"k8s.io/kubernetes/cmd/kubeadm/app/constants"
)

var (
	keepVersion = flag.Bool("kubeadm-keep-version", false, "leave kubernetesVersion of kubeadm files; without it, it becomes the current one, so that a version that is too old, or a name such as stable-1 that needs the network, does not hide other errors")
	versionLine = regexp.MustCompile(`(?m)^(\s*(?:- )?"?kubernetesVersion"?:).*$`)
)

func init() {
	oracles["kubeadm"] = oracle{about: "kubeadm config validate, of whole files", ask: func(id string, data []byte) {
		v := verdict{ID: id}
		for _, d := range documents(data) {
			if strings.HasPrefix(d.apiVersion, "kubeadm.k8s.io/") {
				v.Kind = strings.TrimPrefix(v.Kind+","+d.kind, ",")
				v.APIVersion = d.apiVersion
			}
		}
		if v.Kind == "" {
			return
		}
		if !*keepVersion {
			data = versionLine.ReplaceAll(data, []byte("${1} "+constants.CurrentKubernetesVersion.String()))
		}
		v.fail(validateKubeadm(data))
		v.done()
	}}
}
