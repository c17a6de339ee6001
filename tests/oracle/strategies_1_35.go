//go:build k8s_1_35

package main

import (
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/kubernetes/pkg/registry/scheduling/workload"
)

func init() {
	newer = append(newer, func(r registry) { r.add(scheduling.GroupName, "Workload", workload.Strategy) })
}
