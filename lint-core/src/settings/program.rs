//! Which component a command line starts, behind shells and other wrappers.

use kubevet_facts::Component;

use super::words::{Dialect, Word, split};

/// The component that a word names as a program: `/usr/local/bin/kubelet`, not `--service=kube-system/kubelet` and not
/// the short names that only `hyperkube` takes.
pub(super) fn component(word: &str) -> Option<Component> {
    let word = word.trim_start_matches(['@', ':', '+', '!']);
    Component::from_binary(word).filter(|component| {
        let name = file_name(word);
        !word.starts_with('-') && name.strip_suffix(".exe").unwrap_or(name) == component.name()
    })
}

/// Whether a program is a shell that runs a script.
pub(super) fn is_shell(word: &str) -> bool {
    matches!(file_name(word), "sh" | "bash" | "ash" | "dash")
}

/// The component that a command starts, and its arguments.
pub(super) fn started(words: Vec<Word>) -> Option<(Component, Vec<Word>)> {
    behind(words, 0)
}

/// More wrappers than this are no command of a person.
const MOST_WRAPPERS: usize = 32;

/// The component behind a number of shells.
fn behind(mut words: Vec<Word>, shells: usize) -> Option<(Component, Vec<Word>)> {
    let mut at = 0;
    for _ in 0..MOST_WRAPPERS {
        let first = &*words.get(at)?.text;
        if let Some(component) = component(first) {
            return Some((component, words.split_off(at + 1)));
        }
        at = match file_name(first) {
            "hyperkube" => {
                return Some((Component::from_binary(&words.get(at + 1)?.text)?, words.split_off(at + 2)));
            }
            "docker" | "podman" | "nerdctl" => {
                // The image may be called like the component, and options have values: the last one is the program.
                let program = (at + 1..words.len()).rev().find(|at| {
                    component(&words[*at].text).is_some() && !words[at - 1].text.starts_with('-')
                })?;
                return Some((component(&words[program].text)?, words.split_off(program + 1)));
            }
            _ if is_shell(first) && shells < MOST_WRAPPERS => {
                let script = words.iter().skip(at + 1).find(|word| !word.text.starts_with('-'))?;
                let offset = |at: usize| script.offset(at);
                let commands = split(&script.text, Dialect::Shell, &script.site, offset);
                return commands.into_iter().find_map(|command| behind(command, shells + 1));
            }
            // Words of the shell's grammar.
            "then" | "do" | "else" | "{" | "!" => at + 1,
            "exec" | "sudo" | "nohup" | "nice" | "ionice" | "taskset" | "chrt" | "env" | "setsid"
            | "tini" | "dumb-init" | "go-runner" | "kube-log-runner" => {
                let own = |word: &&Word| word.text.starts_with('-') || word.text.parse::<u32>().is_ok();
                at + 1 + words.iter().skip(at + 1).take_while(own).count()
            }
            // A variable for this command alone.
            _ if first.split_once('=').is_some_and(|(name, _)| !name.starts_with('-')) => at + 1,
            _ => return None,
        };
    }
    None
}

fn file_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::words::value;

    fn found(text: &str) -> Option<(Component, Vec<String>)> {
        let word = value(text, &"x".into(), 0);
        let words = split(&word.text, Dialect::Systemd, &word.site, |at| word.offset(at)).remove(0);
        let (component, words) = started(words)?;
        Some((component, words.into_iter().map(|word| word.text).collect()))
    }

    #[test]
    fn programs_are_found_behind_wrappers() {
        let one = |component| Some((component, vec!["--a=b".to_owned()]));
        assert_eq!(found("/usr/bin/kubelet --a=b"), one(Component::Kubelet));
        assert_eq!(found("/hyperkube proxy --a=b"), one(Component::KubeProxy));
        assert_eq!(found("/bin/bash -c 'exec nice -n 5 kubelet --a=b >/log 2>&1'"), one(Component::Kubelet));
        assert_eq!(found("env GOGC=50 etcd --a=b"), one(Component::Etcd));
        let logged = "/go-runner --log-file=/var/log/x.log --also-stdout /usr/local/bin/kube-apiserver --a=b";
        assert_eq!(found(logged), one(Component::KubeApiserver));
        assert_eq!(
            found("docker run --name etcd -v /var/lib/etcd:/etcd quay.io/coreos/etcd /usr/bin/etcd --a=b"),
            one(Component::Etcd)
        );
        for other in
            ["restic backup /var/lib/etcd", "x --kubelet-service=kube-system/kubelet", "/scheduler --a=b"]
        {
            assert_eq!(found(other), None, "{other}");
        }
        assert_eq!(component("--service=kube-system/kubelet"), None);
    }
}
