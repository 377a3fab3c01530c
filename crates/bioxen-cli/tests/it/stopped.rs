//! Runs that do not come to their end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::json;

fn spawn(line: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_bioxen"))
        .args(line.split_whitespace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts")
}

fn send(child: &Child, signal: &str) {
    let sent = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status()
        .expect("kill is there");
    assert!(sent.success());
}

/// Waits for the first rows: from then on the run is under way.
fn first_row(child: &mut Child) -> (BufReader<std::process::ChildStdout>, String) {
    let mut rows = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut first = String::new();
    rows.read_line(&mut first).expect("a row");
    (rows, first)
}

#[track_caller]
fn check_keeps_the_rows_so_far(signal: &str, code: i32) {
    // A thousand generations take minutes: only the signal ends them.
    let mut child = spawn("run syn3a --generations 1000 --seed 1 --every 1min -o csv");
    let (mut rows, header) = first_row(&mut child);
    assert!(header.starts_with("time_s,"));
    send(&child, signal);
    let mut rest = String::new();
    rows.read_to_string(&mut rest).expect("rows are text");
    let mut message = String::new();
    child
        .stderr
        .take()
        .expect("it is piped")
        .read_to_string(&mut message)
        .expect("messages are text");
    assert_eq!(
        child.wait().expect("a child").code(),
        Some(code),
        "{message}"
    );
    assert!(message.contains("the results are partial"), "{message}");
    assert!(rest.ends_with('\n'));
    assert!(rest.lines().all(|row| row.split(',').count() == 19));
}

#[test]
fn ctrl_c_keeps_the_rows_so_far_and_exits_with_130() {
    check_keeps_the_rows_so_far("INT", 130);
}

#[test]
fn a_termination_keeps_the_rows_so_far_and_exits_with_143() {
    check_keeps_the_rows_so_far("TERM", 143);
}

#[test]
fn a_closed_terminal_keeps_the_rows_so_far_and_exits_with_129() {
    check_keeps_the_rows_so_far("HUP", 129);
}

/// Starts a run whose seed is drawn, and waits until it says so: from then on signals are watched.
fn spawn_and_wait_for_seed(line: &str) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = spawn(line);
    let mut messages = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut seed = String::new();
    messages.read_line(&mut seed).expect("a message");
    assert!(seed.starts_with("seed: "), "{seed}");
    (child, messages)
}

#[test]
fn a_process_is_interrupted_too_and_its_results_are_labeled() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.star");
    let result = folder.path().join("run.json");
    std::fs::write(&file, "advance(1000 * 3600)\n").unwrap();
    let (mut child, mut messages) = spawn_and_wait_for_seed(&format!(
        "run syn3a --cells 3 --threads 2 -o json --out {} --process {}",
        result.display(),
        file.display()
    ));
    send(&child, "INT");
    let mut message = String::new();
    messages.read_to_string(&mut message).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{message}");
    assert!(message.contains("run.json.partial"), "{message}");
    assert!(!message.contains("error"), "{message}");
    assert!(!result.exists());
    let run = std::fs::read_to_string(folder.path().join("run.json.partial")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    assert_eq!(run["partial"], true);
    assert_eq!(run["cells"].as_array().unwrap().len(), 3);
}

#[track_caller]
fn check_a_second_one_ends_a_blocked_run(signal: &str, code: i32) {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("cell.svg");
    // The rows of ten minutes are more than a pipe holds, and only the first is read: the command is blocked in the middle of them, where it sees no flag.
    let (mut child, _messages) = spawn_and_wait_for_seed(&format!(
        "run syn3a --cells 3 --generations 1000 --every 500ms -o csv --plot {}",
        picture.display()
    ));
    let (_rows, header) = first_row(&mut child);
    assert!(header.starts_with("time_s,"));
    while child.try_wait().expect("a child").is_none() {
        send(&child, signal);
        std::thread::yield_now();
    }
    assert_eq!(child.wait().expect("a child").code(), Some(code));
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("the folder is there")
            .count(),
        0
    );
}

#[test]
fn a_second_signal_ends_a_run_that_waits_for_its_reader() {
    check_a_second_one_ends_a_blocked_run("INT", 130);
    check_a_second_one_ends_a_blocked_run("TERM", 143);
}

#[test]
fn a_run_that_is_killed_goes_on_from_its_last_checkpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("cell.bioxen");
    let mut child = spawn(&format!(
        "run syn3a --generations 1000 --seed 5 --every 1min -o csv --save {} --checkpoint-every 7min",
        image.display()
    ));
    let (mut rows, _) = first_row(&mut child);
    let mut row = String::new();
    // By then there was a checkpoint at least at 7, 14 and 21 min.
    while !row.starts_with("1800") {
        row.clear();
        assert!(rows.read_line(&mut row).expect("a row") > 0, "it goes on");
    }
    child.kill().expect("it runs");
    child.wait().expect("a child");

    let shown = json(&format!("snapshot inspect -o json {}", image.display()));
    let seconds = shown["simulated_s"].as_f64().expect("a time");
    assert!(seconds >= 1260.0 && seconds % 420.0 == 0.0, "{seconds}");
    let resumed = json(&format!(
        "run --resume {} --for 3min -o json",
        image.display()
    ));
    let whole = json(&format!(
        "run syn3a --for {}s --seed 5 -o json",
        seconds + 180.0
    ));
    assert_eq!(
        resumed["cells"][0]["state_sha256"],
        whole["cells"][0]["state_sha256"]
    );
}
