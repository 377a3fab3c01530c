//! What do the two policies make of a cell: growth, and growth per grant, once they have steered it?
//!
//! It prints a table for each organism: means over several cells, each with a seed of its own, with standard errors, and how long the search took.
//! `cargo bench -p bioxen-benches --bench grants -- syn3a` measures one organism.
#![allow(clippy::print_stdout, reason = "the figures are the result")]

use bioxen_core::{
    AtpPercent, BiologicalVm, Organism, Pacing, Quota, RibosomeUnit, Seed, SimSpan, VmId, VmSpec,
};
use bioxen_hypervisor::{BasicBiologicalVm, Hypervisor, HypervisorConfig};
use bioxen_resources::{BioResourceManager, GoalOptions, GoalPolicy, TablePolicy};

/// Between two looks of a policy.
const LOOK: SimSpan = SimSpan::from_micros(300_000_000);

/// Looks while the table steers and while a cell without a policy lives, 100 h; the goal-seeking policy steers until it has settled, or for this many times as long.
const STEERED: u32 = 1_200;
const LONGEST: u32 = 20;

/// Looks over which growth is measured afterwards, 24 h.
const MEASURED: u32 = 288;

/// Cells of each organism: one of E. coli costs as much as fifty others.
fn cells(organism: Organism) -> u64 {
    match organism {
        Organism::Syn3a | Organism::MinimalCell => 24,
        Organism::Ecoli => 2,
    }
}

/// Who sets the grants of a cell.
#[derive(Clone, Copy)]
enum Steering {
    FullGrant,
    Table,
    Goal,
}

fn main() {
    println!(
        "organism      policy        ATP     units         growth, 1/h       of full           per grant         search, h"
    );
    let asked: Vec<String> = std::env::args().collect();
    let all = Organism::ALL;
    let names = |organism: Organism| asked.contains(&organism.to_string());
    let is_any_named = all.into_iter().any(names);
    for organism in all.into_iter().filter(|o| !is_any_named || names(*o)) {
        let full = measure(organism, Steering::FullGrant);
        let best = full.iter().map(|cell| cell.growth).sum::<f64>() / full.len() as f64;
        show(organism, "full grant", &full, best);
        let table = measure(organism, Steering::Table);
        show(organism, "table", &table, best);
        let goal = measure(organism, Steering::Goal);
        show(organism, "goal-seeking", &goal, best);
    }
}

/// What became of one cell.
struct Steered {
    quota: Quota,
    /// Mean growth after steering, 1/h.
    growth: f64,
    /// Looks while it was steered.
    looks: u32,
}

/// Cells after steering, on all cores.
fn measure(organism: Organism, steering: Steering) -> Vec<Steered> {
    let seeds: Vec<u64> = (1..=cells(organism)).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let parts = seeds.chunks(seeds.len().div_ceil(cores));
        let threads: Vec<_> = parts
            .map(|part| {
                scope.spawn(move || {
                    let cells = part.iter();
                    let cells = cells.map(|seed| steer(organism, Seed::new(*seed), steering));
                    cells.collect::<Vec<_>>()
                })
            })
            .collect();
        let all = threads.into_iter();
        all.flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    })
}

fn steer(organism: Organism, seed: Seed, steering: Steering) -> Steered {
    let clock = std::sync::Arc::new(bioxen::SystemClock::new());
    let config = HypervisorConfig {
        workers: 1,
        ..HypervisorConfig::default()
    };
    let host = Hypervisor::new(config, clock).expect("a host");
    let id = VmId::new("steered").expect("a plain name");
    let spec = VmSpec::builder(id, organism, seed).pacing(Pacing::Manual);
    let vm = host.create(&spec.build().expect("no rule is broken"));
    let mut manager = BioResourceManager::new(Box::new(vm.expect("there is room")));
    manager.vm_mut().start().expect("it was created");
    let mut table = TablePolicy::default();
    let mut goal = GoalPolicy::new(GoalOptions::default());
    let most = match steering {
        Steering::FullGrant | Steering::Table => STEERED,
        Steering::Goal => STEERED * LONGEST,
    };
    let mut looks = 0;
    while looks < most && !goal.is_settled() {
        step(&mut manager);
        looks += 1;
        let decided = match steering {
            Steering::FullGrant => Ok(None),
            Steering::Table => manager.optimize(&mut table),
            Steering::Goal => manager.optimize(&mut goal),
        };
        decided.expect("it grants");
    }
    let mut sum = 0.0;
    for _ in 0..MEASURED {
        step(&mut manager);
        let metrics = manager.vm().biological_metrics().expect("it answers");
        sum += metrics.growth_rate_per_h;
    }
    Steered {
        quota: manager.vm().status().expect("it answers").quota,
        growth: sum / f64::from(MEASURED),
        looks,
    }
}

fn step(manager: &mut BioResourceManager<BasicBiologicalVm>) {
    let vm = manager.vm_mut();
    if vm.organism() == Organism::Ecoli {
        // A culture that is fed: the medium of one founder lasts for six divisions.
        vm.set_medium("glucose").expect("E. coli knows it");
    }
    vm.advance(LOOK).expect("running");
}

/// Growth per grant: that of each cell over the mean of both its grants as shares of full ones, with the standard error of the mean.
fn show(organism: Organism, policy: &str, cells: &[Steered], best: f64) {
    let full = f64::from(organism.full_ribosome_units().get());
    let mean =
        |of: &dyn Fn(&Steered) -> f64| cells.iter().map(of).sum::<f64>() / cells.len() as f64;
    let atp = |cell: &Steered| cell.quota.atp.percent();
    let units = |cell: &Steered| {
        assert_eq!(cell.quota.unit, RibosomeUnit::Share);
        f64::from(cell.quota.ribosomes.get())
    };
    let per_grant = |cell: &Steered| {
        let granted = (atp(cell) / AtpPercent::FULL.percent() + units(cell) / full) / 2.0;
        cell.growth / best / granted
    };
    let error = |of: &dyn Fn(&Steered) -> f64| {
        let middle = mean(of);
        let variance = mean(&|cell| (of(cell) - middle).powi(2));
        (variance / (cells.len().max(2) - 1) as f64).sqrt()
    };
    let of_full = |cell: &Steered| cell.growth / best;
    let hours = |cell: &Steered| f64::from(cell.looks) * LOOK.seconds() / 3_600.0;
    println!(
        "{:<13} {policy:<13} {:<7.2} {:>5.2} of {full:<5} {:<17.4} {:.3} +- {:<8.3} {:.3} +- {:<8.3} {:<5.0} ({} cells)",
        organism.to_string(),
        mean(&atp),
        mean(&units),
        mean(&|cell| cell.growth),
        mean(&of_full),
        error(&of_full),
        mean(&per_grant),
        error(&per_grant),
        mean(&hours),
        cells.len(),
    );
}
