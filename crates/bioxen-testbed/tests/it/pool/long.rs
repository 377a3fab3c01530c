//! A client that stays for days, and pools that change their master meanwhile.

use std::time::Duration;

use bioxen_core::Organism;
use bioxen_testbed::xapi::{DataModel, Fault, Plan};
use bioxen_xcpng::{XcpngError, XcpngPool};

use super::bed::spec;
use super::world::World;

const HOUR: Duration = Duration::from_secs(3_600);

/// Makes a guest, looks at all, and removes it.
fn work(pool: &XcpngPool, name: &str) -> Result<(), XcpngError> {
    let guest = pool.create(&spec(name, Organism::Syn3a), &[])?;
    assert_eq!(pool.guest(&guest.id)?.0.uuid, guest.uuid);
    pool.destroy(&guest)
}

fn world() -> (World, tempfile::TempDir) {
    let model = DataModel::new().expect("a data model");
    (
        World::new(&model, 1),
        tempfile::tempdir().expect("a folder"),
    )
}

/// What the journal holds.
fn journal(state: &tempfile::TempDir) -> usize {
    let folder = state.path().join("journal");
    std::fs::read_dir(folder).expect("a journal").count()
}

#[test]
fn three_days_with_sessions_that_end_clocks_that_jump_and_a_toolstack_that_restarts() {
    let (world, state) = world();
    let pool = world.connect(world.options(state.path())).expect("a login");
    for hour in 0..72_u64 {
        work(&pool, &format!("cell-{hour}")).unwrap_or_else(|error| panic!("hour {hour}: {error}"));
        // Between two of them, a day passes in which the session ends.
        let pause = if hour % 24 == 23 { HOUR * 25 } else { HOUR };
        world.pass(pause);
        let ahead = [HOUR, HOUR * 48, Duration::ZERO];
        world.jump_wall(ahead[usize::try_from(hour % 3).expect("small")]);
        if hour % 10 == 9 {
            world.pool(|pool| pool.restart_toolstack());
        }
        // Its file is all that is written down of the client.
        assert_eq!(journal(&state), 1, "hour {hour}");
    }
    assert!(world.most_sessions() <= 4, "{}", world.most_sessions());
    pool.close().expect("no faults");
    assert_eq!(journal(&state), 0);
    let census = world.census();
    assert!(census.is_clean(), "{census:#?}");
}

#[test]
fn a_session_after_the_first_is_ended_by_the_garbage_collection_too() {
    let (world, state) = world();
    let pool = world.connect(world.options(state.path())).expect("a login");
    world.pass(HOUR * 25);
    pool.guests().expect("another session");
    // The network is gone, and so is the client then.
    world.dead_after(Some(0));
    pool.close().expect_err("nobody answers");
    drop(pool);
    world.dead_after(None);
    assert_eq!(world.census().sessions.len(), 1);
    let pool = world.connect(world.options(state.path())).expect("a login");
    assert_eq!(pool.garbage(true).expect("no faults").found.len(), 1);
    pool.close().expect("no faults");
    assert!(world.census().is_clean());
}

#[test]
fn a_logout_that_fails_leaves_the_session_in_the_journal() {
    let (world, state) = world();
    let pool = world.connect(world.options(state.path())).expect("a login");
    world.set_plan(Plan::none().from("session.logout", 1, Fault::ResetBefore));
    pool.close().expect_err("it is not heard");
    pool.close().expect("there is nothing more to do");
    drop(pool);
    assert_eq!((journal(&state), world.census().sessions.len()), (1, 1));
}

/// Plays a life in which the master changes after so many calls.
#[track_caller]
fn check_master(after: u64) {
    let (world, state) = world();
    let pool = world.connect(world.options(state.path())).expect("a login");
    world.master_after(after, 1);
    work(&pool, "cell-1").unwrap_or_else(|error| panic!("after {after} calls: {error}"));
    work(&pool, "cell-2").expect("the new master is known by now");
    assert_eq!(pool.xapi().endpoint().host(), "127.0.0.2");
    world.master_after(1, 0);
    work(&pool, "cell-3").expect("and the old one again");
    assert_eq!(pool.xapi().endpoint().host(), "127.0.0.1");
    pool.close().expect("no faults");
    let census = world.census();
    assert!(census.is_clean(), "after {after} calls: {census:#?}");
    assert_eq!(journal(&state), 0, "after {after} calls");
}

#[test]
fn the_master_changes_in_the_midst_of_a_life() {
    for after in (1..60).step_by(3) {
        check_master(after);
    }
}

#[test]
fn a_master_that_nobody_knows_is_not_asked() {
    let (world, state) = world();
    let pool = world.connect(world.options(state.path())).expect("a login");
    let master = "203.0.113.7".to_owned();
    world.set_plan(Plan::none().on("VM.get_all_records", 1, Fault::HostIsSlave { master }));
    let refused = pool.guests().expect_err("it is no member").to_string();
    assert!(
        refused.contains("203.0.113.7") && refused.contains("not a known member"),
        "{refused}"
    );
}
