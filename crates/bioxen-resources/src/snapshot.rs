//! What was granted and used, as JSON.

mod form;

use std::fmt;

use bioxen_core::{
    AvailableResources, Infrastructure, Organism, Pacing, Quota, ResourceUsage, Seed, SimTime,
    VmId, VmStatus,
};

use crate::error::SnapshotError;

/// What a VM was granted and used at one time.
///
/// It holds no cell (that is an image, [`BiologicalVm::save`](bioxen_core::BiologicalVm::save)) and no secrets.
/// Its JSON form has the format version 1; [`ResourceSnapshot::from_json`] reads all formats up to that.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceSnapshot {
    pub(crate) vm_id: VmId,
    pub(crate) organism: Organism,
    pub(crate) infrastructure: Infrastructure,
    /// Time on the wall, seconds since 1970.
    pub(crate) taken_at_unix_s: f64,
    pub(crate) usage: ResourceUsage,
    pub(crate) available: AvailableResources,
    pub(crate) configuration: Configuration,
}

/// How the VM was set up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Configuration {
    pub(crate) quota: Quota,
    pub(crate) pacing: Pacing,
    pub(crate) seed: Seed,
}

/// Something that a VM has otherwise than a snapshot of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub field: &'static str,
    /// What the snapshot has.
    pub snapshot: String,
    /// What the VM has.
    pub vm: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} here, {} in the snapshot",
            self.field, self.vm, self.snapshot
        )
    }
}

impl ResourceSnapshot {
    /// Newest format of the JSON that is read, and the one that is written.
    pub const FORMAT: u32 = 1;

    /// Most bytes of JSON that are read.
    pub const MAX_BYTES: usize = 1 << 20;

    pub(crate) fn new(
        status: &VmStatus,
        usage: ResourceUsage,
        available: AvailableResources,
        taken_at_unix_s: f64,
    ) -> Self {
        Self {
            vm_id: status.id.clone(),
            organism: status.organism,
            infrastructure: status.infrastructure,
            taken_at_unix_s,
            usage,
            available,
            configuration: Configuration {
                quota: status.quota,
                pacing: status.pacing,
                seed: status.seed,
            },
        }
    }

    /// The VM.
    pub fn vm_id(&self) -> &VmId {
        &self.vm_id
    }

    /// Organism of its cell.
    pub fn organism(&self) -> Organism {
        self.organism
    }

    /// What it ran on.
    pub fn infrastructure(&self) -> Infrastructure {
        self.infrastructure
    }

    /// When it was taken, on the wall, seconds since 1970.
    pub fn taken_at_unix_s(&self) -> f64 {
        self.taken_at_unix_s
    }

    /// When it was taken, simulated time.
    pub fn sim_time(&self) -> SimTime {
        self.usage.sim_time
    }

    /// What was granted.
    pub fn quota(&self) -> Quota {
        self.configuration.quota
    }

    /// What was used.
    pub fn usage(&self) -> &ResourceUsage {
        &self.usage
    }

    /// What the host had left.
    pub fn available(&self) -> AvailableResources {
        self.available
    }

    /// What the VM has otherwise.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::OtherVm`] if name, organism, infrastructure or the unit of ribosomes are other ones.
    pub fn compare(&self, status: &VmStatus) -> Result<Vec<Difference>, SnapshotError> {
        let (mine, its) = (self.configuration, status.quota);
        for (field, found, expected) in [
            ("VM", self.vm_id.to_string(), status.id.to_string()),
            (
                "organism",
                self.organism.to_string(),
                status.organism.to_string(),
            ),
            (
                "infrastructure",
                self.infrastructure.to_string(),
                status.infrastructure.to_string(),
            ),
            (
                "ribosome unit",
                mine.quota.unit.to_string(),
                its.unit.to_string(),
            ),
        ] {
            if found != expected {
                return Err(SnapshotError::OtherVm {
                    field,
                    found,
                    expected,
                });
            }
        }
        let rows = [
            ("ATP", mine.quota.atp.to_string(), its.atp.to_string()),
            (
                "ribosome units",
                mine.quota.ribosomes.to_string(),
                its.ribosomes.to_string(),
            ),
            ("pacing", mine.pacing.to_string(), status.pacing.to_string()),
            ("seed", mine.seed.to_string(), status.seed.to_string()),
        ];
        let differ = rows.into_iter().filter(|(_, snapshot, vm)| snapshot != vm);
        Ok(differ
            .map(|(field, snapshot, vm)| Difference {
                field,
                snapshot,
                vm,
            })
            .collect())
    }

    /// The snapshot as JSON, which people can read too.
    pub fn to_json(&self) -> String {
        form::write(self)
    }

    /// Reads what [`to_json`](Self::to_json) wrote, of this format or an older one.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`]: not JSON, too large, a newer format, or a value that is not allowed.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        form::read(text)
    }
}

#[cfg(test)]
mod tests;
