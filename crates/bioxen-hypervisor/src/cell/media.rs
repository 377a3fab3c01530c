//! Media by name.

use bioxen_core::VmError;

use super::{Cell, Medium};

/// A medium that a cell knows.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedMedium {
    /// Name, for example `glucose`.
    pub name: &'static str,
    /// Doubling time of an undisturbed culture in it, min; what the capacity of the enzymes is found from.
    pub doubling_min: f64,
    pub(crate) medium: Medium,
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
