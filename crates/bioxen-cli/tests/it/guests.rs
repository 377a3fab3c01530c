//! `bioxen run --guests`: the results of this machine, computed in a pool.

use std::fs;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::text;
use crate::vm::pool::Lab;

const IN_GUESTS: [&str; 4] = ["--guests", "2", "--config", "lab.yaml"];

/// What a run printed, here and in guests; files of both have the same name in turn.
#[track_caller]
fn both(lab: &Lab, words: &[&str]) -> [Output; 2] {
    [&["--no-config"][..], &IN_GUESTS].map(|way| {
        let output = lab.run(&[&["run"], words, way].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
        output
    })
}

/// Without what a run costs, which is not a result.
fn results(output: &Output) -> Value {
    let mut all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let fields = all.as_object_mut().expect("an object");
    for cost in ["threads", "timing"] {
        assert!(fields.remove(cost).is_some(), "{cost}");
    }
    all
}

#[test]
fn results_are_those_of_this_machine() {
    let lab = Lab::new(|_| {});
    for organism in ["syn3a", "minimal_cell", "ecoli"] {
        // Rows at 7 s do not fall on the stretches of a run.
        let words = [
            organism, "--cells", "3", "--seed", "7", "--for", "11min", "--every", "7s", "-o",
            "json",
        ];
        let [here, guests] = both(&lab, &words);
        assert!(text(&guests.stderr).contains("guest 2 of 2 is up"));
        assert_eq!(results(&here), results(&guests), "{organism}");
    }
    // More readings than one answer of an agent has.
    let long = [
        "syn3a", "--seed", "1", "--for", "90min", "--every", "0.5s", "-o", "json",
    ];
    let [here, guests] = both(&lab, &long);
    assert!(results(&here) == results(&guests), "readings differ");
    let divided = ["syn3a", "--cells", "2", "--seed", "3", "-o", "csv"];
    let [here, guests] = both(&lab, &divided);
    assert_eq!(text(&here.stdout), text(&guests.stdout));
    lab.assert_clean();
}

#[test]
fn grants_programs_packages_and_images_are_those_of_this_machine() {
    let lab = Lab::new(|_| {});
    lab.write(
        "p.star",
        "load('growth', 'doubling_time')\nadvance(60)\nprint(time())\ncounts(['ATP'])",
    );
    let program = [
        "ecoli",
        "--cells",
        "3",
        "--seed",
        "1",
        "--package",
        "growth",
        "--medium",
        "succinate",
        "--atp",
        "60",
        "--process",
        "p.star",
        "-o",
        "json",
    ];
    let [here, guests] = both(&lab, &program);
    assert_eq!(results(&here), results(&guests));
    // Grants that change on the way, and an image of the end.
    let steered = [
        "syn3a",
        "--seed",
        "1",
        "--ribosomes",
        "3",
        "--for",
        "30min",
        "--optimize",
        "--save",
        "cell.bioxen",
        "-o",
        "json",
    ];
    let images = [&["--no-config"][..], &IN_GUESTS].map(|way| {
        let output = lab.run(&[&["run"], &steered[..], way].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("cell-0001: "), "no grant was changed: {said}");
        let inspected = lab.run(&["snapshot", "inspect", "cell.bioxen", "-o", "json"]);
        (results(&output), state(&inspected))
    });
    assert_eq!(images[0], images[1]);
    let resumed = ["--resume", "cell.bioxen", "--for", "5min", "-o", "json"];
    let [here, guests] = both(&lab, &resumed);
    assert_eq!(results(&here), results(&guests));
    lab.assert_clean();
}

/// The SHA-256 of the state in an image file.
fn state(inspected: &Output) -> Value {
    let all: Value = serde_json::from_slice(&inspected.stdout).expect("JSON");
    let state = all["state_sha256"].clone();
    assert!(state.is_string(), "{all}");
    state
}

fn begun(lab: &Lab) -> Child {
    let words = [
        "run",
        "ecoli",
        "--cells",
        "40",
        "--seed",
        "5",
        "--for",
        "12h",
        "-o",
        "csv",
        "--out",
        "course.csv",
    ];
    let child = lab
        .command(&[&words[..], &IN_GUESTS].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let are_up = lab
        .testbed
        .server()
        .wait_until(Duration::from_secs(60), |pool| {
            let vms = pool.vms();
            vms.iter().filter(|vm| !vm.addresses.is_empty()).count() == 2
        });
    assert!(are_up);
    child
}

fn send(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id()).expect("a process");
    kill(Pid::from_raw(pid), signal).expect("it runs");
}

#[test]
fn an_interrupted_run_removes_its_guests() {
    let lab = Lab::new(|_| {});
    let child = begun(&lab);
    send(&child, Signal::SIGINT);
    let output = child.wait_with_output().expect("it ends");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    assert!(!lab.path("course.csv").exists());
    lab.assert_clean();
}

#[test]
fn what_a_run_left_that_was_killed_is_found_and_removed() {
    let lab = Lab::new(|_| {});
    let mut child = begun(&lab);
    let collect = |words: &[&str]| {
        let output = lab.run(&[&["gc", "--config", "lab.yaml"], words].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    // As long as it lives, nobody disturbs it.
    assert_eq!(collect(&["--apply"]), "nothing was left\n");
    send(&child, Signal::SIGKILL);
    child.wait().expect("it ends");
    let listed = lab.run(&["vm", "ls", "--config", "lab.yaml"]);
    assert_eq!(text(&listed.stdout), "0 VMs\n");
    let left = collect(&[]);
    assert_eq!(
        left.matches("in which cells were computed").count(),
        2,
        "{left}"
    );
    assert!(collect(&["--apply"]).contains("removed"));
    assert_eq!(collect(&[]), "nothing was left\n");
    lab.assert_clean();
}

#[test]
fn what_does_not_go_with_guests_is_refused_before_anything_is_asked() {
    let lab = Lab::new(|_| {});
    let run = |words: &[&str], code, part| {
        lab.refused(&[&["run", "syn3a"], words].concat(), code, part);
    };
    run(&["--guests", "0"], 2, "1..=999");
    run(
        &["--guests", "2", "--threads", "2"],
        2,
        "cannot be used with",
    );
    run(&["--guests", "2", "--monitor"], 2, "cannot be used with");
    run(&["--guests", "2", "--no-config"], 2, "cannot be used with");
    run(&["--hypervisor", "lab"], 2, "--guests");
    fs::write(lab.path("plain.yaml"), "organism: syn3a\n").expect("room");
    run(
        &["--guests", "2", "--config", "plain.yaml"],
        4,
        "xcpng_config",
    );
    assert_eq!(lab.testbed.server().seen().request_count, 0);
}
