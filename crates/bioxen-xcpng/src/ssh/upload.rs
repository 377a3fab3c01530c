//! The agent is brought to a guest.

use std::fs::File;
use std::io::{self, Read};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use bioxen_core::CancelToken;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::command::{AGENT_PUT, AGENT_SUM};
use super::connect::Remote;
use super::error::SshError;
use super::exec::CommandCaps;
use super::output::{CommandOutput, Exit};
use crate::wait::Deadline;

/// What was done about the agent of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// The guest had this one.
    Same,
    /// The guest had none, or another one.
    Uploaded,
}

/// Sees to it that a guest has the agent in a file, in the folder `.bioxen/bin` of the user.
///
/// What arrives is compared by its SHA-256 before it takes its place.
/// An agent of another length is another one, and is not summed.
///
/// # Errors
///
/// [`UploadError`]; the guest then has the agent that it had.
pub fn ensure_agent(
    remote: &Remote,
    agent: &Path,
    deadline: Deadline,
    cancel: &CancelToken,
) -> Result<Uploaded, UploadError> {
    let local = |source| UploadError::Local {
        path: agent.to_owned(),
        source,
    };
    let file = File::open(agent).map_err(local)?;
    let length = file.metadata().map_err(local)?.len();
    // The guest sums what it has, if it has something of this length, while the file is summed here.
    let (sum, has) = thread::scope(|scope| {
        let sum = scope.spawn(|| sum_of(agent));
        let has = remote_sum(remote, length, deadline, cancel);
        let sum = sum.join();
        (sum.unwrap_or_else(|panic| resume_unwind(panic)), has)
    });
    let sum = sum.map_err(local)?;
    if has?.as_ref() == Some(&sum) {
        return Ok(Uploaded::Same);
    }
    let first = format!("{sum}\n").into_bytes();
    let mut input = first.chain(file);
    let caps = CommandCaps::default();
    let output = remote.execute_command(AGENT_PUT, &mut input, caps, deadline, cancel)?;
    done(output)?;
    Ok(Uploaded::Uploaded)
}

fn sum_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => hash.update(&piece[..length]),
        }
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The sum of the agent of a guest, if it has one of that length.
fn remote_sum(
    remote: &Remote,
    length: u64,
    deadline: Deadline,
    cancel: &CancelToken,
) -> Result<Option<String>, UploadError> {
    let caps = CommandCaps::default();
    let line = format!("{length}\n");
    let mut input = line.as_bytes();
    let output = remote.execute_command(AGENT_SUM, &mut input, caps, deadline, cancel)?;
    let output = done(output)?;
    Ok(find_sum(&output.stdout))
}

fn done(output: CommandOutput) -> Result<CommandOutput, UploadError> {
    if output.exit.is_success() {
        return Ok(output);
    }
    let said = output.stderr.to_string();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(UploadError::Failed {
        exit: output.exit,
        said: last.unwrap_or_default().replace(char::is_control, " "),
    })
}

/// The sum in what `sha256sum` prints, after what a shell may have printed before.
fn find_sum(output: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().next_back()?;
    let sum = line.split_ascii_whitespace().next()?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (sum.len() == 64 && sum.bytes().all(is_digit)).then(|| sum.to_owned())
}

/// Why a guest did not get the agent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The file on this side cannot be read.
    #[error("the agent {} cannot be read", path.display())]
    Local {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The guest was not reached.
    #[error("the agent was not brought to the guest")]
    Ssh(#[from] SshError),
    /// The guest could not store it.
    #[error("the guest does not store the agent ({exit}): {said}")]
    Failed {
        /// How the command ended there.
        exit: Exit,
        /// The last line that it said.
        said: String,
    },
}

impl UploadError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::Local { .. } => {
                "build it with `cargo build --release -p bioxen-agent --features daemon`"
            }
            Self::Ssh(error) => return error.hint(),
            Self::Failed { .. } => "make room in the home of the user in the guest",
        };
        Some(advice.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{find_sum, sum_of};

    #[test]
    fn the_sum_of_a_file_is_that_of_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent");
        std::fs::write(&path, "abc").unwrap();
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sum_of(&path).unwrap(), sum);
        assert_eq!(
            find_sum(format!("{sum}  -\n").as_bytes()).as_deref(),
            Some(sum)
        );
        let noisy = format!("Welcome!\n{sum}  -\n");
        assert_eq!(find_sum(noisy.as_bytes()).as_deref(), Some(sum));
        for other in ["", "\n", "none\n", &sum[1..], &sum.to_uppercase()] {
            assert_eq!(find_sum(other.as_bytes()), None, "{other}");
        }
    }
}
