//! What a client asks of an agent.

use bioxen_core::{
    AtpPercent, GeneId, Goal, OperonAction, OperonId, PackageName, ProcessCode, ProcessLimits,
    RibosomeCount, Sampling, SimSpan, VmId, VmImage, VmSpec,
};

use crate::message::{EventNumber, PageSize};

mod decode;
mod encode;

/// What is asked of an agent.
///
/// Not marked as growing: an agent must notice at compile time that there is a new verb.
///
/// ```
/// use bioxen_agent::{Request, VmRequest};
/// use bioxen_core::VmId;
///
/// let request = Request::Vm { vm: VmId::new("cell-1")?, ask: VmRequest::Pause };
/// let message = request.encode()?;
/// assert_eq!(message.json, br#"{"verb":"pause","vm":"cell-1"}"#);
/// assert_eq!(Request::decode(message)?, request);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Make a VM; answered by [`Answer::Created`](crate::Answer::Created).
    Create {
        /// What it is.
        spec: VmSpec,
        /// Packages of the agent that it is given before anything else happens to it.
        packages: Vec<PackageName>,
    },
    /// How all VMs are; answered by [`Answer::Vms`](crate::Answer::Vms).
    List,
    /// Something of one VM.
    Vm {
        /// The VM.
        vm: VmId,
        /// What is asked of it.
        ask: VmRequest,
    },
    /// What happened, the oldest first; answered by [`Answer::Events`](crate::Answer::Events).
    Events {
        /// Only events after this one.
        since: EventNumber,
        /// The most of them.
        limit: PageSize,
    },
    /// What the agent is; answered by [`Answer::Information`](crate::Answer::Information).
    Information,
    /// Save all VMs and end the agent; answered by [`Answer::Done`](crate::Answer::Done).
    ShutDown,
}

/// What is asked of one VM: the verbs of [`BiologicalVm`](bioxen_core::BiologicalVm), and what its agent knows about it.
#[derive(Clone, Debug, PartialEq)]
pub enum VmRequest {
    /// Let simulated time pass; answered by [`Answer::Done`](crate::Answer::Done).
    Start,
    /// Freeze simulated time; answered by [`Answer::Done`](crate::Answer::Done).
    Pause,
    /// Let simulated time pass again; answered by [`Answer::Done`](crate::Answer::Done).
    Resume,
    /// Freeze simulated time until the next start; answered by [`Answer::Done`](crate::Answer::Done).
    Stop,
    /// End the VM; answered by [`Answer::Done`](crate::Answer::Done).
    Destroy,
    /// Move the cell at once; answered by [`Answer::Reached`](crate::Answer::Reached).
    Advance(SimSpan),
    /// Run the cell to a goal at full speed, and read it on the way; answered by [`Answer::Ran`](crate::Answer::Ran).
    Run {
        /// How far.
        goal: Goal,
        /// When it is read, if it is.
        sampling: Option<Sampling>,
    },
    /// Run a program against the cell; answered by [`Answer::Process`](crate::Answer::Process).
    Execute {
        /// The program.
        code: ProcessCode,
        /// How much it may use; `None` leaves that to the agent.
        limits: Option<ProcessLimits>,
    },
    /// Give the VM a package of the agent; answered by [`Answer::Installed`](crate::Answer::Installed).
    Install(PackageName),
    /// Take away what a package brought; answered by [`Answer::Installed`](crate::Answer::Installed).
    Remove(PackageName),
    /// The packages of the VM; answered by [`Answer::Packages`](crate::Answer::Packages).
    Packages,
    /// How the VM is; answered by [`Answer::Status`](crate::Answer::Status).
    Status,
    /// How its cell is; answered by [`Answer::Metrics`](crate::Answer::Metrics).
    Metrics,
    /// Set what the cell may use; answered by [`Answer::Allocation`](crate::Answer::Allocation).
    Allocate(Grant),
    /// What the cell uses; answered by [`Answer::Usage`](crate::Answer::Usage).
    Usage,
    /// What the host has left for the VM; answered by [`Answer::Available`](crate::Answer::Available).
    Available,
    /// The whole cell; answered by [`Answer::Image`](crate::Answer::Image).
    Save,
    /// Put the cell back to a saved state; answered by [`Answer::Done`](crate::Answer::Done).
    Restore(VmImage),
    /// The essential genes; answered by [`Answer::Genes`](crate::Answer::Genes).
    EssentialGenes,
    /// Raise the transcription of genes; answered by [`Answer::Transcription`](crate::Answer::Transcription).
    StartTranscription(Vec<GeneId>),
    /// Switch operons; answered by [`Answer::Done`](crate::Answer::Done).
    ManageOperons {
        /// The operons.
        operons: Vec<OperonId>,
        /// What is done to them.
        action: OperonAction,
    },
    /// The number of plasmids; answered by [`Answer::Plasmids`](crate::Answer::Plasmids).
    PlasmidCount,
    /// All that the agent knows about the VM; answered by [`Answer::Inspection`](crate::Answer::Inspection).
    Inspect,
    /// The last readings of its monitor, the oldest first and so many at most; answered by [`Answer::History`](crate::Answer::History).
    History(PageSize),
}

/// What a VM is to be granted: ATP, ribosomes, or both at once, of which then neither or both come true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A share of ATP regeneration, percent.
    Atp(AtpPercent),
    /// Ribosomes, in the unit of the VM.
    Ribosomes(RibosomeCount),
    /// Both.
    Both {
        /// A share of ATP regeneration, percent.
        atp: AtpPercent,
        /// Ribosomes, in the unit of the VM.
        ribosomes: RibosomeCount,
    },
}

impl Grant {
    /// A grant of what is given; `None` if nothing is.
    pub fn of(atp: Option<AtpPercent>, ribosomes: Option<RibosomeCount>) -> Option<Self> {
        match (atp, ribosomes) {
            (Some(atp), Some(ribosomes)) => Some(Self::Both { atp, ribosomes }),
            (Some(atp), None) => Some(Self::Atp(atp)),
            (None, Some(ribosomes)) => Some(Self::Ribosomes(ribosomes)),
            (None, None) => None,
        }
    }

    /// The share of ATP regeneration, if that is to change.
    pub fn atp(self) -> Option<AtpPercent> {
        match self {
            Self::Atp(atp) | Self::Both { atp, .. } => Some(atp),
            Self::Ribosomes(_) => None,
        }
    }

    /// The ribosomes, if they are to change.
    pub fn ribosomes(self) -> Option<RibosomeCount> {
        match self {
            Self::Ribosomes(ribosomes) | Self::Both { ribosomes, .. } => Some(ribosomes),
            Self::Atp(_) => None,
        }
    }
}

impl Request {
    /// Longest JSON, bytes: 1 MiB.
    pub const MAX_JSON: usize = 1 << 20;

    /// The VM that is asked, if it is one that exists already.
    pub fn vm(&self) -> Option<&VmId> {
        match self {
            Self::Vm { vm, .. } => Some(vm),
            Self::Create { .. }
            | Self::List
            | Self::Events { .. }
            | Self::Information
            | Self::ShutDown => None,
        }
    }

    /// The word for what is asked.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::List => "list",
            Self::Vm { ask, .. } => ask.verb(),
            Self::Events { .. } => "events",
            Self::Information => "information",
            Self::ShutDown => "shut_down",
        }
    }
}

impl VmRequest {
    /// The word for what is asked.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Destroy => "destroy",
            Self::Advance(_) => "advance",
            Self::Run { .. } => "run",
            Self::Execute { .. } => "execute",
            Self::Install(_) => "install",
            Self::Remove(_) => "remove",
            Self::Packages => "packages",
            Self::Status => "status",
            Self::Metrics => "metrics",
            Self::Allocate(_) => "allocate",
            Self::Usage => "usage",
            Self::Available => "available",
            Self::Save => "save",
            Self::Restore(_) => "restore",
            Self::EssentialGenes => "essential_genes",
            Self::StartTranscription(_) => "start_transcription",
            Self::ManageOperons { .. } => "manage_operons",
            Self::PlasmidCount => "plasmid_count",
            Self::Inspect => "inspect",
            Self::History(_) => "history",
        }
    }
}

/// Every verb, for advice on a misspelled one.
const VERBS: [&str; 29] = [
    "create",
    "list",
    "events",
    "information",
    "shut_down",
    "start",
    "pause",
    "resume",
    "stop",
    "destroy",
    "advance",
    "run",
    "execute",
    "install",
    "remove",
    "packages",
    "status",
    "metrics",
    "allocate",
    "usage",
    "available",
    "save",
    "restore",
    "essential_genes",
    "start_transcription",
    "manage_operons",
    "plasmid_count",
    "inspect",
    "history",
];

#[cfg(test)]
mod tests;
