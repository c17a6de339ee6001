use super::{read::read, *};

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
    let issues = read(text, &[&RULE]).unwrap_err();
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
    let config = read(text, &[&RULE]).unwrap();
    assert_eq!(config.profiles, [Profile::Hardened]);
    assert_eq!((config.select, config.extend_select), (vec!["test/*".into()], vec!["test/options".into()]));
    assert_eq!((config.fail_on, config.min_severity), (Some(FailOn::Never), Some(Severity::Info)));
    assert_eq!(
        (config.exclude, config.extend_exclude),
        (Some(vec!["a/**".into()]), vec!["*.gen.yaml".into()])
    );
    assert_eq!((config.version, config.closed), (Some(Version::new(34)), Some(Closed::Yes)));
    assert_eq!(config.output_format, Some(Format::Concise));
    assert_eq!(config.severities["test/options"], Severity::Error);
    assert_eq!(config.options["test/options"].integer("limit", 0), 16);
    assert_eq!(config.options["test/options"].texts("names"), ["a", "b"]);
    assert_eq!(read("profile = ['nsa', 'all']", &[&RULE]).unwrap().profiles, [Profile::Nsa, Profile::All]);
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
