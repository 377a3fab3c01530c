//! Gene expression: the exact stochastic simulation of one coupling step.
//!
//! Initiations are events of a direct-method simulation (Gillespie 1977, doi 10.1021/j100540a008) over four classes,
//! each a shared machine count times the summed integer weights of its units. Elongation is not an event: see
//! [`Chains`]. Inside a step speeds are fixed, clocks are linear in time, and the next event is the earlier of the
//! exponential draw and the head of a queue. A draw that comes after it is discarded, which is exact because the
//! exponential law has no memory.

use super::Cell;
use super::model::WEIGHT;
use super::numbers::{cut_count, real};
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
    /// Ribosomes that may translate at once.
    pub(crate) ribosome_cap: u32,
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
}

impl Propensities {
    pub(crate) fn total(&self) -> f64 {
        self.transcription + self.translation + self.decay + self.insertion + self.protein_decay
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
                rates.ribosome * messages * f64::from(self.ribosomes.free())
            } else {
                0.0
            },
            decay: rates.degradosome * messages * f64::from(self.degradosomes.free()),
            insertion,
            protein_decay: self.protein_decay_propensity(),
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
        } else if propensities.protein_decay > 0.0 {
            self.degrade_protein();
        }
        // What remains is a rounding error of the sum, of probability below 1e-15: the draw then makes no event.
    }

    /// T1: a polymerase binds a promoter and holds it.
    fn start_transcript(&mut self) {
        let gene = self.pick(|g| &g.promoters);
        let unit = &self.model.units[gene];
        let ticks = unit.transcription_ticks(self.genes.multiplier(gene), &self.model.constants);
        self.genes.held[gene] += 1;
        self.genes.refresh_promoter(gene, unit);
        self.rnap.bound += 1;
        let ticks = self.chain_ticks(ticks);
        self.transcripts
            .start(index(gene), ticks, self.model.units[gene].bases);
        self.events.transcription_started += 1;
    }

    /// L1: a ribosome binds a transcript.
    fn start_translation(&mut self) {
        let gene = self.pick(|g| &g.messages);
        self.genes.messages.remove(gene);
        self.genes.translating[gene] += 1;
        self.ribosomes.bound += 1;
        let ticks = self.chain_ticks(self.model.units[gene].translation_ticks);
        self.chains
            .start(index(gene), ticks, [self.model.units[gene].residues]);
        self.events.translation_started += 1;
    }

    /// D1: a degradosome binds a transcript.
    fn start_decay(&mut self) {
        let gene = self.pick(|g| &g.messages);
        self.genes.messages.remove(gene);
        self.genes.decaying[gene] += 1;
        self.degradosomes.bound += 1;
        let ticks = self.chain_ticks(self.model.units[gene].decay_ticks);
        self.decays
            .start(index(gene), ticks, self.model.units[gene].bases);
        self.events.decay_started += 1;
    }

    /// X1: a protein moves into or across the membrane.
    fn insert_protein(&mut self) {
        let gene = self.pick(|g| &g.waiting);
        let unit = &self.model.units[gene];
        self.genes.take_waiting(gene, unit);
        if unit.in_membrane {
            self.membrane_proteins += 1;
        }
        self.insertion_budget -= unit.insertion_cost;
        self.insertion_atp += unit.insertion_cost;
        self.events.inserted += 1;
    }

    fn complete(&mut self, clock: Clock, now: f64) {
        let model = std::sync::Arc::clone(&self.model);
        match clock {
            Clock::Translation => {
                let gene = self.chains.finish(|u| model.amounts_protein(u)).unit as usize;
                self.genes.translating[gene] -= 1;
                self.genes.messages.add(gene);
                self.ribosomes.bound -= 1;
                self.add_product(gene, now);
                self.residues += i64::from(model.units[gene].residues);
                if model.units[gene].exported {
                    self.genes.add_waiting(gene, &model.units[gene]);
                }
                self.events.translation_finished += 1;
            }
            Clock::Transcription => {
                let gene = self.transcripts.finish(|u| model.amounts_rna(u)).unit as usize;
                let unit = &model.units[gene];
                self.genes.held[gene] -= 1;
                self.genes.refresh_promoter(gene, unit);
                self.rnap.bound -= 1;
                for (sum, n) in self.rna.iter_mut().zip(unit.bases) {
                    *sum += i64::from(n);
                }
                self.events.transcription_finished += 1;
                if unit.is_message() {
                    self.genes.messages.add(gene);
                    self.events.mrna_made += 1;
                } else {
                    self.add_product(gene, now);
                    if unit.kind == crate::genome::GeneKind::Trna {
                        self.pools.add(super::pools::Pool::FreeTrna, 1);
                    }
                }
            }
            Clock::Decay => {
                let gene = self.decays.finish(|u| model.amounts_rna(u)).unit as usize;
                self.genes.decaying[gene] -= 1;
                self.degradosomes.bound -= 1;
                for (sum, n) in self.rna.iter_mut().zip(model.units[gene].bases) {
                    *sum -= i64::from(n);
                }
                self.events.decay_finished += 1;
            }
        }
    }

    fn add_product(&mut self, gene: usize, now: f64) {
        self.genes.products[gene] += 1;
        let time = self.seconds() + now;
        let model = std::sync::Arc::clone(&self.model);
        self.genes.record_product(gene, time, &model);
    }

    fn pick(
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

    /// P1, an option: every protein that is in no machine and waits for no translocon.
    fn protein_decay_propensity(&self) -> f64 {
        if !self.protein_decay || self.degradation_budget < self.model.longest_protein {
            return 0.0;
        }
        self.model.constants.protein_decay
            * real(self.loose_proteins().map(|(_, n)| u64::from(n)).sum())
    }

    fn loose_proteins(&self) -> impl Iterator<Item = (usize, u32)> {
        let inside = self.parts_inside();
        (0..self.model.units.len())
            .filter(|&gene| self.model.units[gene].is_message())
            .map(move |gene| {
                let there = self.genes.products[gene] - self.genes.waiting_count[gene];
                (gene, there.saturating_sub(inside[gene]))
            })
    }

    fn degrade_protein(&mut self) {
        let loose: Vec<(usize, u32)> = self.loose_proteins().collect();
        let total: u64 = loose.iter().map(|(_, n)| u64::from(*n)).sum();
        if total == 0 {
            return;
        }
        let mut point = self.stream.below(total);
        let gene = loose
            .into_iter()
            .find(|(_, n)| {
                let inside = point < u64::from(*n);
                point = point.saturating_sub(u64::from(*n));
                inside
            })
            .map(|(gene, _)| gene)
            .expect("the point is below the total");
        let residues = i64::from(self.model.units[gene].residues);
        self.genes.products[gene] -= 1;
        self.residues -= residues;
        self.degraded_residues += residues;
        self.degradation_budget -= residues;
        if self.model.units[gene].in_membrane {
            self.membrane_proteins -= 1;
        }
        self.events.protein_degraded += 1;
    }
}

fn advance<const N: usize>(chains: &mut Chains<N>, (start, per_second): (u64, f64), now: f64) {
    chains.advance_to(start + cut_count(now * per_second));
}

fn index(gene: usize) -> u32 {
    u32::try_from(gene).expect("a genome has fewer than 2^32 genes")
}
