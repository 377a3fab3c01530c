//! Machines: polymerases, ribosomes, degradosomes, translocons, and their assembly from gene products.

use serde::{Deserialize, Serialize};

use super::Cell;
use super::genes::Genes;
use super::model::Machine;

/// How many machines of a kind exist and how many are at work. The total changes only by assembly and division.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MachineCount {
    pub(crate) total: u32,
    pub(crate) bound: u32,
}

impl MachineCount {
    pub(crate) fn idle(total: u32) -> Self {
        Self { total, bound: 0 }
    }

    pub(crate) fn free(self) -> u32 {
        self.total - self.bound
    }
}

/// Copies of each part of `machine` that are in no machine, given that `total` of them are assembled.
pub(crate) fn free_parts(
    machine: &Machine,
    total: u32,
    genes: &Genes,
) -> impl Iterator<Item = u32> {
    machine.parts.iter().map(move |(copies, makers)| {
        let there: u32 = makers
            .iter()
            .map(|&g| genes.products[g] - genes.waiting_count[g])
            .sum();
        there.saturating_sub(copies * total) / copies
    })
}

/// C1: as many new machines as the scarcest free part allows.
fn assembled(machine: &Machine, count: MachineCount, genes: &Genes) -> u32 {
    free_parts(machine, count.total, genes).min().unwrap_or(0)
}

impl Cell {
    /// Gene products inside machines, by gene; a part that several genes make is counted for the first of them.
    pub(crate) fn parts_inside(&self) -> Vec<u32> {
        let machines = &self.model.machines;
        let mut inside = vec![0; self.model.products.len()];
        for (machine, count) in [
            (&machines.rnap, self.rnap),
            (&machines.ribosome, self.ribosomes),
            (&machines.degradosome, self.degradosomes),
            (&machines.translocon, self.translocons),
        ] {
            for (copies, makers) in &machine.parts {
                inside[makers[0]] += copies * count.total;
            }
        }
        inside
    }

    /// Assembles machines from free parts, at the end of a coupling step.
    pub(crate) fn assemble(&mut self) {
        let machines = &self.model.machines;
        self.rnap.total += assembled(&machines.rnap, self.rnap, &self.genes);
        self.ribosomes.total += assembled(&machines.ribosome, self.ribosomes, &self.genes);
        self.translocons.total += assembled(&machines.translocon, self.translocons, &self.genes);
        let made = assembled(&machines.degradosome, self.degradosomes, &self.genes);
        self.degradosomes.total += if self.degradosomes_follow_surface {
            self.anchored()
        } else {
            made
        };
    }

    /// Degradosomes that the membrane can still take: their density at birth is kept while the surface grows, as far as
    /// there is RNase Y in the membrane to anchor them and each copy of another subunit serves at most
    /// `degradosome_sharing` of them.
    fn anchored(&self) -> u32 {
        let machine = &self.model.machines.degradosome;
        let growth = self.geometry.surface_nm2 / self.model.constants.surface_birth_nm2;
        let room = super::numbers::count(f64::from(machine.at_birth) * growth);
        let sharing = self.model.constants.degradosome_sharing;
        let carried = machine
            .parts
            .iter()
            .flat_map(|(_, makers)| makers)
            .map(|&gene| {
                let there = self.genes.products[gene] - self.genes.waiting_count[gene];
                let anchor = self.model.products[gene].in_membrane;
                if anchor { there } else { there * sharing }
            });
        let most = carried.min().unwrap_or(room);
        room.min(most).saturating_sub(self.degradosomes.total)
    }
}
