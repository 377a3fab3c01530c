//! Readings of a cell for time courses.

use crate::{SimSpan, SimTime};

/// When a cell is read: at a first time, and whenever a span has passed since.
///
/// Times at which the cell has been already, and times between the steps of the simulation, are read at the next step that ends; one reading stands for all that were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// The first time, simulated.
    pub from: SimTime,
    /// The time from one reading to the next, simulated.
    pub every: SimSpan,
}

impl Sampling {
    /// The same times, without those up to `time`.
    ///
    /// ```
    /// use bioxen_core::{Sampling, SimSpan, SimTime};
    ///
    /// let at = SimTime::from_micros;
    /// let whole = Sampling { from: at(0), every: SimSpan::from_micros(10) };
    /// assert_eq!(whole.after(at(25)).from, at(30));
    /// assert_eq!(whole.after(at(30)).from, at(40));
    /// ```
    #[must_use]
    pub fn after(self, time: SimTime) -> Self {
        let Some(passed) = time.since(self.from) else {
            return self;
        };
        let every = self.every.micros().max(1);
        let periods = passed.micros() / every + 1;
        let span = SimSpan::from_micros(periods.saturating_mul(every));
        Self {
            from: self.from.saturating_add(span),
            every: self.every,
        }
    }
}

/// One reading of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Simulated time.
    pub time: SimTime,
    /// Divisions so far.
    pub generation: u32,
    /// ATP concentration, mM.
    pub atp_mm: f64,
    /// (ATP + ADP/2) / (ATP + ADP + AMP).
    pub energy_charge: f64,
    /// GTP concentration, mM.
    pub gtp_mm: f64,
    /// Ribosomes at work.
    pub ribosomes_translating: u32,
    /// Ribosomes not at work.
    pub ribosomes_free: u32,
    /// Ribosomes that the quota lets work at once.
    pub ribosome_cap: u32,
    /// RNA polymerases in all.
    pub rnap_total: u32,
    /// RNA polymerases at work.
    pub rnap_transcribing: u32,
    /// Degradosomes in all.
    pub degradosomes: u32,
    /// Transcripts of proteins, free or on ribosomes.
    pub mrna: u64,
    /// Proteins.
    pub proteins: u64,
    /// Residues in proteins over those of a newborn.
    pub protein_mass: f64,
    /// Volume, aL.
    pub volume_al: f64,
    /// Surface, nm².
    pub surface_nm2: f64,
    /// DNA, base pairs.
    pub dna_bp: u64,
    /// Growth rate, 1/h, averaged over 10 min.
    pub growth_rate_per_h: f64,
}
