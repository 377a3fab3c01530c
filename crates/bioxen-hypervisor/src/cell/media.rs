//! Media by name.

use bioxen_core::VmError;

use super::{Cell, Medium};
use crate::genome::{ParameterError, Parameters};

/// A medium that a cell knows.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedMedium {
    /// Name, for example `glucose`.
    pub name: &'static str,
    /// Doubling time of an undisturbed culture in it, min; what the capacity of the enzymes is found from.
    pub doubling_min: f64,
    pub(crate) medium: Medium,
}

/// ATP per time that growth and maintenance take at a doubling time, over what they take at the reference one.
///
/// # Errors
///
/// When the table lacks a constant of either.
pub(crate) fn energy_demand(
    parameters: &Parameters,
    doubling_min: f64,
) -> Result<f64, ParameterError> {
    let (growth, maintenance) = (parameters.number("gam_total")?, parameters.number("ngam")?);
    let paid = |doubling_min: f64| {
        let per_h = std::f64::consts::LN_2 * 60.0 / doubling_min;
        growth * per_h + maintenance
    };
    Ok(paid(doubling_min) / paid(parameters.number("doubling_time_reference")?))
}

impl Cell {
    /// Puts the cell into a fresh medium of this name, from the next coupling step on. Inducers stay.
    ///
    /// # Errors
    ///
    /// [`VmError::UnknownMedium`] with the media that the organism knows.
    pub fn set_medium_by_name(&mut self, name: &str) -> Result<(), VmError> {
        let media = self.model.media();
        let Some(found) = media.iter().find(|medium| medium.name == name) else {
            return Err(VmError::UnknownMedium {
                name: name.to_owned(),
                known: media.iter().map(|medium| medium.name.to_owned()).collect(),
            });
        };
        let medium = found.medium;
        self.set_medium(medium);
        Ok(())
    }
}
