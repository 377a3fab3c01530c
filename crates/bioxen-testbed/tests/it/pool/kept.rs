//! What a pool keeps of a guest is whole at any time.

use std::time::Duration;

use bioxen_agent::RemoteHypervisor;
use bioxen_core::{Organism, VmState};
use bioxen_testbed::xapi::DataModel;
use bioxen_xcpng::PoolChannel;

use super::bed::spec;
use super::world::World;

const WORD: &str = "bioxen:inspection";
const NEXT: &str = "bioxen:inspection-next";

#[test]
fn a_client_that_ends_while_it_replaces_a_word_leaves_the_other() {
    let model = DataModel::new().expect("a data model");
    let world = World::new(&model, 1);
    let state = tempfile::tempdir().expect("a folder");
    let pool = world.connect(world.options(state.path())).expect("a login");
    let made = pool.create(&spec("cell-1", Organism::Syn3a), &[]);
    let guest = made.expect("room");
    let xapi = pool.xapi().clone();
    let token = pool.options().cancel.clone();
    let bounds = xapi.bounds("the test", Duration::from_secs(60), &token);
    let found = xapi.vm_by_uuid(&guest.uuid, bounds).expect("no faults");
    let (vm, record) = found.expect("it is there");
    let hypervisor = RemoteHypervisor::new(PoolChannel::new(pool));
    let states = || {
        let all = hypervisor.statuses().expect("it can be read");
        all.iter().map(|status| status.state).collect::<Vec<_>>()
    };
    assert_eq!(states(), [VmState::Created]);
    // As it is between the calls: both, and then only the next one.
    let word = &record.other_config[WORD];
    xapi.add_to_vm_config(&vm, NEXT, word, bounds)
        .expect("no faults");
    assert_eq!(states(), [VmState::Created]);
    xapi.remove_from_vm_config(&vm, WORD, bounds)
        .expect("no faults");
    assert_eq!(states(), [VmState::Created]);
    // Without either there is nothing to be read.
    xapi.remove_from_vm_config(&vm, NEXT, bounds)
        .expect("no faults");
    hypervisor.statuses().expect_err("nothing is kept");
}
