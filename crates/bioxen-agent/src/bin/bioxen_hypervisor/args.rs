//! What can be typed, and what it becomes.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bioxen_core::{
    AtpPercent, Elongation, Organism, PaceFactor, PackageName, Priority, RibosomeCount,
    RibosomeUnit, Seed, VmId,
};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::hints::hint_of;

/// Cells as virtual machines, on this machine.
///
/// Each command asks the daemon that owns the VMs of a state folder, and starts it if none runs.
/// One JSON object goes to standard output, messages go to standard error.
/// Exit codes: 0 done, 1 refused or failed, 2 usage, 3 no such VM, 5 time-out, 7 no capacity, 8 outcome unknown, 125 no daemon.
#[derive(Debug, Parser)]
#[command(name = "bioxen_hypervisor", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// State folder, where the VMs are [default: BIOXEN_STATE, then XDG_STATE_HOME/bioxen, then ~/.local/state/bioxen, or /var/lib/bioxen for root]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  bioxen_hypervisor start --type syn3a --vm-id cell-1
  bioxen_hypervisor execute --vm-id cell-1 --code \"start_transcription(['dnaA']); advance(600)\"
  bioxen_hypervisor metrics --vm-id cell-1
  bioxen_hypervisor snapshot --vm-id cell-1 --out cell-1.bioxen
  bioxen_hypervisor destroy --vm-id cell-1

Organisms: syn3a (JCVI-syn3A), ecoli (E. coli K-12 MG1655), minimal_cell (hypothetical)";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a VM if it is not there, and start it
    Start(Box<StartArgs>),
    /// Run a program against a cell
    Execute(ExecuteArgs),
    /// Give a VM a biological package
    Install(InstallArgs),
    /// Tell all about a VM
    Status(VmArgs),
    /// Measure a cell
    Metrics(VmArgs),
    /// Set what a cell may use: ATP, ribosomes, or both or neither
    Allocate(AllocateArgs),
    /// Write the whole cell to a file
    Snapshot(SnapshotArgs),
    /// Put a cell back to what a file has
    Restore(RestoreArgs),
    /// Freeze simulated time
    Pause(VmArgs),
    /// Let simulated time pass again
    Resume(VmArgs),
    /// Freeze simulated time until the next start
    Stop(VmArgs),
    /// End a VM
    Destroy(VmArgs),
    /// List the VMs
    List(AskArgs),
    /// Own the VMs of the state folder, until SIGTERM or SIGINT
    Daemon(DaemonArgs),
    /// Pass the protocol on between a connection and the daemon
    Serve(ServeArgs),
    /// Tell the versions of program, protocol and images
    Version,
    /// Check whether this machine can run VMs
    Doctor(DoctorArgs),
}

/// Of every command that asks the daemon.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct AskArgs {
    /// How long an answer is waited for, such as 90s, 5min or 1h
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = span)]
    pub(crate) timeout: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct VmArgs {
    #[command(flatten)]
    pub(crate) vm: VmArg,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VmArg {
    /// Name of the VM: 1 to 63 of A-Z a-z 0-9 . _ -
    #[arg(long = "vm-id", value_name = "ID", allow_hyphen_values = true, value_parser = typed::<VmId>)]
    pub(crate) id: VmId,
}

/// Make a VM if it is not there, and start it.
///
/// A VM that is there must be what is asked for; options that are not given are not compared.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    /// Organism of the cell: syn3a, ecoli or minimal_cell
    #[arg(long = "type", value_name = "ORGANISM", value_parser = typed::<Organism>)]
    pub(crate) organism: Organism,
    #[command(flatten)]
    pub(crate) vm: VmArg,
    /// Start of the random stream; drawn and reported if not given
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, value_parser = typed::<Seed>)]
    pub(crate) seed: Option<Seed>,
    /// Share of the ATP regeneration, 0 to 100; all of it if not given
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = typed::<AtpPercent>)]
    pub(crate) atp: Option<AtpPercent>,
    /// Ribosome units; if not given a full grant: 15 for syn3a, 30 for ecoli, 12 for minimal_cell
    #[arg(long, value_name = "UNITS", allow_negative_numbers = true, value_parser = typed::<RibosomeCount>)]
    pub(crate) ribosomes: Option<RibosomeCount>,
    /// What a unit is: share, a part of the cell's own ribosomes, or physical, one ribosome
    #[arg(long, value_name = "UNIT", value_parser = typed::<RibosomeUnit>)]
    pub(crate) ribosome_unit: Option<RibosomeUnit>,
    /// How simulated time follows the time on the wall [default: real_time]
    #[arg(long, value_enum, value_name = "PACING")]
    pub(crate) pacing: Option<PacingWord>,
    /// Simulated seconds per second on the wall, for pacing real_time [default: 1]
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true, value_parser = typed::<PaceFactor>)]
    pub(crate) pace_factor: Option<PaceFactor>,
    /// Weight in the scheduler, 1 to 100; 50 if not given
    #[arg(long, value_name = "WEIGHT", allow_negative_numbers = true, value_parser = typed::<Priority>)]
    pub(crate) priority: Option<Priority>,
    /// Law of the time that elongation takes: queue or exponential; queue if not given
    #[arg(long, value_name = "LAW", value_parser = typed::<Elongation>)]
    pub(crate) elongation: Option<Elongation>,
    /// Package that a VM is given when it is made; may be repeated
    #[arg(long = "package", value_name = "NAME", value_parser = typed::<PackageName>)]
    pub(crate) packages: Vec<PackageName>,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum PacingWord {
    /// With the time on the wall
    RealTime,
    /// As fast as the machine computes
    Unpaced,
    /// Only when a program advances it
    Manual,
}

/// Run a program in Starlark, a dialect of Python, against a cell.
///
/// The program reaches the cell as bytes: no shell and no command line sees it when it is read from a file or from standard input.
#[derive(Debug, Args)]
pub(crate) struct ExecuteArgs {
    #[command(flatten)]
    pub(crate) vm: VmArg,
    #[command(flatten)]
    pub(crate) code: CodeArgs,
    /// How long the program may run, such as 90s, 5min or 1h; if not given the daemon decides
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(crate) timeout: Option<Duration>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct CodeArgs {
    /// The program, or - to read it from standard input
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    pub(crate) code: Option<OsString>,
    /// File with the program
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    #[command(flatten)]
    pub(crate) vm: VmArg,
    /// Name of the package
    #[arg(long, value_name = "NAME", allow_hyphen_values = true, value_parser = typed::<PackageName>)]
    pub(crate) package: PackageName,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AllocateArgs {
    #[command(flatten)]
    pub(crate) vm: VmArg,
    #[command(flatten)]
    pub(crate) grant: GrantArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct GrantArgs {
    /// Share of the ATP regeneration, 0 to 100
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = typed::<AtpPercent>)]
    pub(crate) atp: Option<AtpPercent>,
    /// Ribosomes, in the unit of the VM
    #[arg(long, value_name = "UNITS", allow_negative_numbers = true, value_parser = typed::<RibosomeCount>)]
    pub(crate) ribosomes: Option<RibosomeCount>,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    #[command(flatten)]
    pub(crate) vm: VmArg,
    /// File for the cell, replaced as a whole [default: ID.bioxen in the folder snapshots of the state folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) vm: VmArg,
    /// File that snapshot wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// Own the VMs of the state folder, until SIGTERM or SIGINT.
///
/// It prints `ready` on standard output once it can be asked.
/// All VMs are saved when it ends, and go on when it is started again.
#[derive(Debug, Args)]
pub(crate) struct DaemonArgs {
    /// Threads that compute cells [default: one for each core]
    #[arg(long, value_name = "N", value_parser = workers)]
    pub(crate) workers: Option<NonZeroUsize>,
    /// Time between two checkpoints of a VM, such as 10s [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(crate) checkpoint_every: Option<Duration>,
    /// End when there has been no VM and no connection for so long, such as 10min
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(crate) exit_when_idle: Option<Duration>,
    /// File for what it tells, of bounded size, instead of standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}

/// Pass the protocol on between a connection and the daemon; this is what SSH starts.
///
/// It ends when either side ends. At the end of standard input, it waits for the rest of the answers.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The connection is standard input and standard output
    #[arg(long, required = true)]
    pub(crate) stdio: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Form of the answer
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = DoctorForm::Table)]
    pub(crate) output: DoctorForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorForm {
    /// For people
    Table,
    /// For programs
    Json,
}

/// Why a word on the command line is refused, with advice.
#[derive(Debug)]
struct Refused {
    message: String,
    hint: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl Error for Refused {}

fn typed<T>(text: &str) -> Result<T, Refused>
where
    T: FromStr,
    T::Err: Error + 'static,
{
    text.parse::<T>().map_err(|error| Refused {
        message: error.to_string(),
        hint: hint_of(&error),
    })
}

/// A time on the wall: a whole number with a unit.
fn span(text: &str) -> Result<Duration, Refused> {
    const LONGEST: u64 = 365 * 24 * 3600;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "s" => Some(1),
        "min" => Some(60),
        "h" => Some(3600),
        _ => None,
    };
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let count = all_digits.then(|| digits.parse::<u64>().ok()).flatten();
    unit.zip(count)
        .and_then(|(unit, count)| count.checked_mul(unit))
        .filter(|seconds| (1..=LONGEST).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| Refused {
            message: "not a time from 1 s to 365 days".to_owned(),
            hint: Some("give a whole number with a unit, such as 90s, 5min or 1h".to_owned()),
        })
}

fn workers(text: &str) -> Result<NonZeroUsize, Refused> {
    const MOST: usize = 1024;
    let count = text.parse::<NonZeroUsize>().ok();
    count
        .filter(|count| count.get() <= MOST)
        .ok_or_else(|| Refused {
            message: "not a number of threads".to_owned(),
            hint: Some(format!("give a whole number from 1 to {MOST}")),
        })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::{CommandFactory, Parser};

    use super::{Cli, Verb, span, workers};

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit() {
        let times = [("1s", 1), ("90s", 90), ("5min", 300), ("8760h", 31_536_000)];
        for (text, seconds) in times {
            let time = span(text).map(|time| time.as_secs());
            assert_eq!(time.ok(), Some(seconds), "{text}");
        }
        let none = [
            "",
            "s",
            "5",
            "0s",
            "-1s",
            "+1s",
            "1.5h",
            "1 s",
            "8761h",
            "1d",
            "1S",
            "１s",
            "99999999999999999999s",
            "18446744073709551615h",
        ];
        for text in none {
            assert!(span(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn workers_are_few() {
        assert_eq!(workers("1024").map(usize::from).ok(), Some(1024));
        for text in ["", "0", "1025", "-1", "all"] {
            assert!(workers(text).is_err(), "{text:?}");
        }
    }

    #[track_caller]
    fn parsed(words: &[&str]) -> Verb {
        Cli::try_parse_from([&["bioxen_hypervisor"], words].concat())
            .expect("they can be typed")
            .verb
    }

    #[test]
    fn the_commands_of_the_first_design_are_understood() {
        let start = parsed(&["start", "--type", "syn3a", "--vm-id", "a"]);
        assert!(matches!(start, Verb::Start(args) if args.seed.is_none()));
        let install = parsed(&["install", "--vm-id", "a", "--package", "gfp-reporter"]);
        assert!(matches!(install, Verb::Install(args) if args.package.as_str() == "gfp-reporter"));
        for code in ["time()", "-", "--help", "-x", "'; touch canary #", ""] {
            let Verb::Execute(args) = parsed(&["execute", "--vm-id", "a", "--code", code]) else {
                panic!("it is an execute");
            };
            assert_eq!(args.code.code.as_deref(), Some(code.as_ref()), "{code:?}");
            assert_eq!(args.timeout, None);
        }
        let status = parsed(&["status", "--vm-id", "a", "--timeout", "2min"]);
        assert!(
            matches!(status, Verb::Status(args) if args.ask.timeout == Duration::from_secs(120))
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let lines: &[&[&str]] = &[
            &[],
            &["start", "--type", "yeast", "--vm-id", "a"],
            &["start", "--type", "syn3a", "--vm-id", "../a"],
            &["start", "--vm-id", "a"],
            &["execute", "--vm-id", "a"],
            &["execute", "--vm-id", "a", "--code", "1", "--file", "f"],
            &["allocate", "--vm-id", "a"],
            &["allocate", "--vm-id", "a", "--atp", "101"],
            &["install", "--vm-id", "a", "--package", "A B"],
            &["restore", "--vm-id", "a"],
            &["serve"],
            &["daemon", "--workers", "0"],
            &["list", "--vm-id", "a"],
        ];
        for words in lines {
            let refused = Cli::try_parse_from([&["bioxen_hypervisor"], *words].concat());
            let refused = refused.expect_err("it makes no sense");
            assert!(refused.use_stderr(), "{words:?}");
        }
    }
}
