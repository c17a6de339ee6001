//! How flags are written.

use kubevet_core::{
    declare_rule,
    facts::flag,
    finding::{Applicability, Edit, Fix, Site},
    rule::Context,
    settings::{Argument, Cluster, Component, Form, Settings, Value},
    source::Span,
};

use super::{given, known};

declare_rule! {
    /// A flag of a Kubernetes component is written with one dash.
    ///
    /// ## Why
    /// One dash begins one-letter flags: `-anonymous-auth` is read as `-a`, which does not exist, and the component ends. etcd alone
    /// takes both spellings.
    ///
    /// ## Fix
    /// Write two dashes.
    ///
    /// ## References
    /// pflag, "Command line flag syntax".
    ///
    /// ## Examples
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet -config=/var/lib/kubelet/config.yaml
    /// ```
    /// ```ini bad kube-scheduler.service
    /// [Service]
    /// ExecStart=/usr/local/bin/kube-scheduler -leader-elect
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet -v2 -v=2 -h --config=/var/lib/kubelet/config.yaml
    /// ```
    /// ```ini good etcd.service
    /// [Service]
    /// ExecStart=/usr/local/bin/etcd -name e1
    /// ```
    pub SINGLE_DASH {
        id: "flags/single-dash",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        fix: Safe,
        check: Cluster(single_dash),
    }
}

fn single_dash(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    let one = |(settings, argument): &(&Settings, &Argument)| {
        argument.form == Form::Dashes(1) && settings.component != Component::Etcd
    };
    for (settings, argument) in given(cluster).filter(one) {
        // `-config` is read as the flag `c` with the value `onfig`.
        let joined = match &argument.value {
            Value::Text(text) if argument.name.len() == 1 => format!("{}{text}", argument.name),
            _ => argument.name.clone(),
        };
        let joined = joined.split('=').next().unwrap_or_default().to_owned();
        let long =
            joined.len() > 1 && known(settings, argument).is_none_or(|known| known.shorthand.is_empty());
        if !long || flag(settings.component, &joined, settings.version).is_none() {
            continue;
        }
        let component = settings.component;
        let message = format!(
            "`-{joined}` is read as the flag `-{}`, which {component} does not have: it does not start",
            &joined[..1]
        );
        let start = argument.name_site.place.span.start;
        cx.report(&argument.name_site, message).help(format!("write `--{joined}`")).fix(Fix {
            title: "write two dashes".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![Edit { span: Span { start, end: start }, text: "-".to_owned() }],
        });
    }
}

declare_rule! {
    /// The name of a flag is written with underscores.
    ///
    /// ## Why
    /// It works: components read `_` as `-`. But nobody finds the flag who searches for its name.
    ///
    /// ## Fix
    /// Write dashes.
    ///
    /// ## References
    /// `WordSepNormalizeFunc` in `k8s.io/component-base/cli/flag`.
    ///
    /// ## Examples
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --node_ip=10.0.0.7
    /// ```
    /// ```ini good kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --node-ip=10.0.0.7 --no_such_flag=1
    /// ```
    pub UNDERSCORE {
        id: "flags/underscore",
        class: Hygiene,
        severity: Info,
        profiles: [],
        versions: "all",
        fix: Safe,
        check: Cluster(underscore),
    }
}

fn underscore(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster).filter(|(_, argument)| argument.name.contains('_')) {
        let Some(flag) = known(settings, argument) else { continue };
        let message =
            format!("the flag `{}` is written with underscores: its name is `{}`", argument.name, flag.name);
        let draft = cx.report(&argument.name_site, message).help(format!("write `{}`", flag.name));
        if let Some(span) = name_span(argument) {
            draft.fix(Fix {
                title: "write dashes".to_owned(),
                applicability: Applicability::Safe,
                edits: vec![Edit { span, text: flag.name.to_owned() }],
            });
        }
    }
}

/// The bytes of the name alone, where they stand in the file as they are.
fn name_span(argument: &Argument) -> Option<Span> {
    let dashes = match argument.form {
        Form::Dashes(count) => count,
        Form::Name => 0,
        Form::Variable => return None,
    };
    let Span { start, end } = argument.name_site.place.span;
    let whole = (end - start) as usize == dashes + argument.name.len();
    whole.then(|| Span { start: start + dashes as u32, end })
}

declare_rule! {
    /// A flag and its value are not joined as the component reads them.
    ///
    /// ## Why
    /// A flag that is on or off takes a value behind `=` only: `--profiling false` turns it on, and `false` is a word too many, with which
    /// most components do not start. In a list of arguments, `- --secure-port 6443` is one word with a blank in it: an unknown flag.
    ///
    /// ## Fix
    /// Join flag and value with `=`, or make them two items.
    ///
    /// ## References
    /// pflag, `NoOptDefVal`.
    ///
    /// ## Examples
    /// ```yaml bad manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command:
    ///         - kube-apiserver
    ///         - --anonymous-auth false
    /// ```
    /// ```ini bad kubelet.service
    /// [Service]
    /// ExecStart=/usr/bin/kubelet --fail-swap-on false --config=/var/lib/kubelet/config.yaml
    /// ```
    /// ```yaml good manifests/kube-apiserver.yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.2
    ///       command: [kube-apiserver, --anonymous-auth=false, --secure-port, "6443", "--audit-log-path=/var/a b", --profiling]
    /// ```
    pub VALUE_IN_SEPARATE_TOKEN {
        id: "flags/value-in-separate-token",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        fix: Safe,
        check: Cluster(value_in_separate_token),
    }
}

fn value_in_separate_token(cluster: &Cluster<'_>, cx: &mut Context<'_>) {
    for (settings, argument) in given(cluster) {
        if let Some((name, value)) = argument.name.split_once(char::is_whitespace) {
            one_word(settings, argument, (name, value), cx);
        } else if let Some((text, site)) = &argument.stray {
            stray(settings, argument, (text, site), cx);
        }
    }
}

/// `--secure-port 6443` as one word.
fn one_word(settings: &Settings, argument: &Argument, (name, value): (&str, &str), cx: &mut Context<'_>) {
    if flag(settings.component, name, settings.version).is_none() {
        return;
    }
    let component = settings.component;
    let message = format!(
        "`--{name}` and its value are one word here: {component} knows no such flag and does not start"
    );
    let value = value.trim();
    let help = match argument.form {
        Form::Name => format!("make `{name}` the name and `{value}` the value"),
        _ => format!("write `--{name}={value}`"),
    };
    let draft = cx.report(&argument.name_site, message).help(help);
    let one_blank = argument.form != Form::Name && argument.name.len() == name.len() + 1 + value.len();
    if let Some(span) = name_span(argument).filter(|_| one_blank) {
        let start = span.start + name.len() as u32;
        draft.fix(Fix {
            title: "join them with `=`".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![Edit { span: Span { start, end: start + 1 }, text: "=".to_owned() }],
        });
    }
}

/// `--profiling` and `false` as two words.
fn stray(settings: &Settings, argument: &Argument, (text, site): (&str, &Site), cx: &mut Context<'_>) {
    let Some(flag) = known(settings, argument) else { return };
    if !argument.alone || flag.no_value.is_none() || !super::parse::is_bool(text) {
        return;
    }
    let component = settings.component;
    let message = format!(
        "`{text}` is no value of `--{}`, which takes one behind `=` only: {component} runs with `true`, or not at all",
        flag.name
    );
    cx.report(site, message)
        .label(&argument.name_site, "this flag stands alone")
        .help(format!("write `--{}={text}`", flag.name));
}
