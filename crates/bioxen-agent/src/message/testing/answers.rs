//! What is answered.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use super::reports::{
    allocation, available, change, image, install_report, installed, metrics, notice, report,
    sample, status, usage,
};
use super::values::{elongation, gene, priority, sim_time, text, unix, vm_id};
use crate::hello::ProtocolVersion;
use crate::message::{Answer, Created, Event, EventNumber, Information, Inspection, Ran, Reading};

pub(super) fn created() -> impl Strategy<Value = Created> {
    let packages = vec(install_report(), 0..3);
    (status(), option::of(notice()), packages).prop_map(|(status, notice, packages)| Created {
        status,
        notice,
        packages,
    })
}

pub(super) fn ran() -> impl Strategy<Value = Ran> {
    let first = (sim_time(), any::<u32>(), any::<bool>());
    (first, vec(sample(), 0..3)).prop_map(|((sim_time, generation, is_at_goal), samples)| Ran {
        sim_time,
        generation,
        is_at_goal,
        samples,
    })
}

pub(super) fn inspection() -> impl Strategy<Value = Inspection> {
    let usage = option::of(usage());
    let first = (status(), priority(), elongation(), unix());
    (first, usage, vec(installed(), 0..3)).prop_map(|(first, usage, packages)| {
        let (status, priority, elongation, created_at) = first;
        Inspection {
            status,
            priority,
            elongation,
            created_at,
            usage,
            packages,
        }
    })
}

pub(super) fn reading() -> impl Strategy<Value = Reading> {
    (unix(), usage()).prop_map(|(taken_at, usage)| Reading { taken_at, usage })
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    (any::<u64>(), unix(), option::of(vm_id()), text(), text()).prop_map(
        |(number, at, vm, kind, text)| Event {
            number: EventNumber::new(number),
            at,
            vm,
            kind,
            text,
        },
    )
}

pub(super) fn information() -> impl Strategy<Value = Information> {
    let protocol = any::<(u16, u16)>().prop_map(|(major, minor)| ProtocolVersion { major, minor });
    let uptime = any::<u64>().prop_map(Duration::from_micros);
    (text(), protocol, text(), uptime, any::<[u32; 3]>()).prop_map(
        |(agent_version, protocol, state_folder, uptime, [pid, vms, threads])| Information {
            agent_version,
            protocol,
            pid,
            state_folder,
            uptime,
            vms,
            threads,
        },
    )
}

/// Every kind of answer but refusals, which have tests of their own.
pub(in crate::message) fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Done),
        created().prop_map(|value| Answer::Created(Box::new(value))),
        status().prop_map(|value| Answer::Status(Box::new(value))),
        metrics().prop_map(|value| Answer::Metrics(Box::new(value))),
        sim_time().prop_map(Answer::Reached),
        ran().prop_map(|value| Answer::Ran(Box::new(value))),
        report().prop_map(|value| Answer::Process(Box::new(value))),
        allocation().prop_map(|value| Answer::Allocation(Box::new(value))),
        usage().prop_map(|value| Answer::Usage(Box::new(value))),
        available().prop_map(Answer::Available),
        image().prop_map(Answer::Image),
        install_report().prop_map(Answer::Installed),
        vec(installed(), 0..4).prop_map(Answer::Packages),
        vec(gene(), 0..4).prop_map(Answer::Genes),
        vec(change(), 0..4).prop_map(Answer::Transcription),
        any::<u32>().prop_map(Answer::Plasmids),
        vec(status(), 0..4).prop_map(Answer::Vms),
        inspection().prop_map(|value| Answer::Inspection(Box::new(value))),
        vec(reading(), 0..4).prop_map(Answer::History),
        vec(event(), 0..4).prop_map(Answer::Events),
        information().prop_map(Answer::Information),
    ]
}
