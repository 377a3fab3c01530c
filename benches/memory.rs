//! What does a VM hold in memory, and does it grow with generations?
//!
//! Prints resident memory (Linux) per idle VM over 1,000 VMs, of a monitor of them over a million readings, and of one cell over 20 generations.
#![allow(clippy::print_stdout, reason = "the figures are the result")]

use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;

use bioxen_benches::{MONITOR_INTERVAL, WATCHED, cell, full_grant, minutes, monitor_of_many};
use bioxen_core::testing::ManualClock;
use bioxen_core::{BiologicalVm, Organism, Pacing, Seed, VmId, VmSpec};
use bioxen_hypervisor::{CellModel, Goal, Hypervisor, HypervisorConfig};

const VMS: u64 = 1000;

fn main() {
    let hypervisor = Hypervisor::new(HypervisorConfig::default(), Arc::new(ManualClock::new()))
        .expect("the settings are valid");
    start(&hypervisor, "first");
    let before = resident_kib();
    let ids: Vec<VmId> = (0..VMS)
        .map(|n| start(&hypervisor, &format!("cell-{n}")))
        .collect();
    hypervisor
        .run_batch(&ids, Goal::Until(minutes(1)), &mut |_| {
            ControlFlow::Continue(())
        })
        .expect("the cells run");
    match (before, resident_kib()) {
        (Some(before), Some(after)) => {
            println!(
                "{} KiB resident per idle VM, over {VMS} VMs",
                (after - before) / VMS
            );
        }
        _ => println!("resident memory cannot be read on this system"),
    }
    drop(hypervisor);
    million_readings();

    let model = Arc::new(CellModel::syn3a());
    let mut cell = cell(&model, "long", full_grant());
    let id = VmId::new("long").expect("letters are allowed");
    for generation in [1, 5, 10, 20] {
        while cell.generation() < generation {
            cell.step();
        }
        println!(
            "generation {generation:>2}: image {} bytes, {} KiB resident in all",
            cell.save(&id, Seed::new(1)).as_bytes().len(),
            resident_kib().map_or("?".to_owned(), |kib| kib.to_string()),
        );
    }
}

/// A thousand VMs are read a thousand times by one monitor.
fn million_readings() {
    let hypervisor = Hypervisor::new(HypervisorConfig::default(), Arc::new(ManualClock::new()))
        .expect("the settings are valid");
    let clock = ManualClock::new();
    let monitor = monitor_of_many(&hypervisor, clock.clone());
    for readings in [100_000, 200_000, 500_000, 1_000_000] {
        while monitor.counters().readings < readings {
            clock.advance(MONITOR_INTERVAL);
            monitor.settle();
        }
        println!(
            "{:>7} readings of {WATCHED} VMs: {} KiB resident in all",
            monitor.counters().readings,
            resident_kib().map_or("?".to_owned(), |kib| kib.to_string()),
        );
    }
}

fn start(hypervisor: &Hypervisor, name: &str) -> VmId {
    let id = VmId::new(name).expect("valid name");
    let spec = VmSpec::builder(id.clone(), Organism::Syn3a, Seed::new(1))
        .pacing(Pacing::Manual)
        .build()
        .expect("valid specification");
    hypervisor
        .create(&spec)
        .expect("a new name")
        .start()
        .expect("a new VM starts");
    id
}

/// Resident memory of this process, KiB; Linux only.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
