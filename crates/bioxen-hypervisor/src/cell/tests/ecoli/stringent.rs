//! ppGpp and what follows from it; feedback of surplus proteins.

use std::sync::Arc;

use super::super::super::numbers::{count, integer};
use super::super::super::pools::Pool;
use super::super::super::regulation::RegulationModel;
use super::super::super::{Cell, CellModel};
use super::super::books::check_books;
use super::super::run;
use super::{born, ecoli};

fn of(model: &CellModel) -> &RegulationModel {
    model.regulation.as_ref().expect("E. coli regulates itself")
}

fn ppgpp(cell: &Cell) -> f64 {
    cell.regulation.as_ref().expect("E. coli has ppGpp").ppgpp
}

/// Puts a share of all tRNA into the uncharged pool; the books no longer close.
fn uncharge(cell: &mut Cell, share: f64) {
    let all = cell.pools.get(Pool::ChargedTrna) + cell.pools.get(Pool::FreeTrna);
    let free = integer(share * all as f64);
    cell.pools.set(Pool::FreeTrna, free);
    cell.pools.set(Pool::ChargedTrna, all - free);
}

#[test]
fn ppgpp_settles_at_the_share_of_uncharged_trna_and_slows_what_it_slows() {
    let model = ecoli();
    let of = of(&model);
    let mut cell = born(&model, "levels");
    let mut last: Option<[f64; 5]> = None;
    for share in [0.0, 0.1, 0.3, 0.6, 1.0] {
        uncharge(&mut cell, share);
        // So long that the past is forgotten.
        cell.regulate(1e6);
        let level = ppgpp(&cell);
        assert!((level - share * of.ppgpp_uncharged).abs() < 1e-4, "{level}");
        let message = (0..model.units.len())
            .find(|&unit| model.units[unit].message)
            .expect("E. coli has messages");
        let now = [
            cell.genes.regulation[of.stable[0]],
            cell.genes.regulation[of.ribosomal[0]],
            cell.polymerase_speed(message),
            cell.slowed(|of| of.fork_half),
            cell.genes.promoters.weight(of.stable[0]) as f64,
        ];
        for (n, after) in now.iter().enumerate() {
            assert!(
                last.is_none_or(|last| *after < last[n]),
                "{now:?} after {last:?}"
            );
        }
        assert!(
            of.stable
                .iter()
                .all(|&u| cell.genes.regulation[u] == now[0])
        );
        assert!(
            of.ribosomal
                .iter()
                .all(|&u| cell.genes.regulation[u] == now[1])
        );
        if share == 0.0 {
            assert_eq!((now[0], now[2]), (1.0, of.message_speed));
        }
        last = Some(now);
    }
}

#[test]
fn ppgpp_moves_with_its_lifetime() {
    let model = ecoli();
    let of = of(&model);
    let (mut once, mut often) = (born(&model, "once"), born(&model, "often"));
    for cell in [&mut once, &mut often] {
        uncharge(cell, 1.0);
    }
    once.regulate(1.0 / of.ppgpp_loss);
    for _ in 0..100 {
        often.regulate(0.01 / of.ppgpp_loss);
    }
    let way = (of.ppgpp_uncharged - of.ppgpp_reference) * (1.0 - (-1.0_f64).exp());
    assert!((ppgpp(&once) - of.ppgpp_reference - way).abs() < 1e-9);
    assert!(
        (ppgpp(&once) - ppgpp(&often)).abs() < 1e-9,
        "however it is cut"
    );
}

/// Transcripts of stable RNA that were begun.
fn stable_started(cell: &Cell) -> u64 {
    let units = of(&cell.model).stable.iter();
    units
        .map(|&unit| {
            let gene = cell.model.units[unit].genes[0];
            cell.genes.made[gene] + u64::from(cell.genes.held[unit])
        })
        .sum()
}

#[test]
fn a_cell_that_runs_out_of_amino_acids_stops_making_stable_rna() {
    let model = ecoli();
    let run_on = |nutrition: f64| {
        let mut cell = born(&model, "downshift");
        let mut medium = cell.medium();
        medium.nutrition *= nutrition;
        cell.set_medium(medium);
        run(&mut cell, 60);
        let before = stable_started(&cell);
        run(&mut cell, 15);
        check_books(&cell);
        let charged = cell.pools.real(Pool::ChargedTrna);
        let share = charged / (charged + cell.pools.real(Pool::FreeTrna));
        (ppgpp(&cell), (stable_started(&cell) - before) as f64, share)
    };
    let (fed, starved) = (run_on(3.0), run_on(0.0));
    assert!(fed.2 > 0.5 && starved.2 < 0.1, "{fed:?} and {starved:?}");
    assert!(starved.0 > 2.0 * fed.0, "ppGpp: {fed:?} and {starved:?}");
    // A count of a hundred has a standard deviation of ten percent.
    assert!(
        starved.1 < 0.5 * fed.1 && fed.1 > 100.0,
        "stable transcripts: {fed:?} and {starved:?}"
    );
}

#[test]
fn surplus_ribosomal_proteins_hold_back_their_own_messages() {
    let model = ecoli();
    let of = of(&model);
    let mut cell = born(&model, "surplus");
    cell.regulate(0.5);
    let (copies, gene) = of.ribosomal_proteins[0];
    let before = cell.genes.feedback.clone();
    cell.genes.products[gene] += 100_000 * copies;
    cell.regulate(0.5);
    assert!(cell.genes.feedback[gene] < 0.1 * before[gene]);
    for (other, factor) in before.iter().enumerate() {
        assert!(
            other == gene || cell.genes.feedback[other] == *factor,
            "gene {other}"
        );
    }
    cell.genes.products[gene] = 0;
    cell.regulate(0.5);
    assert_eq!(cell.genes.feedback[gene], of.feedback_headroom);
}

#[test]
fn held_proteins_above_their_share_hold_back_their_promoters() {
    let model = ecoli();
    let of = of(&model);
    let mut cell = born(&model, "held");
    let factor = |cell: &mut Cell| {
        // A look at the shares, which is taken every ten seconds.
        cell.steps = 0;
        cell.regulate(0.5);
        cell.genes.regulation[of.held[0]]
    };
    let usual = factor(&mut cell);
    assert!((0.1..8.0).contains(&usual), "{usual}");
    let held: Vec<usize> = of
        .held
        .iter()
        .flat_map(|&unit| model.units[unit].genes.clone())
        .collect();
    let products = cell.genes.products.clone();
    let scaled = |cell: &mut Cell, by: f64| {
        let model = Arc::clone(cell.model());
        for &gene in &held {
            cell.genes.products[gene] = count(by * f64::from(products[gene]));
        }
        cell.recount(&model);
        factor(cell)
    };
    assert!(scaled(&mut cell, 1.5) < 0.5 * usual);
    assert_eq!(scaled(&mut cell, 0.0), 8.0, "the most there is");
}
