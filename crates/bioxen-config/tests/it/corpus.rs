//! Files that are wrong in one way each, and files that are in order, with all that is said about them.
//!
//! What is said stands in the `.txt` beside each file.

use std::fs;
use std::path::Path;

use bioxen_config::{Format, Request, Surroundings, load_text, render, schema, text};
use bioxen_text::{Limits, read};
use serde_json::Value;

use crate::fits::accepts;
use crate::{expect_file, here};

fn request() -> Request {
    let mut surroundings = Surroundings::nowhere();
    surroundings.working_folder = "/work".into();
    Request::new(surroundings)
}

/// What is said about a file, and whether it loads.
fn said(name: &Path, bytes: &[u8]) -> (String, bool) {
    match load_text(name, bytes, &request()) {
        Ok(loaded) => {
            let problems = render(&loaded.problems);
            (
                format!("{problems}{}", text(&loaded.raw, Format::Yaml)),
                true,
            )
        }
        Err(errors) => (render(errors.problems()), false),
    }
}

/// What the schema answers; `None` if the text is no tree.
fn by_schema(schema: &Value, name: &Path, bytes: &[u8]) -> Option<bool> {
    let format = Format::of(name).unwrap_or(Format::Yaml);
    let tree = read(bytes, format, &Limits::default()).ok()?;
    Some(accepts(schema, &tree))
}

#[track_caller]
fn check(folder: &str, good: bool, least: usize) {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let mut files: Vec<_> = fs::read_dir(here(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|end| end != "txt"))
        .collect();
    files.sort();
    assert!(files.len() >= least, "{}", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let bytes = fs::read(&path).unwrap();
        let name = Path::new(path.file_name().unwrap());
        let (mut said, loads) = said(name, &bytes);
        let seen = by_schema(&schema, name, &bytes);
        if loads != good {
            wrong.push(format!("{} loads: {loads}\n{said}", path.display()));
        }
        if good && seen != Some(true) {
            wrong.push(format!("the schema refuses {}", path.display()));
        }
        if let Some(seen) = seen.filter(|_| !good) {
            said.push_str(if seen {
                "(an editor does not see it)\n"
            } else {
                "(an editor sees it)\n"
            });
        }
        assert!(!said.contains("hunter2"), "{}: {said}", path.display());
        let mut beside = path.clone().into_os_string();
        beside.push(".txt");
        wrong.extend(expect_file(Path::new(&beside), &said).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bad_files_are_refused_with_place_and_cure() {
    check("tests/corpus/bad", false, 150);
}

#[test]
fn good_files_are_read() {
    check("tests/corpus/good", true, 50);
}

#[test]
fn what_is_in_force_reads_as_the_same() {
    for entry in fs::read_dir(here("tests/corpus/good")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "txt") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        // A password is not written, so that this one file is not the same afterwards.
        if path.ends_with("warning_password.yaml") {
            continue;
        }
        let name = Path::new(path.file_name().unwrap());
        let loaded = load_text(name, &bytes, &request()).unwrap();
        for (format, again) in [(Format::Yaml, "a.yaml"), (Format::Json, "a.json")] {
            let written = text(&loaded.raw, format);
            let again = load_text(again.as_ref(), written.as_bytes(), &request());
            let again = again.unwrap_or_else(|e| panic!("{}", render(e.problems())));
            assert_eq!(again.config, loaded.config, "{}", path.display());
        }
    }
}
