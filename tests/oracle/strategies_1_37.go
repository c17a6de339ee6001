//go:build k8s_1_37

package main

import (
	"k8s.io/kubernetes/pkg/apis/lifecycle"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/kubernetes/pkg/registry/lifecycle/evictionrequest"
	"k8s.io/kubernetes/pkg/registry/scheduling/compositepodgroup"
)

func init() {
	newer = append(newer, func(r registry) {
		r.add(scheduling.GroupName, "CompositePodGroup", compositepodgroup.NewStrategy())
		r.add(lifecycle.GroupName, "EvictionRequest", evictionrequest.NewStrategy())
	})
}
