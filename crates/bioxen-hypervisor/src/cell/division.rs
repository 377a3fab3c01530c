//! Division: every molecule goes to one of two daughters; one of them keeps the identity of the cell.

use std::sync::Arc;

use super::Cell;
use super::genes::Genes;
use super::machines::MachineCount;
use super::model::{CellModel, Machine};
use super::pools::Pool;
use super::replication::{Chromosome, Stage};
use crate::genome::GeneKind;
use crate::stochastic::RandomStream;

impl Cell {
    /// Surface has doubled, two chromosomes are finished, and the delay since termination has passed.
    pub(crate) fn ready_to_divide(&self) -> bool {
        let c = &self.model.constants;
        self.chromosome.stage == Stage::Terminated
            && self.geometry.surface_nm2 >= 2.0 * c.surface_birth_nm2
            && self.seconds() >= self.chromosome.terminated_at + c.division_delay_s
    }

    /// Draws the surviving daughter: each count from Binomial(n, 1/2), one chromosome, remainders with the survivor.
    /// What the other daughter takes is booked as an export.
    pub(crate) fn divide(&mut self) {
        let model = Arc::clone(&self.model);
        let before = self.content();
        self.split_chains(&model);
        self.split_products(&model);
        self.split_pools(&model);
        let now = self.seconds();
        self.chromosome = Chromosome::newborn(&model, &mut self.stream, now);
        for (gene, unit) in model.units.iter().enumerate() {
            self.genes.dose[gene] = u32::from(unit.is_expressed());
            self.genes.refresh_promoter(gene, unit);
        }
        self.recount(&model);
        self.grow();
        self.growth.rebase(self.mass());
        self.ledger.exported = self.ledger.exported.plus(before.minus(self.content()));
        self.generation += 1;
        self.divisions.push(self.time());
    }

    /// Machines at work go with their chains. Of two polymerases that hold both copies of a promoter, each chromosome
    /// takes one; a single one goes with either.
    fn split_chains(&mut self, model: &CellModel) {
        let stream = &mut self.stream;
        let held = self.genes.held.clone();
        let mut seen = vec![0_u32; held.len()];
        let mut kept_first = vec![false; held.len()];
        let (_, gone) = self.transcripts.retain(
            |u| model.amounts_rna(u),
            |entry| {
                let gene = entry.unit as usize;
                seen[gene] += 1;
                if held[gene] == 2 && seen[gene] == 2 {
                    return !kept_first[gene];
                }
                kept_first[gene] = stream.coin();
                kept_first[gene]
            },
        );
        for entry in gone {
            self.genes.held[entry.unit as usize] -= 1;
        }
        let (_, gone) = self
            .chains
            .retain(|u| model.amounts_protein(u), |_| stream.coin());
        for entry in gone {
            self.genes.translating[entry.unit as usize] -= 1;
        }
        let (_, gone) = self
            .decays
            .retain(|u| model.amounts_rna(u), |_| stream.coin());
        for entry in gone {
            self.genes.decaying[entry.unit as usize] -= 1;
        }
    }

    fn split_products(&mut self, model: &CellModel) {
        let machines = &model.machines;
        let kinds = [
            (&machines.rnap, &mut self.rnap, self.transcripts.len()),
            (&machines.ribosome, &mut self.ribosomes, self.chains.len()),
            (
                &machines.degradosome,
                &mut self.degradosomes,
                self.decays.len(),
            ),
            (&machines.translocon, &mut self.translocons, 0),
        ];
        // Products inside machines, before and after, by gene.
        let mut inside = vec![0_u32; model.units.len()];
        let mut kept_inside = vec![0_u32; model.units.len()];
        for (machine, count, bound) in kinds {
            let free = narrow(self.stream.half_of(u64::from(count.free())));
            let bound = u32::try_from(bound).expect("machines fit 32 bits");
            let after = MachineCount {
                total: bound + free,
                bound,
            };
            share_parts(
                machine,
                *count,
                after,
                &self.genes,
                &mut inside,
                &mut kept_inside,
                &mut self.stream,
            );
            *count = after;
        }
        for gene in 0..model.units.len() {
            let unit = &model.units[gene];
            let waiting = self.genes.waiting_count[gene];
            let loose = self.genes.products[gene]
                .saturating_sub(waiting)
                .saturating_sub(inside[gene]);
            let kept_waiting = narrow(self.stream.half_of(u64::from(waiting)));
            let kept_loose = narrow(self.stream.half_of(u64::from(loose)));
            self.genes.products[gene] = kept_waiting + kept_loose + kept_inside[gene];
            for _ in kept_waiting..waiting {
                self.genes.take_waiting(gene, unit);
            }
            let free = u64::from(self.genes.free(gene));
            let kept = self.stream.half_of(free);
            self.genes.messages.set(gene, kept);
        }
    }

    fn split_pools(&mut self, model: &CellModel) {
        let trna_before = total_trna(&self.pools);
        let charged = self.pools.get(Pool::ChargedTrna);
        for &pool in Pool::ALL {
            let count = u64::try_from(self.pools.get(pool)).expect("pools are never negative");
            let kept = self.stream.half_of(count);
            self.pools
                .set(pool, i64::try_from(kept).expect("half of an i64"));
        }
        // Charged or free, tRNAs are the products of their genes, which have been drawn already.
        let trna: u32 = (0..model.units.len())
            .filter(|&g| model.units[g].kind == GeneKind::Trna)
            .map(|g| self.genes.products[g])
            .sum();
        let kept = self.stream.hypergeometric(
            u64::try_from(trna_before).expect("never negative"),
            u64::try_from(charged).expect("never negative"),
            u64::from(trna),
        );
        self.pools.set(
            Pool::ChargedTrna,
            i64::try_from(kept).expect("a tRNA count"),
        );
        self.pools.set(
            Pool::FreeTrna,
            i64::from(trna) - i64::try_from(kept).expect("a tRNA count"),
        );
    }

    /// Sums that follow from the counts.
    pub(crate) fn recount(&mut self, model: &CellModel) {
        self.residues = 0;
        self.rna = [0; 4];
        let mut in_membrane = 0;
        for (gene, unit) in model.units.iter().enumerate() {
            self.residues += i64::from(unit.residues) * i64::from(self.genes.products[gene]);
            if unit.in_membrane {
                in_membrane += self.genes.products[gene] - self.genes.waiting_count[gene];
            }
            let transcripts = if unit.is_message() {
                self.genes.transcripts(gene) + self.genes.decaying[gene]
            } else {
                self.genes.products[gene]
            };
            for (sum, n) in self.rna.iter_mut().zip(unit.bases) {
                *sum += i64::from(n) * i64::from(transcripts);
            }
        }
        self.membrane_proteins = in_membrane;
    }
}

/// Books the parts inside the machines of one kind before and after the split. A part that several genes make is
/// taken from them in proportion to their products.
fn share_parts(
    machine: &Machine,
    before: MachineCount,
    after: MachineCount,
    genes: &Genes,
    inside: &mut [u32],
    kept: &mut [u32],
    stream: &mut RandomStream,
) {
    for (copies, makers) in &machine.parts {
        let mut need = u64::from(copies * before.total);
        let mut keep = u64::from(copies * after.total);
        for (n, &gene) in makers.iter().enumerate() {
            let there = u64::from(genes.products[gene] - genes.waiting_count[gene]);
            let others: u64 = makers[n + 1..]
                .iter()
                .map(|&g| u64::from(genes.products[g] - genes.waiting_count[g]))
                .sum();
            let mine = stream
                .hypergeometric(there + others, need, there)
                .min(there);
            let mine_kept = if need > 0 {
                stream.hypergeometric(need, keep, mine)
            } else {
                0
            };
            inside[gene] += narrow(mine);
            kept[gene] += narrow(mine_kept);
            need -= mine;
            keep -= mine_kept;
        }
    }
}

fn total_trna(pools: &super::pools::Pools) -> i64 {
    pools.get(Pool::ChargedTrna) + pools.get(Pool::FreeTrna)
}

fn narrow(n: u64) -> u32 {
    u32::try_from(n).expect("a part of a 32-bit count")
}
