//! What is asked for when a VM is made.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::id::VmId;
use crate::invalid::{InvalidNumber, NumberProblem, Quantity, UnknownWord, parse_whole};
use crate::organism::Organism;
use crate::pacing::Pacing;
use crate::quota::RibosomeUnit;
use crate::seed::Seed;
use crate::units::{AtpPercent, RibosomeCount};

/// Everything that is needed to make a VM, checked.
///
/// ```
/// use bioxen_core::{AtpPercent, Organism, RibosomeCount, Seed, VmId, VmSpec};
///
/// let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(7))
///     .ribosomes(RibosomeCount::new(10))
///     .build()?;
/// assert_eq!(spec.ribosomes(), RibosomeCount::new(10));
/// assert_eq!(spec.atp(), AtpPercent::FULL);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VmSpec {
    id: VmId,
    organism: Organism,
    infrastructure: Infrastructure,
    seed: Seed,
    atp: AtpPercent,
    ribosomes: RibosomeCount,
    ribosome_unit: RibosomeUnit,
    pacing: Pacing,
    priority: Priority,
    elongation: Elongation,
}

impl VmSpec {
    /// Starts a specification from what has no default.
    pub fn builder(id: VmId, organism: Organism, seed: Seed) -> VmSpecBuilder {
        VmSpecBuilder {
            id,
            organism,
            infrastructure: Infrastructure::Basic,
            seed,
            atp: AtpPercent::FULL,
            ribosomes: None,
            ribosome_unit: RibosomeUnit::Share,
            pacing: Pacing::default(),
            priority: Priority::default(),
            elongation: Elongation::default(),
        }
    }

    /// Name of the VM.
    pub fn id(&self) -> &VmId {
        &self.id
    }

    /// Organism of its cell.
    pub fn organism(&self) -> Organism {
        self.organism
    }

    /// What it runs on.
    pub fn infrastructure(&self) -> Infrastructure {
        self.infrastructure
    }

    /// Start of its random stream.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// Share of ATP regeneration asked for, percent.
    pub fn atp(&self) -> AtpPercent {
        self.atp
    }

    /// Ribosomes asked for, in units of [`VmSpec::ribosome_unit`].
    pub fn ribosomes(&self) -> RibosomeCount {
        self.ribosomes
    }

    /// What one unit of ribosomes is.
    pub fn ribosome_unit(&self) -> RibosomeUnit {
        self.ribosome_unit
    }

    /// How simulated time follows the time on the wall.
    pub fn pacing(&self) -> Pacing {
        self.pacing
    }

    /// Weight in the scheduler.
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// Law of the time that elongation takes.
    pub fn elongation(&self) -> Elongation {
        self.elongation
    }
}

/// A [`VmSpec`] in the making; [`VmSpec::builder`] starts one.
#[derive(Clone, Debug)]
#[must_use = "a specification is made by `build`"]
pub struct VmSpecBuilder {
    id: VmId,
    organism: Organism,
    infrastructure: Infrastructure,
    seed: Seed,
    atp: AtpPercent,
    ribosomes: Option<RibosomeCount>,
    ribosome_unit: RibosomeUnit,
    pacing: Pacing,
    priority: Priority,
    elongation: Elongation,
}

impl VmSpecBuilder {
    /// What the VM runs on; [`Infrastructure::Basic`] unless given.
    pub fn infrastructure(mut self, infrastructure: Infrastructure) -> Self {
        self.infrastructure = infrastructure;
        self
    }

    /// Share of ATP regeneration, percent; all of it unless given.
    pub fn atp(mut self, atp: AtpPercent) -> Self {
        self.atp = atp;
        self
    }

    /// Ribosome units; a full grant of the organism unless given.
    ///
    /// More than a full grant is accepted and clamped with a [`Notice`](crate::Notice) when the VM is made.
    pub fn ribosomes(mut self, ribosomes: RibosomeCount) -> Self {
        self.ribosomes = Some(ribosomes);
        self
    }

    /// What one unit of ribosomes is; [`RibosomeUnit::Share`] unless given.
    pub fn ribosome_unit(mut self, unit: RibosomeUnit) -> Self {
        self.ribosome_unit = unit;
        self
    }

    /// How simulated time follows the time on the wall; real time unless given.
    pub fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = pacing;
        self
    }

    /// Weight in the scheduler; 50 unless given.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Law of the time that elongation takes; [`Elongation::Queue`] unless given.
    pub fn elongation(mut self, elongation: Elongation) -> Self {
        self.elongation = elongation;
        self
    }

    /// Checks the rules between fields and makes the specification.
    ///
    /// # Errors
    ///
    /// [`SpecError`] names the fields that do not go together.
    pub fn build(self) -> Result<VmSpec, SpecError> {
        let ribosomes = match (self.ribosomes, self.ribosome_unit) {
            (Some(ribosomes), RibosomeUnit::Share | RibosomeUnit::Physical) => ribosomes,
            (None, RibosomeUnit::Share) => self.organism.full_ribosome_units(),
            (None, RibosomeUnit::Physical) => return Err(SpecError::PhysicalRibosomesNotGiven),
        };
        Ok(VmSpec {
            id: self.id,
            organism: self.organism,
            infrastructure: self.infrastructure,
            seed: self.seed,
            atp: self.atp,
            ribosomes,
            ribosome_unit: self.ribosome_unit,
            pacing: self.pacing,
            priority: self.priority,
            elongation: self.elongation,
        })
    }
}

/// Fields of a [`VmSpec`] that do not go together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Physical ribosomes were asked for without saying how many.
    #[error("the ribosome unit is physical but no number of ribosomes is given")]
    PhysicalRibosomesNotGiven,
}

impl SpecError {
    /// What to change.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::PhysicalRibosomesNotGiven => Some(
                "give a number of ribosomes, or use the unit share, whose default is all of the cell's own"
                    .to_owned(),
            ),
        }
    }
}

/// What a VM runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Infrastructure {
    /// The process that asks for it, or the daemon of a state folder.
    Basic,
    /// A guest of an XCP-ng pool.
    Xcpng,
}

impl fmt::Display for Infrastructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Basic => "basic",
            Self::Xcpng => "xcpng",
        })
    }
}

/// Law of the time that making a transcript or a protein takes.
///
/// Both have the same mean, length over speed; they differ in the spread between molecules and cells.
///
/// ```
/// use bioxen_core::Elongation;
///
/// assert_eq!("exponential".parse::<Elongation>()?, Elongation::Exponential);
/// assert_eq!(Elongation::default().to_string(), "queue");
/// # Ok::<(), bioxen_core::UnknownWord>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Elongation {
    /// Fixed by length and speed: completions come out of a queue.
    #[default]
    Queue,
    /// Exponentially distributed, for comparison with published numbers and analytic moments.
    Exponential,
}

impl FromStr for Elongation {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "queue" => Ok(Self::Queue),
            "exponential" => Ok(Self::Exponential),
            _ => Err(UnknownWord::new(
                "elongation",
                text,
                &["queue", "exponential"],
            )),
        }
    }
}

impl fmt::Display for Elongation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Queue => "queue",
            Self::Exponential => "exponential",
        })
    }
}

/// Weight of a VM in the scheduler, no unit: 1 to 100, 50 unless given.
///
/// A VM of weight 100 gets twice the computing time of one of weight 50 when both want it. It never changes what a cell does, only when.
///
/// ```
/// use bioxen_core::Priority;
///
/// let priority: Priority = "80".parse()?;
/// assert_eq!(priority, Priority::new(80)?);
/// assert_eq!(priority.get(), 80);
/// assert_eq!(priority.to_string(), "80");
/// assert!(Priority::new(0).is_err());
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Priority(u8);

impl Priority {
    /// The smallest weight, 1.
    pub const MIN: Self = Self(1);
    /// The greatest weight, 100.
    pub const MAX: Self = Self(100);

    /// A weight.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if the value is not within 1 to 100.
    pub fn new(weight: u8) -> Result<Self, InvalidNumber> {
        if (Self::MIN.0..=Self::MAX.0).contains(&weight) {
            Ok(Self(weight))
        } else {
            Err(InvalidNumber::of_value(
                Quantity::Priority,
                f64::from(weight),
            ))
        }
    }

    /// The weight, 1 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self(50)
    }
}

impl FromStr for Priority {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let weight = parse_whole(Quantity::Priority, text)?;
        Self::new(weight)
            .map_err(|_| InvalidNumber::new(Quantity::Priority, text, NumberProblem::OutOfRange))
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests;
