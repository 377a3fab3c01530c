//! Glycogen: what a cell with a reserve lives on when the medium has no carbon.

use super::Cell;
use super::constants::Constants;
use super::mechanism::Envelope;
use super::numbers::{cut, signed_real};

/// How a cell keeps a reserve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReserveModel {
    /// Share of the dry mass (Neidhardt et al. 1996), and the mass of one unit, Da.
    pub(crate) share: f64,
    pub(crate) unit_da: f64,
    /// Dry mass over the mass of protein, RNA and DNA.
    pub(crate) dry_over_macromolecules: f64,
    /// Time in which it is filled, s.
    pub(crate) filling_s: f64,
    /// Capacity to regenerate ATP from it, over that of the reference medium.
    pub(crate) capacity: f64,
}

impl Cell {
    /// Capacity of regeneration from medium and reserve over that of the reference medium, and the part from the reserve.
    pub(crate) fn carbon(&self, constants: &Constants) -> (f64, f64) {
        let outside = constants.glucose_saturation(self.medium.glucose_mm);
        match self.model.reserve {
            Some(reserve) if self.reserve > 0 => {
                let inside = reserve.capacity * (1.0 - outside);
                (outside + inside, inside / (outside + inside))
            }
            _ => (outside, 0.0),
        }
    }

    /// Takes the part of regeneration that the reserve gave, and fills it from the medium; answers how much glucose came
    /// from the medium.
    pub(crate) fn keep_reserve(&mut self, regenerated: i64, span: f64) -> i64 {
        let Some(of) = self.model.reserve else {
            return regenerated;
        };
        let (_, part) = self.carbon(&self.model.constants);
        let taken = cut(part * signed_real(regenerated)).min(self.reserve);
        self.reserve -= taken;
        let outside = (self.model.constants).glucose_saturation(self.medium.glucose_mm);
        let missing = self.full_reserve(&of) - signed_real(self.reserve);
        let filled = cut(f64::max(missing, 0.0) * outside * span / of.filling_s);
        self.reserve += filled;
        self.ledger.glucose += filled;
        regenerated - taken + filled
    }

    /// Units of a full reserve.
    pub(crate) fn full_reserve(&self, of: &ReserveModel) -> f64 {
        let Envelope::DryMass(composition) = self.model.mechanisms.envelope else {
            return 0.0;
        };
        let da = self.macromolecules_da(&composition) * of.dry_over_macromolecules;
        of.share * da / of.unit_da
    }
}
