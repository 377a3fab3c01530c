//! `bioxen run` to a goal.

use crate::{bioxen, json, printed, text};

#[test]
fn the_summary_says_what_was_run_and_what_came_out() {
    let table = printed("run syn3a --for 2min --seed 5 --atp 60 --ribosomes 10 --threads 1");
    for part in [
        "JCVI-syn3A, 1 cell, 2min",
        "seed                    5",
        "60% of regeneration",
        "10 of 15 units",
        "simulated time          2.00 min",
        "division times          none",
        "essential genes active",
        "of 270",
        "of 418",
        "translation",
        "ATP/s",
        "Computed in",
    ] {
        assert!(table.contains(part), "{part:?} is missing in\n{table}");
    }
    let table = printed("run syn3a --for 1min --seed 5 --cells 3");
    assert!(table.contains("3 cells"), "{table}");
    assert!(table.contains(" ± "), "{table}");
}

#[test]
fn json_has_the_keys_that_programs_need() {
    let run = json("run syn3a --for 1min --seed 5 --cells 2 -o json");
    assert_eq!(run["schema_version"], 1);
    assert_eq!(run["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["organism"], "syn3a");
    assert_eq!(run["seed"], 5);
    assert_eq!(run["partial"], false);
    assert_eq!(run["pacing"], "manual");
    assert_eq!(run["goal"]["simulated_s"], 60.0);
    assert!(run["failed_cells"].as_array().unwrap().is_empty());
    assert_eq!(run["quota"]["atp_percent"], 100.0);
    assert_eq!(run["quota"]["ribosome_units"], 15);
    assert!(run["quota"]["ribosome_cap_at_birth"].as_u64().unwrap() > 100);
    assert!(run["timing"]["wall_s"].as_f64().unwrap() > 0.0);
    let cells = run["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 2);
    for cell in cells {
        assert_eq!(cell["simulated_s"], 60.0);
        assert_eq!(cell["generations"], 0);
        assert_eq!(cell["goal_reached"], true);
        assert_eq!(cell["metrics"]["sim_time_s"], 60.0);
        assert_eq!(cell["resources"]["sim_time_s"], 60.0);
        let used = cell["resources"]["atp_use_per_s"].as_object().unwrap();
        assert!(used["translation"].as_f64().unwrap() > 0.0);
        assert!(cell["divisions_s"].as_array().unwrap().is_empty());
        assert!(cell["events"]["translation_finished"].as_u64().unwrap() > 0);
        assert!(cell["metrics"]["energy_charge"].as_f64().unwrap() > 0.8);
        assert!(
            cell["atp"]["spent_by_cause"]["translation"]
                .as_u64()
                .unwrap()
                > 0
        );
        assert_eq!(cell["state_sha256"].as_str().unwrap().len(), 64);
        assert!(cell.get("time_course").is_none());
    }
    assert_ne!(cells[0]["state_sha256"], cells[1]["state_sha256"]);
}

#[test]
fn a_drawn_seed_is_reported_and_repeats_the_run() {
    let first = json("run syn3a --for 10s -o json");
    let seed = first["seed"].as_u64().unwrap();
    let second = json(&format!("run syn3a --for 10s -o json --seed {seed}"));
    assert_eq!(
        first["cells"][0]["state_sha256"],
        second["cells"][0]["state_sha256"]
    );
}

#[test]
fn reading_changes_nothing() {
    let hash = |line: &str| {
        let run = json(line);
        run["cells"][0]["state_sha256"].as_str().unwrap().to_owned()
    };
    let plain = hash("run syn3a --for 3min --seed 9 -o json");
    let read = hash("run syn3a --for 3min --seed 9 -o json --every 500ms");
    assert_eq!(plain, read);
    let run = json("run syn3a --for 3min --seed 9 -o json --every 1min");
    let course = &run["cells"][0]["time_course"];
    assert_eq!(
        course["time_s"],
        serde_json::json!([0.0, 60.0, 120.0, 180.0])
    );
    assert_eq!(course["atp_mM"].as_array().unwrap().len(), 4);
}

#[test]
fn a_time_course_is_the_same_bytes_on_any_number_of_threads() {
    let course = |threads: u32| {
        printed(&format!(
            "run syn3a --for 12min --every 30s --seed 11 --cells 3 -o csv --threads {threads}"
        ))
    };
    let one = course(1);
    assert_eq!(one, course(2));
    let mut lines = one.lines();
    let header = lines.next().unwrap();
    assert!(header.starts_with("time_s,cell,generation,atp_mM,energy_charge,"));
    assert!(header.ends_with("volume_aL,surface_nm2,dna_bp,growth_rate_per_h"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 3 * 25);
    assert_eq!(rows[0][..3], ["0", "cell-0001", "0"]);
    assert_eq!(rows[74][..2], ["720", "cell-0003"]);
    assert!(
        rows.iter()
            .all(|row| row.len() == header.split(',').count())
    );
}

#[test]
fn one_generation_is_the_default_and_ends_at_the_division() {
    let run = json("run syn3a --seed 1 -o json");
    let cell = &run["cells"][0];
    assert_eq!(run["goal"]["generations"], 1);
    assert_eq!(cell["generations"], 1);
    assert_eq!(
        cell["divisions_s"],
        serde_json::json!([cell["simulated_s"]])
    );
}

#[test]
fn a_drawn_seed_is_said_before_the_run_in_any_form() {
    for form in ["table", "json", "csv"] {
        let output = bioxen(&format!("run syn3a --for 1s -o {form}"))
            .output()
            .unwrap();
        let message = text(&output.stderr);
        assert!(message.starts_with("seed: "), "{form}: {message}");
    }
}

#[test]
fn a_dead_cell_is_not_waited_for() {
    let output = bioxen("run syn3a --atp 0 --seed 1 -o json")
        .output()
        .unwrap();
    assert!(output.status.success());
    let message = text(&output.stderr);
    assert!(message.contains("1 of 1 cells did not divide"), "{message}");
    assert!(message.contains("1 died"), "{message}");
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cell = &run["cells"][0];
    assert_eq!(cell["status"], "dead");
    assert_eq!(cell["goal_reached"], false);
    assert!(cell["simulated_s"].as_f64().unwrap() < 3.0 * 3600.0);
}

#[test]
fn a_hyphen_is_standard_output() {
    let course = "run syn3a --for 10s --seed 3 -o csv";
    assert_eq!(printed(&format!("{course} --out -")), printed(course));
}

#[test]
fn files_appear_complete_and_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, svg) = (folder.path().join("a.csv"), folder.path().join("a.svg"));
    let output = bioxen("run syn3a --for 5min --seed 2 --cells 2 -o csv --out")
        .arg(&csv)
        .arg("--plot")
        .arg(&svg)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    let rows = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(rows.lines().count(), 1 + 2 * 31);
    let picture = std::fs::read_to_string(&svg).unwrap();
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert!(picture.contains("JCVI-syn3A, seed 2"));
    assert!(picture.contains("10-90% band of 2 cells"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn grants_follow_the_rules_and_each_decision_is_told() {
    let told = |line: &str| {
        let output = bioxen(line).output().expect("it starts");
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let line = "run syn3a --for 3min --seed 1 --optimize --monitor 10s --no-config";
    let notes = told(line);
    assert!(
        notes.contains("cell-0001: at 90s: ATP 100% -> 55%, since ATP is at "),
        "{notes}"
    );
    assert_eq!(told(line), notes, "the same run decides the same");
    let (code, message) = crate::failure("run syn3a --for 1min --monitor 0s");
    assert_eq!(code, 2);
    assert!(message.contains("31 days"), "{message}");
}
