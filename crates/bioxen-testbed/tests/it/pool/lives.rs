//! Lives of guests in virtual time, each with some random faults: what is reported is so, and nothing is left.
//!
//! `BIOXEN_FAULT_LIVES` says how many there are, `BIOXEN_FAULT_LIFE` plays a certain one.

use std::path::Path;
use std::time::Duration;

use bioxen_core::{CancelToken, Organism};
use bioxen_testbed::xapi::{DataModel, Fault, Plan};
use bioxen_xcpng::{Guest, XcpngError, XcpngPool};

use super::bed::spec;
use super::draw::{Draw, number, show, variable};
use super::world::World;

/// A whole life has about so many calls.
const CALLS: u64 = 90;

fn faults() -> Vec<Fault> {
    let seconds = Duration::from_secs;
    let error = |code: &str, params: &[&str]| Fault::Error {
        code: code.to_owned(),
        params: params.iter().map(|&param| param.to_owned()).collect(),
    };
    let slave = |master: &str| Fault::HostIsSlave {
        master: master.to_owned(),
    };
    vec![
        Fault::Refuse { connections: 1 },
        Fault::Refuse { connections: 20 },
        Fault::Silence,
        Fault::SilenceAfter,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Drip,
        Fault::Cut(20),
        Fault::Garbage,
        Fault::Huge(1 << 27),
        Fault::Unavailable,
        error("INTERNAL_ERROR", &["on purpose"]),
        error("OTHER_OPERATION_IN_PROGRESS", &["VM", "OpaqueRef:1"]),
        error("VDI_IN_USE", &["OpaqueRef:1", "destroy"]),
        error("HOST_STILL_BOOTING", &[]),
        Fault::SessionInvalid,
        slave("127.0.0.2"),
        slave("127.0.0.1"),
        slave("10.9.8.7"),
        Fault::TaskPending { done: false },
        Fault::TaskPending { done: true },
        Fault::Slow(seconds(50)),
        Fault::Slow(seconds(2_000)),
    ]
}

/// What a client does with a guest, as far as XAPI is concerned.
fn live(world: &World, pool: &XcpngPool) -> Result<(), Box<XcpngError>> {
    let guest = match pool.create(&spec("cell-1", Organism::Syn3a), &[]) {
        Ok(guest) => guest,
        // What is said to have failed is not there, unless it is said what is left.
        Err(failed) if failed.is_outcome_unknown() => return Err(Box::new(failed)),
        Err(left @ XcpngError::Left { .. }) => return Err(Box::new(left)),
        Err(failed) => {
            let census = world.census();
            let nothing = census.vms.is_empty() && census.disks.is_empty();
            assert!(nothing, "{failed}: {census:#?}");
            return Err(Box::new(failed));
        }
    };
    let made = view(world, &guest).expect("what was made is there");
    assert_eq!(made.name, "bioxen-syn3a-cell-1");
    assert!(!made.is_template && made.power_state == "Halted");
    let token = pool.options().cancel.clone();
    let xapi = pool.xapi();
    let bounds = xapi.bounds("the test", Duration::from_secs(300), &token);
    let found = xapi.vm_by_uuid(&guest.uuid, bounds);
    let (vm, _) = found.map_err(XcpngError::Xapi)?.expect("it is there");
    xapi.start_vm(&vm, bounds).map_err(XcpngError::Xapi)?;
    assert_eq!(
        view(world, &guest).expect("it is there").power_state,
        "Running"
    );
    world.pass(Duration::from_secs(20));
    let bounds = xapi.bounds("the test", Duration::from_secs(300), &token);
    xapi.shutdown_vm(&vm, bounds).map_err(XcpngError::Xapi)?;
    assert_eq!(
        view(world, &guest).expect("it is there").power_state,
        "Halted"
    );
    pool.destroy(&guest)?;
    assert_eq!(view(world, &guest), None);
    let census = world.census();
    assert!(
        census.vms.is_empty() && census.disks.is_empty(),
        "{census:#?}"
    );
    Ok(())
}

fn view(world: &World, guest: &Guest) -> Option<bioxen_testbed::xapi::VmView> {
    let all = world.pool(|pool| pool.vms());
    all.into_iter().find(|vm| vm.uuid == guest.uuid.as_str())
}

/// How a life went, for the count of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    NoLogin,
    Done,
    Failed,
    Unknown,
}

/// Plays the life of a seed.
fn play(seed: u64, model: &DataModel, folder: &Path) -> End {
    let mut draw = Draw::new(seed);
    let world = World::new(model, seed);
    let state = folder.join(seed.to_string());
    let mut plan = Plan::none();
    let all = faults();
    for _ in 0..=draw.below(5) {
        let nth = 1 + draw.below(CALLS);
        let fault = draw.of(&all).clone();
        plan = match draw.below(8) {
            0 => plan.on_connection(1 + draw.below(5), 1, Fault::WrongCertificate),
            1 => plan.on("Async.VM.clone", 1, fault),
            2 => plan.on("task.get_record", 1 + draw.below(20), fault),
            _ => plan.on_any(nth, fault),
        };
    }
    world.set_plan(plan);
    let mut options = world.options(&state);
    options.xapi.jitter = seed;
    if draw.one_in(4) {
        let at = Duration::from_millis(draw.below(40_000));
        world.cancel_at(at, options.cancel.clone());
    }
    if draw.one_in(4) {
        world.dead_after(Some(draw.below(CALLS)));
    }
    let end = match world.connect(options) {
        Err(_) => End::NoLogin,
        Ok(pool) => {
            let end = live(&world, &pool);
            let _ = pool.close();
            match end {
                Ok(()) => End::Done,
                Err(error) if error.is_outcome_unknown() => End::Unknown,
                Err(_) => End::Failed,
            }
        }
    };
    if variable("BIOXEN_FAULT_LIFE").is_some() {
        let met = world.pool(|pool| pool.plan().met().to_vec());
        show(&format!("{end:?} {met:#?}"));
    }
    settle(&world, &state);
    end
}

/// Without faults now: one collection of garbage removes all that nobody knows of.
fn settle(world: &World, state: &Path) {
    world.set_plan(Plan::none());
    world.dead_after(None);
    world.cancel_at(Duration::MAX, CancelToken::new());
    let nameless = world.nameless();
    // What was asked for without an answer comes to its end first.
    world.pass(Duration::from_secs(3_000));
    let pool = world.connect(world.options(state)).expect("no faults");
    let garbage = pool.garbage(true).expect("no faults");
    assert!(garbage.unreadable.is_empty(), "{garbage:#?}");
    for found in &garbage.found {
        assert!(found.failed.is_none(), "{garbage:#?}");
    }
    let again = pool.garbage(false).expect("no faults");
    assert!(again.found.is_empty(), "{again:#?} after {garbage:#?}");
    for (guest, _) in pool.guests().expect("no faults") {
        pool.destroy(&guest).expect("no faults");
    }
    pool.close().expect("no faults");
    let census = world.census();
    let (sessions, tasks) = nameless;
    assert!(census.sessions.len() <= sessions, "{census:#?}");
    assert!(census.tasks.len() <= tasks, "{census:#?}");
    // What nobody could learn of ends by itself.
    world.pass(Duration::from_secs(25 * 3_600));
    let census = world.census();
    assert!(census.is_clean(), "{census:#?} after {garbage:#?}");
}

#[test]
fn nothing_is_left_whatever_goes_wrong() {
    let model = DataModel::new().expect("a data model");
    // Much is made durable there that need not be here.
    let shm = Path::new("/dev/shm");
    let folder = match shm.is_dir() {
        true => tempfile::tempdir_in(shm),
        false => tempfile::tempdir(),
    };
    let folder = folder.expect("a folder");
    if let Some(seed) = variable("BIOXEN_FAULT_LIFE") {
        play(seed.parse().expect("a seed"), &model, folder.path());
        return;
    }
    let usual = match variable("BIOXEN_SLOW_TESTS") {
        Some(_) => 100_000,
        None => 200,
    };
    let lives = number("BIOXEN_FAULT_LIVES", usual);
    let mut ends = std::collections::BTreeMap::<End, u64>::new();
    let mut failed = Vec::new();
    for seed in 0..lives {
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            play(seed, &model, folder.path())
        }));
        match played {
            Ok(end) => *ends.entry(end).or_default() += 1,
            Err(_) => failed.push(seed),
        }
        if failed.len() >= 10 {
            break;
        }
    }
    assert!(
        failed.is_empty(),
        "seeds {failed:?}; play one by BIOXEN_FAULT_LIFE"
    );
    // Faults meet all kinds of ends.
    assert_eq!(ends.len(), 4, "{ends:?}");
}
