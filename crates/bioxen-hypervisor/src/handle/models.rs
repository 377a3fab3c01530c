//! The kinds of cells that a hypervisor makes.

use std::sync::{Arc, OnceLock};

use bioxen_core::{ImageError, Organism, VmImage};

use crate::cell::CellModel;
use crate::image::read_header;

/// One model for each organism, built when the first of its cells is made and shared by all of them.
#[derive(Debug, Default)]
pub(crate) struct Models {
    syn3a: OnceLock<Arc<CellModel>>,
    ecoli: OnceLock<Arc<CellModel>>,
    minimal_cell: OnceLock<Arc<CellModel>>,
}

impl Models {
    pub(crate) fn of(&self, organism: Organism) -> Arc<CellModel> {
        let model = match organism {
            Organism::Syn3a => &self.syn3a,
            Organism::Ecoli => &self.ecoli,
            Organism::MinimalCell => &self.minimal_cell,
        };
        Arc::clone(model.get_or_init(|| Arc::new(CellModel::of(organism))))
    }
}

/// Refuses an image of another organism by its name; whatever else is wrong with it shows when it is decoded.
pub(super) fn check_organism(image: &VmImage, expected: Organism) -> Result<(), ImageError> {
    match read_header(image)?.kind.parse() {
        Ok(found) if found != expected => Err(ImageError::WrongOrganism { expected, found }),
        _ => Ok(()),
    }
}
