//! What cannot be done, and the codes that say so.

use std::fs;
use std::os::unix::net::UnixListener;

use bioxen_agent::{AgentHello, Answer, EndStatus, Incoming, Server};

use crate::machine::{Ended, Machine};

/// Runs a command that is refused; gives the word for the reason.
#[track_caller]
fn refused(machine: &Machine, line: &str, code: i32) -> String {
    let ended = machine.run(line);
    assert_eq!(ended.code, code, "{line}: {ended:?}");
    assert!(ended.stderr.starts_with("error: "), "{line}: {ended:?}");
    let json = ended.json();
    assert_eq!(json["success"], false, "{line}: {json}");
    let message = json["error"]["message"].as_str().expect("a message");
    assert!(ended.stderr.contains(message), "{line}: {ended:?}");
    json["error"]["code"].as_str().expect("a word").to_owned()
}

#[test]
fn each_reason_has_its_code() {
    let machine = Machine::new();
    let _daemon = machine.daemon(&["--workers", "1"]);
    let start = "start --type syn3a --vm-id cell --seed 1 --pacing manual";
    for verb in [
        "status",
        "metrics",
        "pause",
        "resume",
        "stop",
        "destroy",
        "snapshot",
        "allocate --atp 50",
        "install --package growth",
        "execute --code 1",
    ] {
        let code = refused(&machine, &format!("{verb} --vm-id cell"), 3);
        assert_eq!(code, "not_found", "{verb}");
    }
    machine.json(start);
    assert_eq!(refused(&machine, start, 1), "illegal_transition");
    let ended = machine.run(start);
    assert!(ended.stderr.contains("running"), "{}", ended.stderr);
    let others = [
        "start --type ecoli --vm-id cell",
        "start --type syn3a --vm-id cell --seed 2",
        "start --type syn3a --vm-id cell --atp 50",
        "start --type syn3a --vm-id cell --ribosomes 3",
        "start --type syn3a --vm-id cell --pacing unpaced",
        "start --type syn3a --vm-id cell --package growth",
    ];
    for line in others {
        assert_eq!(refused(&machine, line, 1), "already_exists", "{line}");
    }
    refused(&machine, "allocate --vm-id cell --ribosomes 70", 7);
    refused(
        &machine,
        "start --type ecoli --vm-id other --ribosomes 70",
        7,
    );
    refused(&machine, "restore --vm-id cell --from none.bioxen", 1);
    fs::write(machine.file("text.bioxen"), "text").unwrap();
    assert_eq!(
        refused(&machine, "restore --vm-id cell --from text.bioxen", 1),
        "image"
    );
    refused(&machine, "snapshot --vm-id cell --out none/cell.bioxen", 1);
    refused(&machine, "execute --vm-id cell --file none.star", 2);
    assert_eq!(
        refused(&machine, "install --vm-id cell --package no-such", 1),
        "backend"
    );
    machine.json("pause --vm-id cell");
    assert_eq!(
        refused(&machine, "execute --vm-id cell --code 1", 1),
        "not_running"
    );
    assert_eq!(
        refused(&machine, "pause --vm-id cell", 1),
        "illegal_transition"
    );
}

#[test]
fn a_program_that_fails_is_told_in_full() {
    let machine = Machine::new();
    let _daemon = machine.daemon(&["--workers", "1"]);
    machine.json("start --type minimal_cell --vm-id cell --seed 1 --pacing manual");
    let code = "print('so far')\nadvance(5)\nfail('no more')";
    let ended = Ended::of(machine.command(&["execute", "--vm-id", "cell", "--code", code]));
    assert_eq!(ended.code, 1, "{ended:?}");
    let json = ended.json();
    assert_eq!(json["success"], false);
    assert_eq!(json["stdout"], "so far\n");
    assert_eq!(json["result"], serde_json::Value::Null);
    assert_eq!(json["ended_at_s"], 5.0);
    assert_eq!(json["failure"]["line"], 3);
    let stderr = json["stderr"].as_str().expect("text");
    assert!(stderr.contains("no more"), "{stderr}");
}

#[test]
fn a_program_that_takes_too_long_has_a_code_of_its_own() {
    let machine = Machine::new();
    let _daemon = machine.daemon(&["--workers", "1"]);
    machine.json("start --type minimal_cell --vm-id cell --seed 1 --pacing manual");
    let code = "advance(1000 * 3600)";
    let ended = Ended::of(machine.command(&[
        "execute",
        "--vm-id",
        "cell",
        "--timeout",
        "1s",
        "--code",
        code,
    ]));
    assert_eq!(ended.code, 5, "{ended:?}");
    assert_eq!(ended.json()["failure"]["kind"], "time_limit");
}

#[test]
fn without_a_daemon_nothing_is_done() {
    let machine = Machine::new();
    fs::write(machine.file("file"), "").unwrap();
    for folder in ["file", "/proc/none"] {
        let mut command = machine.command(&["list"]);
        command.args(["--state", folder]);
        let ended = Ended::of(command);
        assert_eq!(ended.code, 125, "{ended:?}");
        assert_eq!(ended.json()["error"]["code"], "no_daemon");
    }
    let long = "x".repeat(120);
    let mut command = machine.command(&["list"]);
    command.args(["--state", &long]);
    let ended = Ended::of(command);
    assert_eq!(ended.code, 125, "{ended:?}");
    assert!(ended.stderr.contains("shorter name"), "{}", ended.stderr);
}

#[test]
fn nobody_starts_a_daemon_in_the_folder_of_another_user() {
    let machine = Machine::new();
    let folder = machine.file("foreign");
    fs::create_dir(&folder).unwrap();
    // Only root can give a folder away; everybody else has one that is root's.
    let foreign = match std::os::unix::fs::chown(&folder, Some(12_345), None) {
        Ok(()) => folder.display().to_string(),
        Err(_) => "/".to_owned(),
    };
    for verb in [&["list"][..], &["daemon"], &["serve", "--stdio"]] {
        let ended = Ended::of(machine.command(&[verb, &["--state", &foreign]].concat()));
        assert_eq!(ended.code, 125, "{verb:?}: {ended:?}");
        assert!(ended.stderr.contains("belongs to user"), "{ended:?}");
    }
    if folder.display().to_string() == foreign {
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
}

#[test]
fn a_daemon_that_does_not_answer_is_not_waited_for_without_end() {
    let machine = Machine::new();
    let place = machine.place();
    place.make().unwrap();
    // It takes the connection and says hello, and then nothing more.
    let listener = UnixListener::bind(place.socket()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (stream, _) = listener.accept().unwrap();
            let hello = AgentHello::new("0.1.0");
            let read = stream.try_clone().unwrap();
            let mut server = Server::accept(read, stream, &hello).unwrap();
            let request = server.receive();
            // Until the command has gone.
            let _ = server.receive();
            drop(request);
        });
        assert_eq!(refused(&machine, "list --timeout 1s", 5), "time_out");
    });
}

#[test]
fn a_daemon_that_never_says_hello_is_not_waited_for_longer_than_allowed() {
    let machine = Machine::new();
    let place = machine.place();
    place.make().unwrap();
    // The system takes connections for it, as for a daemon that is stopped.
    let _listener = UnixListener::bind(place.socket()).unwrap();
    assert_eq!(refused(&machine, "list --timeout 1s", 5), "time_out");
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_under_the_same_name() {
    let machine = Machine::new();
    let place = machine.place();
    place.make().unwrap();
    let listener = UnixListener::bind(place.socket()).unwrap();
    let accept = || {
        let (stream, _) = listener.accept().unwrap();
        let hello = AgentHello::new("0.1.0");
        let read = stream.try_clone().unwrap();
        Server::accept(read, stream, &hello).unwrap()
    };
    let request = |server: &mut Server| match server.receive().unwrap() {
        Incoming::Request { responder, .. } => responder,
        other => panic!("{other:?} is no request"),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut server = accept();
            // Dropped without an end: the outcome is unknown.
            let first = request(&mut server).op();
            drop(server);
            let mut server = accept();
            let responder = request(&mut server);
            assert_eq!(responder.op(), first);
            let answer = Answer::Vms(Vec::new()).encode().unwrap();
            responder.answer(&answer.json).unwrap();
            responder.end(EndStatus::Exit(0)).unwrap();
            // Never an answer.
            for _ in 0..2 {
                let mut server = accept();
                drop(request(&mut server));
            }
        });
        assert_eq!(machine.json("list")["vms"], serde_json::json!([]));
        assert_eq!(refused(&machine, "list", 8), "outcome_unknown");
    });
}
