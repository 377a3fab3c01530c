//! What is said about packages.

use std::io::{self, Write};
use std::path::Path;

use bioxen::package::{Genetic, Listed, ManifestErrors, Package};
use bioxen::{Carrier, ConstructUnit, ControlAction};
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::json::pretty;

/// The packages, one a line.
pub(crate) fn write_list(listed: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "name",
        "version",
        "kind",
        "hosts",
        "from",
        "description",
    ]);
    for Listed {
        package,
        origin,
        hidden_by,
        ..
    } in listed
    {
        let from = match hidden_by {
            Some(first) => format!("{origin} (hidden by the one {first})"),
            None => origin.to_string(),
        };
        let sentence = package.description.split_inclusive(". ").next();
        table.add_row([
            package.name.to_string(),
            package.version.clone(),
            package.kind().to_string(),
            hosts(package),
            from,
            sentence.unwrap_or_default().trim().to_owned(),
        ]);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim())?;
    }
    match listed.len() {
        1 => writeln!(out, "1 package"),
        n => writeln!(out, "{n} packages"),
    }
}

/// The packages as JSON.
pub(crate) fn write_list_json(listed: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    let packages: Vec<Value> = listed.iter().map(found).collect();
    pretty(json!({ "packages": packages }), out)
}

/// All about a package.
pub(crate) fn write_info(listed: &Listed, out: &mut dyn Write) -> io::Result<()> {
    let package = &listed.package;
    writeln!(
        out,
        "{} {}, {}",
        package.name,
        package.version,
        package.kind()
    )?;
    writeln!(out, "{}", package.description)?;
    writeln!(out, "from: {}", listed.origin)?;
    writeln!(out, "license: {}", package.license)?;
    writeln!(out, "hosts: {}", hosts(package))?;
    if let Some(genetic) = package.genetic() {
        write_genetic(genetic, out)?;
    }
    for function in package.functions() {
        writeln!(out, "function {}: {}", function.name, function.description)?;
    }
    for source in &package.sources {
        let doi = source.doi.as_ref().map(|doi| format!(", doi:{doi}"));
        let covers = source.covers.as_ref().map(|what| format!(" [{what}]"));
        writeln!(
            out,
            "source, {}: {}{}{}",
            source.evidence,
            source.reference,
            doi.unwrap_or_default(),
            covers.unwrap_or_default()
        )?;
    }
    for file in &package.files {
        writeln!(out, "sha256 {}  {}", file.sha256, file.name)?;
    }
    Ok(())
}

fn write_genetic(genetic: &Genetic, out: &mut dyn Write) -> io::Result<()> {
    match &genetic.construct.carrier {
        Carrier::Plasmid {
            length_bp,
            gc_content,
            copies,
        } => {
            let replicon = genetic.replicon.as_deref().unwrap_or("not named");
            let gc = gc_content * 100.0;
            writeln!(
                out,
                "plasmid: {length_bp} bp, {gc:.0}% G-C, {copies} copies, replicon {replicon}"
            )?;
        }
        Carrier::Chromosome { position_bp } => {
            writeln!(out, "chromosome: position {position_bp} bp")?;
        }
    }
    let note = |name: &str| {
        let note = genetic.notes.iter().find(|(of, _)| of == name);
        note.map(|(_, text)| format!("; {text}"))
            .unwrap_or_default()
    };
    for unit in &genetic.construct.units {
        write_unit(unit, out)?;
        for gene in &unit.genes {
            write!(out, "  gene {}: {} aa", gene.name, gene.residues)?;
            if let Some(s) = gene.half_life_s {
                write!(out, ", half-life {} min", minutes(s))?;
            }
            if let Some(s) = gene.maturation_s {
                write!(out, ", matures in {} min", minutes(s))?;
            }
            writeln!(out, "{}", note(&gene.name))?;
        }
    }
    Ok(())
}

fn write_unit(unit: &ConstructUnit, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "unit {}: strength {}", unit.name, unit.strength)?;
    if !unit.controls.is_empty() {
        write!(out, ", leak {}", unit.leak)?;
    }
    for control in &unit.controls {
        write!(
            out,
            ", {} by {} at {} nM (Hill {})",
            match control.action {
                ControlAction::Represses => "repressed",
                ControlAction::Activates => "activated",
            },
            control.regulator,
            control.half_nm,
            control.hill
        )?;
        if let Some(inducer) = &control.inducer {
            write!(out, " without {inducer}")?;
        }
    }
    writeln!(out)
}

/// Seconds as minutes, to what a person reads.
fn minutes(seconds: f64) -> f64 {
    (seconds / 60.0 * 1000.0).round() / 1000.0
}

/// All about a package as JSON.
pub(crate) fn write_info_json(listed: &Listed, out: &mut dyn Write) -> io::Result<()> {
    let package = &listed.package;
    let mut object = found(listed);
    object["license"] = json!(package.license);
    object["replicon"] = json!(package.genetic().map(|genetic| &genetic.replicon));
    object["constructs"] = json!(package.constructs());
    object["functions"] = package
        .functions()
        .iter()
        .map(|f| json!({ "name": f.name, "file": f.file, "description": f.description }))
        .collect();
    object["sources"] = package
        .sources
        .iter()
        .map(|source| {
            json!({
                "reference": source.reference,
                "doi": source.doi,
                "kind": source.evidence.as_str(),
                "covers": source.covers,
            })
        })
        .collect();
    pretty(object, out)
}

fn found(listed: &Listed) -> Value {
    let package = &listed.package;
    let files: Vec<Value> = package
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "sha256": file.sha256 }))
        .collect();
    json!({
        "name": package.name,
        "version": package.version,
        "kind": package.kind().as_str(),
        "hosts": package.hosts,
        "origin": listed.origin.to_string(),
        "hidden_by": listed.hidden_by.as_ref().map(ToString::to_string),
        "description": package.description,
        "files": files,
    })
}

/// Whether a package is in order: all problems, or one line.
pub(crate) fn write_check(
    package: Option<&Package>,
    problems: Option<(&Path, &ManifestErrors)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(package) = package {
        let (name, version, kind) = (&package.name, &package.version, package.kind());
        writeln!(out, "{name} {version}, {kind}: in order")?;
    }
    let Some((path, errors)) = problems else {
        return Ok(());
    };
    for problem in errors.problems() {
        write!(out, "{}", path.display())?;
        if let Some(line) = problem.line {
            write!(out, ":{line}")?;
        }
        writeln!(out, ": {}: {}", problem.part, problem.what)?;
        if let Some(hint) = &problem.hint {
            writeln!(out, "  hint: {hint}")?;
        }
    }
    match errors.problems().len() + errors.unlisted() {
        1 => writeln!(out, "1 problem"),
        n => writeln!(out, "{n} problems"),
    }
}

/// The same for programs.
pub(crate) fn write_check_json(
    package: Option<&Package>,
    problems: Option<(&Path, &ManifestErrors)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let listed = problems.map(|(_, errors)| errors.problems());
    let listed: Vec<Value> = listed
        .unwrap_or_default()
        .iter()
        .map(|p| json!({ "line": p.line, "part": p.part, "message": p.what, "hint": p.hint }))
        .collect();
    let answer = json!({
        "valid": package.is_some(),
        "name": package.map(|package| &package.name),
        "version": package.map(|package| &package.version),
        "problems": listed,
        "unlisted": problems.map_or(0, |(_, errors)| errors.unlisted()),
    });
    pretty(answer, out)
}

fn hosts(package: &Package) -> String {
    if package.hosts.is_empty() {
        return "any".to_owned();
    }
    let hosts: Vec<String> = package.hosts.iter().map(ToString::to_string).collect();
    hosts.join(", ")
}
