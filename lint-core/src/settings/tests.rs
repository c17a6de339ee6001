//! Effective settings of small clusters, one for each carrier.

use super::{Carrier, Component, Origin, Settings, Version, view};
use crate::{
    engine::{Config, Linter, lint_document},
    index::ResourceSet,
    source::SourceText,
};

fn set(files: &[(&str, &str)]) -> ResourceSet {
    let linter = Linter::new(&[], Config::default()).expect("nothing is selected");
    let linted = files.iter().map(|(path, text)| lint_document(SourceText::new(*path, *text), None, &linter));
    ResourceSet::new(linted.collect(), &Config::default())
}

fn one(set: &ResourceSet, component: Component) -> &Settings {
    let mut all = set
        .clusters()
        .iter()
        .flat_map(|cluster| &cluster.components)
        .filter(|settings| settings.component == component);
    let found = all.next().unwrap_or_else(|| panic!("no {component} in {:?}", set.clusters()));
    assert!(all.next().is_none(), "more than one {component}");
    found
}

/// What the file says at the origin of a setting.
fn written(set: &ResourceSet, settings: &Settings, name: &str) -> String {
    let setting = settings.get(name);
    let site = setting.origin().and_then(Origin::site).unwrap_or_else(|| panic!("{name} is not said"));
    set.source(&site.place.path).expect("a file of the set").slice(site.place.span).to_owned()
}

#[test]
fn static_pods_in_both_spellings() {
    let set = set(&[(
        "manifests/kube-apiserver.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver}\nspec:\n  containers:\n  - name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v1.33.4\n    command: [kube-apiserver, --anonymous-auth=false, --secure-port, '6443']\n    args:\n    - --etcd-servers=https://$(ETCD):2379\n    - --advertise-address=$(HOST_IP)\n    env:\n    - {name: ETCD, value: 10.0.0.1}\n    - {name: HOST_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}\n",
    )]);
    let settings = one(&set, Component::KubeApiserver);
    assert_eq!(
        (settings.version, settings.carrier, settings.complete),
        (Version::new(33), Carrier::StaticPod, true)
    );
    assert_eq!(settings.get("anonymous-auth").as_bool(), Some(false));
    assert_eq!(written(&set, settings, "anonymous-auth"), "false");
    assert_eq!(written(&set, settings, "secure-port"), "'6443'");
    assert_eq!(settings.get("etcd-servers").text(), Some("https://10.0.0.1:2379"));
    assert!(settings.get("advertise-address").is_unknown());
    assert_eq!(settings.get("profiling").as_bool(), Some(true));
    assert!(settings.get("client-ca-file").is_empty());
}

#[test]
fn shell_wrappers() {
    let set = set(&[(
        "etcd.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: etcd}\nspec:\n  containers:\n  - name: etcd\n    image: quay.io/coreos/etcd:v3.5.9\n    command:\n    - /bin/sh\n    - -ec\n    - |\n      set -x\n      exec etcd --name=${NAME} \\\n        --client-cert-auth --auto-tls=true\n",
    )]);
    let settings = one(&set, Component::Etcd);
    assert_eq!(settings.get("auto-tls").as_bool(), Some(true));
    assert_eq!(written(&set, settings, "auto-tls"), "true");
    assert_eq!(settings.get("client-cert-auth").as_bool(), Some(true));
    assert!(settings.get("name").is_unknown());
}

#[test]
fn kubeadm_injects_and_extra_arguments_replace() {
    let set = set(&[(
        "kubeadm.yaml",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.32.1\nnetworking: {podSubnet: 10.1.0.0/16}\napiServer:\n  extraArgs:\n  - {name: enable-admission-plugins, value: PodSecurity}\n---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n  - {name: read-only-port, value: '10255'}\n---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nreadOnlyPort: 0\nfeatureGates: {NodeSwap: false}\n",
    )]);
    let apiserver = one(&set, Component::KubeApiserver);
    assert_eq!(apiserver.version, Version::new(32));
    assert_eq!(apiserver.get("enable-admission-plugins").list(), Some(vec!["PodSecurity"]));
    assert_eq!(apiserver.layers("enable-admission-plugins").len(), 2);
    assert_eq!(apiserver.get("authorization-mode").text(), Some("Node,RBAC"));
    assert_eq!(one(&set, Component::KubeControllerManager).get("cluster-cidr").text(), Some("10.1.0.0/16"));
    let kubelet = one(&set, Component::Kubelet);
    assert_eq!(kubelet.get("read-only-port").as_i64(), Some(10255));
    assert_eq!(kubelet.get("readOnlyPort").as_i64(), Some(10255));
    assert_eq!(kubelet.get("authentication.anonymous.enabled").as_bool(), Some(false));
    assert_eq!(kubelet.gate("NodeSwap"), Some(false));
    assert!(one(&set, Component::Etcd).get("initial-cluster").is_unknown());
}

#[test]
fn kubelet_files_have_other_defaults_than_flags() {
    let file =
        set(&[("kubelet.yaml", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n")]);
    let settings = one(&file, Component::Kubelet);
    assert_eq!(settings.get("anonymous-auth").as_bool(), Some(false));
    assert_eq!(settings.get("readOnlyPort").as_i64(), Some(0));
    assert!(settings.get("node-ip").is_unknown());
    let bare =
        set(&[("kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet --kubeconfig=/etc/k.conf\n")]);
    let settings = one(&bare, Component::Kubelet);
    assert_eq!(settings.get("anonymous-auth").as_bool(), Some(true));
    assert_eq!(settings.get("readOnlyPort").as_i64(), Some(10255));
    assert!(settings.get("eviction-hard").is_unknown(), "its default depends on the operating system");
}

#[test]
fn defaults_of_versions_without_facts_are_those_of_the_nearest() {
    let set = set(&[
        ("k.service", "[Service]\nExecStart=kubelet --v=1\n"),
        (
            "c.yaml",
            "apiVersion: kubeadm.k8s.io/v1beta1\nkind: ClusterConfiguration\nkubernetesVersion: v1.16.0\n",
        ),
    ]);
    let kubelet =
        set.clusters().iter().find(|cluster| cluster.name == ".").map(|cluster| &cluster.components[0]);
    let kubelet = kubelet.expect("the unit");
    assert_eq!(kubelet.version, Version::new(16));
    assert_eq!(kubelet.get("anonymous-auth").origin(), Some(&Origin::Default(Version::oldest())));
}

const UNIT: &str = "[Unit]\nDescription=x\n[Service]\nExecStart=/usr/bin/kubelet\n";
const DROP_IN: &str = "[Service]\nEnvironment=\"CONFIG=--config=/var/lib/kubelet/config.yaml\"\nEnvironmentFile=-/etc/default/kubelet\nExecStart=\nExecStart=/usr/bin/kubelet $CONFIG \\\n  # a comment\n  $KUBELET_EXTRA_ARGS\n";
const CONFIG: &str = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthorization: {mode: Webhook}\nauthentication:\n  anonymous: {enabled: false}\n";

#[test]
fn units_join_their_drop_ins_environment_and_configuration() {
    let set = set(&[
        ("node/etc/systemd/system/kubelet.service", UNIT),
        ("node/etc/systemd/system/kubelet.service.d/10-kubeadm.conf", DROP_IN),
        (
            "node/etc/default/kubelet",
            "# flags\nKUBELET_EXTRA_ARGS=\"--anonymous-auth=true --node-ip=10.0.0.5\"\n",
        ),
        ("node/var/lib/kubelet/config.yaml", CONFIG),
    ]);
    assert_eq!(set.clusters().len(), 1);
    let settings = one(&set, Component::Kubelet);
    assert!(settings.complete && settings.has_config_file && !settings.config_missing);
    assert_eq!(settings.get("authentication.anonymous.enabled").as_bool(), Some(true));
    assert_eq!(written(&set, settings, "anonymous-auth"), "true");
    assert_eq!(settings.layers("anonymous-auth").len(), 2);
    assert_eq!(written(&set, settings, "node-ip"), "10.0.0.5");
    assert_eq!(written(&set, settings, "authorization.mode"), "Webhook");
    assert_eq!(written(&set, settings, "config"), "/var/lib/kubelet/config.yaml");
}

#[test]
fn what_is_missing_is_unknown() {
    let set = set(&[("a/kubelet.service", UNIT), ("a/kubelet.service.d/10.conf", DROP_IN)]);
    let settings = one(&set, Component::Kubelet);
    assert!(!settings.complete && settings.config_missing);
    assert!(settings.get("anonymous-auth").is_unknown() && settings.get("node-ip").is_unknown());
}

#[test]
fn words_that_only_look_like_a_component() {
    let none = set(&[
        ("dirs.service", "[Service]\nExecStart=/usr/bin/mkdir -p /var/lib/kubelet\n"),
        (
            "operator.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: x\n    image: example.org/prometheus-operator:v0.93.0\n    args: [--kubelet-service=kube-system/kubelet]\n",
        ),
    ]);
    assert!(none.clusters().is_empty(), "{:?}", none.clusters());
    let packaged = set(&[("kubelet.service", UNIT)]);
    assert!(one(&packaged, Component::Kubelet).get("anonymous-auth").is_unknown());
    let wrapped = set(&[(
        "kubelet.service",
        "[Service]\nExecStart=/usr/bin/taskset -c 0 /usr/bin/kubelet --anonymous-auth=false\n",
    )]);
    assert_eq!(one(&wrapped, Component::Kubelet).get("anonymous-auth").as_bool(), Some(false));
}

#[test]
fn etcd_variables_are_flags() {
    let set = set(&[
        (
            "etcd.service",
            "[Service]\nEnvironmentFile=/etc/etcd.env\nExecStart=/usr/bin/etcd --auto-tls=false\n",
        ),
        ("etcd.env", "ETCD_CERT_FILE=/pki/server.crt\nETCD_AUTO_TLS=true\n"),
    ]);
    let settings = one(&set, Component::Etcd);
    assert_eq!(settings.get("cert-file").text(), Some("/pki/server.crt"));
    assert_eq!(settings.get("auto-tls").as_bool(), Some(false));
    let pod = self::set(&[(
        "etcd.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: etcd}\nspec:\n  containers:\n  - name: etcd\n    command: [etcd, --auto-tls]\n    env:\n    - {name: HOST, value: 10.0.0.1}\n    - {name: ETCD_AUTO_TLS, value: 'false'}\n    - {name: ETCD_LISTEN_CLIENT_URLS, value: 'https://$(HOST):2379'}\n    - {name: ETCD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}\n",
    )]);
    let settings = one(&pod, Component::Etcd);
    assert_eq!(settings.get("listen-client-urls").text(), Some("https://10.0.0.1:2379"));
    assert_eq!(settings.get("auto-tls").as_bool(), Some(true));
    assert!(settings.get("name").is_unknown() && settings.get("cert-file").is_empty());
}

#[test]
fn repeated_flags() {
    let set = set(&[(
        "apiserver.service",
        "[Service]\nExecStart=/usr/bin/kube-apiserver --secure-port=1 --secure-port=2 --service-account-issuer=a --service-account-issuer=b\n",
    )]);
    let settings = one(&set, Component::KubeApiserver);
    assert_eq!(settings.repeated().len(), 1);
    assert_eq!(settings.get("secure-port").as_i64(), Some(2));
    assert_eq!(settings.get("service-account-issuer").list(), Some(vec!["a", "b"]));
}

#[test]
fn views_say_where_values_come_from() {
    let set = set(&[
        ("kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet --config=/k.yaml --anonymous-auth=true\n"),
        ("k.yaml", CONFIG),
    ]);
    let views = view::views(&set, &view::Selection::default());
    let json: serde_json::Value = serde_json::from_str(&view::json(&views)).unwrap();
    let kubelet = &json["components"][0];
    assert_eq!((&kubelet["configuration_file"], &kubelet["complete"]), (&"read".into(), &true.into()));
    let anonymous = &kubelet["settings"][0];
    assert_eq!(
        (&anonymous["name"], &anonymous["flag"]),
        (&"authentication.anonymous.enabled".into(), &"anonymous-auth".into())
    );
    assert_eq!((&anonymous["value"], &anonymous["origin"]["kind"]), (&"true".into(), &"flag".into()));
    assert_eq!(anonymous["origin"]["place"]["line"], 2);
    assert_eq!(
        (&anonymous["overrides"][0]["value"], &anonymous["overrides"][0]["origin"]["kind"]),
        (&"false".into(), &"file".into())
    );
    assert!(kubelet["defaults_left_out"].as_u64().is_some_and(|count| count > 50));
}

#[test]
fn views_select() {
    let set = set(&[("k.yaml", CONFIG)]);
    let names = |names: &[&str], defaults| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let selection = view::Selection { names, defaults, ..view::Selection::default() };
        let view = view::views(&set, &selection).remove(0);
        view.settings.into_iter().map(|row| (row.name, row.value)).collect::<Vec<_>>()
    };
    let text = |text: &str| Some(view::ValueView::Text(text.to_owned()));
    assert_eq!(names(&[], false).len(), 2);
    assert!(names(&[], true).contains(&("readOnlyPort".to_owned(), text("0"))));
    // By the flag's name, though nobody says it; `node-ip` is a flag only, and the command line is not known.
    assert_eq!(
        names(&["--read-only-port", "node-ip"], false),
        [("node-ip".to_owned(), None), ("readOnlyPort".to_owned(), text("0"))]
    );
    assert!(names(&["auth*.enabled"], false).iter().all(|(name, _)| name.starts_with("authentication")));
    let kube_proxy = view::Selection { components: vec![Component::KubeProxy], ..view::Selection::default() };
    assert!(view::views(&set, &kube_proxy).is_empty());
}

#[test]
fn map_flags_replace_the_map_of_the_file() {
    let set = set(&[
        (
            "kubelet.service",
            "[Service]\nExecStart=/usr/bin/kubelet --config=/k.yaml --eviction-hard=memory.available<5%\n",
        ),
        (
            "k.yaml",
            "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nevictionHard: {nodefs.available: 9%, imagefs.available: 8%}\nfeatureGates: {NodeSwap: false}\n",
        ),
    ]);
    let settings = one(&set, Component::Kubelet);
    assert_eq!(settings.get("evictionHard").text(), Some("memory.available<5%"));
    assert_eq!(settings.layers("evictionHard").len(), 3);
    assert!(settings.layers("evictionHard.nodefs.available").is_empty());
    assert_eq!(settings.gate("NodeSwap"), Some(false));
}

#[test]
fn units_of_stronger_folders_hold_and_drop_ins_go_by_name() {
    let unit = |flag: &str| format!("[Service]\nExecStart=/usr/bin/kubelet --v={flag} $A $B\n");
    let drop_in = |a: &str| format!("[Service]\nEnvironment=A=--node-ip={a}\n");
    let (vendor, local) = (unit("1"), unit("2"));
    let set = set(&[
        ("n/usr/lib/systemd/system/kubelet.service", &vendor),
        ("n/etc/systemd/system/kubelet.service", &local),
        ("n/etc/systemd/system/kubelet.service.d/10-a.conf", &drop_in("10.0.0.1")),
        ("n/usr/lib/systemd/system/kubelet.service.d/10-a.conf", &drop_in("10.0.0.9")),
        ("n/usr/lib/systemd/system/kubelet.service.d/20-b.conf", &drop_in("10.0.0.2")),
        (
            "n/usr/lib/systemd/system/kubelet.service.d/30-c.conf",
            "[Service]\nEnvironmentFile=/gone\nEnvironmentFile=\nEnvironmentFile=/etc/default/kubelet\n",
        ),
        ("n/etc/default/kubelet", "C=1\n"),
    ]);
    let settings = one(&set, Component::Kubelet);
    assert_eq!(settings.get("v").text(), Some("2"));
    assert_eq!(settings.get("node-ip").text(), Some("10.0.0.2"));
    assert!(settings.complete, "all variables are known, and `B` is none");
}

#[test]
fn specifiers_are_known_to_systemd_alone() {
    let set = set(&[(
        "kubelet.service",
        "[Service]\nExecStart=-/usr/bin/kubelet --hostname-override=%H --eviction-hard=memory.available<5%%\n",
    )]);
    let settings = one(&set, Component::Kubelet);
    assert!(settings.get("hostname-override").is_unknown() && settings.complete);
    assert_eq!(settings.get("eviction-hard").text(), Some("memory.available<5%"));
}

#[test]
fn other_programs_are_no_components() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - {name: a, image: operator:1.2, args: [--kubelet-service=kube-system/kubelet]}\n  - {name: b, image: istio:1.2, args: [proxy, sidecar]}\n  - {name: c, image: my-kube-scheduler:1.0, command: [/kube-scheduler, --v=3]}\n";
    let backup = "[Service]\nExecStart=/usr/bin/restic backup /var/lib/etcd\n";
    let set = set(&[("pod.yaml", pod), ("backup.service", backup)]);
    let settings = one(&set, Component::KubeScheduler);
    assert_eq!(settings.version, Version::newest());
    assert_eq!(set.clusters().iter().map(|cluster| cluster.components.len()).sum::<usize>(), 1);
}

#[test]
fn kubelets_read_more_files_in_order() {
    let unit = "[Service]\nExecStart=/usr/bin/kubelet --config=/k.yaml --config-dir=/etc/kubernetes/kubelet.conf.d --v=1\n";
    let part = |text: &str| {
        format!("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{text}\n")
    };
    let (first, second) = (part("maxPods: 1"), part("maxPods: 2\nlogging: {verbosity: 5}"));
    let files = [
        ("etc/systemd/system/kubelet.service", unit),
        ("k.yaml", CONFIG),
        ("etc/kubernetes/kubelet.conf.d/10.conf", &first),
        ("etc/kubernetes/kubelet.conf.d/20.conf", &second),
    ];
    let all = set(&files);
    let settings = one(&all, Component::Kubelet);
    assert_eq!((settings.get("maxPods").as_i64(), settings.layers("maxPods").len()), (Some(2), 2));
    assert_eq!(settings.get("logging.verbosity").as_i64(), Some(1), "flags win");
    let gone = set(&files[..2]);
    assert!(one(&gone, Component::Kubelet).get("maxPods").is_unknown(), "the folder may say it");
}

#[test]
fn kubeadm_completes_what_it_writes() {
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.33.0\nnetworking: {serviceSubnet: 10.100.0.0/16}\napiServer:\n  extraArgs:\n  - {name: v, value: '2'}\n  - {name: v, value: '1'}\netcd:\n  local:\n    extraArgs:\n    - {name: advertise-client-urls, value: 'https://etcd.internal:2379'}\n---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nlocalAPIEndpoint: {advertiseAddress: 'fd00::1'}\nnodeRegistration: {name: cp-1}\npatches: {directory: /patches}\n";
    let set = set(&[("kubeadm.yaml", text), ("k.service", "[Service]\nExecStart=kubelet --v=2\n")]);
    let cluster = set.clusters().iter().find(|cluster| cluster.name == "kubeadm.yaml").expect("a cluster");
    let of =
        |component| cluster.components.iter().find(|one| one.component == component).expect("it is there");
    let apiserver = of(Component::KubeApiserver);
    assert_eq!(apiserver.get("v").text(), Some("2"), "kubeadm sorts flags by value");
    assert_eq!(apiserver.get("etcd-servers").text(), Some("https://etcd.internal:2379"));
    assert!(!apiserver.complete, "patches may add flags");
    assert_eq!(of(Component::Etcd).get("listen-metrics-urls").text(), Some("http://[::1]:2381"));
    assert_eq!(of(Component::Etcd).get("name").text(), Some("cp-1"));
    assert_eq!(of(Component::KubeProxy).get("bindAddress").text(), Some("::"));
    assert_eq!(of(Component::Kubelet).get("clusterDNS").list(), Some(vec!["10.100.0.10"]));
    let other = set.clusters().iter().find(|cluster| cluster.name == ".").expect("a cluster");
    assert_eq!(other.components[0].version, Version::new(33), "the one version that the files name");
}

#[test]
fn kubeadm_applies_patches() {
    let kubeadm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\npatches: {directory: /etc/kubeadm/patches}\n";
    let scheduler = "spec:\n  containers:\n  - name: kube-scheduler\n    command: [kube-scheduler, --leader-elect=false]\n";
    let set = set(&[
        ("kubeadm.yaml", kubeadm),
        ("patches/kubeletconfiguration0.yaml", "maxPods: 42\nauthentication: {anonymous: {enabled: true}}\n"),
        (
            "patches/kubeletconfiguration1+json.json",
            "[{\"op\": \"add\", \"path\": \"/podPidsLimit\", \"value\": 100}]",
        ),
        (
            "patches/kube-apiserver+json.yaml",
            "- {op: add, path: /spec/containers/0/command/-, value: --profiling=false}\n- {op: add, path: /metadata/labels/a, value: b}\n",
        ),
        ("patches/kube-scheduler+merge.yaml", scheduler),
        ("patches/etcd+json.yaml", "- {op: remove, path: /spec/containers/0/command/3}\n"),
    ]);
    let kubelet = one(&set, Component::Kubelet);
    assert_eq!(kubelet.get("maxPods").as_i64(), Some(42));
    assert_eq!(kubelet.get("podPidsLimit").as_i64(), Some(100));
    assert_eq!(kubelet.get("anonymous-auth").as_bool(), Some(true));
    assert_eq!(kubelet.layers("anonymous-auth").len(), 2);
    let apiserver = one(&set, Component::KubeApiserver);
    assert_eq!((apiserver.get("profiling").as_bool(), apiserver.complete), (Some(false), true));
    assert_eq!(written(&set, apiserver, "profiling"), "false");
    let scheduler = one(&set, Component::KubeScheduler);
    assert_eq!(scheduler.get("leader-elect").as_bool(), Some(false));
    assert!(scheduler.layers("kubeconfig").is_empty(), "the list of words is another one");
    assert!(!one(&set, Component::Etcd).complete, "nobody knows which word is gone");
}
