//! What both the tree and granit-parser take is the same to them.

#![no_main]

use kubevet_tests::trees::{granit_lines, is_read_differently, lines, tree};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if is_read_differently(text) {
        return;
    }
    let tree = tree(text);
    if tree.errors().is_empty()
        && let Some(expected) = granit_lines(text)
    {
        assert_eq!(lines(&tree), expected);
    }
});
