//! Cells that are computed in several guests: same bytes as here, whatever becomes of a guest, and nothing is left.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    BiologicalVm, CancelToken, Goal, Organism, Pacing, ProcessCode, ProcessLimits, Sample,
    Sampling, Seed, SimSpan, SimTime, VmError, VmId, VmImage, VmSpec,
};
use bioxen_hypervisor::{BasicBiologicalVm, Hypervisor, HypervisorConfig};
use bioxen_testbed::TestbedSpec;
use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::xapi::{Fault, Plan, Pool, VmView};
use bioxen_xcpng::xapi::PowerState;
use bioxen_xcpng::{Computed, Ensemble, GuestHostKeys, Job, Outcome, Work, XcpngError, XcpngPool};

use super::bed::{Bed, Told};

fn connect(bed: &Bed) -> (XcpngPool, Arc<Told>) {
    let told = Arc::new(Told::default());
    let mut options = bed.options();
    options.watcher = told.clone();
    options.memory = Some(4 << 30);
    (XcpngPool::connect(options).expect("a login"), told)
}

fn bring_up(pool: &XcpngPool, guests: u32) -> Result<Ensemble, XcpngError> {
    let count = NonZeroU32::new(guests).expect("some");
    Ensemble::bring_up(pool, Organism::Syn3a, count)
}

fn at(seconds: u64) -> SimTime {
    SimTime::from_micros(seconds * 1_000_000)
}

fn span(seconds: u64) -> SimSpan {
    SimSpan::from_micros(seconds * 1_000_000)
}

/// Cells of this process.
struct Cells {
    vms: Vec<(VmSpec, BasicBiologicalVm)>,
    _host: Hypervisor,
}

impl Cells {
    fn born(organism: Organism, count: u64) -> Self {
        let clock = Arc::new(ManualClock::new());
        let host = Hypervisor::new(HypervisorConfig::default(), clock).expect("valid settings");
        let born = |n: u64| {
            let id = VmId::new(&format!("cell-{n:04}")).expect("a plain name");
            let spec = VmSpec::builder(id, organism, Seed::new(7)).pacing(Pacing::Manual);
            let spec = spec.build().expect("no rule is broken");
            let mut vm = host.create(&spec).expect("a new name");
            vm.start().expect("it was just created");
            (spec, vm)
        };
        let vms = (1..=count).map(born).collect();
        Self { vms, _host: host }
    }

    fn jobs(&self, work: &Work) -> Vec<Job> {
        let job = |(spec, vm): &(VmSpec, BasicBiologicalVm)| Job {
            spec: spec.clone(),
            image: vm.save().expect("it is there"),
            work: work.clone(),
        };
        self.vms.iter().map(job).collect()
    }

    /// The same without guests.
    fn run_here(&mut self, until: u64, every: u64) -> BTreeMap<VmId, (VmImage, Vec<Sample>)> {
        let run = |(_, vm): &mut (VmSpec, BasicBiologicalVm)| {
            vm.record(span(every)).expect("whole steps");
            vm.advance(span(until)).expect("it runs");
            let course = vm.stop_recording().expect("room").expect("it was begun");
            let image = vm.save().expect("it is there");
            (vm.id().clone(), (image, course.samples))
        };
        self.vms.iter_mut().map(run).collect()
    }
}

type Results = BTreeMap<VmId, Result<Computed, VmError>>;

fn compute(ensemble: &mut Ensemble, jobs: Vec<Job>) -> Results {
    let mut results = Results::new();
    ensemble.compute(jobs, &mut |id, result| {
        assert!(results.insert(id, result).is_none(), "a cell came twice");
    });
    results
}

#[track_caller]
fn assert_same(results: &Results, wanted: &BTreeMap<VmId, (VmImage, Vec<Sample>)>) {
    assert_eq!(results.len(), wanted.len());
    for (id, result) in results {
        let computed = result.as_ref().expect("it was computed");
        let Outcome::Ran(ran) = &computed.outcome else {
            panic!("{id}: {:?}", computed.outcome);
        };
        let (image, samples) = &wanted[id];
        assert!(ran.is_at_goal, "{id}");
        assert_eq!(ran.samples, *samples, "{id}");
        assert!(computed.image == *image, "{id} has other bytes");
    }
}

fn run_to(seconds: u64, from: u64, every: u64) -> Work {
    Work::Run {
        goal: Goal::Until(at(seconds)),
        sampling: Some(Sampling {
            from: at(from),
            every: span(every),
        }),
    }
}

/// On how many hosts VMs run.
fn hosts_in_use(pool: &XcpngPool) -> usize {
    let token = CancelToken::new();
    let xapi = pool.xapi();
    let bounds = xapi.bounds("the test", Duration::from_secs(60), &token);
    let all = xapi.vm_records(bounds, |vm| vm.power_state == PowerState::Running);
    let hosts = all.expect("they are read").into_iter();
    let hosts: BTreeSet<_> = hosts
        .map(|(_, vm)| format!("{:?}", vm.resident_on))
        .collect();
    hosts.len()
}

#[test]
fn cells_of_all_organisms_come_back_as_they_would_be_here() {
    let bed = Bed::up();
    let (pool, _) = connect(&bed);
    let mut ensemble = bring_up(&pool, 2).expect("there is room");
    assert_eq!(ensemble.guests(), 2);
    assert_eq!(hosts_in_use(&pool), 2, "XAPI's choice was one host");
    for organism in Organism::ALL {
        let mut cells = Cells::born(organism, 5);
        let results = compute(&mut ensemble, cells.jobs(&run_to(30, 0, 7)));
        assert_same(&results, &cells.run_here(30, 7));
        // From where they are now: guests have them, and are not sent them.
        let results = compute(&mut ensemble, cells.jobs(&run_to(61, 30, 5)));
        assert_same(&results, &cells.run_here(31, 5));
    }
    ensemble.end().expect("they are ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn guests_with_host_keys_of_their_own_compute_the_same() {
    let bed = Bed::up();
    let mut options = bed.options();
    options.guest_host_keys = GuestHostKeys::Own;
    options.host_keys = Vec::new();
    let pool = XcpngPool::connect(options).expect("a login");
    let mut ensemble = bring_up(&pool, 2).expect("there is room");
    let vms = bed.testbed.server().pool(|pool| pool.vms());
    let mut keys = BTreeSet::new();
    for vm in vms.iter().filter(|vm| !vm.is_template) {
        let known = pool.host_keys().lookup(&vm.uuid).expect("it can be read");
        keys.extend(known.keys.iter().map(ToString::to_string));
    }
    assert_eq!(keys.len(), 2, "{vms:?}");
    let mut cells = Cells::born(Organism::Syn3a, 4);
    let results = compute(&mut ensemble, cells.jobs(&run_to(30, 0, 7)));
    assert_same(&results, &cells.run_here(30, 7));
    ensemble.end().expect("they are ours");
    let known = std::fs::read_to_string(pool.host_keys().path()).expect("it was written");
    assert_eq!(known, "");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn a_program_answers_what_it_answers_here() {
    let bed = Bed::up();
    let (pool, _) = connect(&bed);
    let mut ensemble = bring_up(&pool, 1).expect("there is room");
    let mut cells = Cells::born(Organism::Ecoli, 3);
    let source = "advance(20)\nprint(time())\nset_medium('succinate')\ncounts(['ATP'])";
    let code = ProcessCode::new("p.star", source).expect("a program");
    let limits = ProcessLimits::default();
    let work = Work::Execute {
        code: code.clone(),
        limits,
    };
    let results = compute(&mut ensemble, cells.jobs(&work));
    for (_, vm) in &mut cells.vms {
        let wanted = vm.execute_biological_process(&code).expect("it runs");
        let computed = results[vm.id()].as_ref().expect("it was computed");
        match &computed.outcome {
            Outcome::Process(report) => assert_eq!(*report, wanted),
            other => panic!("{other:?}"),
        }
        assert!(computed.image == vm.save().expect("it is there"));
    }
    drop(ensemble);
    drop(pool);
    bed.assert_clean();
}

/// Switches a guest off as a host that fails does: without a word.
fn switch_off_one(pool: &mut Pool) {
    let running = |vm: &VmView| vm.power_state == "Running";
    let uuid = pool.vms().into_iter().find(running).map(|vm| vm.uuid);
    assert!(pool.power_off_guest(&uuid.expect("one runs")));
}

#[test]
fn the_cells_of_a_guest_that_is_lost_are_computed_elsewhere() {
    let bed = Bed::up();
    let (pool, told) = connect(&bed);
    let mut ensemble = bring_up(&pool, 2).expect("there is room");
    let mut cells = Cells::born(Organism::Syn3a, 12);
    let mut results = Results::new();
    ensemble.compute(cells.jobs(&run_to(120, 0, 60)), &mut |id, result| {
        if results.is_empty() {
            bed.testbed.server().pool(switch_off_one);
        }
        results.insert(id, result);
    });
    let wanted = cells.run_here(120, 60);
    assert_same(&results, &wanted);
    // The one that is left, and the one that takes the place of the other, do the rest.
    let results = compute(&mut ensemble, cells.jobs(&run_to(180, 120, 60)));
    assert_same(&results, &cells.run_here(60, 60));
    assert!(told.has("was lost"), "{told:?}");
    ensemble.end().expect("they are ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn an_only_guest_that_is_lost_is_replaced() {
    let bed = Bed::up();
    let (pool, told) = connect(&bed);
    let mut ensemble = bring_up(&pool, 1).expect("there is room");
    bed.testbed.server().pool(switch_off_one);
    let mut cells = Cells::born(Organism::Syn3a, 2);
    let results = compute(&mut ensemble, cells.jobs(&run_to(10, 0, 5)));
    assert_same(&results, &cells.run_here(10, 5));
    assert!(told.has("guest 1 of 1 was lost"), "{told:?}");
    ensemble.end().expect("they are ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn without_a_guest_the_cells_stay_as_they_are_and_say_why() {
    let bed = Bed::up();
    let (pool, _) = connect(&bed);
    let mut ensemble = bring_up(&pool, 1).expect("there is room");
    bed.testbed.server().pool(|pool| {
        switch_off_one(pool);
        // No other one can be made.
        let none = Fault::Error {
            code: "SR_FULL".to_owned(),
            params: vec!["100".to_owned(), "10".to_owned()],
        };
        pool.set_plan(Plan::none().from("VM.clone", 1, none));
    });
    let cells = Cells::born(Organism::Syn3a, 2);
    let results = compute(&mut ensemble, cells.jobs(&run_to(10, 0, 5)));
    assert_eq!(results.len(), 2);
    for result in results.into_values() {
        let error = result.expect_err("nobody computed it");
        let cause = std::error::Error::source(&error).expect("a cause");
        let cause = cause.to_string();
        assert!(
            cause.starts_with("no guest is left; the last was lost:"),
            "{cause}"
        );
    }
    ensemble.end().expect("nothing is there");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn as_many_guests_as_the_pool_has_room_for_do_the_work() {
    let agent = agent_binary(None).unwrap_or_else(|error| {
        panic!("{error}; {}", error.hint().unwrap_or_default());
    });
    // One host, with room for one guest beside what it needs itself.
    let bed = Bed::with(TestbedSpec::quick(Some(agent)).with_hosts(1, Some(8 << 30)));
    let (pool, told) = connect(&bed);
    let mut ensemble = bring_up(&pool, 3).expect("there is room for one");
    assert_eq!(ensemble.guests(), 1);
    assert!(told.has("cannot be used"), "{told:?}");
    let mut cells = Cells::born(Organism::MinimalCell, 3);
    let results = compute(&mut ensemble, cells.jobs(&run_to(10, 0, 5)));
    assert_same(&results, &cells.run_here(10, 5));
    ensemble.end().expect("it is ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn what_is_called_off_is_as_it_was_and_the_guests_are_removed_all_the_same() {
    let bed = Bed::up();
    let (pool, _) = connect(&bed);
    let mut ensemble = bring_up(&pool, 2).expect("there is room");
    let cells = Cells::born(Organism::Syn3a, 12);
    let cancel = pool.options().cancel.clone();
    let (mut whole, mut off) = (0, 0);
    ensemble.compute(cells.jobs(&run_to(600, 0, 60)), &mut |_, result| {
        cancel.cancel();
        match result {
            Ok(_) => whole += 1,
            Err(VmError::Cancelled) => off += 1,
            Err(error) => panic!("{error}"),
        }
    });
    assert_eq!(whole + off, 12);
    assert!(off > 0, "all were done before they were called off");
    ensemble.end().expect("they are ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn an_ensemble_that_is_called_off_before_it_is_up_leaves_nothing() {
    let bed = Bed::up();
    let (pool, _) = connect(&bed);
    pool.options().cancel.cancel();
    let refused = bring_up(&pool, 2).expect_err("it is called off");
    assert!(refused.is_cancelled(), "{refused}");
    drop(pool);
    bed.assert_clean();
}
