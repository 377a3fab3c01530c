//! What a cell may use, what it uses, and what its host has left.
//!
//! All fields are public and any value is fine: these are readings, not requests.
//! The structs are built by name in the crates that run cells, so a new field there is a breaking change here.

use std::fmt;
use std::str::FromStr;

use crate::invalid::UnknownWord;
use crate::time::SimTime;
use crate::units::{AtpPercent, Molecules, RibosomeCount};

/// What one unit of ribosomes is.
///
/// ```
/// use bioxen_core::RibosomeUnit;
///
/// assert_eq!("physical".parse::<RibosomeUnit>()?, RibosomeUnit::Physical);
/// assert_eq!(RibosomeUnit::Share.to_string(), "share");
/// # Ok::<(), bioxen_core::UnknownWord>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum RibosomeUnit {
    /// One part of a full grant: 1/15 (syn3a), 1/30 (ecoli) or 1/12 (minimal_cell) of the ribosomes that the cell has at that moment.
    #[default]
    Share,
    /// One ribosome.
    Physical,
}

impl FromStr for RibosomeUnit {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "share" => Ok(Self::Share),
            "physical" => Ok(Self::Physical),
            _ => Err(UnknownWord::new(
                "ribosome unit",
                text,
                &["share", "physical"],
            )),
        }
    }
}

impl fmt::Display for RibosomeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Share => "share",
            Self::Physical => "physical",
        })
    }
}

/// What a cell may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Quota {
    /// Share of its ATP regeneration capacity, percent.
    pub atp: AtpPercent,
    /// Ribosomes, in units of `unit`.
    pub ribosomes: RibosomeCount,
    /// What one unit of ribosomes is.
    pub unit: RibosomeUnit,
}

/// What an allocation answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[must_use = "an allocation may carry a notice"]
pub struct Allocation {
    /// The quota that is now in force.
    pub quota: Quota,
    /// What the host has left.
    pub free: AvailableResources,
    /// Ribosomes that may translate at once under this quota, molecules.
    pub ribosome_cap: Molecules,
    /// Ribosomes that the cell has, molecules.
    pub ribosomes_total: Molecules,
    /// Something to know about how the request was met.
    pub notice: Option<Notice>,
}

/// A request was met, but not to the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Notice {
    /// More ribosome units were asked for than a full grant has.
    RibosomesClamped {
        /// Units that were asked for.
        asked: RibosomeCount,
        /// Units that were granted: all of them.
        granted: RibosomeCount,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RibosomesClamped { asked, granted } => {
                write!(
                    f,
                    "{asked} ribosome units were asked for, a full grant has {granted}"
                )
            }
        }
    }
}

/// How much of its quota a cell uses: one reading.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ResourceUsage {
    /// When it was read, simulated time.
    pub sim_time: SimTime,
    /// Level of ATP, percent of the reference concentration and at most 100: `100·min(1, [ATP]/[ATP]ref)`. It is measured, and is not the quota.
    pub atp_percent: f64,
    /// Share of ATP regeneration granted, percent.
    pub atp_quota: AtpPercent,
    /// ATP regenerated, percent of what the quota granted, averaged over 10 s.
    pub atp_regenerated_percent: f64,
    /// Adenylate energy charge, `([ATP] + [ADP]/2) / ([ATP] + [ADP] + [AMP])`, 0 to 1.
    pub energy_charge: f64,
    /// Translating ribosomes, percent of `ribosome_cap`.
    pub ribosome_utilization: f64,
    /// Ribosomes granted, in units of `ribosome_unit`.
    pub allocated_ribosomes: RibosomeCount,
    /// What one unit of ribosomes is.
    pub ribosome_unit: RibosomeUnit,
    /// Ribosomes that may translate at once, molecules.
    pub ribosome_cap: Molecules,
    /// Ribosomes that the cell has, molecules.
    pub ribosomes_total: Molecules,
    /// Ribosomes that translate, molecules.
    pub ribosomes_translating: Molecules,
    /// RNA polymerases that the cell has, molecules.
    pub rnap_total: Molecules,
    /// RNA polymerases that transcribe, molecules.
    pub rnap_transcribing: Molecules,
    /// ATP used by each cause, molecules per second, in the order of the cell's own ledger.
    pub atp_use_per_s: Vec<(String, f64)>,
}

/// What a host has left for a VM that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AvailableResources {
    /// ATP share that the VM may still be granted, percent.
    pub atp_percent_free: AtpPercent,
    /// Ribosome units that no VM holds.
    pub ribosome_units_free: RibosomeCount,
    /// Ribosome units that the host has for all VMs.
    pub ribosome_units_capacity: RibosomeCount,
    /// VMs on the host.
    pub vms: u32,
}
