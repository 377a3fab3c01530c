//! Growth with protein that the cell has no use for.

use std::sync::Arc;

use super::lineage::{Lineage, Quantity, watch};
use super::media::GLUCOSE;
use super::{Figure, Observed, Seen, built_in};
use crate::validation::experiment::Watch;
use crate::validation::statistics::{Simulated, over_cells};

/// Strengths of the reporter's promoter, over the mean promoter of the host; each is on some 500 copies.
const STRENGTHS: [f64; STRENGTH_COUNT as usize] = [0.0, 0.3, 1.0, 3.0, 6.0];
const STRENGTH_COUNT: u32 = 5;

/// Mass fraction of unneeded protein at which growth stops: Scott et al. 2010.
const GROWTH_STOPS_AT: f64 = 0.48;

/// A lineage in glucose medium that carries the reporter plasmid.
pub(in crate::validation) struct Burdened {
    strength: f64,
    /// Share of the construct in the residues of all protein.
    unneeded: f64,
    doubling_min: f64,
}

/// One lineage after the other has the next strength.
pub(super) const WATCH: Watch<Observed> = Watch {
    name: "burden",
    settings: STRENGTH_COUNT,
    follow: |mut cell, n, stop| {
        let strength = STRENGTHS[n as usize % STRENGTHS.len()];
        let mut construct = built_in("gfp_reporter");
        construct.units[0].strength = strength;
        cell.install(&construct)
            .expect("a test installs it in every strength");
        let model = Arc::clone(cell.model());
        let lineage = watch(cell, GLUCOSE, stop)?;
        let host = model.host().products.len();
        let products = model.products.iter().enumerate().skip(host);
        let residues: f64 = products
            .map(|(gene, product)| lineage.mean.products(gene) * f64::from(product.residues))
            .sum();
        Some(Observed::Burdened(Burdened {
            strength,
            unneeded: residues / lineage.mean.of(Quantity::Residues),
            doubling_min: lineage.doubling_min(),
        }))
    },
};

pub(super) fn rows() -> Vec<Figure> {
    STRENGTHS
        .into_iter()
        .zip(["a", "b", "c", "d", "e"])
        .map(|(strength, letter)| {
            Figure::new(format!("E907{letter}"), move |seen| over_law(seen, strength))
                .note("held_share, 1 - 0.48, is a constant of the model: the law is put in, not predicted")
        })
        .collect()
}

/// Growth over that of the same cells without the plasmid, over 1 − φ/0.48.
fn over_law(seen: &Seen, strength: f64) -> Simulated {
    let alone = seen.in_medium(GLUCOSE, Lineage::doubling_min).value;
    let burdened: Vec<&Burdened> = seen
        .each(|seen| match seen {
            Observed::Burdened(burdened) => Some(burdened),
            _ => None,
        })
        .filter(|b| b.strength.total_cmp(&strength).is_eq())
        .collect();
    over_cells(&burdened, |b| {
        Some(alone / b.doubling_min / (1.0 - b.unneeded / GROWTH_STOPS_AT))
    })
}
