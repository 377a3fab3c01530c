//! What does it cost to run cells as VMs, and how does it scale with workers and VMs?
//!
//! `batch`: 64 cells, 10 simulated minutes each, on 1 and on 2 workers; the ratio of the two is the speed-up.
//! `vm call`: a query of a running VM through the trait object, against asking the cell.
//! `execute`: a process that only reads the time, so the interpreter's own cost and the way to the cell.
//! `fork`: a running VM saved, and a second one made of the image, which goes its own way.
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

use bioxen_benches::{cell, full_grant, minutes};
use bioxen_core::testing::ManualClock;
use bioxen_core::{BiologicalVm, Organism, Pacing, ProcessCode, Seed, SimSpan, VmId, VmSpec};
use bioxen_hypervisor::{CellModel, Goal, Hypervisor, HypervisorConfig};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const CELLS: u64 = 64;

fn hypervisor(workers: usize) -> Hypervisor {
    let config = HypervisorConfig {
        workers,
        ..HypervisorConfig::default()
    };
    Hypervisor::new(config, Arc::new(ManualClock::new())).expect("the settings are valid")
}

fn start(hypervisor: &Hypervisor, name: &str) -> Box<dyn BiologicalVm> {
    let id = VmId::new(name).expect("valid name");
    let spec = VmSpec::builder(id, Organism::Syn3a, Seed::new(1))
        .pacing(Pacing::Manual)
        .build()
        .expect("valid specification");
    let mut vm = hypervisor.create(&spec).expect("a new name");
    vm.start().expect("a new VM starts");
    Box::new(vm)
}

fn batch(c: &mut Criterion) {
    let mut group = c.benchmark_group("batch of 64 cells, 10 min");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(CELLS));
    for workers in [1, 2] {
        group.bench_function(format!("{workers} workers"), |b| {
            b.iter_batched(
                || {
                    let hypervisor = hypervisor(workers);
                    let ids: Vec<VmId> = (0..CELLS)
                        .map(|n| start(&hypervisor, &format!("cell-{n}")).id().clone())
                        .collect();
                    (hypervisor, ids)
                },
                |(hypervisor, ids)| {
                    hypervisor
                        .run_batch(&ids, Goal::Until(minutes(10)), &mut |_| {
                            ControlFlow::Continue(())
                        })
                        .expect("the cells run")
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn calls(c: &mut Criterion) {
    let model = Arc::new(CellModel::syn3a());
    let bare = cell(&model, "bare", full_grant());
    c.bench_function("usage of a cell", |b| b.iter(|| black_box(&bare).usage()));
    let hypervisor = hypervisor(1);
    let vm = start(&hypervisor, "called");
    c.bench_function("vm call: usage through Box<dyn BiologicalVm>", |b| {
        b.iter(|| black_box(&vm).resource_usage())
    });
    let probe = vm.probe();
    c.bench_function("probe: last published usage", |b| {
        b.iter(|| black_box(&probe).usage())
    });
}

fn execute(c: &mut Criterion) {
    let hypervisor = hypervisor(1);
    let mut vm = start(&hypervisor, "executed");
    let code = ProcessCode::new("bench.star", "time()").expect("a short program");
    c.bench_function("execute `time()`", |b| {
        b.iter(|| vm.execute_biological_process(&code))
    });
}

fn fork(c: &mut Criterion) {
    let hypervisor = hypervisor(1);
    let mut vm = start(&hypervisor, "parent");
    vm.advance(SimSpan::from_micros(3_600_000_000))
        .expect("the cell runs");
    c.bench_function("fork of a running syn3A cell after 1 h", |b| {
        b.iter_batched(
            || {
                let id = VmId::new("fork").expect("valid name");
                VmSpec::builder(id, Organism::Syn3a, Seed::new(2))
                    .pacing(Pacing::Manual)
                    .build()
                    .expect("valid specification")
            },
            |spec| {
                let image = vm.save().expect("the cell is there");
                let mut fork = hypervisor.fork(&image, &spec).expect("a new name");
                fork.start().expect("a new VM starts");
                fork.destroy().expect("it is running");
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(benches, batch, calls, execute, fork);
criterion_main!(benches);
