//! What a daemon keeps, without sockets: an engine that is dropped has not been closed, as after a kill.

use bioxen_core::{
    BiologicalVm, CancelToken, PackageName, ProcessCode, SimSpan, VmError, VmState, VmStatus,
};
use bioxen_hypervisor::{BasicBiologicalVm, Hypervisor};

use super::*;
use crate::daemon::engine::{self, Client, Engine};
use crate::message::{Answer, EventNumber, Grant, PageSize, Request, VmRequest};

pub(super) fn open(state: &Path) -> Engine {
    let place = Place::of(state);
    place.make().expect("a folder");
    engine::open(options(state), place, clock(), wall).expect("it comes up")
}

#[track_caller]
pub(super) fn ask_as(engine: &Engine, op: OpId, request: &Request) -> Answer {
    let message = request.encode().expect("a request");
    let outcome = engine.answer(Client(1), op, message, &CancelToken::new());
    Answer::decode(outcome.answer).expect("an answer")
}

#[track_caller]
pub(super) fn ask(engine: &Engine, request: &Request) -> Answer {
    match ask_as(engine, op(), request) {
        Answer::Refused(refusal) => panic!("{}: {:?}", refusal.message(), refusal.causes()),
        answer => answer,
    }
}

#[track_caller]
pub(super) fn refused(engine: &Engine, request: &Request) -> VmError {
    match ask_as(engine, op(), request) {
        Answer::Refused(refusal) => refusal.into(),
        answer => panic!("{answer:?}"),
    }
}

pub(super) fn to(name: &str, ask: VmRequest) -> Request {
    Request::Vm { vm: id(name), ask }
}

pub(super) fn create(engine: &Engine, name: &str, organism: Organism) {
    let request = Request::Create {
        spec: spec(name, organism),
        packages: Vec::new(),
    };
    ask(engine, &request);
}

fn run(source: &str) -> VmRequest {
    VmRequest::Execute {
        code: ProcessCode::new("test.star", source).expect("a program"),
        limits: None,
    }
}

pub(super) fn seconds(seconds: u64) -> SimSpan {
    SimSpan::from_micros(seconds * 1_000_000)
}

pub(super) fn status(engine: &Engine, name: &str) -> VmStatus {
    match ask(engine, &to(name, VmRequest::Status)) {
        Answer::Status(status) => *status,
        other => panic!("{other:?}"),
    }
}

pub(super) fn image(engine: &Engine, name: &str) -> Vec<u8> {
    match ask(engine, &to(name, VmRequest::Save)) {
        Answer::Image(image) => image.as_bytes().to_vec(),
        other => panic!("{other:?}"),
    }
}

/// The same VM without a daemon.
fn local(name: &str, organism: Organism) -> BasicBiologicalVm {
    let host = Hypervisor::new(HypervisorConfig::default(), clock()).expect("valid settings");
    let mut vm = host.create(&spec(name, organism)).expect("a new name");
    vm.start().expect("it was just created");
    vm
}

#[test]
fn what_was_acknowledged_is_there_after_the_daemon_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    for organism in Organism::ALL {
        let name = organism.to_string();
        let engine = open(folder.path());
        create(&engine, &name, organism);
        ask(&engine, &to(&name, VmRequest::Start));
        ask(&engine, &to(&name, VmRequest::Advance(seconds(20))));
        let grant = Grant::Atp("60%".parse().expect("a share"));
        ask(&engine, &to(&name, VmRequest::Allocate(grant)));
        ask(&engine, &to(&name, run("advance(10)")));
        ask(&engine, &to(&name, VmRequest::Pause));
        let (before, bytes) = (status(&engine, &name), image(&engine, &name));
        assert_eq!(before.state, VmState::Paused);
        assert_eq!(before.sim_time.seconds(), 30.0);
        drop(engine);

        let engine = open(folder.path());
        assert_eq!(status(&engine, &name), before);
        assert_eq!(image(&engine, &name), bytes);
        ask(&engine, &to(&name, VmRequest::Resume));
        ask(&engine, &to(&name, VmRequest::Advance(seconds(15))));

        let mut vm = local(&name, organism);
        vm.advance(seconds(20)).expect("it runs");
        drop(vm.allocate_atp("60%".parse().expect("a share")));
        vm.advance(seconds(25)).expect("it runs");
        let local = vm.save().expect("it is there");
        assert_eq!(image(&engine, &name), local.as_bytes(), "{organism}");
    }
    let engine = open(folder.path());
    match ask(&engine, &Request::List) {
        Answer::Vms(all) => assert_eq!(all.len(), 3),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_operation_that_is_asked_for_again_is_not_done_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    let (creation, advance, process) = (op(), op(), op());
    let spec = spec("cell", Organism::Syn3a);
    let create = Request::Create {
        spec,
        packages: Vec::new(),
    };
    let created = ask_as(&engine, creation, &create);
    assert!(matches!(created, Answer::Created(_)));
    assert_eq!(ask_as(&engine, creation, &create), created);
    ask(&engine, &to("cell", VmRequest::Start));
    let ten = to("cell", VmRequest::Advance(seconds(10)));
    let reached = ask_as(&engine, advance, &ten);
    assert_eq!(ask_as(&engine, advance, &ten), reached);
    let program = to("cell", run("advance(5); print('ran'); time()"));
    let report = ask_as(&engine, process, &program);
    drop(engine);

    let engine = open(folder.path());
    assert_eq!(ask_as(&engine, process, &program), report);
    assert_eq!(ask_as(&engine, advance, &ten), reached);
    assert_eq!(ask_as(&engine, creation, &create), created);
    assert_eq!(status(&engine, "cell").sim_time.seconds(), 15.0);
    assert_eq!(status(&engine, "cell").state, VmState::Running);
}

#[test]
fn a_vm_that_is_destroyed_leaves_nothing_and_its_name_is_free() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::MinimalCell);
    let error = refused(
        &engine,
        &Request::Create {
            spec: spec("cell", Organism::Syn3a),
            packages: Vec::new(),
        },
    );
    assert!(matches!(error, VmError::AlreadyExists { .. }), "{error}");
    ask(&engine, &to("cell", VmRequest::Destroy));
    let images = fs::read_dir(folder.path().join("vms")).expect("a folder");
    let names: Vec<_> = images
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().ends_with(".bioxen"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
    let error = refused(&engine, &to("cell", VmRequest::Start));
    assert!(matches!(error, VmError::NotFound { .. }), "{error}");
    create(&engine, "cell", Organism::Syn3a);
    drop(engine);
    assert_eq!(
        status(&open(folder.path()), "cell").organism,
        Organism::Syn3a
    );
}

#[test]
fn packages_are_all_there_or_the_vm_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    let name = |name| PackageName::new(name).expect("a plain name");
    let with = |packages| Request::Create {
        spec: spec("cell", Organism::Ecoli),
        packages,
    };
    let error = refused(&engine, &with(vec![name("gfp_reporter"), name("growht")]));
    let refusal = crate::Refusal::new(&error);
    assert_eq!(refusal.message(), "the agent could not do it");
    assert!(matches!(
        refused(&engine, &to("cell", VmRequest::Status)),
        VmError::NotFound { .. }
    ));
    ask(&engine, &with(vec![name("gfp_reporter"), name("growth")]));
    drop(engine);
    let engine = open(folder.path());
    match ask(&engine, &to("cell", VmRequest::Packages)) {
        Answer::Packages(all) => {
            let names: Vec<_> = all.iter().map(|package| package.name.as_str()).collect();
            assert_eq!(names, ["gfp_reporter", "growth"]);
        }
        other => panic!("{other:?}"),
    }
    let inspected = |engine: &Engine| match ask(engine, &to("cell", VmRequest::Inspect)) {
        Answer::Inspection(inspection) => inspection.packages.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(inspected(&engine), 2);
    ask(&engine, &to("cell", VmRequest::Remove(name("growth"))));
    assert_eq!(inspected(&engine), 1);
}

/// Calls a request off once its cell moves; it is refused then.
#[track_caller]
pub(super) fn assert_called_off(engine: &Engine, op: OpId, endless: &Request) {
    let cancel = CancelToken::new();
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            let message = endless.encode().expect("a request");
            let outcome = engine.answer(Client(1), op, message, &cancel);
            Answer::decode(outcome.answer).expect("an answer")
        });
        while status(engine, "cell").sim_time.seconds() == 0.0 {
            thread::yield_now();
        }
        cancel.cancel();
        match running.join().expect("no panic") {
            Answer::Refused(refusal) => {
                assert!(matches!(VmError::from(refusal), VmError::Cancelled));
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn an_advance_that_is_cancelled_has_not_happened_and_can_be_asked_for_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::Syn3a);
    ask(&engine, &to("cell", VmRequest::Start));
    let before = image(&engine, "cell");
    let op = op();
    // A thousand simulated years.
    let endless = to("cell", VmRequest::Advance(seconds(31_557_600_000)));
    assert_called_off(&engine, op, &endless);
    assert_eq!(image(&engine, "cell"), before);
    let ten = to("cell", VmRequest::Advance(seconds(10)));
    let reached = ask_as(&engine, op, &ten);
    assert_eq!(reached, Answer::Reached(status(&engine, "cell").sim_time));
}

#[test]
fn a_process_may_print_sixty_mebibytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::Syn3a);
    ask(&engine, &to("cell", VmRequest::Start));
    let limits = ProcessLimits {
        heap_bytes: 1 << 30,
        output_bytes: 64 << 20,
        ..ProcessLimits::default()
    };
    let source = "piece = 'é0123456789abc\\n' * 65536\nfor n in range(60): print(piece)";
    let code = ProcessCode::new("talk.star", source).expect("a program");
    let limits = Some(limits);
    let request = to("cell", VmRequest::Execute { code, limits });
    let op = op();
    match ask_as(&engine, op, &request) {
        Answer::Process(report) => {
            assert!(report.success, "{}", report.stderr);
            let piece = "é0123456789abc\n".repeat(65536) + "\n";
            assert!(report.stdout == piece.repeat(60), "other bytes");
        }
        other => panic!("{other:?}"),
    }
    drop(engine);
    let engine = open(folder.path());
    assert!(matches!(ask_as(&engine, op, &request), Answer::Process(report) if report.success));
}

pub(super) fn events(engine: &Engine) -> Vec<String> {
    let all = Request::Events {
        since: EventNumber::NONE,
        limit: PageSize::MAX,
    };
    match ask(engine, &all) {
        Answer::Events(events) => {
            assert!(events.is_sorted_by_key(|event| event.number));
            events.into_iter().map(|event| event.kind).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_happened_is_told_in_order_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::Syn3a);
    ask(&engine, &to("cell", VmRequest::Start));
    ask(&engine, &to("cell", run("1")));
    ask(&engine, &to("cell", VmRequest::Stop));
    let first = ["started", "created", "started", "executed", "stopped"];
    assert_eq!(events(&engine), first);
    engine.close().expect("room on the disk");
    drop(engine);
    let again = events(&open(folder.path()));
    assert_eq!(again[..5], first);
    assert_eq!(again[5..], ["ended", "started"]);
}

#[test]
fn limits_above_those_of_the_daemon_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::Syn3a);
    ask(&engine, &to("cell", VmRequest::Start));
    let limits = ProcessLimits {
        heap_bytes: 1 << 40,
        ..ProcessLimits::default()
    };
    let code = ProcessCode::new("big", "1").expect("a program");
    let ask = VmRequest::Execute {
        code,
        limits: Some(limits),
    };
    let error = refused(&engine, &to("cell", ask));
    let causes: Vec<String> =
        std::iter::successors(std::error::Error::source(&error), |e| e.source())
            .map(ToString::to_string)
            .collect();
    assert_eq!(
        causes,
        [
            "the process cannot be run",
            "memory of 1099511627776 bytes is asked for, and this daemon grants 1073741824 bytes at most"
        ]
    );
}
