//! The newborn cell, and the option of protein decay.

use std::sync::Arc;

use bioxen_core::{SimTime, Vitality};

use super::super::pools::Pool;
use super::super::{Cell, CellOptions};
use super::statistics::Estimate;
use super::{STEPS_PER_MIN, full, model, newborn, quota};
use crate::genome::GeneKind;

#[test]
fn a_newborn_is_what_the_tables_say() {
    let model = model();
    let cell = newborn(&model, "newborn", 1, full(), CellOptions::default());
    let c = &model.constants;
    assert_eq!(
        (cell.time(), cell.generation(), cell.divisions()),
        (SimTime::ZERO, 0, &[][..])
    );
    assert_eq!((cell.quota(), cell.vitality()), (full(), Vitality::Viable));
    let totals = [
        &cell.ribosomes,
        &cell.rnap,
        &cell.degradosomes,
        &cell.translocons,
    ]
    .map(|m| m.total);
    assert_eq!(totals, [500, 93, 120, 66]);
    assert_eq!((cell.rnap.bound, cell.degradosomes.bound), (0, 0));
    for (gene, product) in model.products.iter().enumerate() {
        assert_eq!(cell.genes.products[gene], product.copies_at_birth);
        assert_eq!(cell.genes.knock_down[gene], 1.0);
    }
    for (index, unit) in model.units.iter().enumerate() {
        assert_eq!(cell.genes.dose[index], u32::from(unit.expressed));
        assert_eq!(cell.genes.activity[index], 1.0);
    }
    for &pool in Pool::ALL {
        let published = c.conc_mm[pool as usize];
        let molecule = cell.millimolar(pool) / cell.pools.real(pool);
        if published > 0.0 {
            assert!(
                (cell.millimolar(pool) - published).abs() <= 0.51 * molecule,
                "{}",
                pool.name()
            );
        }
    }
    assert_eq!(
        cell.pools.get(Pool::ChargedTrna) + cell.pools.get(Pool::FreeTrna),
        5800
    );
    // One lipid takes a quarter of a square nanometer, and the number of lipids is rounded.
    assert!((cell.geometry.surface_nm2 - c.surface_birth_nm2).abs() < 0.25);
    assert!((cell.geometry.volume_al / c.volume_birth_al - 1.0).abs() < 1e-6);
    assert_eq!(cell.mass(), 1.0);
    assert_eq!(cell.chromosome.rounds, []);
    assert_eq!(
        cell.ledger.spent_in_all() + cell.ledger.regenerated + cell.ledger.granted,
        0
    );
    super::books::check_books(&cell);
    super::books::check_genes(&cell);
}

#[test]
fn transcripts_of_newborns_are_poisson_around_the_published_means() {
    let model = model();
    let expected: f64 = model
        .units
        .iter()
        .map(|unit| unit.transcripts_at_birth)
        .sum();
    let totals: Vec<f64> = (0..400)
        .map(|seed| {
            newborn(&model, "transcripts", seed, full(), CellOptions::default()).mrna() as f64
        })
        .collect();
    let total = Estimate::of(&totals);
    // A sum of Poisson counts is Poisson: its variance is its mean. 4.5 standard errors: one of 150,000 seeds.
    let error = (expected / 400.0).sqrt();
    assert!(
        (total.mean - expected).abs() < 4.5 * error,
        "{total:?}, published {expected}"
    );
    let fano = total.error * total.error * 400.0 / expected;
    assert!(
        (fano - 1.0).abs() < 4.5 * (2.0_f64 / 399.0).sqrt(),
        "Fano factor {fano}"
    );
}

/// Proteins of which one may be degraded: in no machine, and not waiting for a translocon.
fn loose(cell: &Cell) -> f64 {
    let inside = cell.parts_inside();
    (0..cell.model.products.len())
        .filter(|&gene| cell.model.products[gene].kind == GeneKind::Cds)
        .map(|gene| cell.genes.products[gene] - cell.genes.waiting_count[gene] - inside[gene])
        .map(f64::from)
        .sum()
}

#[test]
fn protein_decay_runs_at_its_measured_rate_from_birth_on() {
    let model = model();
    let options = CellOptions {
        protein_decay: true,
        degradosomes_follow_surface: false,
        ..CellOptions::default()
    };
    let mut cell = newborn(&model, "protein-decay", 1, full(), options);
    let mut expected = 0.0;
    for _ in 0..20 * STEPS_PER_MIN {
        expected +=
            model.constants.protein_decay * loose(&cell) * super::super::COUPLING_STEP.seconds();
        cell.step();
    }
    // Poisson: 4.5 standard deviations, one of 150,000 seeds.
    let degraded = cell.events.protein_degraded as f64;
    assert!(
        (degraded - expected).abs() < 4.5 * expected.sqrt(),
        "{degraded} degraded, {expected} expected"
    );
    let options = CellOptions {
        protein_decay: false,
        ..options
    };
    let mut cell = newborn(&model, "protein-decay", 1, full(), options);
    cell.advance_to(super::minutes(20));
    assert_eq!(cell.events.protein_degraded, 0);
}

#[test]
fn protein_decay_gives_back_every_residue_for_one_atp_each() {
    let options = CellOptions {
        protein_decay: true,
        ..CellOptions::default()
    };
    let mut cell = newborn(&model(), "given-back", 2, quota(100.0, 0), options);
    let model = Arc::clone(cell.model());
    cell.advance_to(super::minutes(1));
    let (residues, made) = (cell.residues, cell.genes.made.clone());
    let spent = cell.ledger.spent(super::super::ledger::Cause::ProteinDecay);
    cell.advance_to(super::minutes(30));
    let added: i64 = (0..model.products.len())
        .map(|gene| {
            i64::from(model.products[gene].residues)
                * i64::try_from(cell.genes.made[gene] - made[gene]).unwrap()
        })
        .sum();
    let paid = cell.ledger.spent(super::super::ledger::Cause::ProteinDecay) - spent;
    assert!(paid > 0);
    assert_eq!(residues + added - cell.residues, paid);
}
