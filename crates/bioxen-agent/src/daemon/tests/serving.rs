//! A daemon and its clients, in one process.

use std::num::NonZeroU32;
use std::thread;

use bioxen_core::{BiologicalVm, ProcessCode, SimSpan, VmError, VmState};

use super::*;
use crate::connection::Client;
use crate::hello::{ClientHello, Lease, LeaseEnd, Nonce};
use crate::local::{LocalError, connect};
use crate::remote::{ClientChannel, RemoteHypervisor};

fn hello() -> ClientHello {
    ClientHello::new("test", "0", Nonce::new([3; 16]))
}

fn client(place: &Place) -> Client {
    connect(place, &hello()).expect("it listens")
}

pub(super) fn agent(place: &Place) -> RemoteHypervisor {
    RemoteHypervisor::new(ClientChannel::new(client(place), op))
}

/// A client whose VMs are paused when it falls silent.
fn with_lease(place: &Place) -> ClientChannel {
    let mut hello = hello();
    hello.lease = Some(Lease {
        seconds: NonZeroU32::new(60).expect("not 0"),
        then: LeaseEnd::Pause,
    });
    ClientChannel::new(connect(place, &hello).expect("it listens"), op)
}

/// Runs a daemon while a test asks it, and ends it.
pub(super) fn with_daemon<R>(state: &Path, test: impl FnOnce(&Place) -> R) -> R {
    let daemon = Daemon::open(options(state), clock(), wall).expect("it comes up");
    let (place, stopper) = (daemon.place().clone(), daemon.stopper());
    thread::scope(|scope| {
        let served = scope.spawn(move || daemon.serve());
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&place)));
        stopper.stop();
        served.join().expect("no panic").expect("all is kept");
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[test]
fn two_clients_see_the_same_vms_and_the_next_daemon_has_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let reached = with_daemon(folder.path(), |place| {
        let (left, right) = (agent(place), agent(place));
        let (mut vm, _) = left
            .create(&spec("cell", Organism::Syn3a), &[])
            .expect("a new name");
        let mut other = right.open(&id("cell")).expect("it is there");
        other.start().expect("it was just created");
        let reached = vm
            .advance(SimSpan::from_micros(5_000_000))
            .expect("it runs");
        let information = right.information().expect("an answer");
        assert_eq!((information.vms, information.pid), (1, std::process::id()));
        reached
    });
    with_daemon(folder.path(), |place| {
        let vm = agent(place).open(&id("cell")).expect("it was kept");
        let status = vm.status().expect("an answer");
        assert_eq!((status.state, status.sim_time), (VmState::Running, reached));
    });
}

#[test]
fn a_second_daemon_is_refused_and_told_who_has_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    with_daemon(folder.path(), |_| {
        let refused = Daemon::open(options(folder.path()), clock(), wall).expect_err("taken");
        let text = refused.to_string();
        let pid = format!("(process {})", std::process::id());
        assert!(text.contains(&pid), "{text}");
    });
    let gone = connect(&Place::of(folder.path()), &hello()).expect_err("it has ended");
    assert!(matches!(gone, LocalError::NotRunning { .. }), "{gone}");
}

#[test]
fn a_process_is_cancelled_from_another_thread_and_by_the_end_of_the_daemon() {
    let folder = tempfile::tempdir().expect("a folder");
    let code = ProcessCode::new("long.star", "advance(1e9)").expect("a program");
    with_daemon(folder.path(), |place| {
        let (mut vm, _) = agent(place)
            .create(&spec("cell", Organism::Syn3a), &[])
            .expect("a new name");
        vm.start().expect("it was just created");
        let second = agent(place);
        thread::scope(|scope| {
            let running = scope.spawn(|| vm.execute_biological_process(&code));
            let mut other = second.open(&id("cell")).expect("it is there");
            // It may not have begun: then it is refused, or ended as soon as it does.
            let stopped = other.stop();
            stopped.expect("it runs");
            match running.join().expect("no panic") {
                Ok(report) => assert!(!report.success),
                Err(error) => assert!(matches!(error, VmError::NotRunning { .. }), "{error}"),
            }
            other.start().expect("it was stopped");
        });
        let stopper_client = agent(place);
        thread::scope(|scope| {
            let running = scope.spawn(|| vm.execute_biological_process(&code));
            stopper_client.shut_down().expect("an answer");
            // Either it was ended and answered, or it came too late to be heard.
            if let Ok(report) = running.join().expect("no panic") {
                assert!(!report.success);
            }
        });
    });
}

#[test]
fn the_vms_of_a_client_that_falls_silent_are_paused() {
    let folder = tempfile::tempdir().expect("a folder");
    with_daemon(folder.path(), |place| {
        let watcher = agent(place);
        for (name, polite) in [("abandoned", false), ("left", true)] {
            let mut channel = with_lease(place);
            let create = crate::Request::Create {
                spec: spec(name, Organism::Syn3a),
                packages: Vec::new(),
            };
            let start = crate::Request::Vm {
                vm: id(name),
                ask: crate::VmRequest::Start,
            };
            for request in [create, start] {
                let answer = crate::Channel::call(&mut channel, &request).expect("an answer");
                assert!(!matches!(answer, crate::Answer::Refused(_)), "{answer:?}");
            }
            if polite {
                channel.into_client().close().expect("it listens");
            } else {
                drop(channel);
            }
        }
        let state = |name| {
            let vm = watcher.open(&id(name)).expect("it is there");
            vm.status().expect("an answer").state
        };
        while state("abandoned") != VmState::Paused {
            thread::yield_now();
        }
        assert_eq!(state("left"), VmState::Running);
    });
}

#[test]
fn a_vm_that_somebody_else_set_going_since_is_not_paused() {
    let folder = tempfile::tempdir().expect("a folder");
    with_daemon(folder.path(), |place| {
        let mut channel = with_lease(place);
        let other = agent(place);
        for name in ["taken over", "kept"].map(|name| name.replace(' ', "-")) {
            let (mut vm, _) = other
                .create(&spec(&name, Organism::Syn3a), &[])
                .expect("new");
            let start = crate::Request::Vm {
                vm: id(&name),
                ask: crate::VmRequest::Start,
            };
            let answer = crate::Channel::call(&mut channel, &start).expect("an answer");
            assert_eq!(answer, crate::Answer::Done);
            if name == "taken-over" {
                vm.pause().expect("it runs");
                vm.resume().expect("it is paused");
            }
        }
        drop(channel);
        let state = |name| {
            let vm = other.open(&id(name)).expect("it is there");
            vm.status().expect("an answer").state
        };
        while state("kept") != VmState::Paused {
            thread::yield_now();
        }
        assert_eq!(state("taken-over"), VmState::Running);
    });
}

#[test]
fn it_ends_and_keeps_all_also_when_nobody_can_reach_its_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = with_daemon(folder.path(), |place| {
        let (mut vm, _) = agent(place)
            .create(&spec("cell", Organism::Syn3a), &[])
            .expect("a new name");
        vm.start().expect("it was just created");
        fs::remove_file(place.socket()).expect("it is there");
        vm.advance(SimSpan::from_micros(1_000_000))
            .expect("it runs");
        vm.save().expect("it is there")
    });
    with_daemon(folder.path(), |place| {
        let vm = agent(place).open(&id("cell")).expect("it was kept");
        assert_eq!(vm.save().expect("it is there"), saved);
    });
}

#[test]
fn a_hundred_clients_are_answered_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    with_daemon(folder.path(), |place| {
        thread::scope(|scope| {
            let clients: Vec<_> = (0..100)
                .map(|n| {
                    scope.spawn(move || {
                        let agent = agent(place);
                        let name = format!("cell-{n}");
                        let spec = spec(&name, Organism::MinimalCell);
                        let (mut vm, _) = agent.create(&spec, &[])?;
                        vm.start()?;
                        vm.advance(SimSpan::from_micros(1_000_000))?;
                        vm.biological_metrics().map(drop)
                    })
                })
                .collect();
            for client in clients {
                client.join().expect("no panic").expect("it is answered");
            }
        });
        assert_eq!(agent(place).statuses().expect("an answer").len(), 100);
    });
}
