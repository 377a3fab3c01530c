//! What a user does to a living cell: stronger promoters, knock-outs, knock-downs, and the names that are refused.

use std::sync::Arc;

use bioxen_core::{GeneId, SimSpan, VmError};

use super::super::{Cell, CellModel, CellOptions};
use super::statistics::Estimate;
use super::{STEPS_PER_MIN, full, gene, messages, minutes, model, newborn, size};

fn grown(model: &Arc<CellModel>, label: &str, seed: u64, min: u64) -> Cell {
    let mut cell = newborn(model, label, seed, full(), CellOptions::default());
    cell.advance_to(minutes(min));
    cell
}

/// The unit in which a gene is transcribed.
fn unit_of(cell: &Cell, id: &GeneId) -> usize {
    let gene = cell.find_gene(id.as_str()).expect("it is in the table");
    cell.model.products[gene.index()].unit
}

#[test]
fn start_transcription_raises_the_transcripts_of_its_targets() {
    let model = model();
    // Twenty of them, because each has only about one transcript; weak enough to be raised fourfold.
    let strong_enough = 0.3..1.0;
    let targets: Vec<usize> = (0..model.units.len())
        .filter(|&unit| {
            model.units[unit].message && strong_enough.contains(&model.units[unit].strength)
        })
        .take(20)
        .collect();
    let run = |on: bool| {
        let means: Vec<f64> = (0..size(6, 24))
            .map(|seed| {
                let mut cell = newborn(&model, "start", seed, full(), CellOptions::default());
                if on {
                    let tags: Vec<GeneId> = targets
                        .iter()
                        .map(|&unit| cell.locus_tag(model.units[unit].genes[0]))
                        .collect();
                    for change in cell.start_transcription(&tags).expect("they are expressed") {
                        assert_eq!((change.activity_before, change.activity_after), (1.0, 4.0));
                        assert!(change.expected_first_transcript < change.expected_first_protein);
                    }
                }
                // The transcripts of the newborn are gone after some lifetimes of two or three minutes.
                cell.advance_to(minutes(15));
                let steps = 30 * STEPS_PER_MIN;
                let sum: u32 = (0..steps)
                    .map(|_| {
                        cell.step();
                        targets
                            .iter()
                            .map(|&unit| messages(&cell, unit))
                            .sum::<u32>()
                    })
                    .sum();
                f64::from(sum) / steps as f64
            })
            .collect();
        Estimate::of(&means)
    };
    let (off, on) = (run(false), run(true));
    // Four times the activity, less what the promoters are held (at most half of the time at four times the activity)
    // and what polymerases are lacking; four standard errors with 10 degrees of freedom are one of 400 seeds.
    let ratio = on.mean / off.mean;
    let error = ratio * (on.error / on.mean).hypot(off.error / off.mean);
    assert!(
        ratio + 4.0 * error > 2.0 && ratio - 4.0 * error < 4.0,
        "{ratio} ± {error}"
    );
    assert!(error < 0.1 * ratio, "{ratio} ± {error} is too coarse");
}

#[test]
fn start_transcription_takes_polymerases_from_the_rest() {
    let model = model();
    let run = |on: bool| {
        let mut cell = grown(&model, "all-on", 1, 10);
        let essential = cell.essential_genes();
        assert_eq!(essential.len(), 270);
        let mut targets: Vec<usize> = essential.iter().map(|id| unit_of(&cell, id)).collect();
        targets.sort_unstable();
        targets.dedup();
        if on {
            cell.start_transcription(&essential)
                .expect("essential genes are expressed");
        }
        cell.advance_to(minutes(20));
        let before = cell.events;
        let (mut others, mut busy) = (0.0, 0.0);
        let steps = 30 * STEPS_PER_MIN;
        for _ in 0..steps {
            cell.step();
            assert!(cell.rnap.bound <= cell.rnap.total);
            busy += f64::from(cell.rnap.bound) / f64::from(cell.rnap.total);
            let all: u32 = (0..model.units.len())
                .map(|unit| messages(&cell, unit))
                .sum();
            others += f64::from(
                all - targets
                    .iter()
                    .map(|&unit| messages(&cell, unit))
                    .sum::<u32>(),
            );
        }
        let started = (cell.events.transcription_started - before.transcription_started) as f64;
        (started, others / steps as f64, busy / steps as f64)
    };
    let (usual, all_on) = (run(false), run(true));
    // A promoter four times as strong may be held no more than all the time, and polymerases are shared: all of them
    // could at most start (all at work)/(share at work) times as many, and faster transcripts add a factor of 85/10.
    assert!(all_on.0 > usual.0, "more in all: {usual:?} to {all_on:?}");
    assert!(
        all_on.0 < 4.0 * usual.0,
        "and less than fourfold: {usual:?} to {all_on:?}"
    );
    assert!(
        all_on.1 < 0.9 * usual.1,
        "the other genes fall: {usual:?} to {all_on:?}"
    );
    assert!(
        all_on.2 > usual.2,
        "polymerases are busier: {usual:?} to {all_on:?}"
    );
}

#[test]
fn stop_transcription_takes_the_gene_back_to_its_reference() {
    let mut cell = grown(&model(), "stop", 1, 1);
    let unit = unit_of(&cell, &gene("dnaA"));
    let reference = cell.genes.promoters.weight(unit);
    cell.start_transcription(&[gene("dnaA")])
        .expect("it is expressed");
    // Both are rounded.
    assert!(cell.genes.promoters.weight(unit).abs_diff(4 * reference) <= 2);
    let again = cell
        .start_transcription(&[gene("dnaA")])
        .expect("it is expressed");
    assert_eq!(
        (again[0].activity_before, again[0].activity_after),
        (4.0, 4.0)
    );
    cell.stop_transcription(&[gene("JCVISYN3A_0001")])
        .expect("the same gene");
    assert_eq!(cell.genes.promoters.weight(unit), reference);
}

#[test]
fn a_strong_promoter_is_raised_to_the_fastest_polymerase_and_no_further() {
    let model = model();
    let mut cell = newborn(&model, "strong", 1, full(), CellOptions::default());
    for unit in &model.units {
        if unit.expressed {
            let changes = cell
                .start_transcription(&[cell.locus_tag(unit.genes[0])])
                .expect("it is expressed");
            let after = changes[0].activity_after;
            assert!((1.0..=4.0).contains(&after), "{after}");
            assert!(
                after == 1.0 || unit.strength * after < 4.25 + 1e-12,
                "{} × {after}",
                unit.strength
            );
        }
    }
}

#[test]
fn invariant_11_a_knocked_out_protein_is_only_diluted() {
    let model = model();
    let mut cell = grown(&model, "knock-out", 1, 5);
    let index = model.genome().find("dnaA").expect("syn3A has it").index();
    let unit = model.products[index].unit;
    cell.knock_out(&[gene("dnaA")]).expect("it is expressed");
    // Transcripts that exist, or are being made, are still translated until they are gone.
    let mut last_transcript = cell.time();
    let (mut made, mut before, mut generation) =
        (cell.genes.made[index], cell.genes.products[index], 0);
    while cell.time() < minutes(330) {
        cell.step();
        if cell.genes.held[unit] + cell.genes.transcripts(index, &model) > 0 {
            last_transcript = cell.time();
            made = cell.genes.made[index];
        }
        assert_eq!(cell.genes.made[index], made, "made without a transcript");
        if cell.time() > last_transcript {
            if cell.generation() == generation {
                assert_eq!(
                    cell.genes.products[index], before,
                    "neither made nor lost between divisions"
                );
            }
            assert!(cell.genes.products[index] <= before);
        }
        (before, generation) = (cell.genes.products[index], cell.generation());
    }
    assert!(
        last_transcript < minutes(60),
        "the last transcript was seen at {last_transcript}"
    );
    assert!(cell.generation() >= 2);
    assert_eq!(cell.genes.promoters.weight(unit), 0);
    cell.restore_gene(&[gene("dnaA")]).expect("it is expressed");
    cell.advance_to(minutes(350));
    assert!(cell.genes.made[index] > made, "restored genes make again");
}

/// Protein residues gained per minute, over one hour.
fn residue_rate(cell: &mut Cell) -> f64 {
    let gained = |cell: &Cell| -> f64 {
        let made = cell.genes.made.iter().zip(&cell.model.products);
        made.map(|(n, product)| *n as f64 * f64::from(product.residues))
            .sum()
    };
    let before = gained(cell);
    cell.advance_to(
        cell.time()
            .saturating_add(SimSpan::from_micros(3_600_000_000)),
    );
    (gained(cell) - before) / 60.0
}

/// Knocks out a gene in each of `cells`, and wants protein to be made at less than a tenth of the usual rate, on
/// average, after `hours`. What cannot be made again is diluted: once growth is linear, to 1/(1 + λt) of its first
/// concentration, 1/20 after two days; per cell this is one and a half times as much, as cells are larger than newborns.
#[track_caller]
fn check_lethal(model: &Arc<CellModel>, name: &str, cells: u64, hours: u64) {
    let shares: Vec<f64> = (0..cells)
        .map(|seed| {
            let mut cell = grown(model, "lethal", seed, 5);
            let usual = residue_rate(&mut cell);
            cell.knock_out(&[gene(name)]).expect("it is expressed");
            cell.advance_to(minutes(60 * hours));
            let share = residue_rate(&mut cell) / usual;
            super::books::check_books(&cell);
            super::books::check_genes(&cell);
            share
        })
        .collect();
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    assert!(
        mean < 0.1,
        "{name}: {shares:?} of the usual residues per minute"
    );
}

#[test]
fn invariant_11_growth_stops_without_polymerase() {
    // Three days, and several cells, because in the end there are but one or two polymerases in each.
    check_lethal(&model(), "0804", size(3, 12), 72);
}

#[test]
fn invariant_11_growth_stops_without_ribosomes() {
    let model = model();
    let ribosomal = model.machines.ribosome.parts[0].1[0];
    check_lethal(
        &model,
        &model.genome().genes()[ribosomal].locus_tag,
        size(1, 4),
        48,
    );
}

#[test]
fn invariant_11_growth_stops_without_glycolysis() {
    let model = model();
    let enzyme = model.regeneration_path[0].0;
    check_lethal(
        &model,
        &model.genome().genes()[enzyme].locus_tag,
        size(1, 4),
        48,
    );
}

#[test]
fn a_knocked_down_gene_makes_fewer_transcripts() {
    let model = model();
    let mut cell = grown(&model, "knock-down", 1, 1);
    let unit = unit_of(&cell, &gene("dnaA"));
    let reference = cell.genes.promoters.weight(unit);
    cell.knock_down(&gene("dnaA"), 0.25)
        .expect("it is expressed");
    assert!(cell.genes.promoters.weight(unit).abs_diff(reference / 4) <= 1);
    cell.start_transcription(&[gene("dnaA")])
        .expect("it is expressed");
    assert!(
        cell.genes.promoters.weight(unit).abs_diff(reference) <= 1,
        "both factors count"
    );
    cell.knock_down(&gene("dnaA"), 0.0)
        .expect("a factor of nothing is allowed");
    assert_eq!(cell.genes.promoters.weight(unit), 0);
    for factor in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let before = cell.fingerprint();
        assert!(
            matches!(
                cell.knock_down(&gene("dnaA"), factor),
                Err(VmError::Backend { .. })
            ),
            "{factor}"
        );
        assert_eq!(cell.fingerprint(), before, "a refusal changes nothing");
    }
}

#[test]
fn genes_that_cannot_be_expressed_and_names_that_nothing_has_are_refused_all_or_nothing() {
    let model = model();
    let mut cell = grown(&model, "refused", 1, 1);
    let silent: Vec<GeneId> = (0..model.products.len())
        .filter(|&g| {
            let unit = model.units.get(model.products[g].unit);
            unit.is_none_or(|unit| !unit.expressed)
        })
        .map(|g| cell.locus_tag(g))
        .collect();
    assert!(!silent.is_empty());
    let before = cell.fingerprint();
    for id in silent {
        let error = cell
            .start_transcription(&[gene("dnaA"), id.clone()])
            .expect_err("it is never expressed");
        assert!(
            matches!(&error, VmError::NotExpressed { gene, .. } if *gene == id),
            "{error:?}"
        );
        assert!(cell.knock_out(&[gene("dnaA"), id.clone()]).is_err());
        assert!(
            cell.stop_transcription(&[gene("dnaA"), id.clone()])
                .is_err()
        );
        assert!(cell.restore_gene(&[gene("dnaA"), id.clone()]).is_err());
        assert!(cell.knock_down(&id, 0.5).is_err());
    }
    let error = cell
        .start_transcription(&[gene("dnaA"), gene("dnaB2")])
        .expect_err("no gene is called so");
    let VmError::UnknownGene { name, nearest } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(name, "dnaB2");
    assert!(
        nearest.iter().any(|near| near.starts_with("dna")),
        "{nearest:?}"
    );
    assert_eq!(cell.fingerprint(), before, "a refusal changes nothing");
}
