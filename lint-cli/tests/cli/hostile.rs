//! Input that is broken, made to harm, or no file at all: never a crash, always a word about what and where, and the rest
//! of the run goes on.

use std::{
    fs::File,
    io::{Read, Seek},
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use crate::support::{ERROR, Folder, Ran, finished};

/// A run of the command that must end by itself within a minute.
fn in_time(folder: &Folder, arguments: &[&str]) -> Ran {
    // Files take everything, pipes only as much as is read meanwhile.
    let file = || tempfile::tempfile().expect("a temporary file");
    let (mut stdout, mut stderr) = (file(), file());
    let stream = |file: &File| Stdio::from(file.try_clone().expect("a second handle"));
    let mut command = folder.command(arguments);
    command.stdin(Stdio::null()).stdout(stream(&stdout)).stderr(stream(&stderr));
    let mut child = command.spawn().expect("the command starts");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if start.elapsed() > Duration::from_mins(1) {
            child.kill().expect("it runs");
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |file: &mut File| {
        let mut text = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut text)).expect("it was written");
        text
    };
    finished(Output { status, stdout: text(&mut stdout), stderr: text(&mut stderr) })
}

const CHECK: &[&str] = &["check", "--output-format", "concise", "--color", "never"];

/// Checks a file with these bytes beside a good one. What is said of it is returned.
fn said(bytes: &[u8], code: i32) -> String {
    let folder = Folder::new(&[("good.yaml", ERROR)]);
    std::fs::write(folder.path("bad.yaml"), bytes).expect("a file");
    let ran = in_time(&folder, CHECK).exits(code);
    let (ours, rest): (Vec<&str>, Vec<&str>) =
        ran.stdout.lines().partition(|line| line.starts_with("bad.yaml:"));
    assert!(rest.iter().any(|line| line.starts_with("good.yaml:8:13: error[rbac/wildcard-all]")), "{rest:?}");
    // The settings of what can be read are none, and that is told.
    let settings = in_time(&folder, &["settings"]).exits(2);
    assert!(settings.stderr.contains("nothing to show"), "{}", settings.stderr);
    let problems = ran.stderr.lines().filter(|line| line.starts_with("error: "));
    ours.into_iter().chain(problems).collect::<Vec<_>>().join("\n")
}

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

#[test]
fn broken_yaml() {
    let text = said(format!("{HEAD}data: [\n---\n{ERROR}").as_bytes(), 1);
    assert_eq!(text.matches("[yaml/syntax]").count(), 1, "{text}");
    assert!(
        text.contains("bad.yaml:14:13: error[rbac/wildcard-all]"),
        "the other document is checked: {text}"
    );
}

#[test]
fn truncated_utf8() {
    let mut bytes = format!("{HEAD}data:\n  city: Zür").into_bytes();
    bytes.pop();
    bytes.pop();
    let text = said(&bytes, 1);
    assert!(text.starts_with("bad.yaml:6:10: error[yaml/") && text.contains("UTF-8"), "{text}");
}

#[test]
fn nul_bytes() {
    let text = said(format!("{HEAD}data:\n  a: \"b\0c\"\n").as_bytes(), 1);
    assert!(text.starts_with("bad.yaml:6:8: error[yaml/") && text.contains("U+0000"), "{text}");
}

#[test]
fn binary_files_named_yaml() {
    let bytes: Vec<u8> = (0..4096_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let text = said(&bytes, 1);
    assert!(text.starts_with("bad.yaml:1:"), "{text}");
    // A compressed file begins like this.
    let text = said(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xff", 1);
    assert!(text.starts_with("bad.yaml:1:"), "{text}");
}

#[test]
fn deep_nesting() {
    let open = 10_000;
    for nested in [
        "[".repeat(open),
        "{a: ".repeat(open),
        "- ".repeat(open),
        format!("{}{}", "[".repeat(open), "]".repeat(open)),
        "? ".repeat(open),
        "!a ".repeat(open),
    ] {
        let text = said(format!("{HEAD}data:\n  {nested}\n").as_bytes(), 1);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with("bad.yaml:") && text.contains("error[yaml/"), "{text}");
    }
}

#[test]
fn alias_bombs() {
    let mut bomb = format!("{HEAD}data:\n  a0: &a0 [x, x]\n");
    for level in 1..40 {
        let below = level - 1;
        bomb.push_str(&format!("  a{level}: &a{level} [*a{below}, *a{below}]\n"));
    }
    let text = said(bomb.as_bytes(), 1);
    assert!(text.contains("error[yaml/") && text.contains("alias"), "{text}");
    let own = said(format!("{HEAD}data: &a\n  b: *a\n").as_bytes(), 1);
    assert!(own.contains("error[yaml/"), "{own}");
    let merge = said(format!("{HEAD}data: &a\n  <<: *a\n").as_bytes(), 1);
    assert!(merge.contains("error[yaml/"), "{merge}");
}

#[test]
fn command_lines_that_grow() {
    let many = 10_000;
    let unit = |environment: String, words: String| {
        format!("[Service]\nEnvironment=\"A={environment}\"\nExecStart=/usr/bin/kubelet {words}\n")
    };
    let command = |items: String| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{containers: [{{name: a, command: [{items}]}}]}}\n"
        )
    };
    for (name, text) in [
        ("words.service", unit("--v=1 ".repeat(many), "$A ".repeat(many))),
        ("word.service", unit("x".repeat(many), format!("--v={}", "${A}".repeat(many)))),
        ("quotes.service", unit("\\\"".repeat(many), "--v=\"a\\\"b\" ".repeat(many))),
        ("wrappers.yaml", command("env, ".repeat(many) + "etcd")),
        ("shells.yaml", command(format!("sh, -c, \"{}\"", "sh -c ".repeat(many)))),
        ("commands.yaml", command(format!("sh, -c, 'etcd --a={}'", "$(".repeat(many)))),
    ] {
        let folder = Folder::new(&[("good.yaml", ERROR), (name, &text)]);
        let ran = in_time(&folder, CHECK).exits(1);
        assert!(ran.stdout.contains("good.yaml:8:13: error[rbac/wildcard-all]"), "{name}");
        in_time(&folder, &["settings", "--allow-empty"]).exits(0);
    }
}

#[test]
fn a_huge_line() {
    let long = "x".repeat(8 << 20);
    let folder =
        Folder::new(&[("good.yaml", ERROR), ("long.yaml", &format!("{HEAD}data: {{a: {long}, a: b}}\n"))]);
    let ran = in_time(&folder, &["check", "--select", "yaml/*,rbac/wildcard-all"]).exits(1);
    assert!(ran.stdout.contains("long.yaml:5:") && ran.stdout.contains("good.yaml:8:13"));
    assert!(ran.stdout.len() < 10_000, "the excerpt is cut");
}

#[test]
fn a_file_of_100_megabytes() {
    let folder = Folder::new(&[("good.yaml", ERROR)]);
    let text = format!("{HEAD}data:\n{}", "  key: a value of some length\n".repeat(100));
    std::fs::write(folder.path("large.yaml"), text.repeat((100 << 20) / text.len())).expect("a file");
    let start = Instant::now();
    let ran = in_time(&folder, CHECK).exits(2);
    assert!(start.elapsed() < Duration::from_secs(10), "it is not read");
    assert!(ran.stdout.contains("good.yaml:8:13"), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("cannot read `large.yaml`: it is larger than 64 MiB: leave it out with `--exclude`"),
        "{}",
        ran.stderr
    );
    in_time(&folder, &["check", "--exclude", "large.yaml"]).exits(1);
    in_time(&folder, &["settings"]).exits(2);
    // Standard input tells no size.
    let mut command = folder.command(&["check", "-"]);
    command.stdin(File::open(folder.path("large.yaml")).expect("it is there"));
    let ran = crate::support::ran(&mut command).exits(2);
    assert!(ran.stderr.contains("cannot read `<stdin>`: it is larger than 64 MiB"), "{}", ran.stderr);
}

#[test]
fn folders_named_like_files() {
    let folder = Folder::new(&[("x.yaml/inside.yaml", ERROR)]);
    for paths in [&["."][..], &["x.yaml"]] {
        let ran = in_time(&folder, &[CHECK, paths].concat()).exits(1);
        assert!(ran.stdout.starts_with("x.yaml/inside.yaml:8:13:"), "{}", ran.stdout);
    }
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt, fs::PermissionsExt, net::UnixListener},
        process::Command,
    };

    use super::*;

    #[test]
    fn no_permission_to_read() {
        let folder = Folder::new(&[("good.yaml", ERROR), ("secret.yaml", ERROR), ("closed/a.yaml", ERROR)]);
        let mode = |path: &str, mode| {
            std::fs::set_permissions(folder.path(path), std::fs::Permissions::from_mode(mode)).expect("ours");
        };
        mode("secret.yaml", 0);
        if File::open(folder.path("secret.yaml")).is_ok() {
            eprintln!("skipped: this user may read everything");
            return;
        }
        mode("closed", 0);
        let ran = in_time(&folder, CHECK).exits(2);
        mode("closed", 0o700);
        assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
        for path in ["secret.yaml", "closed"] {
            assert!(
                ran.stderr.contains(&format!("cannot read `{path}`: permission denied")),
                "{}",
                ran.stderr
            );
        }
    }

    #[test]
    fn what_cannot_be_opened_by_anybody() {
        // Opening a socket fails for every user, also for one who may read everything.
        let folder = Folder::new(&[("good.yaml", ERROR)]);
        let _socket = UnixListener::bind(folder.path("socket.yaml")).expect("a socket");
        let ran = in_time(&folder, &[CHECK, &["good.yaml", "socket.yaml"]].concat()).exits(2);
        assert!(ran.stdout.contains("good.yaml:8:13"), "{}", ran.stdout);
        assert!(ran.stderr.contains("error: cannot read `socket.yaml`: "), "{}", ran.stderr);
    }

    #[test]
    fn pipes_and_sockets_in_folders_are_left_out() {
        let folder = Folder::new(&[("good.yaml", ERROR)]);
        let _socket = UnixListener::bind(folder.path("socket.yaml")).expect("a socket");
        let pipe = folder.path("pipe.yaml");
        let made = Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success());
        std::os::unix::fs::symlink("socket.yaml", folder.path("link.yaml")).expect("a link");
        for command in [CHECK, &["settings"]] {
            let ran = in_time(&folder, command);
            let mut left_out = vec!["link.yaml", "socket.yaml"];
            left_out.extend(made.then_some("pipe.yaml"));
            for path in left_out {
                let warning = format!("warning: `{path}` is left out: it is no regular file\n");
                assert!(ran.stderr.contains(&warning), "{}", ran.stderr);
            }
        }
        let ran = in_time(&folder, CHECK).exits(1);
        assert!(ran.stdout.contains("good.yaml:8:13"), "{}", ran.stdout);
        if !made {
            eprintln!("skipped in part: there is no `mkfifo`");
            return;
        }
        // A pipe that is named is read to its end: shells write `<(helm template …)` like this.
        let writer = std::thread::spawn(move || std::fs::write(pipe, ERROR));
        let ran = in_time(&folder, &[CHECK, &["pipe.yaml"]].concat()).exits(1);
        writer.join().expect("it writes").expect("there is a reader");
        assert!(ran.stdout.starts_with("pipe.yaml:8:13:"), "{}", ran.stdout);
    }

    #[test]
    fn names_that_are_no_text() {
        let folder = Folder::new(&[]);
        for name in [&b"a\xff.yaml"[..], b"b\n::error::c.yaml", b"\x1b[31m.yaml"] {
            std::fs::write(folder.root().join(OsStr::from_bytes(name)), ERROR).expect("a file");
        }
        let ran = in_time(&folder, CHECK).exits(1);
        assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
        assert!(
            !ran.stdout.contains('\x1b') && ran.stdout.contains("b␊::error::c.yaml:8:13:"),
            "{}",
            ran.stdout
        );
    }
}
