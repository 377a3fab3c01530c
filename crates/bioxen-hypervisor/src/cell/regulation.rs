//! What a cell itself does to its promoters and messages: the stringent response and the feedback of surplus proteins.
//!
//! ppGpp follows the share of uncharged tRNA; it slows stable RNA and ribosomal promoters, RNA polymerase on messages
//! and replication forks. Ribosomal proteins that are in no ribosome hold back their own messages (Nomura et al. 1984,
//! doi 10.1146/annurev.bi.53.070184.000451), and housekeeping proteins that are held at a share of the proteome hold
//! back their own promoters (Scott et al. 2010, doi 10.1126/science.1192588).

use serde::{Deserialize, Serialize};

use super::Cell;
use super::model::CellModel;
use super::numbers::{real, signed_real};
use super::pools::Pool;

/// Coupling steps from one look at the shares of held proteins to the next: 10 s.
const STEPS_PER_LOOK: u64 = 20;

/// The greatest multiplier of a promoter by its own proteins.
const MOST_RELIEF: f64 = 8.0;

/// How an organism regulates itself.
#[derive(Debug, Clone)]
pub(crate) struct RegulationModel {
    /// ppGpp of a growing cell at the reference, pmol/µg protein.
    pub(crate) ppgpp_reference: f64,
    /// ppGpp at which synthesis and loss meet when no tRNA is charged, pmol/µg protein.
    pub(crate) ppgpp_uncharged: f64,
    /// Loss of ppGpp, 1/s.
    pub(crate) ppgpp_loss: f64,
    /// Units of stable RNA, and how ppGpp slows them: 1/(1 + (G/K)^n).
    pub(crate) stable: Vec<usize>,
    pub(crate) stable_half: f64,
    pub(crate) stable_hill: f64,
    /// Units of ribosomal proteins, and how ppGpp slows them: 1/(1 + G/K), relative to the reference.
    pub(crate) ribosomal: Vec<usize>,
    pub(crate) ribosomal_half: f64,
    /// Ribosomal proteins: copies in a ribosome, and the gene.
    pub(crate) ribosomal_proteins: Vec<(u32, usize)>,
    /// Weight of their messages without surplus, and the surplus over the ribosomes that halves it.
    pub(crate) feedback_headroom: f64,
    pub(crate) feedback_half: f64,
    /// Units whose proteins together are held at a share of the proteome, that share, and the power of the feedback.
    pub(crate) held: Vec<usize>,
    pub(crate) held_share: f64,
    pub(crate) held_power: f64,
    /// Genes whose proteins supply building blocks.
    pub(crate) suppliers: Vec<usize>,
    /// Speed of RNA polymerase on a message without ppGpp, nt/s, and the ppGpp that halves it.
    pub(crate) message_speed: f64,
    pub(crate) message_speed_half: f64,
    /// ppGpp that halves the speed of forks.
    pub(crate) fork_half: f64,
}

/// The state of regulation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Regulation {
    /// pmol/µg protein.
    pub(crate) ppgpp: f64,
    /// Residues in the proteins that supply building blocks.
    pub(crate) supplier_residues: f64,
}

impl Regulation {
    pub(crate) fn newborn(model: &CellModel) -> Option<Self> {
        let regulation = model.regulation.as_ref()?;
        Some(Self {
            ppgpp: regulation.ppgpp_reference,
            supplier_residues: 0.0,
        })
    }

    /// Whether this can be the state of a cell: used when an image is read.
    pub(crate) fn is_sound(&self) -> bool {
        (0.0..=1e6).contains(&self.ppgpp) && (0.0..=1e15).contains(&self.supplier_residues)
    }
}

impl Cell {
    /// Brings ppGpp and what follows from it up to date, once a coupling step of `span` seconds.
    pub(crate) fn regulate(&mut self, span: f64) {
        let model = std::sync::Arc::clone(&self.model);
        let Some(of) = &model.regulation else { return };
        let charged = self.pools.real(Pool::ChargedTrna);
        let all = charged + self.pools.real(Pool::FreeTrna);
        let uncharged = if all > 0.0 { 1.0 - charged / all } else { 1.0 };
        let supplier_residues = real(self.residues_in(&of.suppliers));
        let look = self.steps.is_multiple_of(STEPS_PER_LOOK);
        let Some(state) = &mut self.regulation else {
            return;
        };
        state.supplier_residues = supplier_residues;
        let goal = of.ppgpp_uncharged * uncharged;
        state.ppgpp += (goal - state.ppgpp) * (1.0 - libm::exp(-of.ppgpp_loss * span));
        let ppgpp = state.ppgpp;
        let stable = 1.0 / (1.0 + libm::pow(ppgpp / of.stable_half, of.stable_hill));
        self.set_promoters(&of.stable, stable, &model);
        let ribosomal =
            (1.0 + of.ppgpp_reference / of.ribosomal_half) / (1.0 + ppgpp / of.ribosomal_half);
        self.set_promoters(&of.ribosomal, ribosomal, &model);
        self.hold_back_ribosomal_proteins(of, &model);
        if look {
            self.hold_back_held_units(of, &model);
        }
    }

    fn set_promoters(&mut self, units: &[usize], factor: f64, model: &CellModel) {
        for &unit in units {
            self.genes.regulation[unit] = factor;
            self.genes.refresh_promoter(unit, model);
        }
    }

    fn hold_back_ribosomal_proteins(&mut self, of: &RegulationModel, model: &CellModel) {
        let assembled = f64::from(self.ribosomes.total);
        for &(copies, gene) in &of.ribosomal_proteins {
            let there = f64::from(self.genes.products[gene]) / f64::from(copies);
            let surplus = f64::max(there - assembled, 0.0) / f64::max(assembled, 1.0);
            self.genes.feedback[gene] = of.feedback_headroom / (1.0 + surplus / of.feedback_half);
            self.genes.refresh_message(gene, model);
        }
    }

    fn hold_back_held_units(&mut self, of: &RegulationModel, model: &CellModel) {
        let genes = of.held.iter().flat_map(|&unit| &model.units[unit].genes);
        let residues = self.residues_in(genes);
        let share = real(residues) / signed_real(self.residues);
        let relief = libm::pow(of.held_share / f64::max(share, 1e-6), of.held_power);
        self.set_promoters(&of.held, f64::min(relief, MOST_RELIEF), model);
    }

    /// Residues in the proteins of these genes.
    fn residues_in<'g>(&self, genes: impl IntoIterator<Item = &'g usize>) -> u64 {
        let residues = |&gene: &usize| {
            u64::from(self.genes.products[gene]) * u64::from(self.model.products[gene].residues)
        };
        genes.into_iter().map(residues).sum()
    }

    /// Factor by which ppGpp slows something that it halves at `half`; 1 without regulation.
    pub(crate) fn slowed(&self, half: impl Fn(&RegulationModel) -> f64) -> f64 {
        match (&self.model.regulation, &self.regulation) {
            (Some(of), Some(state)) => 1.0 / (1.0 + state.ppgpp / half(of)),
            _ => 1.0,
        }
    }
}
