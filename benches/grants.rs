//! What do the two policies make of a cell: growth, and growth per grant, after a day or more of steering?
//!
//! It prints a table for each organism: means over several cells, each with a seed of its own, and the standard error of growth per grant.
#![allow(clippy::print_stdout, reason = "the figures are the result")]

use bioxen_core::{
    AtpPercent, BiologicalVm, Organism, Pacing, Quota, RibosomeUnit, Seed, SimSpan, VmId, VmSpec,
};
use bioxen_hypervisor::{BasicBiologicalVm, Hypervisor, HypervisorConfig};
use bioxen_resources::{BioResourceManager, GoalOptions, GoalPolicy, Policy, TablePolicy};

/// Between two looks of a policy.
const LOOK: SimSpan = SimSpan::from_micros(300_000_000);

/// Looks while a policy steers, 100 h, and looks over which growth is measured afterwards, 10 h.
const STEERED: u32 = 1_200;
const MEASURED: u32 = 120;

/// Cells of each organism: one of E. coli costs as much as fifty others.
fn cells(organism: Organism) -> u64 {
    match organism {
        Organism::Syn3a | Organism::MinimalCell => 24,
        Organism::Ecoli => 2,
    }
}

fn main() {
    println!("organism      policy          ATP     units         growth, 1/h  of full  per grant");
    for organism in Organism::ALL {
        let full = measure(organism, None, 0);
        let best = full.iter().map(|cell| cell.growth).sum::<f64>() / full.len() as f64;
        show(organism, "full grant", &full, best);
        let table = || Box::new(TablePolicy::default()) as Box<dyn Policy>;
        show(
            organism,
            "table",
            &measure(organism, Some(&table), STEERED),
            best,
        );
        let goal = || Box::new(GoalPolicy::new(GoalOptions::default())) as Box<dyn Policy>;
        show(
            organism,
            "goal-seeking",
            &measure(organism, Some(&goal), STEERED),
            best,
        );
    }
}

/// What became of one cell.
struct Steered {
    quota: Quota,
    /// Mean growth after steering, 1/h.
    growth: f64,
}

/// Cells after steering, on all cores.
fn measure(
    organism: Organism,
    policy: Option<&(dyn Fn() -> Box<dyn Policy> + Sync)>,
    steered: u32,
) -> Vec<Steered> {
    let seeds: Vec<u64> = (1..=cells(organism)).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let parts = seeds.chunks(seeds.len().div_ceil(cores));
        let threads: Vec<_> = parts
            .map(|part| {
                scope.spawn(move || {
                    let cells = part.iter().map(|seed| {
                        let policy = policy.map(|policy| policy());
                        steer(organism, Seed::new(*seed), policy, steered)
                    });
                    cells.collect::<Vec<_>>()
                })
            })
            .collect();
        let all = threads.into_iter();
        all.flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    })
}

fn steer(
    organism: Organism,
    seed: Seed,
    mut policy: Option<Box<dyn Policy>>,
    steered: u32,
) -> Steered {
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
    for _ in 0..steered {
        step(&mut manager);
        if let Some(policy) = &mut policy {
            manager.optimize(policy.as_mut()).expect("it grants");
        }
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
    let growth = mean(&|cell| cell.growth);
    let worth = mean(&per_grant);
    let variance = mean(&|cell| (per_grant(cell) - worth).powi(2));
    let error = (variance / (cells.len().max(2) - 1) as f64).sqrt();
    println!(
        "{:<13} {policy:<15} {:<7.2} {:>5.2} of {full:<5} {growth:<12.4} {:<8.3} {worth:.3} +- {error:.3} ({} cells)",
        organism.to_string(),
        mean(&atp),
        mean(&units),
        growth / best,
        cells.len(),
    );
}
