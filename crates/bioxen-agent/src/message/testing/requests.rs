//! What is asked.

use std::time::Duration;

use bioxen_core::{Goal, OperonAction, ProcessCode, ProcessLimits, Sampling};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::reports::image;
use super::values::{
    atp, gene, operon, package, page, sim_span, sim_time, spec, text, units, vm_id,
};
use crate::message::{EventNumber, Grant, Request, VmRequest};

pub(super) fn code() -> impl Strategy<Value = ProcessCode> {
    let name = "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{1,60}";
    (name, text()).prop_map(|(name, source)| {
        let source = source.replace('\0', "");
        ProcessCode::new(&name, &source).expect("a program text")
    })
}

pub(super) fn limits() -> impl Strategy<Value = ProcessLimits> {
    any::<[u64; 4]>().prop_map(|[wall, steps, heap_bytes, output_bytes]| ProcessLimits {
        wall: Duration::from_micros(wall),
        steps,
        heap_bytes,
        output_bytes,
    })
}

pub(super) fn grant() -> impl Strategy<Value = Grant> {
    prop_oneof![
        atp().prop_map(Grant::Atp),
        units().prop_map(Grant::Ribosomes),
        (atp(), units()).prop_map(|(atp, ribosomes)| Grant::Both { atp, ribosomes }),
    ]
}

pub(super) fn goal() -> impl Strategy<Value = Goal> {
    let generations = (any::<u32>(), sim_time());
    prop_oneof![
        sim_time().prop_map(Goal::Until),
        generations.prop_map(|(count, until)| Goal::Generations(count, until)),
    ]
}

pub(super) fn sampling() -> impl Strategy<Value = Sampling> {
    (sim_time(), sim_span()).prop_map(|(from, every)| Sampling { from, every })
}

pub(super) fn vm_request() -> impl Strategy<Value = VmRequest> {
    let bare = [
        VmRequest::Start,
        VmRequest::Pause,
        VmRequest::Resume,
        VmRequest::Stop,
        VmRequest::Destroy,
        VmRequest::Packages,
        VmRequest::Status,
        VmRequest::Metrics,
        VmRequest::Usage,
        VmRequest::Available,
        VmRequest::Save,
        VmRequest::EssentialGenes,
        VmRequest::PlasmidCount,
        VmRequest::Inspect,
    ];
    let run = (goal(), option::of(sampling()));
    let execute = (code(), option::of(limits()));
    let operons = (vec(operon(), 0..4), select(&OperonAction::ALL[..]));
    prop_oneof![
        4 => select(bare.to_vec()),
        1 => sim_span().prop_map(VmRequest::Advance),
        1 => run.prop_map(|(goal, sampling)| VmRequest::Run { goal, sampling }),
        1 => execute.prop_map(|(code, limits)| VmRequest::Execute { code, limits }),
        1 => package().prop_map(VmRequest::Install),
        1 => package().prop_map(VmRequest::Remove),
        1 => grant().prop_map(VmRequest::Allocate),
        1 => image().prop_map(VmRequest::Restore),
        1 => vec(gene(), 0..4).prop_map(VmRequest::StartTranscription),
        1 => operons.prop_map(|(operons, action)| VmRequest::ManageOperons { operons, action }),
        1 => page().prop_map(VmRequest::History),
    ]
}

pub(in crate::message) fn request() -> impl Strategy<Value = Request> {
    let create = (spec(), vec(package(), 0..4));
    let events = (any::<u64>().prop_map(EventNumber::new), page());
    prop_oneof![
        2 => create.prop_map(|(spec, packages)| Request::Create { spec, packages }),
        12 => (vm_id(), vm_request()).prop_map(|(vm, ask)| Request::Vm { vm, ask }),
        1 => events.prop_map(|(since, limit)| Request::Events { since, limit }),
        1 => Just(Request::List),
        1 => Just(Request::Information),
        1 => Just(Request::ShutDown),
    ]
}
