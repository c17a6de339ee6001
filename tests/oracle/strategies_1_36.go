//go:build k8s_1_36

package main

import (
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/apis/resource"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
	"k8s.io/kubernetes/pkg/registry/resource/resourcepoolstatusrequest"
	"k8s.io/kubernetes/pkg/registry/scheduling/podgroup"
)

func resourceClaimStrategy() rest.RESTCreateStrategy {
	return resourceclaim.NewStrategy(anyNamespace{}, nil)
}

func init() {
	newer = append(newer, func(r registry) {
		r.add(resource.GroupName, "ResourcePoolStatusRequest", resourcepoolstatusrequest.Strategy)
		r.add(scheduling.GroupName, "PodGroup", podgroup.NewStrategy())
	})
}
