//! Grants to one VM, and what it makes of them.

use std::fmt;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalVm, Quota, ResourceUsage, RibosomeCount,
    VmError, VmStatus,
};

use crate::error::ResourceError;
use crate::policy::{Advice, Policy, QuotaChange, Situation};
use crate::recommend::Recommendation;
use crate::snapshot::{Difference, ResourceSnapshot};
use crate::table::initial_quota;

/// The most that may be granted, beside what the host has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Greatest share of ATP regeneration, percent.
    pub max_atp: Option<AtpPercent>,
    /// Most ribosomes, in the unit of the VM.
    pub max_ribosomes: Option<RibosomeCount>,
}

/// What was decided and done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// What a policy said; the change is what was applied.
    pub advice: Advice,
    /// Grants before.
    pub before: Quota,
    /// Grants after.
    pub after: Quota,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}:", self.advice.sim_time)?;
        let (before, after) = (self.before, self.after);
        if before.atp != after.atp {
            write!(f, " ATP {} -> {},", before.atp, after.atp)?;
        }
        if before.ribosomes != after.ribosomes {
            write!(f, " ribosomes {} -> {},", before.ribosomes, after.ribosomes)?;
        }
        write!(f, " since {}", self.advice.reason)
    }
}

/// What restoring a snapshot changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// Grants after.
    pub quota: Quota,
    /// What was different before; empty if nothing was.
    pub differences: Vec<Difference>,
}

/// Grants resources to a VM that it owns, reads what it uses and steers it.
///
/// ```no_run
/// use bioxen_core::{AtpPercent, BiologicalVm};
/// use bioxen_resources::{BioResourceManager, ResourceError, TablePolicy};
///
/// fn steer(vm: Box<dyn BiologicalVm>) -> Result<(), Box<dyn std::error::Error>> {
///     let mut manager = BioResourceManager::new(vm);
///     manager.optimize_initially()?;
///     let granted = manager.allocate_atp(AtpPercent::new(70.0)?)?;
///     println!("{} of ATP, {} more is free", granted.quota.atp, granted.free.atp_percent_free);
///     if let Some(decision) = manager.optimize(&mut TablePolicy::default())? {
///         println!("{decision}");
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct BioResourceManager<V: BiologicalVm + ?Sized = dyn BiologicalVm> {
    vm: Box<V>,
    limits: Limits,
    decisions: Vec<Decision>,
}

impl<V: BiologicalVm + ?Sized> BioResourceManager<V> {
    /// Decisions that are remembered, the last ones.
    const DECISIONS: usize = 100;

    /// A manager whose only limit is the host.
    pub fn new(vm: Box<V>) -> Self {
        Self::with_limits(vm, Limits::default())
    }

    /// A manager that grants no more than this.
    pub fn with_limits(vm: Box<V>, limits: Limits) -> Self {
        Self {
            vm,
            limits,
            decisions: Vec::new(),
        }
    }

    /// The VM.
    pub fn vm(&self) -> &V {
        &self.vm
    }

    /// The VM, for all that is not about resources.
    pub fn vm_mut(&mut self) -> &mut V {
        &mut self.vm
    }

    /// Gives the VM back.
    pub fn into_vm(self) -> Box<V> {
        self.vm
    }

    /// The limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Sets the share of ATP regeneration that the cell may use, and says what is granted and what is free.
    ///
    /// # Errors
    ///
    /// [`ResourceError::AtpAboveLimit`], or [`ResourceError::Vm`] with what the VM says; the old share stays in force.
    pub fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, ResourceError> {
        if let Some(limit) = self.limits.max_atp.filter(|limit| share > *limit) {
            return Err(ResourceError::AtpAboveLimit {
                asked: share,
                limit,
            });
        }
        self.vm.allocate_atp(share).map_err(|e| self.refused(e))
    }

    /// Sets the ribosomes that the cell may use, in the unit of the VM, and says what is granted, in units and
    /// molecules, and what is free.
    ///
    /// # Errors
    ///
    /// [`ResourceError::RibosomesAboveLimit`], or [`ResourceError::Vm`] with what the VM says; the old number stays in
    /// force.
    pub fn allocate_ribosomes(
        &mut self,
        units: RibosomeCount,
    ) -> Result<Allocation, ResourceError> {
        if let Some(limit) = self.limits.max_ribosomes.filter(|limit| units > *limit) {
            return Err(ResourceError::RibosomesAboveLimit {
                asked: units,
                limit,
            });
        }
        self.vm
            .allocate_ribosomes(units)
            .map_err(|e| self.refused(e))
    }

    /// What the cell uses.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says.
    pub fn usage(&self) -> Result<ResourceUsage, ResourceError> {
        self.vm.resource_usage().map_err(|e| self.refused(e))
    }

    /// What the host has left for this VM.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says.
    pub fn available(&self) -> Result<AvailableResources, ResourceError> {
        self.vm.available_resources().map_err(|e| self.refused(e))
    }

    /// Grants what a new VM of the organism gets, [`initial_quota`], as far as the limits allow. Both or nothing.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says.
    pub fn optimize_initially(&mut self) -> Result<Quota, ResourceError> {
        let change = self.within_limits(initial_quota(self.vm.organism()));
        let before = self.status()?.quota;
        match change.from(before) {
            Some(change) => self.apply(before, change),
            None => Ok(before),
        }
    }

    /// Looks at the VM, asks the policy and does what it says, as far as the limits allow. Both grants change or none.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says; [`ResourceError::HalfApplied`] if it also refuses to go back.
    pub fn optimize(&mut self, policy: &mut dyn Policy) -> Result<Option<Decision>, ResourceError> {
        let (before, advice) = self.look(|situation| policy.advise(situation))?;
        let Some(advice) = advice else {
            return Ok(None);
        };
        let Some(change) = self.within_limits(advice.change).from(before) else {
            return Ok(None);
        };
        let after = self.apply(before, change)?;
        let decision = Decision {
            advice: Advice { change, ..advice },
            before,
            after,
        };
        if self.decisions.len() == Self::DECISIONS {
            self.decisions.remove(0);
        }
        self.decisions.push(decision);
        Ok(Some(decision))
    }

    /// The last 100 decisions of [`optimize`](Self::optimize), the oldest first.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// What a person might change now.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says.
    pub fn recommendations(&self) -> Result<Vec<Recommendation>, ResourceError> {
        Ok(self.look(Recommendation::all)?.1)
    }

    /// What is granted, used and free now. `taken_at_unix_s` is the time on the wall, seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says.
    pub fn snapshot(&self, taken_at_unix_s: f64) -> Result<ResourceSnapshot, ResourceError> {
        Ok(ResourceSnapshot::new(
            &self.status()?,
            self.usage()?,
            self.available()?,
            self.limits,
            taken_at_unix_s,
        ))
    }

    /// Grants again what a snapshot says was granted, and tells what was different. Both grants change or none.
    ///
    /// The cell itself does not go back: that is what [`BiologicalVm::restore`] does.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Snapshot`] if it is of another VM, [`ResourceError::AtpAboveLimit`] or
    /// [`ResourceError::RibosomesAboveLimit`] if it goes beyond the limits, or [`ResourceError::Vm`] with what the VM
    /// says. The grants are then as they were.
    pub fn restore(&mut self, snapshot: &ResourceSnapshot) -> Result<Restored, ResourceError> {
        let status = self.status()?;
        let (before, differences) = (status.quota, snapshot.compare(&status)?);
        let wanted = snapshot.quota();
        if let Some(limit) = self.limits.max_atp.filter(|limit| wanted.atp > *limit) {
            return Err(ResourceError::AtpAboveLimit {
                asked: wanted.atp,
                limit,
            });
        }
        let most = self.limits.max_ribosomes;
        if let Some(limit) = most.filter(|limit| wanted.ribosomes > *limit) {
            return Err(ResourceError::RibosomesAboveLimit {
                asked: wanted.ribosomes,
                limit,
            });
        }
        let change = QuotaChange {
            atp: Some(wanted.atp),
            ribosomes: Some(wanted.ribosomes),
        };
        let quota = match change.from(before) {
            Some(change) => self.apply(before, change)?,
            None => before,
        };
        Ok(Restored { quota, differences })
    }

    /// Grants now, and what `see` makes of one look at the VM.
    fn look<T>(&self, see: impl FnOnce(&Situation<'_>) -> T) -> Result<(Quota, T), ResourceError> {
        let usage = self.usage()?;
        let metrics = self.vm.biological_metrics().map_err(|e| self.refused(e))?;
        let quota = Quota {
            atp: usage.atp_quota,
            ribosomes: usage.allocated_ribosomes,
            unit: usage.ribosome_unit,
        };
        let situation = Situation {
            organism: self.vm.organism(),
            quota,
            usage: &usage,
            metrics: &metrics,
        };
        Ok((quota, see(&situation)))
    }

    fn status(&self) -> Result<VmStatus, ResourceError> {
        self.vm.status().map_err(|e| self.refused(e))
    }

    fn within_limits(&self, change: QuotaChange) -> QuotaChange {
        let Limits {
            max_atp,
            max_ribosomes,
        } = self.limits;
        QuotaChange {
            atp: change
                .atp
                .map(|atp| max_atp.map_or(atp, |max| atp.min(max))),
            ribosomes: change
                .ribosomes
                .map(|units| max_ribosomes.map_or(units, |max| units.min(max))),
        }
    }

    /// Applies a change; if the second grant is refused, the first one is taken back.
    fn apply(&mut self, before: Quota, change: QuotaChange) -> Result<Quota, ResourceError> {
        let mut after = before;
        if let Some(atp) = change.atp {
            after = self
                .vm
                .allocate_atp(atp)
                .map_err(|e| self.refused(e))?
                .quota;
        }
        if let Some(units) = change.ribosomes {
            match self.vm.allocate_ribosomes(units) {
                Ok(allocation) => after = allocation.quota,
                Err(error) => {
                    if change.atp.is_some()
                        && let Err(source) = self.vm.allocate_atp(before.atp)
                    {
                        return Err(ResourceError::HalfApplied {
                            vm: self.vm.id().clone(),
                            atp: after.atp,
                            source,
                        });
                    }
                    return Err(self.refused(error));
                }
            }
        }
        Ok(after)
    }

    fn refused(&self, source: VmError) -> ResourceError {
        ResourceError::Vm {
            vm: self.vm.id().clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests;
