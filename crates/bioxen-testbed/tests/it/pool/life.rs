//! The life of a VM.

use bioxen_core::{BiologicalVm, Organism, ProcessCode, VmState};
use bioxen_xcpng::{XcpngPool, plan_vm};

use super::bed::{Bed, spec};

#[test]
fn a_vm_is_planned_started_driven_stopped_started_again_and_destroyed() {
    let bed = Bed::up();
    let options = bed.options();
    let mut vm = plan_vm(
        move || XcpngPool::connect(options.clone()),
        spec("cell-1", Organism::Syn3a),
        Vec::new(),
    );
    assert_eq!(vm.status().expect("planned").state, VmState::Created);
    assert_eq!(
        bed.testbed
            .server()
            .seen()
            .calls("session.login_with_password"),
        0
    );
    vm.start().expect("it starts");
    assert_eq!(vm.status().expect("it runs").state, VmState::Running);
    let code = ProcessCode::new("look", "advance(60)\ncounts(['dnaA', 'ATP'])").expect("short");
    let report = vm.execute_biological_process(&code).expect("it answers");
    assert!(report.success, "{}", report.stderr);
    let metrics = vm.biological_metrics().expect("it answers");
    vm.stop().expect("it stops");
    assert_eq!(vm.status().expect("it is off").state, VmState::Stopped);
    assert_eq!(vm.biological_metrics().expect("it rests"), metrics);
    vm.start().expect("it starts again");
    assert_eq!(vm.biological_metrics().expect("it answers"), metrics);
    vm.destroy().expect("it goes");
    drop(vm);
    bed.assert_clean();
    assert_eq!(
        bed.testbed
            .server()
            .seen()
            .calls("session.login_with_password"),
        1
    );
}
