use super::write::double;
use super::*;
use crate::xapi::failure::Failure;
use crate::xapi::model::{Model, Type};
use crate::xapi::value::Value;

fn call_of(value: &str) -> String {
    format!(
        "<?xml version='1.0'?>\n<methodCall>\n <methodName>x</methodName>\n\
         <params><param><value>{value}</value></param></params></methodCall>"
    )
}

#[track_caller]
fn check(value: &str, expect: Arg) {
    let call = read_call(call_of(value).as_bytes()).unwrap();
    assert_eq!(
        call,
        Call {
            name: "x".to_owned(),
            args: vec![expect]
        }
    );
}

fn text(content: &str) -> Arg {
    Arg::Text(content.to_owned())
}

#[test]
fn values_are_read_in_all_their_forms() {
    check("", text(""));
    check("a b", text("a b"));
    check("  ", text("  "));
    check(" a\n", text(" a\n"));
    check("<string>a</string>", text("a"));
    check("<string/>", text(""));
    check("<string></string>", text(""));
    check(" <string> a </string> ", text(" a "));
    check("&lt;a&gt;&amp;&quot;&apos;&#233;&#x41;", text("<a>&\"'éA"));
    check("a<![CDATA[<b>]]>c", text("a<b>c"));
    check("<!-- no -->a", text("a"));
    check("<int>-5</int>", Arg::Int(-5));
    check("<i4>5</i4>", Arg::Int(5));
    check("<i8>9223372036854775807</i8>", Arg::Int(i64::MAX));
    check("<boolean>1</boolean>", Arg::Bool(true));
    check("<boolean>true</boolean>", Arg::Bool(false));
    check("<double>0.5</double>", Arg::Double(0.5));
    check("<double>30</double>", Arg::Double(30.0));
    check(
        "<dateTime.iso8601>20260821T02:00:23Z</dateTime.iso8601>",
        Arg::Date("20260821T02:00:23Z".to_owned()),
    );
    check("<array><data></data></array>", Arg::Array(vec![]));
    check("<array/>", Arg::Array(vec![]));
    check(
        "<array>\n<data> <value>a</value>\n<value><i4>1</i4></value></data></array>",
        Arg::Array(vec![text("a"), Arg::Int(1)]),
    );
    check("<struct/>", Arg::Struct(vec![]));
    check(
        "<struct><member><name></name><value>e</value></member> <member><name>a/b c</name><value/></member></struct>",
        Arg::Struct(vec![
            (String::new(), text("e")),
            ("a/b c".to_owned(), text("")),
        ]),
    );
    check("<nil/>", Arg::Nil);
}

#[track_caller]
fn check_refused(body: &str, expect: &str) {
    let error = read_call(body.as_bytes()).unwrap_err();
    assert!(error.to_string().contains(expect), "{error}");
}

#[test]
fn what_is_no_call_is_refused() {
    check_refused("", "no call");
    check_refused("{}", "no call");
    check_refused("a=b&c=d", "not XML");
    check_refused(
        "<methodCall><methodName>x</methodName></methodCall>",
        "an element expected",
    );
    check_refused("<methodResponse/>", "<methodCall> expected");
    check_refused(&call_of("<int>five</int>"), "an integer");
    check_refused(&call_of("<int></int>"), "content of a value");
    check_refused(&call_of("<bird>1</bird>"), "known type");
    check_refused(&call_of("a<b>c</b>"), "the end of an element");
    check_refused(&call_of("&bird;"), "unknown entity");
    check_refused(
        "<!DOCTYPE x [<!ENTITY a \"b\">]><methodCall/>",
        "document type",
    );
    check_refused("<methodCall><methodName>x</methodName>", "no end");
    let deep = "<array><data><value>".repeat(70) + &"</value></data></array>".repeat(70);
    check_refused(&call_of(&deep), "nested deeper");
    check_refused(&call_of(&"a".repeat(300 * 1024)), "307200 are read");
    let error = read_call(b"<methodCall>\xFF</methodCall>").unwrap_err();
    assert!(matches!(error, Malformed::NotXml { .. }), "{error}");
}

#[test]
fn doubles_are_printed_as_c_prints_them() {
    let check = |number: f64, expect: &str| assert_eq!(double(number), expect);
    check(0.5, "0.5");
    check(0.0, "0");
    check(1.0, "1");
    check(-2.25, "-2.25");
    check(1e20, "1e+20");
    check(1e-7, "1e-07");
    check(0.1, "0.1");
    check(123_456_789.0, "123456789");
    check(1e15, "1000000000000000");
    check(1e16, "1e+16");
    check(0.0001, "0.0001");
    check(f64::NAN, "nan");
    check(f64::NEG_INFINITY, "-inf");
}

#[test]
fn answers_have_the_shape_of_the_server() {
    let value = Value::map([
        ("", Value::from("a<&>\"\u{1}b\tc")),
        ("bool", Value::Bool(true)),
        ("int", Value::Int(2_147_483_648)),
        ("refs", Value::texts(["OpaqueRef:NULL"])),
        ("zdate", Value::Date("19700101T00:00:00Z".to_owned())),
        ("zero", Value::Set(vec![])),
    ]);
    let body = String::from_utf8(success(&value)).unwrap();
    assert_eq!(
        body,
        "<?xml version=\"1.0\"?><methodResponse><params><param><value><struct>\
         <member><name>Status</name><value>Success</value></member><member><name>Value</name><value><struct>\
         <member><name></name><value>a&lt;&amp;&gt;&quot;b\tc</value></member>\
         <member><name>bool</name><value><boolean>1</boolean></value></member>\
         <member><name>int</name><value>2147483648</value></member>\
         <member><name>refs</name><value><array><data><value>OpaqueRef:NULL</value></data></array></value></member>\
         <member><name>zdate</name><value><dateTime.iso8601>19700101T00:00:00Z</dateTime.iso8601></value></member>\
         <member><name>zero</name><value><array><data></data></array></value></member>\
         </struct></value></member></struct></value></param></params></methodResponse>"
    );
    let body = failure(&Failure::handle("VM", "OpaqueRef:x"));
    let body = String::from_utf8(body).unwrap();
    assert_eq!(
        body,
        "<?xml version=\"1.0\"?><methodResponse><params><param><value><struct>\
         <member><name>Status</name><value>Failure</value></member><member><name>ErrorDescription</name><value><array><data>\
         <value>HANDLE_INVALID</value><value>VM</value><value>OpaqueRef:x</value></data></array></value></member>\
         </struct></value></param></params></methodResponse>"
    );
}

#[track_caller]
fn check_decoded(arg: Arg, kind: &str, expect: Result<Value, &str>) {
    let model = Model::of_xapi_2_23().unwrap();
    let kind = Type::parse(kind).unwrap();
    let got = decode(&arg, &kind, &model).map_err(|failure| failure.params.concat());
    assert_eq!(got, expect.map_err(str::to_owned));
}

#[test]
fn arguments_become_values_of_their_type() {
    check_decoded(text("5"), "int", Ok(Value::Int(5)));
    check_decoded(Arg::Int(5), "int", Ok(Value::Int(5)));
    check_decoded(text("five"), "int", Err("Failure(\"Int64.of_string\")"));
    check_decoded(
        Arg::Int(5),
        "string",
        Err("Failure(\"Expected string, got int\")"),
    );
    check_decoded(
        text("true"),
        "bool",
        Err("Failure(\"Expected bool, got string\")"),
    );
    check_decoded(Arg::Int(30), "float", Ok(Value::Double(30.0)));
    check_decoded(text("0.5"), "float", Ok(Value::Double(0.5)));
    check_decoded(text("CD"), "enum vbd_type", Ok(Value::from("CD")));
    check_decoded(
        text("Bird"),
        "enum vbd_type",
        Err("Failure(\"Unable to parse Bird as enum vbd_type\")"),
    );
    check_decoded(
        Arg::Nil,
        "string",
        Err("Failure(\"Expected string, got null\")"),
    );
    check_decoded(
        Arg::Array(vec![text("a")]),
        "string set",
        Ok(Value::texts(["a"])),
    );
    check_decoded(
        Arg::Struct(vec![("d".to_owned(), text("1"))]),
        "VIF record",
        Err("Failure(\"Missing field device in record VIF\")"),
    );
}
