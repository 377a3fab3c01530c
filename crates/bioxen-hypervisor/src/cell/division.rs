//! Division: every molecule goes to one of two daughters; one of them keeps the identity of the cell.

use std::sync::Arc;

use super::Cell;
use super::genes::Genes;
use super::machines::MachineCount;
use super::mechanism::{Envelope, Loading, Promoters, Turnover};
use super::model::{CellModel, Machine, Product};
use super::pools::Pool;
use crate::genome::GeneKind;
use crate::stochastic::RandomStream;

impl Cell {
    /// Two chromosomes are finished, the delay since termination has passed, and the envelope is large enough.
    pub(crate) fn ready_to_divide(&self) -> bool {
        let c = &self.model.constants;
        if self.phase.is_some_and(|phase| phase.stationary) {
            return false;
        }
        self.chromosome
            .finished(&self.model)
            .is_some_and(|round| self.seconds() >= round.terminated_at + c.division_delay_s)
            && match self.model.mechanisms.envelope {
                Envelope::Membrane => self.geometry.surface_nm2 >= 2.0 * c.surface_birth_nm2,
                Envelope::DryMass(_) => true,
            }
    }

    /// Draws the surviving daughter: each count from Binomial(n, 1/2), one chromosome, remainders with the survivor.
    /// What the other daughter takes is booked as an export.
    pub(crate) fn divide(&mut self) {
        let model = Arc::clone(&self.model);
        let before = self.content();
        self.split_chains(&model);
        self.split_products(&model);
        self.split_pools(&model);
        if self.reserve > 0 {
            let units = u64::try_from(self.reserve).expect("positive");
            self.reserve = i64::try_from(self.stream.half_of(units)).expect("half of an i64");
        }
        let now = self.seconds();
        self.chromosome = self.chromosome.halved(&model, &mut self.stream, now);
        for unit in 0..model.units.len() {
            self.genes.dose[unit] /= 2;
            self.genes.refresh_promoter(unit, &model);
        }
        self.split_plasmids(&model);
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
        let both_held = |unit: usize| {
            model.mechanisms.promoters == Promoters::Held
                && model.units[unit].plasmid.is_none()
                && held[unit] == 2
        };
        let (_, gone) = self.transcripts.retain(
            |u| model.amounts_transcript(u),
            |entry| {
                let unit = entry.unit as usize;
                seen[unit] += 1;
                if both_held(unit) && seen[unit] == 2 {
                    return !kept_first[unit];
                }
                kept_first[unit] = stream.coin();
                kept_first[unit]
            },
        );
        for entry in gone {
            self.genes.held[entry.unit as usize] -= 1;
        }
        let (_, gone) = self
            .chains
            .retain(|g| model.amounts_protein(g), |_| stream.coin());
        for entry in gone {
            self.genes.translating[entry.unit as usize] -= 1;
        }
        let (_, gone) = self
            .decays
            .retain(|u| model.amounts_message(u), |_| stream.coin());
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
                match model.mechanisms.turnover {
                    Turnover::Degradosomes => self.decays.len(),
                    Turnover::FirstOrder => 0,
                },
            ),
            (&machines.translocon, &mut self.translocons, 0),
        ];
        // Products inside machines, before and after, by gene.
        let mut inside = vec![0_u32; model.products.len()];
        let mut kept_inside = vec![0_u32; model.products.len()];
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
        for (index, unit) in model.units.iter().enumerate() {
            for &gene in &unit.genes {
                self.split_product(gene, inside[gene], kept_inside[gene], &model.products[gene]);
            }
            let free = u64::from(self.genes.free[index]);
            self.genes.free[index] = narrow(self.stream.half_of(free));
            self.genes.refresh_messages(index, model);
        }
    }

    fn split_product(&mut self, gene: usize, inside: u32, kept_inside: u32, product: &Product) {
        let waiting = self.genes.waiting_count[gene];
        let loose = self.genes.products[gene]
            .saturating_sub(waiting)
            .saturating_sub(inside);
        let kept_waiting = narrow(self.stream.half_of(u64::from(waiting)));
        let kept_loose = narrow(self.stream.half_of(u64::from(loose)));
        let before = self.genes.products[gene];
        self.genes.products[gene] = kept_waiting + kept_loose + kept_inside;
        self.split_young(gene, before);
        for _ in kept_waiting..waiting {
            self.genes.take_waiting(gene, product);
        }
    }

    /// Of the copies that are kept as many are young as chance has it.
    fn split_young(&mut self, gene: usize, before: u32) {
        let Some(young) = self.genes.immature.get(gene).copied() else {
            return;
        };
        if young > 0 {
            let kept = self.genes.products[gene];
            let stay =
                self.stream
                    .hypergeometric(u64::from(before), u64::from(young), u64::from(kept));
            self.genes.immature[gene] = narrow(stay);
        }
        self.genes.refresh_fate(gene, &self.model);
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
        let trna: u32 = (0..model.products.len())
            .filter(|&g| model.products[g].kind == GeneKind::Trna)
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
        let mut add = |bases: [u32; 4], copies: u32| {
            for (sum, n) in self.rna.iter_mut().zip(bases) {
                *sum += i64::from(n) * i64::from(copies);
            }
        };
        for (index, unit) in model.units.iter().enumerate() {
            let mut messages = self.genes.free[index] + self.genes.decaying[index];
            for &gene in &unit.genes {
                let product = &model.products[gene];
                self.residues += i64::from(product.residues) * i64::from(self.genes.products[gene]);
                if product.in_membrane {
                    in_membrane += self.genes.products[gene] - self.genes.waiting_count[gene];
                }
                if !product.is_message() {
                    add(product.bases, self.genes.products[gene]);
                } else if model.mechanisms.loading == Loading::One {
                    messages += self.genes.translating[gene];
                }
            }
            add(unit.message_bases, if unit.message { messages } else { 0 });
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
