//! JSON Schema of configuration files, for editors, made of the table of settings.

use bioxen_core::Organism;
use serde_json::{Map, Value, json};

use crate::model::{Kind, Need, Section, Setting};
use crate::parse::allowed;
use crate::template::SCHEMA_ADDRESS;

/// The JSON Schema (draft 2020-12), with a line end after it.
///
/// It knows names, types, ranges and which settings belong to which organism and VM type; what one value says about another, and about files, [`load`](crate::load) alone checks.
pub fn schema() -> String {
    let mut properties = Map::new();
    for setting in Section::Top.settings() {
        properties.insert(setting.name.to_owned(), of_setting(setting));
    }
    for section in Section::ALL {
        properties.insert(section.name().to_owned(), of_section(section));
    }
    let mut rules: Vec<Value> = Organism::ALL.into_iter().map(of_organism).collect();
    rules.push(json!({
        "if": { "properties": { "vm_type": { "const": "xcpng" } }, "required": ["vm_type"] },
        "then": {
            "required": ["xcpng_config"],
            "properties": { "xcpng_config": {
                "required": Section::XcpngConfig.settings()
                    .filter(|setting| setting.need == Need::Required)
                    .map(|setting| setting.name)
                    .collect::<Vec<_>>(),
            } },
        },
    }));
    rules.push(json!({
        "if": { "properties": { "vm_type": { "const": "basic" } }, "required": ["vm_type"] },
        "then": { "properties": { "xcpng_config": false } },
    }));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ADDRESS,
        "title": "BioXen configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "allOf": rules,
    });
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    format!("{text}\n")
}

fn of_section(section: Section) -> Value {
    let properties: Map<String, Value> = section
        .settings()
        .map(|setting| (setting.name.to_owned(), of_setting(setting)))
        .collect();
    json!({
        "description": section.doc(),
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn of_setting(setting: &Setting) -> Value {
    let mut about = match of_kind(setting.kind) {
        Value::Object(about) => about,
        _ => Map::new(),
    };
    let mut doc = format!("{} Allowed: {}.", setting.doc, allowed(setting.kind));
    if !setting.default.is_empty() {
        doc.push_str(&format!(" If not given: {}.", setting.default));
    }
    about.insert("description".to_owned(), json!(doc));
    Value::Object(about)
}

fn of_kind(kind: Kind) -> Value {
    let line = || json!({ "type": "string", "minLength": 1, "maxLength": 4096, "pattern": r"^[^\r\n]*\S[^\r\n]*$" });
    match kind {
        Kind::Percent => json!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": 100 },
            { "type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?%$" },
        ] }),
        Kind::Whole { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Factor => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Kind::Size { .. } => json!({
            "type": "string",
            "pattern": r"^\s*[0-9]+(\.[0-9]{1,9})? *(B|bytes|[kKMGT]B|[KMGT]iB)\s*$",
        }),
        Kind::Interval => json!({ "anyOf": [
            { "type": "number", "exclusiveMinimum": 0, "maximum": 2_678_400 },
            { "type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]{1,3})? *(ms|s|min|h)\s*$" },
        ] }),
        Kind::Simulated => json!({ "anyOf": [
            { "type": "number", "minimum": 0.5 },
            { "type": "string", "pattern": r"^\s*([0-9.]+(h|min|s|ms|us))+\s*$" },
        ] }),
        Kind::Truth => json!({ "type": "boolean" }),
        Kind::True => json!({ "const": true }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Text | Kind::Secret | Kind::Path | Kind::PrivateFile => line(),
        Kind::Url => {
            json!({ "type": "string", "pattern": r"^\s*[hH][tT][tT][pP][sS]://[^/@\s]+/?\s*$" })
        }
        Kind::Variable => {
            json!({ "type": "string", "maxLength": 256, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" })
        }
        Kind::Command => json!({
            "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 100,
        }),
        Kind::Pins => json!({
            "type": "array", "maxItems": 100, "uniqueItems": true,
            "items": { "type": "string", "pattern": "^:*([0-9a-fA-F]:*){64}$" },
        }),
        Kind::Packages | Kind::Paths | Kind::Texts => json!({
            "type": "array", "maxItems": 100, "uniqueItems": true, "items": line(),
        }),
    }
}

/// Settings of other organisms are refused where the organism is said.
fn of_organism(organism: Organism) -> Value {
    let others: Map<String, Value> = Section::BiologicalSettings
        .settings()
        .filter(|setting| setting.organism.is_some_and(|only| only != organism))
        .map(|setting| (setting.name.to_owned(), json!(false)))
        .collect();
    json!({
        "if": {
            "properties": { "organism": { "const": organism.to_string() } },
            "required": ["organism"],
        },
        "then": { "properties": { "biological_settings": { "properties": others } } },
    })
}
