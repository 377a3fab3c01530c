//! What a person might change.

use std::fmt;

use bioxen_core::OrganismMetrics;

use crate::policy::Situation;

/// Something worth a look; nothing is changed by it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Recommendation {
    /// The level of ATP is below 30%.
    RaiseAtp {
        /// The level, percent of the reference concentration.
        level: f64,
    },
    /// The level of ATP is above 90%.
    AtpMayBeExcessive {
        /// The level, percent of the reference concentration.
        level: f64,
    },
    /// Fewer than 400 of the genes that a syn3A needs are active.
    GenesInactive {
        /// Active genes among the essential and quasi-essential protein genes and the tRNA and rRNA genes.
        active: u32,
        /// How many those are.
        of: u32,
        /// Active genes among the essential protein genes alone.
        essential_active: u32,
        /// How many those are.
        essential_of: u32,
    },
    /// There are more than five plasmids.
    ManyPlasmids {
        /// Plasmids, all kinds together.
        count: u32,
    },
}

impl Recommendation {
    /// What is to be recommended, in the order of the variants.
    pub(crate) fn all(situation: &Situation<'_>) -> Vec<Self> {
        let level = situation.usage.atp_percent;
        let mut all = Vec::new();
        if level < 30.0 {
            all.push(Self::RaiseAtp { level });
        }
        if level > 90.0 {
            all.push(Self::AtpMayBeExcessive { level });
        }
        match &situation.metrics.organism {
            OrganismMetrics::Syn3a(cell) if cell.essential_and_quasi_count < 400 => {
                all.push(Self::GenesInactive {
                    active: cell.essential_and_quasi_count,
                    of: cell.essential_and_quasi_total,
                    essential_active: cell.essential_genes_count,
                    essential_of: cell.essential_genes_total,
                });
            }
            OrganismMetrics::Ecoli(cell) if cell.plasmids > 5 => {
                all.push(Self::ManyPlasmids {
                    count: cell.plasmids,
                });
            }
            _ => {}
        }
        all
    }
}

impl fmt::Display for Recommendation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RaiseAtp { level } => {
                write!(
                    f,
                    "consider a larger share of ATP: its level is {level:.1}%"
                )
            }
            Self::AtpMayBeExcessive { level } => write!(
                f,
                "the share of ATP may be larger than needed: its level is {level:.1}%"
            ),
            Self::GenesInactive {
                active,
                of,
                essential_active,
                essential_of,
            } => write!(
                f,
                "some genes that the cell needs are inactive: {active} of {of} are active, of the essential ones {essential_active} of {essential_of}"
            ),
            Self::ManyPlasmids { count } => {
                write!(f, "{count} plasmids may slow growth down")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bioxen_core::Organism;

    use crate::fake::FakeVm;
    use crate::manager::BioResourceManager;

    #[track_caller]
    fn check(organism: Organism, set: impl Fn(&mut FakeVm), expect: &[&str]) {
        let mut vm = FakeVm::new("cell", organism);
        set(&mut vm);
        let manager = BioResourceManager::new(Box::new(vm));
        let all = manager.recommendations().expect("it answers");
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(all, expect);
    }

    #[test]
    fn recommendations_have_the_bounds_of_the_design() {
        check(Organism::Syn3a, |vm| vm.level = 30.0, &[]);
        check(Organism::Syn3a, |vm| vm.level = 90.0, &[]);
        check(
            Organism::MinimalCell,
            |vm| vm.level = 29.9,
            &["consider a larger share of ATP: its level is 29.9%"],
        );
        check(
            Organism::MinimalCell,
            |vm| vm.level = 90.1,
            &["the share of ATP may be larger than needed: its level is 90.1%"],
        );
        check(
            Organism::Syn3a,
            |vm| vm.essential = 399,
            &[
                "some genes that the cell needs are inactive: 399 of 418 are active, of the essential ones 270 of 270",
            ],
        );
        check(Organism::Syn3a, |vm| vm.essential = 400, &[]);
        check(
            Organism::Ecoli,
            |vm| vm.plasmids = 6,
            &["6 plasmids may slow growth down"],
        );
        check(Organism::Ecoli, |vm| vm.plasmids = 5, &[]);
    }
}
