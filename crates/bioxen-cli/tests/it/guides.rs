//! Every command of the guides works as it stands there.

use std::path::Path;

use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::{Testbed, TestbedSpec};

use crate::bioxen;
use crate::vm::lab::Lab;

const COST: &str = include_str!("../../../../docs/guides/what-does-my-plasmid-cost.md");
const CIRCUITS: &str = include_str!("../../../../docs/guides/circuits.md");
const KEEP: &str = include_str!("../../../../docs/guides/watch-steer-and-keep.md");
const LAPTOP: &str = include_str!("../../../../docs/guides/xcp-ng-on-a-laptop.md");
const LOCAL: &str = include_str!("../../../../docs/guides/local-vms.md");
const SHARE: &str = include_str!("../../../../docs/guides/write-and-share-a-package.md");

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
    assert!(run_all(COST, folder.path()) >= 7);
    let read = |name: &str| read(folder.path(), name);
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

#[test]
fn circuits() {
    let folder = tempfile::tempdir().expect("a folder for files");
    for (file, language) in [
        ("ring.star", "python"),
        ("slow.star", "starlark"),
        ("switch.star", "text"),
    ] {
        std::fs::write(folder.path().join(file), block(CIRCUITS, language)).expect("room for it");
    }
    assert_eq!(run_all(CIRCUITS, folder.path()), 5);
    let result = |name| read(folder.path(), name)["cells"][0]["process"]["result"].clone();
    let ring = result("ring.json");
    assert_eq!(ring.as_array().map(Vec::len), Some(2), "{ring}");
    let tetr = result("slow.json")["tetR_lite"].clone();
    let tetr: Vec<u64> = serde_json::from_value(tetr).expect("counts");
    let rises = tetr.windows(2).filter(|pair| pair[0] < 50 && pair[1] >= 50);
    assert!(rises.count() >= 4, "{tetr:?}");
    assert_ne!(result("hungry.json"), result("slow.json"));
    let switch = result("switch.json");
    for (row, tetr_wins) in [(0, true), (1, true), (2, false), (3, false)] {
        let copies = |gene: &str| switch[row][gene].as_u64().expect("a count");
        let wins = copies("tetR_toggle") > copies("lacI_toggle");
        assert_eq!(wins, tetr_wins, "{switch}");
    }
}

#[test]
fn watch_steer_and_keep() {
    let folder = tempfile::tempdir().expect("a folder for files");
    assert_eq!(run_all(KEEP, folder.path()), 13);
}

#[test]
fn write_and_share_a_package() {
    let folder = tempfile::tempdir().expect("a folder for files");
    let package = folder.path().join("wealth");
    std::fs::create_dir(&package).expect("a folder for the package");
    let mut programs = SHARE.split("```python\n").skip(1);
    let mut program = || block_end(programs.next().expect("a program"));
    for (file, text) in [
        ("wealth/package.yaml", block(SHARE, "yaml")),
        ("wealth/wealth.star", program()),
        ("look.star", program()),
    ] {
        std::fs::write(folder.path().join(file), text).expect("room for it");
    }
    assert!(run_all(SHARE, folder.path()) >= 8);
    let result = |name: &str| read(folder.path(), name)["cells"][0]["process"]["result"].clone();
    assert!(result("look.json").as_f64().is_some_and(|n| n > 100.0));
    assert_eq!(result("look.json"), result("again.json"));
}

#[test]
fn local_vms() {
    let lab = Lab::new();
    std::fs::write(lab.path().join("drive.star"), block(LOCAL, "python")).expect("room for it");
    let commands = LOCAL
        .lines()
        .filter_map(|line| line.strip_prefix("$ bioxen "));
    let run = commands.inspect(|line| drop(lab.done(line)));
    assert!(run.count() >= 20);
    assert_eq!(lab.daemon(), None, "the last command ended it");
}

#[test]
fn xcp_ng_on_a_laptop() {
    let lab = Lab::new();
    let agent = agent_binary(None).unwrap_or_else(|error| {
        panic!("{error}; {}", error.hint().unwrap_or_default());
    });
    let testbed = Testbed::start(TestbedSpec::quick(Some(agent))).expect("a testbed");
    let password = testbed.write_password().expect("room for it");
    let config = testbed.client_config(&password, None);
    std::fs::write(lab.path().join("bioxen_testbed.yaml"), config).expect("room for it");
    std::fs::write(lab.path().join("drive.star"), block(LAPTOP, "python")).expect("room for it");
    let commands = LAPTOP
        .lines()
        .filter_map(|line| line.strip_prefix("$ bioxen "));
    let run = commands.inspect(|line| drop(lab.done(line)));
    assert!(run.count() >= 10);
    let census = testbed.server().pool(|pool| pool.census());
    assert!(census.is_clean(), "{census:#?}");
}

/// Runs the commands of a page in a folder, which holds the state too, and answers how many there are.
#[track_caller]
fn run_all(page: &str, folder: &Path) -> usize {
    let commands = page
        .lines()
        .filter_map(|line| line.strip_prefix("$ bioxen "));
    commands.inspect(|line| run(line, folder)).count()
}

#[track_caller]
fn run(line: &str, folder: &Path) {
    let mut command = bioxen(line);
    command.env("BIOXEN_STATE", "state").current_dir(folder);
    command.assert().success();
}

fn read(folder: &Path, name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.join(name)).expect("a command wrote it");
    serde_json::from_str(&text).expect("JSON")
}

/// The first block of a language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let start = page.split_once(&format!("```{language}\n"));
    block_end(start.expect("a block").1)
}

fn block_end(text: &str) -> &str {
    text.split_once("```").expect("its end").0
}
