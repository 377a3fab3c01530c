//! What the life of a VM asks of XAPI.

use bioxen_agent::draw_seed;
use bioxen_config::{FileChoice, Request, Surroundings, load};
use bioxen_core::{BiologicalVm, Organism, Pacing, VmId, VmSpec};
use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::{Testbed, TestbedSpec};
use bioxen_xcpng::{XcpngPool, plan_vm};

use crate::up::options;

#[test]
fn a_start_takes_one_login_and_a_cell_that_is_asked_asks_nothing_of_xapi() {
    let agent = agent_binary(None).expect("the agent is built");
    let testbed = Testbed::start(TestbedSpec::quick(Some(agent))).expect("a testbed");
    let here = tempfile::tempdir().expect("a folder");
    let file = here.path().join("pool.yaml");
    let password = testbed.write_password().expect("room");
    std::fs::write(&file, testbed.client_config(&password, None)).expect("room");
    let mut request = Request::new(Surroundings::nowhere());
    request.file = FileChoice::Path(file);
    let config = load(&request).expect("nothing is wrong with it").config;
    let options = options(&config, here.path());
    let id = VmId::new("cell-1").expect("a plain name");
    let spec = VmSpec::builder(id, Organism::Syn3a, draw_seed()).pacing(Pacing::Manual);
    let spec = spec.build().expect("no rule is broken");
    let mut vm = plan_vm(
        move || XcpngPool::connect(options.clone()),
        spec,
        Vec::new(),
    );
    vm.start().expect("it starts");
    let seen = testbed.server().seen();
    assert_eq!(seen.calls("session.login_with_password"), 1);
    // A few more where a guest is slow and is looked at again; each costs the pool some milliseconds.
    assert!(seen.request_count <= 60, "{:#?}", calls(&testbed));
    for _ in 0..20 {
        vm.biological_metrics().expect("it answers");
    }
    assert_eq!(testbed.server().seen().request_count, seen.request_count);
    // Somebody may have shut the guest down: how it is, the pool says.
    vm.status().expect("it answers");
    let with_status = testbed.server().seen().request_count;
    assert_eq!(with_status, seen.request_count + 1);
    vm.destroy().expect("it goes");
}

fn calls(testbed: &Testbed) -> Vec<String> {
    let seen = testbed.server().seen();
    seen.requests
        .into_iter()
        .map(|request| request.call)
        .collect()
}
