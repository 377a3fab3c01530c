//! Promoters of constructs that proteins regulate: Hill functions of their concentrations.

use super::limits::{self, allowed};
use super::{ConstructUnit, ControlAction};
use crate::cell::Cell;
use crate::cell::constants::Constants;
use crate::cell::model::CellModel;

/// Millimolar in one nanomolar.
const MM_PER_NM: f64 = 1e-6;

/// What regulates one promoter.
#[derive(Debug, Clone)]
pub(crate) struct UnitControls {
    pub(crate) unit: usize,
    /// Share of the strength that no regulator takes away.
    pub(crate) leak: f64,
    pub(crate) controls: Vec<CompiledControl>,
}

/// A regulator of a promoter.
#[derive(Debug, Clone)]
pub(crate) struct CompiledControl {
    regulator: usize,
    action: ControlAction,
    half_mm: f64,
    hill: f64,
    inducer: Option<String>,
}

pub(super) fn compile_controls(
    model: &CellModel,
    unit: &ConstructUnit,
) -> Result<Vec<CompiledControl>, String> {
    unit.controls
        .iter()
        .map(|control| {
            let regulator = model
                .genome()
                .find(&control.regulator)
                .map_err(|error| format!("its regulator: {error}"))?
                .index();
            if !model.products[regulator].is_message() {
                return Err(format!(
                    "its regulator \"{}\" is no protein",
                    control.regulator
                ));
            }
            if !limits::HALF_NM.contains(&control.half_nm) {
                return Err(allowed("a half concentration is from", &limits::HALF_NM) + " nM");
            }
            if !limits::HILL.contains(&control.hill) {
                return Err(allowed("a Hill coefficient is from", &limits::HILL));
            }
            Ok(CompiledControl {
                regulator,
                action: control.action,
                half_mm: control.half_nm * MM_PER_NM,
                hill: control.hill,
                inducer: control.inducer.clone(),
            })
        })
        .collect()
}

impl CellModel {
    /// Substances that promoters of constructs answer to.
    pub(crate) fn construct_inducers(&self) -> impl Iterator<Item = &str> {
        self.controls
            .iter()
            .flat_map(|unit| &unit.controls)
            .filter_map(|control| control.inducer.as_deref())
    }
}

impl Cell {
    /// Brings the promoters of constructs in line with their regulators, once a coupling step.
    pub(crate) fn control(&mut self) {
        let model = std::sync::Arc::clone(&self.model);
        let per_mm = Constants::molecules(1.0, self.geometry.volume_al);
        for of in &model.controls {
            let mut open = 1.0;
            for control in &of.controls {
                let induced = control
                    .inducer
                    .as_ref()
                    .is_some_and(|name| self.inducers.contains(name));
                let copies = if induced {
                    0.0
                } else {
                    f64::from(self.genes.products[control.regulator])
                };
                let level = copies / per_mm / control.half_mm;
                let bound = 1.0 / (1.0 + libm::pow(level, -control.hill));
                open *= match control.action {
                    ControlAction::Represses => 1.0 - bound,
                    ControlAction::Activates => bound,
                };
            }
            self.genes.control[of.unit] = of.leak + (1.0 - of.leak) * open;
            self.genes.refresh_promoter(of.unit, &model);
        }
    }
}
