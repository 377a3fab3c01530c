//! `cargo xtask demo --xcpng`: one cell in a pool of XCP-ng, which a testbed stands in for.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Child;

use super::shown;
use crate::doctor::{self, Purpose};
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::metadata::Metadata;
use crate::step::{self, Step};

/// Brings a testbed up, lets one cell live and go in it through the command line, and ends the testbed.
pub(crate) fn run(root: &Path, install: bool) -> Result<(), Failure> {
    doctor::ensure(root, Purpose::Guests, install)?;
    let folder = Metadata::read(root)?.target_directory.join("demo/xcpng");
    make_anew(&folder).map_err(|source| Failure::File {
        path: folder.display().to_string(),
        source,
    })?;
    let config = shown(root, &folder.join("pool.yaml"));
    let state = shown(root, &folder.join("state"));
    let built = step::run_all(root, &builds())?;
    let testbed = Testbed::start(root, testbed(&config))?;
    let lived = step::run_all(root, &life(&config, &state));
    testbed.end()?;
    println!(
        "One syn3a cell lived in a guest of a pool and went; building took {}, the rest {}.",
        step::shown(built),
        step::shown(lived?)
    );
    println!(
        "  docs/guides/xcp-ng-on-a-laptop.md goes on from here, docs/guides/xcp-ng.md has what a real pool needs"
    );
    Ok(())
}

/// What an earlier demo left is not of this one's pool.
fn make_anew(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}

/// The command has the daemon too: built together with it, the agent costs little more than a link.
fn builds() -> [Step; 2] {
    [
        (
            "build the command and the agent of guests",
            "--package bioxen-cli --package bioxen-agent --features bioxen-agent/daemon \
             --bin bioxen --bin bioxen_hypervisor",
        ),
        ("build the testbed", "--package bioxen-testbed"),
    ]
    .map(|(name, what)| {
        let line = format!("build --release {what}");
        Step::command(name, Invocation::cargo(&line))
    })
}

fn testbed(config: &str) -> Invocation {
    Invocation::cargo("run --release --quiet --package bioxen-testbed -- up --config").arg(config)
}

/// The same verbs as for VMs of this machine, with two options more.
fn life(config: &str, state: &str) -> [Step; 8] {
    let bioxen = |line: &str| {
        let line = format!("run --release --quiet --package bioxen-cli --bin bioxen -- {line}");
        Invocation::cargo(&line)
            .arg("--config")
            .arg(config)
            .arg("--state")
            .arg(state)
    };
    let vm = |line: &str| bioxen(&format!("vm {line} --type xcpng"));
    let program = "advance(600); counts(['dnaA', 'ATP'])";
    [
        ("look at the pool", bioxen("doctor --xcpng")),
        ("create", vm("create cell-1 syn3a --seed 1 --pacing manual")),
        ("start", vm("start cell-1")),
        ("execute", vm("exec cell-1").arg("--code").arg(program)),
        ("metrics", vm("metrics cell-1")),
        ("stop", vm("stop cell-1")),
        ("remove", vm("rm cell-1 --yes")),
        ("nothing is left", bioxen("gc")),
    ]
    .map(|(name, invocation)| Step::command(name, invocation))
}

/// A testbed in a process of its own, which ends with this value.
struct Testbed {
    child: Child,
    command: String,
}

impl Testbed {
    /// Starts it, and waits until its pool is up.
    fn start(root: &Path, invocation: Invocation) -> Result<Self, Failure> {
        let command = invocation.to_string();
        println!("==> testbed: {command}");
        let mut child = invocation.spawn(root)?;
        let stdout = child.stdout.take();
        let testbed = Self { child, command };
        let Some(stdout) = stdout else {
            return Err(testbed.failure());
        };
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if line.starts_with("A pool is up") {
                println!("{line}\n");
            }
            // It is the last one.
            if line.starts_with("Ctrl-C ends it") {
                return Ok(testbed);
            }
        }
        Err(testbed.failure())
    }

    /// Ends it, and sees that it leaves nothing.
    fn end(mut self) -> Result<(), Failure> {
        self.ask_to_end();
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(self.failure()),
        }
    }

    fn ask_to_end(&self) {
        let pid = self.child.id().to_string();
        // Where there is no such program, the drop kills it.
        let _ = Invocation::new("kill", "-s TERM").arg(pid).first_line();
    }

    fn failure(&self) -> Failure {
        Failure::Step {
            step: "testbed".to_owned(),
            command: self.command.clone(),
        }
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        // It has ended already, unless something else failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_life_of_a_cell_is_the_one_of_the_guide() {
        let lines = life("pool.yaml", "state").map(|step| step.rerun());
        let words = [
            "doctor --xcpng",
            "vm create",
            "vm start",
            "vm exec",
            "vm metrics",
            "vm stop",
            "vm rm",
            "gc",
        ];
        for (line, word) in lines.iter().zip(words) {
            assert!(line.contains(&format!("--bin bioxen -- {word} ")), "{line}");
            assert!(line.contains("--config pool.yaml --state state"), "{line}");
            assert_eq!(
                line.contains("--type xcpng"),
                word.starts_with("vm"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_testbed_that_does_not_come_up_is_a_step_that_failed() {
        let failure = Testbed::start(Path::new("."), Invocation::cargo("--version")).err();
        let failure = failure.expect("no line of it says that a pool is up");
        assert_eq!(failure.to_string(), "step `testbed` failed");
    }
}
