//! The JSON Schema of the manifest against the same manifests, by a small validator of the words that it uses.

use serde_json::Value;

use super::super::{MANIFEST, MANIFEST_SCHEMA, PackageLibrary};

/// Whether the schema accepts a manifest.
pub(super) fn accepts(manifest: &str) -> bool {
    let schema: Value = serde_json::from_str(MANIFEST_SCHEMA).expect("the schema is JSON");
    serde_yaml::from_str::<Value>(manifest).is_ok_and(|value| fits(&schema, &schema, &value))
}

fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let words = schema.as_object().expect("a schema is an object");
    words.iter().all(|(word, rule)| match word.as_str() {
        "$ref" => {
            let pointer = rule.as_str().unwrap().trim_start_matches('#');
            fits(
                root,
                root.pointer(pointer).expect("the definition is there"),
                value,
            )
        }
        "type" => match rule.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.as_f64().is_some_and(|n| n.fract() == 0.0),
            "number" => value.is_number(),
            other => panic!("type {other}"),
        },
        "enum" => rule.as_array().unwrap().contains(value),
        "const" => rule == value,
        "required" => names(rule).all(|name| value.get(name).is_some()),
        "dependentRequired" => rule.as_object().unwrap().iter().all(|(name, needs)| {
            value.get(name).is_none() || names(needs).all(|need| value.get(need).is_some())
        }),
        "properties" => rule
            .as_object()
            .unwrap()
            .iter()
            .all(|(name, schema)| value.get(name).is_none_or(|part| fits(root, schema, part))),
        "additionalProperties" => value.as_object().is_none_or(|entries| {
            entries
                .keys()
                .all(|key| schema["properties"].get(key).is_some())
        }),
        "items" => value
            .as_array()
            .is_none_or(|items| items.iter().all(|item| fits(root, rule, item))),
        "uniqueItems" => value
            .as_array()
            .is_none_or(|items| (1..items.len()).all(|n| !items[..n].contains(&items[n]))),
        "minItems" => value
            .as_array()
            .is_none_or(|items| size(items.len()) >= rule.as_f64()),
        "maxItems" => value
            .as_array()
            .is_none_or(|items| size(items.len()) <= rule.as_f64()),
        "minLength" => value
            .as_str()
            .is_none_or(|t| size(t.chars().count()) >= rule.as_f64()),
        "maxLength" => value
            .as_str()
            .is_none_or(|t| size(t.chars().count()) <= rule.as_f64()),
        "minimum" => value.as_f64().is_none_or(|n| Some(n) >= rule.as_f64()),
        "maximum" => value.as_f64().is_none_or(|n| Some(n) <= rule.as_f64()),
        "oneOf" => {
            let fitting = rule
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| fits(root, one, value));
            fitting.count() == 1
        }
        // Patterns need an engine that nothing else here needs.
        "$schema" | "title" | "description" | "$defs" | "pattern" => true,
        other => panic!("the validator does not know {other}"),
    })
}

fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().filter_map(Value::as_str)
}

fn size(n: usize) -> Option<f64> {
    u32::try_from(n).ok().map(f64::from)
}

#[test]
fn the_schema_accepts_what_is_in_order() {
    for manifest in [super::PLASMID, super::CIRCUIT, super::ANALYSIS] {
        assert!(accepts(manifest), "{manifest}");
    }
    let (listed, _) = PackageLibrary::built_in().list();
    for one in listed {
        assert!(
            accepts(one.package.file(MANIFEST).unwrap()),
            "{}",
            one.package.name
        );
    }
}
