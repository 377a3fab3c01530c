//! The chromosome: origin firing, forks, gene dose.

use serde::{Deserialize, Serialize};

use super::Cell;
use super::ledger::Cause;
use super::model::CellModel;
use super::numbers::{count, signed_real};
use super::pools::{Base, Pool, Reaction};
use crate::stochastic::RandomStream;

/// One chromosome at birth, two after a finished round; the second is copied by two forks from the origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chromosome {
    /// Simulated second at which the origin fires; no meaning once it has.
    pub(crate) fires_at: f64,
    pub(crate) stage: Stage,
    /// Base pairs copied by both forks together.
    pub(crate) copied_bp: u32,
    /// Way of each fork below one base pair.
    pub(crate) fraction: f64,
    /// Genes passed by a fork, in the order of distance.
    pub(crate) genes_passed: u32,
    pub(crate) terminated_at: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// One finished chromosome; the origin has not fired since birth.
    Waiting,
    Replicating,
    /// Two finished chromosomes; the origins stay silent until division.
    Terminated,
}

impl Chromosome {
    /// R1: a newborn's origin fires after a gamma-distributed wait.
    pub(crate) fn newborn(model: &CellModel, stream: &mut RandomStream, now: f64) -> Self {
        let c = &model.constants;
        Self {
            fires_at: now + stream.gamma(c.initiation_shape, c.initiation_s),
            stage: Stage::Waiting,
            copied_bp: 0,
            fraction: 0.0,
            genes_passed: 0,
            terminated_at: 0.0,
        }
    }

    /// Base pairs in the cell.
    pub(crate) fn dna_bp(&self, model: &CellModel) -> u64 {
        u64::from(model.chromosome.length_bp) + u64::from(self.copied_bp)
    }

    /// Bases in DNA, both strands, in the order of [`Base::ALL`] with T as U.
    pub(crate) fn bases(&self, model: &CellModel) -> [i64; 4] {
        let all = model.chromosome.length_bp;
        let at = i64::from(model.chromosome.at_bp) + i64::from(at_of(self.copied_bp, model));
        let gc = i64::from(all) + i64::from(self.copied_bp) - at;
        let mut bases = [0; 4];
        for base in Base::ALL {
            bases[base.index()] = if matches!(base, Base::Adenine | Base::Uracil) {
                at
            } else {
                gc
            };
        }
        bases
    }
}

/// A-T pairs among the first `bp` copied: the mean share, so that a whole round copies exactly the A-T of a chromosome.
fn at_of(bp: u32, model: &CellModel) -> u32 {
    let at =
        u64::from(bp) * u64::from(model.chromosome.at_bp) / u64::from(model.chromosome.length_bp);
    u32::try_from(at).expect("a part of the chromosome")
}

impl Cell {
    /// R2: forks move at 100 bp/s × saturation with dNTP, as far as dNTP and ATP allow; genes that are passed double.
    pub(crate) fn replicate(&mut self, span: f64) {
        let now = self.seconds() + span;
        if self.chromosome.stage == Stage::Waiting && now >= self.chromosome.fires_at {
            self.chromosome.stage = Stage::Replicating;
        }
        if self.chromosome.stage != Stage::Replicating {
            return;
        }
        let model = std::sync::Arc::clone(&self.model);
        let c = &model.constants;
        let mut drag = 1.0;
        for base in Base::ALL {
            let at = matches!(base, Base::Adenine | Base::Uracil);
            let at_share =
                f64::from(model.chromosome.at_bp) / f64::from(model.chromosome.length_bp);
            let share = 0.5 * if at { at_share } else { 1.0 - at_share };
            drag += share * c.fork_kd_dntp / f64::max(self.millimolar(base.dntp()), 1e-12);
        }
        let way = 2.0 * c.fork_speed / drag * span + self.chromosome.fraction;
        let wanted = libm::floor(way);
        let left = model.chromosome.length_bp - self.chromosome.copied_bp;
        let bp = count(wanted).min(left).min(self.copyable_bp());
        // A fork that waits for building blocks does not save up the way it could have gone.
        self.chromosome.fraction = if f64::from(bp) < wanted {
            0.0
        } else {
            way - wanted
        };
        self.copy(bp, &model);
        if self.chromosome.copied_bp == model.chromosome.length_bp {
            self.chromosome.stage = Stage::Terminated;
            self.chromosome.terminated_at = now;
        }
    }

    /// Base pairs for which there are building blocks and ATP: at most 0.8 of the scarcest pool.
    fn copyable_bp(&self) -> u32 {
        [Pool::Datp, Pool::Dttp, Pool::Dgtp, Pool::Dctp, Pool::Atp]
            .into_iter()
            .map(|pool| count(0.8 * signed_real(self.pools.get(pool)) - 0.5))
            .min()
            .unwrap_or(0)
    }

    fn copy(&mut self, bp: u32, model: &CellModel) {
        let before = self.chromosome.copied_bp;
        let after = before + bp;
        self.chromosome.copied_bp = after;
        let at = i64::from(at_of(after, model) - at_of(before, model));
        let gc = i64::from(bp) - at;
        self.ledger.post(
            &mut self.pools,
            Reaction::ReplicationAt,
            at,
            Cause::Replication,
        );
        self.ledger.post(
            &mut self.pools,
            Reaction::ReplicationGc,
            gc,
            Cause::Replication,
        );
        self.ledger.post(
            &mut self.pools,
            Reaction::AtpHydrolysis,
            i64::from(bp),
            Cause::Replication,
        );
        // Each fork has gone half of the way.
        let reach = after.div_ceil(2);
        while let Some(&(distance, gene)) = model
            .chromosome
            .order
            .get(self.chromosome.genes_passed as usize)
        {
            let done = after == model.chromosome.length_bp;
            if distance > reach && !done {
                break;
            }
            self.chromosome.genes_passed += 1;
            if model.units[gene].is_expressed() {
                self.genes.dose[gene] *= 2;
                self.genes.refresh_promoter(gene, &model.units[gene]);
            }
        }
    }
}
