//! Random values of everything that messages carry.

use serde_json::{Value, json};

mod answers;
mod page;
mod reports;
mod requests;
mod values;

pub(super) use answers::answer;
pub(super) use page::{PAGE, examples, row};
pub(super) use requests::request;
pub(super) use values::text;

/// The JSON with another value somewhere in it.
pub(super) fn altered(json: &[u8], place: usize, value: usize) -> Vec<u8> {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(entries) => entries.iter().map(count).sum(),
            Value::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    fn replace(value: &mut Value, place: &mut usize, with: &Value) {
        if *place == 0 {
            *value = with.clone();
        }
        *place = place.wrapping_sub(1);
        match value {
            Value::Array(entries) => entries.iter_mut().for_each(|v| replace(v, place, with)),
            Value::Object(fields) => fields.values_mut().for_each(|v| replace(v, place, with)),
            _ => {}
        }
    }
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("NaN"),
        json!("x".repeat(300)),
        json!([[]]),
        json!({"a": {}}),
    ];
    let mut whole: Value = serde_json::from_slice(json).expect("JSON");
    let mut place = place % count(&whole);
    replace(&mut whole, &mut place, &values[value % values.len()]);
    serde_json::to_vec(&whole).expect("a value")
}
