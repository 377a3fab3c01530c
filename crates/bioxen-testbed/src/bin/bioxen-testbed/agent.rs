//! The agent of guests: where it is, or how it comes there.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use bioxen_testbed::guests::agent_binary;

use crate::failure::Failure;

/// The program that was given, or the one beside this program, which is built if cargo runs this and it is not there.
pub(crate) fn find(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let missing = match agent_binary(given) {
        Ok(path) => return Ok(path),
        Err(missing) => missing,
    };
    match (given, Cargo::of_process()) {
        (None, Some(cargo)) => {
            cargo.build()?;
            agent_binary(None).map_err(Failure::NoAgent)
        }
        _ => Err(Failure::NoAgent(missing)),
    }
}

/// The cargo that runs this program.
struct Cargo {
    program: OsString,
    manifest: PathBuf,
    release: bool,
}

impl Cargo {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo says by variables that it runs this program"
    )]
    fn of_process() -> Option<Self> {
        let program = std::env::var_os("CARGO")?;
        let folder = std::env::var_os("CARGO_MANIFEST_DIR")?;
        let own = std::env::current_exe().ok()?;
        Some(Self {
            program,
            manifest: PathBuf::from(folder).join("../../Cargo.toml"),
            release: own
                .parent()
                .is_some_and(|folder| folder.ends_with("release")),
        })
    }

    fn build(&self) -> Result<(), Failure> {
        let mut line =
            "build --package bioxen-agent --features daemon --bin bioxen_hypervisor".to_owned();
        if self.release {
            line.push_str(" --release");
        }
        let shown = format!("cargo {line}");
        let _ = writeln!(
            io::stderr(),
            "The agent is not built yet: `{shown}`, which takes minutes the first time."
        );
        let status = Command::new(&self.program)
            .args(line.split(' '))
            .arg("--manifest-path")
            .arg(&self.manifest)
            .status()
            .map_err(Failure::Cargo)?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::NotBuilt { command: shown })
        }
    }
}
