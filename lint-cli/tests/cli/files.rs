//! Which files are read.

use crate::support::{CLEAN, ERROR, Folder};

fn shown(folder: &Folder, flags: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["check", "--show-files"], flags].concat()).exits(0);
    ran.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn folders_give_what_could_be_kubernetes_and_named_files_are_always_read() {
    let folder = Folder::new(&[
        ("a.yaml", CLEAN),
        ("b/c.json", "{}"),
        ("b/readme.md", "x"),
        (".deploy/d.yml", CLEAN),
        ("node_modules/e.yaml", CLEAN),
        (".git/f.yaml", CLEAN),
        ("vendor.yaml", CLEAN),
        (".gitignore", "vendor.yaml\n"),
    ]);
    assert_eq!(shown(&folder, &[]), [".deploy/d.yml", "a.yaml", "b/c.json"]);
    assert_eq!(shown(&folder, &["--no-ignore"]), [".deploy/d.yml", "a.yaml", "b/c.json", "vendor.yaml"]);
    assert_eq!(
        shown(&folder, &["vendor.yaml", "b/readme.md", "./a.yaml"]),
        ["a.yaml", "b/readme.md", "vendor.yaml"]
    );
    let absolute = folder.path("a.yaml");
    assert_eq!(shown(&folder, &["a.yaml", absolute.to_str().unwrap(), "."]).len(), 3);
}

#[test]
fn excludes() {
    let folder = Folder::new(&[
        ("a.yaml", CLEAN),
        ("gen/b.yaml", CLEAN),
        ("x/gen/c.yaml", CLEAN),
        ("x/d.gen.yaml", CLEAN),
    ]);
    assert_eq!(shown(&folder, &["--exclude", "gen"]), ["a.yaml", "x/d.gen.yaml"]);
    assert_eq!(shown(&folder, &["--exclude", "/gen"]), ["a.yaml", "x/d.gen.yaml", "x/gen/c.yaml"]);
    assert_eq!(shown(&folder, &["--extend-exclude", "*.gen.yaml,x/**/c.yaml"]), ["a.yaml", "gen/b.yaml"]);
    assert_eq!(shown(&folder, &["--exclude", "gen", "gen/b.yaml"]), ["gen/b.yaml"]);
    assert_eq!(shown(&folder, &["--exclude", "gen", "--force-exclude", "gen/b.yaml", "a.yaml"]), ["a.yaml"]);
}

#[test]
fn standard_input() {
    let folder = Folder::new(&[]);
    let flags = ["check", "-", "--select", "rbac/wildcard-all", "--output-format", "concise"];
    let ran = folder.pipe(ERROR, &flags).exits(1);
    assert!(ran.stdout.starts_with("<stdin>:8:13: error[rbac/wildcard-all] "), "{}", ran.stdout);
    let ran = folder.pipe(ERROR, &[&flags[..], &["--stdin-filename", "./k8s/role.yaml"]].concat()).exits(1);
    assert!(ran.stdout.starts_with("k8s/role.yaml:8:13: "), "{}", ran.stdout);
    let excluded =
        ["--stdin-filename", "k8s/role.yaml", "--exclude", "k8s", "--force-exclude", "--allow-empty"];
    folder.pipe(ERROR, &[&flags[..], &excluded].concat()).exits(0);
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_once_and_never_in_circles() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&[("a/real.yaml", ERROR)]);
    symlink(folder.root(), folder.path("a/loop")).unwrap();
    symlink("real.yaml", folder.path("a/again.yaml")).unwrap();
    let outside = Folder::new(&[("shared.yaml", CLEAN)]);
    symlink(outside.path("shared.yaml"), folder.path("a/shared.yaml")).unwrap();
    assert_eq!(shown(&folder, &[]), ["a/real.yaml", "a/shared.yaml"]);

    symlink("gone.yaml", folder.path("a/dangling.yaml")).unwrap();
    symlink("self.yaml", folder.path("a/self.yaml")).unwrap();
    let ran = folder.run(&["check", "--select", "rbac/wildcard-all", "--output-format", "concise"]).exits(2);
    assert_eq!(ran.stdout.lines().count(), 1, "the run goes on: {}", ran.stdout);
    assert!(ran.stderr.contains("cannot read `a/dangling.yaml`: no such file"), "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot read `a/self.yaml`: "), "{}", ran.stderr);
}

#[test]
fn files_that_are_too_large_are_told_and_left_out() {
    let folder = Folder::new(&[("a.yaml", ERROR)]);
    std::fs::File::create(folder.path("large.yaml")).unwrap().set_len(100 << 20).unwrap();
    let ran = folder.run(&["check", "--select", "rbac/wildcard-all"]).exits(2);
    assert!(ran.stdout.contains("a.yaml:8:13"), "{}", ran.stdout);
    assert!(ran.stderr.contains("`large.yaml`: it is larger than 64 MiB"), "{}", ran.stderr);
}

#[test]
fn bytes_that_are_no_text_do_not_stop_the_run() {
    let folder = Folder::new(&[("a.yaml", ERROR)]);
    std::fs::write(folder.path("binary.yaml"), [0, 159, 146, 150, 255, 10, 0]).unwrap();
    let ran = folder.run(&["check", "--output-format", "concise", "--select", "rbac/wildcard-all"]).exits(1);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
}
