//! Whether the cell grows, and what a cell that does not does with its ribosomes.

use bioxen_core::GrowthPhase;
use serde::{Deserialize, Serialize};

use super::Cell;

/// A cell is stationary when it grows by less than this share of the reference rate, and grows again above the other.
const STOPPED: f64 = 0.1;
const GROWING: f64 = 0.3;

/// For how long it must, s.
const PATIENCE_S: f64 = 600.0;

/// Medium with less carbon than this share of the half-saturation constant is used up.
const USED_UP: f64 = 0.1;

/// Share of its idle ribosomes that a stationary cell puts away, and the time in which it does and undoes it, s.
const HIBERNATING: f64 = 0.5;
const HIBERNATION_S: f64 = 600.0;

/// The growth phase of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Phase {
    pub(crate) stationary: bool,
    /// Whether the medium, not the quota, stopped it.
    pub(crate) by_nutrient: bool,
    /// For how long what would change the phase has held, s.
    held_s: f64,
    /// Ribosomes put away.
    pub(crate) hibernating: f64,
}

impl Phase {
    pub(crate) fn growing() -> Self {
        Self {
            stationary: false,
            by_nutrient: false,
            held_s: 0.0,
            hibernating: 0.0,
        }
    }

    /// The phase in the words of the metrics.
    pub(crate) fn name(self) -> GrowthPhase {
        match (self.stationary, self.by_nutrient) {
            (false, _) => GrowthPhase::Exponential,
            (true, true) => GrowthPhase::StationaryNutrient,
            (true, false) => GrowthPhase::StationaryEnergy,
        }
    }

    /// Whether this can be the phase of a cell: used when an image is read.
    pub(crate) fn is_sound(self) -> bool {
        (0.0..=1e9).contains(&self.held_s) && (0.0..=1e9).contains(&self.hibernating)
    }
}

impl Cell {
    /// Follows growth and medium for `span` seconds, where the model knows phases; operons that answer to the phase go
    /// along with it.
    pub(crate) fn follow_phase(&mut self, span: f64) {
        let c = &self.model.constants;
        let reference = std::f64::consts::LN_2 / c.doubling_s;
        let starved = self.medium.glucose_mm < USED_UP * c.regeneration_k_glucose;
        let idle = f64::from(self.ribosomes.free());
        let Some(phase) = &mut self.phase else { return };
        let rate = self.growth.rate / reference;
        let turning = if phase.stationary {
            !starved && rate > GROWING
        } else {
            starved || rate < STOPPED
        };
        phase.held_s = if turning { phase.held_s + span } else { 0.0 };
        let turns = phase.held_s >= PATIENCE_S || (starved && !phase.stationary);
        if turns {
            phase.stationary = !phase.stationary;
            phase.held_s = 0.0;
        }
        if phase.stationary {
            phase.by_nutrient = starved;
        }
        let goal = if phase.stationary {
            HIBERNATING * idle
        } else {
            0.0
        };
        phase.hibernating += (goal - phase.hibernating) * (1.0 - libm::exp(-span / HIBERNATION_S));
        if turns {
            self.switch_by_phase();
        }
    }
}
