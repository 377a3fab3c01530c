//! Nothing is negative, nothing is lost: counts, machines and the ledger after every step.

use bioxen_core::{Elongation, RibosomeCount, RibosomeUnit};

use super::super::ledger::Cause;
use super::super::machines::MachineCount;
use super::super::mechanism::{Promoters, Turnover};
use super::super::model::Machine;
use super::super::pools::Pool;
use super::super::{Cell, CellOptions};
use super::{STEPS_PER_MIN, full, messages, model, newborn, quota};
use crate::genome::GeneKind;
use crate::stochastic::Chains;

/// What is cheap enough to ask after every step of a long run: invariants 1, 3, 4 and the totals of 2.
/// Counts of genes and machines are unsigned and the test profile checks overflow, so that a step that would make
/// one negative panics by itself.
#[track_caller]
pub(super) fn check_books(cell: &Cell) {
    for &pool in Pool::ALL {
        assert!(
            cell.pools.get(pool) >= 0,
            "{} is {} at {}",
            pool.name(),
            cell.pools.get(pool),
            cell.time()
        );
    }
    assert_eq!(
        cell.content(),
        cell.ledger.matter_due(),
        "the books do not close at {}",
        cell.time()
    );
    let degradosome_chains = match cell.model.mechanisms.turnover {
        Turnover::Degradosomes => cell.decays.len(),
        Turnover::FirstOrder => 0,
    };
    for (count, chains) in [
        (cell.rnap, cell.transcripts.len()),
        (cell.ribosomes, cell.chains.len()),
        (cell.degradosomes, degradosome_chains),
        (cell.translocons, 0),
    ] {
        assert_eq!(
            count.bound as usize,
            chains,
            "machines at work have one chain each at {}",
            cell.time()
        );
        assert!(count.bound <= count.total, "{count:?} at {}", cell.time());
    }
}

/// The same unit by unit and gene by gene, and sums that the engine carries along against sums made anew.
#[track_caller]
pub(super) fn check_genes(cell: &Cell) {
    let genes = &cell.genes;
    let (units, products) = (&cell.model.units, &cell.model.products);
    assert_eq!(
        by_index(&cell.transcripts, units.len()),
        genes.held,
        "polymerases and held promoters"
    );
    assert_eq!(
        by_index(&cell.chains, products.len()),
        genes.translating,
        "ribosomes and transcripts on them"
    );
    assert_eq!(
        by_index(&cell.decays, units.len()),
        genes.decaying,
        "degradosomes and transcripts on them"
    );
    check_doses(cell);
    let (mut residues, mut rna, mut in_membrane, mut trna) = (0, [0; 4], 0, 0);
    let mut add = |bases: [u32; 4], copies: u32| {
        for (sum, n) in rna.iter_mut().zip(bases) {
            *sum += i64::from(n) * i64::from(copies);
        }
    };
    for (index, unit) in units.iter().enumerate() {
        assert!(
            cell.model.mechanisms.promoters != Promoters::Held
                || genes.held[index] <= genes.dose[index],
            "unit {index}: one polymerase per promoter"
        );
        let finished = messages(cell, index) + genes.decaying[index];
        assert!(
            unit.message || finished == 0,
            "unit {index} leaves no message"
        );
        add(unit.message_bases, finished);
    }
    for (gene, product) in products.iter().enumerate() {
        assert!(
            genes.waiting_count[gene] <= genes.products[gene],
            "gene {gene}: who waits exists"
        );
        residues += i64::from(product.residues) * i64::from(genes.products[gene]);
        if product.kind != GeneKind::Cds {
            add(product.bases, genes.products[gene]);
        }
        in_membrane += if product.in_membrane {
            genes.products[gene] - genes.waiting_count[gene]
        } else {
            0
        };
        trna += if product.kind == GeneKind::Trna {
            i64::from(genes.products[gene])
        } else {
            0
        };
    }
    assert_eq!(
        (cell.residues, cell.rna, cell.membrane_proteins),
        (residues, rna, in_membrane)
    );
    for (machine, count) in machines(cell) {
        for (copies, makers) in &machine.parts {
            // Degradosomes that follow the surface share all parts but the anchor in the membrane.
            let shared = cell.degradosomes_follow_surface
                && std::ptr::eq(machine, &cell.model.machines.degradosome)
                && !makers
                    .iter()
                    .any(|&gene| cell.model.products[gene].in_membrane);
            let there: u32 = makers
                .iter()
                .map(|&gene| genes.products[gene] - genes.waiting_count[gene])
                .sum();
            assert!(
                shared || copies * count.total <= there,
                "{count:?} with {there} of {makers:?}"
            );
        }
    }
    assert_eq!(
        cell.pools.get(Pool::ChargedTrna) + cell.pools.get(Pool::FreeTrna),
        trna
    );
}

/// Every round doubles the promoters that its forks have reached, and no others; a plasmid has one of each of its own.
#[track_caller]
fn check_doses(cell: &Cell) {
    let model = &cell.model;
    let rounds = &cell.chromosome.rounds;
    let mut passed = vec![0_u32; rounds.len()];
    for (index, unit) in model.units.iter().enumerate() {
        if let Some(plasmid) = unit.plasmid {
            assert_eq!(cell.genes.dose[index], cell.plasmids[plasmid]);
            continue;
        }
        let mut copies = u32::from(unit.expressed);
        for (round, passed) in rounds.iter().zip(&mut passed) {
            if round.is_finished(model) || unit.fork_distance <= round.copied_bp.div_ceil(2) {
                copies *= 2;
                *passed += 1;
            }
        }
        assert_eq!(
            cell.genes.dose[index],
            copies,
            "promoters of unit {index} at {}",
            cell.time()
        );
    }
    let booked: Vec<u32> = rounds.iter().map(|round| round.units_passed).collect();
    assert_eq!(passed, booked, "units passed by forks at {}", cell.time());
}

fn machines(cell: &Cell) -> [(&Machine, MachineCount); 4] {
    let kinds = &cell.model.machines;
    [
        (&kinds.rnap, cell.rnap),
        (&kinds.ribosome, cell.ribosomes),
        (&kinds.degradosome, cell.degradosomes),
        (&kinds.translocon, cell.translocons),
    ]
}

fn by_index<const N: usize>(chains: &Chains<N>, n: usize) -> Vec<u32> {
    let mut counts = vec![0; n];
    for entry in chains.entries() {
        counts[entry.unit as usize] += 1;
    }
    counts
}

/// One stretch of a run: simulated minutes under a quota.
type Stretch = (u64, bioxen_core::Quota);

/// Runs a cell through stretches, with the books checked after every step and the genes after every tenth.
fn check_run(label: &str, options: CellOptions, stretches: &[Stretch]) -> Cell {
    let mut cell = newborn(&model(), label, 41, stretches[0].1, options);
    for &(minutes, quota) in stretches {
        cell.set_quota(quota);
        check_steps(&mut cell, minutes * STEPS_PER_MIN);
    }
    cell
}

/// Invariants 1 to 5 over a number of steps.
#[track_caller]
pub(super) fn check_steps(cell: &mut Cell, steps: u64) {
    for step in 0..steps {
        let (regenerated, granted) = (cell.ledger.regenerated, cell.ledger.granted);
        let (totals, generation) = (
            machines(cell).map(|(_, count)| count.total),
            cell.generation(),
        );
        let (translating, cap) = (cell.ribosomes.bound, cell.ribosome_cap());
        cell.step();
        check_books(cell);
        for (now, before) in machines(cell).into_iter().zip(totals) {
            assert!(
                now.1.total >= before || cell.generation() > generation,
                "a machine fell apart"
            );
        }
        let made = cell.ledger.regenerated - regenerated;
        assert!(
            (0..=cell.ledger.granted - granted).contains(&made),
            "regenerated {made} at {}",
            cell.time()
        );
        // Machines that are assembled within the step raise the cap.
        let cap = cap.max(cell.ribosome_cap());
        assert!(
            cell.ribosomes.bound <= cap.max(translating),
            "{} at work after {translating} under a cap of {cap} at {}",
            cell.ribosomes.bound,
            cell.time()
        );
        if step % 10 == 0 {
            check_genes(cell);
        }
    }
}

#[test]
fn invariants_1_to_5_hold_over_divisions() {
    let cell = check_run("books-divisions", CellOptions::default(), &[(330, full())]);
    assert!(
        cell.generation() >= 2,
        "the run should see two divisions, not {}",
        cell.generation()
    );
}

#[test]
fn invariants_1_to_5_hold_in_exponential_mode_with_protein_decay() {
    let options = CellOptions {
        elongation: Elongation::Exponential,
        protein_decay: true,
        ..CellOptions::default()
    };
    let cell = check_run("books-exponential", options, &[(130, full())]);
    assert!(cell.events.protein_degraded > 0);
}

#[test]
fn invariants_1_to_5_hold_without_atp_and_after_recovery() {
    let cell = check_run(
        "books-starved",
        CellOptions::default(),
        &[
            (5, full()),
            (20, quota(0.0, 15)),
            (5, quota(0.5, 15)),
            (20, full()),
            (10, quota(0.0, 0)),
            (10, full()),
        ],
    );
    assert!(
        cell.energy_charge() > 0.9,
        "energy charge {} after recovery",
        cell.energy_charge()
    );
}

#[test]
fn invariants_1_to_5_hold_without_ribosomes_and_after_recovery() {
    let mut literal = full();
    literal.unit = RibosomeUnit::Physical;
    literal.ribosomes = RibosomeCount::new(15);
    check_run(
        "books-idle",
        CellOptions {
            degradosomes_follow_surface: false,
            ..CellOptions::default()
        },
        &[
            (5, full()),
            (15, quota(100.0, 0)),
            (15, full()),
            (10, literal),
            (10, quota(3.0, 7)),
        ],
    );
}

/// Residues in unfinished proteins if each had grown evenly since it was started, and by how much rounding may make
/// the count of the engine smaller: a rate is rounded down by less than 2^-32 residues per tick.
fn growing(cell: &Cell) -> (f64, f64) {
    let (mut residues, mut rounding) = (0.0, 0.0);
    for entry in cell.chains.entries() {
        let length = f64::from(cell.model.products[entry.unit as usize].residues);
        let elapsed = (entry.duration - (entry.key - cell.chains.clock())) as f64;
        residues += length * elapsed / entry.duration as f64;
        rounding += elapsed / f64::from(u32::MAX);
    }
    (residues, rounding)
}

#[test]
fn invariant_4_residues_paid_for_are_those_in_proteins_made_and_in_unfinished_ones() {
    let mut cell = newborn(&model(), "residues", 6, full(), CellOptions::default());
    check_residues(&mut cell, 60 * STEPS_PER_MIN, quota(20.0, 4));
}

/// Residues over a number of steps without a division, half of them under another quota.
#[track_caller]
pub(super) fn check_residues(cell: &mut Cell, steps: u64, second_half: bioxen_core::Quota) {
    let at_birth = cell.chains.content()[0];
    for step in 0..steps {
        if step == steps / 2 {
            cell.set_quota(second_half);
        }
        cell.step_undivided();
        // Two bonds of GTP for each residue.
        let paid = cell.ledger.spent(Cause::Translation) / 2;
        let products = cell.model.products.iter();
        let made: u64 = products
            .zip(&cell.genes.made)
            .filter(|(product, _)| product.kind == GeneKind::Cds)
            .map(|(product, n)| u64::from(product.residues) * n)
            .sum();
        let unfinished = cell.chains.content()[0];
        assert_eq!(
            paid,
            i64::try_from(made).unwrap() + unfinished - at_birth,
            "at {}",
            cell.time()
        );
        let (even, rounding) = growing(cell);
        let short = even - unfinished as f64;
        assert!(
            (-1e-6..1.0 + rounding).contains(&short),
            "{unfinished} of {even} residues at {}",
            cell.time()
        );
        let chains = cell.chains.len() as f64;
        assert!(rounding < 0.02 * chains, "{rounding} in {chains} chains");
    }
}
