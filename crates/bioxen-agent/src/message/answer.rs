//! What an agent answers.

use std::time::Duration;

use bioxen_core::{
    Allocation, AvailableResources, BiologicalMetrics, Elongation, GeneId, InstallReport,
    InstalledPackage, Notice, Priority, ProcessReport, ResourceUsage, Sample, SimTime,
    TranscriptionChange, VmId, VmImage, VmStatus,
};

use crate::hello::ProtocolVersion;
use crate::message::{EventNumber, Refusal, UnixMillis};

mod decode;
mod encode;
mod process;

/// What an agent answers to a [`Request`](crate::Request).
///
/// ```
/// use bioxen_agent::Answer;
///
/// let message = Answer::Plasmids(3).encode()?;
/// assert_eq!(message.json, br#"{"answer":"plasmids","value":3}"#);
/// assert_eq!(Answer::decode(message)?, Answer::Plasmids(3));
/// # Ok::<(), bioxen_agent::MessageError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is done, and there is nothing to tell.
    Done,
    /// It was not done, and the VM is as the reason says.
    Refused(Refusal),
    /// A VM was made.
    Created(Box<Created>),
    /// How a VM is.
    Status(Box<VmStatus>),
    /// How a cell is.
    Metrics(Box<BiologicalMetrics>),
    /// Where the cell is now.
    Reached(SimTime),
    /// How far a cell was run.
    Ran(Box<Ran>),
    /// What a process answered.
    ///
    /// Its three texts are the body of the message, one after the other: standard output, standard error and the result, with their lengths in the JSON.
    Process(Box<ProcessReport>),
    /// The quota that is now in force.
    Allocation(Box<Allocation>),
    /// What a cell uses.
    Usage(Box<ResourceUsage>),
    /// What the host has left.
    Available(AvailableResources),
    /// A whole cell; it is the body of the message.
    Image(VmImage),
    /// What installing or removing a package answered.
    Installed(InstallReport),
    /// The packages of a VM.
    Packages(Vec<InstalledPackage>),
    /// Locus tags of genes.
    Genes(Vec<GeneId>),
    /// What starting the transcription of genes changed.
    Transcription(Vec<TranscriptionChange>),
    /// A number of plasmids.
    Plasmids(u32),
    /// How all VMs are, in the order of their names.
    Vms(Vec<VmStatus>),
    /// All about one VM.
    Inspection(Box<Inspection>),
    /// Readings of a VM, the oldest first.
    History(Vec<Reading>),
    /// What happened, the oldest first.
    Events(Vec<Event>),
    /// What the agent is.
    Information(Information),
}

/// How far a cell was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// Where it is, simulated time.
    pub sim_time: SimTime,
    /// Divisions since its first cell was born.
    pub generation: u32,
    /// Whether that is the goal; if not, its time was up before the last of the generations.
    pub is_at_goal: bool,
    /// What was read on the way, the earliest first.
    pub samples: Vec<Sample>,
}

/// A VM that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Created {
    /// How it is.
    pub status: VmStatus,
    /// Something to know about how its quota was met.
    pub notice: Option<Notice>,
    /// What installing its packages answered, in the order in which they were asked for.
    pub packages: Vec<InstallReport>,
}

/// All that an agent knows about a VM.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// How it is.
    pub status: VmStatus,
    /// Its weight in the scheduler.
    pub priority: Priority,
    /// Law of the time that elongation takes in its cell.
    pub elongation: Elongation,
    /// When it was made.
    pub created_at: UnixMillis,
    /// The last published usage, `None` before the first.
    pub usage: Option<ResourceUsage>,
    /// The packages that it has.
    pub packages: Vec<InstalledPackage>,
}

/// One look of the agent's monitor at a VM.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// When it was taken.
    pub taken_at: UnixMillis,
    /// The usage, with the simulated time that it is of.
    pub usage: ResourceUsage,
}

/// Something that happened, as the journal of the agent has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the journal. If the first one that comes does not follow the one that was asked for, those between are not kept anymore.
    pub number: EventNumber,
    /// When it happened.
    pub at: UnixMillis,
    /// The VM that it happened to, `None` if it happened to the agent.
    pub vm: Option<VmId>,
    /// What kind of thing it is: a word, such as `created`.
    pub kind: String,
    /// What happened, in one line.
    pub text: String,
}

/// What an agent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Information {
    /// Version of its program.
    pub agent_version: String,
    /// Version of the protocol that it speaks.
    pub protocol: ProtocolVersion,
    /// Its process, as the system numbers it.
    pub pid: u32,
    /// The folder that it keeps its VMs in, as a person reads it.
    pub state_folder: String,
    /// How long it has been running.
    pub uptime: Duration,
    /// VMs that it has.
    pub vms: u32,
    /// Threads that compute cells.
    pub threads: u32,
}

impl Answer {
    /// Longest JSON, bytes: 16 MiB.
    pub const MAX_JSON: usize = 16 << 20;

    /// The word for what is answered.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused(_) => "refused",
            Self::Created(_) => "created",
            Self::Status(_) => "status",
            Self::Metrics(_) => "metrics",
            Self::Reached(_) => "reached",
            Self::Ran(_) => "ran",
            Self::Process(_) => "process",
            Self::Allocation(_) => "allocation",
            Self::Usage(_) => "usage",
            Self::Available(_) => "available",
            Self::Image(_) => "image",
            Self::Installed(_) => "installed",
            Self::Packages(_) => "packages",
            Self::Genes(_) => "genes",
            Self::Transcription(_) => "transcription",
            Self::Plasmids(_) => "plasmids",
            Self::Vms(_) => "vms",
            Self::Inspection(_) => "inspection",
            Self::History(_) => "history",
            Self::Events(_) => "events",
            Self::Information(_) => "information",
        }
    }
}

#[cfg(test)]
mod tests;
