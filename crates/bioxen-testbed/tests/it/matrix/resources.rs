//! What watches and steers VMs does so with either kind.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bioxen_core::testing::ManualClock;
use bioxen_core::{AtpPercent, BiologicalVm, Organism, RibosomeCount};
use bioxen_resources::{
    BioResourceManager, ImageLabel, ImageStore, Monitor, MonitorConfig, PerformanceMonitor,
    ResourceSnapshot, SnapshotError, TablePolicy, Timed, Verb,
};

use super::kinds::{Hosts, Kind, spec};
use super::life::seconds;

#[test]
fn what_watches_and_steers_vms_does_so_with_either_kind() {
    let hosts = Hosts::up();
    let mut snapshots = Vec::new();
    for kind in Kind::ALL {
        let mut vm = hosts.vm(kind, spec("cell-1", Organism::Syn3a), &[]);
        vm.start().expect("it is new");
        let vm = check_timed(vm);
        let mut manager = BioResourceManager::new(vm);
        check_manager(&mut manager);
        snapshots.push(check_snapshot(&mut manager, kind));
        check_monitor(manager.vm_mut());
        check_store(manager.vm_mut());
        manager.vm_mut().destroy().expect("it runs");
        // A VM that is gone has no readings, and the manager says which one that is.
        let gone = manager.usage().expect_err("it is gone");
        assert!(gone.to_string().contains("cell-1"), "{gone}");
    }
    // A snapshot of the one kind is not that of the other, and else the same.
    let [basic, xcpng] = snapshots.as_slice() else {
        panic!("{snapshots:?}");
    };
    assert_eq!(
        (basic.quota(), basic.usage()),
        (xcpng.quota(), xcpng.usage())
    );
    let mut vm = hosts.vm(Kind::Xcpng, spec("cell-1", Organism::Syn3a), &[]);
    assert!(matches!(
        basic.compare(&vm.status().expect("planned")),
        Err(SnapshotError::OtherVm {
            field: "infrastructure",
            ..
        })
    ));
    vm.destroy().expect("it is planned");
    drop(vm);
    hosts.end();
}

/// Calls are counted on their way.
fn check_timed(vm: Box<dyn BiologicalVm>) -> Box<dyn BiologicalVm> {
    let monitor = PerformanceMonitor::new(Arc::new(ManualClock::new()));
    let mut vm = Timed::new(vm, monitor.clone());
    vm.advance(seconds(1)).expect("it runs");
    vm.advance(seconds(1)).expect("it runs");
    assert!(vm.start().is_err(), "it runs already");
    assert!(vm.probe().usage().is_some());
    let summary = monitor.summary();
    assert_eq!(summary.calls, 3);
    let all = monitor.metrics();
    let advance = all.iter().find(|row| row.operation == Verb::Advance);
    let advance = advance.expect("it was called");
    assert_eq!((advance.calls, advance.failures), (2, 0));
    vm.into_inner()
}

fn check_manager(manager: &mut BioResourceManager) {
    let initial = manager.optimize_initially().expect("it is free");
    assert_eq!((initial.atp, initial.ribosomes.get()), (percent(60.0), 10));
    let usage = manager.usage().expect("it answers");
    assert_eq!(usage.atp_quota, percent(60.0));
    let available = manager.available().expect("it answers");
    assert_eq!(available.atp_percent_free, percent(40.0));
    // With all that it could have, a healthy cell has nearly all of its ATP: the table takes some of the grant away.
    manager
        .allocate_atp(AtpPercent::FULL)
        .map(drop)
        .expect("it is free");
    let mut policy = TablePolicy::default();
    for _ in 0..30 {
        manager.vm_mut().advance(seconds(10)).expect("it runs");
        manager.optimize(&mut policy).expect("it is free");
    }
    let decision = manager.decisions().first().expect("one rule holds");
    assert_eq!(decision.after.atp, percent(55.0));
    for recommendation in manager.recommendations().expect("it answers") {
        assert!(!recommendation.to_string().is_empty());
    }
    let refused = manager.allocate_ribosomes(RibosomeCount::new(69)).map(drop);
    assert!(refused.is_err(), "more than the host has");
}

fn check_snapshot(manager: &mut BioResourceManager, kind: Kind) -> ResourceSnapshot {
    let taken = manager.snapshot(1.75e9).expect("it answers");
    assert_eq!(taken.infrastructure(), kind.infrastructure());
    let text = taken.to_json();
    let word = format!("\"{}\"", kind.infrastructure());
    assert!(text.contains(&word), "{text}");
    manager
        .allocate_atp(percent(80.0))
        .map(drop)
        .expect("it is free");
    manager
        .allocate_ribosomes(RibosomeCount::new(3))
        .map(drop)
        .expect("they are free");
    let snapshot = ResourceSnapshot::from_json(&text).expect("its own text");
    let restored = manager.restore(&snapshot).expect("its own snapshot");
    assert_eq!(restored.quota, taken.quota());
    let differences: Vec<String> = restored.differences.iter().map(|d| d.to_string()).collect();
    assert_eq!(
        differences,
        [
            "ATP: 80% here, 55% in the snapshot",
            "ribosome units: 3 here, 10 in the snapshot"
        ]
    );
    let now = manager.usage().expect("it answers");
    assert_eq!(now.atp_quota, percent(55.0));
    assert_eq!(now.allocated_ribosomes.get(), 10);
    snapshot
}

fn check_monitor(vm: &mut dyn BiologicalVm) {
    let second = Duration::from_secs(1);
    let config = MonitorConfig::every(second).expect("above 1 ms");
    let clock = ManualClock::new();
    let mut monitor = Monitor::new(config, Arc::new(clock.clone()));
    monitor.watch(vm.probe()).expect("the first");
    monitor.start().expect("a thread");
    monitor.settle();
    let mut reached = Vec::new();
    for _ in 0..3 {
        reached.push(vm.advance(seconds(10)).expect("it runs"));
        clock.advance(second);
        monitor.settle();
    }
    let history = monitor.history(vm.id()).expect("it is watched");
    let times: Vec<_> = history.iter().map(|r| r.usage.sim_time).collect();
    assert!(times.ends_with(&reached), "{times:?}");
    monitor.stop();
    assert_eq!(monitor.counters().panics, 0);
}

fn check_store(vm: &mut dyn BiologicalVm) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = ImageStore::open(folder.path()).expect("room");
    let image = vm.save().expect("it answers");
    let status = vm.status().expect("it answers");
    let label = ImageLabel {
        id: vm.id().clone(),
        organism: vm.organism(),
        sim_time: status.sim_time,
        saved_at: SystemTime::UNIX_EPOCH,
    };
    store.save(&label, &image).expect("room");
    vm.advance(seconds(5)).expect("it runs");
    let newest = store.load_newest(vm.id()).expect("it was saved");
    assert_eq!(newest.saved.label, label);
    vm.restore(&newest.saved.image).expect("its own");
    assert_eq!(vm.status().expect("it answers"), status);
    assert_eq!(vm.save().expect("it answers"), image);
}

fn percent(percent: f64) -> AtpPercent {
    AtpPercent::new(percent).expect("from 0 to 100")
}
