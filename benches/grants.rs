//! What do the two policies make of a cell: growth, and growth per grant, after a day or more of steering?
//!
//! It prints a table for each organism; one cell each, so that growth scatters by some percent.
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

fn main() {
    println!("organism      policy          ATP   ribosomes  growth, 1/h  of the best  per grant");
    for organism in Organism::ALL {
        let full = measure(organism, "full grant", None, 0);
        show(organism, "full grant", full, full.1);
        let table: Box<dyn Policy> = Box::new(TablePolicy::default());
        show(
            organism,
            "table",
            measure(organism, "table", Some(table), STEERED),
            full.1,
        );
        let goal: Box<dyn Policy> = Box::new(GoalPolicy::new(GoalOptions::default()));
        show(
            organism,
            "goal-seeking",
            measure(organism, "goal", Some(goal), STEERED),
            full.1,
        );
    }
}

/// Grants after steering, and mean growth at them, 1/h.
fn measure(
    organism: Organism,
    name: &str,
    mut policy: Option<Box<dyn Policy>>,
    steered: u32,
) -> (Quota, f64) {
    let clock = std::sync::Arc::new(bioxen::SystemClock::new());
    let host = Hypervisor::new(HypervisorConfig::default(), clock).expect("a host");
    let id = VmId::new(&name.replace(' ', "-")).expect("a plain name");
    let spec = VmSpec::builder(id, organism, Seed::new(1)).pacing(Pacing::Manual);
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
    let quota = manager.vm().status().expect("it answers").quota;
    (quota, sum / f64::from(MEASURED))
}

fn step(manager: &mut BioResourceManager<BasicBiologicalVm>) {
    let vm = manager.vm_mut();
    if vm.organism() == Organism::Ecoli {
        // A culture that is fed: the medium of one founder lasts for six divisions.
        vm.set_medium("glucose").expect("E. coli knows it");
    }
    vm.advance(LOOK).expect("running");
}

/// Growth per grant: over the mean of both grants as shares of full ones.
fn show(organism: Organism, policy: &str, (quota, growth): (Quota, f64), best: f64) {
    assert_eq!(quota.unit, RibosomeUnit::Share);
    let full = f64::from(organism.full_ribosome_units().get());
    let ribosomes = f64::from(quota.ribosomes.get()) / full;
    let granted = (quota.atp.percent() / AtpPercent::FULL.percent() + ribosomes) / 2.0;
    println!(
        "{:<13} {policy:<15} {:<5} {:>2} of {full:<5} {growth:<12.4} {:<12.3} {:.3}",
        organism.to_string(),
        quota.atp.to_string(),
        quota.ribosomes,
        growth / best,
        growth / best / granted
    );
}
