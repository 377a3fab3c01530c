//! What can be typed, and what it becomes.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

/// A stand-in for an XCP-ng pool, on this machine and for this machine alone.
///
/// It has a simulated XAPI, strict to the data model, and real guests behind it: an SSH server for each VM that runs, and the agent of BioXen.
/// Nothing is isolated, and no disk has contents: it is for trying and testing, and not for work.
/// Exit codes: 0 it ended when it was told to, 1 failed, 2 usage, 129, 130 or 143 ended at once by a second SIGHUP, Ctrl-C or SIGTERM, so that its folder is left.
#[derive(Debug, Parser)]
#[command(name = "bioxen-testbed", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Up(UpArgs),
}

/// Bring a pool up, write the configuration for `bioxen`, and tell what happens until Ctrl-C.
///
/// Standard output has the configuration and commands to type next; standard error has a line for each VM that is made, started, stopped or removed.
/// Ctrl-C or SIGTERM ends all guests and removes the folder of the testbed and the configuration, unless somebody changed it.
/// When the process is killed, its guests end too; its folder and the configuration are left, and the next testbed takes the configuration over.
/// Exit codes: 0 it ended when it was told to, 1 failed, 2 usage, 129, 130 or 143 ended at once by a second SIGHUP, Ctrl-C or SIGTERM.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct UpArgs {
    /// Where the configuration is written, for this user alone to read
    #[arg(long, value_name = "FILE", default_value = "bioxen_testbed.yaml")]
    pub(crate) config: PathBuf,
    /// Hosts of the pool, at 127.0.0.1, 127.0.0.2 and so on
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub(crate) hosts: u8,
    /// Memory of each host, such as 8GiB; 2 GiB of it are its own [default: 32GiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<Memory>,
    /// Port of XAPI on all hosts; 0 stands for a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Let all be over within fractions of a second, as tests want it
    #[arg(long)]
    pub(crate) quick: bool,
    /// Make guests without the agent, so that the client has to bring it
    #[arg(long)]
    pub(crate) no_agent: bool,
    /// Program of the agent [default: bioxen_hypervisor beside this program, which is built if cargo runs this]
    #[arg(long, value_name = "FILE")]
    pub(crate) agent: Option<PathBuf>,
    /// Speak HTTP instead of HTTPS, for looking at what is said; the command `bioxen` refuses that
    #[arg(long)]
    pub(crate) plain: bool,
}

const EXAMPLES: &str = "\
Examples:
  bioxen-testbed up
  bioxen-testbed up --quick --config /tmp/pool.yaml
  bioxen-testbed up --hosts 3 --memory 8GiB
  bioxen-testbed up --no-agent
  cargo run -p bioxen-testbed -- up";

/// Memory of a host, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(pub(crate) u64);

/// What no memory of a host is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidMemory;

impl fmt::Display for InvalidMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size of 3GiB to 1024GiB is needed, such as 8GiB or 8192MiB")
    }
}

impl std::error::Error for InvalidMemory {}

impl FromStr for Memory {
    type Err = InvalidMemory;

    fn from_str(text: &str) -> Result<Self, InvalidMemory> {
        const UNITS: [(&str, u64); 4] = [
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("GB", 1_000_000_000),
            ("MB", 1_000_000),
        ];
        let (number, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))
            .ok_or(InvalidMemory)?;
        let number: u64 = number.trim().parse().map_err(|_| InvalidMemory)?;
        let bytes = number.checked_mul(*unit).ok_or(InvalidMemory)?;
        if (3 << 30..=1024 << 30).contains(&bytes) {
            Ok(Self(bytes))
        } else {
            Err(InvalidMemory)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Cli, InvalidMemory, Memory};

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        let memory = text.parse::<Memory>();
        assert_eq!(memory, expected.map(Memory).ok_or(InvalidMemory), "{text}");
    }

    #[test]
    fn the_memory_of_a_host_is_a_number_with_a_unit() {
        check("8GiB", Some(8 << 30));
        check("8192 MiB", Some(8 << 30));
        check("4GB", Some(4_000_000_000));
        check("4000MB", Some(4_000_000_000));
        check("2GiB", None);
        check("2048GiB", None);
        check("99999999999999GiB", None);
        check("-8GiB", None);
        check("8", None);
        check("", None);
        check("GiB", None);
    }

    #[test]
    fn the_command_line_is_in_order() {
        Cli::command().debug_assert();
    }
}
