//! The daemon as a process.

use std::process::Stdio;

use crate::machine::{Ended, Machine};

#[test]
fn there_is_one_for_a_folder() {
    let machine = Machine::new();
    let mut daemon = machine.daemon(&[]);
    let second = Ended::of(machine.command(&["daemon"]));
    assert_eq!(second.code, 1, "{second:?}");
    assert_eq!(second.stdout, b"", "it was never ready");
    let pid = daemon.pid().to_string();
    assert!(second.stderr.contains(&pid), "{pid}: {}", second.stderr);
    // The first one is none the worse.
    machine.json("list");
    daemon.signal("INT");
    let (code, messages) = daemon.wait();
    assert_eq!(code, Some(0), "{messages}");
}

#[track_caller]
fn check_goes_on_after(signal: &str, code: Option<i32>) {
    let machine = Machine::new();
    let mut daemon = machine.daemon(&["--workers", "1"]);
    machine.json("start --type syn3a --vm-id cell --seed 3 --pacing manual");
    machine.json("execute --vm-id cell --code advance(20)");
    let before = machine.json("metrics --vm-id cell");
    daemon.signal(signal);
    assert_eq!(daemon.wait().0, code);
    let _daemon = machine.daemon(&["--workers", "2"]);
    assert_eq!(machine.json("metrics --vm-id cell"), before);
    let status = machine.json("status --vm-id cell");
    assert_eq!(status["state"], "running");
    assert_eq!(status["seed"], 3);
}

#[test]
fn all_vms_are_saved_at_its_end() {
    check_goes_on_after("TERM", Some(0));
    check_goes_on_after("INT", Some(0));
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    check_goes_on_after("KILL", None);
}

#[test]
fn a_terminal_that_closes_is_no_end() {
    let machine = Machine::new();
    let daemon = machine.daemon(&[]);
    daemon.signal("HUP");
    machine.json("list");
    drop(daemon);
}

#[test]
fn commands_start_it_once_and_leave_it() {
    let machine = Machine::new();
    let children: Vec<_> = (0..6)
        .map(|_| machine.command(&["list"]).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let remote = machine.remote().expect("it lives on");
    let pid = remote.information().unwrap().pid;
    drop(remote);
    machine.json("list");
    assert_eq!(machine.remote().unwrap().information().unwrap().pid, pid);
}

#[test]
fn it_does_not_hold_the_streams_of_the_command_that_started_it() {
    let machine = Machine::new();
    // It ends only when everybody who has the pipes has closed them.
    let ended = Ended::of_input(machine.command(&["list"]), b"");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(machine.remote().is_some());
}

#[test]
fn without_vms_and_connections_it_ends_by_itself() {
    let machine = Machine::new();
    let mut daemon = machine.daemon(&["--exit-when-idle", "1s"]);
    let (code, messages) = daemon.wait();
    assert_eq!(code, Some(0), "{messages}");
}

#[test]
fn nobody_needs_to_hear_that_it_is_ready() {
    let machine = Machine::new();
    let mut child = machine
        .command(&["daemon", "--exit-when-idle", "1s"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
