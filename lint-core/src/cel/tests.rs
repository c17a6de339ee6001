use super::{Failure::Unknown, *};

fn value(text: &str) -> Result<Cel<'static>, Failure> {
    let this = Cel::Text("this".into());
    Evaluator::new("self", this, 100_000).value(&parse(text)?)
}

fn truth(text: &str) -> Result<bool, Failure> {
    value(text)?.truth()
}

#[test]
fn expressions_that_hold() {
    for text in [
        "1 + 2 * 3 == 7 && 7 % 4 == 3 && -7 / 2 == -3",
        "1 < 1.5 && 1 == 1.0 && 2.0 / 4.0 == 0.5",
        "'a' + \"b\" == r'ab' && \"\"\"x\"y\"\"\" == 'x\"y' && '\\u00e4' == 'ä'",
        "true ? 1 == 1 : false",
        "(false ? 1 : 2) == 2 // the rest is a comment",
        "!(1 in [2, 3]) && 'a' in ['a'] && 'k' in {'k': 1} && {'k': 1}['k'] == 1 && [1, 2][1] == 2",
        "[1, 2, 3].all(x, x > 0) && [1, 2].exists(x, x == 2) && [1, 2, 2].exists_one(x, x == 1)",
        "[1, 2, 3].filter(x, x > 1).map(x, x * 2) == [4, 6] && [1, 2].map(x, x > 1, x) == [2]",
        "[5, 6].all(i, v, v == i + 5) && [1].all(x, [2].all(y, x < y))",
        "self.size() == 4 && size([1]) == 1 && self.contains('hi') && self.startsWith('th') && self.endsWith('is')",
        "self.matches('^[a-z]+$') && self.upperAscii() == 'THIS' && self.substring(1, 3) == 'hi' && self.indexOf('s') == 3",
        "'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && 'aXa'.replace('a', 'b') == 'bXb'",
        "int('3') == 3 && string(3) == '3' && double(1) == 1.0",
        "duration('1h30m').getMinutes() == 90 && duration('1s') < duration('1m')",
        "isQuantity('1Gi') && !isQuantity('x') && quantity('1Gi').isGreaterThan(quantity('1G'))",
        "isIP('192.0.2.1') && isIP('::1') && !isIP('::ffff:192.0.2.1') && !isIP('1.2.3')",
        "[1, 3].isSorted() && [1, 3].sum() == 4 && [1, 3].max() == 3 && [1, 3].min() == 1",
        "null == null && !(null == 1) && !('1' == 1)",
    ] {
        assert_eq!(truth(text), Ok(true), "{text}");
    }
}

#[test]
fn what_decides_hides_what_is_unknown() {
    assert_eq!(truth("false && url('x').getHost() == 'x'"), Ok(false));
    assert_eq!(truth("unheard(self) || true"), Ok(true));
    assert_eq!(truth("unheard(self) || false"), Err(Unknown));
    assert_eq!(truth("[1, 2].exists(x, x == 2 || unheard(x))"), Ok(true));
    assert_eq!(truth("[1, 2].all(x, unheard(x))"), Err(Unknown));
}

#[test]
fn errors_and_unknown_functions_are_no_values() {
    for text in [
        "1 / 0 == 0",
        "9223372036854775807 + 1 > 0",
        "[1][2] == 1",
        "self.name == 1",
        "other == 1",
        "1 + 'a' == 1",
        "1 ==",
        "a b",
        "'open",
        "b'bytes' == b'bytes'",
        "1u == 1u",
        "self.?x == 1",
        "timestamp('2026-01-01T00:00:00Z') == self",
        "[1, 2] == [2, 1]",
        "'x'.charAt(9223372036854775807) == 'x'",
        "Message{a: 1} == 1",
        "has(self)",
        "{'a': 1}.a == 1 && {",
    ] {
        assert_eq!(truth(text), Err(Unknown), "{text}");
    }
}

#[test]
fn names_are_unescaped() {
    assert_eq!(eval::unescaped("a__dash__b__dot__c"), "a-b.c");
    assert_eq!(eval::unescaped("__namespace__"), "namespace");
    assert_eq!(eval::unescaped("a__underscores__b__slash__c__d"), "a__b/c__d");
}

#[test]
fn hostile_expressions_are_bounded() {
    assert_eq!(truth(&"(".repeat(5000)), Err(Unknown));
    assert_eq!(truth(&format!("{}true", "!".repeat(5000))), Err(Unknown));
    assert_eq!(truth(&format!("1{} > 0", " + 1".repeat(4000))), Err(Unknown));
    assert_eq!(truth(&format!("{}true{}", "true ? ".repeat(2000), " : false".repeat(2000))), Err(Unknown));
    let list = format!("[{}1]", "1, ".repeat(999));
    let nested = format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c > 0)))");
    assert_eq!(truth(&nested), Err(Unknown), "too many steps");
    let doubled = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(a, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')";
    let grown = format!(
        "{doubled}.join('{}').replace('a', '{}').replace('b', '{}').size() > 0",
        "b".repeat(500),
        "b".repeat(500),
        "c".repeat(500)
    );
    assert_eq!(truth(&grown), Err(Unknown), "too much text");
}
