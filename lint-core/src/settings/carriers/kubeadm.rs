//! kubeadm configuration: what the documents of one file say, and what kubeadm adds to it.
//!
//! Source: `cmd/kubeadm/app` of Kubernetes 1.34: `phases/controlplane/manifests.go`, `phases/etcd/local.go`,
//! `phases/kubelet/flags.go`, `componentconfigs/{kubelet,kubeproxy}.go`, and the defaults of its API types.

mod kubelet;

use kubevet_facts::{Component, Version, kubeadm_constant};

use super::{Versions, config_file, new_settings, version_of_tag};
use crate::{
    finding::Site,
    kubernetes::{Object, is_placeholder},
    rule::Anchor,
    settings::{Argument, Carrier, Form, Origin, Settings, Value, arguments::Arguments},
    yaml::NodeRef,
};

/// Who injects.
const KUBEADM: &str = "kubeadm";

/// The documents of one file.
struct Documents<'t> {
    cluster: Option<Object<'t>>,
    /// Init- and JoinConfigurations, one for each node.
    nodes: Vec<Object<'t>>,
    kubelet: Option<Object<'t>>,
    proxy: Option<Object<'t>>,
}

/// The components that the kubeadm documents of one file define. Empty when there are none.
pub(in crate::settings) fn read(objects: &[Object<'_>], versions: Versions<'_>) -> Vec<Settings> {
    let ours = |object: &&Object<'_>| object.group() == "kubeadm.k8s.io";
    let kind = |kind: &str| objects.iter().filter(ours).find(|object| object.kind() == kind).copied();
    let node = |object: &&Object<'_>| matches!(object.kind(), "InitConfiguration" | "JoinConfiguration");
    let configuration = |component| {
        objects.iter().find(|object| config_file::component_of(**object) == Some(component)).copied()
    };
    let documents = Documents {
        cluster: kind("ClusterConfiguration"),
        nodes: objects.iter().filter(ours).filter(node).copied().collect(),
        kubelet: configuration(Component::Kubelet),
        proxy: configuration(Component::KubeProxy),
    };
    if documents.cluster.is_none() && documents.nodes.is_empty() {
        return Vec::new();
    }
    let said =
        documents.cluster.and_then(|cluster| cluster.node().get("kubernetesVersion")?.text().parse().ok());
    let version = versions.of(said);
    let mut found = Vec::new();
    // `kubeadm init` without a ClusterConfiguration takes its defaults; `kubeadm join` reads the cluster's own.
    let inits = documents.nodes.iter().any(|node| node.kind() == "InitConfiguration");
    if documents.cluster.is_some() || inits {
        let facts = Facts::new(&documents, version);
        found.push(facts.apiserver());
        found.push(facts.controller_manager());
        found.push(facts.scheduler());
        found.extend(facts.etcd());
        found.push(facts.proxy());
    }
    found.extend(kubelet::kubelets(&documents, version));
    found
}

/// The folders with patches that the documents name.
pub(in crate::settings) fn patch_folders<'t>(objects: &[Object<'t>]) -> Vec<&'t str> {
    let ours = objects.iter().filter(|object| object.group() == "kubeadm.k8s.io");
    let folders = ours.filter_map(|object| object.node().at(&["patches", "directory"]));
    folders.filter(|node| !node.is_null()).map(NodeRef::text).filter(|text| !text.is_empty()).collect()
}

/// What the documents say about the cluster as a whole, with kubeadm's defaults.
struct Facts<'d, 't> {
    documents: &'d Documents<'t>,
    version: Version,
    /// What stands for the cluster: the ClusterConfiguration, else the first document.
    site: Site,
    certificates: &'t str,
}

impl<'d, 't> Facts<'d, 't> {
    fn new(documents: &'d Documents<'t>, version: Version) -> Self {
        let object = documents.cluster.or(documents.nodes.first().copied()).expect("one of them is there");
        let site = object.node().get("kind").map_or_else(|| object.site(), |kind| kind.site());
        let mut facts = Facts { documents, version, site, certificates: "/etc/kubernetes/pki" };
        facts.certificates = facts.text(&["certificatesDir"]).unwrap_or(facts.certificates);
        facts
    }

    fn node(&self, path: &[&str]) -> Option<NodeRef<'t>> {
        self.documents.cluster?.node().at(path).filter(|node| !node.is_null())
    }

    fn text(&self, path: &[&str]) -> Option<&'t str> {
        self.node(path).map(NodeRef::text).filter(|text| !text.is_empty())
    }

    fn init(&self, path: &[&str]) -> Option<NodeRef<'t>> {
        let init = self.documents.nodes.iter().find(|node| node.kind() == "InitConfiguration")?;
        init.node().at(path).filter(|node| !node.is_null() && !node.text().is_empty())
    }

    fn settings(&self, component: Component) -> Settings {
        new_settings(component, self.version, Carrier::Kubeadm, self.site.clone())
    }

    /// Injects fixed values.
    fn inject(&self, settings: &mut Settings, values: &[(&str, &str)]) {
        for (name, value) in values {
            settings.push(name, text(value), Origin::Injected(KUBEADM, self.site.clone()));
        }
    }

    /// Injects paths below the certificates folder.
    fn inject_files(&self, settings: &mut Settings, files: &[(&str, &str)]) {
        for (name, file) in files {
            let path = format!("{}/{file}", self.certificates);
            settings.push(name, text(&path), Origin::Injected(KUBEADM, self.site.clone()));
        }
    }

    /// Injects a value that a field of the documents says, else a default.
    fn inject_field(
        &self,
        settings: &mut Settings,
        name: &str,
        node: Option<NodeRef<'t>>,
        default: Option<&str>,
    ) {
        match (node, default) {
            (Some(node), _) if node.is_seq() => {
                let items: Vec<_> = node.items().map(NodeRef::text).collect();
                settings.push(name, text(&items.join(",")), Origin::Injected(KUBEADM, node.site()));
            }
            (Some(node), _) => settings.push(name, text(node.text()), Origin::Injected(KUBEADM, node.site())),
            (None, Some(default)) => {
                settings.push(name, text(default), Origin::Injected(KUBEADM, self.site.clone()));
            }
            // Found out when kubeadm runs: the address or the name of the host.
            (None, None) => {
                let unknown = Value::Unknown("found on the host".to_owned());
                settings.push(name, unknown, Origin::Injected(KUBEADM, self.site.clone()));
            }
        }
    }

    fn apiserver(&self) -> Settings {
        let mut settings = self.settings(Component::KubeApiserver);
        let domain = self.text(&["networking", "dnsDomain"]).unwrap_or("cluster.local");
        self.inject_field(
            &mut settings,
            "advertise-address",
            self.init(&["localAPIEndpoint", "advertiseAddress"]),
            None,
        );
        self.inject_field(
            &mut settings,
            "secure-port",
            self.init(&["localAPIEndpoint", "bindPort"]),
            Some("6443"),
        );
        self.inject_field(
            &mut settings,
            "service-cluster-ip-range",
            self.node(&["networking", "serviceSubnet"]),
            Some("10.96.0.0/12"),
        );
        self.inject(
            &mut settings,
            &[
                ("enable-admission-plugins", "NodeRestriction"),
                ("service-account-issuer", &format!("https://kubernetes.default.svc.{domain}")),
                ("enable-bootstrap-token-auth", "true"),
                ("allow-privileged", "true"),
                ("kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"),
                ("requestheader-username-headers", "X-Remote-User"),
                ("requestheader-group-headers", "X-Remote-Group"),
                ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
                ("requestheader-allowed-names", "front-proxy-client"),
            ],
        );
        self.inject_files(
            &mut settings,
            &[
                ("service-account-key-file", "sa.pub"),
                ("service-account-signing-key-file", "sa.key"),
                ("client-ca-file", "ca.crt"),
                ("tls-cert-file", "apiserver.crt"),
                ("tls-private-key-file", "apiserver.key"),
                ("kubelet-client-certificate", "apiserver-kubelet-client.crt"),
                ("kubelet-client-key", "apiserver-kubelet-client.key"),
                ("requestheader-client-ca-file", "front-proxy-ca.crt"),
                ("proxy-client-cert-file", "front-proxy-client.crt"),
                ("proxy-client-key-file", "front-proxy-client.key"),
            ],
        );
        self.etcd_client(&mut settings);
        let arguments = self.extra_arguments(&["apiServer", "extraArgs"]);
        if !arguments.list.iter().any(|argument| argument.name == "authorization-config") {
            self.inject(&mut settings, &[("authorization-mode", "Node,RBAC")]);
        }
        settings.apply(arguments);
        settings
    }

    /// How the API server reaches etcd.
    fn etcd_client(&self, settings: &mut Settings) {
        if let Some(external) = self.node(&["etcd", "external"]) {
            self.inject_field(settings, "etcd-servers", external.get("endpoints"), Some(""));
            let file = |field| external.get(field).filter(|node| !node.text().is_empty());
            // A certificate without its key is left out.
            let (certificate, key) = file("certFile").zip(file("keyFile")).unzip();
            for (flag, node) in
                [("etcd-cafile", file("caFile")), ("etcd-certfile", certificate), ("etcd-keyfile", key)]
            {
                if node.is_some() {
                    self.inject_field(settings, flag, node, None);
                }
            }
            return;
        }
        let advertised = self.extra_arguments(&["etcd", "local", "extraArgs"]).list.into_iter();
        match advertised.rev().find(|argument| argument.name == "advertise-client-urls") {
            Some(argument) => {
                settings.push("etcd-servers", argument.value, Origin::Injected(KUBEADM, argument.site));
            }
            None => self.inject(settings, &[("etcd-servers", &format!("https://{}:2379", self.localhost()))]),
        }
        self.inject_files(
            settings,
            &[
                ("etcd-cafile", "etcd/ca.crt"),
                ("etcd-certfile", "apiserver-etcd-client.crt"),
                ("etcd-keyfile", "apiserver-etcd-client.key"),
            ],
        );
    }

    /// The host itself, in the family of the advertised address.
    fn localhost(&self) -> &'static str {
        let address = self.init(&["localAPIEndpoint", "advertiseAddress"]);
        if address.is_some_and(|node| node.text().contains(':')) { "[::1]" } else { "127.0.0.1" }
    }

    fn controller_manager(&self) -> Settings {
        let mut settings = self.settings(Component::KubeControllerManager);
        self.inject_kubeconfigs(&mut settings, "/etc/kubernetes/controller-manager.conf");
        self.inject(
            &mut settings,
            &[("use-service-account-credentials", "true"), ("controllers", "*,bootstrapsigner,tokencleaner")],
        );
        self.inject_files(
            &mut settings,
            &[
                ("client-ca-file", "ca.crt"),
                ("requestheader-client-ca-file", "front-proxy-ca.crt"),
                ("root-ca-file", "ca.crt"),
                ("service-account-private-key-file", "sa.key"),
                ("cluster-signing-cert-file", "ca.crt"),
                ("cluster-signing-key-file", "ca.key"),
            ],
        );
        if let Some(subnet) = self.node(&["networking", "podSubnet"]).filter(|node| !node.text().is_empty()) {
            self.inject(&mut settings, &[("allocate-node-cidrs", "true")]);
            self.inject_field(&mut settings, "cluster-cidr", Some(subnet), None);
            self.inject_field(
                &mut settings,
                "service-cluster-ip-range",
                self.node(&["networking", "serviceSubnet"]),
                Some("10.96.0.0/12"),
            );
        }
        self.inject_field(&mut settings, "cluster-name", self.node(&["clusterName"]), Some("kubernetes"));
        settings.apply(self.extra_arguments(&["controllerManager", "extraArgs"]));
        settings
    }

    fn scheduler(&self) -> Settings {
        let mut settings = self.settings(Component::KubeScheduler);
        self.inject_kubeconfigs(&mut settings, "/etc/kubernetes/scheduler.conf");
        settings.read_command_line(self.extra_arguments(&["scheduler", "extraArgs"]));
        settings
    }

    fn inject_kubeconfigs(&self, settings: &mut Settings, path: &str) {
        self.inject(
            settings,
            &[
                ("bind-address", "127.0.0.1"),
                ("leader-elect", "true"),
                ("kubeconfig", path),
                ("authentication-kubeconfig", path),
                ("authorization-kubeconfig", path),
            ],
        );
    }

    /// The etcd member that kubeadm runs on each control-plane node; none with an external etcd.
    fn etcd(&self) -> Option<Settings> {
        if self.node(&["etcd", "external"]).is_some() {
            return None;
        }
        let mut settings = self.settings(Component::Etcd);
        let tag = self.text(&["etcd", "local", "imageTag"]);
        if let Some(version) = tag.and_then(|tag| version_of_tag(Component::Etcd, tag)) {
            settings.version = version;
        }
        let address = self.init(&["localAPIEndpoint", "advertiseAddress"]);
        let url = |port: &str| address.map(|node| format!("https://{}:{port}", bracketed(node.text())));
        let listen = url("2379").map(|url| format!("https://{}:2379,{url}", self.localhost()));
        self.inject_field(&mut settings, "name", self.init(&["nodeRegistration", "name"]), None);
        for (flag, value) in [
            ("listen-client-urls", listen),
            ("advertise-client-urls", url("2379")),
            ("listen-peer-urls", url("2380")),
            ("initial-advertise-peer-urls", url("2380")),
        ] {
            match value {
                Some(value) => self.inject(&mut settings, &[(flag, &value)]),
                None => self.inject_field(&mut settings, flag, None, None),
            }
        }
        // Members join one by one: how many there will be is not in the files.
        let members = Value::Unknown("members when kubeadm runs".to_owned());
        settings.push("initial-cluster", members, Origin::Injected(KUBEADM, self.site.clone()));
        self.inject_field(
            &mut settings,
            "data-dir",
            self.node(&["etcd", "local", "dataDir"]),
            Some("/var/lib/etcd"),
        );
        self.inject_files(
            &mut settings,
            &[
                ("cert-file", "etcd/server.crt"),
                ("key-file", "etcd/server.key"),
                ("trusted-ca-file", "etcd/ca.crt"),
                ("peer-cert-file", "etcd/peer.crt"),
                ("peer-key-file", "etcd/peer.key"),
                ("peer-trusted-ca-file", "etcd/ca.crt"),
            ],
        );
        self.inject(
            &mut settings,
            &[
                ("client-cert-auth", "true"),
                ("peer-client-cert-auth", "true"),
                ("snapshot-count", "10000"),
                ("listen-metrics-urls", &format!("http://{}:2381", self.localhost())),
            ],
        );
        let modern = tag
            .or_else(|| kubeadm_constant("etcdVersion", self.version))
            .and_then(|tag| tag.parse::<Version>().ok())
            .is_none_or(|etcd| (etcd.major, etcd.minor) >= (3, 6));
        if modern {
            self.inject(
                &mut settings,
                &[("feature-gates", "InitialCorruptCheck=true"), ("watch-progress-notify-interval", "5s")],
            );
        } else {
            self.inject(
                &mut settings,
                &[
                    ("experimental-initial-corrupt-check", "true"),
                    ("experimental-watch-progress-notify-interval", "5s"),
                ],
            );
        }
        settings.apply(self.extra_arguments(&["etcd", "local", "extraArgs"]));
        Some(settings)
    }

    /// kube-proxy runs as an add-on with a configuration file that kubeadm completes.
    fn proxy(&self) -> Settings {
        let mut settings = self.settings(Component::KubeProxy);
        settings.has_config_file = true;
        if let Some(object) = self.documents.proxy {
            settings.site = object.site();
        }
        self.inject(
            &mut settings,
            &[
                ("clientConnection.kubeconfig", "/var/lib/kube-proxy/kubeconfig.conf"),
                ("bindAddress", if self.localhost() == "[::1]" { "::" } else { "0.0.0.0" }),
            ],
        );
        if let Some(subnet) = self.node(&["networking", "podSubnet"]).filter(|node| !node.text().is_empty()) {
            self.inject_field(&mut settings, "clusterCIDR", Some(subnet), None);
        }
        if let Some(object) = self.documents.proxy {
            config_file::apply(&mut settings, object);
        }
        settings
    }

    fn extra_arguments(&self, path: &[&str]) -> Arguments {
        extra_arguments(self.node(path))
    }
}

/// Extra arguments: a map before `v1beta4`, a list of names and values since.
fn extra_arguments(node: Option<NodeRef<'_>>) -> Arguments {
    let mut pairs: Vec<(NodeRef<'_>, NodeRef<'_>)> = match node {
        Some(node) if node.is_map() => node.entries().map(|entry| (entry.key, entry.value)).collect(),
        Some(node) => node.items().filter_map(|item| Some((item.get("name")?, item.get("value")?))).collect(),
        None => Vec::new(),
    };
    // `ArgumentsToCommand` of cmd/kubeadm/app/util: of two values of one flag the greater stands last.
    pairs.sort_by_key(|(name, value)| (name.text(), value.text()));
    let list = pairs.into_iter().map(|(name, value)| {
        let text = value.text().to_owned();
        let value_of = if is_placeholder(&text) { Value::Unknown(text) } else { Value::Text(text) };
        let dashes = name.text().len() - name.text().trim_start_matches('-').len();
        Argument {
            name: name.text()[dashes..].to_owned(),
            value: value_of,
            site: value.site(),
            name_site: name.site(),
            form: if dashes > 0 { Form::Dashes(dashes) } else { Form::Name },
            alone: false,
            stray: None,
        }
    });
    Arguments { list: list.collect(), complete: true }
}

fn text(value: &str) -> Value {
    if is_placeholder(value) { Value::Unknown(value.to_owned()) } else { Value::Text(value.to_owned()) }
}

fn bracketed(address: &str) -> String {
    if address.contains(':') { format!("[{address}]") } else { address.to_owned() }
}
