//! The reference page of all settings, made of the table.

use std::fmt::Write as _;

use bioxen_core::Organism;

use crate::model::{Need, Section, Setting};
use crate::parse::allowed;

/// The page, as Markdown with a line end after it.
pub fn reference() -> String {
    let mut out = String::from(INTRODUCTION);
    section(Section::Top, "Beside the sections", &mut out);
    for one in Section::ALL {
        section(one, one.name(), &mut out);
    }
    out
}

const INTRODUCTION: &str = "# Configuration

This page is generated from the table of settings: `bioxen config reference` prints it.
How files are found, laid over each other and checked is in the [guide](../guides/configuration.md); editors read the [JSON Schema](../schema/config.schema.json).

A setting that is not given is as if there were no configuration.
The values that are recommended for an organism are those that `bioxen config init` writes.
";

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = out.write_fmt(text);
}

fn section(section: Section, title: &str, out: &mut String) {
    put(out, format_args!("\n## {title}\n\n{}\n", section.doc()));
    for setting in section.settings() {
        one(setting, out);
    }
}

fn one(setting: &Setting, out: &mut String) {
    put(out, format_args!("\n### {setting}\n\n"));
    for sentence in setting.doc.split_inclusive(". ") {
        put(out, format_args!("{}\n", sentence.trim_end()));
    }
    put(
        out,
        format_args!("\n- Allowed: {}.\n", allowed(setting.kind)),
    );
    if !setting.default.is_empty() {
        put(out, format_args!("- If not given: {}.\n", setting.default));
    }
    if let Some(organism) = setting.organism {
        put(out, format_args!("- Only for {organism}.\n"));
    }
    match setting.need {
        Need::Optional => {}
        Need::Recommended => out.push_str("- Recommended for VMs of the type xcpng.\n"),
        Need::Required => out.push_str("- Required for VMs of the type xcpng.\n"),
    }
    let recommended: Vec<String> = Organism::ALL
        .into_iter()
        .filter_map(|organism| Some((organism, setting.recommended_for(organism)?)))
        .map(|(organism, value)| format!("{value} for {organism}"))
        .collect();
    if !recommended.is_empty() {
        put(
            out,
            format_args!("- Recommended: {}.\n", recommended.join(", ")),
        );
    }
    if let Some(variable) = setting.variable() {
        put(out, format_args!("- Variable: `{variable}`.\n"));
    }
}
