//! A state folder whose daemon ends with the test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::text;

/// A state folder under a short name: that of a socket has 107 bytes at most.
#[derive(Debug)]
pub(crate) struct Lab {
    folder: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("bx").tempdir_in("/tmp");
        Self {
            folder: folder.expect("a folder"),
        }
    }

    /// The folder of the test, which is the one that commands run in; the state is in it.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path().join("s")
    }

    /// A command with these words.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, words: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bioxen"));
        command
            .args(words)
            .env("BIOXEN_STATE", self.state())
            .env_remove("BIOXEN_PACKAGE_PATH")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Exit code, standard output and standard error of a command, split at spaces.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> (i32, String, String) {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.run_words(&words)
    }

    #[track_caller]
    pub(crate) fn run_words(&self, words: &[&str]) -> (i32, String, String) {
        let output = self.command(words).output().expect("the command starts");
        shown(&output)
    }

    /// What a command prints that succeeds.
    #[track_caller]
    pub(crate) fn done(&self, line: &str) -> String {
        let (code, shown, said) = self.run(line);
        assert_eq!(code, 0, "{line}: {said}");
        shown
    }

    /// What a command prints as JSON.
    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.done(line)).expect("JSON")
    }

    /// Exit code and messages of a command that fails without results.
    #[track_caller]
    pub(crate) fn refused(&self, line: &str) -> (i32, String) {
        let (code, shown, said) = self.run(line);
        assert_eq!(shown, "", "{line}: {said}");
        (code, said)
    }

    /// Runs a program on a VM.
    #[track_caller]
    pub(crate) fn exec(&self, vm: &str, code: &str) -> (i32, String, String) {
        self.run_words(&["vm", "exec", vm, "--code", code])
    }

    /// Starts a program on a VM, and waits until it moves the cell.
    #[track_caller]
    pub(crate) fn begin(&self, vm: &str, code: &str) -> Child {
        let words = ["vm", "exec", vm, "--timeout", "1h", "--code", code];
        let mut command = self.command(&words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let before = self.simulated(vm);
        let child = command.spawn().expect("the command starts");
        while self.simulated(vm) <= before {
            std::thread::yield_now();
        }
        child
    }

    /// What the list says about a VM: unlike other questions, it never waits for a program.
    #[track_caller]
    fn listed(&self, vm: &str) -> Value {
        let list = self.json("vm ls -o json");
        let vms = list["vms"].as_array().expect("a list");
        let found = vms.iter().find(|listed| listed["id"] == vm);
        found.expect("it is there").clone()
    }

    /// Simulated time of a VM, s.
    #[track_caller]
    pub(crate) fn simulated(&self, vm: &str) -> f64 {
        self.listed(vm)["simulated_s"].as_f64().expect("a number")
    }

    #[track_caller]
    pub(crate) fn state_of(&self, vm: &str) -> String {
        self.listed(vm)["state"]
            .as_str()
            .expect("a word")
            .to_owned()
    }

    /// Process number of the daemon, if one runs.
    pub(crate) fn daemon(&self) -> Option<String> {
        let lock = std::fs::File::open(self.state().join("daemon/lock")).ok()?;
        lock.try_lock_shared().err()?;
        std::io::read_to_string(lock).ok()
    }

    /// Ends the daemon as a crash would, and waits until it is gone.
    pub(crate) fn kill_daemon(&self) {
        let pid = self.daemon().expect("a daemon runs");
        send(&pid, "KILL");
        let lock = std::fs::File::open(self.state().join("daemon/lock")).expect("it is there");
        lock.lock_shared()
            .expect("it is free when the daemon is gone");
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let ended = self.command(&["vm", "shutdown"]).output();
        if !ended.is_ok_and(|output| output.status.success())
            && let Some(pid) = self.daemon()
        {
            send(&pid, "KILL");
        }
    }
}

/// Exit code, standard output and standard error.
pub(crate) fn shown(output: &Output) -> (i32, String, String) {
    let code = output.status.code().expect("no signal ended it");
    (code, text(&output.stdout), text(&output.stderr))
}

/// Waits for the end of a command.
pub(crate) fn ended(child: Child) -> (i32, String, String) {
    shown(&child.wait_with_output().expect("a child"))
}

pub(crate) fn send(pid: &str, signal: &str) {
    let sent = Command::new("kill").args(["-s", signal, pid]).status();
    assert!(sent.expect("kill is there").success());
}
