package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// standIns take the place of files that kube-apiserver opens when it validates its flags.
var standIns = map[string]string{"service-account-key-file": "sa.pub", "service-account-signing-key-file": "sa.key", "authorization-config": "authz.yaml"}

// localFiles replaces files that this machine does not have, and drops --config, whose file is judged by itself.
func (v *verdict) localFiles(component string, argv []string) []string {
	var local []string
	advertised := component != "kube-apiserver"
	for _, argument := range argv {
		name, value, has := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		name = strings.ReplaceAll(name, "_", "-")
		advertised = advertised || name == "advertise-address" || name == "bind-address"
		if _, err := os.Stat(value); has && err != nil {
			if file, ok := standIns[name]; ok && component == "kube-apiserver" {
				argument = "--" + name + "=" + filepath.Join(scratch(), file)
			}
			if name == "config" && component != "kubelet" {
				v.Warnings = append(v.Warnings, "--config not loaded")
				continue
			}
		}
		local = append(local, argument)
	}
	if !advertised {
		// The address of this machine would be looked up.
		local = append(local, "--advertise-address=192.0.2.1")
	}
	return local
}

var scratchFolder string

// scratch is the folder of the stand-ins, made when it is first asked for.
func scratch() string {
	if scratchFolder != "" {
		return scratchFolder
	}
	scratchFolder = filepath.Join(os.TempDir(), fmt.Sprintf("oracle-%d", os.Getuid()))
	if _, err := os.Stat(filepath.Join(scratchFolder, "ready")); err == nil {
		return scratchFolder
	}
	must(os.MkdirAll(scratchFolder, 0o700))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(err)
	write := func(name string, data []byte) { must(os.WriteFile(filepath.Join(scratchFolder, name), data, 0o600)) }
	write("sa.key", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	write("sa.pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	write("authz.yaml", []byte("apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n- type: RBAC\n  name: rbac\n"))
	write("ready", nil)
	return scratchFolder
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
