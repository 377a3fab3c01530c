use std::fmt::Debug;

use bioxen_core::Secret;

use super::{DateTime, Ref, Task, Uuid, Value, ValueError, Vm};

#[track_caller]
fn check<T: Debug>(read: Result<T, ValueError>, expect: &str) {
    let shown = match read {
        Ok(value) => format!("{value:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expect);
}

#[test]
fn integers_come_as_text_or_elements_and_names_stay_names() {
    check(Value::text("2147483648").as_int(), "2147483648");
    check(Value::text("-1").as_int(), "-1");
    check(
        Value::text("9223372036854775807").as_int(),
        "9223372036854775807",
    );
    check(Value::Int(3).as_int(), "3");
    for wrong in ["", " 1", "1.0", "+1", "0x10", "9223372036854775808", "one"] {
        check(
            Value::text(wrong).as_int(),
            "the answer should be an integer and is another text",
        );
    }
    check(
        Value::Bool(true).as_int(),
        "the answer should be an integer and is a boolean",
    );
    check(Value::text("123").as_text(), "\"123\"");
    check(
        Value::Int(123).as_text(),
        "the answer should be text and is an integer",
    );
}

#[test]
fn numbers_and_booleans() {
    check(Value::Double(0.5).as_float(), "0.5");
    check(Value::text("1e+20").as_float(), "1e20");
    check(Value::text("nan").as_float(), "NaN");
    check(Value::Int(-3).as_float(), "-3.0");
    check(
        Value::text("half").as_float(),
        "the answer should be a number and is another text",
    );
    check(Value::Bool(false).as_bool(), "false");
    check(
        Value::text("1").as_bool(),
        "the answer should be a boolean and is text",
    );
}

#[test]
fn references_name_something_or_nothing() {
    check(
        Value::text("OpaqueRef:91ab").as_ref::<Vm>(),
        "OpaqueRef:91ab",
    );
    check(
        Value::text("OpaqueRef:NULL").as_optional_ref::<Vm>(),
        "None",
    );
    check(Value::text("").as_optional_ref::<Vm>(), "None");
    check(
        Value::text("OpaqueRef:NULL").as_ref::<Vm>(),
        "the answer should be a reference and is the reference of nothing",
    );
    check(
        Value::text("DummyRef:|x|y").as_ref::<Task>(),
        "DummyRef:|x|y",
    );
}

#[test]
fn places_are_named() {
    let record = Value::record([
        (
            "VBDs",
            Value::Array(vec!["OpaqueRef:1".into(), Value::Bool(true)]),
        ),
        (
            "other_config",
            Value::Struct([(String::new(), Value::Int(1))].into()),
        ),
        ("name_label", "cell".into()),
    ]);
    let record = record.as_record().expect("it is one");
    check(
        record.references::<Vm>("VBDs"),
        "VBDs[1] should be a reference and is a boolean",
    );
    check(
        record.map("other_config"),
        "other_config[\"\"] should be text and is an integer",
    );
    check(
        record.required("uuid", Value::as_uuid),
        "uuid should be there and is missing",
    );
    check(
        record.required("name_label", Value::as_uuid),
        "name_label should be a UUID and is another text",
    );
    check(record.text("name_description"), "\"\"");
    check(record.references::<Vm>("VIFs"), "[]");
    check(record.reference::<Vm>("guest"), "None");
}

#[test]
fn dates_are_read_strictly_and_written_as_they_came() {
    for text in [
        "19700101T00:00:00Z",
        "20260821T02:00:23Z",
        "20240229T23:59:59Z",
        "20000301T00:00:00Z",
        "19691231T23:59:59Z",
        "99991231T12:00:00Z",
        "00010101T00:00:00Z",
    ] {
        let read = Value::text(text).as_date_time().expect(text);
        assert_eq!(read.to_string(), text);
    }
    let seconds = |text| Value::text(text).as_date_time().map(DateTime::unix_seconds);
    check(seconds("20260821T02:00:23Z"), "1787277623");
    check(seconds("2026-08-21T02:00:23"), "1787277623");
    check(seconds("20260821T02:00:23.125Z"), "1787277623");
    check(
        Value::text("19700101T00:00:00Z")
            .as_date_time()
            .map(DateTime::is_never),
        "true",
    );
    for wrong in [
        "20260231T02:00:23Z",
        "20250229T00:00:00Z",
        "20261301T00:00:00Z",
        "20260821T24:00:00Z",
        "20260821T02:00:23Zjunk",
        "20260821T2:00:23Z",
        "20260821",
        "2026\u{e9}821T00:00:00",
        "",
    ] {
        check(
            seconds(wrong),
            "the answer should be a date and is another text",
        );
    }
}

#[test]
fn uuids_are_checked() {
    let text = "0b5e6cde-1e3a-4e22-9c1c-5b5f6a3c7d10";
    assert_eq!(
        Uuid::new(&text.to_uppercase()).expect("it is one").as_str(),
        text
    );
    for wrong in ["", "0b5e6cde", &text.replace('-', "0"), &format!("{text}0")] {
        assert!(Uuid::new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_hidden_is_shown_to_nobody() {
    let hidden = Value::Array(vec![Value::Hidden(Secret::new("hunter2".to_owned()))]);
    assert_eq!(format!("{hidden:?}"), "[***]");
    let reference = Ref::<Vm>::new("OpaqueRef:1").expect("it names something");
    assert_eq!(Value::from(&reference), Value::text("OpaqueRef:1"));
}
