//! Cells as virtual machines.

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
mod machine;
mod pace;
mod process;
mod scheduler;
mod stochastic;
mod trajectory;
pub mod validation;
mod vm;

pub use cell::{COUPLING_STEP, Cell, CellModel, CellOptions, Sample};
pub use image::{IMAGE_VERSION, ImageHeader, read_header};

pub use batch::{BatchEnd, BatchOutcome, BatchProgress, BatchVm, Goal};
pub use config::{Chassis, HostPolicy, HypervisorConfig};
pub use error::HypervisorError;
pub use handle::Hypervisor;
pub use trajectory::Trajectory;
pub use vm::BasicBiologicalVm;
