//! What the layers promise together. The corpus and random texts are tested against other parsers in `tests/`.

use super::*;

fn tree(text: &str) -> Tree {
    parse(SourceText::new("t.yaml", text), &Limits::default())
}

/// The text at a route of the first document: what its span slices.
fn slice<'t>(tree: &'t Tree, path: &[&str]) -> &'t str {
    let root = tree.documents().next().and_then(|document| document.root()).expect("a document");
    let node = path.iter().fold(root, |node, step| match step.parse::<usize>() {
        Ok(index) => node.items().nth(index).expect("an item"),
        Err(_) => node.get(step).expect("a key"),
    });
    let span = node.span();
    &tree.text()[span.start as usize..span.end as usize]
}

#[test]
fn spans_are_exact_on_both_paths() {
    // An anchor sends the document to the full parser.
    for anchor in ["", "x: &a 1\n"] {
        let text = format!(
            "{anchor}a: |\n  one\n  two\nb:\n- c: 1\n  d: 'q'\n- e\nf: {{g: [1, 2]}}\nh: >-\n  long\n  text\n\ni: \"a\\nb\"\nj:\nk: z # end\n"
        );
        let tree = tree(&text);
        assert!(tree.errors().is_empty(), "{:?}", tree.errors());
        for (path, expected) in [
            (&["a"][..], "|\n  one\n  two\n"),
            (&["b"], "- c: 1\n  d: 'q'\n- e"),
            (&["b", "0"], "c: 1\n  d: 'q'"),
            (&["b", "0", "d"], "'q'"),
            (&["b", "1"], "e"),
            (&["f"], "{g: [1, 2]}"),
            (&["f", "g"], "[1, 2]"),
            (&["h"], ">-\n  long\n  text"),
            (&["i"], "\"a\\nb\""),
            (&["j"], ""),
            (&["k"], "z"),
        ] {
            assert_eq!(slice(&tree, path), expected, "{path:?} {anchor:?}");
        }
        assert_eq!(tree.comments().next().map(|comment| comment.placement), Some(Placement::Trailing));
    }
}

#[test]
fn routes_lead_back() {
    let tree = tree(
        "spec:\n  containers:\n  - name: web\n    image: a\n  - image: b\nmetadata:\n  labels: {app.io/x: y}\n",
    );
    let root = tree.documents().next().and_then(|document| document.root()).unwrap();
    let items: Vec<_> = root.at(&["spec", "containers"]).unwrap().items().collect();
    assert_eq!(items[0].get("image").unwrap().route(), "spec.containers[name=web].image");
    assert_eq!(items[1].get("image").unwrap().route(), "spec.containers[1].image");
    assert_eq!(
        root.at(&["metadata", "labels", "app.io/x"]).unwrap().route(),
        "metadata.labels[\"app.io/x\"]"
    );
    let label = root.at(&["metadata", "labels", "app.io/x"]).unwrap();
    assert_eq!(label.key_node().unwrap().route(), label.route());
    assert_eq!(items[0].key_node(), None);
    assert_eq!(items[0].parent().and_then(NodeRef::key_node).map(NodeRef::text), Some("containers"));
}

#[test]
fn ways_in_wide_collections_are_those_in_narrow_ones() {
    for width in [3, 100] {
        let mut text = String::from("map:\n");
        (0..width).for_each(|at| text.push_str(&format!("  k{at}: {{a: [{at}, x]}}\n")));
        text.push_str("list:\n");
        (0..width).for_each(|at| text.push_str(&format!("- b: {at}\n")));
        let tree = tree(&text);
        let root = tree.documents().next().and_then(|document| document.root()).expect("a document");
        let (map, list) = (root.get("map").expect("a map"), root.get("list").expect("a list"));
        for (at, entry) in map.entries().enumerate() {
            assert_eq!((entry.value.parent(), entry.key.parent()), (Some(map), Some(map)));
            assert_eq!((entry.value.key_node(), entry.key.key_node()), (Some(entry.key), None));
            assert_eq!(entry.key.route(), format!("map.k{at}"));
            let second = entry.value.get("a").and_then(|list| list.items().nth(1)).expect("an item");
            assert_eq!(second.route(), format!("map.k{at}.a[1]"));
        }
        for (at, item) in list.items().enumerate() {
            assert_eq!((item.parent(), item.key_node()), (Some(list), None));
            assert_eq!(item.get("b").map(NodeRef::route), Some(format!("list[{at}].b")));
        }
    }
}

#[test]
fn documents_are_counted_and_recovered() {
    let text = "a: 1\n---\n---\nb: [1,\n---\nc: 3\n...\n# only a comment\n--- {d: 4}\n--- text\n";
    let tree = tree(text);
    let roots: Vec<_> = tree
        .documents()
        .map(|document| document.root().map(|root| (root.is_map(), root.text().to_owned())))
        .collect();
    let map = Some((true, String::new()));
    assert_eq!(
        roots,
        [map.clone(), Some((false, String::new())), None, map.clone(), map, Some((false, "text".to_owned()))]
    );
    assert_eq!(tree.errors().len(), 1);
    assert_eq!(tree.errors()[0].document, 2);
    assert!(tree.errors()[0].message.contains("not closed"), "{:?}", tree.errors());
}

#[test]
fn carriage_returns_and_marks_keep_their_places() {
    let text = "\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\nc: d\r\n# e\r\n";
    let tree = tree(text);
    assert_eq!(slice(&tree, &["a"]), "1");
    assert_eq!(slice(&tree, &["c"]), "d");
    let root = tree.documents().next().and_then(|document| document.root()).unwrap();
    assert_eq!(root.get("b").unwrap().text(), "x\ny\n");
    let comment = tree.comments().next().unwrap().span;
    assert_eq!(&text[comment.start as usize..comment.end as usize], "# e");
    let span = root.get("b").unwrap().text_span(2..3).unwrap();
    assert_eq!(&text[span.start as usize..span.end as usize], "y");
}

#[test]
fn anchors_and_merges() {
    let tree = tree(
        "base: &b {x: 1, w: 2}\nmore: &m {<<: *b, w: 3, z: 4}\nuse:\n  <<: [*m, *b]\n  x: 9\nlist: [*b]\n",
    );
    let root = tree.documents().next().and_then(|document| document.root()).unwrap();
    let number = |path: &[&str]| root.at(path).and_then(NodeRef::as_i64);
    assert_eq!(
        (number(&["use", "x"]), number(&["use", "w"]), number(&["use", "z"])),
        (Some(9), Some(3), Some(4))
    );
    let keys: Vec<_> = root.get("use").unwrap().entries().map(|entry| entry.key.text()).collect();
    assert_eq!(keys, ["x", "w", "z"]);
    assert_eq!(
        root.get("list").unwrap().items().next().and_then(|item| item.get("w")).and_then(NodeRef::as_i64),
        Some(2)
    );
}

#[test]
fn tags_and_resolution() {
    let tree = tree("a: !!str 1\nb: !!int '7'\nc: yes\nd: 'yes'\non: e\n1: f\n");
    let root = tree.documents().next().and_then(|document| document.root()).unwrap();
    assert_eq!(root.get("a").and_then(NodeRef::as_str), Some("1"));
    assert_eq!(root.get("b").and_then(NodeRef::as_i64), Some(7));
    assert_eq!(
        (root.get("c").and_then(NodeRef::as_bool), root.get("d").and_then(NodeRef::as_bool)),
        (Some(true), None)
    );
}

#[test]
fn duplicate_keys_are_found_after_resolution() {
    let tree = tree("a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\n");
    let found: Vec<_> =
        tree.duplicate_keys().iter().map(|one| (one.first.text(), one.second.span().start)).collect();
    assert_eq!(found, [("a", 27), ("c", 21)]);
}

#[test]
fn json_is_fast_and_right() {
    let text = "{\n\t\"a\":1,\n\t\"b\":[true,null,\"x\\u0041\"],\"c\":{}}\n";
    let tree = tree(text);
    assert!(tree.errors().is_empty(), "{:?}", tree.errors());
    let root = tree.documents().next().and_then(|document| document.root()).unwrap();
    assert_eq!(root.get("a").and_then(NodeRef::as_i64), Some(1));
    assert_eq!(root.get("b").and_then(|b| b.items().nth(2)).map(NodeRef::text), Some("xA"));
}

#[test]
fn hostile_input_is_refused_cleanly() {
    let deep = "[".repeat(100_000);
    let nested: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let laughs = (0..30).fold("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, n| {
        let alias = format!("*a{n},").repeat(10);
        format!("{text}a{}: &a{} [{}]\n", n + 1, n + 1, alias.trim_end_matches(','))
    });
    for (text, kind) in [
        (deep.as_str(), SyntaxErrorKind::Depth),
        (nested.as_str(), SyntaxErrorKind::Depth),
        (laughs.as_str(), SyntaxErrorKind::Aliases),
        ("a: &a [*a]\n", SyntaxErrorKind::Aliases),
        ("a:\n\tb: 1\n", SyntaxErrorKind::Tab),
        ("a: \"\\/\"\n", SyntaxErrorKind::Other),
    ] {
        let tree = tree(text);
        let kinds: Vec<_> = tree.errors().iter().map(|error| error.kind).collect();
        assert_eq!(kinds, [kind], "{text:.40}");
        assert!(tree.documents().all(|document| document.is_broken()));
    }
}

#[test]
fn block_scalars_at_the_end_of_the_file() {
    for (text, expected) in
        [("- >", ""), ("- |-", ""), ("- |\n  a", "a"), (">\n.\n ", ".\n "), ("- |\n  a\n   ", "a\n ")]
    {
        let tree = parse(SourceText::new("x.yaml", text), &Limits::default());
        assert!(tree.errors().is_empty(), "{text:?}: {:?}", tree.errors());
        let root = tree.documents().next().and_then(|document| document.root()).expect("a root");
        let scalar = root.items().next().unwrap_or(root);
        assert_eq!(scalar.text(), expected, "{text:?}");
    }
}

#[test]
fn errors_underline_whole_characters() {
    let tree = parse(SourceText::new("x.yaml", "...\nä"), &Limits::default());
    let error = &tree.errors()[0];
    assert_eq!(&tree.text()[error.span.range()], "ä");
}
