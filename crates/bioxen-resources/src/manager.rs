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

/// What was decided and done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// What a policy said; a limit of the VM may have made less of it.
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

/// What to do with a grant beyond a limit that is configured for the VM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excess {
    /// Nobody asked for just that: as much as is allowed.
    Trim,
    Refuse,
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
    decisions: Vec<Decision>,
}

impl<V: BiologicalVm + ?Sized> BioResourceManager<V> {
    /// Decisions that are remembered, the last ones.
    const DECISIONS: usize = 100;

    /// A manager that has decided nothing yet.
    pub fn new(vm: Box<V>) -> Self {
        Self {
            vm,
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

    /// Sets the share of ATP regeneration that the cell may use, and says what is granted and what is free.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says, such as that the host has less free or that a limit is configured;
    /// the old share stays in force.
    pub fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, ResourceError> {
        self.vm.allocate_atp(share).map_err(|e| self.refused(e))
    }

    /// Sets the ribosomes that the cell may use, in the unit of the VM, and says what is granted, in units and
    /// molecules, and what is free.
    ///
    /// # Errors
    ///
    /// As [`allocate_atp`](Self::allocate_atp); the old number stays in force.
    pub fn allocate_ribosomes(
        &mut self,
        units: RibosomeCount,
    ) -> Result<Allocation, ResourceError> {
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

    /// Grants what a new VM of the organism gets, [`initial_quota`], as far as the limits of the VM allow. Both or nothing.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says.
    pub fn optimize_initially(&mut self) -> Result<Quota, ResourceError> {
        let before = self.status()?.quota;
        let initial = initial_quota(self.vm.organism()).for_unit(before.unit);
        match initial.from(before) {
            Some(change) => self.apply(before, change, Excess::Trim),
            None => Ok(before),
        }
    }

    /// Looks at the VM, asks the policy and does what it says, as far as the limits of the VM allow. Both grants change or none.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Vm`] with what the VM says; [`ResourceError::HalfApplied`] if it also refuses to go back.
    pub fn optimize(&mut self, policy: &mut dyn Policy) -> Result<Option<Decision>, ResourceError> {
        let (before, advice) = self.look(|situation| policy.advise(situation))?;
        let Some(advice) = advice else {
            return Ok(None);
        };
        let after = self.apply(before, advice.change, Excess::Trim)?;
        if after == before {
            return Ok(None);
        }
        let decision = Decision {
            advice,
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
            taken_at_unix_s,
        ))
    }

    /// Grants again what a snapshot says was granted, and tells what was different. Both grants change or none.
    ///
    /// The cell itself does not go back: that is what [`BiologicalVm::restore`] does.
    ///
    /// # Errors
    ///
    /// [`ResourceError::Snapshot`] if it is of another VM, or [`ResourceError::Vm`] with what the VM says; the grants are
    /// then as they were. [`ResourceError::HalfApplied`] if it also refuses to go back.
    pub fn restore(&mut self, snapshot: &ResourceSnapshot) -> Result<Restored, ResourceError> {
        let status = self.status()?;
        let (before, differences) = (status.quota, snapshot.compare(&status)?);
        let wanted = snapshot.quota();
        let change = QuotaChange {
            atp: Some(wanted.atp),
            ribosomes: Some(wanted.ribosomes),
        };
        let quota = match change.from(before) {
            Some(change) => self.apply(before, change, Excess::Refuse)?,
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

    /// Applies a change; if the second grant is refused, the first one is taken back.
    fn apply(
        &mut self,
        before: Quota,
        change: QuotaChange,
        excess: Excess,
    ) -> Result<Quota, ResourceError> {
        let mut after = before;
        if let Some(atp) = change.atp {
            let granted = match self.vm.allocate_atp(atp) {
                Err(VmError::AtpAboveLimit { limit, .. }) if excess == Excess::Trim => {
                    self.vm.allocate_atp(limit)
                }
                answer => answer,
            };
            after = granted.map_err(|e| self.refused(e))?.quota;
        }
        let Some(units) = change.ribosomes else {
            return Ok(after);
        };
        let granted = match self.vm.allocate_ribosomes(units) {
            Err(VmError::RibosomesAboveLimit { limit, .. }) if excess == Excess::Trim => {
                self.vm.allocate_ribosomes(limit)
            }
            answer => answer,
        };
        match granted {
            Ok(allocation) => Ok(allocation.quota),
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
                Err(self.refused(error))
            }
        }
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
