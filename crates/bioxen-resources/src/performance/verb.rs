//! What is timed: the calls of a VM that can fail, and its creation.

use std::fmt;

/// A call whose time is taken.
///
/// It is shown as the method of [`BiologicalVm`](bioxen_core::BiologicalVm) that it stands for.
/// Questions that cannot fail (`id`, `organism`, `probe`) only hand out what is there and are not timed.
///
/// ```
/// use bioxen_resources::Verb;
///
/// assert_eq!(Verb::Execute.to_string(), "execute_biological_process");
/// assert_eq!(Verb::ALL.len(), 23);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// A VM is created; nobody can wrap it before that, so whoever creates it calls [`time`](crate::PerformanceMonitor::time).
    Create,
    /// It is started.
    Start,
    /// It is paused.
    Pause,
    /// It is resumed.
    Resume,
    /// It is stopped.
    Stop,
    /// It is destroyed.
    Destroy,
    /// Its cell is moved by a span of simulated time.
    Advance,
    /// A program runs against its cell.
    Execute,
    /// A package is installed.
    Install,
    /// Its share of ATP is set.
    AllocateAtp,
    /// Its ribosome units are set.
    AllocateRibosomes,
    /// Its state is asked for.
    Status,
    /// The metrics of its cell are asked for.
    Metrics,
    /// Its usage is asked for.
    Usage,
    /// What its host has left is asked for.
    Available,
    /// Its cell is saved.
    Save,
    /// Its cell is put back to a saved state.
    Restore,
    /// Its essential genes are listed.
    EssentialGenes,
    /// The transcription of genes is raised.
    StartTranscription,
    /// Operons are switched.
    ManageOperons,
    /// Its plasmids are counted.
    PlasmidCount,
    /// A package is removed.
    Remove,
    /// Its packages are listed.
    InstalledPackages,
}

impl Verb {
    /// Every verb, in the order in which reports list them.
    pub const ALL: [Self; 23] = [
        Self::Create,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Stop,
        Self::Destroy,
        Self::Advance,
        Self::Execute,
        Self::Install,
        Self::AllocateAtp,
        Self::AllocateRibosomes,
        Self::Status,
        Self::Metrics,
        Self::Usage,
        Self::Available,
        Self::Save,
        Self::Restore,
        Self::EssentialGenes,
        Self::StartTranscription,
        Self::ManageOperons,
        Self::PlasmidCount,
        Self::Remove,
        Self::InstalledPackages,
    ];

    /// Place of the verb in [`ALL`](Self::ALL).
    pub(super) const fn index(self) -> usize {
        self as usize
    }

    /// The name of the method.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create_bio_vm",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Destroy => "destroy",
            Self::Advance => "advance",
            Self::Execute => "execute_biological_process",
            Self::Install => "install_biological_package",
            Self::AllocateAtp => "allocate_atp",
            Self::AllocateRibosomes => "allocate_ribosomes",
            Self::Status => "status",
            Self::Metrics => "biological_metrics",
            Self::Usage => "resource_usage",
            Self::Available => "available_resources",
            Self::Save => "save",
            Self::Restore => "restore",
            Self::EssentialGenes => "essential_genes",
            Self::StartTranscription => "start_transcription",
            Self::ManageOperons => "manage_operons",
            Self::PlasmidCount => "plasmid_count",
            Self::Remove => "remove_biological_package",
            Self::InstalledPackages => "installed_packages",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
