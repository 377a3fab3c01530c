//! A state folder of its own, with the command beside it.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bioxen_agent::{ClientChannel, ClientHello, Nonce, OpId, Place, READY, RemoteHypervisor};
use serde_json::Value;
use tempfile::TempDir;

/// Where commands run, and where their VMs are; both are gone at the end, and so is a daemon that was started.
pub(crate) struct Machine {
    folder: TempDir,
}

/// What a command left.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder for files"),
        }
    }

    /// Where commands run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn place(&self) -> Place {
        Place::of(&self.folder().join("state"))
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The command with these words, and an empty standard input.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bioxen_hypervisor"));
        command
            .args(words)
            .current_dir(self.folder())
            .env("BIOXEN_STATE", self.place().state())
            .env_remove("BIOXEN_PACKAGE_PATH")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command with these words, split at spaces.
    pub(crate) fn run(&self, line: &str) -> Ended {
        let words: Vec<&str> = line.split_whitespace().collect();
        Ended::of(self.command(&words))
    }

    /// What a command that does what it should prints.
    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> Value {
        let ended = self.run(line);
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
        let json = ended.json();
        assert_eq!(json["success"], true, "{line}: {json}");
        json
    }

    /// Starts a daemon of its own, which can be asked when this returns.
    #[track_caller]
    pub(crate) fn daemon(&self, options: &[&str]) -> Running {
        let mut child = self
            .command(&[&["daemon"], options].concat())
            .spawn()
            .expect("the command starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a line of text");
        let mut running = Running { child };
        if line.trim_end() != READY {
            panic!("{line:?} and not ready: {:?}", running.wait());
        }
        running
    }

    /// A handle of the daemon that runs.
    pub(crate) fn remote(&self) -> Option<RemoteHypervisor> {
        let hello = ClientHello::new("it", "0", Nonce::new([7; 16]));
        let client = bioxen_agent::connect(&self.place(), &hello).ok()?;
        // One handle asks for little, and no other one draws such numbers.
        let mut number: u128 = u128::from(std::process::id()) << 64;
        let ops = move || {
            number += 1;
            OpId::new(number.to_be_bytes()).expect("not zero")
        };
        Some(RemoteHypervisor::new(ClientChannel::new(client, ops)))
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = String::from_utf8_lossy(&self.stdout);
        write!(f, "exit {}\n{}\n{out}", self.code, self.stderr)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(daemon) = self.remote() {
            // If it is gone already, all the better.
            let _ = daemon.shut_down();
        }
        // A daemon that ends holds its lock until it has.
        if let Ok(lock) = File::open(self.place().lock()) {
            let _ = lock.lock();
        }
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn of(mut command: Command) -> Self {
        let output = command.output().expect("the command starts");
        Self {
            code: output.status.code().expect("no signal ended it"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("messages are text"),
        }
    }

    /// Runs a command that reads these bytes.
    #[track_caller]
    pub(crate) fn of_input(mut command: Command, input: &[u8]) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // A command that has seen enough closes its end.
                let _ = stdin.write_all(input);
            });
            let output = child.wait_with_output().expect("it is a child");
            Self {
                code: output.status.code().expect("no signal ended it"),
                stdout: output.stdout,
                stderr: String::from_utf8(output.stderr).expect("messages are text"),
            }
        })
    }

    /// The one object on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_slice(&self.stdout) {
            Ok(json @ Value::Object(_)) => json,
            other => panic!("{other:?} is no object: {self:?}"),
        }
    }
}

/// A daemon that was started as a child; it is killed if it is left running.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Waits for its end; gives code and messages.
    pub(crate) fn wait(&mut self) -> (Option<i32>, String) {
        let mut messages = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr
                .read_to_string(&mut messages)
                .expect("messages are text");
        }
        let status = self.child.wait().expect("it is a child");
        (status.code(), messages)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
