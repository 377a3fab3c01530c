//! What becomes of VMs from their beginning to their end.

use std::process::Stdio;

use super::lab::{Lab, ended};

#[test]
fn a_vm_lives_from_create_to_rm() {
    let lab = Lab::new();
    let (code, shown, said) = lab.run("vm create cell-1 syn3a --seed 7 --pacing manual");
    assert_eq!((code, shown.as_str()), (0, "created cell-1\n"));
    assert_eq!(
        said,
        format!("note: started a daemon for {}\n", lab.state().display())
    );
    assert_eq!(lab.state_of("cell-1"), "created");
    assert_eq!(lab.done("vm start cell-1 --wait"), "started cell-1\n");
    let (code, shown, said) = lab.exec("cell-1", "print('on it'); advance(60); time()");
    assert_eq!(
        (code, shown.as_str(), said.as_str()),
        (0, "on it\n60.0\n", "")
    );
    assert_eq!(lab.simulated("cell-1"), 60.0);
    assert_eq!(lab.done("vm pause cell-1"), "paused cell-1\n");
    assert_eq!(lab.done("vm resume cell-1"), "resumed cell-1\n");
    let granted = lab.done("vm allocate cell-1 --atp 60 --ribosomes 10");
    assert!(
        granted.starts_with("granted cell-1 60% of ATP and 10 units: "),
        "{granted}"
    );
    let shown = lab.done("vm install cell-1 growth");
    assert_eq!(shown, "installed growth 1.0.0\n");
    let all = lab.json("vm inspect cell-1");
    assert_eq!(all["vm"]["atp_percent"], 60.0);
    assert_eq!(all["packages"][0]["name"], "growth");
    let table = lab.done("vm show cell-1 -o table");
    assert!(table.contains("growth 1.0.0 (programs)"), "{table}");
    assert_eq!(
        lab.json("vm metrics cell-1 -o json")["metrics"]["sim_time_s"],
        60.0
    );
    assert!(lab.done("vm metrics cell-1").contains("essential genes"));
    lab.done("vm uninstall cell-1 growth");
    assert_eq!(lab.done("vm stop cell-1"), "stopped cell-1\n");
    assert_eq!(lab.state_of("cell-1"), "stopped");
    assert_eq!(lab.done("vm rm cell-1 --dry-run"), "would remove cell-1\n");
    let (code, said) = lab.refused("vm rm cell --yes");
    assert_eq!(code, 3, "{said}");
    assert_eq!(lab.done("vm rm cell-1 --yes"), "removed cell-1\n");
    assert!(lab.done("vm logs cell-1").contains("destroyed"));
    assert_eq!(lab.done("vm ls"), "0 VMs\n");
    let log = lab.done("vm logs cell-1");
    let kinds: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_whitespace().nth(3))
        .collect();
    let expect = [
        "created",
        "started",
        "executed",
        "paused",
        "resumed",
        "allocated",
        "installed",
        "removed",
        "stopped",
        "destroyed",
    ];
    assert_eq!(kinds, expect, "{log}");
}

#[test]
fn what_one_shell_makes_another_one_sees() {
    let lab = Lab::new();
    // No daemon runs: of those that start one at a time, one does.
    let children: Vec<_> = (1..=4)
        .map(|n| {
            let name = format!("cell-{n}");
            let mut command = lab.command(&["vm", "create", &name, "minimal_cell", "--seed", "1"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the command starts")
        })
        .collect();
    for child in children {
        let (code, _, said) = ended(child);
        assert_eq!(code, 0, "{said}");
    }
    let (code, names, said) = lab.run("vm ls -q");
    assert_eq!((code, said.as_str()), (0, ""));
    assert_eq!(names, "cell-1\ncell-2\ncell-3\ncell-4\n");
    let mut elsewhere = lab.command(&["vm", "ls", "-o", "json", "--state"]);
    elsewhere
        .arg(lab.state())
        .env_remove("BIOXEN_STATE")
        .current_dir("/");
    let list: serde_json::Value =
        serde_json::from_slice(&elsewhere.output().unwrap().stdout).unwrap();
    assert_eq!(list["vms"].as_array().map(Vec::len), Some(4));
    assert_eq!(list["schema_version"], 1);
    let about = lab.json("vm info -o json");
    assert_eq!(about["vms"], 4);
    assert_eq!(about["pid"].to_string(), lab.daemon().unwrap());
}

#[test]
fn a_name_or_its_beginning_names_a_vm() {
    let lab = Lab::new();
    for name in ["cell-1", "cell-10", "poor"] {
        lab.done(&format!(
            "vm create {name} minimal_cell --seed 1 --pacing manual"
        ));
    }
    assert_eq!(lab.done("vm start p"), "started poor\n");
    assert_eq!(lab.done("vm start cell-1"), "started cell-1\n");
    assert_eq!(lab.done("vm start cell-10 -q"), "cell-10\n");
    let (code, said) = lab.refused("vm pause cell");
    assert_eq!(
        (code, said.as_str()),
        (
            3,
            "error: several VMs begin with \"cell\": cell-1, cell-10\n  hint: give more of the name\n"
        )
    );
    let (code, said) = lab.refused("vm pause pour");
    assert_eq!(
        (code, said.as_str()),
        (
            3,
            "error: no VM is named \"pour\", and none begins so\n  hint: did you mean poor?\n"
        )
    );
    // Named twice, done once.
    assert_eq!(lab.done("vm pause poor p po"), "paused poor\n");
}

#[test]
fn images_are_saved_restored_and_forked() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing manual --start");
    lab.exec("cell-1", "advance(30)");
    assert_eq!(
        lab.done("vm save cell-1 cell.bioxen"),
        "saved cell-1 as it was at 30s in cell.bioxen\n"
    );
    let image = lab.json("snapshot inspect cell.bioxen -o json");
    assert_eq!(
        (&image["vm_id"], &image["simulated_s"]),
        (&"cell-1".into(), &30.0.into())
    );
    let then = lab.exec("cell-1", "advance(30); counts(['dnaA', 'ATP'])").1;
    let would = lab.done("vm restore cell-1 cell.bioxen --dry-run");
    assert_eq!(would, "would put cell-1 from 1min back to 30s\n");
    assert_eq!(
        lab.done("vm restore cell-1 cell.bioxen"),
        "restored cell-1 as it was at 30s\n"
    );
    let again = lab.exec("cell-1", "advance(30); counts(['dnaA', 'ATP'])").1;
    assert_eq!(then, again);
    assert_eq!(
        lab.done("vm fork cell-1 twin --seed 2 --start"),
        "forked cell-1 as twin\n"
    );
    assert_eq!(lab.simulated("twin"), 60.0);
    let (own, of_twin) = ("advance(60); counts(['dnaA', 'ATP'])", "twin");
    assert_ne!(lab.exec("cell-1", own).1, lab.exec(of_twin, own).1);
    // An image of another VM is refused, and the VM is as it was.
    let (code, said) = lab.refused("vm restore twin cell.bioxen");
    assert_eq!(code, 1, "{said}");
    assert_eq!(lab.simulated("twin"), 120.0);
    let (code, said) = lab.refused("vm fork cell-1 twin");
    assert_eq!(code, 1);
    assert!(
        said.contains("a VM named \"twin\" exists already"),
        "{said}"
    );
}

#[test]
fn nothing_is_done_by_a_dry_run() {
    let lab = Lab::new();
    #[track_caller]
    fn check(lab: &Lab, line: &str, expect: &str) {
        assert_eq!(
            lab.done(&format!("{line} --dry-run")),
            format!("{expect}\n")
        );
    }
    check(
        &lab,
        "vm create cell-1 ecoli --atp 40 --pacing 60x",
        "would create cell-1 of ecoli: ATP 40%, 30 ribosome units, pacing real time x 60",
    );
    assert_eq!(lab.done("vm ls"), "0 VMs\n");
    lab.done("vm create cell-1 syn3a --seed 1 --pacing manual");
    check(&lab, "vm start cell-1", "would start cell-1");
    let (code, said) = lab.refused("vm pause cell-1 --dry-run");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("a VM that was never started cannot pause"),
        "{said}"
    );
    assert_eq!(lab.state_of("cell-1"), "created");
    lab.done("vm start cell-1");
    check(&lab, "vm pause cell-1", "would pause cell-1");
    check(&lab, "vm stop cell-1", "would stop cell-1");
    check(&lab, "vm kill cell-1", "would kill cell-1");
    check(
        &lab,
        "vm exec cell-1 --code 1",
        "would run <code>, 1 bytes, on cell-1",
    );
    check(
        &lab,
        "vm install cell-1 growth",
        "would install growth on cell-1",
    );
    check(
        &lab,
        "vm allocate cell-1 --atp 50",
        "would grant cell-1 50% of ATP and 15 units; it has 100% of ATP and 15 units",
    );
    check(&lab, "vm fork cell-1 twin", "would fork cell-1 as twin");
    check(
        &lab,
        "vm save cell-1 x.bioxen",
        "would save cell-1 in x.bioxen",
    );
    check(&lab, "vm rm cell-1 --force", "would remove cell-1");
    let would = lab.done("vm shutdown --dry-run");
    assert!(would.starts_with("would end the daemon of "), "{would}");
    assert_eq!(lab.state_of("cell-1"), "running");
    assert!(!lab.path().join("x.bioxen").exists());
}

#[test]
fn a_configuration_sets_grants_and_packages() {
    let lab = Lab::new();
    let file = "resource_limits: {max_atp: 60, max_ribosomes: 10}\nhypervisor: {pacing: manual}\npackages: {install: [growth]}\n";
    std::fs::write(lab.path().join("lab.yaml"), file).unwrap();
    let (code, _, said) = lab.run("vm create cell-1 syn3a --seed 1 --config lab.yaml");
    assert_eq!(code, 0, "{said}");
    let all = lab.json("vm inspect cell-1");
    assert_eq!(all["vm"]["atp_percent"], 60.0);
    assert_eq!(all["vm"]["ribosome_units"], 10);
    assert_eq!(all["vm"]["pacing"], "manual");
    assert_eq!(all["packages"][0]["name"], "growth");
}

#[test]
fn events_are_told_once_and_followed_until_a_signal() {
    let lab = Lab::new();
    lab.done("vm create cell-1 minimal_cell --seed 1 --pacing manual");
    let lines = lab.done("vm events -o json");
    let last = lines.lines().last().expect("an event");
    let last: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(
        (&last["kind"], &last["vm"]),
        (&"created".into(), &"cell-1".into())
    );
    let number = &last["number"];
    assert_eq!(lab.done(&format!("vm events --since {number}")), "");
    let follow = format!("vm events -f -o json --since {number}");
    let words: Vec<&str> = follow.split_whitespace().collect();
    let mut command = lab.command(&words);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    lab.done("vm start cell-1");
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut lines, &mut line).unwrap();
    let next: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(next["kind"], "started");
    super::lab::send(&child.id().to_string(), "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn who_follows_events_does_not_start_a_daemon_again() {
    let lab = Lab::new();
    lab.done("vm ls");
    let mut command = lab.command(&["vm", "events", "-f"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut String::new()).unwrap();
    lab.done("vm shutdown");
    let (code, _, said) = ended(child);
    assert_eq!(code, 125, "{said}");
    assert!(said.contains("no daemon "), "{said}");
    assert_eq!(lab.daemon(), None);
}
