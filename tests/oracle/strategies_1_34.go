//go:build k8s_1_34

package main

import (
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/registry/certificates/podcertificaterequest"
)

func init() {
	newer = append(newer, func(r registry) {
		r.add(certificates.GroupName, "PodCertificateRequest", podcertificaterequest.NewStrategy())
	})
}
