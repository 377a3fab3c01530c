//! VMs of a pool before their first start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bioxen_agent::RemoteHypervisor;
use bioxen_core::{
    AtpPercent, BiologicalVm, Infrastructure, Organism, Pacing, PackageName, Priority,
    RibosomeCount, RibosomeUnit, Seed, VmError, VmId, VmImage, VmSpec, VmState,
};
use bioxen_xcpng::{PoolChannel, Step, Watcher, XcpngError, XcpngPool, plan_vm};
use parking_lot::Mutex;

use super::differences::{check_reads_nothing, check_without_a_cell, refused_in};
use super::kinds::{Hosts, Kind, spec};
use super::life::{check_gone, seconds};
use super::recorded::words;
use crate::pool::bed::Bed;

#[test]
fn a_planned_vm_has_no_cell_and_sends_no_byte() {
    for organism in Organism::ALL {
        let met = Arc::new(AtomicU32::new(0));
        let meets = Arc::clone(&met);
        let connect = move || {
            meets.fetch_add(1, Ordering::Relaxed);
            Err(XcpngError::Cancelled)
        };
        let mut vm = plan_vm(connect, spec("cell-1", organism), Vec::new());
        assert_eq!(vm.probe().usage(), None);
        check_without_a_cell(&mut vm, VmState::Created);
        check_reads_nothing(&vm, VmState::Created);
        let nothing = VmImage::from_bytes(Vec::new());
        assert!(refused_in(vm.restore(&nothing), VmState::Created));
        assert_eq!(met.load(Ordering::Relaxed), 0, "{organism}");
        // A pool that is not there may be there the next time.
        for tries in 1..=2 {
            assert!(matches!(vm.start(), Err(VmError::Cancelled)));
            assert_eq!(met.load(Ordering::Relaxed), tries, "{organism}");
        }
        assert_eq!(vm.status().expect("planned").state, VmState::Created);
        vm.destroy().expect("there is nothing to remove");
        check_gone(&mut vm);
    }
}

#[test]
fn a_guest_that_was_only_made_is_as_one_that_is_planned() {
    let hosts = Hosts::up();
    let pool = RemoteHypervisor::new(PoolChannel::new(hosts.pool.clone()));
    let spec = spec("cell-1", Organism::Ecoli);
    let package = "growth".parse().expect("a name");
    let (mut vm, created) = pool.create(&spec, &[package]).expect("there is room");
    assert_eq!(created.status.infrastructure, Infrastructure::Xcpng);
    assert_eq!(created.notice, None);
    assert_eq!(vm.status().expect("it is made"), created.status);
    let planned = plan_vm(|| Err(XcpngError::Cancelled), spec.clone(), Vec::new());
    assert_eq!(planned.status().expect("planned"), created.status);
    check_without_a_cell(&mut vm, VmState::Created);
    check_reads_nothing(&vm, VmState::Created);
    assert_eq!(pool.statuses().expect("it is made"), [created.status]);

    // Its guest is brought up for a saved cell, which then has not begun; what is none is refused.
    let saved = hosts.hypervisor.create(&spec).and_then(|mut vm| {
        vm.start()?;
        vm.advance(seconds(5))?;
        let package = "growth".parse().expect("a name");
        vm.install_biological_package(&package)?;
        vm.save()
    });
    let saved = saved.expect("it runs");
    for nothing in [&[][..], &saved.as_bytes()[..1000]] {
        let nothing = VmImage::from_bytes(nothing.to_vec());
        assert!(matches!(vm.restore(&nothing), Err(VmError::Image(_))));
    }
    vm.restore(&saved).expect("its own");
    let status = vm.status().expect("it is made");
    assert_eq!(
        (status.state, status.sim_time.seconds()),
        (VmState::Created, 5.0)
    );
    vm.start().expect("it has not begun");
    assert_eq!(vm.save().expect("it runs"), saved);
    let installed = vm.installed_packages().expect("it answers");
    assert_eq!(installed[0].name, "growth");
    assert_eq!(vm.inspect().expect("it answers").packages, installed);
    vm.destroy().expect("it runs");
    drop((vm, pool));
    hosts.end();
}

/// What no host grants is told by the first start, since no host was asked before; nothing is left of it.
#[test]
fn what_the_host_refuses_of_a_plan_is_told_by_its_start() {
    #[track_caller]
    fn check(hosts: &Hosts, spec: &VmSpec, package: Option<&str>) {
        let packages: Vec<PackageName> = package.iter().map(|p| p.parse().expect("ok")).collect();
        let here = hosts.hypervisor.create(spec).and_then(|mut vm| {
            let installed = packages
                .iter()
                .try_for_each(|package| vm.install_biological_package(package).map(drop));
            vm.destroy().and(installed)
        });
        let expected = words(&here.expect_err("no host grants it"));
        let mut vm = hosts.vm(Kind::Xcpng, spec.clone(), &packages);
        let planned = vm.status().expect("planned");
        for _ in 0..2 {
            let refused = vm.start().expect_err("no host grants it");
            assert_eq!(words(&refused), expected);
            assert_eq!(vm.status().expect("planned again"), planned);
            assert!(hosts.pool.guests().expect("it answers").is_empty());
        }
    }
    let hosts = Hosts::up();
    let id = || VmId::new("cell-1").expect("a name");
    let builder = VmSpec::builder(id(), Organism::Syn3a, Seed::new(1)).pacing(Pacing::Manual);
    let greedy = builder.ribosomes(RibosomeCount::new(69)).build();
    check(&hosts, &greedy.expect("no rule is broken"), None);
    check(&hosts, &spec("cell-1", Organism::Syn3a), Some("puc19"));
    check(&hosts, &spec("cell-1", Organism::Syn3a), Some("grwoth"));
    hosts.end();
}

/// More than a full grant is clamped from the plan on.
#[test]
fn a_plan_has_the_quota_that_its_cell_will_have() {
    let hosts = Hosts::up();
    for (asked, unit) in [
        (20, RibosomeUnit::Share),
        (40, RibosomeUnit::Physical),
        (15, RibosomeUnit::Share),
    ] {
        let id = VmId::new("cell-1").expect("a name");
        let spec = VmSpec::builder(id, Organism::Syn3a, Seed::new(1))
            .ribosomes(RibosomeCount::new(asked))
            .ribosome_unit(unit)
            .atp(AtpPercent::new(12.34).expect("from 0 to 100"))
            .priority(Priority::MAX)
            .pacing(Pacing::Manual)
            .build()
            .expect("no rule is broken");
        let [basic, xcpng] = Kind::ALL.map(|kind| {
            let mut vm = hosts.vm(kind, spec.clone(), &[]);
            let created = vm.status().expect("it answers").quota;
            vm.start().expect("it is new");
            let running = vm.status().expect("it answers").quota;
            assert_eq!(created, running, "{kind:?}");
            let usage = vm.resource_usage().expect("it answers");
            vm.destroy().expect("it runs");
            (running, usage)
        });
        assert_eq!(basic, xcpng, "{asked} {unit}");
    }
    hosts.end();
}

/// Who makes a basic VM is answered this; a start of a VM of a pool has no answer.
#[test]
fn who_watches_is_told_what_came_of_packages_and_quota() {
    #[derive(Debug, Default)]
    struct Notes(Mutex<Vec<String>>);

    impl Watcher for Notes {
        fn step(&self, _: &Step) {}

        fn rest(&self) {}

        fn note(&self, text: &str) {
            self.0.lock().push(text.to_owned());
        }
    }

    let bed = Bed::up();
    let notes = Arc::new(Notes::default());
    let mut options = bed.options();
    options.watcher = Arc::clone(&notes) as Arc<dyn Watcher>;
    let id = VmId::new("cell-1").expect("a name");
    let spec = VmSpec::builder(id, Organism::Syn3a, Seed::new(1))
        .ribosomes(RibosomeCount::new(20))
        .pacing(Pacing::Manual)
        .build()
        .expect("no rule is broken");
    let packages = ["growth", "toggle_switch_integrated"].map(|name| name.parse().expect("ok"));
    let connect = move || XcpngPool::connect(options.clone());
    let mut vm = plan_vm(connect, spec, packages.to_vec());
    for _ in 0..2 {
        vm.start().expect("it is off");
        vm.stop().expect("it runs");
    }
    vm.destroy().expect("it is off");
    assert_eq!(
        *notes.0.lock(),
        [
            "20 ribosome units were asked for, a full grant has 15",
            "installed growth 1.0.0",
            "installed toggle_switch_integrated 1.0.0",
        ]
    );
    drop(vm);
    bed.assert_clean();
}
