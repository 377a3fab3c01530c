//! The chromosome: origin firing, forks, gene dose.
//!
//! A cell has one chromosome and the rounds of replication that are under way on it. All origins of a cell fire at
//! once, so a round that fires while older ones run has twice as many origins as the one before it (Cooper &
//! Helmstetter 1968, doi 10.1016/0022-2836(68)90425-7).

use serde::{Deserialize, Serialize};

use super::Cell;
use super::ledger::Cause;
use super::mechanism::Initiation;
use super::model::{CellModel, size};
use super::numbers::{count, signed_real};
use super::pools::{Base, Pool, Reaction};
use crate::stochastic::RandomStream;

/// More rounds than any cell has under way: 256 origins.
pub(super) const MOST_ROUNDS: usize = 8;

/// One chromosome and the rounds that copy it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chromosome {
    /// Simulated second at which the origin fires, where it waits from birth on; no meaning once it has.
    pub(crate) fires_at: f64,
    /// Rounds since the chromosome was finished, the oldest first.
    pub(crate) rounds: Vec<Round>,
}

/// One round of replication: every origin of the cell, each with two forks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Round {
    /// Origins that fired: chromosomes that are copied in step.
    pub(crate) origins: u32,
    /// Base pairs copied by the two forks of one origin.
    pub(crate) copied_bp: u32,
    /// Way of each fork below one base pair.
    pub(crate) fraction: f64,
    /// Units passed by a fork, in the order of distance.
    pub(crate) units_passed: u32,
    pub(crate) fired_at: f64,
    /// Simulated second of termination; no meaning before.
    pub(crate) terminated_at: f64,
}

/// Share of a pool that replication may take in one step.
pub(super) const COPYABLE: f64 = 0.8;

impl Round {
    fn new(origins: u32, fired_at: f64) -> Self {
        Self {
            origins,
            copied_bp: 0,
            fraction: 0.0,
            units_passed: 0,
            fired_at,
            terminated_at: 0.0,
        }
    }

    /// Units that the forks have passed, in the order of distance.
    pub(crate) fn reached(&self, model: &CellModel) -> usize {
        let order = &model.chromosome.order;
        // Each fork has gone half of the way.
        let reach = self.copied_bp.div_ceil(2);
        let done = self.is_finished(model);
        order.partition_point(|(distance, _)| done || *distance <= reach)
    }

    pub(crate) fn is_finished(&self, model: &CellModel) -> bool {
        self.copied_bp == model.chromosome.length_bp
    }
}

impl Chromosome {
    /// R1: where the origin waits from birth on, it fires after a gamma-distributed time.
    pub(crate) fn newborn(model: &CellModel, stream: &mut RandomStream, now: f64) -> Self {
        let c = &model.constants;
        Self {
            fires_at: match model.mechanisms.initiation {
                Initiation::AfterBirth => now + stream.gamma(c.initiation_shape, c.initiation_s),
                Initiation::VolumePerOrigin { .. } => 0.0,
            },
            rounds: Vec::new(),
        }
    }

    /// The chromosome of the first cell of a lineage, with the rounds that are under way in it.
    pub(crate) fn first(model: &CellModel, stream: &mut RandomStream) -> Self {
        let mut origins = 1;
        let rounds = model.rounds_at_birth.iter().map(|born| {
            let mut round = Round {
                copied_bp: born.copied_bp,
                terminated_at: -born.terminated_ago_s,
                ..Round::new(origins, 0.0)
            };
            round.units_passed = count(size(round.reached(model)));
            origins *= 2;
            round
        });
        Self {
            rounds: rounds.collect(),
            ..Self::newborn(model, stream, 0.0)
        }
    }

    /// Copies of a unit, by its rank in the order in which forks pass.
    pub(crate) fn copies(&self, rank: usize) -> u32 {
        let passed = self
            .rounds
            .iter()
            .filter(|round| round.units_passed as usize > rank)
            .count();
        1 << passed
    }

    /// Each unit of the chromosome with the copies of its promoter, in the order in which forks pass.
    pub(crate) fn doses<'m>(
        &self,
        model: &'m CellModel,
    ) -> impl Iterator<Item = (usize, u32)> + use<'_, 'm> {
        let order = model.chromosome.order.iter().enumerate();
        order.map(|(rank, &(_, unit))| {
            let copies = self.copies(rank) * u32::from(model.units[unit].expressed);
            (unit, copies)
        })
    }

    /// The chromosome of one daughter: the oldest round is finished, and of each younger one it has half of the origins.
    pub(crate) fn halved(&self, model: &CellModel, stream: &mut RandomStream, now: f64) -> Self {
        let mut rounds = self.rounds[1..].to_vec();
        for round in &mut rounds {
            round.origins /= 2;
        }
        Self {
            rounds,
            ..Self::newborn(model, stream, now)
        }
    }

    /// Origins in the cell.
    pub(crate) fn origins(&self) -> u32 {
        self.rounds.last().map_or(1, |round| 2 * round.origins)
    }

    /// The round that the next division waits for, once its forks have met.
    pub(crate) fn finished(&self, model: &CellModel) -> Option<&Round> {
        self.rounds.first().filter(|round| round.is_finished(model))
    }

    /// Base pairs in the cell.
    pub(crate) fn dna_bp(&self, model: &CellModel) -> u64 {
        u64::from(model.chromosome.length_bp)
            + self
                .rounds
                .iter()
                .map(|r| u64::from(r.origins) * u64::from(r.copied_bp))
                .sum::<u64>()
    }

    /// Bases in DNA, both strands, in the order of [`Base::ALL`] with T as U.
    pub(crate) fn bases(&self, model: &CellModel) -> [i64; 4] {
        let mut at = i64::from(model.chromosome.at_bp);
        let mut all = i64::from(model.chromosome.length_bp);
        for round in &self.rounds {
            at += i64::from(round.origins) * i64::from(at_of(round.copied_bp, model));
            all += i64::from(round.origins) * i64::from(round.copied_bp);
        }
        bases_of_pairs((at, all - at))
    }
}

/// Bases of A-T and G-C pairs, both strands, in the order of [`Base::ALL`] with T as U.
pub(super) fn bases_of_pairs((at, gc): (i64, i64)) -> [i64; 4] {
    Base::ALL.map(|base| match base {
        Base::Adenine | Base::Uracil => at,
        Base::Guanine | Base::Cytosine => gc,
    })
}

/// A-T pairs among the first `bp` copied: the mean share, so that a whole round copies exactly the A-T of a chromosome.
fn at_of(bp: u32, model: &CellModel) -> u32 {
    let at =
        u64::from(bp) * u64::from(model.chromosome.at_bp) / u64::from(model.chromosome.length_bp);
    u32::try_from(at).expect("a part of the chromosome")
}

impl Cell {
    /// R1 and R2: origins fire, and forks move as far as dNTP and ATP allow; units that are passed double.
    pub(crate) fn replicate(&mut self, span: f64) {
        let now = self.seconds() + span;
        if self.origins_fire(now) {
            let round = Round::new(self.chromosome.origins(), now);
            self.chromosome.rounds.push(round);
        }
        for index in 0..self.chromosome.rounds.len() {
            if !self.chromosome.rounds[index].is_finished(&self.model) {
                self.move_forks(index, span, now);
            }
        }
    }

    fn origins_fire(&self, now: f64) -> bool {
        match self.model.mechanisms.initiation {
            // Both origins of a finished round stay silent until division.
            Initiation::AfterBirth => {
                self.chromosome.rounds.is_empty() && now >= self.chromosome.fires_at
            }
            Initiation::VolumePerOrigin { al } => {
                self.chromosome.rounds.len() < MOST_ROUNDS
                    && self.geometry.volume_al >= al * f64::from(self.chromosome.origins())
            }
        }
    }

    fn move_forks(&mut self, index: usize, span: f64, now: f64) {
        let model = std::sync::Arc::clone(&self.model);
        let mut round = self.chromosome.rounds[index];
        let speed =
            model.fork_speed(&self.pools, self.geometry.volume_al) * self.slowed(|of| of.fork_half);
        let way = 2.0 * speed * span + round.fraction;
        let wanted = libm::floor(way);
        let left = model.chromosome.length_bp - round.copied_bp;
        let bp = count(wanted)
            .min(left)
            .min(self.copyable_bp() / round.origins);
        // A fork that waits for building blocks does not save up the way it could have gone.
        round.fraction = if f64::from(bp) < wanted {
            0.0
        } else {
            way - wanted
        };
        self.copy(&mut round, bp, &model);
        if round.is_finished(&model) {
            round.terminated_at = now;
        }
        self.chromosome.rounds[index] = round;
    }

    /// Base pairs for which there are building blocks and ATP: at most 0.8 of the scarcest pool.
    pub(super) fn copyable_bp(&self) -> u32 {
        [Pool::Datp, Pool::Dttp, Pool::Dgtp, Pool::Dctp, Pool::Atp]
            .into_iter()
            .map(|pool| count(COPYABLE * signed_real(self.pools.get(pool)) - 0.5))
            .min()
            .unwrap_or(0)
    }

    /// Takes the building blocks and the ATP for so many copies of A-T and G-C pairs.
    pub(super) fn post_replication(&mut self, copies: u32, (at, gc): (i64, i64)) {
        let takes = [
            (Reaction::ReplicationAt, at),
            (Reaction::ReplicationGc, gc),
            (Reaction::AtpHydrolysis, at + gc),
        ];
        for (reaction, each) in takes {
            let extent = i64::from(copies) * each;
            self.ledger
                .post(&mut self.pools, reaction, extent, Cause::Replication);
        }
    }

    fn copy(&mut self, round: &mut Round, bp: u32, model: &CellModel) {
        let before = round.copied_bp;
        let after = before + bp;
        round.copied_bp = after;
        let at = i64::from(at_of(after, model) - at_of(before, model));
        let gc = i64::from(bp) - at;
        self.post_replication(round.origins, (at, gc));
        let passed = round.reached(model);
        for &(_, unit) in &model.chromosome.order[round.units_passed as usize..passed] {
            if model.units[unit].expressed {
                self.genes.dose[unit] *= 2;
                self.genes.refresh_promoter(unit, model);
            }
        }
        round.units_passed = count(size(passed));
    }
}
