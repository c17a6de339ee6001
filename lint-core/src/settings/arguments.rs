//! Words of a command line as flags of a component.

use kubevet_facts::{Component, FlagKind, Version, flag};

use super::{Origin, Settings, Value, words::Word};
use crate::{finding::Site, kubernetes::is_placeholder};

/// One flag as a command line, or what stands for one, gives it. Unlike a [`super::Setting`] it is what is written, not
/// what it comes to.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name without dashes.
    pub name: String,
    /// Its value, also when the flag stands alone.
    pub value: Value,
    /// Where the value is, or the flag when it stands alone or its value is empty.
    pub site: Site,
    /// Where its name is, dashes included; of a variable that stands for a flag, its value.
    pub name_site: Site,
    /// How it is written.
    pub form: Form,
    /// Whether it stands alone, without a value.
    pub alone: bool,
    /// A word behind it that is neither a flag nor its value.
    pub stray: Option<(String, Site)>,
}

/// How a flag is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As a word that begins with so many dashes.
    Dashes(usize),
    /// As a name that an installer puts dashes before.
    Name,
    /// As an environment variable of etcd.
    Variable,
}

/// The flags of a command line, and whether they are all of them.
pub(super) struct Arguments {
    pub list: Vec<Argument>,
    /// No word is unknown.
    pub complete: bool,
}

/// Reads the words behind the name of the program.
pub(super) fn parse(component: Component, version: Version, words: &[Word]) -> Arguments {
    let mut found = Arguments { list: Vec::new(), complete: true };
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        // etcd takes `-name` for `--name`, as Go's own flags do.
        let dashes = if word.text.starts_with("--") { 2 } else { 1 };
        let body = word.text.get(dashes..).filter(|body| word.text.starts_with('-') && !body.is_empty());
        let Some(body) = body else {
            found.complete &= !word.unknown;
            if let Some(last) = found.list.last_mut().filter(|_| !word.unknown) {
                last.stray.get_or_insert_with(|| (word.text.clone(), word.site.clone()));
            }
            continue;
        };
        let (name, inline) = body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value)));
        if word.unknown && is_placeholder(name) {
            found.complete = false;
            continue;
        }
        let (name, inline) = match inline {
            // `-v2` is `-v=2`.
            None if dashes == 1 && component != Component::Etcd && name.chars().count() > 1 => {
                let first = name.chars().next().map_or(0, char::len_utf8);
                (&name[..first], Some(&name[first..]))
            }
            inline => (name, inline),
        };
        let (value, site, bare) = if let Some(value) = inline {
            let start = word.text.len() - value.len();
            // Nothing of the file stands for an empty value.
            let site = if value.is_empty() { word.site.clone() } else { word.part(start..word.text.len()) };
            (of(value, word.unknown), site, false)
        } else {
            let alone = flag(component, name, version).map(|flag| flag.no_value);
            let follows = words.peek().is_some_and(|next| !next.text.starts_with('-'));
            match (alone, words.next_if(|_| !matches!(alone, Some(Some(_))) && follows)) {
                (_, Some(next)) => (of(&next.text, next.unknown), next.site.clone(), false),
                (Some(Some(value)), None) => (of(value, false), word.site.clone(), true),
                (_, None) => (of("true", false), word.site.clone(), true),
            }
        };
        let field = Some(format!("--{name}"));
        found.list.push(Argument {
            site: Site { field: field.clone(), ..site },
            name_site: Site { field, ..word.part(0..dashes + name.len()) },
            name: name.to_owned(),
            value,
            form: Form::Dashes(dashes),
            alone: bare,
            stray: None,
        });
    }
    found
}

fn of(text: &str, unknown: bool) -> Value {
    if unknown || is_placeholder(text) {
        Value::Unknown(text.to_owned())
    } else {
        Value::Text(text.to_owned())
    }
}

impl Settings {
    /// Adds flags as the strongest layer.
    pub(super) fn apply(&mut self, arguments: Arguments) {
        self.complete &= arguments.complete;
        self.given.extend(arguments.list.iter().cloned());
        let mut given: Vec<(String, Vec<Argument>)> = Vec::new();
        for argument in arguments.list {
            let known = flag(self.component, &argument.name, self.version);
            let name = known.map_or_else(|| argument.name.clone(), |flag| flag.name.to_owned());
            if self.has_config_file && !kubevet_facts::flag_beats_file(self.component, &name) {
                continue;
            }
            match given.iter_mut().find(|(one, _)| *one == name) {
                Some((_, list)) => list.push(argument),
                None => given.push((name, vec![argument])),
            }
        }
        for (name, list) in given {
            self.apply_flag(&name, list);
        }
    }

    fn apply_flag(&mut self, name: &str, list: Vec<Argument>) {
        let known = flag(self.component, name, self.version);
        if known.is_some_and(|flag| flag.kind == FlagKind::Map) && name == "feature-gates" {
            for argument in &list {
                self.apply_gates(argument);
            }
        }
        let repeatable = known.is_none_or(|flag| flag.repeatable);
        if list.len() > 1 && !repeatable && list.windows(2).any(|pair| pair[0].value != pair[1].value) {
            self.repeated
                .push((name.to_owned(), list.iter().map(|argument| argument.site.clone()).collect()));
        }
        let unknown = list.iter().find(|argument| matches!(argument.value, Value::Unknown(_)));
        let texts = || {
            list.iter().filter_map(|argument| {
                if let Value::Text(text) = &argument.value { Some(text.clone()) } else { None }
            })
        };
        let last = list.last().expect("a flag is given at least once");
        let value = match unknown {
            Some(argument) if repeatable || std::ptr::eq(argument, last) => argument.value.clone(),
            _ if repeatable && list.len() > 1 => Value::List(texts().collect()),
            _ => last.value.clone(),
        };
        let site = last.site.clone();
        self.push(name, value, Origin::Flag(site));
    }

    /// Gates of a flag and of a configuration file merge one by one.
    fn apply_gates(&mut self, argument: &Argument) {
        let Value::Text(text) = &argument.value else { return };
        for pair in text.split(',') {
            if let Some((gate, value)) = pair.split_once('=') {
                let name = format!("featureGates.{}", gate.trim());
                self.push(&name, Value::Text(value.trim().to_owned()), Origin::Flag(argument.site.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::words::{Dialect, split, value};

    fn parsed(component: Component, text: &str) -> Vec<(String, Value)> {
        let site = value("", &"x".into(), 0).site;
        let words = split(text, Dialect::Systemd, &site, |at| Some(at as u32)).remove(0);
        let arguments = parse(component, Version::new(34), &words);
        arguments.list.into_iter().map(|one| (one.name, one.value)).collect()
    }

    #[test]
    fn both_spellings() {
        let text = |value: &str| Value::Text(value.to_owned());
        assert_eq!(
            parsed(
                Component::KubeApiserver,
                "--profiling --secure-port 6443 --anonymous-auth=false -v2 --allow-privileged true"
            ),
            [
                ("profiling".to_owned(), text("true")),
                ("secure-port".to_owned(), text("6443")),
                ("anonymous-auth".to_owned(), text("false")),
                ("v".to_owned(), text("2")),
                ("allow-privileged".to_owned(), text("true")),
            ]
        );
        assert_eq!(
            parsed(Component::Etcd, "-name e1 -client-cert-auth"),
            [("name".to_owned(), text("e1")), ("client-cert-auth".to_owned(), text("true"))]
        );
        assert_eq!(parsed(Component::Kubelet, "-äb"), [("ä".to_owned(), text("b"))]);
        assert_eq!(
            parsed(Component::Kubelet, "--node-ip=${IP}"),
            [("node-ip".to_owned(), Value::Unknown("${IP}".to_owned()))]
        );
    }
}
