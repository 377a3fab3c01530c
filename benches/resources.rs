//! What does watching cost: a timed call over the call itself, a look at 1,000 VMs, and an image in a file?
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::SystemTime;

use bioxen::SystemClock;
use bioxen_benches::{MONITOR_INTERVAL, WATCHED, cell, full_grant, monitor_of_many};
use bioxen_core::testing::ManualClock;
use bioxen_core::{BiologicalVm, Clock, Organism, Pacing, Seed, SimTime, VmId, VmSpec};
use bioxen_hypervisor::{CellModel, Hypervisor, HypervisorConfig};
use bioxen_resources::{ImageLabel, ImageStore, PerformanceMonitor, Timed, Verb, read_image_file};
use criterion::{Criterion, criterion_group, criterion_main};

fn overhead(c: &mut Criterion) {
    let mut group = c.benchmark_group("a call that does nothing");
    group.bench_function("bare", |b| b.iter(|| call(black_box(1))));
    let clocks: [(&str, Arc<dyn Clock>); 2] = [
        (
            "timed with a clock that stands",
            Arc::new(ManualClock::new()),
        ),
        (
            "timed with the system's clock",
            Arc::new(SystemClock::new()),
        ),
    ];
    for (name, clock) in clocks {
        group.bench_function(format!("{name}: the clock alone"), |b| {
            b.iter(|| (clock.now(), clock.now()))
        });
        let monitor = PerformanceMonitor::new(clock);
        group.bench_function(name, |b| {
            b.iter(|| monitor.time(Verb::Usage, || call(black_box(1))))
        });
    }
    group.finish();
}

#[inline(never)]
fn call(answer: u64) -> Result<u64, ()> {
    Ok(answer)
}

fn wrapped(c: &mut Criterion) {
    let hypervisor = Hypervisor::new(HypervisorConfig::default(), Arc::new(ManualClock::new()))
        .expect("the settings are valid");
    let id = VmId::new("watched").expect("a plain name");
    let spec = VmSpec::builder(id, Organism::Syn3a, Seed::new(1))
        .pacing(Pacing::Manual)
        .build()
        .expect("valid specification");
    let mut vm: Box<dyn BiologicalVm> = Box::new(hypervisor.create(&spec).expect("a new name"));
    vm.start().expect("a new VM starts");

    let mut group = c.benchmark_group("usage of a running VM");
    group.bench_function("bare", |b| b.iter(|| black_box(&vm).resource_usage()));
    let monitor = PerformanceMonitor::new(Arc::new(SystemClock::new()));
    let vm: Box<dyn BiologicalVm> = Box::new(Timed::new(vm, monitor.clone()));
    group.bench_function("timed", |b| b.iter(|| black_box(&vm).resource_usage()));
    group.finish();
    c.bench_function("read a monitor: rows of one verb", |b| {
        b.iter(|| monitor.metrics())
    });
}

fn watched(c: &mut Criterion) {
    let hypervisor = Hypervisor::new(HypervisorConfig::default(), Arc::new(ManualClock::new()))
        .expect("the settings are valid");
    let clock = ManualClock::new();
    let monitor = monitor_of_many(&hypervisor, clock.clone());
    c.bench_function("a look at 1,000 VMs, one reading of each", |b| {
        b.iter(|| {
            clock.advance(MONITOR_INTERVAL);
            monitor.settle();
        })
    });
    let counters = monitor.counters();
    assert_eq!(counters.readings, counters.rounds * WATCHED);
}

fn files(c: &mut Criterion) {
    let id = VmId::new("saved").expect("a plain name");
    let model = Arc::new(CellModel::syn3a());
    let image = cell(&model, "saved", full_grant()).save(&id, Seed::new(1));
    let label = ImageLabel {
        id,
        organism: Organism::Syn3a,
        sim_time: SimTime::ZERO,
        saved_at: SystemTime::UNIX_EPOCH,
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = ImageStore::open(folder.path()).expect("an empty folder");
    let saved = store.save(&label, &image).expect("there is room");
    let sizes = format!(
        "{} bytes, {} in the file",
        image.as_bytes().len(),
        saved.file_bytes
    );
    let mut group = c.benchmark_group(format!("image of a newborn syn3A cell, {sizes}"));
    group.bench_function("load", |b| b.iter(|| read_image_file(&saved.path)));
    group.bench_function("save, on the disk", |b| {
        b.iter(|| store.save(&label, &image).expect("there is room"))
    });
    group.finish();
}

criterion_group!(benches, overhead, wrapped, watched, files);
criterion_main!(benches);
