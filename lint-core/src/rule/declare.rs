//! The declaring macro: one block holds everything about a rule.

/// Declares a [`Rule`](crate::rule::Rule) as a `pub static`.
///
/// The doc comment is the rule's page. Its first paragraph is the summary; then why it matters, how to fix,
/// references, and fenced examples that the tests execute:
/// ```` ```yaml bad ```` and ```` ```yaml good ```` each open a file (`examples.yaml` unless a name follows).
/// More files of one example follow with ```` ```yaml with other.yaml ````.
///
/// ```
/// use kubevet_core::{declare_rule, kubernetes::PodSpec, rule::Context};
///
/// declare_rule! {
///     /// A pod shares the process namespace of its node.
///     pub HOST_PID {
///         id: "pod-security/host-pid",
///         class: Security,
///         severity: Warning,
///         profiles: [recommended, production, hardened: Error],
///         pss: "baseline/host-namespaces",
///         check: Pod(host_pid),
///     }
/// }
///
/// fn host_pid(pod: PodSpec<'_>, cx: &mut Context<'_>) {
///     if let Some(node) = pod.node().get("hostPID").filter(|node| node.as_bool() == Some(true)) {
///         cx.report(node, "`hostPID` shows every process of the node").help("remove `hostPID`");
///     }
/// }
/// assert_eq!(HOST_PID.group(), "pod-security");
/// ```
#[macro_export]
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])*
        pub $name:ident {
            id: $id:literal,
            class: $class:ident,
            severity: $severity:ident,
            profiles: [$($profile:ident $(: $own:ident)?),* $(,)?],
            $(cis: [$($cis:literal),* $(,)?],)?
            $(pss: $pss:literal,)?
            $(nsa: $nsa:literal,)?
            $(versions: $versions:literal,)?
            $(peers: [$($peer:literal),* $(,)?],)?
            $(fix: $fix:ident,)?
            $(options: [$($option:literal: $kind:ident = $option_docs:literal),* $(,)?],)?
            $(absence: $absence:literal,)?
            check: $check:ident($($argument:expr),+ $(,)?),
        }
    ) => {
        $(#[doc = $doc])*
        pub static $name: $crate::rule::Rule = $crate::rule::Rule {
            id: $id,
            class: $crate::finding::Class::$class,
            severity: $crate::finding::Severity::$severity,
            profiles: &[$((
                $crate::declare_rule!(@profile $profile),
                $crate::declare_rule!(@severity $($own)?),
            )),*],
            cis: &[$($($cis),*)?],
            pss: $crate::declare_rule!(@text $($pss)?),
            nsa: $crate::declare_rule!(@text $($nsa)?),
            versions: concat!($($versions)?),
            peers: $crate::rule_page!(@names $($($peer),*)?),
            fix: $crate::declare_rule!(@fix $($fix)?),
            options: &[$($($crate::rule::OptionSpec {
                name: $option,
                kind: $crate::rule::OptionKind::$kind,
                docs: $crate::rule_page!(@text $option_docs),
            }),*)?],
            absence: $crate::declare_rule!(@flag $($absence)?),
            check: $crate::rule::Check::$check($($argument),+),
            docs: $crate::rule_page!($($doc),*),
            file: file!(),
            line: line!(),
        };
    };
    (@profile recommended) => { $crate::rule::Profile::Recommended };
    (@profile production) => { $crate::rule::Profile::Production };
    (@profile hardened) => { $crate::rule::Profile::Hardened };
    (@severity) => { None };
    (@severity $own:ident) => { Some($crate::finding::Severity::$own) };
    (@text) => { None };
    (@text $text:literal) => { Some($text) };
    (@fix) => { $crate::rule::FixKind::None };
    (@fix $fix:ident) => { $crate::rule::FixKind::$fix };
    (@flag) => { false };
    (@flag $flag:literal) => { $flag };
}

/// Words of a rule's page, where pages are built in.
#[cfg(feature = "pages")]
#[doc(hidden)]
#[macro_export]
macro_rules! rule_page {
    (@names $($name:literal),*) => { &[$($name),*] };
    (@text $text:literal) => { $text };
    ($($line:literal),*) => { concat!($($line, "\n"),*) };
}

/// Words of a rule's page, where pages are built in.
#[cfg(not(feature = "pages"))]
#[doc(hidden)]
#[macro_export]
macro_rules! rule_page {
    (@names $($name:literal),*) => {
        &[]
    };
    (@text $text:literal) => {
        ""
    };
    ($($line:literal),*) => {
        ""
    };
}
