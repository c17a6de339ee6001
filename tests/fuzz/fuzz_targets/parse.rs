//! Any bytes make a tree whose spans are sound.

#![no_main]

use kubevet_core::{
    source::SourceText,
    yaml::{Limits, parse},
};
use kubevet_tests::trees::check_spans;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (source, _) = SourceText::from_bytes("fuzz.yaml", bytes.to_vec());
    let tree = parse(source, &Limits::default());
    if let Err(wrong) = check_spans(&tree) {
        panic!("{wrong}");
    }
});
