//! The words of BioXen: what every other crate of the workspace must agree on.
//!
//! A *biological VM* is one simulated bacterial cell that runs under two enforced quotas, a share of its ATP regeneration and a share of its ribosomes.
//! This crate says what may be asked of it ([`VmSpec`], [`Quota`], [`ProcessCode`]), what may happen to it ([`VmState`], [`VmEvent`]), what comes back ([`VmStatus`], [`BiologicalMetrics`], [`ProcessReport`], [`VmError`]) and which verbs it answers ([`BiologicalVm`]).
//!
//! It refuses to do anything: no input or output, no threads, no clock, no randomness, no simulation.
//! Time comes in through [`Clock`], randomness starts from a [`Seed`] that the caller names.
//!
//! # Features
//!
//! - `serde`: reports and newtypes implement `Serialize`. Nothing implements `Deserialize`: formats that are read back have their own versioned types in the crate that owns them.
//! - `testing`: `testing::ManualClock`, a clock that a test moves by hand.
//!
//! # Example
//!
//! ```
//! use bioxen_core::{AtpPercent, Organism, RibosomeCount, Seed, VmEvent, VmId, VmSpec, VmState};
//!
//! let spec = VmSpec::builder(VmId::new("cell-1")?, "syn3a".parse::<Organism>()?, Seed::new(42))
//!     .atp("62.5%".parse::<AtpPercent>()?)
//!     .ribosomes(RibosomeCount::new(10))
//!     .build()?;
//! assert_eq!(spec.atp().hundredths(), 6_250);
//!
//! let running = VmState::Created.apply(VmEvent::Start)?;
//! let refused = running.apply(VmEvent::Resume).expect_err("a running VM is not paused");
//! assert_eq!(refused.to_string(), "a running VM cannot resume");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod vm;

mod state;

mod spec;

mod organism;

mod id;
mod operon;
mod package;

mod quota;
mod secret;
mod seed;
mod units;

mod goal;
mod pacing;
mod time;

mod process;
mod report;
mod sample;

mod image;

mod error;
mod invalid;
mod nearest;

#[cfg(feature = "testing")]
pub mod testing;

pub use error::VmError;
pub use goal::Goal;
pub use id::{GeneId, OperonId, VmId};
pub use image::{ImageError, VmImage};
pub use invalid::{
    InvalidName, InvalidNumber, NameKind, NameProblem, NumberProblem, Quantity, UnknownWord,
};
pub use nearest::{edit_distance, nearest};
pub use operon::OperonAction;
pub use organism::{Operation, Organism, UnknownOrganism};
pub use pacing::{Clock, PaceFactor, Pacing};
pub use package::{InstallReport, InstalledPackage, PackageName, PackagePlace};
pub use process::{
    CancelToken, InvalidProcessCode, ProcessCode, ProcessFailure, ProcessFailureKind,
    ProcessLimits, ProcessReport,
};
pub use quota::{Allocation, AvailableResources, Notice, Quota, ResourceUsage, RibosomeUnit};
pub use report::{
    BiologicalMetrics, EcoliMetrics, GrowthPhase, MinimalCellMetrics, OrganismMetrics,
    ResourcesInUse, Syn3aMetrics, TranscriptionChange, Vitality, VmStatus,
};
pub use sample::{Sample, Sampling};
pub use secret::Secret;
pub use seed::Seed;
pub use spec::{Elongation, Infrastructure, Priority, SpecError, VmSpec, VmSpecBuilder};
pub use state::{IllegalTransition, VmEvent, VmState};
pub use time::{SimSpan, SimTime};
pub use units::{AtpPercent, Molecules, RibosomeCount, StochasticRate};
pub use vm::{BiologicalVm, Probe};
