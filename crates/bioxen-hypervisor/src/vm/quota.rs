//! Allocations.

use bioxen_core::{Allocation, AtpPercent, Quota, RibosomeCount, VmError};

use super::BasicBiologicalVm;
use crate::capacity::Claim;
use crate::crew::panicked;
use crate::machine::Seat;

impl BasicBiologicalVm {
    pub(super) fn allocate_share(&self, share: AtpPercent) -> Result<Allocation, VmError> {
        // The units that are held stay: what physical ribosomes count for moves as the cell grows.
        self.allocate(
            |quota| quota.atp = share,
            |claim, held| claim.units = held.units,
        )
    }

    pub(super) fn allocate_units(&self, units: RibosomeCount) -> Result<Allocation, VmError> {
        self.allocate(|quota| quota.ribosomes = units, |_, _| ())
    }

    fn allocate(
        &self,
        change: impl FnOnce(&mut Quota),
        adjust: impl FnOnce(&mut Claim, Claim),
    ) -> Result<Allocation, VmError> {
        self.hypervisor.host().with_machine(|machine, _| {
            let (slot, capacity) = machine
                .slot_and_capacity(self.key)
                .ok_or_else(|| self.gone())?;
            let mut readings = slot.info.readings.lock();
            let mut asked = readings.quota;
            change(&mut asked);
            let total = readings.usage.ribosomes_total;
            let organism = self.info.organism;
            let mut grant = capacity.grant(organism, asked, total, Some(&slot.reservation))?;
            adjust(&mut grant.claim, slot.reservation.held());
            if let Seat::Lost { message } = &slot.seat {
                return Err(panicked(&self.info, message));
            }
            capacity.change(&mut slot.reservation, grant.claim)?;
            match &mut slot.seat {
                Seat::In(guest) => guest.cell.set_quota(grant.quota),
                Seat::Out(_) | Seat::Lost { .. } => *self.info.asked.lock() = Some(grant.quota),
            }
            readings.adopt(organism, grant.quota);
            Ok(Allocation {
                quota: grant.quota,
                free: capacity.left(Some(&slot.reservation)),
                ribosome_cap: readings.usage.ribosome_cap,
                ribosomes_total: total,
                notice: grant.notice,
            })
        })
    }
}
