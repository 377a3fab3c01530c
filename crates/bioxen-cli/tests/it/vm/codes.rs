//! Every exit code of `bioxen help exit-codes`; those of signals are beside the programs.

use std::os::unix::net::UnixListener;
use std::process::Stdio;

use bioxen::agent::{AgentHello, Server};

use super::lab::{Lab, ended};
use crate::printed;

#[test]
fn the_help_lists_every_code() {
    let help = printed("help exit-codes");
    for code in [0, 1, 2, 3, 4, 5, 7, 8, 9, 125, 129, 130, 143] {
        let line = format!("\n  {code:>3}  ");
        assert!(help.contains(&line), "{code} is missing in\n{help}");
    }
    assert!(help.ends_with(&printed("exit-codes")));
}

#[test]
fn zero_for_what_is_done_and_one_for_what_is_refused() {
    let lab = Lab::new();
    lab.done("vm create cell-1 minimal_cell --seed 1");
    let (code, said) = lab.refused("vm create cell-1 minimal_cell --seed 1");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("a VM named \"cell-1\" exists already"),
        "{said}"
    );
    let (code, said) = lab.refused("vm exec cell-1 --code 1");
    assert_eq!(code, 1);
    assert!(said.contains("hint: start it first"), "{said}");
    let (code, said) = lab.refused("vm install cell-1 no-such-package");
    assert_eq!(code, 1, "{said}");
}

#[test]
fn two_for_words_that_cannot_be_understood() {
    let lab = Lab::new();
    for line in [
        "vm",
        "vm create",
        "vm create cell-1 yeast",
        "vm create a/b syn3a",
        "vm create cell-1 syn3a --pacing fast",
        "vm allocate cell-1",
        "vm exec cell-1",
        "vm exec cell-1 p.star --code 1",
        "vm start",
        "vm ls -q -o json",
        "vm stop cell-1 --timeout 0s",
    ] {
        assert_eq!(lab.refused(line).0, 2, "{line}");
    }
    assert!(lab.daemon().is_none(), "nothing was asked of a daemon");
}

#[test]
fn two_for_what_nobody_can_confirm() {
    let lab = Lab::new();
    lab.done("vm create cell-1 minimal_cell --seed 1 --pacing manual");
    let (code, said) = lab.refused("vm rm cell-1");
    assert_eq!(code, 2);
    assert_eq!(
        said,
        "error: removing cell-1 was not confirmed: cell-1, a cell of minimal_cell, created, at 0s\n  \
         hint: give --yes to remove it without being asked\n"
    );
    assert_eq!(lab.done("vm ls -q"), "cell-1\n");
    lab.done("vm start cell-1");
    let (code, said) = lab.refused("vm rm cell-1 --yes");
    assert_eq!(code, 1);
    assert_eq!(
        said,
        "error: VM cell-1 is running\n  hint: stop it first: bioxen vm stop cell-1; or give --force\n"
    );
    assert_eq!(lab.done("vm rm cell-1 --yes --force"), "removed cell-1\n");
}

#[test]
fn three_for_names_that_no_vm_has() {
    let lab = Lab::new();
    for verb in [
        "start", "pause", "resume", "stop", "kill", "rm --yes", "inspect", "metrics", "logs",
    ] {
        let (code, said) = lab.refused(&format!("vm {verb} nobody"));
        assert_eq!(code, 3, "{verb}: {said}");
        assert!(said.contains("no VM is named \"nobody\""), "{said}");
    }
}

#[test]
fn four_for_a_configuration_with_errors() {
    let lab = Lab::new();
    std::fs::write(
        lab.path().join("x.yaml"),
        "resource_limits: {max_atp: 170}\n",
    )
    .unwrap();
    for line in [
        "vm create cell-1 syn3a --config x.yaml",
        "daemon --config x.yaml",
    ] {
        let (code, said) = lab.refused(line);
        assert_eq!(code, 4, "{line}: {said}");
        assert!(said.contains("max_atp"), "{said}");
    }
}

#[test]
fn five_for_what_takes_too_long() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 1 --pacing manual --start");
    let words = [
        "vm",
        "exec",
        "cell-1",
        "--timeout",
        "50ms",
        "--code",
        "advance(100000 * 3600)",
    ];
    let (code, _, said) = lab.run_words(&words);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("the process failed on cell-1"), "{said}");
}

#[test]
fn seven_for_more_than_there_is() {
    let lab = Lab::new();
    let (code, said) = lab.refused("vm create cell-1 syn3a --ribosomes 100 --seed 1");
    assert_eq!(code, 7, "{said}");
    assert!(said.contains("100 ribosome units"), "{said}");
    std::fs::write(
        lab.path().join("x.yaml"),
        "resource_limits: {max_atp: 50}\n",
    )
    .unwrap();
    let mut daemon = lab.command(&["daemon", "--config", "x.yaml"]);
    let mut daemon = {
        lab.done("vm shutdown");
        daemon.stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut ready = String::new();
    let out = daemon.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    let (code, said) = lab.refused("vm create cell-1 syn3a --atp 60 --seed 1");
    assert_eq!(code, 7, "{said}");
    assert!(said.contains("a VM may hold 50%"), "{said}");
    super::lab::send(&daemon.id().to_string(), "TERM");
    assert_eq!(
        daemon.wait().unwrap().code(),
        Some(0),
        "a signal ends it in order"
    );
}

#[test]
fn eight_when_nobody_knows_whether_it_was_done() {
    let lab = Lab::new();
    let folder = lab.state().join("daemon");
    std::fs::create_dir_all(&folder).unwrap();
    let listener = UnixListener::bind(folder.join("socket")).unwrap();
    let mut command = lab.command(&["vm", "ls"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Whoever asks a second time, over another connection, gets no answer either.
    for _ in 0..2 {
        let (stream, _) = listener.accept().unwrap();
        let write = stream.try_clone().unwrap();
        let mut server = Server::accept(stream, write, &AgentHello::new("0.0.0")).unwrap();
        drop(server.receive().unwrap());
    }
    let (code, shown, said) = ended(child);
    assert_eq!((code, shown.as_str()), (8, ""), "{said}");
    assert!(
        said.contains("it is not known whether the agent did it"),
        "{said}"
    );
    drop(listener);
    std::fs::remove_file(folder.join("socket")).unwrap();
}

#[test]
fn nine_when_some_of_several_fail() {
    let lab = Lab::new();
    lab.done("vm create cell-1 minimal_cell --seed 1 --pacing manual --start");
    lab.done("vm create cell-2 minimal_cell --seed 1 --pacing manual");
    let (code, shown, said) = lab.run("vm pause cell-1 cell-2");
    assert_eq!((code, shown.as_str()), (9, "paused cell-1\n"));
    assert!(
        said.contains("a VM that was never started cannot pause"),
        "{said}"
    );
    // All of them: the greatest of their codes.
    assert_eq!(lab.refused("vm pause cell-1 nobody").0, 3);
    let (code, shown, _) = lab.run("vm resume cell-1 nobody -o json");
    assert_eq!(code, 9);
    let told: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(told["vms"][0]["did"], "resumed");
    assert_eq!(told["vms"][1]["exit_code"], 3);
}

#[test]
fn a_hundred_and_twenty_five_without_a_daemon() {
    let lab = Lab::new();
    let (code, said) = lab.refused("vm info");
    assert_eq!(code, 125);
    assert_eq!(
        said,
        format!(
            "error: no daemon runs for {}\n  hint: bioxen vm ls starts one, and so does bioxen daemon\n",
            lab.state().display()
        )
    );
    lab.done("vm ls");
    let (code, said) = lab.refused("daemon");
    assert_eq!(code, 125);
    assert!(said.contains("has the state folder"), "{said}");
    let long = "x".repeat(120);
    let (code, said) = lab.refused(&format!("vm ls --state {long}"));
    assert_eq!(code, 125, "{said}");
}
