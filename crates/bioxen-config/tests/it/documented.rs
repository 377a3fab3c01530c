//! What the documents show is what the crate has.

use std::fs;

use bioxen_config::{FileChoice, Request, Surroundings, load, reference, render, schema};

use crate::{expect_file, here};

#[test]
fn reference_and_schema_are_those_of_the_table() {
    let wrong: Vec<String> = [
        ("../../docs/reference/configuration.md", reference()),
        ("../../docs/schema/config.schema.json", schema()),
    ]
    .into_iter()
    .filter_map(|(path, text)| expect_file(&here(path), &text).err())
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn worked_files_load_without_a_warning() {
    let home = tempfile::tempdir().unwrap();
    let key = home.path().join(".ssh/bioxen");
    // A file that is saved for the first time is private, as a key must be.
    bioxen_config::save(&key, "a key").unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(here("../../docs/guides/configuration")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut request = Request::new(Surroundings {
            home: Some(home.path().to_owned()),
            ..Surroundings::nowhere()
        });
        request.file = FileChoice::Path(path);
        request.strict = true;
        let loaded = load(&request).unwrap_or_else(|e| panic!("{}", render(e.problems())));
        let (organism, rest) = name.split_once('.').unwrap();
        assert_eq!(loaded.config.organism, organism.parse().ok());
        let vm_type = rest.strip_suffix(".yaml").unwrap();
        assert_eq!(loaded.config.vm_type, vm_type.parse().ok());
        assert_eq!(loaded.config.xcpng_config.is_some(), vm_type == "xcpng");
        names.push(name);
    }
    assert_eq!(names.len(), 6, "one for each organism and VM type");
}
