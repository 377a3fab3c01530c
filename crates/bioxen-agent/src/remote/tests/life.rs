//! VMs are driven through messages as they are driven in process.

use std::thread;

use bioxen_core::{
    AtpPercent, BiologicalVm, GeneId, OperonAction, OperonId, Organism, OrganismMetrics, Pacing,
    PackageName, ProcessCode, ProcessLimits, RibosomeCount, Seed, SimSpan, SimTime, VmError,
    VmEvent, VmId, VmImage, VmSpec, VmState,
};

use super::agent::{Loopback, free};
use crate::message::{Answer, EventNumber, Grant, PageSize, Request};
use crate::remote::{AnswerError, Channel, RemoteHypervisor};

fn id(text: &str) -> VmId {
    VmId::new(text).unwrap()
}

fn spec(name: &str, organism: Organism) -> VmSpec {
    VmSpec::builder(id(name), organism, Seed::new(u64::MAX))
        .pacing(Pacing::Manual)
        .build()
        .unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, VmError>) -> String {
    answer.expect_err("refused").to_string()
}

#[test]
fn a_vm_lives_its_life() {
    let hypervisor = RemoteHypervisor::new(Loopback::new());
    let gfp = PackageName::new("gfp").unwrap();
    let (mut vm, created) = hypervisor
        .create(&spec("cell-1", Organism::Syn3a), std::slice::from_ref(&gfp))
        .unwrap();
    assert_eq!(created.packages[0].stdout, "installed gfp");
    assert_eq!((vm.id(), vm.organism()), (&id("cell-1"), Organism::Syn3a));
    assert_eq!(vm.status().unwrap(), created.status);
    assert_eq!(created.status.seed, Seed::new(u64::MAX));

    assert_eq!(
        refused(vm.pause()),
        "a VM that was never started cannot pause"
    );
    assert_eq!(
        refused(vm.advance(SimSpan::ZERO)),
        "cannot advance on VM \"cell-1\", which is in state created"
    );
    vm.start().unwrap();
    assert_eq!(
        vm.advance(SimSpan::from_micros(90)).unwrap(),
        SimTime::from_micros(90)
    );
    vm.pause().unwrap();
    vm.resume().unwrap();
    vm.stop().unwrap();
    assert_eq!(vm.status().unwrap().state, VmState::Stopped);
    vm.start().unwrap();

    let code = ProcessCode::new("p.star", "print('ü')").unwrap();
    let report = vm.execute_biological_process(&code).unwrap();
    assert_eq!(report.stdout, "print('ü')");
    assert_eq!(
        (report.started_at.micros(), report.ended_at.micros()),
        (90, 95)
    );
    let limits = ProcessLimits {
        steps: 12,
        ..ProcessLimits::default()
    };
    assert_eq!(vm.execute_within(&code, Some(limits)).unwrap().steps, 12);

    let image = vm.save().unwrap();
    vm.advance(SimSpan::from_micros(1_000)).unwrap();
    vm.restore(&image).unwrap();
    assert_eq!(vm.status().unwrap().sim_time.micros(), 100);
    let bad = vm
        .restore(&VmImage::from_bytes(vec![1]))
        .expect_err("no image");
    assert!(matches!(bad, VmError::Image(_)), "{bad}");

    vm.destroy().unwrap();
    assert!(hypervisor.statuses().unwrap().is_empty());
}

#[test]
fn questions_and_quotas_are_answered_as_the_agent_answers_them() {
    let hypervisor = RemoteHypervisor::new(Loopback::new());
    let (mut vm, _) = hypervisor
        .create(&spec("cell-1", Organism::Ecoli), &[])
        .unwrap();
    let metrics = vm.biological_metrics().unwrap();
    assert!(matches!(metrics.organism, OrganismMetrics::Ecoli(_)));
    assert_eq!(vm.available_resources().unwrap(), free());
    assert_eq!(vm.essential_genes().unwrap()[0].as_str(), "dnaA");
    assert_eq!(vm.plasmid_count().unwrap(), 3);

    let half = AtpPercent::from_hundredths(5_000).unwrap();
    assert_eq!(vm.allocate_atp(half).unwrap().quota.atp, half);
    let error = vm.allocate_atp(AtpPercent::FULL).expect_err("too much");
    assert_eq!(
        error.hint().as_deref(),
        Some("ask for 50% or less, or lower the share of another VM")
    );
    let eight = RibosomeCount::new(8);
    let allocation = vm.allocate_ribosomes(eight).unwrap();
    assert_eq!(
        (allocation.quota.atp, allocation.quota.ribosomes),
        (half, eight)
    );
    let both = Grant::Both {
        atp: AtpPercent::ZERO,
        ribosomes: RibosomeCount::ZERO,
    };
    let usage = vm.allocate(both).and_then(|_| vm.resource_usage()).unwrap();
    assert_eq!(usage.atp_quota, AtpPercent::ZERO);

    let operons = [OperonId::new("lacZYA").unwrap()];
    vm.manage_operons(&operons, OperonAction::Activate).unwrap();
    let genes = [GeneId::new("dnaA").unwrap()];
    let error = vm.start_transcription(&genes).expect_err("by operon");
    assert_eq!(
        error.hint().as_deref(),
        Some("its genes are switched by operon: use manage_operons")
    );

    let gfp = PackageName::new("gfp").unwrap();
    assert!(vm.install_biological_package(&gfp).unwrap().success);
    assert_eq!(vm.installed_packages().unwrap()[0].name, "gfp");
    let inspection = vm.inspect().unwrap();
    assert_eq!(inspection.packages, vm.installed_packages().unwrap());
    assert!(vm.remove_biological_package(&gfp).unwrap().success);
    let error = vm.remove_biological_package(&gfp).expect_err("not there");
    assert_eq!(error.to_string(), "the agent could not do it");

    let page = PageSize::new(5).unwrap();
    assert_eq!(vm.history(page).unwrap()[0].usage, usage);
    let (other, _) = hypervisor
        .create(&spec("cell-2", Organism::Syn3a), &[])
        .unwrap();
    drop(other);
    let mut other = hypervisor.open(&id("cell-2")).unwrap();
    assert_eq!(
        other.start_transcription(&genes).unwrap()[0].activity_after,
        10.0
    );
    assert_eq!(hypervisor.statuses().unwrap().len(), 2);
    assert_eq!(
        refused(hypervisor.open(&id("cell-3"))),
        "no VM is named \"cell-3\""
    );
    assert_eq!(
        refused(hypervisor.create(&spec("cell-2", Organism::Syn3a), &[])),
        "a VM named \"cell-2\" exists already"
    );
}

#[test]
fn the_agent_answers_for_itself() {
    let loopback = Loopback::new();
    let hypervisor = RemoteHypervisor::new(loopback.clone());
    assert_eq!(hypervisor.information().unwrap().pid, 7);
    let page = PageSize::new(1).unwrap();
    let events = hypervisor.events(EventNumber::new(4), page).unwrap();
    assert_eq!(events[0].number, EventNumber::new(5));
    hypervisor.shut_down().unwrap();
    assert!(loopback.agent.lock().shut_down);
}

#[test]
fn what_was_destroyed_is_never_asked_again() {
    let loopback = Loopback::new();
    let hypervisor = RemoteHypervisor::new(loopback.clone());
    let spec = spec("cell-1", Organism::Syn3a);
    let (mut vm, _) = hypervisor.create(&spec, &[]).unwrap();
    let probe = vm.probe();
    vm.destroy().unwrap();
    // Another VM of the same name, which the old handle must leave alone.
    let _ = hypervisor.create(&spec, &[]).unwrap();
    let asked = loopback.agent.lock().asked.len();

    let events = [
        (VmEvent::Start, vm.start()),
        (VmEvent::Pause, vm.pause()),
        (VmEvent::Resume, vm.resume()),
        (VmEvent::Stop, vm.stop()),
        (VmEvent::Destroy, vm.destroy()),
    ];
    for (event, answer) in events {
        assert_eq!(refused(answer), format!("a destroyed VM cannot {event}"));
    }
    assert_eq!(vm.status().unwrap().state, VmState::Destroyed);
    assert_eq!(refused(vm.save()), "no VM is named \"cell-1\"");
    let code = ProcessCode::new("p.star", "1").unwrap();
    let error = vm.execute_biological_process(&code);
    assert_eq!(
        refused(error),
        "cannot run a process on VM \"cell-1\", which is in state destroyed"
    );
    assert_eq!(probe.usage(), None);
    assert_eq!(loopback.agent.lock().asked.len(), asked);
}

#[test]
fn a_probe_asks_and_falls_back_on_what_it_last_heard() {
    let loopback = Loopback::new();
    let hypervisor = RemoteHypervisor::new(loopback.clone());
    let (mut vm, _) = hypervisor
        .create(&spec("cell-1", Organism::Syn3a), &[])
        .unwrap();
    let probe = vm.probe();
    assert_eq!(probe.id().as_str(), "cell-1");
    let at = |micros| Some(SimTime::from_micros(micros));
    let seen = || probe.usage().map(|usage| usage.sim_time);
    {
        let _busy = hypervisor.channel.lock();
        assert_eq!(seen(), None);
    }
    assert_eq!(seen(), at(0));
    vm.start().unwrap();
    vm.advance(SimSpan::from_micros(7)).unwrap();
    {
        let _busy = hypervisor.channel.lock();
        assert_eq!(seen(), at(0));
    }
    *loopback.cut.lock() = true;
    assert_eq!(seen(), at(0));
    *loopback.cut.lock() = false;
    vm.inspect().unwrap();
    *loopback.cut.lock() = true;
    assert_eq!(seen(), at(7));
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(seen(), at(7)));
    });
    assert_eq!(refused(vm.pause()), "the agent did not answer");
}

#[test]
fn an_answer_to_something_else_is_an_error() {
    #[derive(Debug)]
    struct Confused;
    impl Channel for Confused {
        fn call(&mut self, _: &Request) -> Result<Answer, VmError> {
            Ok(Answer::Plasmids(1))
        }
    }
    let error = RemoteHypervisor::new(Confused)
        .open(&id("cell-1"))
        .expect_err("not a status");
    assert_eq!(error.to_string(), "the agent answered something else");
    let VmError::Backend { source, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(source.to_string(), "status was answered with plasmids");
    assert!(source.is::<AnswerError>());
}
