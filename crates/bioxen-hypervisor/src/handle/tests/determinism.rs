//! Same seed, same bytes: however the work is cut, shared and watched.

use bioxen_core::{BiologicalVm, Seed, SimSpan, VmError, VmImage, VmSpec, VmState};

use super::{at, hypervisor, hypervisor_of, id, manual, running, seconds};
use crate::{HypervisorConfig, Trajectory};

/// State of the cell "subject" after 60 s on a hypervisor of its own.
fn reference() -> String {
    let mut vm = running(&hypervisor(1), &manual("subject"));
    vm.advance(seconds(60)).expect("it runs");
    vm.fingerprint().expect("the cell is there")
}

#[test]
fn neither_slices_nor_workers_nor_recording_change_a_cell() {
    let expected = reference();
    for slice_ms in [500, 700, 1_000, 10_000, 60_000] {
        for workers in [1, 2] {
            for every in [None, Some(500_000), Some(3_500_000)] {
                let hypervisor = hypervisor_of(HypervisorConfig {
                    workers,
                    slice: SimSpan::from_micros(slice_ms * 1_000),
                    ..HypervisorConfig::default()
                });
                let mut vm = running(&hypervisor, &manual("subject"));
                if let Some(every) = every {
                    vm.record(SimSpan::from_micros(every)).expect("whole steps");
                }
                vm.advance(seconds(60)).expect("it runs");
                assert_eq!(vm.fingerprint().expect("the cell is there"), expected);
            }
        }
    }
}

#[test]
fn the_pieces_of_an_advance_do_not_matter() {
    let mut vm = running(&hypervisor(1), &manual("subject"));
    for micros in [100_000, 1_900_000, 700_000, 0, 7_300_000] {
        vm.advance(SimSpan::from_micros(micros)).expect("it runs");
    }
    vm.advance(seconds(50)).expect("it runs");
    assert_eq!(vm.fingerprint().expect("the cell is there"), reference());
}

#[test]
fn a_crowd_does_not_matter() {
    let hypervisor = hypervisor(2);
    let ids: Vec<_> = (0..100)
        .map(|number| {
            let name = format!("other-{number}");
            running(&hypervisor, &manual(&name));
            id(&name)
        })
        .collect();
    running(&hypervisor, &manual("subject"));
    let goal = crate::Goal::Until(at(20));
    let all: Vec<_> = ids.into_iter().chain([id("subject")]).collect();
    let outcome = hypervisor
        .run_batch(&all, goal, &mut |_| std::ops::ControlFlow::Continue(()))
        .expect("all of them run");
    assert!(outcome.is_complete());
    let mut vm = hypervisor.open(&id("subject")).expect("it is there");
    vm.advance(seconds(40)).expect("it runs");
    assert_eq!(vm.fingerprint().expect("the cell is there"), reference());
}

#[test]
fn a_restored_cell_continues_bit_for_bit_also_elsewhere() {
    let mut vm = running(&hypervisor(1), &manual("subject"));
    vm.advance(seconds(25)).expect("it runs");
    let image = vm.save().expect("the cell is there");
    vm.advance(seconds(5)).expect("it runs");
    vm.restore(&image).expect("its own image");
    assert_eq!(vm.status().expect("it is there").sim_time, at(25));
    vm.advance(seconds(35)).expect("it runs");
    assert_eq!(vm.fingerprint().expect("the cell is there"), reference());

    let mut elsewhere = running(&hypervisor(2), &manual("subject"));
    elsewhere.restore(&image).expect("same name and seed");
    elsewhere.advance(seconds(35)).expect("it runs");
    assert_eq!(
        elsewhere.fingerprint().expect("the cell is there"),
        reference()
    );
}

#[test]
fn a_bad_image_changes_nothing() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("subject"));
    let mut stranger = running(&hypervisor, &manual("stranger"));
    stranger.advance(seconds(1)).expect("it runs");
    vm.advance(seconds(10)).expect("it runs");
    let before = vm.fingerprint().expect("the cell is there");
    for image in [
        VmImage::from_bytes(b"not an image".to_vec()),
        stranger.save().expect("the cell is there"),
    ] {
        assert!(matches!(vm.restore(&image), Err(VmError::Image(_))));
        assert_eq!(vm.fingerprint().expect("the cell is there"), before);
    }
    vm.advance(seconds(50)).expect("it runs");
    assert_eq!(vm.fingerprint().expect("the cell is there"), reference());
}

#[test]
fn a_vm_that_is_revived_goes_on_bit_for_bit_and_in_its_state() {
    let old = hypervisor(1);
    let spec = manual("subject");
    let mut vm = running(&old, &spec);
    vm.advance(seconds(10)).expect("it runs");
    let image = vm.save().expect("the cell is there");
    assert!(matches!(
        old.revive(&image, &spec, VmState::Running),
        Err(VmError::AlreadyExists { .. })
    ));
    let new = hypervisor(1);
    let mut vm = new
        .revive(&image, &spec, VmState::Running)
        .expect("a new name");
    vm.advance(seconds(50)).expect("it runs");
    assert_eq!(vm.fingerprint().expect("the cell is there"), reference());

    // An unpaced cell is never at rest: one that was frozen must not get a single slice.
    let unpaced = VmSpec::builder(id("subject"), spec.organism(), spec.seed())
        .pacing(bioxen_core::Pacing::Unpaced)
        .build()
        .expect("no rule is broken");
    for (state, found) in [
        (VmState::Created, VmState::Created),
        (VmState::Paused, VmState::Paused),
        (VmState::Stopped, VmState::Stopped),
        (VmState::Error, VmState::Stopped),
    ] {
        let new = hypervisor(2);
        let vm = new.revive(&image, &unpaced, state).expect("a new name");
        new.settle();
        let status = vm.status().expect("it is there");
        assert_eq!(status.state, found);
        assert_eq!(vm.save().expect("it is there"), image, "{state}");
    }
}

#[test]
fn a_fork_starts_from_the_image_and_goes_its_own_way() {
    let hypervisor = hypervisor(1);
    let mut vm = running(&hypervisor, &manual("subject"));
    vm.advance(seconds(10)).expect("it runs");
    let image = vm.save().expect("the cell is there");
    let fork = |name: &str, seed| {
        let spec = VmSpec::builder(id(name), vm.organism(), Seed::new(seed))
            .pacing(bioxen_core::Pacing::Manual)
            .build()
            .expect("no rule is broken");
        hypervisor.fork(&image, &spec)
    };
    assert!(matches!(fork("twin", 7), Err(VmError::Image(_))));
    assert!(matches!(
        fork("subject", 8),
        Err(VmError::AlreadyExists { .. })
    ));
    let mut other = fork("other", 8).expect("name and seed are new");
    assert_eq!(other.status().expect("it is there").sim_time, at(10));
    other.start().expect("it was just created");
    other.advance(seconds(10)).expect("it runs");
    vm.advance(seconds(10)).expect("it runs");
    assert_ne!(other.fingerprint().ok(), vm.fingerprint().ok());
    assert_eq!(hypervisor.available().vms, 2);
}

#[test]
fn samples_are_taken_at_multiples_from_the_start_of_the_recording() {
    let mut vm = running(&hypervisor(1), &manual("subject"));
    for micros in [0, 1, 250_000, 750_000] {
        let error = vm
            .record(SimSpan::from_micros(micros))
            .expect_err("no whole steps");
        assert_eq!(error.to_string(), "the recording was not started");
    }
    assert_eq!(vm.take_recording().expect("the cell is there"), None);
    vm.advance(seconds(1)).expect("it runs");
    vm.record(SimSpan::from_micros(1_500_000))
        .expect("whole steps");
    vm.advance(seconds(4)).expect("it runs");

    let times = |recording: Result<Option<Trajectory>, VmError>| -> Vec<u64> {
        let trajectory = recording
            .expect("the cell is there")
            .expect("it is recorded");
        let samples = trajectory.samples.iter();
        samples
            .map(|sample| sample.time.micros() / 100_000)
            .collect()
    };
    assert_eq!(times(vm.take_recording()), [10, 25, 40]);
    vm.advance(seconds(2)).expect("it runs");
    assert_eq!(times(vm.stop_recording()), [55, 70]);
    assert_eq!(vm.stop_recording().expect("the cell is there"), None);
}
