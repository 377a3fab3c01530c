//! Several genes behind one promoter, several ribosomes on one message.

use std::sync::Arc;

use super::super::super::Cell;
use super::super::super::expression::{StepBudget, StepRates};
use super::super::super::machines::MachineCount;
use super::super::super::model::WEIGHT;
use super::super::super::pools::Pool;
use super::super::books::{check_books, check_genes};
use super::super::properties::check_sums;
use super::super::{gene, run};
use super::{born, ecoli, find};
use crate::genome::GeneKind;

/// A short subunit of ATP synthase, in one operon with the others.
const KNOCKED_OUT: &str = "atpH";

/// Other genes behind the promoter of a gene.
fn neighbors(cell: &Cell, index: usize) -> Vec<usize> {
    let unit = cell.model.products[index].unit;
    let genes = cell.model.units[unit].genes.iter().copied();
    genes.filter(|&other| other != index).collect()
}

#[test]
fn invariant_11_a_gene_knocked_out_of_an_operon_makes_no_protein_and_its_neighbors_do() {
    let model = ecoli();
    let mut cell = born(&model, "operon");
    let index = find(&model, KNOCKED_OUT);
    let (unit, neighbors) = (model.products[index].unit, neighbors(&cell, index));
    assert!(neighbors.len() >= 2, "choose a gene of an operon");
    let promoter = cell.genes.promoters.weight(unit);
    cell.knock_out(&[gene(KNOCKED_OUT)])
        .expect("it is expressed");
    assert_eq!(cell.genes.promoters.weight(unit), promoter);
    assert_eq!(cell.genes.messages.weight(index), 0);
    let mut made = cell.genes.made[index];
    let before: Vec<u64> = neighbors.iter().map(|&g| cell.genes.made[g]).collect();
    // What is being translated is finished within the first half minute.
    for second in 0..60 {
        run(&mut cell, 1);
        if second < 30 {
            made = cell.genes.made[index];
        }
        assert_eq!(cell.genes.made[index], made, "at {}", cell.time());
    }
    assert_eq!(cell.genes.translating[index], 0);
    for (&other, before) in neighbors.iter().zip(before) {
        // A gene that ribosomes hardly bind may make none in a minute.
        let weak =
            model.products[other].translation_weight < model.products[index].translation_weight / 4;
        assert!(weak || cell.genes.made[other] > before, "gene {other}");
    }
    check_sums(&cell);
    cell.restore_gene(&[gene(KNOCKED_OUT)])
        .expect("it is expressed");
    // Long enough for new messages, where none was left.
    run(&mut cell, 300);
    assert!(cell.genes.made[index] > made, "restored genes make again");
}

#[test]
fn an_operon_with_all_of_its_genes_knocked_out_is_not_transcribed() {
    let model = ecoli();
    let mut cell = born(&model, "silent");
    let unit = model.products[find(&model, KNOCKED_OUT)].unit;
    let tags: Vec<_> = model.units[unit]
        .genes
        .iter()
        .map(|&gene| cell.locus_tag(gene))
        .collect();
    let reference = cell.genes.promoters.weight(unit);
    assert!(reference > 0);
    for (n, tag) in tags.iter().enumerate() {
        assert_eq!(cell.genes.promoters.weight(unit), reference, "{n} of them");
        cell.knock_out(std::slice::from_ref(tag))
            .expect("it is expressed");
    }
    assert_eq!(cell.genes.promoters.weight(unit), 0);
    cell.restore_gene(&tags[..1]).expect("it is expressed");
    assert_eq!(cell.genes.promoters.weight(unit), reference);
    check_sums(&cell);
}

#[test]
fn a_knock_down_acts_on_one_gene_of_an_operon() {
    let model = ecoli();
    let mut cell = born(&model, "knock-down");
    let index = find(&model, KNOCKED_OUT);
    let (unit, neighbors) = (model.products[index].unit, neighbors(&cell, index));
    // A message that no ribosome is on, so that room does not matter.
    cell.genes.free[unit] = 1000;
    cell.genes.refresh_messages(unit, &model);
    let weight = |cell: &Cell, gene: usize| cell.genes.messages.weight(gene);
    let (own, promoter) = (weight(&cell, index), cell.genes.promoters.weight(unit));
    let others: Vec<u64> = neighbors.iter().map(|&g| weight(&cell, g)).collect();
    cell.knock_down(&gene(KNOCKED_OUT), 0.25)
        .expect("it is expressed");
    // The weight of each of 1000 messages is rounded.
    assert!(weight(&cell, index).abs_diff(own / 4) <= 1000);
    assert_eq!(cell.genes.promoters.weight(unit), promoter);
    let after: Vec<u64> = neighbors.iter().map(|&g| weight(&cell, g)).collect();
    assert_eq!(after, others);
}

#[test]
fn one_transcript_is_a_message_of_each_of_its_genes() {
    let model = ecoli();
    let mut cell = born(&model, "message");
    for (index, unit) in model.units.iter().enumerate() {
        let mut bases = [0; 4];
        for &gene in &unit.genes {
            assert_eq!(model.products[gene].unit, index);
            for (sum, n) in bases.iter_mut().zip(model.products[gene].bases) {
                *sum += n;
            }
        }
        assert_eq!(unit.bases, bases, "unit {index}");
        assert_eq!(
            unit.message_bases,
            if unit.message { bases } else { [0; 4] }
        );
        if !unit.message {
            continue;
        }
        cell.genes.free[index] = 1000;
        cell.genes.refresh_messages(index, &model);
        let before: Vec<u64> = weights(&cell, &unit.genes);
        cell.genes.add_message(index, &model);
        for (now, before) in weights(&cell, &unit.genes).into_iter().zip(before) {
            assert_eq!(now * 1000, before * 1001, "unit {index}");
        }
    }
    assert!(model.units.iter().any(|unit| unit.genes.len() > 5));
}

fn weights(cell: &Cell, genes: &[usize]) -> Vec<u64> {
    let weights = genes.iter().map(|&gene| cell.genes.messages.weight(gene));
    weights.collect()
}

#[test]
fn a_stable_transcript_gives_one_of_each_of_its_rnas() {
    let model = ecoli();
    let mut cell = born(&model, "stable");
    let trna = |cell: &Cell| cell.pools.get(Pool::ChargedTrna) + cell.pools.get(Pool::FreeTrna);
    let before = trna(&cell);
    run(&mut cell, 90);
    let (mut units, mut trna_made) = (0, 0);
    for unit in model.units.iter().filter(|unit| !unit.message) {
        let made: Vec<u64> = unit.genes.iter().map(|&g| cell.genes.made[g]).collect();
        assert!(
            made.iter().all(|n| *n == made[0]),
            "{made:?} of one transcript"
        );
        units += u32::from(made[0] > 0);
        let kinds = unit.genes.iter().map(|&g| model.products[g].kind);
        trna_made += made[0] * kinds.filter(|kind| *kind == GeneKind::Trna).count() as u64;
    }
    assert!(units > 10, "{units} stable units were transcribed");
    assert_eq!(trna(&cell) - before, i64::try_from(trna_made).unwrap());
    assert!(trna_made > 0);
}

/// A ribosome needs room on a message: binding one after the other fills all messages, each to its room and no further.
#[test]
fn ribosomes_bind_until_messages_are_full_and_no_further() {
    let model = ecoli();
    let mut cell = born(&model, "room");
    let room = |cell: &Cell, gene: usize| {
        let product = &model.products[gene];
        cell.genes.free[product.unit] * product.ribosomes_per_message
    };
    let mut bound = 0_u32;
    while cell.genes.messages.total() > 0 {
        let point = cell.stream.below(cell.genes.messages.total());
        let gene = cell.genes.messages.select(point);
        assert!(cell.genes.translating[gene] < room(&cell, gene));
        cell.genes.begin_translation(gene, &model);
        bound += 1;
    }
    assert!(bound > 10_000, "{bound} more ribosomes");
    for (gene, product) in model.products.iter().enumerate() {
        // Genes whose messages no ribosome binds are never filled.
        if product.kind == GeneKind::Cds && product.translation_weight > 0 {
            let unit = product.unit;
            let full = unit < model.units.len() && cell.genes.free[unit] > 0;
            let on = cell.genes.translating[gene];
            assert_eq!(on, if full { room(&cell, gene) } else { 0 }, "gene {gene}");
            if full {
                cell.genes.end_translation(gene, &model);
                assert!(cell.genes.messages.weight(gene) > 0, "room again");
            }
        }
    }
}

/// The same inside a step, with completions between the bindings and without decay, which would take the room away.
#[test]
fn room_on_messages_is_never_exceeded_within_a_step() {
    let model = ecoli();
    let mut cell = born(&model, "crowd");
    cell.ribosomes = MachineCount {
        total: 200_000,
        ..cell.ribosomes
    };
    let rates = StepRates {
        promoter: 0.0,
        ribosome: 1e-6,
        degradosome: 0.0,
        translation_speed: 1.0,
        transcription_speed: 1.0,
        decay_speed: 1.0,
        ribosome_cap: 200_000,
        hibernating: 0,
    };
    let unlimited = StepBudget {
        residues: [1_000_000_000],
        bases: [0; 4],
        decay_bases: [0; 4],
        insertion_atp: 0,
        degradation_atp: 0,
    };
    for unit in 0..model.units.len() {
        cell.genes.turnover.set(unit, 0);
    }
    let mut full = 0;
    for _ in 0..5 {
        cell.express(0.1, &rates, &unlimited);
        full = 0;
        for (gene, product) in model.products.iter().enumerate() {
            let on = cell.genes.translating[gene];
            if on > 0 {
                let room = cell.genes.free[product.unit] * product.ribosomes_per_message;
                assert!(on <= room, "{on} of {room} on gene {gene}");
                full += u32::from(on == room);
            }
        }
    }
    assert!(full > 10, "{full} genes are full");
}

#[test]
fn messages_decay_by_their_half_lives_whether_they_are_translated_or_not() {
    let model = ecoli();
    let mut cell = born(&model, "decay");
    for ribosomes in [cell.ribosomes.total, 0] {
        let mut expected = 0.0;
        let before = cell.events.decay_started;
        cell.set_quota(super::super::quota(
            100.0,
            if ribosomes > 0 { 30 } else { 0 },
        ));
        for _ in 0..40 {
            let rate: f64 = model
                .units
                .iter()
                .zip(&cell.genes.free)
                .map(|(unit, n)| unit.decay_rate() * f64::from(*n))
                .sum();
            expected += 0.5 * rate;
            cell.step();
        }
        // Poisson, up to the change of the rate within a step: 4.5 standard deviations, one of 150,000 seeds.
        let decayed = (cell.events.decay_started - before) as f64;
        assert!(
            (decayed - expected).abs() < 4.5 * expected.sqrt() + 0.01 * expected,
            "{decayed} decayed, {expected} expected"
        );
    }
    let weight: u64 = model
        .units
        .iter()
        .zip(&cell.genes.free)
        .map(|(unit, n)| unit.decay_weight * u64::from(*n))
        .sum();
    assert_eq!(cell.genes.turnover.total(), weight);
    assert!(weight as f64 / WEIGHT > 1.0);
    check_books(&cell);
    check_genes(&cell);
}

#[test]
fn polymerases_leave_the_promoter_to_the_next_one() {
    let model = ecoli();
    let mut cell = born(&model, "shared");
    let rrna = model.products[find(&model, "rrsA")].unit;
    let weight = cell.genes.promoters.weight(rrna);
    let mut most = 0;
    for _ in 0..60 {
        cell.step();
        most = most.max(cell.genes.held[rrna] / cell.genes.dose[rrna]);
    }
    assert!(most > 3, "{most} polymerases on one rRNA operon");
    let model = Arc::clone(cell.model());
    cell.genes.regulation[rrna] = 1.0;
    cell.genes.refresh_promoter(rrna, &model);
    assert_eq!(cell.genes.promoters.weight(rrna), weight);
}
