//! Documents that cannot be read.

use kubevet_core::{
    declare_rule,
    finding::{Place, Site},
    index::SourceFile,
    recognise::FileKind,
    rule::Context,
    source::Span,
    yaml::{SyntaxError, SyntaxErrorKind},
};

/// The errors of one kind in a file that means to be Kubernetes.
fn report(file: &SourceFile, cx: &mut Context<'_>, wanted: impl Fn(SyntaxErrorKind) -> bool, help: &str) {
    let Some(tree) = file.tree() else { return };
    // Other programs have YAML of their own, with tags and templates that are no business of ours.
    if file.kind() != FileKind::Kustomization && !tree.text().contains("apiVersion") {
        return;
    }
    let bytes = file.encoding_problem().map_or(u32::MAX, |problem| problem.offset);
    for SyntaxError { span, document, kind, message } in tree.errors() {
        // Where the bytes are wrong, the parser only stumbles over them.
        if !wanted(*kind) || span.end > bytes {
            continue;
        }
        let place = Place { path: tree.path().clone(), span: *span };
        let site = Site { place, document: *document, object: None, field: None };
        cx.report(site, message.clone()).help(help);
    }
}

declare_rule! {
    /// A document is not valid YAML.
    ///
    /// ## Why
    /// Nothing of it reaches the cluster: `kubectl` and the components stop at the first such document. The other documents of the file
    /// are checked all the same.
    ///
    /// ## Fix
    /// Correct the place that the finding points at; it says what is expected there.
    ///
    /// ## References
    /// go-yaml v2, through `sigs.k8s.io/yaml`, is what Kubernetes reads YAML with.
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    ///  labels: {app: web}
    /// ```
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example.org/web:1.2.0
    ///       command: [sh, -c, "exec web
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    ///   labels: {app: web}
    /// data:
    ///   motd: "a: b"
    /// ```
    pub SYNTAX {
        id: "yaml/syntax",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        peers: [
            "monokle:YML001", "monokle:YML002", "monokle:YML003", "monokle:YML004", "monokle:YML005", "monokle:YML006", "monokle:YML007",
            "monokle:YML008", "monokle:YML009", "monokle:YML011", "monokle:YML012", "monokle:YML013", "monokle:YML014", "monokle:YML015",
            "monokle:YML016", "monokle:YML017", "monokle:YML018", "monokle:YML019", "monokle:YML020", "monokle:YML021",
        ],
        check: Text(syntax),
    }
}

fn syntax(file: &SourceFile, cx: &mut Context<'_>) {
    let wanted =
        |kind| matches!(kind, SyntaxErrorKind::Other | SyntaxErrorKind::Depth | SyntaxErrorKind::Size);
    report(file, cx, wanted, "this document is not checked further");
}

declare_rule! {
    /// A tab stands where YAML expects indentation.
    ///
    /// ## Why
    /// YAML does not allow tabs in indentation: nothing of the document reaches the cluster.
    ///
    /// ## Fix
    /// Indent with spaces, as the lines around it do.
    ///
    /// ## References
    /// YAML 1.1, section 4.2.2, "Indentation Spaces".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    /// 	name: web
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web	# a tab before a comment is no indentation
    /// ```
    pub TAB_INDENTATION {
        id: "yaml/tab-indentation",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Text(tab_indentation),
    }
}

fn tab_indentation(file: &SourceFile, cx: &mut Context<'_>) {
    report(file, cx, |kind| kind == SyntaxErrorKind::Tab, "indent with spaces, as the lines around it do");
}

declare_rule! {
    /// Aliases expand to more nodes than any manifest has, or an alias stands inside of what it names.
    ///
    /// ## Why
    /// Decoders refuse such documents, because a few lines of aliases can fill the memory of the API server.
    ///
    /// ## Fix
    /// Write the values out where they are needed.
    ///
    /// ## References
    /// The alias check of go-yaml v2 (`decode.go`, "document contains excessive aliasing").
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// data: &data
    ///   again: *data
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web, labels: &labels {app: web}}
    /// data: *labels
    /// ```
    pub ANCHOR_LIMIT {
        id: "yaml/anchor-limit",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Text(anchor_limit),
    }
}

fn anchor_limit(file: &SourceFile, cx: &mut Context<'_>) {
    report(file, cx, |kind| kind == SyntaxErrorKind::Aliases, "write the values out where they are needed");
}

declare_rule! {
    /// The bytes of a file are no text that YAML allows: not UTF-8, or with control characters.
    ///
    /// ## Why
    /// Kubernetes refuses the file, often with a message that names no place.
    ///
    /// ## Fix
    /// Save the file as UTF-8, and remove the character. In double quotes it can be written as an escape such as `"\u0007"`.
    ///
    /// ## References
    /// YAML 1.1, section 5.1, "Character Set"; go-yaml v2, "control characters are not allowed".
    ///
    /// ## Examples
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// data:
    ///   bell: ""
    /// ```
    /// ```yaml good
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata: {name: web}
    /// data:
    ///   bell: "\u0007, und Umlaute: äöü"
    /// ```
    pub ENCODING {
        id: "yaml/encoding",
        class: Correctness,
        severity: Error,
        profiles: [recommended, production, hardened],
        versions: "all",
        check: Text(encoding),
    }
}

fn encoding(file: &SourceFile, cx: &mut Context<'_>) {
    if file.tree().is_none() {
        return;
    }
    if let Some(problem) = file.encoding_problem() {
        let start = problem.offset as usize;
        let length = file.source().text()[start..].chars().next().map_or(0, char::len_utf8);
        let place = Place { path: file.source().path().clone(), span: Span::new(start, start + length) };
        cx.report(place, format!("{problem}: Kubernetes refuses the file"))
            .help("save the file as UTF-8 without control characters");
    }
}
