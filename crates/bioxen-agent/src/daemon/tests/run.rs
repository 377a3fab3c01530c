//! A cell that is run to a goal by a daemon is the cell that is run there without one.

use std::error::Error;
use std::ops::ControlFlow;

use bioxen_core::{BiologicalVm, Goal, Sample, Sampling, SimTime, VmError, VmImage, VmState};
use bioxen_hypervisor::{BasicBiologicalVm, Hypervisor};

use super::engine::{ask, ask_as, assert_called_off, create, image, open, refused, seconds, to};
use super::*;
use crate::daemon::engine::Engine;
use crate::message::{Answer, Ran, Request, VmRequest};

const LONG: SimTime = SimTime::from_micros(12 * 3_600_000_000);

fn at(s: u64) -> SimTime {
    SimTime::ZERO.saturating_add(seconds(s))
}

fn run(goal: Goal, sampling: Option<Sampling>) -> Request {
    to("cell", VmRequest::Run { goal, sampling })
}

#[track_caller]
fn ran(engine: &Engine, goal: Goal, sampling: Option<Sampling>) -> Ran {
    match ask(engine, &run(goal, sampling)) {
        Answer::Ran(ran) => *ran,
        other => panic!("{other:?}"),
    }
}

fn begun(engine: &Engine, organism: Organism) {
    create(engine, "cell", organism);
    ask(engine, &to("cell", VmRequest::Start));
}

/// A cell of this process, read every so many seconds from its birth on.
fn local(organism: Organism, every: u64) -> (Hypervisor, BasicBiologicalVm) {
    let host = Hypervisor::new(HypervisorConfig::default(), clock()).expect("valid settings");
    let mut vm = host.create(&spec("cell", organism)).expect("a new name");
    vm.start().expect("it was just created");
    vm.record(seconds(every)).expect("whole steps");
    (host, vm)
}

fn run_locally(host: &Hypervisor, vm: &BasicBiologicalVm, goal: Goal) -> (VmImage, Vec<Sample>) {
    let watch = &mut |_: &_| ControlFlow::Continue(());
    let outcome = host.run_batch(&[id("cell")], goal, watch).expect("it runs");
    assert!(outcome.is_complete());
    let course = vm.stop_recording().expect("room").expect("it was begun");
    (vm.save().expect("it is there"), course.samples)
}

#[test]
fn cut_in_parts_it_has_the_bytes_and_the_readings_of_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    for organism in Organism::ALL {
        let engine = open(folder.path());
        begun(&engine, organism);
        // No part ends at a time at which the cell is read.
        let mut due = Sampling {
            from: SimTime::ZERO,
            every: seconds(7),
        };
        let mut samples = Vec::new();
        for end in [20, 41, 60] {
            let part = ran(&engine, Goal::Until(at(end)), Some(due));
            assert!(part.is_at_goal);
            assert_eq!(part.sim_time, at(end));
            due = due.after(part.sim_time);
            samples.extend(part.samples);
        }
        let (host, vm) = local(organism, 7);
        let (whole, wanted) = run_locally(&host, &vm, Goal::Until(at(60)));
        assert_eq!(samples, wanted, "{organism}");
        assert_eq!(image(&engine, "cell"), whole.as_bytes(), "{organism}");
        ask(&engine, &to("cell", VmRequest::Destroy));
    }
}

#[test]
fn it_stops_at_the_division_or_when_its_time_is_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    begun(&engine, Organism::Syn3a);
    let early = ran(&engine, Goal::Generations(1, at(60)), None);
    assert_eq!(
        (early.is_at_goal, early.sim_time, early.generation),
        (false, at(60), 0)
    );
    assert_eq!(early.samples, []);
    let divided = ran(&engine, Goal::Generations(1, LONG), None);
    assert_eq!((divided.is_at_goal, divided.generation), (true, 1));
    let (host, vm) = local(Organism::Syn3a, 600);
    let (whole, _) = run_locally(&host, &vm, Goal::Generations(1, LONG));
    assert_eq!(image(&engine, "cell"), whole.as_bytes());
}

#[test]
fn called_off_it_has_not_happened_and_asked_again_it_is_not_done_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    begun(&engine, Organism::Syn3a);
    let before = image(&engine, "cell");
    let first = op();
    // A thousand simulated years.
    let endless = run(Goal::Until(at(31_557_600_000)), None);
    assert_called_off(&engine, first, &endless);
    assert_eq!(image(&engine, "cell"), before);
    let ten = run(Goal::Until(at(10)), None);
    let answer = ask_as(&engine, first, &ten);
    assert!(matches!(&answer, Answer::Ran(ran) if ran.sim_time == at(10)));
    let after = image(&engine, "cell");
    drop(engine);
    let engine = open(folder.path());
    assert_eq!(ask_as(&engine, first, &ten), answer);
    assert_eq!(image(&engine, "cell"), after);
}

#[test]
fn what_cannot_be_run_is_refused_by_name_and_leaves_the_cell() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::Syn3a);
    let before = image(&engine, "cell");
    let ten = Goal::Until(at(10));
    let idle = refused(&engine, &run(ten, None));
    assert!(
        matches!(
            idle,
            VmError::NotRunning {
                state: VmState::Created,
                ..
            }
        ),
        "{idle:?}"
    );
    ask(&engine, &to("cell", VmRequest::Start));
    let read = |every: SimSpan| Some(Sampling { from: at(0), every });
    let odd = refused(&engine, &run(ten, read(SimSpan::from_micros(300_000))));
    assert!(causes(&odd).contains("multiple"), "{}", causes(&odd));
    let often = Goal::Until(at(6_000));
    let many = refused(&engine, &run(often, read(SimSpan::from_micros(500_000))));
    assert_eq!(
        causes(&many),
        "the cell was not run: 12001 readings are asked for, and one answer has 10000 at most"
    );
    assert_eq!(image(&engine, "cell"), before);
    // Nothing goes on being recorded.
    assert_eq!(ran(&engine, ten, None).samples, []);
}

fn causes(error: &VmError) -> String {
    let first: Option<&(dyn Error + 'static)> = Error::source(error);
    let causes = std::iter::successors(first, |cause| Error::source(*cause));
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}
