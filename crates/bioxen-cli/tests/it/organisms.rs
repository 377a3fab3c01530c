//! `bioxen run` for the other organisms. Those of E. coli are slow without optimization, so they live for a few seconds.

use crate::{bioxen, failure, json, printed, text};

#[test]
fn the_summary_of_e_coli_has_its_phase_its_growth_and_its_operons() {
    let table = printed("run ecoli --for 2s --seed 5 --ribosomes 15");
    for part in [
        "E. coli K-12 MG1655, 1 cell, 2s",
        "15 of 30 units",
        "growth phase            exponential",
        "doubling time",
        "ppGpp",
        "pmol per µg of protein",
        "operons active",
        "plasmids                0",
    ] {
        assert!(table.contains(part), "{part:?} is missing in\n{table}");
    }
    assert!(!table.contains("essential genes active"), "{table}");
}

#[test]
fn json_has_the_metrics_of_e_coli() {
    let run = json("run ecoli --for 2s --every 1s --seed 5 -o json");
    assert_eq!(run["organism"], "ecoli");
    assert_eq!(run["quota"]["ribosome_units_full"], 30);
    let metrics = &run["cells"][0]["metrics"]["organism"]["ecoli"];
    assert_eq!(metrics["growth_phase"], "exponential");
    assert_eq!(metrics["plasmids"], 0);
    assert!(metrics["operons_active"].as_object().unwrap().len() > 2_000);
    let course = &run["cells"][0]["time_course"];
    assert_eq!(course["time_s"], serde_json::json!([0.0, 1.0, 2.0]));
}

#[test]
fn the_summary_of_minimal_cells_has_the_efficiency_of_each_function() {
    let table = printed("run minimal_cell --for 1min --seed 5");
    for part in [
        "minimal cell, 1 cell, 1min",
        "12 of 12 units",
        "efficiency",
        "dna replication",
        "protein synthesis",
        "energy production",
        "support  ",
    ] {
        assert!(table.contains(part), "{part:?} is missing in\n{table}");
    }
    let run = json("run minimal_cell --for 10s --seed 5 --cells 2 -o json");
    for cell in run["cells"].as_array().unwrap() {
        let metrics = &cell["metrics"]["organism"]["minimal_cell"];
        assert_eq!(metrics["basic_functions"].as_array().unwrap().len(), 4);
        assert!(metrics["resource_usage"]["ribosomes"].as_u64().unwrap() > 0);
    }
}

#[test]
fn a_time_course_and_a_picture_of_any_organism_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    for (organism, name) in [
        ("ecoli", "E. coli K-12 MG1655, seed 2"),
        ("minimal_cell", "minimal cell, seed 2"),
    ] {
        let picture = folder.path().join(organism);
        let output = bioxen(&format!(
            "run {organism} --for 2s --every 500ms --seed 2 -o csv --plot"
        ))
        .arg(&picture)
        .output()
        .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout).lines().count(), 1 + 5);
        let picture = std::fs::read_to_string(&picture).unwrap();
        assert!(picture.contains(name), "{organism}");
    }
}

#[test]
fn a_program_learns_that_e_coli_is_switched_by_operon() {
    let output = bioxen("run ecoli --seed 4 --process -")
        .write_stdin("start_transcription(['lacZ'])\n")
        .output()
        .unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("cells of ecoli cannot start transcription"),
        "{message}"
    );
    assert!(message.contains("use manage_operons"), "{message}");
}

#[test]
fn help_names_all_organisms() {
    for verb in ["run", "genes"] {
        let help = printed(&format!("{verb} -h"));
        assert!(help.contains("syn3a, ecoli or minimal_cell"), "{help}");
    }
    let (_, message) = failure("");
    assert!(message.contains("minimal_cell"), "{message}");
}
