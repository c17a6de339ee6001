use super::{
    read::{KEYS, read},
    *,
};

kubevet_core::declare_rule! {
    /// A rule with options.
    pub RULE {
        id: "test/options",
        class: Hygiene,
        severity: Warning,
        profiles: [recommended],
        options: ["limit": Integer = "how much", "names": TextList = "which"],
        check: Set(|_, _| {}),
    }
}

fn issues(text: &str) -> Vec<(&str, String, Option<String>)> {
    let issues = read(text, &[&RULE], false).unwrap_err();
    issues.into_iter().map(|issue| (&text[issue.span], issue.message, issue.help)).collect()
}

#[test]
fn every_key_is_read() {
    let text = "\
profile = \"hardened\"
select = [\"test/*\"]
extend-select = [\"test/options\"]
ignore = []
fail-on = \"never\"
min-severity = \"info\"
exclude = [\"a/**\"]
extend-exclude = [\"*.gen.yaml\"]
kubernetes-version = \"v1.34.2\"
closed = \"yes\"
output-format = \"concise\"
[rules.\"test/options\"]
severity = \"error\"
limit = 0x10
names = ['a', 'b']
";
    let config = read(text, &[&RULE], false).unwrap();
    assert_eq!(config.profiles, [Profile::Hardened]);
    assert_eq!((config.select, config.extend_select), (vec!["test/*".into()], vec!["test/options".into()]));
    assert_eq!((config.fail_on, config.min_severity), (Some(FailOn::Never), Some(Severity::Info)));
    assert_eq!(
        (config.exclude, config.extend_exclude),
        (Some(vec!["a/**".into()]), vec!["*.gen.yaml".into()])
    );
    assert_eq!(
        (config.versions, config.closed),
        (Some(kubevet_core::facts::Version::new(34).into()), Some(Closed::Yes))
    );
    assert_eq!(config.output_format, Some(Format::Concise));
    assert_eq!(config.severities["test/options"], Severity::Error);
    assert_eq!(config.options["test/options"].integer("limit", 0), 16);
    assert_eq!(config.options["test/options"].texts("names"), ["a", "b"]);
    assert_eq!(
        read("profile = ['nsa', 'all']", &[&RULE], false).unwrap().profiles,
        [Profile::Nsa, Profile::All]
    );
}

#[test]
fn mistakes_are_told_all_at_once_with_place_and_suggestion() {
    let text = "selct = []\nfail-on = 1\nignore = ['test/optoins', 3]\nexclude = ['a[']\n[rules.'test/option']\n[rules.'test/options']\nlimt = 1\nlimit = 'x'\nseverity = 'high'\n";
    let found = issues(text);
    let places: Vec<&str> = found.iter().map(|issue| issue.0).collect();
    assert_eq!(places, ["selct", "1", "3", "'a['", "'test/option'", "limt", "'x'", "'high'"]);
    assert_eq!(found[0].2.as_deref(), Some("did you mean `select`?"));
    assert_eq!(found[1].1, "this is a whole number, not a string");
    assert_eq!(found[4].2.as_deref(), Some("did you mean `test/options`?"));
    assert_eq!(found[5].2.as_deref(), Some("did you mean `limit`?"));
    assert_eq!(found[6].1, "this is a string, not a whole number");
    let found = issues("select = ['test/optoins', 'none/*']\n");
    assert_eq!(found[0].2.as_deref(), Some("did you mean `test/options`?"));
    assert_eq!((found[1].0, &*found[1].1), ("'none/*'", "`none/*` matches no rule"));
}

#[test]
fn mistakes_of_syntax_and_unquoted_rules_have_places() {
    assert_eq!(issues("select = [\n")[0].0.trim(), "");
    assert_eq!(issues("a = 1\na = 2\n")[0].0, "a");
    let found = issues("[rules.test.options]\nseverity = 'error'\n");
    assert_eq!(found[0].0, "test");
    assert!(found[0].2.as_deref().unwrap().contains("in quotes"));
}

/// The examples of `docs/config.md`, each with the heading it stands below.
fn documented() -> Vec<(&'static str, &'static str)> {
    let page = include_str!("../../../docs/config.md");
    let mut examples = Vec::new();
    for section in page.split("\n##").skip(1) {
        let heading = section.lines().next().expect("a heading").trim_start_matches(['#', ' ']);
        let blocks = section.split("```toml\n").skip(1);
        examples.extend(blocks.map(|block| (heading, block.split_once("```").expect("it ends").0)));
    }
    examples
}

#[test]
fn examples_of_the_documentation_are_read() {
    let page = include_str!("../../../docs/config.md");
    let registry = kubevet_rules::all();
    let whole = page.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```")).expect("a block").0;
    for example in documented().into_iter().map(|(_, example)| example).chain([whole]) {
        let issues = read(example, &registry, false).map(drop);
        assert_eq!(issues, Ok(()), "{example}");
    }
}

#[test]
fn every_key_is_documented_with_its_default_and_an_example() {
    let page = include_str!("../../../docs/config.md");
    let keys: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, KEYS);
    for key in keys {
        let (_, section) = page.split_once(&format!("### `{key}`\n")).expect("its section");
        let section = section.split("\n### ").next().unwrap_or_default();
        assert!(section.contains("Default:"), "{key}");
        let (_, example) =
            documented().into_iter().find(|(heading, _)| *heading == format!("`{key}`")).expect(key);
        assert!(example.starts_with(key) || example.starts_with(&format!("[{key}.")), "{key}: {example}");
    }
}

#[test]
fn documented_defaults_are_the_built_in_ones() {
    let page = include_str!("../../../docs/config.md");
    let (_, list) = page.split_once("### `exclude`").expect("its section");
    let exclude =
        list.split("```toml\n").nth(1).and_then(|block| block.split("```").next()).expect("a block");
    let config = read(exclude, &[&RULE], false).expect("it is read");
    assert_eq!(config.exclude.as_deref(), Some(&crate::exclude::BUILT_IN.map(str::to_owned)[..]));
    let names = |list: Vec<&str>| list.iter().all(|name| page.contains(&format!("`{name}`")));
    assert!(names(Profile::ALL.map(Profile::name).to_vec()), "a profile is missing");
    assert_eq!(Format::default(), "full".parse().expect("a format"));
    assert_eq!(Closed::default(), Closed::Auto);
}
