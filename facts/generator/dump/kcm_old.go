//go:build c_kcm && !k8s_1_29

package main

import (
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/names"
)

func offControllers() []string             { return app.ControllersDisabledByDefault.UnsortedList() }
func controllerAliases() map[string]string { return names.KCMControllerAliases() }
