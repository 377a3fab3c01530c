//! The ledger of what a host has and who holds it.

use bioxen_core::{
    AtpPercent, AvailableResources, Molecules, Notice, Organism, Quota, RibosomeCount,
    RibosomeUnit, VmError,
};

use crate::config::{Chassis, HostPolicy};
use crate::error::HypervisorError;
use crate::limits::VmLimits;

/// A part of the host, counted as the chassis counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Share of ATP regeneration.
    pub(crate) atp: AtpPercent,
    /// Ribosome units; physical ribosomes are converted by [`Capacity::grant`].
    pub(crate) units: RibosomeCount,
}

/// A claim that was met. Only [`Capacity::release`] takes it back.
#[derive(Debug)]
#[must_use = "what is reserved must be released"]
pub(crate) struct Reservation {
    held: Claim,
}

impl Reservation {
    pub(crate) fn held(&self) -> Claim {
        self.held
    }
}

/// What a request for a quota comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) quota: Quota,
    pub(crate) claim: Claim,
    pub(crate) notice: Option<Notice>,
}

/// What a host has, and the sums of what is held.
#[derive(Debug)]
pub(crate) struct Capacity {
    chassis: Chassis,
    policy: HostPolicy,
    limits: VmLimits,
    /// Hundredths of a percent, and units, of all reservations.
    atp_held: u64,
    units_held: u64,
    vms: u32,
}

impl Capacity {
    pub(crate) fn new(chassis: Chassis, policy: HostPolicy) -> Self {
        Self {
            chassis,
            policy,
            limits: VmLimits::default(),
            atp_held: 0,
            units_held: 0,
            vms: 0,
        }
    }

    /// The same, with maxima for each VM.
    pub(crate) fn limited(self, limits: VmLimits) -> Self {
        Self { limits, ..self }
    }

    /// Translates a quota into what it takes from the chassis.
    ///
    /// Share units above a full grant are clamped. Physical ribosomes count as the share units that they are of the `total` that the cell has now, rounded up.
    pub(crate) fn grant(
        &self,
        organism: Organism,
        asked: Quota,
        total: Molecules,
        held: Option<&Reservation>,
    ) -> Result<Grant, VmError> {
        let full = organism.full_ribosome_units();
        let mut quota = asked;
        let mut notice = None;
        let units = match asked.unit {
            RibosomeUnit::Share if asked.ribosomes > self.chassis.usable_units() => {
                return Err(self.too_many_units(asked.ribosomes, held));
            }
            RibosomeUnit::Share => {
                if asked.ribosomes > full {
                    quota.ribosomes = full;
                    notice = Some(Notice::RibosomesClamped {
                        asked: asked.ribosomes,
                        granted: full,
                    });
                }
                quota.ribosomes
            }
            RibosomeUnit::Physical => share_units(asked.ribosomes, total, full),
        };
        let claim = Claim {
            atp: asked.atp,
            units,
        };
        Ok(Grant {
            quota,
            claim,
            notice,
        })
    }

    /// Takes a part of the host for another VM.
    pub(crate) fn reserve(&mut self, claim: Claim) -> Result<Reservation, VmError> {
        if let Some(limit) = self.chassis.max_vms
            && self.vms >= limit
        {
            return Err(HypervisorError::TooManyVms { limit }.because("the VM was not created"));
        }
        self.check(claim, None)?;
        self.add(claim);
        self.vms += 1;
        Ok(Reservation { held: claim })
    }

    /// Replaces what a VM holds, or leaves it as it is.
    pub(crate) fn change(
        &mut self,
        reservation: &mut Reservation,
        claim: Claim,
    ) -> Result<(), VmError> {
        self.check(claim, Some(reservation))?;
        self.subtract(reservation.held);
        self.add(claim);
        reservation.held = claim;
        Ok(())
    }

    /// Takes back what a VM held.
    pub(crate) fn release(&mut self, reservation: Reservation) {
        self.subtract(reservation.held);
        self.vms -= 1;
    }

    /// What is left beside what a VM holds, or for a new VM.
    pub(crate) fn left(&self, held: Option<&Reservation>) -> AvailableResources {
        let free = self.free(held);
        let own = held.map_or(NOTHING, Reservation::held);
        AvailableResources {
            atp_percent_free: free.atp.checked_sub(own.atp).unwrap_or(AtpPercent::ZERO),
            ribosome_units_free: free.units.checked_sub(own.units).unwrap_or_default(),
            ribosome_units_capacity: self.chassis.usable_units(),
            vms: self.vms,
        }
    }

    /// The most that a VM may hold, what it holds already included.
    fn free(&self, held: Option<&Reservation>) -> Claim {
        let capacity = self.chassis.usable_units();
        match self.policy {
            HostPolicy::PerCell => Claim {
                atp: AtpPercent::FULL,
                units: capacity,
            },
            HostPolicy::Shared => {
                let own = held.map_or(NOTHING, Reservation::held);
                let others = self.atp_held - u64::from(own.atp.hundredths());
                let atp = u64::from(AtpPercent::FULL.hundredths()).saturating_sub(others);
                let others = self.units_held - u64::from(own.units.get());
                let units = u64::from(capacity.get()).saturating_sub(others);
                Claim {
                    atp: u16::try_from(atp)
                        .ok()
                        .and_then(|hundredths| AtpPercent::from_hundredths(hundredths).ok())
                        .expect("at most 100%"),
                    units: RibosomeCount::new(
                        u32::try_from(units).expect("at most the capacity, which is 32-bit"),
                    ),
                }
            }
        }
    }

    fn check(&self, claim: Claim, held: Option<&Reservation>) -> Result<(), VmError> {
        self.limits.check_claim(claim)?;
        let free = self.free(held);
        if claim.atp > free.atp {
            return Err(VmError::AtpExceeded {
                asked: claim.atp,
                free: free.atp,
            });
        }
        if claim.units > free.units {
            return Err(self.too_many_units(claim.units, held));
        }
        Ok(())
    }

    fn too_many_units(&self, asked: RibosomeCount, held: Option<&Reservation>) -> VmError {
        VmError::RibosomesExceeded {
            asked,
            free: self.free(held).units,
            capacity: self.chassis.usable_units(),
        }
    }

    fn add(&mut self, claim: Claim) {
        self.atp_held += u64::from(claim.atp.hundredths());
        self.units_held += u64::from(claim.units.get());
    }

    fn subtract(&mut self, claim: Claim) {
        self.atp_held -= u64::from(claim.atp.hundredths());
        self.units_held -= u64::from(claim.units.get());
    }
}

const NOTHING: Claim = Claim {
    atp: AtpPercent::ZERO,
    units: RibosomeCount::ZERO,
};

/// Ribosomes that may translate at once under a quota, as the engine counts them.
pub(crate) fn ribosome_cap(organism: Organism, quota: Quota, total: Molecules) -> Molecules {
    let units = u64::from(quota.ribosomes.get());
    Molecules::new(match quota.unit {
        RibosomeUnit::Physical => units.min(total.get()),
        RibosomeUnit::Share => {
            let full = u64::from(organism.full_ribosome_units().get());
            units.min(full).saturating_mul(total.get()) / full
        }
    })
}

fn share_units(ribosomes: RibosomeCount, total: Molecules, full: RibosomeCount) -> RibosomeCount {
    if total == Molecules::ZERO {
        return full;
    }
    let working = u64::from(ribosomes.get()).min(total.get());
    let units = working
        .saturating_mul(u64::from(full.get()))
        .div_ceil(total.get());
    RibosomeCount::new(u32::try_from(units).unwrap_or(full.get()))
}

#[cfg(test)]
mod tests;
