//! Gene expression: the exact stochastic simulation of one coupling step.
//!
//! Initiations are events of a direct-method simulation (Gillespie 1977, doi 10.1021/j100540a008) over four classes,
//! each a shared machine count times the summed integer weights of its units. Elongation is not an event: see
//! [`Chains`]. Inside a step speeds are fixed, clocks are linear in time, and the next event is the earlier of the
//! exponential draw and the head of a queue. A draw that comes after it is discarded, which is exact because the
//! exponential law has no memory.

mod proteins;

use std::sync::Arc;

use super::Cell;
use super::ledger::Cause;
use super::mechanism::{Polymerase, Turnover};
use super::model::{CellModel, WEIGHT, ticks};
use super::numbers::{cut_count, real};
use super::pools::{Base, Pool, Reaction};
use crate::genome::GeneKind;
use crate::stochastic::{Chains, TICKS_PER_SECOND};

/// Rates and speeds of one step, fixed while it runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepRates {
    /// T1 per free polymerase and unit of promoter weight, 1/s.
    pub(crate) promoter: f64,
    /// L1 per free ribosome and free transcript, 1/s.
    pub(crate) ribosome: f64,
    /// D1 per free degradosome and free transcript, 1/s.
    pub(crate) degradosome: f64,
    /// Speed factors of the residue, nucleotide and decay clocks, 0 to 1.
    pub(crate) translation_speed: f64,
    pub(crate) transcription_speed: f64,
    pub(crate) decay_speed: f64,
    /// Ribosomes that may translate at once, and idle ones that are put away.
    pub(crate) ribosome_cap: u32,
    pub(crate) hibernating: u32,
}

/// Whole monomers, or ATP, that each process may take within the step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepBudget {
    pub(crate) residues: [i64; 1],
    pub(crate) bases: [i64; 4],
    pub(crate) decay_bases: [i64; 4],
    pub(crate) insertion_atp: i64,
    pub(crate) degradation_atp: i64,
}

/// Events by class since the cell was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct EventCounts {
    pub(crate) transcription_started: u64,
    pub(crate) transcription_finished: u64,
    pub(crate) translation_started: u64,
    pub(crate) translation_finished: u64,
    pub(crate) decay_started: u64,
    pub(crate) decay_finished: u64,
    pub(crate) inserted: u64,
    pub(crate) protein_degraded: u64,
    /// Of the transcripts finished, those that are messages.
    pub(crate) mrna_made: u64,
}

/// Propensities of the classes, 1/s.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Propensities {
    pub(crate) transcription: f64,
    pub(crate) translation: f64,
    pub(crate) decay: f64,
    pub(crate) insertion: f64,
    pub(crate) protein_decay: f64,
    /// Degradation by a tag, and maturation.
    pub(crate) tagged: f64,
    pub(crate) maturation: f64,
}

impl Propensities {
    pub(crate) fn total(&self) -> f64 {
        self.transcription
            + self.translation
            + self.decay
            + self.insertion
            + self.protein_decay
            + self.tagged
            + self.maturation
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    Translation,
    Transcription,
    Decay,
}

/// Clock values at the start of a step and ticks per second in it: time on each clock is linear.
struct Clocks {
    translation: (u64, f64),
    transcription: (u64, f64),
    decay: (u64, f64),
}

impl Cell {
    /// Runs gene expression for `span` seconds. Whole monomers taken are left in the chains for the ledger to collect.
    pub(crate) fn express(&mut self, span: f64, rates: &StepRates, budget: &StepBudget) {
        let clocks = self.open_clocks(span, rates, budget);
        self.insertion_budget = budget.insertion_atp;
        self.degradation_budget = budget.degradation_atp;
        let mut now = 0.0;
        loop {
            let propensities = self.propensities(rates);
            let total = propensities.total();
            let draw = if total > 0.0 {
                now + self.stream.exponential() / total
            } else {
                f64::INFINITY
            };
            let completion = self.next_completion(&clocks, span);
            match completion {
                Some((time, clock)) if time <= draw => {
                    now = f64::max(now, time);
                    self.complete(clock, now);
                }
                _ if draw < span => {
                    now = draw;
                    self.fire(now, &propensities, &clocks);
                }
                _ => break,
            }
        }
        self.transcripts.advance_to(u64::MAX);
        self.chains.advance_to(u64::MAX);
        self.decays.advance_to(u64::MAX);
    }

    fn open_clocks(&mut self, span: f64, rates: &StepRates, budget: &StepBudget) -> Clocks {
        let per_second = |speed: f64| speed * TICKS_PER_SECOND;
        let ticks = |speed: f64| cut_count(per_second(speed) * span);
        let clocks = Clocks {
            translation: (self.chains.clock(), per_second(rates.translation_speed)),
            transcription: (
                self.transcripts.clock(),
                per_second(rates.transcription_speed),
            ),
            decay: (self.decays.clock(), per_second(rates.decay_speed)),
        };
        self.chains
            .open(ticks(rates.translation_speed), budget.residues);
        self.transcripts
            .open(ticks(rates.transcription_speed), budget.bases);
        self.decays
            .open(ticks(rates.decay_speed), budget.decay_bases);
        clocks
    }

    /// Propensities of the present state. Each is a product of integers and a fixed factor, so none can drift.
    pub(crate) fn propensities(&self, rates: &StepRates) -> Propensities {
        let messages = real(self.genes.messages.total());
        let open = self.ribosomes.bound < rates.ribosome_cap;
        let insertion = if self.insertion_budget >= self.model.longest_insertion {
            // Waiting copies share the translocons: no more can move at once than there are.
            let waiting = real(self.genes.waiting_total);
            let share = if waiting > 0.0 {
                f64::min(1.0, f64::from(self.translocons.total) / waiting)
            } else {
                0.0
            };
            real(self.genes.waiting.total()) / WEIGHT * share
        } else {
            0.0
        };
        Propensities {
            transcription: rates.promoter
                * real(self.genes.promoters.total())
                * f64::from(self.rnap.free()),
            translation: if open {
                let ready = self.ribosomes.free().saturating_sub(rates.hibernating);
                rates.ribosome * messages * f64::from(ready)
            } else {
                0.0
            },
            decay: match self.model.mechanisms.turnover {
                Turnover::Degradosomes => {
                    rates.degradosome * messages * f64::from(self.degradosomes.free())
                }
                Turnover::FirstOrder => real(self.genes.turnover.total()) / WEIGHT,
            },
            insertion,
            protein_decay: self.protein_decay_propensity(),
            tagged: if self.degradation_budget >= self.model.longest_protein {
                real(self.genes.tagged.total()) / WEIGHT
            } else {
                0.0
            },
            maturation: real(self.genes.maturing.total()) / WEIGHT,
        }
    }

    fn next_completion(&self, clocks: &Clocks, span: f64) -> Option<(f64, Clock)> {
        let mut first: Option<(f64, Clock)> = None;
        let heads = [
            (
                self.chains.next_completion(),
                clocks.translation,
                Clock::Translation,
            ),
            (
                self.transcripts.next_completion(),
                clocks.transcription,
                Clock::Transcription,
            ),
            (self.decays.next_completion(), clocks.decay, Clock::Decay),
        ];
        for (key, (start, per_second), clock) in heads {
            let Some(key) = key else { continue };
            let time = f64::min(real(key.saturating_sub(start)) / per_second, span);
            if first.is_none_or(|(best, _)| time < best) {
                first = Some((time, clock));
            }
        }
        first
    }

    fn fire(&mut self, now: f64, propensities: &Propensities, clocks: &Clocks) {
        let mut point = self.stream.uniform() * propensities.total();
        let mut take = |share: f64| {
            let inside = point < share;
            point -= share;
            inside
        };
        if take(propensities.translation) {
            advance(&mut self.chains, clocks.translation, now);
            self.start_translation();
        } else if take(propensities.decay) {
            advance(&mut self.decays, clocks.decay, now);
            self.start_decay();
        } else if take(propensities.transcription) {
            advance(&mut self.transcripts, clocks.transcription, now);
            self.start_transcript();
        } else if take(propensities.insertion) {
            self.insert_protein();
        } else if take(propensities.tagged) {
            self.degrade_tagged();
        } else if take(propensities.maturation) {
            self.mature_protein();
        } else if propensities.protein_decay > 0.0 {
            self.degrade_protein();
        }
        // What remains is a rounding error of the sum, of probability below 1e-15: the draw then makes no event.
    }

    /// T1: a polymerase binds a promoter.
    fn start_transcript(&mut self) {
        let unit = self.pick(|g| &g.promoters);
        let of = &self.model.units[unit];
        let ticks = ticks(f64::from(of.length_nt()) / self.polymerase_speed(unit));
        let bases = of.bases;
        self.genes.held[unit] += 1;
        self.genes.refresh_promoter(unit, &self.model);
        self.rnap.bound += 1;
        let ticks = self.chain_ticks(ticks);
        self.transcripts.start(index(unit), ticks, bases);
        self.events.transcription_started += 1;
    }

    /// Speed of RNA polymerase on a unit, nt/s.
    pub(crate) fn polymerase_speed(&self, unit: usize) -> f64 {
        let model = &self.model;
        let stable = model.constants.rnap_speed_stable;
        if !model.units[unit].message {
            return stable;
        }
        match (model.mechanisms.polymerase, &model.regulation) {
            (Polymerase::ByPpgpp, Some(of)) => {
                of.message_speed * self.slowed(|of| of.message_speed_half)
            }
            _ => {
                let strength = model.units[unit].strength * self.genes.multiplier(unit, model);
                (20.0 * strength).clamp(10.0, stable)
            }
        }
    }

    /// L1: a ribosome binds a message.
    fn start_translation(&mut self) {
        let gene = self.pick(|g| &g.messages);
        self.genes.begin_translation(gene, &self.model);
        self.ribosomes.bound += 1;
        let product = &self.model.products[gene];
        let (ticks, residues) = (product.translation_ticks, product.residues);
        let ticks = self.chain_ticks(ticks);
        self.chains.start(index(gene), ticks, [residues]);
        self.events.translation_started += 1;
    }

    /// D1: a message begins to decay.
    fn start_decay(&mut self) {
        let unit = match self.model.mechanisms.turnover {
            Turnover::Degradosomes => {
                self.degradosomes.bound += 1;
                let gene = self.pick(|g| &g.messages);
                self.model.products[gene].unit
            }
            Turnover::FirstOrder => self.pick(|g| &g.turnover),
        };
        self.genes.begin_decay(unit, &self.model);
        let of = &self.model.units[unit];
        let (ticks, bases) = (of.decay_ticks, of.message_bases);
        let ticks = self.chain_ticks(ticks);
        self.decays.start(index(unit), ticks, bases);
        self.events.decay_started += 1;
    }

    fn complete(&mut self, clock: Clock, now: f64) {
        let model = Arc::clone(&self.model);
        match clock {
            Clock::Translation => {
                let gene = self.chains.finish(|g| model.amounts_protein(g)).unit as usize;
                self.genes.end_translation(gene, &model);
                self.ribosomes.bound -= 1;
                self.add_product(gene, now, &model);
                let product = &model.products[gene];
                self.residues += i64::from(product.residues);
                if product.exported {
                    self.genes.add_waiting(gene, product);
                }
                self.events.translation_finished += 1;
            }
            Clock::Transcription => {
                let unit = self
                    .transcripts
                    .finish(|u| model.amounts_transcript(u))
                    .unit as usize;
                self.rnap.bound -= 1;
                self.events.transcription_finished += 1;
                self.finish_transcript(unit, now, &model);
            }
            Clock::Decay => {
                let unit = self.decays.finish(|u| model.amounts_message(u)).unit as usize;
                self.genes.decaying[unit] -= 1;
                if model.mechanisms.turnover == Turnover::Degradosomes {
                    self.degradosomes.bound -= 1;
                }
                for (sum, n) in self.rna.iter_mut().zip(model.units[unit].message_bases) {
                    *sum -= i64::from(n);
                }
                self.events.decay_finished += 1;
            }
        }
    }

    /// A transcript is cut into its stable RNAs and the message that is left.
    fn finish_transcript(&mut self, unit: usize, now: f64, model: &CellModel) {
        let of = &model.units[unit];
        self.genes.held[unit] -= 1;
        self.genes.refresh_promoter(unit, model);
        for (sum, n) in self.rna.iter_mut().zip(of.bases) {
            *sum += i64::from(n);
        }
        let time = self.seconds() + now;
        if let Some(at) = self.genes.transcribed_at.get_mut(unit) {
            *at = time;
        }
        if of.message {
            self.genes.add_message(unit, model);
            self.events.mrna_made += 1;
        }
        for &gene in &of.genes {
            match model.products[gene].kind {
                GeneKind::Cds => continue,
                // A gene that is alone was transcribed before it was knocked out: its promoter is silent.
                _ if of.genes.len() > 1 && self.genes.knocked_out[gene] => {
                    self.lose_rna(model.products[gene].bases);
                    continue;
                }
                GeneKind::Trna => self.pools.add(Pool::FreeTrna, 1),
                _ => {}
            }
            self.add_product(gene, now, model);
        }
    }

    /// RNA that a knocked-out gene would have given is taken apart at once.
    fn lose_rna(&mut self, bases: [u32; 4]) {
        for base in Base::ALL {
            let n = i64::from(bases[base.index()]);
            self.rna[base.index()] -= n;
            self.ledger.post(
                &mut self.pools,
                Reaction::RnaDecay(base),
                n,
                Cause::RnaDecay,
            );
        }
    }

    fn add_product(&mut self, gene: usize, now: f64, model: &CellModel) {
        self.genes.products[gene] += 1;
        if let Some(young) = self.genes.immature.get_mut(gene) {
            *young += u32::from(model.products[gene].maturation_weight > 0);
            self.genes.refresh_fate(gene, model);
        }
        let time = self.seconds() + now;
        self.genes.record_product(gene, time, model);
    }

    pub(super) fn pick(
        &mut self,
        tree: impl Fn(&super::genes::Genes) -> &crate::stochastic::Fenwick,
    ) -> usize {
        let total = tree(&self.genes).total();
        let point = self.stream.below(total);
        tree(&self.genes).select(point)
    }

    /// Ticks of one chain: fixed with completion queues, exponential with that mean in exponential mode.
    fn chain_ticks(&mut self, ticks: u64) -> u64 {
        match self.elongation {
            bioxen_core::Elongation::Queue => ticks,
            bioxen_core::Elongation::Exponential => {
                cut_count(self.stream.exponential() * real(ticks)).max(1)
            }
        }
    }
}

fn advance<const N: usize>(chains: &mut Chains<N>, (start, per_second): (u64, f64), now: f64) {
    chains.advance_to(start + cut_count(now * per_second));
}

fn index(position: usize) -> u32 {
    u32::try_from(position).expect("a genome has fewer than 2^32 genes")
}
