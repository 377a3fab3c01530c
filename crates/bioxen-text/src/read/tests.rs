//! Texts, the trees that they become with all places, and what is said about those that become none.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{Format, read};
use crate::limits::Limits;
use crate::tree::{Entry, Node, Value};
use crate::write::write;

/// Every value with its place, one a line.
fn shown(node: &Node) -> String {
    fn go(node: &Node, path: &str, out: &mut String) {
        let what = match &node.value {
            Value::Map(entries) => format!("map of {}", entries.len()),
            Value::List(items) => format!("list of {}", items.len()),
            other => format!("{other:?}"),
        };
        writeln!(out, "{path}@{} {what}", node.place).unwrap();
        if let Value::List(items) = &node.value {
            for item in items {
                go(item, &format!("{path}[]"), out);
            }
        }
        for entry in node.entries() {
            let path = format!("{path}.{}@{}", entry.key, entry.place);
            go(&entry.value, &path, out);
        }
    }
    let mut out = String::new();
    go(node, "", &mut out);
    out
}

#[track_caller]
fn check(format: Format, text: &str, expect: &str) {
    let node = read(text.as_bytes(), format, &Limits::default()).unwrap();
    assert_eq!(shown(&node), expect, "{text}");
}

/// Compares what is said about each text, one a line.
#[track_caller]
fn refused(format: Format, texts: &[&[u8]], expect: &str) {
    let limits = Limits {
        depth: 4,
        nodes: 20,
        key: 10,
        ..Limits::default()
    };
    let mut said = String::new();
    for text in texts {
        let what = match read(text, format, &limits) {
            Ok(node) => format!("reads as {}", bare(&node)),
            Err(error) => {
                let hint = error
                    .hint()
                    .map_or(String::new(), |hint| format!(" | {hint}"));
                format!("{error}{hint}")
            }
        };
        writeln!(said, "{:<26} {what}", text.escape_ascii().to_string()).unwrap();
    }
    assert_eq!(said, expect, "\n{said}");
}

#[test]
fn yaml_has_places() {
    check(
        Format::Yaml,
        "# first\na:\n  b: 1\n  c: [x, {d: ~}]\n  e:\n  - 1.5\n  - f: \"t\"\n    g: >\n      long\nh:\n",
        "@2:1 map of 2\n.a@2:1@3:3 map of 3\n.a@2:1.b@3:3@3:6 Whole(1)\n.a@2:1.c@4:3@4:7 list of 2\n\
         .a@2:1.c@4:3[]@4:7 Text(\"x\")\n.a@2:1.c@4:3[]@4:11 map of 1\n.a@2:1.c@4:3[].d@4:11@4:14 Nothing\n\
         .a@2:1.e@5:3@6:5 list of 2\n.a@2:1.e@5:3[]@6:5 Real(1.5)\n.a@2:1.e@5:3[]@7:5 map of 2\n\
         .a@2:1.e@5:3[].f@7:5@7:8 Text(\"t\")\n.a@2:1.e@5:3[].g@8:5@8:8 Text(\"long\\n\")\n.h@10:1@10:3 Nothing\n",
    );
}

#[test]
fn json_has_places() {
    check(
        Format::Json,
        "{\r\n \"a\": {\"b\": -1, \"\u{b5}\\\"c\": [true, 1e2, \"\"]},\n \"d\": [], \"e\": {}, \"f\": null}",
        "@1:1 map of 4\n.a@2:2@2:7 map of 2\n.a@2:2.b@2:8@2:13 Whole(-1)\n.a@2:2.\u{b5}\"c@2:17@2:25 list of 3\n\
         .a@2:2.\u{b5}\"c@2:17[]@2:26 Truth(true)\n.a@2:2.\u{b5}\"c@2:17[]@2:32 Real(100.0)\n.a@2:2.\u{b5}\"c@2:17[]@2:37 Text(\"\")\n\
         .d@3:2@3:7 list of 0\n.e@3:11@3:16 map of 0\n.f@3:20@3:25 Nothing\n",
    );
}

#[test]
fn a_mark_before_the_text_and_all_line_ends_are_passed() {
    for (format, text) in [
        (Format::Yaml, "\u{feff}a: 1\r\nb: 2\r\n"),
        (Format::Json, "\u{feff}{\"a\": 1,\r\n\"b\": 2}"),
    ] {
        let node = read(text.as_bytes(), format, &Limits::default()).unwrap();
        assert_eq!(node.entry("b").unwrap().place.to_string(), "2:1");
    }
}

#[test]
fn yaml_that_is_no_tree_is_refused_with_its_place() {
    let texts: [&[u8]; 19] = [
        b"",
        b"# nothing\n",
        b"a: &x 1\nb: 2",
        b"a: &x\n  c: 1\nb: *x",
        b"a: # &x\n  c: 1\nb: 2",
        b"a: !x 1",
        b"a: !!str 1",
        b"a: !x {}",
        b"a: 1\na: 2",
        b"a: 1\n---\nb: 2",
        b"[a]: 1",
        b"a: [1\nb: 2",
        b"a: b: c",
        b"a:\n\tb: c",
        b"\"a: 1",
        b"[[[[[1]]]]]",
        b"[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0]",
        b"12345678901: 1",
        b"a: \0",
    ];
    refused(
        Format::Yaml,
        &texts,
        r#"                           it is empty
# nothing\n                it is empty
a: &x 1\nb: 2              line 1, column 4: anchors (&) and aliases (*) are not allowed | write the value out where it is needed
a: &x\n  c: 1\nb: *x       line 1, column 1: anchors (&) and aliases (*) are not allowed | write the value out where it is needed
a: # &x\n  c: 1\nb: 2      reads as {"a":{"c":Whole(1)},"b":Whole(2)}
a: !x 1                    line 1, column 1: tags (!) are not allowed | remove the tag
a: !!str 1                 line 1, column 4: tags (!) are not allowed | remove the tag
a: !x {}                   line 1, column 1: tags (!) are not allowed | remove the tag
a: 1\na: 2                 line 2, column 1: "a" occurs twice | keep one of them
a: 1\n---\nb: 2            there is more than one document | keep one, and remove the lines --- between them
[a]: 1                     line 1, column 1: a map or list stands where a name is allowed
a: [1\nb: 2                line 2, column 2: did not find expected ',' or ']' | the reader was parsing a flow sequence at line 1 column 4
a: b: c                    line 1, column 5: mapping values are not allowed in this context
a:\n\tb: c                 line 2, column 1: found character that cannot start any token | indent with spaces; YAML does not allow tabs there
\"a: 1                     line 1, column 6: found unexpected end of stream | the reader was scanning a quoted scalar
[[[[[1]]]]]                line 1, column 1: maps and lists stand in each other more than 4 deep
[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0] line 1, column 38: there are more than 20 values
12345678901: 1             line 1, column 1: a name is longer than 10 characters
a: \x00                    line 1, column 4: a control character stands here, which YAML does not allow
"#,
    );
}

#[test]
fn json_that_is_no_tree_is_refused_with_its_place() {
    let texts: [&[u8]; 13] = [
        b"{\"a\": 1,}",
        b"{\"\xc2\xb5\": 1\n \"b\": 2}",
        b"{\"a\": 1, \"a\": 2}",
        b"{a: 1}",
        b"{} {}",
        b"{\"a\": 01}",
        b"{\"a\": \"\\ud800\"}",
        b"{\"a\": 1e999}",
        b"{\"a\": NaN}",
        b"// c\n{}",
        b"[[[[[1]]]]]",
        b"{\"12345678901\": 1}",
        b"{\"a\":\n \"\xff\"}",
    ];
    refused(
        Format::Json,
        &texts,
        r#"{\"a\": 1,}                line 1, column 9: key must be a string | remove the comma before it
{\"\xc2\xb5\": 1\n \"b\": 2} line 2, column 2: expected `,` or `}`
{\"a\": 1, \"a\": 2}       line 1, column 10: "a" occurs twice | keep one of them
{a: 1}                     line 1, column 2: key must be a string | put names and texts in double quotes
{} {}                      line 1, column 4: trailing characters
{\"a\": 01}                line 1, column 8: invalid number
{\"a\": \"\\ud800\"}       line 1, column 7: unexpected end of hex escape
{\"a\": 1e999}             line 1, column 7: the number is out of range
{\"a\": NaN}               line 1, column 7: expected value | put names and texts in double quotes
// c\n{}                   line 1, column 1: expected value | JSON has no comments; YAML does
[[[[[1]]]]]                line 1, column 5: maps and lists stand in each other more than 4 deep
{\"12345678901\": 1}       line 1, column 2: a name is longer than 10 characters
{\"a\":\n \"\xff\"}        line 2, column 3: it is not text in UTF-8 | save the file as UTF-8
"#,
    );
}

#[test]
fn bombs_are_refused() {
    let limits = Limits::default();
    for bomb in ["[", "{a: ", "- ", "? ", "[a,", "{\"a\":[", "a\n", "#\n"] {
        let text = bomb.repeat(limits.bytes / bomb.len());
        for format in [Format::Json, Format::Yaml] {
            read(text.as_bytes(), format, &limits).unwrap_err();
        }
    }
}

#[test]
fn texts_as_large_as_allowed_are_read() {
    let limits = Limits {
        bytes: 1 << 17,
        nodes: 6_000,
        ..Limits::default()
    };
    // The sieve counts the dash and the line.
    let lines = format!("- {}\n", "a".repeat(36)).repeat(limits.nodes / 2 - 1);
    let pairs: Vec<String> = (0..limits.nodes - 10)
        .map(|n| format!("\"k{n:06}\": 1.5"))
        .collect();
    let flow = format!("{{{}}}", pairs.join(", "));
    let long = format!("a: \"{}\"\n", "x".repeat(limits.bytes - 6));
    for (format, text) in [
        (Format::Yaml, &lines),
        (Format::Yaml, &flow),
        (Format::Json, &flow),
        (Format::Yaml, &long),
    ] {
        assert!(text.len() <= limits.bytes && text.len() > 90_000);
        read(text.as_bytes(), format, &limits).unwrap();
    }
}

fn trees() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Value::Nothing),
        any::<bool>().prop_map(Value::Truth),
        any::<i64>().prop_map(|n| Value::Whole(n.into())),
        any::<f64>()
            .prop_filter("JSON has no others", |n| n.is_finite())
            .prop_map(Value::Real),
        any::<String>().prop_map(Value::Text),
        "[a-z0-9:#&*!~ .-]{0,6}".prop_map(Value::Text),
        prop_oneof![Just("no"), Just("~"), Just("1e3"), Just("0x1"), Just("<<")]
            .prop_map(|text| Value::Text(text.to_owned())),
    ];
    leaf.prop_map(Node::new).prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::btree_map(any::<String>(), inner, 0..5).prop_map(|map| {
                let entries = map.into_iter().map(|(key, value)| {
                    let place = value.place;
                    Entry { key, place, value }
                });
                Value::Map(entries.collect())
            }),
        ]
        .prop_map(Node::new)
    })
}

/// A tree without its places.
fn bare(node: &Node) -> String {
    match &node.value {
        Value::List(items) => format!("[{}]", items.iter().map(bare).collect::<Vec<_>>().join(",")),
        Value::Map(entries) => {
            let parts = entries
                .iter()
                .map(|e| format!("{:?}:{}", e.key, bare(&e.value)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
        }
        other => format!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_as_what_it_was(tree in trees()) {
        for format in [Format::Json, Format::Yaml] {
            let text = write(&tree, format);
            match read(text.as_bytes(), format, &Limits::default()) {
                Ok(again) => prop_assert_eq!(bare(&again), bare(&tree), "{}", text),
                Err(refused) => return Err(TestCaseError::fail(format!("{refused}\n{text}"))),
            }
        }
    }

    #[test]
    fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::Json, Format::Yaml] {
            // Either is fine; ending is what matters.
            let _ = read(&bytes, format, &Limits::default());
        }
    }

    #[test]
    fn no_text_is_too_much(text in "[\\[\\]{}:,\"'&*!|>#?%@ \\n\\t~a-c0-9-]{0,60}") {
        let yaml = read(text.as_bytes(), Format::Yaml, &Limits::default());
        if let Ok(node) = yaml {
            // Places go forward through the text, and are in it.
            let lines: Vec<&str> = crate::place::lines(&text).collect();
            prop_assert!(node.place.line <= lines.len());
        }
        let _ = read(text.as_bytes(), Format::Json, &Limits::default());
    }
}
