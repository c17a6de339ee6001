//go:build k8s_1_33

package main

import (
	"k8s.io/kubernetes/pkg/apis/resource"
	"k8s.io/kubernetes/pkg/registry/resource/devicetaintrule"
)

func init() {
	newer = append(newer, func(r registry) { r.add(resource.GroupName, "DeviceTaintRule", devicetaintrule.Strategy) })
}
