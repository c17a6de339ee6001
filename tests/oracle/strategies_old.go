//go:build !k8s_1_36

package main

import (
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
)

func resourceClaimStrategy() rest.RESTCreateStrategy {
	return resourceclaim.NewStrategy(anyNamespace{})
}
