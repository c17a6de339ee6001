//go:build c_scheduler

package main

import (
	"github.com/spf13/pflag"

	_ "k8s.io/component-base/logs/json/register" // as the binary does
	"k8s.io/kube-scheduler/config/v1"

	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/latest"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
)

func init() {
	component.name = "kube-scheduler"
	// What a run without --config does: (*Options).ApplyTo.
	component.try = func() (trial, error) {
		made := options.NewOptions()
		flags := pflag.NewFlagSet("kube-scheduler", pflag.ContinueOnError)
		for _, group := range []string{"misc", "deprecated", "leader election", "logs", "metrics"} {
			flags.AddFlagSet(made.Flags.FlagSet(group))
		}
		return trial{flags, func() (any, error) {
			config, err := latest.Default()
			if err != nil {
				return nil, err
			}
			made.ComponentConfig = config
			made.ApplyDeprecated()
			made.ApplyLeaderElectionTo(config)
			var written v1.KubeSchedulerConfiguration
			err = scheme.Scheme.Convert(config, &written, nil)
			return written, err
		}}, nil
	}
}
