//! What does one cell cost?
//!
//! `generation`: one newborn cell of each organism through a cycle: about 2.6e5 reaction events of syn3A, 2e5 of the
//! minimal cell and 8e6 of E. coli.
//! `coupling step`: 0.5 simulated seconds of a cell without gene expression, so metabolism, postings and growth alone.
//! `image`: the whole cell to bytes and back.
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use std::hint::black_box;
use std::sync::Arc;

use bioxen_benches::{cell, full_grant, full_grant_of, minutes};
use bioxen_core::{AtpPercent, Organism, RibosomeCount, Seed, VmId};
use bioxen_hypervisor::{Cell, CellModel};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn generation(c: &mut Criterion) {
    let mut group = c.benchmark_group("cell");
    group.sample_size(10);
    for (organism, min) in [
        (Organism::Syn3a, 105),
        (Organism::MinimalCell, 88),
        (Organism::Ecoli, 46),
    ] {
        let model = Arc::new(CellModel::of(organism));
        let newborn = cell(&model, "bench", full_grant_of(organism));
        let mut once = newborn.clone();
        once.advance_to(minutes(min));
        let events = once.events().iter().map(|(_, n)| n).sum();
        // Reported per element: the cost of one event with everything that goes with it.
        group.throughput(Throughput::Elements(events));
        group.bench_function(format!("{organism} generation, {min} min"), |b| {
            b.iter_batched(
                || newborn.clone(),
                |mut cell| {
                    cell.advance_to(minutes(min));
                    cell
                },
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn coupling_step(c: &mut Criterion) {
    let model = Arc::new(CellModel::syn3a());
    let mut quota = full_grant();
    quota.ribosomes = RibosomeCount::new(0);
    let mut idle = cell(&model, "idle", quota);
    // Without ribosomes, transcripts and insertions run down; without ATP regeneration so does everything else.
    idle.advance_to(minutes(30));
    quota.atp = AtpPercent::ZERO;
    idle.set_quota(quota);
    idle.advance_to(minutes(60));
    c.bench_function("coupling step of an idle syn3a cell, 0.5 s", |b| {
        b.iter(|| idle.step())
    });
    let mut living = cell(&model, "living", full_grant());
    living.advance_to(minutes(30));
    c.bench_function("coupling step of a growing syn3a cell, 0.5 s", |b| {
        b.iter_batched_ref(
            || living.clone(),
            Cell::step,
            criterion::BatchSize::SmallInput,
        );
    });
}

fn image(c: &mut Criterion) {
    let model = Arc::new(CellModel::syn3a());
    let mut cell = cell(&model, "saved", full_grant());
    cell.advance_to(minutes(30));
    let id = VmId::new("saved").expect("letters are allowed");
    let image = cell.save(&id, Seed::new(1));
    c.bench_function("save an image of a syn3a cell", |b| {
        b.iter(|| black_box(&cell).save(&id, Seed::new(1)))
    });
    c.bench_function("restore an image of a syn3a cell", |b| {
        b.iter(|| Cell::restore(&model, black_box(&image), &id, Seed::new(1)));
    });
}

criterion_group!(benches, generation, coupling_step, image);
criterion_main!(benches);
