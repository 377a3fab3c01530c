//! Runs that do not come to their end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

fn spawn(line: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_bioxen"))
        .args(line.split_whitespace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts")
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
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

#[test]
fn ctrl_c_keeps_the_rows_so_far_and_exits_with_130() {
    // A thousand generations take minutes: only the signal ends them.
    let mut child = spawn("run syn3a --generations 1000 --seed 1 --every 1min -o csv");
    let (mut rows, header) = first_row(&mut child);
    assert!(header.starts_with("time_s,"));
    interrupt(&child);
    let mut rest = String::new();
    rows.read_to_string(&mut rest).unwrap();
    let mut message = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut message)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{message}");
    assert!(message.contains("the results are partial"), "{message}");
    assert!(rest.ends_with('\n'));
    assert!(rest.lines().all(|row| row.split(',').count() == 19));
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
    interrupt(&child);
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

#[test]
fn a_second_signal_ends_a_run_that_waits_for_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("cell.svg");
    // The rows of ten minutes are more than a pipe holds, and only the first is read: the command is blocked in the middle of them, where it sees no flag.
    let (mut child, _messages) = spawn_and_wait_for_seed(&format!(
        "run syn3a --cells 3 --generations 1000 --every 500ms -o csv --plot {}",
        picture.display()
    ));
    let (_rows, header) = first_row(&mut child);
    assert!(header.starts_with("time_s,"));
    while child.try_wait().unwrap().is_none() {
        interrupt(&child);
        std::thread::yield_now();
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
