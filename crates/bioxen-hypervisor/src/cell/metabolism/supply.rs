//! Building blocks from the cell's own enzymes, and the charging of tRNA with them.

use super::flow::Flow;
use super::{AA_SYNTHESIS, BIOSYNTHESIS};

/// What a cell that makes its own building blocks brings to one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Supply {
    /// Amino acids that its enzymes make from the medium at most, 1/s.
    pub(crate) capacity: f64,
    /// Amino acids in the pool that halve supply by feedback, molecules, and the power of that.
    pub(crate) feedback_half: f64,
    pub(crate) feedback_power: f64,
    /// ATP per amino acid for everything that growth costs beside what is posted where it is spent.
    pub(crate) growth_cost: f64,
    /// Charging per free tRNA at saturation, 1/s, and the amino acids that half saturate it, molecules.
    pub(crate) charging: f64,
    pub(crate) charging_half: f64,
    /// Residues that were made in the step, 1/s: the charged tRNA that they took has come back free all along the step.
    pub(crate) translated: f64,
}

impl Flow<'_> {
    /// tRNAs as they were before the step, since what it took of them comes back by and by.
    pub(super) fn before_translation(&mut self) {
        if let Some(supply) = self.around.supply {
            let taken = supply.translated * self.around.span;
            self.charged += taken;
            self.free -= taken;
        }
    }

    /// M7 and M8 for a cell with a supply of its own. Charging is implicit in free tRNA and in amino acids (Rosenbrock
    /// 1963, first order), for either may turn over in a sub-step.
    pub(super) fn supply(&mut self, supply: &Supply) {
        let taken = supply.translated * self.dt;
        self.charged -= taken;
        self.free += taken;
        self.make_amino_acids(supply);
        let (free, amino_acids) = (f64::max(self.free, 0.0), self.amino_acids);
        if free <= 0.0 || amino_acids <= 0.0 {
            return;
        }
        let room = supply.charging_half + amino_acids;
        let saturation = amino_acids / room;
        let rate = supply.charging * free * saturation;
        let slope = supply.charging * (saturation + free * supply.charging_half / (room * room));
        let wanted = rate * self.dt / (1.0 + slope * self.dt);
        self.charge_trna(f64::min(wanted, f64::min(free, amino_acids)));
    }

    /// Amino acids by the capacity of the enzymes, against feedback by the pool; each costs what growth costs.
    fn make_amino_acids(&mut self, supply: &Supply) {
        let level = self.amino_acids / supply.feedback_half;
        let open = 1.0 / (1.0 + libm::pow(level, supply.feedback_power));
        let wanted = supply.capacity * open * self.glucose * self.import_saturation() * self.dt;
        let paid = self.spend_atp(BIOSYNTHESIS, wanted * supply.growth_cost, 1.0);
        self.ndp[0] += paid;
        self.phosphate += paid;
        let made = f64::min(wanted, paid / supply.growth_cost);
        self.amino_acids += made;
        self.extent[AA_SYNTHESIS] += made;
    }
}
