//! The coupling step: speeds from pools, expression, postings, metabolism, growth.

use std::sync::Arc;

use bioxen_core::{RibosomeUnit, SimTime};

use super::constants::{Constants, PER_AL_MM};
use super::expression::{StepBudget, StepRates};
use super::ledger::Cause;
use super::metabolism::{Supply, Surroundings};
use super::model::WEIGHT;
use super::numbers::{count, cut, signed_real};
use super::pools::{Base, Pool, Reaction};
use super::{COUPLING_STEP, Cell};
use crate::stochastic::TICKS_PER_SECOND;

/// The forecast use of a step may take this share of what it may draw on; the rest covers initiations inside the step.
const FORECAST_SHARE: f64 = 0.8;

/// How what the pools hold is split among the processes of one step, so that together they cannot overdraw.
const GTP_FOR_TRANSLATION: f64 = 0.75;
const CHARGED_FOR_TRANSLATION: f64 = 0.95;
const NTP_FOR_TRANSCRIPTION: [f64; 4] = [0.1, 0.9, 0.2, 0.9];
/// ATP for unwinding and for decay, by base; 0.1 of ATP goes into transcripts, 0.05 each into insertions and
/// protein decay.
const ATP_FOR_UNWINDING: [f64; 4] = [0.1, 0.06, 0.06, 0.1];
const ATP_FOR_DECAY: [f64; 4] = [0.1, 0.05, 0.05, 0.1];
const ATP_FOR_INSERTION: f64 = 0.05;
const ATP_FOR_DEGRADATION: f64 = 0.05;

/// Molecules of each pool that no budget may count on: chains take a fraction of a monomer more when they are finished.
const SETTLEMENT_RESERVE: f64 = 200.0;

impl Cell {
    /// Moves the cell by whole coupling steps as far as they end at or before `until`.
    pub fn advance_to(&mut self, until: SimTime) {
        while self.time().saturating_add(COUPLING_STEP) <= until {
            self.step();
        }
    }

    /// One coupling step.
    pub fn step(&mut self) {
        self.step_undivided();
        if self.ready_to_divide() {
            self.divide();
        }
    }

    /// One coupling step without division, for those who want to see the mother first.
    pub(crate) fn step_undivided(&mut self) {
        self.follow_phase(COUPLING_STEP.seconds());
        self.regulate(COUPLING_STEP.seconds());
        self.control();
        let parts = self.model.mechanisms.parts_of_step;
        let span = COUPLING_STEP.seconds() / f64::from(parts);
        for part in 0..parts {
            self.part_s = f64::from(part) * span;
            self.step_by(span);
        }
        self.part_s = 0.0;
        self.steps += 1;
    }

    pub(super) fn step_by(&mut self, span: f64) {
        let (rates, budget) = self.forecast(span);
        self.express(span, &rates, &budget);
        let residues = self.post_expression();
        let lipid_demand = self.lipid_demand(span);
        let supply = self.supply(signed_real(residues) / span);
        let around = Surroundings {
            supply,
            ..self.surroundings(span, lipid_demand)
        };
        let (burnt, built) = (self.ledger.burnt, self.ledger.glucose);
        let model = Arc::clone(&self.model);
        self.metabolism
            .advance(&mut self.pools, &mut self.ledger, &model, &around);
        let burnt = self.ledger.burnt - burnt;
        let built = self.ledger.glucose - built - burnt;
        let outside = built + self.keep_reserve(burnt, span);
        self.draw_down(outside);
        self.grow();
        self.replicate(span);
        self.replicate_plasmids(span);
        self.assemble();
        self.measure(span);
    }

    /// Speeds and rates for the next `span` seconds, and what each process may take.
    pub(crate) fn forecast(&self, span: f64) -> (StepRates, StepBudget) {
        let c = &self.model.constants;
        let volume = self.geometry.volume_al;
        let gate = c.expression_gate(self.pools.energy_charge());
        // One molecule per cell in mol/L.
        let molar = 1e-3 / (volume * PER_AL_MM);
        let translation = self.model.translation_speed(&self.pools, volume);
        let transcription = self.model.transcription_speed(&self.pools, volume);
        let budget = self.budget();
        let forecast = |flux: f64| flux * TICKS_PER_SECOND * span;
        let bound = |speed: f64, flux: f64, limit: i64| {
            let use_at_full = forecast(flux);
            if use_at_full > 0.0 {
                f64::min(speed, FORECAST_SHARE * signed_real(limit) / use_at_full)
            } else {
                speed
            }
        };
        let translation_speed = bound(translation, self.chains.flux()[0], budget.residues[0]);
        let mut transcription_speed = transcription;
        let mut decay_speed = 1.0;
        for b in 0..4 {
            transcription_speed = bound(
                transcription_speed,
                self.transcripts.flux()[b],
                budget.bases[b],
            );
            decay_speed = bound(decay_speed, self.decays.flux()[b], budget.decay_bases[b]);
        }
        let rates = StepRates {
            promoter: c.k_promoter * molar * gate / WEIGHT,
            ribosome: c.k_ribosome * molar / self.model.message_weight(),
            degradosome: c.k_degradosome * molar,
            translation_speed,
            transcription_speed,
            decay_speed,
            ribosome_cap: self.ribosome_cap(),
            hibernating: self.phase.map_or(0, |phase| count(phase.hibernating)),
        };
        (rates, budget)
    }

    fn budget(&self) -> StepBudget {
        let share = |pool: Pool, part: f64| {
            cut(f64::max(self.pools.real(pool) - SETTLEMENT_RESERVE, 0.0) * part)
        };
        let atp = |parts: [f64; 4]| parts.map(|part| share(Pool::Atp, part));
        let unwinding = atp(ATP_FOR_UNWINDING);
        let mut bases = [0; 4];
        for base in Base::ALL {
            let b = base.index();
            bases[b] = share(base.ntp(), NTP_FOR_TRANSCRIPTION[b]).min(unwinding[b]);
        }
        let residues = share(Pool::Gtp, GTP_FOR_TRANSLATION) / 2;
        StepBudget {
            residues: [residues.min(share(Pool::ChargedTrna, CHARGED_FOR_TRANSLATION))],
            bases,
            decay_bases: atp(ATP_FOR_DECAY),
            insertion_atp: share(Pool::Atp, ATP_FOR_INSERTION),
            degradation_atp: share(Pool::Atp, ATP_FOR_DEGRADATION),
        }
    }

    /// Takes what expression used from the pools, by cause; answers how many residues were made.
    fn post_expression(&mut self) -> i64 {
        let [residues] = self.chains.post();
        self.ledger.post(
            &mut self.pools,
            Reaction::Translation,
            residues,
            Cause::Translation,
        );
        let bases = self.transcripts.post();
        let decayed = self.decays.post();
        for base in Base::ALL {
            let b = base.index();
            self.ledger.post(
                &mut self.pools,
                Reaction::Polymerization(base),
                bases[b],
                Cause::Polymerization,
            );
            self.ledger.post(
                &mut self.pools,
                Reaction::RnaDecay(base),
                decayed[b],
                Cause::RnaDecay,
            );
        }
        let degraded = std::mem::take(&mut self.degraded_residues);
        self.ledger.post(
            &mut self.pools,
            Reaction::ProteinDegradation,
            degraded,
            Cause::ProteinDecay,
        );
        let hydrolyses = [
            (bases.iter().sum(), Cause::Unwinding),
            (decayed.iter().sum(), Cause::RnaDecay),
            (
                std::mem::take(&mut self.insertion_atp),
                Cause::Translocation,
            ),
        ];
        for (extent, cause) in hydrolyses {
            self.ledger
                .post(&mut self.pools, Reaction::AtpHydrolysis, extent, cause);
        }
        residues
    }

    /// What the cell's own enzymes supply, at so many residues made per second.
    fn supply(&self, translated: f64) -> Option<Supply> {
        let (of, state) = (self.model.supply.as_ref()?, self.regulation.as_ref()?);
        let molecules = |mm: f64| Constants::molecules(mm, self.geometry.volume_al);
        Some(Supply {
            capacity: self.medium.nutrition * state.supplier_residues,
            feedback_half: molecules(of.feedback_half_mm),
            feedback_power: of.feedback_power,
            growth_cost: of.growth_cost,
            charging: of.charging,
            charging_half: molecules(of.charging_half_mm),
            translated,
        })
    }

    /// Takes `glucose` molecules from the medium, and as many for every other cell of the lineage.
    fn draw_down(&mut self, glucose: i64) {
        if self.medium.volume_al.is_infinite() {
            return;
        }
        let divisions = self.generation.saturating_sub(self.medium.since);
        let cells = libm::exp2(f64::from(divisions));
        let taken = signed_real(glucose) * cells / Constants::molecules(1.0, self.medium.volume_al);
        self.medium.glucose_mm = f64::max(self.medium.glucose_mm - taken, 0.0);
    }

    fn surroundings(&self, span: f64, lipid_demand: f64) -> Surroundings {
        let scarcer = |genes: &Vec<usize>| {
            genes
                .iter()
                .map(|&g| self.genes.products[g])
                .min()
                .unwrap_or(0)
        };
        Surroundings {
            span,
            volume_al: self.geometry.volume_al,
            mass: self.mass(),
            grant: if self.is_dead() {
                0.0
            } else {
                self.quota.atp.fraction() * self.medium.energy
            },
            path_capacity: self.path_capacity(),
            synthetases: self
                .model
                .synthetases
                .iter()
                .map(|genes| f64::from(scarcer(genes)))
                .sum(),
            trna_kinds: self.model.trna_kinds,
            lipid_demand,
            carbon: self.carbon(&self.model.constants).0,
            glucose_mm: self.medium.glucose_mm,
            amino_acids_outside: self.medium.amino_acids,
            nucleosides_outside: self.medium.nucleosides,
            supply: None,
        }
    }

    /// How far the scarcest enzyme of the regeneration path limits it: each is in excess at its reference
    /// concentration, so only a loss below 1/excess counts.
    fn path_capacity(&self) -> f64 {
        let mass = self.mass();
        let excess = self.model.constants.glycolysis_excess;
        self.model
            .regeneration_path
            .iter()
            .filter(|(_, reference)| *reference > 0.0)
            .map(|&(gene, reference)| {
                excess * f64::from(self.genes.products[gene]) / (reference * mass)
            })
            .fold(1.0, f64::min)
    }

    /// Ribosomes that the quota lets translate at once.
    pub(crate) fn ribosome_cap(&self) -> u32 {
        let total = self.ribosomes.total;
        let units = self.quota.ribosomes.get();
        match self.quota.unit {
            RibosomeUnit::Physical => units.min(total),
            RibosomeUnit::Share => {
                let full = u64::from(self.model.organism().full_ribosome_units().get());
                let cap = u64::from(units).min(full) * u64::from(total) / full;
                u32::try_from(cap).expect("a share of a 32-bit count")
            }
        }
    }

    /// Protein mass relative to birth, f.
    pub(crate) fn mass(&self) -> f64 {
        signed_real(self.residues) / self.model.residues_at_birth
    }

    pub(crate) fn millimolar(&self, pool: Pool) -> f64 {
        self.pools.real(pool) / Constants::molecules(1.0, self.geometry.volume_al)
    }
}
