//! `doctor`: each condition, and what to do about it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::machine::{Ended, Machine};

#[track_caller]
fn verdict<'a>(examined: &'a Value, name: &str) -> &'a str {
    let checks = examined["checks"].as_array().expect("a list");
    let check = checks.iter().find(|check| check["name"] == name);
    let check = check.unwrap_or_else(|| panic!("{name} is not checked: {examined}"));
    assert_eq!(check["cure"].is_null(), check["verdict"] == "ok", "{check}");
    check["verdict"].as_str().expect("a word")
}

#[test]
fn a_machine_on_which_nothing_ran_is_in_order() {
    let machine = Machine::new();
    let examined = machine.json("doctor -o json");
    for name in [
        "name",
        "folder",
        "writable",
        "room",
        "lock",
        "socket",
        "clock",
        "open files",
    ] {
        assert_eq!(verdict(&examined, name), "ok", "{examined}");
    }
    assert_eq!(verdict(&examined, "journal"), "warn");
    assert!(!machine.place().state().exists(), "it changes nothing");
}

#[test]
fn a_daemon_is_asked() {
    let machine = Machine::new();
    let _daemon = machine.daemon(&[]);
    let examined = machine.json("doctor -o json");
    for name in ["permissions", "versions", "private", "socket", "journal"] {
        assert_eq!(verdict(&examined, name), "ok", "{examined}");
    }
    let table = machine.run("doctor");
    let table = String::from_utf8(table.stdout).expect("text");
    assert!(table.contains("\nok    socket "), "{table}");
    assert!(!table.contains("\nfail"), "{table}");
}

#[test]
fn a_folder_that_is_open_to_others_fails() {
    let machine = Machine::new();
    let state = machine.file("open");
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, Permissions::from_mode(0o777)).unwrap();
    let state = state.display().to_string();
    let ended = Ended::of(machine.command(&["doctor", "-o", "json", "--state", &state]));
    assert_eq!(ended.code, 1, "{ended:?}");
    let examined = ended.json();
    assert_eq!(examined["success"], false);
    assert_eq!(verdict(&examined, "permissions"), "fail");
    let ended = Ended::of(machine.command(&["doctor", "--state", &state]));
    assert_eq!(ended.code, 1);
    let table = String::from_utf8(ended.stdout).expect("text");
    assert!(
        table.contains(&format!("cure: chmod 700 {state}")),
        "{table}"
    );
}
