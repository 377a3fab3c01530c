//! Programs on VMs, and what ends them.

use super::lab::{Lab, ended, send};

/// A VM that moves only when a program moves it.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing manual --start");
    lab
}

/// It takes much longer than any test.
const ENDLESS: &str = "advance(100000 * 3600)";

#[test]
fn a_program_prints_answers_and_fails() {
    let lab = lab();
    std::fs::write(lab.path().join("p.star"), "print('hi')\n[1, 2]\n").unwrap();
    assert_eq!(lab.done("vm exec cell-1 p.star"), "hi\n[1,2]\n");
    let report = lab.json("vm exec cell-1 p.star -o json");
    assert_eq!(report["vm"], "cell-1");
    assert_eq!(report["process"]["result"], serde_json::json!([1, 2]));
    let (code, shown, said) = lab.exec("cell-1", "print('before'); advance(1); fail('no')");
    assert_eq!((code, shown.as_str()), (1, "before\n"));
    assert!(
        said.starts_with("error: the process failed on cell-1 at 1s"),
        "{said}"
    );
    let (code, shown, said) = lab.run("vm exec cell-1 nothing.star");
    assert_eq!((code, shown.as_str()), (1, ""));
    assert!(
        said.contains("could not read the process nothing.star"),
        "{said}"
    );
    let mut command = lab.command(&["vm", "exec", "cell-1", "-"]);
    let script = std::fs::File::open(lab.path().join("p.star")).unwrap();
    let output = command.stdin(script).output().unwrap();
    assert_eq!(crate::text(&output.stdout), "hi\n[1,2]\n");
}

#[track_caller]
fn check_a_signal_cancels_in_the_daemon(signal: &str, code: i32) {
    let lab = lab();
    let child = lab.begin("cell-1", ENDLESS);
    send(&child.id().to_string(), signal);
    let (found, _, said) = ended(child);
    assert_eq!(found, code, "{said}");
    assert!(
        said.contains("interrupted: the process on cell-1 was cancelled"),
        "{said}"
    );
    // The cell is free again, and its VM runs.
    let (code, _, said) = lab.exec("cell-1", "advance(1)");
    assert_eq!(code, 0, "{said}");
}

#[test]
fn ctrl_c_cancels_a_program_in_the_daemon_and_exits_with_130() {
    check_a_signal_cancels_in_the_daemon("INT", 130);
}

#[test]
fn a_termination_cancels_a_program_in_the_daemon_and_exits_with_143() {
    check_a_signal_cancels_in_the_daemon("TERM", 143);
}

#[test]
fn kill_cancels_a_program_of_another_shell() {
    let lab = lab();
    let child = lab.begin("cell-1", ENDLESS);
    assert_eq!(lab.done("vm kill cell-1"), "killed cell-1\n");
    let (code, _, said) = ended(child);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("cancelled"), "{said}");
    assert_eq!(lab.state_of("cell-1"), "stopped");
}

#[test]
fn stop_lets_a_program_end_or_loses_patience() {
    let lab = lab();
    let child = lab.begin("cell-1", "advance(3600); time()");
    assert_eq!(lab.done("vm stop cell-1"), "stopped cell-1\n");
    assert_eq!(ended(child).0, 0);
    assert_eq!(lab.simulated("cell-1"), 3600.0);
    lab.done("vm start cell-1");
    let child = lab.begin("cell-1", ENDLESS);
    let (code, shown, said) = lab.run("vm stop cell-1 --timeout 100ms");
    assert_eq!((code, shown.as_str()), (0, "stopped cell-1\n"));
    assert_eq!(
        said,
        "note: a process on cell-1 did not end within 100ms and is cancelled\n"
    );
    assert_eq!(ended(child).0, 1);
}

#[test]
fn a_program_goes_on_when_its_shell_is_gone() {
    let lab = lab();
    let mut child = lab.begin("cell-1", "advance(1800)");
    send(&child.id().to_string(), "KILL");
    child.wait().unwrap();
    lab.done("vm stop cell-1");
    assert_eq!(lab.simulated("cell-1"), 1800.0);
}
