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

#[test]
fn a_process_is_interrupted_too_and_json_is_labeled() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.star");
    let result = folder.path().join("run.json");
    std::fs::write(&file, "advance(1000 * 3600)\n").unwrap();
    let line = format!(
        "run syn3a --seed 1 -o json --out {} --process {}",
        result.display(),
        file.display()
    );
    let mut child = spawn(&line);
    // Signals are watched before the draft of the results appears.
    while std::fs::read_dir(folder.path()).unwrap().count() < 2 {
        std::thread::yield_now();
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let run: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&result).unwrap()).unwrap();
    assert_eq!(run["partial"], true);
}
