package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

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

var flagsChild = flag.Bool("flags-child", false, "internal: one request on standard input")

// request is one line of standard input of "oracle flags".
type request struct {
	ID        string   `json:"id"`
	Component string   `json:"component"`
	Argv      []string `json:"argv"` // without the program name
}

func init() {
	oracles["flags"] = oracle{about: `component flags; standard input has {"file":..., "component":"kube-apiserver", "argv":["--x=y"]} per line`, ask: func(id string, data []byte) {
		var r request
		v := verdict{}
		if err := json.Unmarshal(data, &r); err != nil {
			v.ID = id
			v.fail(err)
			v.done()
			return
		}
		// feature gates and a few other settings are global to the process: such requests get their own
		// (kube-controller-manager changes the default of a gate when its options are made)
		if !*flagsChild && (r.Component == "kube-controller-manager" || global(r.Argv)) {
			c := exec.Command(os.Args[0], "-flags-child", "flags")
			c.Stdin = bytes.NewReader(append(data, '\n'))
			b, err := c.Output()
			if err != nil {
				v.ID, v.Kind = r.ID, r.Component
				v.fail(fmt.Errorf("the component ended the process: %w", err))
				v.done()
				return
			}
			_ = out.Flush()
			_, _ = os.Stdout.Write(b)
			return
		}
		v.ID, v.Kind = r.ID, r.Component
		tryFlags(&v, r)
		v.done()
	}}
}

func global(argv []string) bool {
	for _, a := range argv {
		for _, f := range []string{"feature-gates", "feature_gates", "emulated-version", "emulation-forward", "min-compatibility", "runtime-config", "version", "help", "log"} {
			if strings.Contains(a, f) {
				return true
			}
		}
	}
	return false
}

func tryFlags(v *verdict, r request) {
	parse, check := component(r.Component)
	if parse == nil {
		v.fail(fmt.Errorf("component %q is not known to the oracle", r.Component))
		return
	}
	argv, notes := localFiles(r.Component, r.Argv)
	v.Warnings = append(v.Warnings, notes...)
	parse.SetOutput(io.Discard)
	if err := parse.Parse(argv); err != nil {
		v.fail(err)
		// pflag stops at the first problem: try the arguments one by one for the rest
		seen := map[string]bool{err.Error(): true}
		for _, a := range argv {
			if !strings.HasPrefix(a, "--") || !strings.Contains(a, "=") {
				continue
			}
			p, _ := component(r.Component)
			p.SetOutput(io.Discard)
			if err := p.Parse([]string{a}); err != nil && !seen[err.Error()] {
				seen[err.Error()] = true
				v.fail(err)
			}
		}
		return
	}
	if rest := parse.Args(); len(rest) > 0 {
		v.fail(fmt.Errorf("takes no arguments, got %q", rest))
	}
	parse.Visit(func(f *pflag.Flag) {
		if f.Deprecated != "" {
			v.Warnings = append(v.Warnings, "--"+f.Name+" is deprecated: "+f.Deprecated)
		}
	})
	check(v)
}

func merged(name string, nfs cliflag.NamedFlagSets) *pflag.FlagSet {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	verflag.AddFlags(nfs.FlagSet("global"))
	globalflag.AddGlobalFlags(nfs.FlagSet("global"), name, logs.SkipLoggingConfigurationFlags())
	for _, f := range nfs.FlagSets {
		fs.AddFlagSet(f)
	}
	return fs
}

// component returns a fresh flag set and what the command does after parsing, up to the point where it would start.
func component(name string) (*pflag.FlagSet, func(*verdict)) {
	switch name {
	case "kube-apiserver":
		s := apiserveroptions.NewServerRunOptions()
		s.SecureServing.ServerCert.CertDirectory = filepath.Join(scratch(), "certs")
		return merged(name, s.Flags()), func(v *verdict) {
			if err := s.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
				v.fail(err)
				return
			}
			c, err := s.Complete(context.Background())
			if err != nil {
				v.fail(err)
				return
			}
			for _, err := range c.Validate() {
				v.fail(err)
			}
		}
	case "kube-controller-manager":
		s, err := kcmoptions.NewKubeControllerManagerOptions()
		if err != nil {
			panic(err)
		}
		all, off, aliases := kcmapp.KnownControllers(), kcmapp.ControllersDisabledByDefault(), kcmapp.ControllerAliases()
		return merged(name, s.Flags(all, off, aliases)), func(v *verdict) {
			if err := s.ComponentGlobalsRegistry.Set(); err != nil {
				v.fail(err)
				return
			}
			v.fail(s.Validate(all, off, aliases))
		}
	case "kube-scheduler":
		s := schedoptions.NewOptions()
		return merged(name, *s.Flags), func(v *verdict) {
			if err := s.ComponentGlobalsRegistry.Set(); err != nil {
				v.fail(err)
				return
			}
			c, err := schedlatest.Default()
			if err != nil {
				v.fail(err)
				return
			}
			s.ComponentConfig = c
			for _, err := range s.Validate() {
				v.fail(err)
			}
		}
	case "kube-proxy":
		o := proxyapp.NewOptions()
		fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
		fs.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
		o.AddFlags(fs)
		verflag.AddFlags(fs)
		globalflag.AddGlobalFlags(fs, name, logs.SkipLoggingConfigurationFlags())
		return fs, func(v *verdict) {
			if err := o.Complete(fs); err != nil {
				v.fail(err)
				return
			}
			v.fail(o.Validate())
		}
	case "kubelet":
		fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
		fs.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
		f := options.NewKubeletFlags()
		c, err := options.NewKubeletConfiguration()
		if err != nil {
			panic(err)
		}
		f.AddFlags(fs)
		options.AddKubeletConfigFlags(fs, c)
		options.AddGlobalFlags(fs)
		fs.BoolP("help", "h", false, "")
		return fs, func(v *verdict) {
			if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(c.FeatureGates); err != nil {
				v.fail(err)
			}
			v.fail(options.ValidateKubeletFlags(f))
			v.fail(kubeletvalidation.ValidateKubeletConfiguration(c, utilfeature.DefaultFeatureGate))
			v.dropHost()
		}
	}
	return nil, nil
}

var scratchDir string

// scratch holds a key pair and stand-ins for files that the flags name but this machine does not have.
func scratch() string {
	if scratchDir != "" {
		return scratchDir
	}
	scratchDir = filepath.Join(os.TempDir(), fmt.Sprintf("oracle-%d", os.Getuid()))
	if _, err := os.Stat(filepath.Join(scratchDir, "ready")); err == nil {
		return scratchDir
	}
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	must(os.MkdirAll(scratchDir, 0o700))
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	pub, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	must(err)
	write := func(name string, b []byte) { must(os.WriteFile(filepath.Join(scratchDir, name), b, 0o600)) }
	write("sa.key", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)}))
	write("sa.pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub}))
	write("authz.yaml", []byte("apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n- type: RBAC\n  name: rbac\n"))
	write("ready", nil)
	return scratchDir
}

// localFiles replaces file names that validation opens, and drops --config, whose file is elsewhere.
func localFiles(component string, argv []string) ([]string, []string) {
	stand := map[string]string{"service-account-key-file": "sa.pub", "service-account-signing-key-file": "sa.key", "authorization-config": "authz.yaml"}
	var res, notes []string
	advertise := false
	for _, a := range argv {
		n, val, has := strings.Cut(strings.TrimLeft(a, "-"), "=")
		n = strings.ReplaceAll(n, "_", "-")
		advertise = advertise || n == "advertise-address" || n == "bind-address"
		if _, err := os.Stat(val); has && err != nil {
			if to, ok := stand[n]; ok && component == "kube-apiserver" {
				a = "--" + n + "=" + filepath.Join(scratch(), to)
			}
			if n == "config" && component != "kubelet" {
				notes = append(notes, "--config not loaded")
				continue
			}
		}
		res = append(res, a)
	}
	if component == "kube-apiserver" {
		if !advertise {
			res = append(res, "--advertise-address=192.0.2.1")
		}
	}
	return res, notes
}
