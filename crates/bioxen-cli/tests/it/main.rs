//! The `bioxen` command, as a person and a shell see it.

mod config;
mod genes;
mod guests;
mod guides;
mod organisms;
mod package;
mod process;
mod refused;
mod run;
mod snapshot;
mod stopped;
mod validate;
mod vm;

use std::process::Output;

use assert_cmd::Command;

/// The command with these words, split at spaces.
fn bioxen(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bioxen"));
    command.args(line.split_whitespace());
    // What the person who runs the tests has installed is not looked at.
    command.env(
        "BIOXEN_STATE",
        concat!(env!("CARGO_TARGET_TMPDIR"), "/no-state"),
    );
    command.env_remove("BIOXEN_PACKAGE_PATH");
    command
}

/// What a successful command printed.
#[track_caller]
fn printed(line: &str) -> String {
    let output = bioxen(line).assert().success().get_output().clone();
    text(&output.stdout)
}

/// What a command prints as JSON.
#[track_caller]
fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(&printed(line)).expect("JSON")
}

/// Exit code and messages of a command that fails without results.
#[track_caller]
fn failure(line: &str) -> (i32, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = bioxen(line).output().expect("the command starts");
    assert_eq!(text(&stdout), "", "{line}");
    (status.code().expect("no signal ended it"), text(&stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}
