//! From a tree to text.

use std::fmt::Write as _;

use crate::read::Format;
use crate::tree::{Entry, Node, Value};

/// A text that reads as this tree, with a line end after it; places and comments are not written.
///
/// Text of YAML stands in quotes unless it is a plain word, so that no reader of any version takes `no` or `012` for something else.
/// JSON cannot say infinite and no number; they become `null`.
pub fn write(node: &Node, format: Format) -> String {
    let mut out = String::new();
    match format {
        Format::Json => json(node, 0, &mut out),
        Format::Yaml => yaml(node, 0, &mut out),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn json(node: &Node, depth: usize, out: &mut String) {
    let (open, close, parts): (_, _, Vec<(Option<&str>, &Node)>) = match &node.value {
        Value::Map(entries) => {
            let parts = entries.iter().map(|e| (Some(e.key.as_str()), &e.value));
            ('{', '}', parts.collect())
        }
        Value::List(items) => ('[', ']', items.iter().map(|item| (None, item)).collect()),
        Value::Real(n) if !n.is_finite() => return out.push_str("null"),
        scalar => return out.push_str(&plain(scalar, Format::Json)),
    };
    out.push(open);
    for (n, (key, part)) in parts.iter().enumerate() {
        out.push_str(if n > 0 { ",\n" } else { "\n" });
        indent(depth + 1, out);
        if let Some(key) = key {
            out.push_str(&quoted(key));
            out.push_str(": ");
        }
        json(part, depth + 1, out);
    }
    if !parts.is_empty() {
        out.push('\n');
        indent(depth, out);
    }
    out.push(close);
}

fn yaml(node: &Node, depth: usize, out: &mut String) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                indent(depth, out);
                yaml_entry(entry, depth, out);
            }
        }
        Value::List(items) if !items.is_empty() => {
            for item in items {
                indent(depth, out);
                out.push('-');
                yaml_value(item, depth, out);
            }
        }
        scalar => out.push_str(&plain(scalar, Format::Yaml)),
    }
}

fn yaml_entry(entry: &Entry, depth: usize, out: &mut String) {
    // A name in quotes may be long only if it is marked, and no name that is read back is that long.
    out.push_str(&word(&entry.key));
    out.push(':');
    yaml_value(&entry.value, depth, out);
}

fn yaml_value(node: &Node, depth: usize, out: &mut String) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            yaml(node, depth + 1, out);
        }
        Value::List(items) if !items.is_empty() => {
            out.push('\n');
            yaml(node, depth + 1, out);
        }
        scalar => {
            out.push(' ');
            out.push_str(&plain(scalar, Format::Yaml));
            out.push('\n');
        }
    }
}

/// A value that stands on one line.
fn plain(value: &Value, format: Format) -> String {
    match (value, format) {
        (Value::Nothing, _) => "null".to_owned(),
        (Value::Truth(truth), _) => truth.to_string(),
        (Value::Whole(n), _) => n.to_string(),
        (Value::Real(n), _) if n.is_nan() => ".nan".to_owned(),
        (Value::Real(n), _) if n.is_infinite() => {
            if *n > 0.0 { ".inf" } else { "-.inf" }.to_owned()
        }
        (Value::Real(n), _) => format!("{n:?}"),
        (Value::Text(text), Format::Json) => quoted(text),
        (Value::Text(text), Format::Yaml) => word(text),
        (Value::List(_), _) => "[]".to_owned(),
        (Value::Map(_), _) => "{}".to_owned(),
    }
}

/// Words that some version of YAML takes for something else than text.
const TAKEN: [&str; 11] = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
];

fn word(text: &str) -> String {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/'));
    let ends = text.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let taken = TAKEN.contains(&text.to_ascii_lowercase().as_str());
    if starts && ends && text.chars().all(inside) && !taken {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Text in double quotes, as JSON and YAML both read it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // YAML allows these only behind an escape.
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                // Writing into a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
