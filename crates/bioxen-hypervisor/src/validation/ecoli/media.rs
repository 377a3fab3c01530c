//! Media of known doubling times.

use crate::cell::{self, Cell};

/// A medium: how much amino acids the enzymes of a cell make of it, and the doubling time that was measured in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Medium {
    /// Row of the table of parameters with its capacity, 1/s.
    capacity: &'static str,
    /// min.
    pub(super) doubling_min: f64,
}

/// The five columns of Dennis & Bremer 2008.
pub(super) const COLUMNS: [Medium; 5] = [
    Medium::new("amino_acid_capacity_Td100", 100.0),
    Medium::new("amino_acid_capacity_Td60", 60.0),
    Medium::new("amino_acid_capacity_Td40", 40.0),
    Medium::new("amino_acid_capacity_Td30", 30.0),
    Medium::new("amino_acid_capacity_Td24", 24.0),
];

pub(super) const GLUCOSE: Medium = Medium::new("amino_acid_capacity_glucose", 44.0);
pub(super) const GLUCOSE_AA: Medium = Medium::new("amino_acid_capacity_glucose_aa", 25.0);
pub(super) const ACETATE: Medium = Medium::new("amino_acid_capacity_acetate", 136.0);
pub(super) const SUCCINATE: Medium = Medium::new("amino_acid_capacity_succinate", 82.0);
pub(super) const ANAEROBIC: Medium = Medium::new("amino_acid_capacity_glucose_anaerobic", 100.0);

/// All of them, those that take longest to compute first.
pub(super) const MEDIA: [Medium; 10] = [
    COLUMNS[4], GLUCOSE_AA, COLUMNS[3], COLUMNS[2], GLUCOSE, COLUMNS[1], SUCCINATE, ANAEROBIC,
    COLUMNS[0], ACETATE,
];

impl Medium {
    const fn new(capacity: &'static str, doubling_min: f64) -> Self {
        Self {
            capacity,
            doubling_min,
        }
    }

    /// The surroundings of a cell in it. It is not drawn down.
    pub(super) fn around(&self, cell: &Cell) -> cell::Medium {
        let parameters = cell.model().parameters();
        let known = "a test reads the rows of all media";
        cell::Medium {
            nutrition: parameters.number(self.capacity).expect(known),
            energy: cell::energy_demand(parameters, self.doubling_min).expect(known),
            volume_al: f64::INFINITY,
            ..cell.medium()
        }
    }
}
