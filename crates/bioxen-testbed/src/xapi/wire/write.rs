//! Answers to bytes, in the server's exact shape: one line, texts and integers without a type.

use crate::xapi::failure::Failure;
use crate::xapi::value::Value;

/// The answer of a call that succeeded.
pub(crate) fn success(value: &Value) -> Vec<u8> {
    answer(&Value::map([
        ("Status", Value::from("Success")),
        ("Value", value.clone()),
    ]))
}

/// The answer of a call that failed, which has status 200 too.
pub(crate) fn failure(failure: &Failure) -> Vec<u8> {
    let description = [failure.code.clone()]
        .into_iter()
        .chain(failure.params.iter().cloned());
    let members = [
        ("Status", Value::from("Failure")),
        ("ErrorDescription", Value::texts(description)),
    ];
    // The status comes first, against the order of the alphabet.
    let mut text = "<value><struct>".to_owned();
    for (name, value) in members {
        member(&mut text, name, &value);
    }
    text.push_str("</struct></value>");
    envelope(&text)
}

/// The answer of the one call that has no envelope of status and value.
pub(crate) fn bare(value: &Value) -> Vec<u8> {
    answer(value)
}

/// A value as the result of a task holds it.
pub(crate) fn fragment(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn answer(value: &Value) -> Vec<u8> {
    envelope(&fragment(value))
}

fn envelope(value: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><methodResponse><params><param>{value}</param></params></methodResponse>"
    )
    .into_bytes()
}

fn write(text: &mut String, value: &Value) {
    text.push_str("<value>");
    match value {
        Value::Text(content) => escape(text, content),
        Value::Int(number) => text.push_str(&number.to_string()),
        Value::I4(number) => text.push_str(&format!("<i4>{number}</i4>")),
        Value::Bool(flag) => {
            text.push_str(&format!("<boolean>{}</boolean>", u8::from(*flag)));
        }
        Value::Double(number) => {
            text.push_str(&format!("<double>{}</double>", double(*number)));
        }
        Value::Date(date) => {
            text.push_str(&format!("<dateTime.iso8601>{date}</dateTime.iso8601>"));
        }
        Value::Set(items) => {
            text.push_str("<array><data>");
            for item in items {
                write(text, item);
            }
            text.push_str("</data></array>");
        }
        Value::Map(items) => {
            text.push_str("<struct>");
            for (name, item) in items {
                member(text, name, item);
            }
            text.push_str("</struct>");
        }
    }
    text.push_str("</value>");
}

fn member(text: &mut String, name: &str, value: &Value) {
    text.push_str("<member><name>");
    escape(text, name);
    text.push_str("</name>");
    write(text, value);
    text.push_str("</member>");
}

/// Escapes what the server escapes, and drops the control characters that it drops.
fn escape(text: &mut String, content: &str) {
    for character in content.chars() {
        match character {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            '\t' | '\n' | '\r' => text.push(character),
            '\0'..' ' => {}
            _ => text.push(character),
        }
    }
}

/// A number as `%.16g` of C prints it.
pub(super) fn double(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let scientific = format!("{number:.15e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let places = usize::try_from(15 - exponent).unwrap_or(0);
        trim(&format!("{number:.places$}")).to_owned()
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(digits), exponent.unsigned_abs())
    }
}

fn trim(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}
