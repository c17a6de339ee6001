use super::*;
use crate::{
    engine::{Closed, Config, Linter, lint_document, lint_set},
    finding::{Class, Finding, Severity, Site},
    kubernetes::{Object, PodSpec, values::selector::Selector},
    recognise::{FileKind, Skipped},
    rule::Anchor,
    source::SourceText,
};

fn set_of(closed: Closed, files: &[(&str, &str)]) -> ResourceSet {
    let linter = Linter::new(&[], Config { closed, ..Config::default() }).unwrap();
    let sources = files.iter().map(|(path, text)| SourceText::new(*path, *text));
    let linted = sources.map(|source| lint_document(source, None, &linter)).collect();
    ResourceSet::new(linted, linter.config())
}

fn set(files: &[(&str, &str)]) -> ResourceSet {
    set_of(Closed::Auto, files)
}

/// Whether absence would be reported of an object.
fn is_partial(set: &ResourceSet, object: Object<'_>) -> bool {
    set.is_partial(&absence(object.site()))
}

fn absence(site: Site) -> Finding {
    Finding {
        rule: "test/absence",
        class: Class::Hygiene,
        severity: Severity::Info,
        message: String::new(),
        help: None,
        site,
        related: Vec::new(),
        fixes: Vec::new(),
        fingerprint: 0,
        absence: true,
    }
}

fn partial_paths(set: &ResourceSet) -> Vec<&str> {
    let partial = set.objects().filter(|object| is_partial(set, *object));
    let mut paths: Vec<&str> = partial.map(|object| &**object.tree().path()).collect();
    paths.dedup();
    paths
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web:1}]}\n";
const PATCH: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec: {containers: [{name: web, args: [a]}]}\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n";
const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n";

fn only<'a>(set: &'a ResourceSet, kind: &str) -> Object<'a> {
    let mut found = set.objects().filter(|object| object.kind() == kind);
    let first = found.next().expect("there is one");
    assert!(found.next().is_none(), "several of kind {kind}");
    first
}

#[test]
fn bases_and_what_is_laid_over_them_are_partial() {
    let set = set(&[
        ("app/base/kustomization.yaml", "resources: [deployment.yaml, service.yaml]\n"),
        ("app/base/deployment.yaml", DEPLOYMENT),
        ("app/base/service.yaml", SERVICE),
        (
            "app/prod/kustomization.yaml",
            "resources: [../base, config.yaml]\npatches:\n- path: replicas.yaml\n",
        ),
        ("app/prod/replicas.yaml", PATCH),
        ("app/prod/config.yaml", CONFIG),
    ]);
    assert_eq!(
        partial_paths(&set),
        ["app/base/deployment.yaml", "app/base/service.yaml", "app/prod/replicas.yaml"]
    );
}

#[test]
fn a_kustomization_that_only_lists_changes_nothing() {
    let files = [
        (
            "kustomization.yml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web]\n",
        ),
        (
            "web/kustomization.yaml",
            "namespace: shop\nresources: [./deployment.yaml]\nimages: [{name: web, newTag: x}]\n",
        ),
        ("web/deployment.yaml", DEPLOYMENT),
    ];
    let set = set(&files);
    assert!(partial_paths(&set).is_empty());
    assert_eq!(set.namespace(only(&set, "Deployment")), Namespace::Named("shop"));
}

#[test]
fn patches_touch_the_kinds_they_name() {
    let inline = "resources: [deployment.yaml, service.yaml]\npatches:\n- patch: |-\n    kind: Deployment\n    metadata: {name: web}\n";
    let target = "resources: [deployment.yaml, service.yaml]\npatches:\n- path: p.yaml\n  target: {kind: Service|Ingress}\n";
    let any = "resources: [deployment.yaml, service.yaml]\npatches:\n- path: p.yaml\n  target: {labelSelector: a=b}\n";
    let all = ["deployment.yaml", "service.yaml"];
    for (kustomization, expected) in [(inline, &all[..1]), (target, &all[1..]), (any, &all[..])] {
        let set = set(&[
            ("kustomization.yaml", kustomization),
            ("deployment.yaml", DEPLOYMENT),
            ("service.yaml", SERVICE),
        ]);
        assert_eq!(partial_paths(&set), expected, "{kustomization}");
    }
}

#[test]
fn components_are_partial() {
    let set = set(&[
        ("tls/kustomization.yaml", "kind: Component\nresources: [service.yaml]\n"),
        ("tls/service.yaml", SERVICE),
    ]);
    assert_eq!(partial_paths(&set), ["tls/service.yaml"]);
}

#[test]
fn patches_without_a_kustomization_are_known_by_name_and_shape() {
    let set = set(&[
        ("a/web_patch.yaml", PATCH),
        ("b/overlays/dev/web.yaml", PATCH),
        ("c/patch-service.yaml", SERVICE),
        ("d/overlays/dev/web.yaml", DEPLOYMENT),
        ("e/web.yaml", PATCH),
        ("f/dispatch.yaml", PATCH),
        ("g/base/web.yaml", DEPLOYMENT),
        ("h/base/web/kustomization.yaml", "resources: [web.yaml]\n"),
        ("h/base/web/web.yaml", DEPLOYMENT),
        ("i/02-assert.yaml", SERVICE),
        ("j/web-assert.yaml", SERVICE),
    ]);
    let patches = ["a/web_patch.yaml", "b/overlays/dev/web.yaml", "c/patch-service.yaml"];
    let others = ["g/base/web.yaml", "h/base/web/web.yaml", "i/02-assert.yaml"];
    assert_eq!(partial_paths(&set), [&patches[..], &others].concat());
}

#[test]
fn images_are_replaced_by_kustomizations_patches_and_builds() {
    let replaced = |files: &[(&str, &str)]| {
        let base = [("base/kustomization.yaml", "resources: [web.yaml]\n"), ("base/web.yaml", DEPLOYMENT)];
        let files: Vec<_> = base.iter().chain(files).copied().collect();
        let set = set(&files);
        let web = set.objects().find(|object| &**object.tree().path() == "base/web.yaml").unwrap();
        let container = PodSpec::of(web).and_then(|pod| pod.containers().next()).unwrap();
        set.replaces_image(container.image().unwrap(), "web")
    };
    let prod =
        |images: &str| replaced(&[("prod/kustomization.yaml", &format!("resources: [../base]\n{images}"))]);
    assert!(!prod(""));
    assert!(prod("images: [{name: web, newTag: v1.2.0}]\n"));
    assert!(prod("images: [{name: web, newName: registry/web, digest: 'sha256:0a'}]\n"));
    assert!(!prod("images: [{name: web, newTag: latest}]\n"));
    assert!(!prod("images: [{name: web, newName: registry/web}]\n"));
    let component = "kind: Component\nimages: [{name: web, newTag: v1.2.0}]\n";
    assert!(replaced(&[
        ("prod/kustomization.yaml", "resources: [../base]\ncomponents: [../tags]\n"),
        ("tags/kustomization.yaml", component),
    ]));
    let patched = |patch: &str| {
        let root = ("prod/kustomization.yaml", "resources: [../base]\npatches: [{path: image.yaml}]\n");
        replaced(&[root, ("prod/image.yaml", patch)])
    };
    assert!(patched(&PATCH.replace("args: [a]", "image: registry/web:v1.2.0")));
    assert!(!patched(PATCH));
    let skaffold = "apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts: [{image: web}]\n";
    assert!(replaced(&[("skaffold.yaml", skaffold)]));
    assert!(replaced(&[("base/skaffold.yaml", skaffold)]));
    assert!(!replaced(&[("ba/skaffold.yaml", skaffold)]));
}

#[test]
fn overlays_decide_the_namespace_of_a_base() {
    let base = [
        ("base/kustomization.yaml", "namespace: dev\nresources: [service.yaml]\n"),
        ("base/service.yaml", SERVICE),
    ];
    let namespace = |overlays: &[(&str, &str)]| {
        let files: Vec<_> = base.iter().chain(overlays).copied().collect();
        let set = set(&files);
        let service = only(&set, "Service");
        match set.namespace(service) {
            Namespace::Named(name) => name.to_owned(),
            other => format!("{other:?}"),
        }
    };
    let prod = ("prod/kustomization.yaml", "namespace: prod\nresources: [../base]\n");
    assert_eq!(namespace(&[]), "dev");
    assert_eq!(namespace(&[("qa/kustomization.yaml", "resources: [../base]\n")]), "dev");
    assert_eq!(namespace(&[prod]), "prod");
    assert_eq!(
        namespace(&[prod, ("qa/kustomization.yaml", "namespace: qa\nresources: [../base]\n")]),
        "Unknown"
    );
}

#[test]
fn files_of_a_chart_are_no_objects() {
    let set = set(&[
        ("web/Chart.yaml", "apiVersion: v2\nname: web\n"),
        ("web/values.yaml", "replicas: 1\n"),
        ("web/templates/plain.yaml", SERVICE),
        ("web/crds/config.yaml", CONFIG),
        ("other/templates/plain.yaml", SERVICE),
    ]);
    assert_eq!(set.file_at("web/templates/plain.yaml").unwrap().kind(), FileKind::HelmTemplate);
    assert_eq!(set.file_at("web/templates/plain.yaml").unwrap().skipped(), [Skipped::HelmTemplate]);
    assert_eq!(set.file_at("web/values.yaml").unwrap().skipped(), [Skipped::HelmChart]);
    let paths: Vec<&str> = set.objects().map(|object| &**object.tree().path()).collect();
    assert_eq!(paths, ["other/templates/plain.yaml", "web/crds/config.yaml"]);
}

crate::declare_rule! {
    /// Every object.
    pub ANY {
        id: "test/any",
        class: Hygiene,
        severity: Info,
        profiles: [recommended],
        check: Object(crate::rule::Kinds::Any, |object, cx| {
            cx.report(object, "is").absence();
        }),
    }
}

#[test]
fn findings_of_templates_and_of_absence_in_patches_are_dropped() {
    let files = [
        ("web/Chart.yaml", "apiVersion: v2\nname: web\n"),
        ("web/templates/plain.yaml", SERVICE),
        ("plain.yaml", SERVICE),
        ("web_patch.yaml", PATCH),
    ];
    let linter = Linter::new(&[&ANY], Config::default()).unwrap();
    let sources = files.iter().map(|(path, text)| SourceText::new(*path, *text));
    let linted = sources.map(|source| lint_document(source, None, &linter)).collect();
    let report = lint_set(&ResourceSet::new(linted, linter.config()), &linter);
    let paths: Vec<&str> = report.findings.iter().map(|finding| &*finding.site.place.path).collect();
    assert_eq!(paths, ["plain.yaml"]);
    assert_eq!(report.summary.skipped, [(Skipped::HelmTemplate, 1), (Skipped::HelmChart, 1)]);
}

#[test]
fn look_ups() {
    let set = set(&[
        ("a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"),
        ("b.yaml", SERVICE),
        ("c.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: \"${NS}\"}\n"),
        (
            "d.yaml",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all, namespace: x}\n",
        ),
        ("e.yaml", DEPLOYMENT),
    ]);
    let path = |object: Option<Object<'_>>| object.map(|object| object.tree().path().to_string());
    assert_eq!(path(set.find("", "Service", Some("shop"), "web")).as_deref(), Some("a.yaml"));
    assert_eq!(path(set.find("", "Service", Some("default"), "web")).as_deref(), Some("b.yaml"));
    assert_eq!(path(set.find("", "Service", Some("other"), "web")), None);
    assert_eq!(path(set.find("", "Service", Some("other"), "db")).as_deref(), Some("c.yaml"));
    assert_eq!(path(set.find("apps", "Service", Some("shop"), "web")), None);
    assert_eq!(set.named("", "Service", "web").count(), 2);
    assert_eq!(set.in_namespace("", "Service", "shop").count(), 2);
    assert_eq!(set.namespace(only(&set, "ClusterRole")), Namespace::Cluster);
    assert!(set.find("rbac.authorization.k8s.io", "ClusterRole", None, "all").is_some());
    assert_eq!(set.pods("default").count(), 1);
    assert_eq!(set.pod_index().labelled("default", "app", "web").count(), 1);
    assert_eq!(set.pod_index().labelled("default", "app", "db").count() + set.pods("shop").count(), 0);
}

#[test]
fn a_plain_folder_is_closed() {
    let files = [("a/deployment.yaml", DEPLOYMENT), ("a/service.yaml", SERVICE)];
    assert!(set(&files).closed(Some("default")) && set(&files).closed(None));
    assert!(!set(&files).closed(Some("other")), "nothing is known of a namespace without objects");
    assert!(!set_of(Closed::No, &files).closed(Some("default")));
    assert!(set_of(Closed::Yes, &files).closed(Some("other")));
    assert!(set(&files).keeps(Some("default"), "", "Service"));
    assert!(!set(&files).keeps(Some("default"), "", "Secret"), "Secrets may be made by hand");
    assert!(set_of(Closed::Yes, &files).keeps(Some("default"), "", "Secret"));
}

#[test]
fn what_nobody_sees_opens_the_set() {
    let operator = "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: a, namespace: default}\n";
    let application =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\n";
    let policy = "apiVersion: example.com/v1\nkind: ClusterThing\nmetadata: {name: a}\n";
    let monitor = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a}\n";
    let said = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: shop}\n";
    for (path, text, closed) in [
        ("chart/templates/x.yaml", "{{ include \"x\" . }}\n", false),
        ("chart/Chart.yaml", "name: x\n", false),
        ("a/kustomization.yaml", "resources: [deployment.yaml, https://example.com/base]\n", false),
        ("a/kustomization.yaml", "resources: [deployment.yaml, service.yaml]\n", true),
        ("a/kustomization.yaml", "namePrefix: x-\nresources: [deployment.yaml, service.yaml]\n", false),
        ("b/broken.yaml", "apiVersion: v1\nkind: [\n", false),
        ("b/operator.yaml", operator, false),
        ("b/application.yaml", application, false),
        ("b/policy.yaml", policy, false),
        ("b/monitor.yaml", monitor, true),
        ("b/again.yaml", SERVICE, false),
        ("a/said.yaml", said, false),
        ("b/said.yaml", said, true),
        ("b/variable.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: \"${NAME}\"}\n", false),
    ] {
        let set = set(&[("a/deployment.yaml", DEPLOYMENT), ("a/service.yaml", SERVICE), (path, text)]);
        assert_eq!(set.closed(Some("default")), closed, "{path}: {text}");
    }
}

#[test]
fn operators_make_pods_that_no_file_shows() {
    let operator = "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: a, namespace: shop}\n";
    let files = [("a/deployment.yaml", DEPLOYMENT), ("a/service.yaml", SERVICE), ("a/shop.yaml", operator)];
    let set = set_of(Closed::Yes, &files);
    assert!(set.closed(Some("shop")) && !set.keeps_pods("shop") && set.keeps_pods("default"));
}

#[test]
fn generators_make_objects() {
    let set = set(&[
        (
            "kustomization.yaml",
            "namespace: shop\nresources: [deployment.yaml, service.yaml]\nconfigMapGenerator:\n- name: web\n",
        ),
        ("deployment.yaml", DEPLOYMENT),
        ("service.yaml", SERVICE),
    ]);
    assert!(set.generates("ConfigMap", "shop", "web"));
    assert!(!set.generates("ConfigMap", "default", "web") && !set.generates("Secret", "shop", "web"));
    assert!(set.keeps(Some("shop"), "", "ConfigMap") && !set.keeps(Some("shop"), "", "Secret"));
}

#[test]
fn labels_that_appear_when_a_pod_runs() {
    let selected = |selector: &str| {
        let service =
            format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{selector: {selector}}}\n");
        let set = set_of(Closed::Yes, &[("a.yaml", &service), ("b.yaml", DEPLOYMENT)]);
        let node = only(&set, "Service").node().at(&["spec", "selector"]).unwrap();
        set.selected("default", &Selector::of_map(node).unwrap()).count()
    };
    assert_eq!(selected("{app: web}"), 1);
    assert_eq!(selected("{app: web, statefulset.kubernetes.io/pod-name: web-0}"), 1);
    assert_eq!(selected("{statefulset.kubernetes.io/pod-name: web-0, app: db}"), 0);
    assert_eq!(selected("{app: web, role: master}"), 1);
    assert_eq!(selected("{app: web, tier: front}"), 0);
}

#[test]
fn names_that_lead_nowhere() {
    let config = |name: &str, namespace: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\n")
    };
    let (shop, other) = (config("settings", "shop"), config("limits", "other"));
    let again = config("more", "shop");
    let files = [
        ("a/shop.yaml", &*shop),
        ("b/other.yaml", &*other),
        ("c/again.yaml", &*again),
        ("a/web.yaml", SERVICE),
    ];
    let near = |closed, name: &str| {
        let set = set_of(closed, &files);
        let from = only(&set, "Service");
        let absent = set.absent(from, "", "ConfigMap", Some("shop"), name);
        absent.map(|absent| absent.describe())
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(near(Closed::Yes, "settings"), None);
    assert_eq!(near(Closed::Yes, "limits"), said("ConfigMap `limits` is in namespace `other`"));
    assert_eq!(near(Closed::Yes, "nothing"), said(""));
    assert_eq!(near(Closed::No, "settigns"), None, "more may exist elsewhere");
    assert_eq!(near(Closed::Auto, "settigns"), said("there is ConfigMap `settings`"));
    assert_eq!(near(Closed::Yes, "${NAME}"), None);
}

/// Ten thousand workloads with their Services: look-ups must not scan.
#[test]
fn large_sets_are_indexed() {
    use std::fmt::Write;
    let mut text = String::new();
    for at in 0..5_000 {
        let _ = write!(
            text,
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{at}}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}, labels: {{app: l{at}, tier: web}}}}\nspec: {{containers: []}}\n"
        );
    }
    let set = set(&[("all.yaml", &text)]);
    for at in 0..5_000 {
        let (name, label) = (format!("s{at}"), format!("l{at}"));
        assert!(set.find("", "Service", Some("default"), &name).is_some());
        assert_eq!(set.pod_index().labelled("default", "app", &label).count(), 1);
    }
    assert!(set.closed(Some("default")));
}
