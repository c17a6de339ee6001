//go:build c_kubelet

package main

import (
	"github.com/spf13/pflag"

	cliflag "k8s.io/component-base/cli/flag"
	_ "k8s.io/component-base/logs/json/register" // as the binary does
	"k8s.io/kubelet/config/v1beta1"

	"k8s.io/kubernetes/cmd/kubelet/app/options"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
)

func init() {
	component.name = "kubelet"
	component.try = func() (trial, error) {
		config, err := options.NewKubeletConfiguration()
		if err != nil {
			return trial{}, err
		}
		converter, _, err := scheme.NewSchemeAndCodecs()
		if err != nil {
			return trial{}, err
		}
		flags := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
		flags.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
		options.AddKubeletConfigFlags(flags, config)
		return trial{flags, func() (any, error) {
			var written v1beta1.KubeletConfiguration
			err := converter.Convert(config, &written, nil)
			return written, err
		}}, nil
	}
}
