//! Watching and steering what cells use.
//!
//! - [`BioResourceManager`] grants ATP and ribosomes to one VM, reads what it uses, recommends, optimizes, and takes and restores snapshots.
//! - [`Monitor`] is one thread that reads many VMs, keeps the last readings of each and raises [`Alert`]s.
//! - [`Policy`] says how grants should change; [`TablePolicy`] has fixed rules for each organism, [`GoalPolicy`] seeks the lowest grant that keeps growth.
//! - [`ResourceSnapshot`] is what was granted and used, as JSON; [`ImageStore`] keeps images of whole cells.
//! - [`PerformanceMonitor`] counts and times the calls of a VM.
//!
//! It sees VMs through the traits of `bioxen-core` alone, so it serves every kind of VM.
//! It reads no clock and no environment: time comes in through [`Clock`](bioxen_core::Clock).
//! The only thread is that of a started [`Monitor`].

mod manager;

mod alert;
mod history;
mod monitor;
mod sync;

mod goal;
mod policy;
mod recommend;
mod table;

mod snapshot;
mod store;

mod performance;

mod error;

pub use alert::{Alert, AlertChange, AlertKind, AlertPolicy, Threshold, Watchdog};
pub use error::{InvalidSetting, MonitorError, ResourceError, SnapshotError};
pub use goal::{GoalOptions, GoalPolicy};
pub use history::{History, Reading};
pub use manager::{BioResourceManager, Decision, Restored};
pub use monitor::{Counters, Monitor, MonitorConfig};
pub use performance::{
    OperationMetrics, Outcome, PerformanceMonitor, PerformanceSummary, Timed, Verb, open_metrics,
};
pub use policy::{Advice, Policy, QuotaChange, Reason, Situation};
pub use recommend::Recommendation;
pub use snapshot::{Difference, ResourceSnapshot};
pub use store::{
    IMAGE_FILE_VERSION, ImageFile, ImageLabel, ImageStore, LARGEST_IMAGE, Listing, Newest, Saved,
    SavedVm, StoreError, check_image_place, read_image_file, read_image_header, write_image_file,
};
pub use table::{TablePolicy, initial_quota};

#[cfg(test)]
mod fake;
