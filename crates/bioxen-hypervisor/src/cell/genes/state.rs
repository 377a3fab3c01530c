//! What an image keeps of units and genes.

use serde::{Deserialize, Serialize};

use crate::cell::model::CellModel;

/// What must be kept of [`Genes`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GenesState {
    pub(crate) dose: Vec<u32>,
    pub(crate) held: Vec<u32>,
    pub(crate) activity: Vec<f64>,
    pub(crate) regulation: Vec<f64>,
    pub(crate) feedback: Vec<f64>,
    pub(crate) control: Vec<f64>,
    pub(crate) immature: Vec<u32>,
    pub(crate) transcribed_at: Vec<f64>,
    pub(crate) free: Vec<u32>,
    pub(crate) decaying: Vec<u32>,
    pub(crate) knocked_out: Vec<bool>,
    pub(crate) knock_down: Vec<f64>,
    pub(crate) translating: Vec<u32>,
    pub(crate) products: Vec<u32>,
    pub(crate) production: Vec<f64>,
    pub(crate) produced_at: Vec<f64>,
    pub(crate) made: Vec<u64>,
    pub(crate) waiting: Vec<u32>,
}

impl GenesState {
    /// Whether every vector has one entry for each unit or gene of the model.
    pub(crate) fn fits(&self, model: &CellModel) -> bool {
        let Self {
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
        } = self;
        let (units, genes) = (model.units.len(), model.products.len());
        [dose, held, free, decaying]
            .iter()
            .all(|v| v.len() == units)
            && activity.len() == units
            && [regulation, transcribed_at]
                .iter()
                .all(|v| v.len() == regulated(model, units))
            && feedback.len() == regulated(model, genes)
            && control.len() == given(model, units)
            && immature.len() == given(model, genes)
            && [translating, products, waiting]
                .iter()
                .all(|v| v.len() == genes)
            && [knock_down, production, produced_at]
                .iter()
                .all(|v| v.len() == genes)
            && knocked_out.len() == genes
            && made.len() == genes
            && products
                .iter()
                .zip(waiting)
                .all(|(all, waiting)| waiting <= all)
    }
}

macro_rules! copy {
    ($old:ident, $from:ident, $new:ident, $to:ident; $($field:ident),+) => {
        $(if let (Some(value), Some(place)) = ($old.$field.get($from), $new.$field.get_mut($to)) {
            *place = *value;
        })+
    };
}

impl GenesState {
    /// A cell of the model with nothing in it, and no promoter.
    pub(crate) fn empty(model: &CellModel) -> Self {
        let (units, genes) = (model.units.len(), model.products.len());
        Self {
            dose: vec![0; units],
            held: vec![0; units],
            activity: vec![1.0; units],
            regulation: vec![1.0; regulated(model, units)],
            feedback: vec![1.0; regulated(model, genes)],
            control: vec![1.0; given(model, units)],
            immature: vec![0; given(model, genes)],
            transcribed_at: vec![0.0; regulated(model, units)],
            free: vec![0; units],
            decaying: vec![0; units],
            knocked_out: vec![false; genes],
            knock_down: vec![1.0; genes],
            translating: vec![0; genes],
            products: vec![0; genes],
            production: vec![0.0; genes],
            produced_at: vec![0.0; genes],
            made: vec![0; genes],
            waiting: vec![0; genes],
        }
    }

    /// Puts what is there of unit `from` into unit `to` of another state.
    pub(crate) fn copy_unit(&self, from: usize, new: &mut Self, to: usize) {
        copy!(self, from, new, to; dose, held, activity, regulation, control, transcribed_at, free, decaying);
    }

    /// Puts what is there of gene `from` into gene `to` of another state.
    pub(crate) fn copy_gene(&self, from: usize, new: &mut Self, to: usize) {
        copy!(
            self, from, new, to;
            feedback, immature, knocked_out, knock_down, translating, products, production, produced_at, made, waiting
        );
    }
}

/// `n` where the model regulates itself, otherwise 0.
fn regulated(model: &CellModel, n: usize) -> usize {
    model.regulation.as_ref().map_or(0, |_| n)
}

/// `n` where the cell was given constructs, otherwise 0.
fn given(model: &CellModel, n: usize) -> usize {
    if model.constructs.is_empty() { 0 } else { n }
}
