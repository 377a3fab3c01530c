mod engine;
mod full_disk;
mod kill;
mod recovery;
mod run;
mod same_bytes;
mod serving;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bioxen_core::testing::ManualClock;
use bioxen_core::{Organism, Pacing, Seed, SimSpan, VmId, VmSpec};
use bioxen_hypervisor::HypervisorConfig;

use super::*;
use crate::frame::OpId;

/// The beginning of 2026.
fn wall() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn options(state: &Path) -> DaemonOptions {
    let options = DaemonOptions::new(state);
    let host = HypervisorConfig {
        workers: 1,
        ..options.host.clone()
    };
    DaemonOptions { host, ..options }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new())
}

/// An id that no other operation of this process has.
fn op() -> OpId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    OpId::new(number.to_be_bytes()).expect("not 0")
}

fn id(name: &str) -> VmId {
    VmId::new(name).expect("a plain name")
}

fn spec(name: &str, organism: Organism) -> VmSpec {
    VmSpec::builder(id(name), organism, Seed::new(7))
        .pacing(Pacing::Manual)
        .build()
        .expect("a valid specification")
}
