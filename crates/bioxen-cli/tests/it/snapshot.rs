//! Images: `bioxen run --save`, `--resume` and `bioxen snapshot`.

use std::path::Path;

use serde_json::Value;

use crate::bioxen;

/// Runs a command in a folder, which holds the state too, and gives exit code, standard output and standard error.
fn typed(folder: &Path, line: &str) -> (i32, String, String) {
    let output = bioxen(line)
        .env("BIOXEN_STATE", "state")
        .current_dir(folder)
        .output()
        .expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().expect("it was not killed");
    (code, text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn done(folder: &Path, line: &str) -> String {
    let (code, stdout, stderr) = typed(folder, line);
    assert_eq!(code, 0, "{line}: {stderr}");
    stdout
}

#[track_caller]
fn json(folder: &Path, line: &str) -> Value {
    serde_json::from_str(&done(folder, line)).expect("JSON")
}

fn state(report: &Value) -> &Value {
    &report["cells"][0]["state_sha256"]
}

#[test]
fn a_cell_that_is_put_away_goes_on_bit_for_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let whole = json(at, "run syn3a --for 5min --seed 5 -o json");
    done(at, "run syn3a --for 2min --seed 5 --save early.bioxen");
    let late = json(
        at,
        "run --resume early.bioxen --for 3min -o json --save late.bioxen",
    );
    assert_eq!(state(&late), state(&whole));
    assert_eq!(late["cells"][0]["simulated_s"], 300.0);
    assert_eq!(late["seed"], 5);
    let starved = json(at, "run --resume early.bioxen --for 3min --atp 40 -o json");
    assert_ne!(state(&starved), state(&whole));
    let (code, _, message) = typed(at, "run ecoli --resume early.bioxen --for 1min");
    assert_eq!(code, 2);
    assert!(
        message.contains("early.bioxen holds a cell of syn3a, not of ecoli"),
        "{message}"
    );
}

#[test]
fn checkpoints_on_the_way_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let whole = json(at, "run syn3a --for 5min --seed 5 -o json --optimize");
    let (code, stdout, stderr) = typed(
        at,
        "run syn3a --for 5min --seed 5 -o json --optimize --save cell.bioxen --checkpoint-every 70s",
    );
    assert_eq!(code, 0, "{stderr}");
    let saved = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(state(&saved), state(&whole));
    for refused in [
        "--checkpoint-every 1min",
        "--save b.bioxen --checkpoint-every 700ms",
    ] {
        let (code, _, message) = typed(at, &format!("run syn3a --for 5min {refused}"));
        assert_eq!(code, 2, "{message}");
        assert!(!at.join("b.bioxen").exists());
    }
}

#[test]
fn images_are_shown_compared_and_forked() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    done(at, "run syn3a --for 1min --seed 5 --save one.bioxen");
    done(at, "run --resume one.bioxen --for 1min --save two.bioxen");
    let table = done(at, "snapshot inspect one.bioxen");
    assert!(table.contains("VM              cell-0001\n"), "{table}");
    assert!(table.contains("simulated time  1min\n"), "{table}");
    let shown = json(at, "snapshot inspect two.bioxen -o json");
    assert_eq!(shown["simulated_s"], 120.0);
    assert_eq!(shown["seed"], 5);
    let same = done(at, "snapshot diff one.bioxen one.bioxen");
    assert_eq!(same, "the cells are the same\n");
    let table = done(at, "snapshot diff one.bioxen two.bioxen --top 2");
    assert!(table.contains("1min"), "{table}");
    assert!(table.contains("more with other counts"), "{table}");
    let diff = json(at, "snapshot diff one.bioxen two.bioxen -o json");
    assert_eq!(diff["settings"][0]["name"], "time");
    let counts = diff["counts"].as_array().expect("a list");
    assert!(counts.len() > 20, "{} counts", counts.len());
    done(
        at,
        "snapshot fork one.bioxen --id twin --seed 6 --out twin.bioxen",
    );
    let (code, _, message) = typed(
        at,
        "snapshot fork one.bioxen --id twin --seed 5 --out x.bioxen",
    );
    assert_eq!(code, 1);
    assert!(message.contains("a new seed for the fork"), "{message}");
    let twin = json(at, "snapshot diff one.bioxen twin.bioxen -o json");
    assert_eq!(twin["after"], "twin");
    assert_eq!(twin["counts"], serde_json::json!([]), "it begins the same");
    let twin = json(
        at,
        "run --resume twin.bioxen --for 1min -o json --save later.bioxen",
    );
    assert_eq!(twin["cells"][0]["id"], "twin");
    let diff = json(at, "snapshot diff two.bioxen later.bioxen -o json");
    assert!(diff["counts"].as_array().is_some_and(|c| c.len() > 20));
}

#[test]
fn the_newest_two_images_of_a_vm_are_kept_and_damage_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    done(at, "run syn3a --for 10s --seed 5 --save cell.bioxen");
    for _ in 0..3 {
        done(at, "snapshot save cell.bioxen");
        done(at, "run --resume cell.bioxen --for 10s --save cell.bioxen");
    }
    let kept = json(at, "snapshot list -o json");
    let times: Vec<&Value> = (kept["images"].as_array().expect("a list").iter())
        .map(|image| &image["simulated_s"])
        .collect();
    assert_eq!(times, [30.0, 20.0]);
    let newest = kept["images"][0]["path"].as_str().expect("a path");
    let mut bytes = std::fs::read(at.join(newest)).expect("it is there");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(at.join(newest), bytes).expect("room for it");
    let (code, told, warning) = typed(at, "snapshot restore cell-0001 --out again.bioxen");
    assert_eq!(code, 0, "{warning}");
    assert!(told.contains("as it was at 20s"), "{told}");
    assert!(warning.starts_with("warning: "), "{warning}");
    done(at, "run --resume again.bioxen --for 1s");
    let (code, _, message) = typed(at, "snapshot restore cell-0002 --out x.bioxen");
    assert_eq!(code, 1);
    assert!(message.contains("cell-0001"), "{message}");
    std::fs::write(at.join("text.bioxen"), "not an image").expect("room for it");
    for line in ["snapshot inspect text.bioxen", "run --resume text.bioxen"] {
        let (code, _, message) = typed(at, line);
        assert_eq!(code, 1, "{line}");
        assert!(message.contains("text.bioxen"), "{message}");
        assert!(message.contains("hint: "), "{message}");
    }
}

#[test]
fn where_no_image_can_be_written_nothing_is_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, _, message) = typed(folder.path(), "run syn3a --save nowhere/cell.bioxen");
    assert_eq!(code, 1);
    assert!(
        message.contains("could not write nowhere/cell.bioxen"),
        "{message}"
    );
}
