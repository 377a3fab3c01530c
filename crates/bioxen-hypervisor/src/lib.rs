//! Cells as virtual machines: an exact whole-cell engine under enforced quotas, and the hypervisor that schedules it.
//!
//! A [`Cell`] is one bacterium, simulated gene by gene; it moves in whole coupling steps, and the same seed, name and
//! commands give the same bytes. A [`Hypervisor`] owns many of them, computes them on its own threads, and hands out
//! [`BasicBiologicalVm`]s. Either can be used alone.
//!
//! It refuses to draw a seed, to read the clock of the system (give it a `Clock`), to keep hidden global state, and to
//! report a figure that no mechanism of the cell computed.
//!
//! ```
//! use std::sync::Arc;
//! use bioxen_core::{AtpPercent, Organism, Quota, RibosomeUnit, Seed, SimTime, VmId};
//! use bioxen_hypervisor::{Cell, CellModel, CellOptions};
//!
//! let quota = Quota {
//!     atp: AtpPercent::new(60.0)?,
//!     ribosomes: Organism::Syn3a.full_ribosome_units(),
//!     unit: RibosomeUnit::Share,
//! };
//! let model = Arc::new(CellModel::syn3a());
//! let mut cell = Cell::newborn(model, &VmId::new("cell-1")?, Seed::new(7), quota, CellOptions::default());
//! cell.advance_to(SimTime::from_seconds(60.0)?);
//! assert!(cell.sample().energy_charge > 0.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batch;
mod capacity;
mod cell;
mod config;
mod crew;
mod error;
pub mod genome;
mod guest;
mod handle;
mod image;
mod limits;
mod machine;
mod pace;
pub mod package;
mod process;
mod scheduler;
mod stochastic;
mod trajectory;
pub mod validation;
mod vm;

pub use cell::{
    COUPLING_STEP, Carrier, Cell, CellDiff, CellModel, CellOptions, Construct, ConstructError,
    ConstructGene, ConstructUnit, Control, ControlAction, CountChange, CountKind, NamedMedium,
    OperonChange, SavedCell, SettingChange,
};
pub use image::{IMAGE_VERSION, ImageHeader, read_header};

pub use bioxen_core::{Goal, Sample, Sampling};

pub use batch::{BatchEnd, BatchOutcome, BatchProgress, BatchVm};
pub use config::{Chassis, HostPolicy, HypervisorConfig};
pub use error::HypervisorError;
pub use handle::Hypervisor;
pub use limits::VmLimits;
pub use trajectory::Trajectory;
pub use vm::{BasicBiologicalVm, InstallError};
