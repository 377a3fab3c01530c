//! Nothing takes longer than it may, and whoever calls something off has it back soon.

use std::time::Duration;

use bioxen_core::Organism;
use bioxen_testbed::xapi::{DataModel, Fault, Plan};
use bioxen_xcpng::{Timer, XcpngError, XcpngPool};

use super::bed::spec;
use super::draw::told;
use super::world::World;

/// What is done with a pool, from the login to the logout.
fn live(world: &World, options: bioxen_xcpng::XcpngOptions) -> Result<(), XcpngError> {
    let pool = world.connect(options)?;
    let guest = pool.create(&spec("cell-1", Organism::Syn3a), &[])?;
    let token = pool.options().cancel.clone();
    let bounds = || {
        let limit = Duration::from_secs(4_000);
        pool.xapi().bounds("the test", limit, &token)
    };
    let found = pool.xapi().vm_by_uuid(&guest.uuid, bounds())?;
    let (vm, _) = found.expect("it is there");
    pool.xapi().start_vm(&vm, bounds())?;
    pool.xapi().shutdown_vm(&vm, bounds())?;
    pool.destroy(&guest)?;
    pool.close()
}

/// Points, the step that is named, and its limit in seconds: all later calls of it meet the fault.
const POINTS: &[(&str, &str, u64)] = &[
    ("session.login_with_password", "the login", 15),
    ("VM.get_all_records", "the call", 30),
    ("VM.get_by_name_label", "the call", 90),
    ("VM.clone", "the call", 90),
    ("VM.add_to_other_config", "the call", 90),
    ("VM.provision", "the call", 90),
    ("VM.set_name_label", "the call", 90),
    ("VM.start", "the call", 90),
    ("VM.clean_shutdown", "the hard shutdown", 60),
    ("VM.destroy", "the call", 90),
    ("VDI.destroy", "the call", 90),
    ("session.logout", "the logout", 5),
];

/// A point that meets a fault from now on: the operation ends within its limit, and says which.
#[track_caller]
fn check_limit(call: &str, step: &str, limit: u64, fault: &Fault) {
    let model = DataModel::new().expect("a data model");
    let world = World::new(&model, 1);
    let state = tempfile::tempdir().expect("a folder");
    world.set_plan(Plan::none().from(call, 1, fault.clone()));
    let Err(error) = live(&world, world.options(state.path())) else {
        // A shutdown that is not answered is followed by a hard one, and a clone is found by its name.
        assert!(["VM.clean_shutdown", "VM.clone"].contains(&call), "{call}");
        return;
    };
    let told = told(&error);
    assert!(told.contains(step), "{call}, {fault:?}: {told}");
    let since = world.since_met().expect("it was met");
    // Beside the fault, a few calls are made that are answered, and what was made is removed.
    let most = Duration::from_secs(limit) + Duration::from_millis(250) + UNDO;
    assert!(
        since <= most,
        "{call}, {fault:?}: {since:?} > {most:?}; {told}"
    );
}

/// Tasks of the removal take some seconds in the simulated pool, as they do in a real one.
const UNDO: Duration = Duration::from_secs(8);

#[test]
fn silence_ends_within_the_limit_of_the_step_that_is_named() {
    for (call, step, limit) in POINTS {
        check_limit(call, step, *limit, &Fault::Silence);
    }
}

#[test]
fn so_do_answers_of_a_byte_a_second() {
    for (call, step, limit) in POINTS {
        check_limit(call, step, *limit, &Fault::Drip);
    }
}

#[test]
fn so_do_tasks_that_never_end() {
    for (call, step, limit) in [
        ("VM.clone", "the clone", 600),
        ("VM.provision", "the provision", 300),
        ("VM.start", "the start", 120),
        ("VM.destroy", "the removal of the VM", 60),
        ("VDI.destroy", "the removal of the disk", 60),
    ] {
        check_limit(call, step, limit, &Fault::TaskPending { done: false });
    }
}

/// Called off after a time, in the midst of whatever there is then.
fn call_off(at: Duration, model: &DataModel) {
    let world = World::new(model, 1);
    let state = tempfile::tempdir().expect("a folder");
    let options = world.options(state.path());
    let token = options.cancel.clone();
    world.cancel_at(at, token.clone());
    let ended = live(&world, options);
    let after = world.now().saturating_sub(at);
    if ended.is_ok() {
        assert!(after.is_zero(), "{after:?}");
        return;
    }
    // Without what was made and is removed first, a second is enough.
    let most = Duration::from_secs(1) + UNDO;
    assert!(token.is_cancelled() && after <= most, "{at:?}: {after:?}");
    let pool = world
        .connect(world.options(state.path()))
        .expect("no faults");
    let pool: &XcpngPool = &pool;
    for (guest, _) in pool.guests().expect("no faults") {
        pool.destroy(&guest).expect("no faults");
    }
    // All else was undone when it came back, but for what goes on in the background.
    world.pass(Duration::from_secs(60));
    pool.garbage(true).expect("no faults");
    pool.close().expect("no faults");
    let census = world.census();
    assert!(
        census.vms.is_empty() && census.disks.is_empty(),
        "{at:?}: {census:#?}"
    );
}

#[test]
fn what_is_called_off_comes_back_soon_wherever_it_is() {
    let model = DataModel::new().expect("a data model");
    for step in 0..60 {
        call_off(Duration::from_millis(step * 293), &model);
    }
}
