//! `cargo xtask new-rule ID`: starts a rule where it belongs.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use crate::{Result, root, run};

/// Writes `rules/src/GROUP/NAME.rs` and lists the rule in its group.
pub fn start(arguments: &[String]) -> Result {
    let [id] = arguments else { return Err("usage: cargo xtask new-rule GROUP/NAME".into()) };
    let (group, name) = id.split_once('/').ok_or_else(|| format!("`{id}` is not `group/name`"))?;
    let folder = root().join("rules/src").join(group.replace('-', "_"));
    let list = folder.join("mod.rs");
    let listed = fs::read_to_string(&list).map_err(|_| {
        format!(
            "there is no group `{group}`: add `{}` and its line in rules/src/lib.rs first",
            list.display()
        )
    })?;
    let (module, constant) = (name.replace('-', "_"), name.replace('-', "_").to_uppercase());
    let file = folder.join(format!("{module}.rs"));
    if file.exists()
        || listed.contains(&format!("::{constant},"))
        || listed.contains(&format!("::{constant}]"))
    {
        return Err(format!("`{id}` is there already"));
    }
    let row = catalogue_row(id);
    if row.is_none() {
        eprintln!(
            "xtask: the catalogue is not there or has no `{id}`: check class, severity and profiles by hand"
        );
    }
    fs::write(&file, block(id, &module, &constant, &row.unwrap_or_default()))
        .map_err(|error| format!("{}: {error}", file.display()))?;
    fs::write(&list, with_line(&listed, &module, &constant))
        .map_err(|error| format!("{}: {error}", list.display()))?;
    run("cargo", &["fmt", "--package", "kubevet-rules"])?;
    println!(
        "{}\nwrite its page, its examples and its predicate; `cargo test -p kubevet-tests --test examples` runs them",
        file.display()
    );
    Ok(())
}

/// The row of the rule catalogue beside the checkout, by column name.
fn catalogue_row(id: &str) -> Option<BTreeMap<String, String>> {
    let folder = root().join("../shared/catalogue");
    ["cluster.tsv", "manifests.tsv", "rbac.tsv"].into_iter().find_map(|table| {
        let text = fs::read_to_string(folder.join(table)).ok()?;
        let mut lines = text.lines();
        let header: Vec<_> = lines.next()?.split('\t').collect();
        let row = lines.find(|line| line.split('\t').next() == Some(id))?;
        let cells = row.split('\t').map(str::to_owned);
        Some(header.into_iter().map(str::to_owned).zip(cells).collect())
    })
}

fn block(id: &str, module: &str, constant: &str, row: &BTreeMap<String, String>) -> String {
    let cell =
        |column: &str| row.get(column).map(String::as_str).filter(|text| !text.is_empty() && *text != "-");
    let capital = |text: &str| text[..1].to_uppercase() + &text[1..];
    let list = |text: &str| {
        let items = text.split([',', ';']).map(str::trim).filter(|item| !item.is_empty());
        items.map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ")
    };
    let profiles: Vec<String> = ["recommended", "production", "hardened"]
        .into_iter()
        .filter_map(|profile| match cell(profile)? {
            "yes" => Some(profile.to_owned()),
            severity => Some(format!("{profile}: {}", capital(severity))),
        })
        .collect();
    let (check, import, argument) = match cell("scope") {
        Some("text") => ("Text", "index::SourceFile", "_file: &SourceFile"),
        Some("setting") => ("Settings", "settings::{Component, Settings}", "_settings: &Settings"),
        Some("cluster") => ("Cluster", "settings::Cluster", "_cluster: &Cluster<'_>"),
        Some("set" | "set!") => ("Set", "index::ResourceSet", "_set: &ResourceSet"),
        _ => ("Object", "kubernetes::Object", "_object: Object<'_>"),
    };
    let first = match check {
        "Settings" => "Component::KubeApiserver, ",
        "Object" => "Kinds::Any, ",
        _ => "",
    };
    let kinds = if check == "Object" { ", Kinds" } else { "" };
    let summary = cell("condition").unwrap_or("what is reported, in one sentence");
    let mut text = format!(
        "//! {summary}.\n\nuse kubevet_core::{{declare_rule, {import}, rule::{{Context{kinds}}}}};\n\n\
         declare_rule! {{\n    /// {}.\n    ///\n    /// ## Why\n    ///\n    /// ## Fix\n    ///\n    /// ## References\n    ///\n    /// ## Examples\n    ///\n\
         \x20   pub {constant} {{\n        id: \"{id}\",\n        class: {},\n        severity: {},\n        profiles: [{}],\n",
        capital(summary),
        capital(cell("class").unwrap_or("correctness")),
        capital(cell("severity").unwrap_or("warning")),
        profiles.join(", "),
    );
    for (field, quoted) in [
        ("cis", cell("cis").map(|ids| format!("[{}]", list(ids)))),
        ("pss", cell("pss").map(|id| format!("{id:?}"))),
        ("nsa", cell("nsa").map(|topic| format!("{topic:?}"))),
        ("versions", cell("versions").map(|words| format!("{words:?}"))),
        ("peers", cell("peers").map(|names| format!("[{}]", list(names)))),
    ] {
        if let Some(quoted) = quoted {
            writeln!(text, "        {field}: {quoted},").expect("a string takes everything");
        }
    }
    write!(text, "        check: {check}({first}{module}),\n    }}\n}}\n\nfn {module}({argument}, _cx: &mut Context<'_>) {{}}\n")
        .expect("a string takes everything");
    text
}

/// The group's list with one more module and rule.
fn with_line(listed: &str, module: &str, constant: &str) -> String {
    let import = listed.find("use ").unwrap_or(0);
    let (head, tail) = listed.split_at(import);
    let separator = if head.contains("\nmod ") { "" } else { "\n" };
    let head = format!("{}mod {module};\n\n{separator}", head.trim_end_matches('\n').to_owned() + "\n");
    let tail = tail.replacen("&[];", "&[\n];", 1);
    let close = tail.rfind("];").unwrap_or(tail.len());
    let (items, end) = tail.split_at(close);
    let items = items.trim_end();
    let comma = if items.ends_with([',', '[']) { "" } else { "," };
    format!("{head}{items}{comma}\n    &{module}::{constant},\n{end}")
}

#[cfg(test)]
mod tests {
    use super::with_line;

    #[test]
    fn rules_are_listed_behind_the_others() {
        let grown = |list: &str| {
            with_line(&format!("//! A group.\n\nmod a;\n\nuse x;\n\npub const RULES: {list}\n"), "b", "B")
        };
        let expected = "//! A group.\n\nmod a;\nmod b;\n\nuse x;\n\npub const RULES: ";
        assert_eq!(grown("&[];"), format!("{expected}&[\n    &b::B,\n];\n"));
        assert_eq!(grown("&[&a::A];"), format!("{expected}&[&a::A,\n    &b::B,\n];\n"));
        assert_eq!(grown("&[\n    &a::A,\n];"), format!("{expected}&[\n    &a::A,\n    &b::B,\n];\n"));
    }
}
