//! Switching operons: by hand, and by what is in the medium.
//!
//! Transcripts were counted in glucose medium, so an operon has its reference activity 1 in its default state: one that
//! is on there is switched off by dividing by its fold range, one that is off is switched on by multiplying with it, and
//! one that is in between has half of the range (on a logarithmic scale) either way.

use std::collections::BTreeMap;

use bioxen_core::{OperonAction, OperonId, VmError};
use serde::{Deserialize, Serialize};

use super::Cell;
use super::model::CellModel;
use crate::genome::{DefaultState, Operon, OperonIdx, RegulationClass};

/// Multiplier of a promoter that is on and whose range is not known when it is activated, as for single genes.
const ACTIVATED: f64 = 4.0;

/// Range of a promoter of which none is known, for repression: a strong repressor.
const REPRESSED: f64 = 100.0;

/// What the table calls the signal of sigma S.
const STATIONARY: &str = "stationary phase";

/// What was asked of one operon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Setting {
    /// The cell regulates it.
    Own,
    Activated,
    Repressed,
}

/// What was asked of the operons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Operons {
    settings: Vec<Setting>,
}

impl Operons {
    pub(crate) fn newborn(model: &CellModel) -> Option<Self> {
        let operons = model.genome().operons().len();
        (operons > 0).then(|| Self {
            settings: vec![Setting::Own; operons],
        })
    }

    /// Whether this can be the state of a cell of the model: used when an image is read.
    pub(crate) fn fits(&self, model: &CellModel) -> bool {
        self.settings.len() == model.genome().operons().len()
    }
}

/// What managing an operon changed.
#[derive(Debug, Clone, PartialEq)]
pub struct OperonChange {
    /// Identifier of the operon.
    pub id: String,
    /// Name of the operon.
    pub name: String,
    /// Multiplier of its promoter before, 1 = glucose medium.
    pub activity_before: f64,
    /// Multiplier of its promoter from the next coupling step on.
    pub activity_after: f64,
}

impl CellModel {
    /// Substances of the medium that promoters answer to.
    pub(crate) fn inducers(&self) -> impl Iterator<Item = &str> {
        let own = self.genome().inducers().iter().map(|i| i.name.as_str());
        own.chain(self.construct_inducers())
    }
}

impl Cell {
    /// Holds operons on or off from the next coupling step on, or gives them back to the cell. All or nothing.
    ///
    /// # Errors
    ///
    /// [`VmError::UnknownOperon`] for the first one that the cell does not have.
    pub fn manage_operons(
        &mut self,
        operons: &[OperonId],
        action: OperonAction,
    ) -> Result<Vec<OperonChange>, VmError> {
        let found = operons
            .iter()
            .map(|id| self.find_operon(id.as_str()))
            .collect::<Result<Vec<OperonIdx>, VmError>>()?;
        let setting = match action {
            OperonAction::Activate => Setting::Activated,
            OperonAction::Repress => Setting::Repressed,
            OperonAction::Release => Setting::Own,
        };
        let mut changes = Vec::with_capacity(found.len());
        for operon in found {
            if let Some(state) = &mut self.operons {
                state.settings[operon.index()] = setting;
            }
            changes.push(self.switch(operon));
        }
        Ok(changes)
    }

    /// Puts the substances that switch operons into the medium, in place of those that were there. All or nothing.
    ///
    /// # Errors
    ///
    /// The first name that no operon answers to, with the names that are known.
    pub fn set_inducers(&mut self, names: &[String]) -> Result<(), VmError> {
        let model = std::sync::Arc::clone(&self.model);
        let known: Vec<&str> = model.inducers().collect();
        if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(VmError::UnknownInducer {
                name: name.clone(),
                known: known.into_iter().map(str::to_owned).collect(),
            });
        }
        self.inducers = names.to_vec();
        for index in 0..model.genome().operons().len() {
            self.switch(OperonIdx::at(index));
        }
        Ok(())
    }

    /// Switches the operons that answer to the growth phase, after it has changed.
    pub(crate) fn switch_by_phase(&mut self) {
        let model = std::sync::Arc::clone(&self.model);
        for (index, operon) in model.genome().operons().iter().enumerate() {
            if answers_to(operon, STATIONARY) {
                self.switch(OperonIdx::at(index));
            }
        }
    }

    /// Operons that are held on or off, with which of them.
    pub(crate) fn held_operons(&self) -> impl Iterator<Item = String> {
        let settings = self.operons.iter().flat_map(|operons| &operons.settings);
        let all = self.model.genome().operons().iter().zip(settings);
        all.filter_map(|(operon, setting)| match setting {
            Setting::Own => None,
            Setting::Activated => Some(format!("{} on", operon.name)),
            Setting::Repressed => Some(format!("{} off", operon.name)),
        })
    }

    /// Substances in the medium that switch operons.
    pub fn inducers(&self) -> &[String] {
        &self.inducers
    }

    /// Settings of operons after a change of constructs: each keeps its own.
    pub(crate) fn keep_settings(&mut self, old: &CellModel) {
        let Some(state) = &mut self.operons else {
            return;
        };
        let before: BTreeMap<_, _> = (old.genome().operons().iter().map(|operon| &operon.id))
            .zip(&state.settings)
            .collect();
        let kept = self.model.genome().operons().iter();
        let kept = kept
            .map(|operon| before.get(&operon.id).map_or(Setting::Own, |kept| **kept))
            .collect();
        state.settings = kept;
    }

    fn find_operon(&self, name: &str) -> Result<OperonIdx, VmError> {
        let genome = self.model.genome();
        genome
            .find_operon(name)
            .ok_or_else(|| VmError::UnknownOperon {
                name: name.to_owned(),
                nearest: genome.nearest_operons(name),
            })
    }

    /// Brings the promoters of an operon in line with setting and medium.
    fn switch(&mut self, index: OperonIdx) -> OperonChange {
        let model = std::sync::Arc::clone(&self.model);
        let operon = &model.genome()[index];
        let units = &model.operon_units[index.index()];
        let activity = self.activity_of(index, operon);
        let before = units.first().map_or(1.0, |&unit| self.genes.activity[unit]);
        for &unit in units {
            self.genes.activity[unit] = activity;
            self.genes.refresh_promoter(unit, &model);
        }
        OperonChange {
            id: operon.id.clone(),
            name: operon.name.clone(),
            activity_before: before,
            activity_after: activity,
        }
    }

    fn activity_of(&self, index: OperonIdx, operon: &Operon) -> f64 {
        let Some(state) = &self.operons else {
            return 1.0;
        };
        match state.settings[index.index()] {
            Setting::Activated => on(operon),
            Setting::Repressed => off(operon),
            Setting::Own if !self.is_signaled(operon) => 1.0,
            Setting::Own if operon.regulation.class == RegulationClass::Repressible => off(operon),
            Setting::Own => on(operon),
        }
    }

    /// Whether medium or growth phase are what the regulators of an operon answer to.
    fn is_signaled(&self, operon: &Operon) -> bool {
        let stationary = self.phase.is_some_and(|phase| phase.stationary);
        let known = self.model.genome().inducers().iter();
        (stationary && answers_to(operon, STATIONARY))
            || known
                .filter(|inducer| self.inducers().contains(&inducer.name))
                .any(|inducer| answers_to(operon, &inducer.effector))
    }
}

/// Whether the regulators of an operon answer to this effector.
fn answers_to(operon: &Operon, effector: &str) -> bool {
    let regulation = &operon.regulation;
    let switchable = matches!(
        regulation.class,
        RegulationClass::Inducible | RegulationClass::Repressible
    );
    let known = regulation.effector.as_ref();
    switchable && known.is_some_and(|known| known.contains(effector))
}

/// Activity of the promoter when it is on.
pub(super) fn on(operon: &Operon) -> f64 {
    match (
        operon.regulation.default_state,
        operon.regulation.fold_range,
    ) {
        (DefaultState::Off, Some(fold)) => fold,
        (DefaultState::Basal, Some(fold)) => libm::sqrt(fold),
        (DefaultState::On, Some(_)) => 1.0,
        (_, None) => ACTIVATED,
    }
}

/// Activity of the promoter when it is off.
fn off(operon: &Operon) -> f64 {
    match (
        operon.regulation.default_state,
        operon.regulation.fold_range,
    ) {
        (DefaultState::On, Some(fold)) => 1.0 / fold,
        (DefaultState::Basal, Some(fold)) => 1.0 / libm::sqrt(fold),
        (DefaultState::Off, Some(_)) => 1.0,
        (_, None) => 1.0 / REPRESSED,
    }
}
