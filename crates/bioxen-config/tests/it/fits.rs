//! A small validator of the words of JSON Schema that our schema uses.

use bioxen_text::{Node, Value as Text};
use regex::Regex;
use serde_json::Value;

/// Whether the schema accepts a tree.
pub(crate) fn accepts(schema: &Value, tree: &Node) -> bool {
    fits(schema, &value_of(tree))
}

fn value_of(node: &Node) -> Value {
    match &node.value {
        Text::Nothing => Value::Null,
        Text::Truth(truth) => Value::Bool(*truth),
        Text::Whole(n) => i64::try_from(*n).map_or(Value::from(f64::MAX), Value::from),
        // What JSON cannot say is no number for it.
        Text::Real(n) => Value::from(*n),
        Text::Text(text) => Value::from(text.as_str()),
        Text::List(items) => items.iter().map(value_of).collect(),
        Text::Map(entries) => {
            let pairs = entries.iter().map(|e| (e.key.clone(), value_of(&e.value)));
            Value::Object(pairs.collect())
        }
    }
}

fn fits(schema: &Value, value: &Value) -> bool {
    let Value::Object(words) = schema else {
        return schema.as_bool().expect("a schema is an object or a truth");
    };
    words.iter().all(|(word, rule)| match word.as_str() {
        "type" => match rule {
            Value::String(name) => is_of(name, value),
            names => names
                .as_array()
                .unwrap()
                .iter()
                .any(|name| is_of(name.as_str().unwrap(), value)),
        },
        "enum" => rule.as_array().unwrap().contains(value),
        "const" => rule == value,
        "required" => value.as_object().is_none_or(|entries| {
            let mut names = rule.as_array().unwrap().iter().filter_map(Value::as_str);
            names.all(|name| entries.contains_key(name))
        }),
        "properties" => rule
            .as_object()
            .unwrap()
            .iter()
            .all(|(name, schema)| value.get(name).is_none_or(|part| fits(schema, part))),
        "additionalProperties" => value.as_object().is_none_or(|entries| {
            entries
                .keys()
                .all(|key| words["properties"].get(key).is_some())
        }),
        "items" => value
            .as_array()
            .is_none_or(|items| items.iter().all(|item| fits(rule, item))),
        "uniqueItems" => value
            .as_array()
            .is_none_or(|items| (1..items.len()).all(|n| !items[..n].contains(&items[n]))),
        "minItems" => value
            .as_array()
            .is_none_or(|items| size(items.len()) >= number(rule)),
        "maxItems" => value
            .as_array()
            .is_none_or(|items| size(items.len()) <= number(rule)),
        "minLength" => value
            .as_str()
            .is_none_or(|t| size(t.chars().count()) >= number(rule)),
        "maxLength" => value
            .as_str()
            .is_none_or(|t| size(t.chars().count()) <= number(rule)),
        "minimum" => value.as_f64().is_none_or(|n| n >= number(rule)),
        "maximum" => value.as_f64().is_none_or(|n| n <= number(rule)),
        "exclusiveMinimum" => value.as_f64().is_none_or(|n| n > number(rule)),
        "pattern" => {
            let pattern = Regex::new(rule.as_str().unwrap()).expect("the pattern is one");
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "anyOf" => rule.as_array().unwrap().iter().any(|one| fits(one, value)),
        "allOf" => rule.as_array().unwrap().iter().all(|one| fits(one, value)),
        "if" => !fits(rule, value) || fits(&words["then"], value),
        "then" | "$schema" | "$id" | "title" | "description" => true,
        other => panic!("the validator does not know {other}"),
    })
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|n| n.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("type {other}"),
    }
}

fn number(rule: &Value) -> f64 {
    rule.as_f64().expect("a number")
}

fn size(n: usize) -> f64 {
    f64::from(u32::try_from(n).expect("small"))
}
