//! What a policy sees and says.

use std::fmt;

use bioxen_core::{
    AtpPercent, BiologicalMetrics, GrowthPhase, Organism, Quota, ResourceUsage, RibosomeCount,
    RibosomeUnit, SimTime,
};

/// What a policy decides on: one look at a VM.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Organism of the cell.
    pub organism: Organism,
    /// What is granted.
    pub quota: Quota,
    /// What is used.
    pub usage: &'a ResourceUsage,
    /// How the cell is.
    pub metrics: &'a BiologicalMetrics,
}

/// Grants that should change; what is `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaChange {
    /// Share of ATP regeneration, percent.
    pub atp: Option<AtpPercent>,
    /// Ribosomes, in the unit of the VM.
    pub ribosomes: Option<RibosomeCount>,
}

impl QuotaChange {
    /// The change where its ribosomes are counted in this unit: numbers of shares mean nothing for single ribosomes.
    pub(crate) fn for_unit(self, unit: RibosomeUnit) -> Self {
        match unit {
            RibosomeUnit::Share => self,
            RibosomeUnit::Physical => Self {
                ribosomes: None,
                ..self
            },
        }
    }

    /// The change without what is granted already; `None` if nothing is left.
    pub(crate) fn from(self, quota: Quota) -> Option<Self> {
        let change = Self {
            atp: self.atp.filter(|atp| *atp != quota.atp),
            ribosomes: self.ribosomes.filter(|units| *units != quota.ribosomes),
        };
        (change != Self::default()).then_some(change)
    }
}

/// Why grants should change, with the reading that says so.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The level of ATP is below a bound, percent of the reference concentration.
    AtpBelow {
        /// The level.
        level: f64,
        /// The bound.
        bound: f64,
    },
    /// The level of ATP is above a bound, percent of the reference concentration.
    AtpAbove {
        /// The level.
        level: f64,
        /// The bound.
        bound: f64,
    },
    /// The cell grows, or does not.
    Phase(GrowthPhase),
    /// The efficiency of the cell is below a bound, 0 to 1.
    EfficiencyBelow {
        /// The efficiency.
        efficiency: f64,
        /// The bound.
        bound: f64,
    },
    /// A lower grant is tried.
    Trying {
        /// Growth at the best grant, 1/h.
        best_per_h: f64,
    },
    /// Growth at a lower grant fell too far behind the best.
    GrowthLost {
        /// Growth there, 1/h.
        growth_per_h: f64,
        /// Growth at the best grant, 1/h.
        best_per_h: f64,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtpBelow { level, bound } => {
                write!(f, "ATP is at {level:.1}%, below {bound}%")
            }
            Self::AtpAbove { level, bound } => {
                write!(f, "ATP is at {level:.1}%, above {bound}%")
            }
            Self::Phase(phase) => write!(f, "growth is {phase}"),
            Self::EfficiencyBelow { efficiency, bound } => {
                write!(f, "efficiency is {efficiency:.2}, below {bound}")
            }
            Self::Trying { best_per_h } => {
                write!(f, "a lower grant may keep growth near {best_per_h:.3}/h")
            }
            Self::GrowthLost {
                growth_per_h,
                best_per_h,
            } => write!(
                f,
                "growth is {growth_per_h:.3}/h, the best {best_per_h:.3}/h"
            ),
        }
    }
}

/// What a policy says.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "advice does nothing by itself"]
pub struct Advice {
    /// Grants that should change; at least one does.
    pub change: QuotaChange,
    /// Why.
    pub reason: Reason,
    /// Simulated time of the reading.
    pub sim_time: SimTime,
}

/// Says how grants should change; whoever owns the VM applies it.
///
/// A policy may remember what it saw, and nothing else goes into what it says: the same readings give the same advice.
/// Implementations are [`TablePolicy`](crate::TablePolicy) and [`GoalPolicy`](crate::GoalPolicy).
pub trait Policy: Send + fmt::Debug {
    /// Advice after one more look, `None` to leave things as they are.
    fn advise(&mut self, situation: &Situation<'_>) -> Option<Advice>;
}
