//! Quotas are physics: what they bound, what follows from them, and what a cell without any looks like.

use bioxen_core::{Quota, RibosomeCount, RibosomeUnit, Vitality};

use super::super::{Cell, CellOptions};
use super::statistics::Estimate;
use super::{STEPS_PER_MIN, full, minutes, model, newborn, quota, size};

#[test]
fn invariant_5_translating_ribosomes_stay_under_the_cap_or_fall_to_it() {
    let mut cell = newborn(&model(), "cap", 1, full(), CellOptions::default());
    cell.advance_to(minutes(10));
    let physical = |units| Quota {
        unit: RibosomeUnit::Physical,
        ribosomes: RibosomeCount::new(units),
        ..full()
    };
    for quota in [
        quota(100.0, 5),
        full(),
        quota(100.0, 1),
        physical(40),
        physical(3),
        physical(1_000_000),
        quota(100.0, 99),
    ] {
        cell.set_quota(quota);
        for _ in 0..4 * STEPS_PER_MIN {
            let (before, cap, started) = (
                cell.ribosomes.bound,
                cell.ribosome_cap(),
                cell.events.translation_started,
            );
            cell.step();
            let now = cell.ribosomes.bound;
            assert!(
                now <= cap.max(before),
                "{now} at work after {before} under a cap of {cap}, {quota:?}"
            );
            if now > cap {
                assert_eq!(
                    cell.events.translation_started, started,
                    "none starts above the cap, {quota:?}"
                );
            }
        }
        let (now, cap) = (cell.ribosomes.bound, cell.ribosome_cap());
        assert!(
            now <= cap,
            "four minutes finish the longest of translations: {now} of {cap}"
        );
    }
}

#[test]
fn the_ribosome_cap_is_a_share_of_all_or_a_number() {
    let mut cell = newborn(&model(), "share", 1, full(), CellOptions::default());
    let mut cap = |units: u32, unit: RibosomeUnit| {
        cell.set_quota(Quota {
            ribosomes: RibosomeCount::new(units),
            unit,
            ..full()
        });
        cell.ribosome_cap()
    };
    for (units, expected) in [
        (0, 0),
        (1, 33),
        (5, 166),
        (10, 333),
        (15, 500),
        (16, 500),
        (u32::MAX, 500),
    ] {
        assert_eq!(
            cap(units, RibosomeUnit::Share),
            expected,
            "{units} of 15 shares of 500"
        );
    }
    for (units, expected) in [(0, 0), (15, 15), (500, 500), (501, 500), (u32::MAX, 500)] {
        assert_eq!(
            cap(units, RibosomeUnit::Physical),
            expected,
            "{units} of 500"
        );
    }
}

#[test]
fn invariant_10_without_atp_nothing_is_made_once_the_pool_is_gone() {
    let mut cell = newborn(
        &model(),
        "no-atp",
        1,
        quota(0.0, 15),
        CellOptions::default(),
    );
    cell.advance_to(minutes(5));
    assert_eq!(cell.ledger.regenerated, 0);
    assert!(
        cell.energy_charge() < 0.1,
        "energy charge {}",
        cell.energy_charge()
    );
    let (events, residues) = (cell.events, cell.residues);
    let mut last = cell.content().bonds;
    while cell.time() < minutes(35) {
        cell.step();
        let bonds = cell.content().bonds;
        assert!(
            bonds <= last,
            "{bonds} bonds after {last} without regeneration"
        );
        last = bonds;
    }
    assert_eq!((cell.events, cell.residues), (events, residues));
}

#[test]
fn invariant_10_without_ribosomes_no_translation_starts() {
    let mut cell = newborn(
        &model(),
        "no-ribosomes",
        1,
        quota(100.0, 0),
        CellOptions::default(),
    );
    cell.advance_to(minutes(30));
    assert_eq!(cell.events.translation_started, 0);
    assert_eq!(
        cell.ribosomes.bound, 0,
        "what was under way at birth is done"
    );
    assert!(
        cell.events.transcription_started > 0,
        "ATP is there, so transcription goes on"
    );
    assert!(cell.energy_charge() > 0.9);
}

/// Proteins made per minute, by cell.
fn protein_rates(quota: Quota, cells: u64, span_min: u64) -> Estimate {
    let model = model();
    let rates: Vec<f64> = (0..cells)
        .map(|seed| {
            let mut cell = newborn(&model, "response", seed, quota, CellOptions::default());
            // What the newborn brought along is used up first.
            cell.advance_to(minutes(5));
            let before = cell.events.translation_finished;
            cell.advance_to(minutes(5 + span_min));
            (cell.events.translation_finished - before) as f64 / span_min as f64
        })
        .collect();
    Estimate::of(&rates)
}

/// Protein rates along a falling series of quotas: none above the one before by more than three standard errors (one
/// of 700 seeds for each pair that is truly equal), and the last far below the first.
#[track_caller]
fn check_response(quotas: &[Quota]) -> Vec<f64> {
    let (cells, span) = (size(6, 24), size(20, 100));
    let rates: Vec<Estimate> = quotas
        .iter()
        .map(|&quota| protein_rates(quota, cells, span))
        .collect();
    for (pair, quotas) in rates.windows(2).zip(quotas.windows(2)) {
        let (more, less) = (pair[0], pair[1]);
        assert!(
            less.mean <= more.mean + 3.0 * less.error_beside(more),
            "{quotas:?}: {pair:?}"
        );
    }
    rates.iter().map(|rate| rate.mean / rates[0].mean).collect()
}

#[test]
fn invariant_10_less_atp_never_makes_more_protein() {
    let shares = check_response(&[100.0, 70.0, 40.0, 20.0, 5.0, 0.0].map(|atp| quota(atp, 15)));
    // Half of these shares and more would be made if the quota were not enforced.
    assert!(
        shares[2] < 0.7 && shares[3] < 0.4 && shares[4] < 0.2,
        "{shares:?}"
    );
    assert_eq!(shares[5], 0.0, "{shares:?}");
}

#[test]
fn invariant_10_fewer_ribosomes_never_make_more_protein() {
    let shares = check_response(&[15, 12, 9, 6, 3, 1, 0].map(|units| quota(100.0, units)));
    assert!(
        shares[1] > 0.9,
        "a quarter of the ribosomes is idle anyway: {shares:?}"
    );
    assert!(
        shares[3] < 0.7 && shares[4] < 0.4 && shares[5] < 0.2,
        "{shares:?}"
    );
    assert_eq!(shares[6], 0.0, "{shares:?}");
}

#[test]
fn vitality_falls_with_energy_and_ends_in_death_after_half_an_hour() {
    let mut cell = newborn(&model(), "dying", 1, full(), CellOptions::default());
    cell.advance_to(minutes(5));
    assert_eq!(cell.vitality(), Vitality::Viable);
    cell.set_quota(quota(0.0, 15));
    let mut seen = vec![Vitality::Viable];
    let mut starved_from = None;
    while cell.vitality() != Vitality::Dead {
        assert!(
            cell.time() < minutes(60),
            "energy charge {} and not dead",
            cell.energy_charge()
        );
        cell.step();
        if seen.last() != Some(&cell.vitality()) {
            seen.push(cell.vitality());
        }
        if starved_from.is_none() && cell.energy_charge() < 0.1 {
            starved_from = Some(cell.time());
        }
    }
    assert_eq!(seen, Vitality::ALL, "down every stair");
    let starved = cell
        .time()
        .since(starved_from.expect("it starved before it died"))
        .expect("before it died");
    // The step at whose end energy charge is first seen below 0.1 counts as the first.
    assert_eq!(starved.seconds(), 1800.0 - 0.5);
}

#[test]
fn a_cell_that_starves_for_less_than_half_an_hour_comes_back() {
    let mut cell = newborn(
        &model(),
        "near-death",
        1,
        quota(0.0, 15),
        CellOptions::default(),
    );
    cell.advance_to(minutes(20));
    assert_eq!(cell.vitality(), Vitality::Critical);
    cell.set_quota(full());
    cell.advance_to(minutes(60));
    assert!(cell.energy_charge() > 0.9 && cell.starved_s == 0.0);
    assert!(
        matches!(cell.vitality(), Vitality::Viable | Vitality::Stressed),
        "{}",
        cell.vitality()
    );
}

#[test]
fn a_dead_cell_stays_dead() {
    let mut cell = newborn(&model(), "dead", 1, quota(0.0, 15), CellOptions::default());
    cell.advance_to(minutes(40));
    assert_eq!(cell.vitality(), Vitality::Dead);
    cell.set_quota(full());
    cell.advance_to(minutes(60));
    assert_eq!(
        cell.vitality(),
        Vitality::Dead,
        "energy charge {}",
        cell.energy_charge()
    );
}

#[test]
fn usage_reports_quota_and_molecules_side_by_side() {
    let mut cell: Cell = newborn(
        &model(),
        "usage",
        1,
        quota(50.0, 10),
        CellOptions::default(),
    );
    cell.advance_to(minutes(10));
    let usage = cell.usage();
    assert_eq!(
        (usage.atp_quota, usage.allocated_ribosomes),
        (quota(50.0, 10).atp, RibosomeCount::new(10))
    );
    assert_eq!(
        usage.ribosome_cap.get(),
        usage.ribosomes_total.get() * 10 / 15
    );
    let utilization =
        100.0 * usage.ribosomes_translating.get() as f64 / usage.ribosome_cap.get() as f64;
    assert_eq!(usage.ribosome_utilization, utilization);
    assert!(
        usage.atp_regenerated_percent > 90.0 && usage.atp_regenerated_percent < 100.5,
        "half of it is all used"
    );
    assert!(usage.atp_percent > 0.0 && usage.atp_percent <= 100.0);
}
