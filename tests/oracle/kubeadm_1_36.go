//go:build k8s_1_36

package main

import configutil "k8s.io/kubernetes/cmd/kubeadm/app/util/config"

func validateKubeadm(data []byte) error { return configutil.ValidateConfig(data, true, true) }
