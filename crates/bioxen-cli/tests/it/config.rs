//! `bioxen config`, and runs that are configured.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::text;

/// A folder without the configuration of the machine, and files in it.
struct Place(TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().expect("a folder for files");
        for (name, text) in files {
            fs::write(root.path().join(name), text).expect("room for it");
        }
        Self(root)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, line: &str) -> assert_cmd::Command {
        let mut command = crate::bioxen(line);
        command.current_dir(self.path()).env("HOME", self.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BIOXEN_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Exit code, standard output and standard error.
    fn run(&self, line: &str) -> (i32, String, String) {
        let output = self.command(line).output().expect("the command starts");
        let code = output.status.code().expect("no signal ended it");
        (code, text(&output.stdout), text(&output.stderr))
    }
}

const GUIDE: &str = include_str!("../../../../docs/guides/configuration.md");

#[test]
fn the_guide_shows_what_is_printed_and_its_commands_work() {
    let slip = "organism: ecoli\n\nresource_limits:\n  max_atp: 170\n  max_ribosome: 30\n";
    let place = Place::new(&[("bioxen_config.yaml", slip)]);
    let (code, shown, _) = place.run("config check bioxen_config.yaml");
    assert_eq!(code, 4);
    let start = GUIDE.split_once("```text\n").expect("a block").1;
    assert_eq!(shown, start.split_once("```").expect("its end").0);

    let place = Place::new(&[]);
    let commands = GUIDE
        .lines()
        .filter_map(|line| line.strip_prefix("$ bioxen "));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 4);
    for command in commands {
        let (code, _, said) = place.run(command);
        assert_eq!(code, 0, "{command}: {said}");
    }
}

#[test]
fn check_answers_in_json_and_without_a_file() {
    let place = Place::new(&[("x.yaml", "hypervisor:\n  workers: none\n")]);
    let (code, shown, said) = place.run("config check x.yaml -o json");
    assert_eq!((code, said.as_str()), (4, ""));
    let answer: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    let expect = serde_json::json!({
        "schema_version": 1, "valid": false, "files": [], "errors": 1, "warnings": 0, "unlisted": 0,
        "problems": [{
            "severity": "error", "field": "hypervisor.workers", "hint": null,
            "message": "found \"none\", allowed is a whole number from 1 to 4096",
            "file": "x.yaml", "line": 2, "column": 12,
        }],
    });
    assert_eq!(answer, expect);
    let (code, shown, said) = place.run("config check");
    assert_eq!((code, shown.as_str()), (4, ""));
    assert!(said.starts_with("error: there is no configuration file\n  hint: bioxen config init"));
}

#[test]
fn strict_and_organism_are_asked_for() {
    let place = Place::new(&[("x.yaml", "resource_limits:\n  max_ribosomes: 20\n")]);
    let (code, shown, _) = place.run("config check x.yaml --organism ecoli");
    assert_eq!((code, shown.as_str()), (0, "x.yaml: in order\n"));
    let (code, shown, _) = place.run("config check x.yaml --organism minimal_cell");
    assert_eq!(code, 0);
    assert!(
        shown.contains("found 20, and a full grant of minimal_cell is 12"),
        "{shown}"
    );
    let (code, _, _) = place.run("config check x.yaml --organism minimal_cell --strict");
    assert_eq!(code, 4);
}

#[test]
fn what_is_in_force_is_shown_with_its_origin_and_saved() {
    let place = Place::new(&[("bioxen_config.json", "{\"hypervisor\": {\"workers\": 2}}")]);
    let (code, shown, _) = place.run("config show --origin --set resource_limits.max_atp=55");
    assert_eq!(code, 0);
    let line = |name: &str| {
        let mut lines = shown.lines();
        let line = lines
            .find(|line| line.starts_with(name))
            .expect("it is shown");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        line("resource_limits.max_atp"),
        "resource_limits.max_atp 55 flag resource_limits.max_atp"
    );
    assert!(
        line("hypervisor.workers").ends_with("bioxen_config.json:1:28"),
        "{shown}"
    );
    assert_eq!(line("hypervisor.slice"), "hypervisor.slice (10s) default");
    let (_, shown, _) = place.run("config show -o json --set resource_limits.max_atp=55");
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    let settings = &shown["settings"];
    assert_eq!(settings["resource_limits.max_atp"]["value"], 55);
    assert_eq!(settings["hypervisor.workers"]["line"], 1);
    assert!(settings["hypervisor.slice"]["value"].is_null());
    let (code, _, said) =
        place.run("config save --to sub/all.yaml --set resource_limits.max_atp=55");
    assert_eq!((code, said.as_str()), (0, "wrote sub/all.yaml\n"));
    let saved = fs::read_to_string(place.path().join("sub/all.yaml")).expect("it was written");
    assert_eq!(
        saved,
        "resource_limits:\n  max_atp: 55\nhypervisor:\n  workers: 2\n"
    );
    let (_, shown, _) = place.run("config path");
    let mut lines = shown.lines();
    assert!(
        lines
            .next()
            .is_some_and(|line| line.ends_with("bioxen_config.json: used"))
    );
    assert!(
        lines
            .next()
            .is_some_and(|line| line.ends_with("bioxen_config.yaml: not there"))
    );
}

#[test]
fn init_replaces_nothing_by_itself() {
    let place = Place::new(&[("bioxen_config.yaml", "mine")]);
    let (code, _, said) = place.run("config init");
    assert_eq!(code, 2);
    assert!(
        said.contains("bioxen_config.yaml is there already"),
        "{said}"
    );
    let (code, _, said) = place.run("config init --vm-type xcpng --force");
    assert_eq!(code, 0);
    assert_eq!(
        said,
        "wrote bioxen_config.yaml, in which 4 values are to be filled in\n"
    );
    assert_eq!(place.run("config check").0, 4);
}

#[test]
fn a_run_is_configured_by_the_file_that_is_found() {
    let file = "organism: syn3a\nresource_limits:\n  max_atp: 60\n  max_ribosomes: 10\nhypervisor:\n  workers: 1\n";
    let place = Place::new(&[("bioxen_config.yaml", file)]);
    let run = "run syn3a --for 1s --seed 1 -o json";
    let quota = |line: &str| {
        let (code, shown, said) = place.run(line);
        assert_eq!(code, 0, "{said}");
        let report: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        let quota = &report["quota"];
        (
            quota["atp_percent"].as_f64().expect("a number"),
            quota["ribosome_units"].as_f64().expect("a number"),
            said,
        )
    };
    let (atp, ribosomes, said) = quota(run);
    assert_eq!((atp, ribosomes), (60.0, 10.0));
    assert!(said.contains("note: configured by "), "{said}");
    let (atp, ribosomes, said) = quota(&format!("{run} --no-config"));
    assert_eq!((atp, ribosomes), (100.0, 15.0));
    assert!(!said.contains("configured"), "{said}");
    let (atp, _, _) = quota(&format!("{run} --atp 40 --config bioxen_config.yaml"));
    assert_eq!(atp, 40.0);
    let (code, _, said) = place.run(&format!("{run} --atp 61"));
    assert_eq!(code, 7);
    assert_eq!(
        said.lines()
            .filter(|line| !line.starts_with("note"))
            .collect::<Vec<_>>(),
        [
            "error: 61% of ATP was asked for and a VM may hold 60%",
            "  hint: ask for 60% or less, or raise resource_limits.max_atp",
        ]
    );
    let (code, _, said) = place.run("run ecoli --for 1s --seed 1");
    assert_eq!(code, 4);
    assert!(
        said.starts_with("error: organism: found syn3a, and ecoli is asked for\n"),
        "{said}"
    );
}

#[test]
fn rules_of_a_configuration_bind_a_run() {
    let file = "biological_settings:\n  plasmid_support: false\npackages:\n  install: [puc19]\n";
    let place = Place::new(&[
        ("a.yaml", file),
        ("b.yaml", "resource_limits:\n  memory_limit: 64KB\n"),
    ]);
    let (code, _, said) = place.run("run ecoli --for 1s --seed 1 --config a.yaml");
    assert_eq!(code, 1);
    assert!(
        said.contains("package \"puc19\" is a plasmid, and the host allows none"),
        "{said}"
    );
    let (code, _, said) = place.run("run ecoli --for 1s --seed 1 --config b.yaml");
    assert_eq!(code, 1);
    assert!(
        said.contains("bytes and the memory limit is 64000 bytes"),
        "{said}"
    );
}

#[test]
fn packages_are_found_in_the_state_folder() {
    let file = "hypervisor:\n  state_folder: state\npackages:\n  install: [mine]\n";
    let place = Place::new(&[("c.yaml", file)]);
    let folder = place.path().join("state/packages/mine");
    fs::create_dir_all(&folder).expect("a folder for the package");
    let manifest = include_str!("../../../bioxen-hypervisor/packages/gfp_reporter/package.yaml");
    let mine = manifest.replacen("name: gfp_reporter", "name: mine", 1);
    fs::write(folder.join("package.yaml"), mine).expect("room for a manifest");
    let (code, _, said) = place.run("run ecoli --for 1s --seed 1 --config c.yaml");
    assert_eq!(code, 0, "{said}");
    fs::remove_dir_all(&folder).expect("it is there");
    let (code, _, said) = place.run("run ecoli --for 1s --seed 1 --config c.yaml");
    assert_eq!(code, 2);
    assert!(said.contains("no package is called \"mine\""), "{said}");
}
