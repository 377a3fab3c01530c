//! What is said about configurations.

use std::io::{self, Write};

use bioxen::config::{
    Candidate, ConfigErrors, Given, Loaded, Origin, Problem, Problems, Section, render, show,
};
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::json::pretty;

/// Problems as people read them.
pub(crate) fn plain(problems: &Problems) -> String {
    render(problems)
}

/// Whether a password stands in what was given.
pub(crate) fn has_secret(loaded: &Loaded) -> bool {
    let mut given = loaded.raw.given();
    given.any(|(_, given, _)| matches!(given, Given::Secret(_)))
}

/// Everything that is wrong, or that nothing is.
pub(crate) fn write_check(
    answer: &Result<Loaded, ConfigErrors>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match answer {
        Ok(loaded) => {
            write!(out, "{}", render(&loaded.problems))?;
            let files: Vec<String> = loaded
                .files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            writeln!(out, "{}: in order", files.join(" and "))
        }
        Err(errors) => write!(out, "{}", render(errors.problems())),
    }
}

/// The same as JSON.
pub(crate) fn write_check_json(
    answer: &Result<Loaded, ConfigErrors>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (files, problems) = match answer {
        Ok(loaded) => (loaded.files.as_slice(), &loaded.problems),
        Err(errors) => (&[][..], errors.problems()),
    };
    let files: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let listed: Vec<Value> = problems.list().iter().map(problem).collect();
    let answer = json!({
        "valid": answer.is_ok(),
        "files": files,
        "errors": problems.errors(),
        "warnings": problems.warnings(),
        "unlisted": problems.unlisted(),
        "problems": listed,
    });
    pretty(answer, out)
}

fn problem(problem: &Problem) -> Value {
    let mut value = json!({
        "severity": problem.severity.to_string(),
        "field": problem.field,
        "message": problem.what,
        "hint": problem.hint,
    });
    for (name, part) in origin(&problem.origin) {
        value[name] = part;
    }
    value
}

/// Where something comes from, by part.
fn origin(origin: &Origin) -> Vec<(&'static str, Value)> {
    match origin {
        Origin::File { path, place } => {
            let mut parts = vec![("file", json!(path.display().to_string()))];
            if let Some(place) = place {
                parts.push(("line", json!(place.line)));
                parts.push(("column", json!(place.column)));
            }
            parts
        }
        Origin::Variable(name) => vec![("variable", json!(name))],
        Origin::Flag(name) => vec![("flag", json!(name))],
        _ => Vec::new(),
    }
}

/// Every setting with its value, by section.
pub(crate) fn write_show(loaded: &Loaded, origins: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if origins {
        table.set_header(["setting", "value", "from"]);
    } else {
        table.set_header(["setting", "value"]);
    }
    for one in show(&loaded.raw) {
        let given = loaded.raw.get(one.setting).is_some();
        // What nobody gave is shown in words, in brackets.
        let value = if given {
            one.value
        } else {
            format!("({})", one.value)
        };
        let mut row = vec![one.setting.to_string(), value];
        if origins {
            row.push(one.origin.to_string());
        }
        if one.setting.section != Section::Top || given {
            table.add_row(row);
        }
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim())?;
    }
    Ok(())
}

/// Every setting with its value and origin as JSON; `null` where nobody gave one.
pub(crate) fn write_show_json(loaded: &Loaded, out: &mut dyn Write) -> io::Result<()> {
    let mut settings = serde_json::Map::new();
    for one in show(&loaded.raw) {
        let mut value = json!({ "value": serde_json::from_str::<Value>(&one.json)? });
        for (name, part) in origin(&one.origin) {
            value[name] = part;
        }
        settings.insert(one.setting.to_string(), value);
    }
    let files: Vec<String> = loaded
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    pretty(json!({ "files": files, "settings": settings }), out)
}

/// The places that are searched, in their order.
pub(crate) fn write_places(places: &[Candidate], out: &mut dyn Write) -> io::Result<()> {
    let mut used = false;
    for place in places {
        let word = match (place.found, used) {
            (true, false) => "used",
            (true, true) => "found, and hidden by the first",
            (false, _) => "not there",
        };
        used |= place.found;
        writeln!(out, "{}: {word}", place.path.display())?;
    }
    Ok(())
}
