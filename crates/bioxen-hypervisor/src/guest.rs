//! A cell as the hypervisor holds it, and the page on which it publishes its readings.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;

use bioxen_core::{
    Infrastructure, Organism, Pacing, Priority, Probe, Quota, ResourceUsage, Seed, SimTime,
    Vitality, VmId, VmSpec,
};
use parking_lot::{Condvar, Mutex};

use crate::capacity::ribosome_cap;
use crate::cell::{COUPLING_STEP, Cell};
use crate::package::Packages;
use crate::trajectory::Recorder;

/// A cell, who records it, and what its programs can load. It moves between the table of VMs and whoever computes.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) cell: Box<Cell>,
    pub(crate) recorder: Option<Recorder>,
    /// Packages of functions; those of genes are in the cell.
    pub(crate) packages: Packages,
    /// When the guest panics, for tests of what happens then.
    #[cfg(test)]
    pub(crate) fault: Option<SimTime>,
}

impl Guest {
    pub(crate) fn new(cell: Cell, packages: Packages) -> Self {
        Self {
            cell: Box::new(cell),
            recorder: None,
            packages,
            #[cfg(test)]
            fault: None,
        }
    }

    /// Moves the cell by whole steps as far as `until`, or to the end of the step that completes a generation.
    pub(crate) fn run(&mut self, info: &SharedInfo, until: SimTime, generation: Option<u32>) {
        while self.cell.time().saturating_add(COUPLING_STEP) <= until
            && generation.is_none_or(|wanted| self.cell.generation() < wanted)
        {
            #[cfg(test)]
            assert!(self.fault != Some(self.cell.time()), "injected fault");
            info.settle_quota(&mut self.cell);
            self.cell.step();
            if let Some(recorder) = &mut self.recorder {
                recorder.observe(&self.cell);
            }
        }
    }
}

/// What the hypervisor and the handles of one VM share: who it is, and its last readings.
///
/// It outlives the VM, so that a handle can say what became of it.
#[derive(Debug)]
pub(crate) struct SharedInfo {
    pub(crate) id: VmId,
    pub(crate) organism: Organism,
    pub(crate) infrastructure: Infrastructure,
    pub(crate) seed: Seed,
    pub(crate) pacing: Pacing,
    pub(crate) priority: Priority,
    /// Told when the cell comes back and when the state changes. It goes with the lock on the table of VMs.
    pub(crate) news: Condvar,
    pub(crate) readings: Mutex<Readings>,
    /// A quota for the next coupling step of a cell that is being computed.
    pub(crate) asked: Mutex<Option<Quota>>,
    /// Whether simulated time stands still; changed under the lock on the table of VMs.
    pub(crate) frozen: AtomicBool,
    /// Held while a process moves the cell, until it has published how the cell is then.
    pub(crate) moving: Mutex<()>,
}

impl SharedInfo {
    pub(crate) fn new(spec: &VmSpec, readings: Readings) -> Self {
        Self {
            id: spec.id().clone(),
            organism: spec.organism(),
            infrastructure: spec.infrastructure(),
            seed: spec.seed(),
            pacing: spec.pacing(),
            priority: spec.priority(),
            news: Condvar::new(),
            readings: Mutex::new(readings),
            asked: Mutex::new(None),
            frozen: AtomicBool::new(true),
            moving: Mutex::new(()),
        }
    }

    /// Puts a cell under the quota that was asked for since its last step, if one was.
    pub(crate) fn settle_quota(&self, cell: &mut Cell) {
        if let Some(quota) = self.asked.lock().take() {
            cell.set_quota(quota);
        }
    }

    /// Publishes readings of a cell that is out.
    pub(crate) fn publish(&self, mut new: Readings) {
        let mut readings = self.readings.lock();
        // What was asked since its last step is shown already, and stays.
        if let Some(quota) = *self.asked.lock() {
            new.adopt(self.organism, quota);
        }
        *readings = new;
    }
}

impl Probe for SharedInfo {
    fn id(&self) -> &VmId {
        &self.id
    }

    fn usage(&self) -> Option<ResourceUsage> {
        Some(self.readings.lock().usage.clone())
    }
}

/// What was last read of a cell.
#[derive(Clone, Debug)]
pub(crate) struct Readings {
    pub(crate) generation: u32,
    pub(crate) vitality: Vitality,
    pub(crate) quota: Quota,
    pub(crate) usage: ResourceUsage,
}

impl Readings {
    pub(crate) fn of(cell: &Cell) -> Self {
        Self::with_vitality(cell, cell.vitality())
    }

    /// As [`Readings::of`], with a vitality from before: to read it takes as long as two coupling steps.
    fn with_vitality(cell: &Cell, vitality: Vitality) -> Self {
        Self {
            generation: cell.generation(),
            vitality,
            quota: cell.quota(),
            usage: cell.usage(),
        }
    }

    /// As [`Readings::of`], with a vitality from before unless a simulated minute began since a time.
    pub(crate) fn glance(cell: &Cell, since: SimTime, info: &SharedInfo) -> Self {
        const MINUTE: u64 = 60_000_000;
        if since.micros() / MINUTE != cell.time().micros() / MINUTE {
            return Self::of(cell);
        }
        let vitality = info.readings.lock().vitality;
        Self::with_vitality(cell, vitality)
    }

    pub(crate) fn time(&self) -> SimTime {
        self.usage.sim_time
    }

    /// Shows a quota that the cell has from its next step on.
    pub(crate) fn adopt(&mut self, organism: Organism, quota: Quota) {
        let usage = &mut self.usage;
        let cap = ribosome_cap(organism, quota, usage.ribosomes_total);
        let translating = molecules(usage.ribosomes_translating.get());
        let allowed = molecules(cap.get());
        usage.ribosome_utilization = if allowed > 0.0 {
            100.0 * translating / allowed
        } else {
            0.0
        };
        usage.atp_quota = quota.atp;
        usage.allocated_ribosomes = quota.ribosomes;
        usage.ribosome_unit = quota.unit;
        usage.ribosome_cap = cap;
        self.quota = quota;
    }
}

/// A number of machines in a cell, which is far below 2^32.
fn molecules(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Calls a function, and answers a panic of it with its message.
pub(crate) fn guarded<R>(call: impl FnOnce() -> R) -> Result<R, String> {
    // A guest that panicked is never used again, so that nobody sees what it left half done.
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| message_of(payload.as_ref()))
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
