//! Turns and loans in the plain table: no threads, and a clock that stands still.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bioxen_core::{
    AtpPercent, Organism, Pacing, Quota, RibosomeCount, RibosomeUnit, Seed, VmEvent, VmId, VmSpec,
};

use super::turns::MOST_PASSED_OVER;
use super::{Course, Machine, Return};
use crate::cell::{Cell, CellModel, CellOptions};
use crate::config::HypervisorConfig;
use crate::guest::{Guest, Readings, SharedInfo};
use crate::package::Packages;
use crate::scheduler::VmKey;

const NOW: Duration = Duration::ZERO;

fn insert(machine: &mut Machine, name: &str) -> Result<VmKey, bioxen_core::VmError> {
    static MODEL: OnceLock<Arc<CellModel>> = OnceLock::new();
    let model = Arc::clone(MODEL.get_or_init(|| Arc::new(CellModel::syn3a())));
    let id = VmId::new(name).expect("a plain name");
    let quota = Quota {
        atp: AtpPercent::FULL,
        ribosomes: RibosomeCount::new(15),
        unit: RibosomeUnit::Share,
    };
    let spec = VmSpec::builder(id.clone(), Organism::Syn3a, Seed::new(7))
        .pacing(Pacing::Unpaced)
        .build()
        .expect("no rule is broken");
    let cell = Cell::newborn(model, &id, Seed::new(7), quota, CellOptions::default());
    let total = cell.usage().ribosomes_total;
    let grant = machine
        .capacity
        .grant(Organism::Syn3a, quota, total, None)
        .expect("there is room");
    let info = Arc::new(SharedInfo::new(&spec, Readings::of(&cell)));
    machine.insert(info, Guest::new(cell, Packages::new()), grant)
}

fn running(machine: &mut Machine, name: &str) -> VmKey {
    let key = insert(machine, name).expect("the name is free");
    machine
        .apply(key, VmEvent::Start, NOW)
        .expect("it was just created");
    key
}

fn machine() -> Machine {
    Machine::new(&HypervisorConfig::default())
}

/// A caller who takes the cell, reads it and gives it back; true if the VM then gets its turn from the caller.
fn poll(machine: &mut Machine, key: VmKey) -> bool {
    machine.claim(key, NOW);
    let guest = machine.lend(key, None, NOW).expect("nobody has the cell");
    machine.unclaim(key, NOW);
    let readings = Box::new(Readings::of(&guest.cell));
    let returned = Return::Guest {
        guest,
        readings,
        course: Course::Ahead,
    };
    assert!(machine.check_in(key, returned, NOW).is_none());
    let Some(turn) = machine.overdue(key, NOW) else {
        return false;
    };
    let (key, returned) = turn.run();
    assert!(machine.check_in(key, returned, NOW).is_none());
    true
}

fn seconds(machine: &Machine, key: VmKey) -> f64 {
    machine.slot(key).expect("it is there").time.seconds()
}

#[test]
fn who_polls_a_late_vm_moves_it_when_no_worker_gets_to_it() {
    let mut machine = machine();
    let key = running(&mut machine, "polled");
    let turns = (0..3 * MOST_PASSED_OVER)
        .filter(|_| poll(&mut machine, key))
        .count();
    assert_eq!(turns, 3);
    assert_eq!(seconds(&machine, key), 30.0);
    assert!(!machine.is_quiet() && !machine.is_owed(NOW));

    machine
        .apply(key, VmEvent::Pause, NOW)
        .expect("it is running");
    for _ in 0..2 * MOST_PASSED_OVER {
        assert!(!poll(&mut machine, key), "it is not due");
    }
    assert!(machine.is_quiet());
}

#[test]
fn a_polled_vm_gets_its_share_and_delays_another_by_one_slice() {
    let mut machine = machine();
    let polled = running(&mut machine, "polled");
    let other = running(&mut machine, "other");
    let mut last = other;
    for _ in 0..12 {
        for _ in 0..MOST_PASSED_OVER {
            poll(&mut machine, polled);
        }
        let (key, returned) = machine.check_out(NOW).expect("both are late").run();
        assert!(machine.check_in(key, returned, NOW).is_none());
        assert!(
            key == other || last == other,
            "two turns in a row while another waits"
        );
        last = key;
    }
    let (polled, other) = (seconds(&machine, polled), seconds(&machine, other));
    assert!(
        (polled - other).abs() <= 10.0,
        "{polled} s and {other} s at equal priority"
    );
}

#[test]
fn a_lent_cell_that_is_late_is_owed_a_turn() {
    let mut machine = machine();
    let key = running(&mut machine, "lent");
    let guest = machine.lend(key, None, NOW).expect("nobody has the cell");
    assert!(machine.is_quiet() && machine.is_owed(NOW));
    machine
        .apply(key, VmEvent::Pause, NOW)
        .expect("it is running");
    assert!(!machine.is_owed(NOW));
    drop(guest);
}

#[test]
fn cells_that_nobody_needs_are_kept_until_the_lock_is_given_up() {
    let mut machine = machine();
    let key = running(&mut machine, "cell");
    assert!(insert(&mut machine, "cell").is_err());
    assert_eq!(machine.take_discarded().len(), 1);
    machine.apply(key, VmEvent::Destroy, NOW).expect("once");
    assert_eq!(machine.take_discarded().len(), 1);
    assert!(machine.take_discarded().is_empty());
}

#[test]
fn readings_of_a_cell_that_is_out_show_the_quota_that_was_asked_for() {
    let mut machine = machine();
    let key = running(&mut machine, "lent");
    let mut guest = machine.lend(key, None, NOW).expect("nobody has the cell");
    let info = Arc::clone(&machine.slot(key).expect("it is there").info);
    let mut quota = guest.cell.quota();
    quota.atp = AtpPercent::new(40.0).expect("a share");
    *info.asked.lock() = Some(quota);
    info.publish(Readings::of(&guest.cell));
    assert_eq!(info.readings.lock().quota, quota);

    info.settle_quota(&mut guest.cell);
    assert_eq!(guest.cell.quota(), quota);
    assert!(info.asked.lock().is_none());
}
