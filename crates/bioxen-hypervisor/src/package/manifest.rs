//! From the text of a manifest to a package, with every problem at once.

use std::collections::BTreeMap;
use std::io;

use bioxen_core::{Organism, PackageName, nearest};
use bioxen_text::{Format, Limits, shortened};

use super::checks::{check, unique};
use super::contents::{
    AnalysisFunction, Contents, Evidence, Genetic, Package, PackageFile, PackageKind, Source,
};
use super::parts::{GeneticParts, PROSE, WORD, circuit, plasmid};
use super::problem::{ManifestErrors, ManifestProblem};
use super::reading::{Fields, Notes, Part};
use super::version::is_version;
use super::{MANIFEST, MAX_FILE_BYTES};
use crate::cell::Construct;
use crate::process::{FileProblem, functions_of};

/// Most sources and functions of a package.
const MOST_ENTRIES: usize = 50;

impl Package {
    /// Reads a package from its manifest; `read` gives the text of another file of the package by its name.
    ///
    /// # Errors
    ///
    /// [`ManifestErrors`] has every problem, with part and line.
    pub fn read(
        manifest: &str,
        read: &mut dyn FnMut(&str) -> io::Result<String>,
    ) -> Result<Self, ManifestErrors> {
        let alone = |line, what: String, hint: Option<&str>| {
            let part = "manifest".to_owned();
            let hint = hint.map(str::to_owned);
            let problem = ManifestProblem {
                line,
                part,
                what,
                hint,
            };
            ManifestErrors::new(vec![problem], 0)
        };
        if u64::try_from(manifest.len()).is_ok_and(|bytes| bytes > MAX_FILE_BYTES) {
            let what = format!(
                "it has {} bytes, allowed are {MAX_FILE_BYTES}",
                manifest.len()
            );
            return Err(alone(None, what, None));
        }
        if manifest.trim().is_empty() {
            let hint = "begin with name, version and kind";
            return Err(alone(None, "it is empty".to_owned(), Some(hint)));
        }
        let tree = bioxen_text::read(manifest.as_bytes(), Format::Yaml, &Limits::default())
            .map_err(|refused| {
                let line = refused.place().map(|place| place.line);
                alone(line, refused.what().to_owned(), refused.hint().as_deref())
            })?;
        let mut notes = Notes::default();
        let package = package(&Part::top(&tree), manifest, read, &mut notes);
        match package {
            Some(package) if notes.is_empty() => Ok(package),
            _ => Err(notes.errors(&tree)),
        }
    }
}

fn package(
    top: &Part<'_>,
    manifest: &str,
    read: &mut dyn FnMut(&str) -> io::Result<String>,
    notes: &mut Notes,
) -> Option<Package> {
    const NEEDED: [&str; 7] = [
        "name",
        "version",
        "kind",
        "license",
        "description",
        "sources",
        "parts",
    ];
    let fields = top.fields(&NEEDED, &["hosts"], notes)?;
    let name = fields.get("name").and_then(|p| package_name(&p, notes));
    let version = fields.get("version").and_then(|p| version(&p, notes));
    let license = fields.get("license").and_then(|p| p.text(WORD, notes));
    let description = fields.get("description").and_then(|p| p.text(PROSE, notes));
    let sources = sources(&fields, notes);
    let hosts = hosts(&fields, notes);
    let kinds = PackageKind::ALL.map(|kind| (kind.as_str(), kind));
    let kind = fields.get("kind").and_then(|p| p.word(&kinds, notes));
    let mut files = vec![PackageFile::new(MANIFEST, manifest.to_owned())];
    // Without a kind nobody knows what the parts should be.
    let parts = fields.get("parts")?;
    let contents = match kind? {
        PackageKind::Plasmid => {
            let parts = plasmid(&parts, notes);
            Contents::Plasmid(genetic(parts, name.as_ref(), version, &hosts, notes)?)
        }
        PackageKind::Circuit => {
            let parts = circuit(&parts, notes);
            Contents::Circuit(genetic(parts, name.as_ref(), version, &hosts, notes)?)
        }
        PackageKind::Analysis => Contents::Analysis(functions(&parts, read, &mut files, notes)),
    };
    Some(Package {
        name: name?,
        version: version?.to_owned(),
        license: license?.to_owned(),
        description: description?.to_owned(),
        sources,
        hosts,
        contents,
        files,
    })
}

fn genetic(
    parts: GeneticParts,
    name: Option<&PackageName>,
    version: Option<&str>,
    hosts: &[Organism],
    notes: &mut Notes,
) -> Option<Genetic> {
    check(&parts, hosts, notes);
    Some(Genetic {
        construct: Construct {
            name: name?.to_string(),
            version: version?.to_owned(),
            carrier: parts.carrier?,
            units: parts.units,
        },
        replicon: parts.replicon,
        notes: parts.notes,
    })
}

fn package_name(part: &Part<'_>, notes: &mut Notes) -> Option<PackageName> {
    let text = part.text(PackageName::MAX_LEN, notes)?;
    match PackageName::new(text) {
        Ok(name) => Some(name),
        Err(refused) => {
            notes.add(&part.path, refused.to_string(), refused.hint());
            None
        }
    }
}

/// Semantic Versioning 2.0.0 without build data.
fn version<'a>(part: &Part<'a>, notes: &mut Notes) -> Option<&'a str> {
    let text = part.text(WORD, notes)?;
    if !is_version(text) {
        let what = format!(
            "found {:?}, allowed is a version such as 1.0.0 or 2.1.0-rc.1",
            shortened(text)
        );
        notes.add(&part.path, what, None);
        return None;
    }
    Some(text)
}

fn sources(fields: &Fields<'_>, notes: &mut Notes) -> Vec<Source> {
    let list = fields
        .get("sources")
        .map(|p| p.items(1, MOST_ENTRIES, notes))
        .unwrap_or_default();
    list.iter().filter_map(|p| source(p, notes)).collect()
}

fn source(part: &Part<'_>, notes: &mut Notes) -> Option<Source> {
    let fields = part.fields(&["reference", "kind"], &["doi", "covers"], notes)?;
    let kinds = Evidence::ALL.map(|kind| (kind.as_str(), kind));
    let reference = fields.get("reference").and_then(|p| p.text(PROSE, notes));
    let evidence = fields.get("kind").and_then(|p| p.word(&kinds, notes));
    let covers = fields.get("covers").and_then(|p| p.text(PROSE, notes));
    let doi = fields.get("doi").and_then(|p| {
        let doi = p.text(256, notes)?;
        if doi.starts_with("10.") && doi.contains('/') {
            return Some(doi);
        }
        let what = format!(
            "found {:?}, allowed is a DOI such as 10.1038/35002125",
            shortened(doi)
        );
        notes.add(
            &p.path,
            what,
            Some("leave out what comes before 10.".to_owned()),
        );
        None
    });
    Some(Source {
        reference: reference?.to_owned(),
        doi: doi.map(str::to_owned),
        evidence: evidence?,
        covers: covers.map(str::to_owned),
    })
}

fn hosts(fields: &Fields<'_>, notes: &mut Notes) -> Vec<Organism> {
    let names = Organism::ALL.map(|organism| organism.to_string());
    let words: Vec<(&str, Organism)> = names
        .iter()
        .map(String::as_str)
        .zip(Organism::ALL)
        .collect();
    let list = fields
        .get("hosts")
        .map(|p| p.items(1, Organism::ALL.len(), notes))
        .unwrap_or_default();
    let mut hosts = Vec::new();
    for part in list {
        match part.word(&words, notes) {
            Some(host) if hosts.contains(&host) => {
                notes.add(&part.path, format!("{host} is there already"), None);
            }
            Some(host) => hosts.push(host),
            None => {}
        }
    }
    hosts
}

fn functions(
    part: &Part<'_>,
    read: &mut dyn FnMut(&str) -> io::Result<String>,
    files: &mut Vec<PackageFile>,
    notes: &mut Notes,
) -> Vec<AnalysisFunction> {
    let list = part
        .fields(&["functions"], &[], notes)
        .and_then(|fields| fields.get("functions"))
        .map(|p| p.items(1, MOST_ENTRIES, notes))
        .unwrap_or_default();
    let (mut functions, mut names) = (Vec::new(), Vec::new());
    let mut defined = BTreeMap::new();
    for part in list {
        let Some(fields) = part.fields(&["name", "file", "description"], &[], notes) else {
            continue;
        };
        let description = fields.get("description").and_then(|p| p.text(PROSE, notes));
        let name = fields.get("name").and_then(|p| function_name(&p, notes));
        if let (Some(name), Some(p)) = (name, fields.get("name")) {
            names.push((p.path, name.to_owned()));
        }
        let file = fields.get("file").and_then(|p| {
            let file = file_name(&p, notes)?;
            if !defined.contains_key(file) {
                let found = add_file(&p, file, read, files, notes);
                defined.insert(file.to_owned(), found);
            }
            Some(file)
        });
        let (Some(name), Some(file), Some(description)) = (name, file, description) else {
            continue;
        };
        let Some(Some(defined)) = defined.get(file) else {
            continue;
        };
        let defined: Vec<&str> = defined.iter().map(String::as_str).collect();
        if !defined.contains(&name) {
            let path = part.path.key("name");
            let hint = nearest(name, &defined).map(|meant| format!("did you mean {meant}?"));
            notes.add(&path, format!("{file} defines no function {name:?}"), hint);
            continue;
        }
        functions.push(AnalysisFunction {
            name: name.to_owned(),
            file: file.to_owned(),
            description: description.to_owned(),
        });
    }
    unique(&names, "function", notes);
    functions
}

fn function_name<'a>(part: &Part<'a>, notes: &mut Notes) -> Option<&'a str> {
    let name = part.text(WORD, notes)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !name.bytes().all(plain) || name.starts_with(|c: char| c.is_ascii_digit() || c == '_') {
        let what = format!("found {name:?}, allowed is a public name of Starlark");
        let hint = "use a letter, then letters, digits and _".to_owned();
        notes.add(&part.path, what, Some(hint));
        return None;
    }
    Some(name)
}

fn file_name<'a>(part: &Part<'a>, notes: &mut Notes) -> Option<&'a str> {
    let name = part.text(WORD, notes)?;
    let stem = name.strip_suffix(".star").unwrap_or_default();
    if PackageName::new(stem).is_err() {
        let what = format!("found {name:?}, allowed is a file of the package such as growth.star");
        let hint = "use a-z 0-9 - _ and the ending .star, without folders".to_owned();
        notes.add(&part.path, what, Some(hint));
        return None;
    }
    Some(name)
}

/// Reads a file, and answers the functions that it defines if it is in order.
fn add_file(
    part: &Part<'_>,
    name: &str,
    read: &mut dyn FnMut(&str) -> io::Result<String>,
    files: &mut Vec<PackageFile>,
    notes: &mut Notes,
) -> Option<Vec<String>> {
    let text = match read(name) {
        Ok(text) => text,
        Err(refused) => {
            let what = format!("{name} cannot be read: {refused}");
            notes.add(&part.path, what, None);
            return None;
        }
    };
    let functions = functions_of(name, &text);
    files.push(PackageFile::new(name, text));
    match functions {
        Ok(functions) => Some(functions),
        Err(FileProblem { line, what, hint }) => {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            notes.add(&part.path, format!("{name}{line}: {what}"), hint);
            None
        }
    }
}
