use bioxen_core::{
    AtpPercent, Molecules, Notice, Organism, Quota, RibosomeCount, RibosomeUnit, VmError,
};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{Capacity, Claim, Reservation, ribosome_cap};
use crate::config::{Chassis, HostPolicy};

fn claim(percent: u16, units: u32) -> Claim {
    Claim {
        atp: AtpPercent::from_hundredths(percent * 100).expect("at most 100%"),
        units: RibosomeCount::new(units),
    }
}

fn shared() -> Capacity {
    Capacity::new(Chassis::default(), HostPolicy::Shared)
}

fn quota(ribosomes: u32, unit: RibosomeUnit) -> Quota {
    Quota {
        atp: AtpPercent::FULL,
        ribosomes: RibosomeCount::new(ribosomes),
        unit,
    }
}

#[test]
fn shares_add_up_on_a_shared_host_and_an_error_says_what_is_free() {
    let mut host = shared();
    let mut first = host.reserve(claim(60, 15)).expect("an empty host");
    let second = host.reserve(claim(40, 15)).expect("all of the ATP");

    let refused = host.reserve(claim(1, 1)).expect_err("no ATP is left");
    assert_eq!(
        refused.to_string(),
        "1% of ATP was asked for and 0% is free"
    );
    let refused = host
        .change(&mut first, claim(61, 15))
        .expect_err("40% is held");
    assert_eq!(
        refused.to_string(),
        "61% of ATP was asked for and 60% is free"
    );
    let refused = host
        .change(&mut first, claim(60, 54))
        .expect_err("15 are held");
    assert_eq!(
        refused.to_string(),
        "54 ribosome units were asked for and 53 of 68 are free"
    );
    assert_eq!(first.held(), claim(60, 15), "a refusal changes nothing");

    host.change(&mut first, claim(50, 53)).expect("it fits");
    let left = host.left(Some(&first));
    assert_eq!(
        left.atp_percent_free,
        AtpPercent::new(10.0).expect("a share")
    );
    assert_eq!(left.ribosome_units_free, RibosomeCount::ZERO);
    assert_eq!(left.vms, 2);

    host.release(first);
    host.release(second);
    assert_eq!(host.left(None), shared().left(None));
}

#[test]
fn on_a_per_cell_host_nobody_pays_for_the_others() {
    let mut host = Capacity::new(Chassis::default(), HostPolicy::PerCell);
    let held: Vec<Reservation> = (0..1_000)
        .map(|_| host.reserve(claim(100, 15)).expect("each by itself"))
        .collect();
    assert_eq!(host.left(None).atp_percent_free, AtpPercent::FULL);
    assert_eq!(host.left(None).ribosome_units_free, RibosomeCount::new(68));
    assert_eq!(host.left(None).vms, 1_000);
    let own = host.left(held.first());
    assert_eq!(own.atp_percent_free, AtpPercent::ZERO);
    assert_eq!(own.ribosome_units_free, RibosomeCount::new(53));
    assert!(host.reserve(claim(0, 69)).is_err());
}

#[test]
fn a_full_host_refuses_another_vm() {
    let chassis = Chassis {
        max_vms: Some(1),
        ..Chassis::default()
    };
    let mut host = Capacity::new(chassis, HostPolicy::PerCell);
    let only = host.reserve(claim(1, 1)).expect("one fits");
    assert!(matches!(
        host.reserve(claim(1, 1)),
        Err(VmError::Backend { .. })
    ));
    host.release(only);
    let again = host.reserve(claim(1, 1)).expect("there is room again");
    host.release(again);
}

#[test]
fn units_above_a_full_grant_are_clamped_and_above_the_chassis_refused() {
    let host = shared();
    let grant = |ribosomes| {
        host.grant(
            Organism::Syn3a,
            quota(ribosomes, RibosomeUnit::Share),
            Molecules::new(500),
            None,
        )
    };
    let exact = grant(15).expect("a full grant");
    assert_eq!(exact.notice, None);
    let clamped = grant(68).expect("within the chassis");
    assert_eq!(clamped.quota, exact.quota);
    assert_eq!(clamped.claim, exact.claim);
    assert_eq!(
        clamped.notice,
        Some(Notice::RibosomesClamped {
            asked: RibosomeCount::new(68),
            granted: RibosomeCount::new(15),
        })
    );
    assert!(matches!(grant(69), Err(VmError::RibosomesExceeded { .. })));
}

#[test]
fn physical_ribosomes_count_as_the_share_that_they_are() {
    #[track_caller]
    fn check(ribosomes: u32, total: u64, units: u32, cap: u64) {
        let asked = quota(ribosomes, RibosomeUnit::Physical);
        let total = Molecules::new(total);
        let grant = shared()
            .grant(Organism::Syn3a, asked, total, None)
            .expect("a share is at most 15");
        assert_eq!(grant.claim.units, RibosomeCount::new(units));
        assert_eq!(grant.quota, asked);
        assert_eq!(ribosome_cap(Organism::Syn3a, asked, total).get(), cap);
    }
    check(0, 500, 0, 0);
    check(1, 500, 1, 1);
    check(100, 500, 3, 100);
    check(101, 500, 4, 101);
    check(500, 500, 15, 500);
    check(u32::MAX, 500, 15, 500);
    check(7, 0, 15, 0);
}

proptest! {
    #[test]
    fn a_shared_host_is_never_oversold(requests in proptest::collection::vec((0_u16..=100, 0_u32..=80, 0_usize..8), 1..60)) {
        let mut host = shared();
        let mut held: Vec<Reservation> = Vec::new();
        for (percent, units, slot) in requests {
            let wanted = claim(percent, units);
            if slot < held.len() && percent % 3 == 0 {
                host.release(held.swap_remove(slot));
            } else if let Some(reservation) = held.get_mut(slot) {
                let before = reservation.held();
                match host.change(reservation, wanted) {
                    Ok(()) => prop_assert_eq!(reservation.held(), wanted),
                    Err(_) => prop_assert_eq!(reservation.held(), before),
                }
            } else if let Ok(reservation) = host.reserve(wanted) {
                held.push(reservation);
            }
            let atp: u32 = held.iter().map(|r| u32::from(r.held().atp.hundredths())).sum();
            let units: u32 = held.iter().map(|r| r.held().units.get()).sum();
            prop_assert!(atp <= 10_000);
            prop_assert!(units <= 68);
            let left = host.left(None);
            prop_assert_eq!(u32::from(left.atp_percent_free.hundredths()), 10_000 - atp);
            prop_assert_eq!(left.ribosome_units_free.get(), 68 - units);
        }
    }
}

#[test]
fn each_organism_has_units_of_its_own() {
    let host = shared();
    let total = Molecules::new(3_000);
    for (organism, full, of_one) in [
        (Organism::Syn3a, 15, 200),
        (Organism::Ecoli, 30, 100),
        (Organism::MinimalCell, 12, 250),
    ] {
        let asked = quota(40, RibosomeUnit::Share);
        let grant = host.grant(organism, asked, total, None);
        let grant = grant.expect("below the chassis");
        assert_eq!(grant.claim.units, RibosomeCount::new(full), "{organism}");
        let one = quota(1, RibosomeUnit::Share);
        let cap = ribosome_cap(organism, one, total);
        assert_eq!(cap, Molecules::new(of_one), "{organism}");
        let half = quota(1_500, RibosomeUnit::Physical);
        let grant = host.grant(organism, half, total, None).expect("it fits");
        let units = RibosomeCount::new(full.div_ceil(2));
        assert_eq!(grant.claim.units, units, "{organism}");
    }
}
