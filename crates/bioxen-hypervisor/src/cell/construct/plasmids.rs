//! Plasmids: copies that replicate under copy number control and cost what DNA costs.

use super::limits::{self, allowed};
use crate::cell::Cell;
use crate::cell::model::CellModel;
use crate::cell::numbers::count;
use crate::cell::replication::bases_of_pairs;

/// Greatest rate at which a copy replicates, 1/s: copy number is restored in some five minutes.
const REPLICATION_PER_S: f64 = 1.0 / 300.0;

/// A kind of plasmid.
#[derive(Debug, Clone)]
pub(crate) struct PlasmidModel {
    pub(crate) name: String,
    pub(crate) length_bp: u32,
    /// Base pairs of the A-T kind.
    pub(crate) at_bp: u32,
    /// Mean copies in a growing cell.
    pub(crate) copies: f64,
}

impl PlasmidModel {
    pub(super) fn new(
        name: &str,
        length_bp: u32,
        gc_content: f64,
        copies: f64,
    ) -> Result<Self, String> {
        if !limits::PLASMID_BP.contains(&f64::from(length_bp)) {
            return Err(allowed("a plasmid has", &limits::PLASMID_BP) + " bp");
        }
        if !limits::GC_CONTENT.contains(&gc_content) {
            return Err(allowed("a G-C content is from", &limits::GC_CONTENT));
        }
        if !limits::COPIES.contains(&copies) {
            return Err(allowed("a copy number is from", &limits::COPIES));
        }
        Ok(Self {
            name: name.to_owned(),
            length_bp,
            at_bp: count(f64::from(length_bp) * (1.0 - gc_content)),
            copies,
        })
    }

    /// A-T and G-C pairs of one copy.
    fn pairs(&self) -> (i64, i64) {
        (
            i64::from(self.at_bp),
            i64::from(self.length_bp - self.at_bp),
        )
    }
}

impl Cell {
    /// Copies of each plasmid, by the name of its package.
    pub fn plasmid_copies(&self) -> Vec<(&str, u32)> {
        let names = self.model.plasmids.iter().map(|p| p.name.as_str());
        names.zip(self.plasmids.iter().copied()).collect()
    }

    /// Bases of all plasmids, in the order of [`Base::ALL`] with T as U.
    pub(crate) fn add_plasmid_bases(&self, bases: &mut [i64; 4]) {
        for (plasmid, &copies) in self.model.plasmids.iter().zip(&self.plasmids) {
            let each = bases_of_pairs(plasmid.pairs());
            for (sum, n) in bases.iter_mut().zip(each) {
                *sum += i64::from(copies) * n;
            }
        }
    }

    /// Base pairs in plasmids.
    pub(crate) fn plasmid_bp(&self) -> u64 {
        self.model
            .plasmids
            .iter()
            .zip(&self.plasmids)
            .map(|(plasmid, &copies)| u64::from(plasmid.length_bp) * u64::from(copies))
            .sum()
    }

    /// Each of n copies replicates with hazard k (1 - n/N), as far as there are building blocks and ATP. N is such that a
    /// growing cell has the copies of its kind on average.
    pub(crate) fn replicate_plasmids(&mut self, span: f64) {
        let model = std::sync::Arc::clone(&self.model);
        for (index, plasmid) in model.plasmids.iter().enumerate() {
            let dilution = std::f64::consts::LN_2 / model.constants.doubling_s;
            let ceiling = plasmid.copies / (1.0 - dilution / REPLICATION_PER_S);
            let copies = f64::from(self.plasmids[index]);
            let hazard = REPLICATION_PER_S * f64::max(1.0 - copies / ceiling, 0.0);
            let wanted = match copies * hazard * span {
                mean if mean > 0.0 => self.stream.poisson(mean),
                _ => 0,
            };
            let made = wanted.min(self.copyable_bp() / plasmid.length_bp);
            if made == 0 {
                continue;
            }
            self.post_replication(made, plasmid.pairs());
            self.plasmids[index] += made;
            self.bear_plasmid_doses(&model);
        }
    }

    /// Splits each kind of plasmid between two daughters.
    pub(crate) fn split_plasmids(&mut self, model: &CellModel) {
        for copies in &mut self.plasmids {
            let kept = self.stream.half_of(u64::from(*copies));
            *copies = u32::try_from(kept).expect("half of a 32-bit count");
        }
        self.bear_plasmid_doses(model);
    }

    /// Brings the doses of the units on plasmids in line with the copies of these.
    pub(super) fn bear_plasmid_doses(&mut self, model: &CellModel) {
        let host = model.host().units.len();
        for (unit, of) in model.units.iter().enumerate().skip(host) {
            if let Some(plasmid) = of.plasmid {
                self.genes.dose[unit] = self.plasmids[plasmid];
                self.genes.refresh_promoter(unit, model);
            }
        }
    }
}
