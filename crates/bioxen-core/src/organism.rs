//! The organisms and what each of them can do.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::error::VmError;
use crate::invalid::{excerpt, suggest};
use crate::units::RibosomeCount;

/// The organism that a biological VM is a cell of.
///
/// ```
/// use bioxen_core::{Operation, Organism, RibosomeCount};
///
/// let organism: Organism = "syn3a".parse()?;
/// assert_eq!(organism.to_string(), "syn3a");
/// assert_eq!(organism.display_name(), "JCVI-syn3A");
/// assert_eq!(organism.full_ribosome_units(), RibosomeCount::new(15));
/// assert!(!organism.supports(Operation::PlasmidCount));
/// # Ok::<(), bioxen_core::UnknownOrganism>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Organism {
    /// JCVI-syn3A, the bacterium with a minimized synthetic genome.
    Syn3a,
    /// *Escherichia coli* K-12 MG1655.
    Ecoli,
    /// A minimal cell: the essential functions only.
    MinimalCell,
}

impl Organism {
    /// Every organism.
    pub const ALL: [Self; 3] = [Self::Syn3a, Self::Ecoli, Self::MinimalCell];

    /// Name for people; [`Display`](fmt::Display) gives the name for files and commands.
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Syn3a => "JCVI-syn3A",
            Self::Ecoli => "E. coli K-12 MG1655",
            Self::MinimalCell => "minimal cell",
        }
    }

    /// Ribosome units of a full grant: 15, 30 or 12.
    ///
    /// One unit is 1/15, 1/30 or 1/12 of the ribosomes that the cell has at that moment, so a full grant caps nothing at any size of the cell.
    pub const fn full_ribosome_units(self) -> RibosomeCount {
        RibosomeCount::new(match self {
            Self::Syn3a => 15,
            Self::Ecoli => 30,
            Self::MinimalCell => 12,
        })
    }

    /// Whether cells of this organism offer an operation in this version.
    pub const fn supports(self, operation: Operation) -> bool {
        match operation {
            Operation::StartTranscription => matches!(self, Self::Syn3a | Self::MinimalCell),
            Operation::EssentialGenes | Operation::InstallPackage | Operation::RemovePackage => {
                true
            }
            Operation::ManageOperons | Operation::PlasmidCount => matches!(self, Self::Ecoli),
        }
    }

    /// Refuses an operation that cells of this organism do not offer.
    ///
    /// # Errors
    ///
    /// [`VmError::Unsupported`], whose hint says what is offered instead.
    ///
    /// ```
    /// use bioxen_core::{Operation, Organism};
    ///
    /// let refused = Organism::Ecoli.require(Operation::StartTranscription).expect_err("by operon");
    /// assert_eq!(refused.to_string(), "cells of ecoli cannot start transcription");
    /// let hint = refused.hint().expect("there is another way");
    /// assert_eq!(hint, "its genes are switched by operon: use manage_operons");
    /// ```
    pub fn require(self, operation: Operation) -> Result<(), VmError> {
        if self.supports(operation) {
            Ok(())
        } else {
            Err(VmError::Unsupported {
                organism: self,
                operation,
            })
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Syn3a => "syn3a",
            Self::Ecoli => "ecoli",
            Self::MinimalCell => "minimal_cell",
        }
    }
}

impl FromStr for Organism {
    type Err = UnknownOrganism;

    fn from_str(text: &str) -> Result<Self, UnknownOrganism> {
        Self::ALL
            .into_iter()
            .find(|organism| organism.word() == text)
            .ok_or_else(|| UnknownOrganism {
                name: excerpt(text),
            })
    }
}

impl fmt::Display for Organism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A name that no organism has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown organism {name:?}")]
pub struct UnknownOrganism {
    /// The name that was given; a long one is cut short.
    pub name: String,
}

impl UnknownOrganism {
    /// The known names, and the most likely one if there is any.
    pub fn hint(&self) -> Option<String> {
        Some(suggest(&self.name, &Organism::ALL.map(Organism::word)))
    }
}

/// An operation that only some organisms offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Operation {
    /// Raise the transcription of single genes.
    StartTranscription,
    /// List the essential genes.
    EssentialGenes,
    /// Activate, repress or release operons.
    ManageOperons,
    /// Count the plasmids.
    PlasmidCount,
    /// Install a biological package.
    InstallPackage,
    /// Remove a biological package.
    RemovePackage,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 6] = [
        Self::StartTranscription,
        Self::EssentialGenes,
        Self::ManageOperons,
        Self::PlasmidCount,
        Self::InstallPackage,
        Self::RemovePackage,
    ];
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::StartTranscription => "start transcription",
            Self::EssentialGenes => "list essential genes",
            Self::ManageOperons => "manage operons",
            Self::PlasmidCount => "count plasmids",
            Self::InstallPackage => "install packages",
            Self::RemovePackage => "remove packages",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, Organism};

    #[test]
    fn names_round_trip() {
        for organism in Organism::ALL {
            assert_eq!(organism.to_string().parse(), Ok(organism));
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_known_ones() {
        #[track_caller]
        fn check(text: &str, display: &str, hint: &str) {
            let error = text.parse::<Organism>().expect_err("not an organism");
            assert_eq!(error.to_string(), display);
            assert_eq!(error.hint().as_deref(), Some(hint));
        }
        check(
            "syn3",
            "unknown organism \"syn3\"",
            "use one of syn3a, ecoli, minimal_cell; did you mean syn3a?",
        );
        check(
            "E.coli",
            "unknown organism \"E.coli\"",
            "use one of syn3a, ecoli, minimal_cell; did you mean ecoli?",
        );
        check(
            "yeast",
            "unknown organism \"yeast\"",
            "use one of syn3a, ecoli, minimal_cell",
        );
        check(
            "",
            "unknown organism \"\"",
            "use one of syn3a, ecoli, minimal_cell",
        );
    }

    #[test]
    fn each_organism_offers_what_its_biology_allows() {
        let table = Operation::ALL.map(|operation| {
            (
                operation,
                Organism::ALL.map(|organism| organism.supports(operation)),
            )
        });
        assert_eq!(
            table,
            [
                (Operation::StartTranscription, [true, false, true]),
                (Operation::EssentialGenes, [true, true, true]),
                (Operation::ManageOperons, [false, true, false]),
                (Operation::PlasmidCount, [false, true, false]),
                (Operation::InstallPackage, [true, true, true]),
                (Operation::RemovePackage, [true, true, true]),
            ]
        );
    }
}
