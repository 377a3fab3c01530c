//! `bioxen run --process`.

use crate::{bioxen, text};

const PROGRAM: &str = "\
advance(30)
print('half a minute')
{'time': time()}
";

#[test]
fn a_program_drives_the_cell() {
    let output = bioxen("run syn3a --seed 4 --process - -o json")
        .write_stdin(PROGRAM)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let process = &run["cells"][0]["process"];
    assert_eq!(process["success"], true);
    assert_eq!(process["stdout"], "half a minute\n");
    assert_eq!(process["result"]["time"], 30.0);
    assert_eq!(process["ended_at_s"], 30.0);
    assert_eq!(run["cells"][0]["simulated_s"], 30.0);
}

#[test]
fn what_a_program_prints_comes_before_the_summary() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("half.star");
    std::fs::write(&file, PROGRAM).unwrap();
    let output = bioxen("run syn3a --seed 4 --process")
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(
        table.starts_with("half a minute\n{\"time\":30.0}\n"),
        "{table}"
    );
    assert!(table.contains("half.star"), "{table}");
}

#[test]
fn an_unknown_gene_fails_with_a_traceback_and_the_nearest_names() {
    let output = bioxen("run syn3a --seed 4 --process -")
        .write_stdin("advance(1)\nstart_transcription(['dnaZ'])\n")
        .output()
        .unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("the process failed on cell-0001 at 1s"),
        "{message}"
    );
    assert!(message.contains("dnaZ"), "{message}");
    assert!(message.contains("dnaA"), "{message}");
    assert!(message.contains("<stdin>:2"), "{message}");
}

#[test]
fn one_traceback_stands_for_all_cells() {
    let output = bioxen("run syn3a --seed 4 --cells 3 --threads 2 --process - -o json")
        .write_stdin("advance(1)\nnothing\n")
        .output()
        .unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert_eq!(
        message.matches("the process failed on cell-").count(),
        1,
        "{message}"
    );
    assert!(message.contains("failed on 2 more of 3 cells"), "{message}");
    let run: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for cell in run["cells"].as_array().unwrap() {
        assert_eq!(cell["process"]["success"], false);
        assert_eq!(cell["goal_reached"], false);
    }
}

#[test]
fn programs_answer_in_the_order_of_the_cells_on_any_number_of_threads() {
    let answers = |threads: u32| {
        let line = format!("run syn3a --seed 4 --cells 5 --threads {threads} --process -");
        let output = bioxen(&line)
            .write_stdin("advance(20)\nget_biological_status()\n")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let lines: Vec<String> = text(&output.stdout)
            .lines()
            .take(5)
            .map(str::to_owned)
            .collect();
        lines
    };
    let one = answers(1);
    assert!(one.iter().all(|line| line.starts_with('{')), "{one:?}");
    assert_eq!(one, answers(3));
}

#[test]
fn a_program_that_is_not_there_or_not_text_is_refused() {
    let output = bioxen("run syn3a --process /nowhere/a.star")
        .output()
        .unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(message.starts_with("error: could not read the process /nowhere/a.star"));
    assert!(message.contains("hint: give the path"), "{message}");
    let output = bioxen("run syn3a --process -")
        .write_stdin(vec![0xff, 0xfe])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not text in UTF-8"));
}
