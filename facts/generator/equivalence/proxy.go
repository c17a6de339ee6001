//go:build c_proxy

package main

import (
	"reflect"

	"github.com/spf13/pflag"

	cliflag "k8s.io/component-base/cli/flag"
	_ "k8s.io/component-base/logs/json/register" // as the binary does
	"k8s.io/kube-proxy/config/v1alpha1"

	"k8s.io/kubernetes/cmd/kube-proxy/app"
	"k8s.io/kubernetes/pkg/proxy/apis/config"
	"k8s.io/kubernetes/pkg/proxy/apis/config/scheme"
)

func init() {
	component.name = "kube-proxy"
	// The sync periods of ipvs count only when ipvs is chosen.
	component.settings = []map[string]string{nil, {"proxy-mode": "ipvs"}}
	component.try = func() (trial, error) {
		options := app.NewOptions()
		flags := pflag.NewFlagSet("kube-proxy", pflag.ContinueOnError)
		flags.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
		options.AddFlags(flags)
		return trial{flags, func() (any, error) {
			if err := options.Complete(flags); err != nil {
				return nil, err
			}
			// The configuration is a private field, and the only other way to it is a file that the run writes.
			private := reflect.ValueOf(options).Elem().FieldByName("config").UnsafePointer()
			var written v1alpha1.KubeProxyConfiguration
			err := scheme.Scheme.Convert((*config.KubeProxyConfiguration)(private), &written, nil)
			return written, err
		}}, nil
	}
}
