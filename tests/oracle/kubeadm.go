package main

import (
	"flag"
	"regexp"
	"strings"

	"k8s.io/kubernetes/cmd/kubeadm/app/constants"
)

var (
	kubeadmVersion = flag.String("kubeadm-version", "current", "kubernetesVersion of kubeadm files: keep, or current (replace it, so that version skew does not hide other errors; offline kubeadm cannot resolve names such as stable-1)")
	versionLine    = regexp.MustCompile(`(?m)^(\s*(?:- )?"?kubernetesVersion"?:).*$`)
)

func init() {
	oracles["kubeadm"] = oracle{about: "kubeadm config validate, per file", ask: func(id string, data []byte) {
		any := false
		v := verdict{ID: id}
		for _, d := range documents(data) {
			if strings.HasPrefix(d.apiVersion, "kubeadm.k8s.io/") {
				any = true
				v.Kind = strings.TrimPrefix(v.Kind+","+d.kind, ",")
				v.APIVersion = d.apiVersion
			}
		}
		if !any {
			return
		}
		if *kubeadmVersion == "current" {
			data = versionLine.ReplaceAll(data, []byte("${1} "+constants.CurrentKubernetesVersion.String()))
		}
		v.fail(validateKubeadm(data))
		v.done()
	}}
}
