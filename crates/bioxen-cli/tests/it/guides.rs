//! Every command of the guides works as it stands there.

use std::path::Path;

use assert_cmd::Command;

const COST: &str = include_str!("../../../../docs/guides/what-does-my-plasmid-cost.md");

#[test]
fn what_does_my_plasmid_cost() {
    let folder = tempfile::tempdir().expect("a folder for files");
    let reporter = folder.path().join("my_reporter");
    std::fs::create_dir(&reporter).expect("a folder for the package");
    let manifest = include_str!("../../../bioxen-hypervisor/packages/gfp_reporter/package.yaml");
    let weaker = manifest.replacen("strength: 1\n", "strength: 0.1\n", 1);
    assert_ne!(weaker, manifest);
    std::fs::write(reporter.join("package.yaml"), weaker).expect("room for a manifest");
    std::fs::write(folder.path().join("glow.star"), block(COST, "python")).expect("room for it");
    let commands: Vec<&str> = COST
        .lines()
        .filter_map(|line| line.strip_prefix("$ bioxen "))
        .collect();
    assert!(commands.len() >= 7);
    for command in commands {
        run(command, folder.path());
    }
    let read = |name: &str| -> serde_json::Value {
        let text = std::fs::read_to_string(folder.path().join(name)).expect("a command wrote it");
        serde_json::from_str(&text).expect("JSON")
    };
    let copies =
        |file: &str| read(file)["cells"][0]["metrics"]["organism"]["ecoli"]["plasmids"].clone();
    assert_eq!(copies("host.json"), 0);
    assert!(copies("carrier.json").as_u64().is_some_and(|n| n > 400));
    let glow = &read("glow.json")["cells"][0]["process"]["result"];
    assert!(
        glow[1]["gfpmut3b"].as_u64().is_some_and(|n| n > 0),
        "{glow}"
    );
}

#[track_caller]
fn run(line: &str, folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bioxen"));
    command.args(line.split_whitespace()).current_dir(folder);
    command.assert().success();
}

/// The first block of a language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let start = page
        .split_once(&format!("```{language}\n"))
        .expect("a block")
        .1;
    start.split_once("```").expect("its end").0
}
