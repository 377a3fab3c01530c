//! Readings of a cell for time courses and comparisons. Reading never changes a cell.

use bioxen_core::Sample;

use super::Cell;
use super::ledger::Cause;
use super::pools::Pool;
use crate::genome::GeneKind;

impl Cell {
    /// Reads the cell as it is now.
    pub fn sample(&self) -> Sample {
        Sample {
            time: self.time(),
            generation: self.generation,
            atp_mm: self.millimolar(Pool::Atp),
            energy_charge: self.pools.energy_charge(),
            gtp_mm: self.millimolar(Pool::Gtp),
            ribosomes_translating: self.ribosomes.bound,
            ribosomes_free: self.ribosomes.free(),
            ribosome_cap: self.ribosome_cap(),
            rnap_total: self.rnap.total,
            rnap_transcribing: self.rnap.bound,
            degradosomes: self.degradosomes.total,
            mrna: self.mrna(),
            proteins: self.proteins(),
            protein_mass: self.mass(),
            volume_al: self.geometry.volume_al,
            surface_nm2: self.geometry.surface_nm2,
            dna_bp: self.chromosome.dna_bp(&self.model),
            growth_rate_per_h: self.growth.rate * 3600.0,
        }
    }

    pub(crate) fn product_count(&self, gene: usize) -> u32 {
        self.genes.products[gene]
    }

    /// Transcripts of a gene, free or on ribosomes.
    pub(crate) fn transcript_count(&self, gene: usize) -> u32 {
        self.genes.transcripts(gene, &self.model)
    }

    /// Messages of a gene that are being degraded.
    pub(crate) fn decaying_count(&self, gene: usize) -> u32 {
        let unit = self.model.products[gene].unit;
        self.genes.decaying.get(unit).copied().unwrap_or(0)
    }

    /// Ribosomes at work and in all.
    pub(crate) fn sample_machines(&self) -> (u32, u32) {
        (self.ribosomes.bound, self.ribosomes.total)
    }

    pub(crate) fn energy_charge(&self) -> f64 {
        self.pools.energy_charge()
    }

    pub(crate) fn event_counts(&self) -> &super::expression::EventCounts {
        &self.events
    }

    pub(crate) fn volume_is_capped(&self) -> bool {
        self.geometry.volume_al >= self.model.constants.volume_cap_al
    }

    /// Nucleotides in finished transcripts, stable RNA included.
    pub(crate) fn rna_nt(&self) -> f64 {
        super::numbers::signed_real(self.rna.iter().sum())
    }

    /// Minutes from birth to the firing of the origin, and from there to termination.
    pub(crate) fn replication_min(&self) -> (f64, f64) {
        let c = &self.chromosome;
        let terminated = c.rounds.first().map_or(0.0, |round| round.terminated_at);
        (c.fires_at / 60.0, (terminated - c.fires_at) / 60.0)
    }

    /// ATP-equivalents spent since the cell was made, by cause.
    ///
    /// # Panics
    ///
    /// Never: costs only add up.
    pub fn spent_by_cause(&self) -> Vec<(&'static str, u64)> {
        Cause::ALL
            .iter()
            .map(|&cause| {
                (
                    cause.name(),
                    u64::try_from(self.ledger.spent(cause)).expect("costs only add up"),
                )
            })
            .collect()
    }

    /// ATP regenerated and ATP granted since the cell was made.
    ///
    /// # Panics
    ///
    /// Never: what is made only adds up.
    pub fn regenerated_and_granted(&self) -> (u64, u64) {
        let whole = |n: i64| u64::try_from(n).expect("what is made only adds up");
        (whole(self.ledger.regenerated), whole(self.ledger.granted))
    }

    /// Reaction events by class since the cell was made.
    pub fn events(&self) -> [(&'static str, u64); 8] {
        let e = &self.events;
        [
            ("transcription_started", e.transcription_started),
            ("transcription_finished", e.transcription_finished),
            ("translation_started", e.translation_started),
            ("translation_finished", e.translation_finished),
            ("mrna_decay_started", e.decay_started),
            ("mrna_decay_finished", e.decay_finished),
            ("inserted", e.inserted),
            ("protein_degraded", e.protein_degraded),
        ]
    }
}

/// What the mean cell of a growing culture is compared by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Physiology {
    /// Residues in protein, finished or not.
    pub(crate) residues: f64,
    /// Nucleotides in RNA, finished or not.
    pub(crate) rna_nt: f64,
    /// Nucleotides in finished messages.
    pub(crate) message_nt: f64,
    /// Expected nucleotides in messages begun per second, of the present state.
    pub(crate) message_nt_begun_per_s: f64,
    /// Present speed of a ribosome, residues/s.
    pub(crate) residues_per_s: f64,
    /// tRNA, charged or not.
    pub(crate) trna: f64,
    pub(crate) origins: f64,
    /// Copies of operons of ribosomal RNA, and expected initiations at all of them, 1/s.
    pub(crate) rrn: f64,
    pub(crate) rrn_begun_per_s: f64,
    /// pmol/µg protein.
    pub(crate) ppgpp: f64,
}

impl Cell {
    /// Reads what a growing culture is compared by; rates are those of the present state.
    pub(crate) fn physiology(&self) -> Physiology {
        let parts = f64::from(self.model.mechanisms.parts_of_step);
        let (rates, _) = self.forecast(super::COUPLING_STEP.seconds() / parts);
        let per_weight = rates.promoter * f64::from(self.rnap.free());
        let mut seen = Physiology {
            residues: super::numbers::signed_real(self.residues + self.chains.content()[0]),
            rna_nt: self.rna_held_nt(),
            message_nt: 0.0,
            message_nt_begun_per_s: 0.0,
            residues_per_s: rates.translation_speed * self.model.constants.ribosome_speed,
            trna: self.pools.real(Pool::ChargedTrna) + self.pools.real(Pool::FreeTrna),
            origins: f64::from(self.chromosome.origins()),
            rrn: 0.0,
            rrn_begun_per_s: 0.0,
            ppgpp: self.regulation.as_ref().map_or(0.0, |state| state.ppgpp),
        };
        for (index, unit) in self.model.units.iter().enumerate() {
            let begun = per_weight * super::numbers::real(self.genes.promoters.weight(index));
            let message_nt = f64::from(unit.message_bases.iter().sum::<u32>());
            seen.message_nt += message_nt * f64::from(self.genes.free[index]);
            seen.message_nt_begun_per_s += message_nt * begun;
            let products = &self.model.products;
            if unit
                .genes
                .iter()
                .any(|&g| products[g].kind == GeneKind::Rrna)
            {
                seen.rrn += f64::from(self.genes.dose[index]);
                seen.rrn_begun_per_s += begun;
            }
        }
        seen
    }

    /// Minutes from firing to termination of the round that the next division waits for, and since then.
    pub(crate) fn last_round_min(&self) -> Option<(f64, f64)> {
        let round = self.chromosome.finished(&self.model)?;
        let copied = round.terminated_at - round.fired_at;
        Some((copied / 60.0, (self.seconds() - round.terminated_at) / 60.0))
    }
}
