//! Options that no other test uses: each of them does something. And what no option may change.

use kubevet_tests::corpus::corpus;

use crate::support::{CLEAN, ERROR, Folder, WARNING};

const CONCISE: &[&str] = &["check", "--output-format", "concise"];

#[test]
fn kubernetes_version_decides_what_is_deprecated() {
    let text = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n";
    let folder = Folder::new(&[("kubeadm.yaml", text), ("kubevet.toml", "kubernetes-version = '1.31'\n")]);
    let found = |flags: &[&str]| {
        let rules = ["--select", "kubeadm/deprecated-api-version", "-q"];
        folder.run(&[CONCISE, &rules, flags].concat()).stdout.lines().count()
    };
    assert_eq!(found(&["--kubernetes-version", "1.30"]), 0);
    assert_eq!(found(&["--kubernetes-version", "v1.31.4"]), 1);
    assert_eq!(found(&[]), 1, "the configuration file says 1.31");
}

#[test]
fn profiles_select() {
    let folder = Folder::new(&[("a.yaml", ERROR), ("b.yaml", WARNING)]);
    let run = |profile| folder.run(&[CONCISE, &["--profile", profile]].concat()).stdout;
    assert!(run("recommended").contains("rbac/wildcard-all"));
    assert!(!run("pss-restricted").contains("rbac/wildcard-all"));
    let both = run("pss-restricted,recommended");
    assert!(both.contains("rbac/wildcard-all"), "{both}");
    assert!(run("all").lines().count() >= run("recommended").lines().count());
}

#[test]
fn closed_decides_whether_something_may_be_missing() {
    let binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a, namespace: x}\n\
                   roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gone}\n\
                   subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]\n";
    let folder = Folder::new(&[("a.yaml", binding)]);
    let found = |closed| {
        let flags = ["--select", "rbac/role-missing", "-q", "--closed", closed];
        folder.run(&[CONCISE, &flags].concat()).stdout.lines().count()
    };
    assert_eq!((found("yes"), found("no"), found("auto")), (1, 0, 0));
}

#[test]
fn verbose_and_quiet() {
    let folder = Folder::new(&[("a.yaml", CLEAN), ("other.yaml", "a: 1\n"), ("kubevet.toml", "")]);
    let plain = folder.run(&["check"]).exits(0);
    assert_eq!(plain.stderr.lines().count(), 1);
    let told = folder.run(&["check", "-v"]).exits(0).stderr;
    for words in
        ["configured by ", "rules selected", "skipped other.yaml: document that is not Kubernetes", "took "]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(folder.run(&["check", "-q"]).exits(0).stderr, "");
    folder.run(&["check", "-q", "-v"]).exits(2);
}

#[test]
fn nothing_moves_where_no_terminal_is() {
    let folder = Folder::new(&[("a.yaml", CLEAN)]);
    for flags in [&["check"][..], &["check", "--no-progress"], &["check", "--color", "always"]] {
        let ran = folder.run(flags).exits(0);
        assert!(!ran.stderr.contains('\r') && !ran.stderr.contains("reading"), "{}", ran.stderr);
    }
}

/// The same bytes for any number of threads, on real files.
#[test]
fn threads_change_nothing_on_real_files() {
    let folder = Folder::new(&[]);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/cluster").to_owned();
    let mut paths = vec![example];
    if let Some(corpus) = corpus() {
        let parts = ["cluster", "cluster-derived", "manifests/argoproj__argo-cd"];
        paths.extend(parts.map(|part| corpus.join(part).to_string_lossy().into_owned()));
        assert!(paths.iter().all(|path| std::path::Path::new(path).is_dir()), "{paths:?}");
    }
    for options in [
        &["check", "--profile", "all", "--output-format", "json"][..],
        &["check", "--output-format", "full"],
        &["settings", "--output-format", "json"],
        &["settings"],
    ] {
        let run = |jobs| {
            let mut arguments = [options, &["--no-ignore", "-j", jobs]].concat();
            arguments.extend(paths.iter().map(String::as_str));
            folder.run(&arguments).all()
        };
        let one = run("1");
        assert!(one.len() > 10_000 && one == run("4"), "{options:?}");
    }
}
