use bioxen_core::Secret;
use proptest::prelude::*;

use super::{Codec, CodecError, Reply, XmlRpc};
use crate::value::Value;

const LIMIT: usize = 64 * 1024 * 1024;

fn codec() -> XmlRpc {
    XmlRpc::new(LIMIT)
}

fn response(value: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><methodResponse><params><param>{value}</param></params></methodResponse>"
    )
}

#[track_caller]
fn check(value: &str, expect: &str) {
    check_body(response(value).as_bytes(), expect);
}

#[track_caller]
fn check_body(body: &[u8], expect: &str) {
    let shown = match codec().decode(body) {
        Ok(Reply::Value(value)) => format!("{value:?}"),
        Ok(Reply::Fault(value)) => format!("fault {value:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expect);
}

#[test]
fn values_as_the_server_sends_them() {
    check("<value>text</value>", r#""text""#);
    check("<value></value>", r#""""#);
    check("<value/>", r#""""#);
    check("<value><string></string></value>", r#""""#);
    check(
        "<value><string>a &lt;b&gt; &amp;</string></value>",
        r#""a <b> &""#,
    );
    check("<value>2147483648</value>", r#""2147483648""#);
    check("<value><i4>3</i4></value>", "3");
    check("<value><int>-3</int></value>", "-3");
    check(
        "<value><i8>9223372036854775807</i8></value>",
        "9223372036854775807",
    );
    check("<value><boolean>1</boolean></value>", "true");
    check("<value><double>1e+20</double></value>", "1e20");
    check("<value><double>nan</double></value>", "NaN");
    check(
        "<value><dateTime.iso8601>20260821T02:00:23Z</dateTime.iso8601></value>",
        r#""20260821T02:00:23Z""#,
    );
    check("<value><array><data></data></array></value>", "[]");
    check(
        "<value><array><data><value>a</value>\n <value>b</value></data></array></value>",
        r#"["a", "b"]"#,
    );
    check("<value><struct></struct></value>", "{}");
    check("<value><![CDATA[a<b]]></value>", r#""a<b""#);
    check("<value>a<!-- <struct> -->b</value>", r#""ab""#);
}

#[test]
fn what_the_parser_loses_is_kept() {
    let member = |name: &str, value: &str| {
        format!("<value><struct><member><name>{name}</name>{value}</member></struct></value>")
    };
    check(&member("", "<value>x</value>"), r#"{"": "x"}"#);
    check(
        "<value><struct><member><name/><value>x</value></member></struct></value>",
        r#"{"": "x"}"#,
    );
    check(&member(" ", "<value>\n</value>"), r#"{" ": "\n"}"#);
    check("<value>   </value>", r#""   ""#);
    check("<value><string> </string></value>", r#"" ""#);
    check("<value>\n<struct>\n</struct>\n</value>", "{}");
    check(&member("a/b: c", "<value/>"), r#"{"a/b: c": ""}"#);
    // The first characters for marks are taken, so that another one is used.
    check(
        &member("", "<value>\u{e000}\u{e001}</value>"),
        "{\"\": \"\\u{e000}\\u{e001}\"}",
    );
}

#[test]
fn faults_keep_their_text() {
    for members in [
        "<member><name>faultCode</name><value><int>4</int></value></member>",
        "<member><name>faultCode</name><value>4</value></member><member><name>more</name><value/></member>",
    ] {
        let body = format!(
            "<methodResponse><fault><value><struct>{members}<member><name>faultString</name><value>no</value></member></struct></value></fault></methodResponse>"
        );
        let Ok(Reply::Fault(value)) = codec().decode(body.as_bytes()) else {
            panic!("it is a fault");
        };
        let record = value.as_record().expect("it is a struct");
        assert_eq!(record.text("faultString").as_deref(), Ok("no"));
    }
}

#[test]
fn bombs_are_refused_before_they_are_parsed() {
    for tag in ["array><data><value", "struct><member><name>a</name><value"] {
        let deep = format!("<value><{tag}>").repeat(100_000);
        check_body(
            format!("<methodResponse><params><param>{deep}").as_bytes(),
            "the answer is nested deeper than 64 levels",
        );
    }
    check(
        "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><value>&a;</value>",
        "the answer declares a document type or entities at byte 52",
    );
    check(
        "<value><!ENTITY a \"b\"></value>",
        "the answer declares a document type or entities at byte 59",
    );
    check("<value>&undefined;</value>", "the answer is not XML-RPC");
    check_body(
        &vec![b' '; LIMIT + 1],
        "the answer is longer than 67108864 bytes",
    );
    let huge = response(&format!("<value>{}</value>", "x".repeat(1_000)));
    assert_eq!(
        XmlRpc::new(1_000).decode(huge.as_bytes()),
        Err(CodecError::TooLong { limit: 1_000 })
    );
}

#[test]
fn sixty_four_levels_are_read() {
    let nested = |levels: usize| {
        format!(
            "{}<value>x</value>{}",
            "<value><array><data>".repeat(levels),
            "</data></array></value>".repeat(levels)
        )
    };
    check(
        &nested(64),
        &format!("{}\"x\"{}", "[".repeat(64), "]".repeat(64)),
    );
    check(&nested(65), "the answer is nested deeper than 64 levels");
    // Levels that were left do not count.
    check(
        &format!(
            "<value><array><data>{}</data></array></value>",
            nested(1).repeat(100)
        ),
        &format!("[{}]", vec!["[\"x\"]"; 100].join(", ")),
    );
}

#[test]
fn what_is_no_answer_is_an_error_that_quotes_nothing() {
    for body in [
        "",
        "canary",
        "<html><body>canary</body></html>",
        "{\"canary\": 1}",
        "<methodResponse><params><param><value>canary",
        "<methodResponse><params><param><value><int>canary</int></value></param></params></methodResponse>",
        "<methodResponse><params><param><value><boolean>canary</boolean></value></param></params></methodResponse>",
        "<methodResponse><params><param><value><struct><canary/></struct></value></param></params></methodResponse>",
        "<methodResponse><params><param><value x=\"canary\">1</value></param></params></methodResponse>",
        "<methodResponse><params><param><value><nil/></value></param></params></methodResponse>",
        "<methodResponse><fault>canary</fault></methodResponse>",
        "<canary",
        "<!-- canary",
        "<![CDATA[canary",
        "<?canary",
    ] {
        let error = codec().decode(body.as_bytes()).expect_err(body);
        assert!(!format!("{error} {error:?}").contains("canary"), "{body}");
    }
    check_body(
        b"<methodResponse>\xff",
        "the answer is not UTF-8 after byte 16",
    );
    let utf16: Vec<u8> = response("<value>1</value>")
        .bytes()
        .flat_map(|byte| [byte, 0])
        .collect();
    assert!(codec().decode(&utf16).is_err());
}

#[test]
fn a_declared_encoding_changes_nothing() {
    let body = response("<value>\u{e4}</value>").replace("?>", " encoding=\"ISO-8859-1\"?>");
    check_body(body.as_bytes(), "\"\u{e4}\"");
    check_body(
        format!("\u{feff}\n{}", response("<value>1</value>")).as_bytes(),
        "\"1\"",
    );
}

#[test]
fn results_of_tasks_are_fragments() {
    let fragment = |text: &str| codec().decode_fragment(text);
    assert_eq!(fragment(""), Ok(Value::text("")));
    assert_eq!(fragment("<value></value>"), Ok(Value::text("")));
    assert_eq!(
        fragment("<value>OpaqueRef:91ab</value>"),
        Ok(Value::text("OpaqueRef:91ab"))
    );
    assert_eq!(
        fragment("<value>a &amp;amp; b</value>"),
        Ok(Value::text("a &amp; b"))
    );
    assert_eq!(
        fragment("<value><array><data><value>x</value></data></array></value>"),
        Ok(Value::texts(["x"]))
    );
    assert!(fragment("OpaqueRef:91ab</value>").is_err());
    assert!(fragment("OpaqueRef:91ab").is_err());
}

#[test]
fn calls_as_they_go_out() {
    let body = codec()
        .encode(
            "VM.set_memory",
            &[
                Value::Hidden(Secret::new("OpaqueRef:s".to_owned())),
                Value::int(2_147_483_648),
                Value::Int(-1),
                Value::Bool(false),
                Value::Double(30.0),
                Value::text("a\r\n<b>"),
                Value::map([("", "x")]),
                Value::texts(["vm"]),
            ],
        )
        .expect("it can be sent");
    let body: String = String::from_utf8(body)
        .expect("it is text")
        .replace('\n', "");
    assert_eq!(
        body,
        concat!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><methodCall><methodName>VM.set_memory</methodName><params>",
            "<param><value><string>OpaqueRef:s</string></value></param>",
            "<param><value><string>2147483648</string></value></param>",
            "<param><value><string>-1</string></value></param>",
            "<param><value><boolean>0</boolean></value></param>",
            "<param><value><double>30</double></value></param>",
            "<param><value><string>a&#13;&lt;b&gt;</string></value></param>",
            "<param><value><struct><member><name></name><value><string>x</string></value></member></struct></value></param>",
            "<param><value><array><data><value><string>vm</string></value></data></array></value></param>",
            "</params></methodCall>"
        )
    );
}

#[test]
fn what_xml_cannot_carry_is_not_sent() {
    for text in [
        "a\0b",
        "\u{1}",
        "\u{b}",
        "\u{1b}[31m",
        "\u{fffe}",
        "\u{ffff}",
    ] {
        for value in [
            Value::text(text),
            Value::map([(text, "")]),
            Value::texts(["", text]),
            Value::Hidden(Secret::new(text.to_owned())),
        ] {
            assert_eq!(
                codec().encode("m", &[Value::text("fine"), value]),
                Err(CodecError::ControlCharacter { argument: 1 })
            );
        }
    }
    for number in [f64::NAN, f64::INFINITY] {
        assert_eq!(
            codec().encode("m", &[Value::Double(number)]),
            Err(CodecError::NotANumber { argument: 0 })
        );
    }
}

fn values() -> impl Strategy<Value = Value> {
    let text = "[ -~\t\n\r\u{e4}\u{2028}\u{1f9ec}]{0,12}";
    let leaf = prop_oneof![
        text.prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        (-1.0e9..1.0e9).prop_map(Value::Double),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(text, inner, 0..6).prop_map(Value::Struct),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_same(value in values()) {
        let call = codec().encode("m", std::slice::from_ref(&value)).expect("it can be sent");
        let call = String::from_utf8(call).expect("it is text");
        let start = call.find("<param>").expect("there is one") + "<param>".len();
        let end = call.rfind("</param>").expect("there is one");
        let body = response(&call[start..end]);
        prop_assert_eq!(codec().decode(body.as_bytes()), Ok(Reply::Value(value)));
    }

    #[test]
    fn garbage_never_panics(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = codec().decode(&body);
    }

    #[test]
    fn bits_of_answers_never_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "<methodResponse>", "</methodResponse>", "<params>", "<param>", "</param>", "</params>", "<value>", "</value>",
        "<struct>", "</struct>", "<member>", "</member>", "<name>", "</name>", "<name/>", "<array>", "<data>", "</data>",
        "</array>", "<string>", "</string>", "<fault>", "</fault>", "<i4>", "</i4>", "x", " ", "1", "&amp;", "&#0;", "<![CDATA[", "]]>",
        "<!--", "-->", "<?x", "?>", "<!", "<dateTime.iso8601>", "</dateTime.iso8601>",
    ]), 0..40)) {
        let _ = codec().decode(parts.concat().as_bytes());
    }
}
