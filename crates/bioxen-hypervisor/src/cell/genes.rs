//! Per-gene state.

use serde::{Deserialize, Serialize};

use super::model::{CellModel, Unit};
use crate::stochastic::Fenwick;

/// Counts per gene, at the index of the gene in its genome.
#[derive(Debug, Clone)]
pub(crate) struct Genes {
    /// Copies of the promoter.
    pub(crate) dose: Vec<u32>,
    /// Promoters held by a transcribing polymerase.
    pub(crate) held: Vec<u32>,
    /// Regulation multiplier; 1 = reference.
    pub(crate) activity: Vec<f64>,
    /// Promoters are ignored while a gene is knocked out.
    pub(crate) knocked_out: Vec<bool>,
    /// Factor of a knock-down; 1 = none.
    pub(crate) knock_down: Vec<f64>,
    /// Transcripts on a ribosome.
    pub(crate) translating: Vec<u32>,
    /// Transcripts on a degradosome.
    pub(crate) decaying: Vec<u32>,
    /// Finished products: proteins wherever they are, or stable RNA.
    pub(crate) products: Vec<u32>,
    /// Production averaged over the window of the gene, 1/s, as of `produced_at`.
    pub(crate) production: Vec<f64>,
    pub(crate) produced_at: Vec<f64>,
    /// Products made since the cell was made.
    pub(crate) made: Vec<u64>,
    /// Free promoters by weight.
    pub(crate) promoters: Fenwick,
    /// Transcripts free to be bound, by count.
    pub(crate) messages: Fenwick,
    /// Products that wait for a translocon, by weight; the counts are in `waiting_count`.
    pub(crate) waiting: Fenwick,
    pub(crate) waiting_count: Vec<u32>,
    pub(crate) waiting_total: u64,
}

/// What must be kept of [`Genes`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GenesState {
    pub(crate) dose: Vec<u32>,
    pub(crate) held: Vec<u32>,
    pub(crate) activity: Vec<f64>,
    pub(crate) knocked_out: Vec<bool>,
    pub(crate) knock_down: Vec<f64>,
    pub(crate) free: Vec<u32>,
    pub(crate) translating: Vec<u32>,
    pub(crate) decaying: Vec<u32>,
    pub(crate) products: Vec<u32>,
    pub(crate) production: Vec<f64>,
    pub(crate) produced_at: Vec<f64>,
    pub(crate) made: Vec<u64>,
    pub(crate) waiting: Vec<u32>,
}

impl GenesState {
    /// Whether every vector has one entry for each of `n` genes.
    pub(crate) fn has_length(&self, n: usize) -> bool {
        let Self {
            dose,
            held,
            activity,
            knocked_out,
            knock_down,
            free,
            translating,
            decaying,
            products,
            production,
            produced_at,
            made,
            waiting,
        } = self;
        [dose, held, free, translating, decaying, products, waiting]
            .iter()
            .all(|v| v.len() == n)
            && [activity, knock_down, production, produced_at]
                .iter()
                .all(|v| v.len() == n)
            && knocked_out.len() == n
            && made.len() == n
            && products
                .iter()
                .zip(waiting)
                .all(|(all, waiting)| waiting <= all)
    }
}

impl Genes {
    pub(crate) fn newborn(model: &CellModel) -> Self {
        let n = model.units.len();
        let products: Vec<u32> = model.units.iter().map(|u| u.copies_at_birth).collect();
        let production = model
            .units
            .iter()
            .map(|u| reference_production(u, model))
            .collect();
        let state = GenesState {
            dose: model
                .units
                .iter()
                .map(|u| u32::from(u.is_expressed()))
                .collect(),
            held: vec![0; n],
            activity: vec![1.0; n],
            knocked_out: vec![false; n],
            knock_down: vec![1.0; n],
            free: vec![0; n],
            translating: vec![0; n],
            decaying: vec![0; n],
            products,
            production,
            produced_at: vec![0.0; n],
            made: vec![0; n],
            waiting: vec![0; n],
        };
        Self::from_state(state, model)
    }

    /// Builds the selection trees anew; all vectors must have one entry per gene.
    pub(crate) fn from_state(state: GenesState, model: &CellModel) -> Self {
        let GenesState {
            dose,
            held,
            activity,
            knocked_out,
            knock_down,
            free,
            translating,
            decaying,
            products,
            production,
            produced_at,
            made,
            waiting,
        } = state;
        let insertion = |i: usize| u64::from(waiting[i]) * model.units[i].insertion_weight;
        let mut genes = Self {
            promoters: Fenwick::new(vec![0; dose.len()]),
            messages: Fenwick::new(free.iter().map(|m| u64::from(*m)).collect()),
            waiting: Fenwick::new((0..waiting.len()).map(insertion).collect()),
            waiting_total: waiting.iter().map(|w| u64::from(*w)).sum(),
            waiting_count: waiting,
            dose,
            held,
            activity,
            knocked_out,
            knock_down,
            translating,
            decaying,
            products,
            production,
            produced_at,
            made,
        };
        for i in 0..genes.dose.len() {
            genes.refresh_promoter(i, &model.units[i]);
        }
        genes
    }

    pub(crate) fn state(&self) -> GenesState {
        GenesState {
            dose: self.dose.clone(),
            held: self.held.clone(),
            activity: self.activity.clone(),
            knocked_out: self.knocked_out.clone(),
            knock_down: self.knock_down.clone(),
            free: (0..self.dose.len()).map(|i| self.free(i)).collect(),
            translating: self.translating.clone(),
            decaying: self.decaying.clone(),
            products: self.products.clone(),
            production: self.production.clone(),
            produced_at: self.produced_at.clone(),
            made: self.made.clone(),
            waiting: self.waiting_count.clone(),
        }
    }

    /// Transcripts free to be bound.
    pub(crate) fn free(&self, gene: usize) -> u32 {
        u32::try_from(self.messages.weight(gene)).expect("transcripts of a gene fit 32 bits")
    }

    /// Transcripts free or on ribosomes.
    pub(crate) fn transcripts(&self, gene: usize) -> u32 {
        self.free(gene) + self.translating[gene]
    }

    /// The multiplier in force: regulation times knock-down.
    pub(crate) fn multiplier(&self, gene: usize) -> f64 {
        self.activity[gene] * self.knock_down[gene]
    }

    /// Brings the weight of a promoter in line with dose, held copies and multiplier.
    pub(crate) fn refresh_promoter(&mut self, gene: usize, unit: &Unit) {
        let open = self.dose[gene].saturating_sub(self.held[gene]);
        let each = if self.knocked_out[gene] {
            0
        } else {
            unit.promoter_weight(self.multiplier(gene))
        };
        self.promoters.set(gene, u64::from(open) * each);
    }

    pub(crate) fn add_waiting(&mut self, gene: usize, unit: &Unit) {
        self.waiting_count[gene] += 1;
        self.waiting_total += 1;
        self.waiting.set(
            gene,
            u64::from(self.waiting_count[gene]) * unit.insertion_weight,
        );
    }

    pub(crate) fn take_waiting(&mut self, gene: usize, unit: &Unit) {
        self.waiting_count[gene] -= 1;
        self.waiting_total -= 1;
        self.waiting.set(
            gene,
            u64::from(self.waiting_count[gene]) * unit.insertion_weight,
        );
    }

    /// Counts one product made at `now` (seconds) into the moving average of the gene.
    pub(crate) fn record_product(&mut self, gene: usize, now: f64, model: &CellModel) {
        self.made[gene] += 1;
        let window = production_window(&model.units[gene], model);
        self.production[gene] = self.production_at(gene, now, window) + 1.0 / window;
        self.produced_at[gene] = now;
    }

    /// Production averaged with an exponential window of `window` seconds, 1/s.
    pub(crate) fn production_at(&self, gene: usize, now: f64, window: f64) -> f64 {
        self.production[gene] * libm::exp(-(now - self.produced_at[gene]) / window)
    }
}

/// Products per second that double a newborn's copies in one reference doubling time.
pub(crate) fn reference_production(unit: &Unit, model: &CellModel) -> f64 {
    f64::from(unit.copies_at_birth) / model.constants.doubling_s
}

/// Window of the production average: 10 min, or longer where fewer than 5 transcripts are expected in that time, s.
/// Proteins come in bursts of one transcript each, so a window of a few proteins would call healthy genes silent.
pub(crate) fn production_window(unit: &Unit, model: &CellModel) -> f64 {
    let reference = reference_production(unit, model);
    let burst = if unit.is_message() {
        model.constants.proteins_per_transcript
    } else {
        1.0
    };
    if reference > 0.0 {
        f64::max(600.0, 5.0 * burst / reference)
    } else {
        600.0
    }
}
