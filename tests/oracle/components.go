package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/pflag"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/cli/globalflag"
	"k8s.io/component-base/logs"
	"k8s.io/component-base/version/verflag"

	apiserveroptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	kcmapp "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kcmoptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	proxyapp "k8s.io/kubernetes/cmd/kube-proxy/app"
	schedoptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletvalidation "k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	schedlatest "k8s.io/kubernetes/pkg/scheduler/apis/config/latest"
)

// components make fresh flags of a component, and what its command does after parsing, up to where it would start.
var components = map[string]func() (*pflag.FlagSet, func(*verdict)){
	"kube-apiserver":          apiServerFlags,
	"kube-controller-manager": controllerManagerFlags,
	"kube-scheduler":          schedulerFlags,
	"kube-proxy":              proxyFlags,
	"kubelet":                 kubeletFlags,
}

// merged makes one set of the flags that a command keeps by their subjects.
func merged(name string, named cliflag.NamedFlagSets) *pflag.FlagSet {
	all := pflag.NewFlagSet(name, pflag.ContinueOnError)
	all.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	verflag.AddFlags(named.FlagSet("global"))
	globalflag.AddGlobalFlags(named.FlagSet("global"), name, logs.SkipLoggingConfigurationFlags())
	for _, one := range named.FlagSets {
		all.AddFlagSet(one)
	}
	return all
}

func apiServerFlags() (*pflag.FlagSet, func(*verdict)) {
	s := apiserveroptions.NewServerRunOptions()
	s.SecureServing.ServerCert.CertDirectory = filepath.Join(scratch(), "certs")
	return merged("kube-apiserver", s.Flags()), func(v *verdict) {
		if err := s.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
			v.fail(err)
			return
		}
		completed, err := s.Complete(context.Background())
		if err != nil {
			v.fail(err)
			return
		}
		for _, err := range completed.Validate() {
			v.fail(err)
		}
	}
}

func controllerManagerFlags() (*pflag.FlagSet, func(*verdict)) {
	s, err := kcmoptions.NewKubeControllerManagerOptions()
	if err != nil {
		panic(err)
	}
	all, off, aliases := kcmapp.KnownControllers(), kcmapp.ControllersDisabledByDefault(), kcmapp.ControllerAliases()
	return merged("kube-controller-manager", s.Flags(all, off, aliases)), func(v *verdict) {
		if err := s.ComponentGlobalsRegistry.Set(); err != nil {
			v.fail(err)
			return
		}
		v.fail(s.Validate(all, off, aliases))
	}
}

func schedulerFlags() (*pflag.FlagSet, func(*verdict)) {
	s := schedoptions.NewOptions()
	return merged("kube-scheduler", *s.Flags), func(v *verdict) {
		if err := s.ComponentGlobalsRegistry.Set(); err != nil {
			v.fail(err)
			return
		}
		config, err := schedlatest.Default()
		if err != nil {
			v.fail(err)
			return
		}
		s.ComponentConfig = config
		for _, err := range s.Validate() {
			v.fail(err)
		}
	}
}

func proxyFlags() (*pflag.FlagSet, func(*verdict)) {
	o := proxyapp.NewOptions()
	flags := pflag.NewFlagSet("kube-proxy", pflag.ContinueOnError)
	flags.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	o.AddFlags(flags)
	verflag.AddFlags(flags)
	globalflag.AddGlobalFlags(flags, "kube-proxy", logs.SkipLoggingConfigurationFlags())
	return flags, func(v *verdict) {
		if err := o.Complete(flags); err != nil {
			v.fail(err)
			return
		}
		v.fail(o.Validate())
	}
}

func kubeletFlags() (*pflag.FlagSet, func(*verdict)) {
	flags := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	flags.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	f := options.NewKubeletFlags()
	config, err := options.NewKubeletConfiguration()
	if err != nil {
		panic(err)
	}
	f.AddFlags(flags)
	options.AddKubeletConfigFlags(flags, config)
	options.AddGlobalFlags(flags)
	flags.BoolP("help", "h", false, "")
	return flags, func(v *verdict) {
		v.fail(utilfeature.DefaultMutableFeatureGate.SetFromMap(config.FeatureGates))
		v.fail(options.ValidateKubeletFlags(f))
		v.fail(kubeletvalidation.ValidateKubeletConfiguration(config, utilfeature.DefaultFeatureGate))
		v.dropHost()
	}
}
