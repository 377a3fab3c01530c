//! What does it cost to ask a daemon instead of this process?
//!
//! `socket`: questions and changes over the socket of a daemon with one syn3A VM, manual pacing. A change brings an image and an entry of the journal to the disk before it is answered.
//! `start`: a daemon from nothing to its first answer, in this process, with 0 and with 100 syn3A VMs that are kept.
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::SystemTime;

use bioxen::SystemClock;
use bioxen_agent::daemon::{Daemon, DaemonOptions};
use bioxen_agent::{ClientChannel, ClientHello, Nonce, OpId, Place, RemoteHypervisor, connect};
use bioxen_core::{
    AtpPercent, BiologicalVm, Organism, Pacing, ProcessCode, Seed, SimSpan, VmId, VmSpec,
};
use criterion::{Criterion, criterion_group, criterion_main};

fn op() -> OpId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    OpId::new(number.to_be_bytes()).expect("not 0")
}

fn agent(place: &Place) -> RemoteHypervisor {
    let hello = ClientHello::new("bench", "0", Nonce::new([1; 16]));
    let client = connect(place, &hello).expect("it listens");
    RemoteHypervisor::new(ClientChannel::new(client, op))
}

fn open(state: &Path) -> Daemon {
    let clock = Arc::new(SystemClock::new());
    let wall = || SystemTime::UNIX_EPOCH;
    Daemon::open(DaemonOptions::new(state), clock, wall).expect("it comes up")
}

/// Runs a daemon while something is asked of it.
fn with_daemon<R>(state: &Path, ask: impl FnOnce(&RemoteHypervisor) -> R) -> R {
    let daemon = open(state);
    let (place, stopper) = (daemon.place().clone(), daemon.stopper());
    thread::scope(|scope| {
        let served = scope.spawn(move || daemon.serve());
        let result = ask(&agent(&place));
        stopper.stop();
        served.join().expect("no panic").expect("all is kept");
        result
    })
}

fn spec(name: &str) -> VmSpec {
    let id = VmId::new(name).expect("a plain name");
    VmSpec::builder(id, Organism::Syn3a, Seed::new(1))
        .pacing(Pacing::Manual)
        .build()
        .expect("valid specification")
}

fn socket(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    with_daemon(folder.path(), |agent| {
        let (mut vm, _) = agent.create(&spec("asked"), &[]).expect("a new name");
        vm.start().expect("it was just created");
        vm.advance(SimSpan::from_micros(60_000_000))
            .expect("it runs");
        let mut group = c.benchmark_group("socket");
        group.bench_function("information", |b| b.iter(|| agent.information()));
        group.bench_function("status of a VM", |b| b.iter(|| vm.status()));
        group.bench_function("metrics of a VM", |b| b.iter(|| vm.biological_metrics()));
        group.bench_function("image of a VM", |b| b.iter(|| vm.save()));
        let half = AtpPercent::from_hundredths(5_000).expect("a share");
        group.bench_function("allocate, kept on the disk", |b| {
            b.iter(|| vm.allocate_atp(half))
        });
        let code = ProcessCode::new("bench.star", "time()").expect("a program");
        group.bench_function("execute `time()`, kept on the disk", |b| {
            b.iter(|| vm.execute_biological_process(&code))
        });
        group.finish();
    });
}

fn start(c: &mut Criterion) {
    let mut group = c.benchmark_group("start to the first answer and end");
    group.sample_size(10);
    for vms in [0, 100] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        with_daemon(folder.path(), |agent| {
            for n in 0..vms {
                let made = agent.create(&spec(&format!("cell-{n}")), &[]);
                made.expect("a new name");
            }
        });
        group.bench_function(format!("{vms} VMs"), |b| {
            b.iter(|| {
                let daemon = open(folder.path());
                let (place, stopper) = (daemon.place().clone(), daemon.stopper());
                thread::scope(|scope| {
                    let served = scope.spawn(move || daemon.serve());
                    let information = agent(&place).information().expect("an answer");
                    assert_eq!(information.vms, vms);
                    stopper.stop();
                    served.join().expect("no panic").expect("all is kept");
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, socket, start);
criterion_main!(benches);
