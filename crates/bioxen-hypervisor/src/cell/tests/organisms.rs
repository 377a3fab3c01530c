//! What the other files ask of JCVI-syn3A over whole cell cycles, asked of the other organisms for as long as the suite
//! can afford.

use std::sync::Arc;

use bioxen_core::{Elongation, Organism, Quota, RibosomeCount, RibosomeUnit};

use super::super::ledger::Cause;
use super::super::mechanism::Initiation;
use super::super::model::RoundAtBirth;
use super::super::pools::Pool;
use super::super::{Cell, CellModel, CellOptions};
use super::books::{check_books, check_genes, check_residues, check_steps};
use super::{STEPS_PER_S, full_of, newborn, quota, run, size};

/// E. coli that divides `after_s` seconds after birth: its oldest round is finished, a younger one is half done, and
/// its origins fire at once.
pub(super) fn dividing(after_s: f64) -> Arc<CellModel> {
    let mut model = CellModel::ecoli();
    let length = model.chromosome.length_bp;
    let round = |copied_bp: u32| RoundAtBirth {
        copied_bp,
        terminated_ago_s: 0.0,
    };
    model.rounds_at_birth = vec![round(length), round(length / 2)];
    model.constants.division_delay_s = after_s;
    model.mechanisms.initiation = Initiation::VolumePerOrigin {
        al: model.constants.volume_birth_al / 4.0,
    };
    Arc::new(model)
}

/// A newborn cell, and how many seconds of it stand for a minute of syn3A.
type Other = (Cell, u64);

fn others(options: CellOptions) -> [Other; 2] {
    [
        (Arc::new(CellModel::minimal_cell()), 60),
        (dividing(30.0), size(4, 40)),
    ]
    .map(|(model, minute)| {
        let full = full_of(model.organism());
        (newborn(&model, "other", 41, full, options), minute)
    })
}

/// Every organism under full quota, for what need not be repeated by organism.
fn every(label: &str) -> [Cell; 3] {
    Organism::ALL.map(|organism| {
        let model = Arc::new(CellModel::of(organism));
        newborn(&model, label, 1, full_of(organism), CellOptions::default())
    })
}

fn physical(organism: Organism, ribosomes: u32) -> Quota {
    Quota {
        unit: RibosomeUnit::Physical,
        ribosomes: RibosomeCount::new(ribosomes),
        ..full_of(organism)
    }
}

#[test]
fn invariants_1_to_5_hold_under_any_quota() {
    for (mut cell, minute) in others(CellOptions::default()) {
        let organism = cell.model.organism();
        let full = full_of(organism);
        let units = full.ribosomes.get();
        for (minutes, quota) in [
            (10, full),
            (6, quota(0.0, units)),
            (3, quota(0.5, units)),
            (6, full),
            (4, quota(100.0, 0)),
            (4, quota(3.0, units / 2)),
            (3, physical(organism, 100)),
            (6, full),
        ] {
            cell.set_quota(quota);
            check_steps(&mut cell, minutes * minute * STEPS_PER_S);
        }
        let divided = u32::from(organism == Organism::Ecoli);
        assert_eq!(cell.generation(), divided, "{organism}");
    }
}

#[test]
fn invariants_1_to_5_hold_in_exponential_mode_with_protein_decay() {
    let options = CellOptions {
        elongation: Elongation::Exponential,
        protein_decay: true,
        ..CellOptions::default()
    };
    for (mut cell, minute) in others(options) {
        check_steps(&mut cell, 10 * minute * STEPS_PER_S);
        assert!(cell.events.protein_degraded > 0);
    }
}

#[test]
fn invariant_4_residues_paid_for_are_those_in_proteins_made_and_in_unfinished_ones() {
    for (mut cell, minute) in others(CellOptions::default()) {
        let less = quota(30.0, full_of(cell.model.organism()).ribosomes.get() / 3);
        check_residues(&mut cell, 10 * minute * STEPS_PER_S, less);
    }
}

/// Every cause of spending that an organism has is posted, and no other.
#[test]
fn invariant_4_each_cost_has_a_cause() {
    for mut cell in every("causes") {
        let organism = cell.model.organism();
        let span = if organism == Organism::Ecoli {
            20
        } else {
            1800
        };
        run(&mut cell, span);
        check_books(&cell);
        let of_its_own = cell.model.supply.is_some();
        for &cause in Cause::ALL {
            let spent = cell.ledger.spent(cause);
            let due = match cause {
                Cause::AminoAcidImport | Cause::Translocation => !of_its_own,
                Cause::Biosynthesis => of_its_own,
                Cause::ProteinDecay => false,
                _ => true,
            };
            assert_eq!(
                spent > 0,
                due,
                "{}: {spent} ATP of {organism}",
                cause.name()
            );
        }
    }
}

#[test]
fn invariant_5_translating_ribosomes_stay_under_the_cap_or_fall_to_it() {
    for (mut cell, minute) in others(CellOptions::default()) {
        let organism = cell.model.organism();
        let units = full_of(organism).ribosomes.get();
        for quota in [
            quota(100.0, units / 3),
            full_of(organism),
            quota(100.0, 1),
            physical(organism, 40),
            quota(100.0, units + 9),
        ] {
            cell.set_quota(quota);
            for _ in 0..3 * minute * STEPS_PER_S {
                let (before, cap, started) = (
                    cell.ribosomes.bound,
                    cell.ribosome_cap(),
                    cell.events.translation_started,
                );
                cell.step_undivided();
                let now = cell.ribosomes.bound;
                assert!(
                    now <= cap.max(cell.ribosome_cap()).max(before),
                    "{now} at work after {before} under a cap of {cap}, {quota:?}"
                );
                if now > cell.ribosome_cap() {
                    assert_eq!(
                        cell.events.translation_started, started,
                        "none starts above the cap, {quota:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_ribosome_cap_is_a_share_of_the_units_of_the_organism() {
    for mut cell in every("share") {
        let organism = cell.model.organism();
        let (units, total) = (full_of(organism).ribosomes.get(), cell.ribosomes.total);
        let mut cap = |quota| {
            cell.set_quota(quota);
            cell.ribosome_cap()
        };
        for (share, expected) in [
            (0, 0),
            (1, total / units),
            (units / 2, total / 2),
            (units, total),
            (units + 1, total),
            (u32::MAX, total),
        ] {
            let got = cap(quota(100.0, share));
            // Half of an odd number of units is less than half of the ribosomes.
            assert!(
                got == expected || (units % 2 == 1 && share == units / 2 && got < expected),
                "{share} of {units} shares of {total}: {got}"
            );
        }
        for (asked, expected) in [(0, 0), (15, 15), (total, total), (total + 1, total)] {
            assert_eq!(cap(physical(organism, asked)), expected);
        }
    }
}

#[test]
fn invariant_10_without_atp_nothing_is_made_once_the_pool_is_gone() {
    for (mut cell, _) in others(CellOptions::default()) {
        let organism = cell.model.organism();
        cell.set_quota(quota(0.0, full_of(organism).ribosomes.get()));
        run(
            &mut cell,
            if organism == Organism::Ecoli { 60 } else { 300 },
        );
        assert_eq!(cell.ledger.regenerated, 0);
        assert!(
            cell.energy_charge() < 0.1,
            "energy charge {} of {organism}",
            cell.energy_charge()
        );
        let (translated, made) = (cell.events.translation_finished, cell.residues);
        let mut last = cell.content().bonds;
        for _ in 0..20 * STEPS_PER_S {
            cell.step_undivided();
            let bonds = cell.content().bonds;
            assert!(
                bonds <= last,
                "{bonds} bonds after {last} without regeneration"
            );
            last = bonds;
        }
        assert_eq!(
            (cell.events.translation_finished, cell.residues),
            (translated, made),
            "{organism}"
        );
        check_books(&cell);
        check_genes(&cell);
    }
}

#[test]
fn invariant_10_without_ribosomes_no_translation_starts() {
    for (mut cell, _) in others(CellOptions::default()) {
        let organism = cell.model.organism();
        cell.set_quota(quota(100.0, 0));
        run(
            &mut cell,
            if organism == Organism::Ecoli { 20 } else { 600 },
        );
        assert_eq!(cell.events.translation_started, 0, "{organism}");
        assert!(
            cell.events.transcription_started > 0,
            "ATP is there, so transcription goes on"
        );
        assert!(cell.energy_charge() > 0.8, "{}", cell.energy_charge());
        check_books(&cell);
    }
}

/// Less of either quota makes less protein; no statistics, as the effect is far above what chance does to thousands of
/// ribosomes.
#[test]
fn invariant_10_less_of_either_quota_makes_less_protein() {
    for (cell, minute) in others(CellOptions::default()) {
        let organism = cell.model.organism();
        let units = full_of(organism).ribosomes.get();
        let rate = |quota: Quota| {
            let mut cell = cell.clone();
            cell.set_quota(quota);
            let span = 8 * minute * STEPS_PER_S;
            // What the newborn brought along is used up first.
            (0..span).for_each(|_| cell.step_undivided());
            let before = cell.ledger.spent(Cause::Translation);
            (0..span).for_each(|_| cell.step_undivided());
            (cell.ledger.spent(Cause::Translation) - before) as f64
        };
        let usual = rate(full_of(organism));
        for series in [
            [60.0, 30.0, 10.0, 0.0].map(|atp| quota(atp, units)),
            [2, 4, 6, units + 1].map(|part| quota(100.0, units / part)),
        ] {
            let rates = series.map(|quota| rate(quota) / usual);
            assert!(
                rates.windows(2).all(|pair| pair[1] <= pair[0]),
                "{organism}: {rates:?}"
            );
            assert!(
                rates[0] < 1.0 && rates[2] < 0.4 && rates[3] < 0.01,
                "{organism}: {rates:?}"
            );
        }
    }
}

#[test]
fn a_newborn_of_any_organism_is_what_its_tables_say() {
    for cell in every("newborn") {
        let model = Arc::clone(cell.model());
        let organism = model.organism();
        check_books(&cell);
        check_genes(&cell);
        super::properties::check_sums(&cell);
        assert_eq!(cell.mass(), 1.0, "{organism}");
        let counts = [
            (cell.ribosomes, &model.machines.ribosome),
            (cell.rnap, &model.machines.rnap),
            (cell.degradosomes, &model.machines.degradosome),
            (cell.translocons, &model.machines.translocon),
        ];
        for (count, machine) in counts {
            assert_eq!(count.total, machine.at_birth, "{organism}");
        }
        for (gene, product) in model.products.iter().enumerate() {
            assert_eq!(cell.genes.products[gene], product.copies_at_birth);
        }
        // RNA of the newborn is drawn by chance, and volume follows it a little.
        let volume = cell.geometry.volume_al / model.constants.volume_birth_al;
        assert!((volume - 1.0).abs() < 0.01, "{organism}: {volume}");
        for &pool in Pool::ALL {
            let published = model.constants.conc_mm[pool as usize];
            assert!(
                (cell.millimolar(pool) - published).abs() <= 0.01 * published + 1e-3
                    || published == 0.0,
                "{} of {organism}",
                pool.name()
            );
        }
        assert_eq!(
            cell.ledger.spent_in_all() + cell.ledger.regenerated + cell.ledger.granted,
            0
        );
        assert_eq!(cell.regulation.is_some(), organism == Organism::Ecoli);
        assert_eq!(cell.phase.is_some(), organism == Organism::Ecoli);
    }
}

/// Before its first step as well as after it.
#[test]
fn a_newborn_of_any_organism_can_be_saved_and_restored() {
    for mut cell in every("saved") {
        for _ in 0..2 {
            let back = match super::image::restored(&cell) {
                Ok(back) => back,
                Err(error) => panic!("{} at {}: {error:?}", cell.model.organism(), cell.time()),
            };
            assert_eq!(back.fingerprint(), cell.fingerprint());
            cell.step();
        }
    }
}
