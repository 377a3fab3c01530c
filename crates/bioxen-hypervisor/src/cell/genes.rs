//! State by unit of transcription and by gene.

mod state;

pub(crate) use self::state::GenesState;

use super::mechanism::{Loading, Promoters, Turnover};
use super::model::{CellModel, Product};
use super::numbers::{real, whole};
use super::replication::Chromosome;
use crate::stochastic::Fenwick;

/// Counts of every unit, at its index in the model, and of every gene, at its index in the genome.
#[derive(Debug, Clone)]
pub(crate) struct Genes {
    /// Copies of the promoter, by unit.
    pub(crate) dose: Vec<u32>,
    /// Polymerases on the way, by unit.
    pub(crate) held: Vec<u32>,
    /// Regulation multiplier, by unit; 1 = reference.
    pub(crate) activity: Vec<f64>,
    /// What the cell itself makes of that, by unit; empty without regulation.
    pub(crate) regulation: Vec<f64>,
    /// Factor of a message by the surplus of its protein, by gene; empty without regulation.
    pub(crate) feedback: Vec<f64>,
    /// What its regulators make of the promoter of a construct, by unit; empty without constructs.
    pub(crate) control: Vec<f64>,
    /// Copies that have not matured, by gene; empty without constructs.
    pub(crate) immature: Vec<u32>,
    /// When a transcript was last finished, s, by unit; empty without regulation.
    pub(crate) transcribed_at: Vec<f64>,
    /// Messages that are not being degraded and that no ribosome keeps from it, by unit.
    pub(crate) free: Vec<u32>,
    /// Messages being degraded, by unit.
    pub(crate) decaying: Vec<u32>,
    /// Whether the gene is knocked out, by gene.
    pub(crate) knocked_out: Vec<bool>,
    /// Factor of a knock-down, by gene; 1 = none.
    pub(crate) knock_down: Vec<f64>,
    /// Ribosomes at work, by gene.
    pub(crate) translating: Vec<u32>,
    /// Finished products, by gene: proteins wherever they are, or stable RNA.
    pub(crate) products: Vec<u32>,
    /// Production averaged over the window of the gene, 1/s, as of `produced_at`.
    pub(crate) production: Vec<f64>,
    pub(crate) produced_at: Vec<f64>,
    /// Products made since the cell was made, by gene.
    pub(crate) made: Vec<u64>,
    /// Free promoters by weight, over units.
    pub(crate) promoters: Fenwick,
    /// What a ribosome may bind, by weight, over genes.
    pub(crate) messages: Fenwick,
    /// What decays by itself, by weight, over units; nothing where degradosomes do it.
    pub(crate) turnover: Fenwick,
    /// Products that wait for a translocon, by weight, over genes; the counts are in `waiting_count`.
    pub(crate) waiting: Fenwick,
    /// Tagged proteins by weight of degradation and young ones by weight of maturation, over genes; nothing without
    /// constructs.
    pub(crate) tagged: Fenwick,
    pub(crate) maturing: Fenwick,
    pub(crate) waiting_count: Vec<u32>,
    pub(crate) waiting_total: u64,
}

impl Genes {
    pub(crate) fn newborn(model: &CellModel, chromosome: &Chromosome) -> Self {
        let mut state = GenesState::empty(model);
        for (unit, copies) in chromosome.doses(model) {
            state.dose[unit] = copies;
        }
        state.products = model.products.iter().map(|p| p.copies_at_birth).collect();
        state.production = model
            .products
            .iter()
            .map(|p| reference_production(p, model))
            .collect();
        Self::from_state(state, model)
    }

    /// Builds the selection trees anew; all vectors must fit the model.
    pub(crate) fn from_state(state: GenesState, model: &CellModel) -> Self {
        let GenesState {
            dose,
            held,
            activity,
            regulation,
            feedback,
            control,
            immature,
            transcribed_at,
            free,
            decaying,
            knocked_out,
            knock_down,
            translating,
            products,
            production,
            produced_at,
            made,
            waiting,
        } = state;
        let insertion = |i: usize| u64::from(waiting[i]) * model.products[i].insertion_weight;
        let decaying_alone = match model.mechanisms.turnover {
            Turnover::Degradosomes => 0,
            Turnover::FirstOrder => dose.len(),
        };
        let mut genes = Self {
            promoters: Fenwick::new(vec![0; dose.len()]),
            messages: Fenwick::new(vec![0; products.len()]),
            turnover: Fenwick::new(vec![0; decaying_alone]),
            waiting: Fenwick::new((0..waiting.len()).map(insertion).collect()),
            tagged: Fenwick::new(vec![0; immature.len()]),
            maturing: Fenwick::new(vec![0; immature.len()]),
            waiting_total: waiting.iter().map(|w| u64::from(*w)).sum(),
            waiting_count: waiting,
            dose,
            held,
            activity,
            regulation,
            feedback,
            control,
            immature,
            transcribed_at,
            free,
            decaying,
            knocked_out,
            knock_down,
            translating,
            products,
            production,
            produced_at,
            made,
        };
        for unit in 0..genes.dose.len() {
            genes.refresh_promoter(unit, model);
            genes.refresh_messages(unit, model);
        }
        for gene in 0..genes.immature.len() {
            genes.refresh_fate(gene, model);
        }
        genes
    }

    pub(crate) fn state(&self) -> GenesState {
        GenesState {
            dose: self.dose.clone(),
            held: self.held.clone(),
            activity: self.activity.clone(),
            regulation: self.regulation.clone(),
            feedback: self.feedback.clone(),
            control: self.control.clone(),
            immature: self.immature.clone(),
            transcribed_at: self.transcribed_at.clone(),
            free: self.free.clone(),
            decaying: self.decaying.clone(),
            knocked_out: self.knocked_out.clone(),
            knock_down: self.knock_down.clone(),
            translating: self.translating.clone(),
            products: self.products.clone(),
            production: self.production.clone(),
            produced_at: self.produced_at.clone(),
            made: self.made.clone(),
            waiting: self.waiting_count.clone(),
        }
    }

    /// Messages of a gene, free or on ribosomes.
    pub(crate) fn transcripts(&self, gene: usize, model: &CellModel) -> u32 {
        let Some(free) = self.free.get(model.products[gene].unit) else {
            return 0;
        };
        match model.mechanisms.loading {
            Loading::One => free + self.translating[gene],
            Loading::Polysome => *free,
        }
    }

    /// The multiplier of a promoter in force: what was asked for, what the cell makes of it, and the knock-down of the
    /// only gene behind it.
    pub(crate) fn multiplier(&self, unit: usize, model: &CellModel) -> f64 {
        let own = self.regulation.get(unit).copied().unwrap_or(1.0);
        let knock_down = match model.units[unit].genes.as_slice() {
            [gene] => self.knock_down[*gene],
            _ => 1.0,
        };
        let control = self.control.get(unit).copied().unwrap_or(1.0);
        self.activity[unit] * own * control * knock_down
    }

    /// Brings the weight of a promoter in line with dose, held copies and multiplier.
    pub(crate) fn refresh_promoter(&mut self, unit: usize, model: &CellModel) {
        let open = u64::from(self.open(unit, model));
        let weight = open.saturating_mul(self.promoter_weight(unit, model));
        self.promoters.set(unit, weight);
    }

    /// Promoters that a polymerase may bind.
    fn open(&self, unit: usize, model: &CellModel) -> u32 {
        match model.mechanisms.promoters {
            Promoters::Held => self.dose[unit].saturating_sub(self.held[unit]),
            Promoters::Shared => self.dose[unit],
        }
    }

    /// Weight of one promoter; none where every gene behind it is knocked out.
    pub(crate) fn promoter_weight(&self, unit: usize, model: &CellModel) -> u64 {
        let of = &model.units[unit];
        if of.genes.iter().all(|&gene| self.knocked_out[gene]) {
            0
        } else {
            of.promoter_weight(self.multiplier(unit, model))
        }
    }

    /// Brings what may be bound and what may decay of a unit in line with its free messages.
    pub(crate) fn refresh_messages(&mut self, unit: usize, model: &CellModel) {
        let of = &model.units[unit];
        if !of.message {
            return;
        }
        for &gene in &of.genes {
            self.refresh_message(gene, model);
        }
        if model.mechanisms.turnover == Turnover::FirstOrder {
            self.turnover.set(
                unit,
                u64::from(self.free[unit]).saturating_mul(of.decay_weight),
            );
        }
    }

    /// Brings what ribosomes may bind of one gene in line with free messages and ribosomes on them.
    pub(crate) fn refresh_message(&mut self, gene: usize, model: &CellModel) {
        let product = &model.products[gene];
        if !product.is_message() {
            return;
        }
        let free = self.free[product.unit];
        let weight = match model.mechanisms.loading {
            Loading::One => u64::from(free),
            Loading::Polysome => {
                if u64::from(self.translating[gene]) < room(free, product) {
                    u64::from(free).saturating_mul(self.translation_weight(gene, product, model))
                } else {
                    0
                }
            }
        };
        self.messages.set(gene, weight);
    }

    /// Weight of one message of a gene. Behind a promoter of several genes, knock-outs and knock-downs act here.
    fn translation_weight(&self, gene: usize, product: &Product, model: &CellModel) -> u64 {
        let feedback = self.feedback.get(gene).copied().unwrap_or(1.0);
        let factor = match (
            model.units[product.unit].genes.len(),
            self.knocked_out[gene],
        ) {
            (1, _) => feedback,
            (_, true) => 0.0,
            (_, false) => feedback * self.knock_down[gene],
        };
        whole(real(product.translation_weight) * factor)
    }

    /// Brings degradation by a tag and maturation of a gene in line with its copies.
    pub(crate) fn refresh_fate(&mut self, gene: usize, model: &CellModel) {
        let product = &model.products[gene];
        let copies = u64::from(self.products[gene]);
        let young = u64::from(self.immature[gene]);
        self.tagged
            .set(gene, copies.saturating_mul(product.degradation_weight));
        self.maturing
            .set(gene, young.saturating_mul(product.maturation_weight));
    }

    /// A ribosome begins on a message of `gene`.
    pub(crate) fn begin_translation(&mut self, gene: usize, model: &CellModel) {
        self.translating[gene] += 1;
        let product = &model.products[gene];
        match model.mechanisms.loading {
            Loading::One => {
                self.free[product.unit] -= 1;
                self.messages.remove(gene);
            }
            Loading::Polysome => {
                if u64::from(self.translating[gene]) >= room(self.free[product.unit], product) {
                    self.messages.set(gene, 0);
                }
            }
        }
    }

    /// A ribosome leaves a message of `gene`.
    pub(crate) fn end_translation(&mut self, gene: usize, model: &CellModel) {
        self.translating[gene] -= 1;
        let product = &model.products[gene];
        match model.mechanisms.loading {
            Loading::One => {
                self.free[product.unit] += 1;
                self.messages.add(gene);
            }
            Loading::Polysome => {
                if self.messages.weight(gene) == 0 {
                    self.refresh_message(gene, model);
                }
            }
        }
    }

    /// A message of `unit` begins to decay.
    pub(crate) fn begin_decay(&mut self, unit: usize, model: &CellModel) {
        self.free[unit] -= 1;
        self.decaying[unit] += 1;
        self.refresh_messages(unit, model);
    }

    /// A message of `unit` is finished.
    pub(crate) fn add_message(&mut self, unit: usize, model: &CellModel) {
        self.free[unit] += 1;
        self.refresh_messages(unit, model);
    }

    pub(crate) fn add_waiting(&mut self, gene: usize, product: &Product) {
        self.waiting_count[gene] += 1;
        self.waiting_total += 1;
        self.waiting.set(
            gene,
            u64::from(self.waiting_count[gene]) * product.insertion_weight,
        );
    }

    pub(crate) fn take_waiting(&mut self, gene: usize, product: &Product) {
        self.waiting_count[gene] -= 1;
        self.waiting_total -= 1;
        self.waiting.set(
            gene,
            u64::from(self.waiting_count[gene]) * product.insertion_weight,
        );
    }

    /// Counts one product made at `now` (seconds) into the moving average of the gene.
    pub(crate) fn record_product(&mut self, gene: usize, now: f64, model: &CellModel) {
        self.made[gene] += 1;
        let window = production_window(&model.products[gene], model);
        self.production[gene] = self.production_at(gene, now, window) + 1.0 / window;
        self.produced_at[gene] = now;
    }

    /// Production averaged with an exponential window of `window` seconds, 1/s.
    pub(crate) fn production_at(&self, gene: usize, now: f64, window: f64) -> f64 {
        self.production[gene] * libm::exp(-(now - self.produced_at[gene]) / window)
    }
}

/// Ribosomes that the messages of a gene hold at most.
fn room(free: u32, product: &Product) -> u64 {
    u64::from(free) * u64::from(product.ribosomes_per_message)
}

/// Products per second that double a newborn's copies in one reference doubling time.
pub(crate) fn reference_production(product: &Product, model: &CellModel) -> f64 {
    f64::from(product.copies_at_birth) / model.constants.doubling_s
}

/// Window of the production average: 10 min, or longer where fewer than 5 transcripts are expected in that time, s.
/// Proteins come in bursts of one transcript each, so a window of a few proteins would call healthy genes silent.
pub(crate) fn production_window(product: &Product, model: &CellModel) -> f64 {
    let reference = reference_production(product, model);
    let burst = if product.is_message() {
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
