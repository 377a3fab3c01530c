//! What a run found, ready to be shown in any form.

use std::collections::BTreeMap;

use bioxen::{
    BiologicalMetrics, COUPLING_STEP, InstalledPackage, Molecules, Organism, ProcessReport, Quota,
    ResourceUsage, RibosomeCount, Sample, Seed, SimSpan, SimTime, Vitality, VmError, VmId,
};

use crate::measure::Timing;

/// A whole run.
#[derive(Debug)]
pub(crate) struct RunReport {
    pub(crate) organism: Organism,
    pub(crate) seed: Seed,
    pub(crate) goal: RunGoal,
    pub(crate) quota: Grant,
    pub(crate) cells: Vec<CellReport>,
    pub(crate) lost: Losses,
    /// Whether it was interrupted: the results are those of the time reached.
    pub(crate) partial: bool,
    pub(crate) threads: usize,
    pub(crate) timing: Timing,
}

/// Cells that have no results, and why: their simulation failed.
pub(crate) type Losses = BTreeMap<VmId, VmError>;

/// How far the cells are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunGoal {
    Span(SimSpan),
    Generations(u32),
    Process { name: String },
}

impl std::fmt::Display for RunGoal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Span(span) => write!(f, "{span}"),
            Self::Generations(1) => f.write_str("1 generation"),
            Self::Generations(n) => write!(f, "{n} generations"),
            Self::Process { name } => write!(f, "process {name}"),
        }
    }
}

/// What each cell may use, in units and in molecules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant {
    pub(crate) quota: Quota,
    /// Units of a full grant.
    pub(crate) full_units: RibosomeCount,
    /// Ribosomes that may work at once in a newborn cell, molecules.
    pub(crate) cap_at_birth: Molecules,
    /// Ribosomes of a newborn cell, molecules.
    pub(crate) ribosomes_at_birth: Molecules,
}

/// One cell at the end of a run.
#[derive(Debug)]
pub(crate) struct CellReport {
    pub(crate) id: VmId,
    pub(crate) metrics: BiologicalMetrics,
    pub(crate) vitality: Vitality,
    pub(crate) usage: ResourceUsage,
    pub(crate) divisions: Vec<SimTime>,
    /// Reaction events since birth, by class.
    pub(crate) events: Vec<(&'static str, u64)>,
    /// ATP-equivalents spent since birth, by cause.
    pub(crate) spent: Vec<(&'static str, u64)>,
    /// ATP regenerated since birth, molecules.
    pub(crate) regenerated: u64,
    /// ATP that the quota granted since birth, molecules.
    pub(crate) granted: u64,
    /// Packages that the VM has.
    pub(crate) packages: Vec<InstalledPackage>,
    /// SHA-256 of the whole state.
    pub(crate) fingerprint: String,
    pub(crate) samples: Vec<Sample>,
    /// What the program answered, if one drove the cell.
    pub(crate) process: Option<ProcessReport>,
}

impl CellReport {
    pub(crate) fn seconds(&self) -> f64 {
        self.metrics.sim_time.seconds()
    }

    /// Whether it got as far as was asked, at the end of a whole step.
    pub(crate) fn has_reached(&self, goal: &RunGoal) -> bool {
        match goal {
            RunGoal::Span(span) => {
                let next_step = self.metrics.sim_time.saturating_add(COUPLING_STEP);
                next_step > SimTime::ZERO.saturating_add(*span)
            }
            RunGoal::Generations(n) => self.metrics.generation >= *n,
            RunGoal::Process { .. } => self.process.as_ref().is_some_and(|report| report.success),
        }
    }

    pub(crate) fn events_in_all(&self) -> u64 {
        self.events.iter().map(|(_, n)| n).sum()
    }

    /// ATP-equivalents spent per second of life.
    pub(crate) fn spent_per_s(&self, n: u64) -> f64 {
        let seconds = self.seconds();
        if seconds > 0.0 {
            n as f64 / seconds
        } else {
            0.0
        }
    }

    pub(crate) fn spent_in_all(&self) -> u64 {
        self.spent.iter().map(|(_, n)| n).sum()
    }
}
