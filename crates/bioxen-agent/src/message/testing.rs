//! Random values of everything that messages carry.

use std::time::Duration;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, EcoliMetrics, Elongation,
    GeneId, GrowthPhase, Infrastructure, InstallReport, InstalledPackage, MinimalCellMetrics,
    Molecules, Notice, OperonAction, OperonId, Organism, OrganismMetrics, PaceFactor, Pacing,
    PackageName, PackagePlace, Priority, ProcessCode, ProcessFailure, ProcessFailureKind,
    ProcessLimits, ProcessReport, Quota, ResourceUsage, ResourcesInUse, RibosomeCount,
    RibosomeUnit, Seed, SimSpan, SimTime, Syn3aMetrics, TranscriptionChange, Vitality, VmId,
    VmImage, VmSpec, VmState, VmStatus,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Value, json};

use crate::hello::ProtocolVersion;
use crate::message::{
    Answer, Created, Event, EventNumber, Grant, Information, Inspection, PageSize, Reading,
    Request, UnixMillis, VmRequest,
};

pub(crate) fn vm_id() -> impl Strategy<Value = VmId> {
    "[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}".prop_map(|text| VmId::new(&text).expect("a VM id"))
}

fn gene() -> impl Strategy<Value = GeneId> {
    "[!-~]{1,64}".prop_map(|text| GeneId::new(&text).expect("a gene id"))
}

fn operon() -> impl Strategy<Value = OperonId> {
    "[!-~]{1,64}".prop_map(|text| OperonId::new(&text).expect("an operon id"))
}

fn package() -> impl Strategy<Value = PackageName> {
    "[a-z0-9_-]{1,64}".prop_map(|text| PackageName::new(&text).expect("a package name"))
}

/// Any text, with line ends, quotes and characters that JSON escapes.
pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("\"\\\n\u{1b}[31m\u{0}\u{7f}\u{2028}ü".to_owned())
    ]
}

/// Every number that is equal to itself.
fn real() -> impl Strategy<Value = f64> {
    any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("NaN is not equal to itself", |value| !value.is_nan())
}

fn atp() -> impl Strategy<Value = AtpPercent> {
    (0..=10_000_u16).prop_map(|share| AtpPercent::from_hundredths(share).expect("within 100%"))
}

fn units() -> impl Strategy<Value = RibosomeCount> {
    any::<u32>().prop_map(RibosomeCount::new)
}

fn molecules() -> impl Strategy<Value = Molecules> {
    any::<u64>().prop_map(Molecules::new)
}

fn sim_time() -> impl Strategy<Value = SimTime> {
    any::<u64>().prop_map(SimTime::from_micros)
}

fn sim_span() -> impl Strategy<Value = SimSpan> {
    any::<u64>().prop_map(SimSpan::from_micros)
}

fn unix() -> impl Strategy<Value = UnixMillis> {
    any::<u64>().prop_map(UnixMillis::new)
}

fn organism() -> impl Strategy<Value = Organism> {
    select(&Organism::ALL[..])
}

fn unit() -> impl Strategy<Value = RibosomeUnit> {
    select(&[RibosomeUnit::Share, RibosomeUnit::Physical][..])
}

fn vitality() -> impl Strategy<Value = Vitality> {
    select(&Vitality::ALL[..])
}

fn elongation() -> impl Strategy<Value = Elongation> {
    select(&[Elongation::Queue, Elongation::Exponential][..])
}

fn priority() -> impl Strategy<Value = Priority> {
    (1..=100_u8).prop_map(|weight| Priority::new(weight).expect("within 1 to 100"))
}

fn page() -> impl Strategy<Value = PageSize> {
    (1..=10_000_u32).prop_map(|entries| PageSize::new(entries).expect("within 1 to 10,000"))
}

fn pacing() -> impl Strategy<Value = Pacing> {
    let factor = real().prop_filter_map("a factor", |factor| PaceFactor::new(factor).ok());
    prop_oneof![
        Just(Pacing::Manual),
        Just(Pacing::Unpaced),
        factor.prop_map(|factor| Pacing::RealTime { factor }),
    ]
}

pub(crate) fn spec() -> impl Strategy<Value = VmSpec> {
    let name = (vm_id(), organism(), any::<u64>());
    let rest = (atp(), units(), unit(), pacing(), priority(), elongation());
    (name, rest).prop_map(|((id, organism, seed), rest)| {
        let (atp, ribosomes, unit, pacing, priority, elongation) = rest;
        VmSpec::builder(id, organism, Seed::new(seed))
            .atp(atp)
            .ribosomes(ribosomes)
            .ribosome_unit(unit)
            .pacing(pacing)
            .priority(priority)
            .elongation(elongation)
            .build()
            .expect("ribosomes are given")
    })
}

fn quota() -> impl Strategy<Value = Quota> {
    (atp(), units(), unit()).prop_map(|(atp, ribosomes, unit)| Quota {
        atp,
        ribosomes,
        unit,
    })
}

fn status() -> impl Strategy<Value = VmStatus> {
    let first = (vm_id(), organism(), select(&VmState::ALL[..]), sim_time());
    let second = (any::<u32>(), vitality(), quota(), pacing(), any::<u64>());
    (first, second).prop_map(|((id, organism, state, sim_time), second)| {
        let (generation, vitality, quota, pacing, seed) = second;
        VmStatus {
            id,
            organism,
            infrastructure: Infrastructure::Basic,
            state,
            sim_time,
            generation,
            vitality,
            quota,
            pacing,
            seed: Seed::new(seed),
        }
    })
}

fn organism_metrics() -> impl Strategy<Value = OrganismMetrics> {
    let syn3a =
        (real(), any::<[u32; 4]>(), vitality()).prop_map(|(atp_percent, counts, status)| {
            OrganismMetrics::Syn3a(Syn3aMetrics {
                atp_percent,
                essential_genes_count: counts[0],
                essential_genes_total: counts[1],
                essential_and_quasi_count: counts[2],
                essential_and_quasi_total: counts[3],
                minimal_status: status,
            })
        });
    let used = (
        btree_map(text(), real(), 0..4),
        molecules(),
        molecules(),
        btree_map(text(), any::<u64>(), 0..4),
    )
        .prop_map(|(atp_per_s, ribosomes, rnap, pools)| ResourcesInUse {
            atp_per_s,
            ribosomes,
            rnap,
            pools,
        });
    let functions = btree_map(text(), real(), 0..4);
    let minimal = (vec(text(), 0..4), real(), functions, used, vitality()).prop_map(
        |(basic_functions, efficiency, function_efficiency, resource_usage, minimal_status)| {
            OrganismMetrics::MinimalCell(MinimalCellMetrics {
                basic_functions,
                efficiency,
                function_efficiency,
                resource_usage,
                minimal_status,
            })
        },
    );
    let ecoli = (
        real(),
        select(&GrowthPhase::ALL[..]),
        real(),
        any::<u32>(),
        btree_map(text(), any::<bool>(), 0..4),
        vitality(),
    )
        .prop_map(
            |(growth_rate, growth_phase, ppgpp, plasmids, operons_active, status)| {
                OrganismMetrics::Ecoli(EcoliMetrics {
                    growth_rate,
                    growth_phase,
                    ppgpp,
                    plasmids,
                    operons_active,
                    status,
                })
            },
        );
    prop_oneof![syn3a, minimal, ecoli]
}

fn metrics() -> impl Strategy<Value = BiologicalMetrics> {
    let first = (sim_time(), any::<u32>(), [real(), real(), real(), real()]);
    let second = (molecules(), molecules(), any::<u64>(), organism_metrics());
    (first, second).prop_map(|((sim_time, generation, reals), second)| {
        let (protein_total, mrna_total, dna_bp, organism) = second;
        BiologicalMetrics {
            sim_time,
            generation,
            growth_rate_per_h: reals[0],
            energy_charge: reals[1],
            volume_al: reals[2],
            surface_nm2: reals[3],
            protein_total,
            mrna_total,
            dna_bp,
            organism,
        }
    })
}

fn available() -> impl Strategy<Value = AvailableResources> {
    (atp(), units(), units(), any::<u32>()).prop_map(|(atp, free, capacity, vms)| {
        AvailableResources {
            atp_percent_free: atp,
            ribosome_units_free: free,
            ribosome_units_capacity: capacity,
            vms,
        }
    })
}

fn notice() -> impl Strategy<Value = Notice> {
    (units(), units()).prop_map(|(asked, granted)| Notice::RibosomesClamped { asked, granted })
}

fn allocation() -> impl Strategy<Value = Allocation> {
    (
        quota(),
        available(),
        molecules(),
        molecules(),
        option::of(notice()),
    )
        .prop_map(
            |(quota, free, ribosome_cap, ribosomes_total, notice)| Allocation {
                quota,
                free,
                ribosome_cap,
                ribosomes_total,
                notice,
            },
        )
}

pub(crate) fn usage() -> impl Strategy<Value = ResourceUsage> {
    let causes = vec((text(), real()), 0..4);
    let first = (sim_time(), atp(), units(), unit(), causes);
    let reals = [real(), real(), real(), real()];
    (first, reals, any::<[u64; 5]>()).prop_map(|(first, reals, counts)| {
        let (sim_time, atp_quota, allocated_ribosomes, ribosome_unit, atp_use_per_s) = first;
        ResourceUsage {
            sim_time,
            atp_percent: reals[0],
            atp_quota,
            atp_regenerated_percent: reals[1],
            energy_charge: reals[2],
            ribosome_utilization: reals[3],
            allocated_ribosomes,
            ribosome_unit,
            ribosome_cap: Molecules::new(counts[0]),
            ribosomes_total: Molecules::new(counts[1]),
            ribosomes_translating: Molecules::new(counts[2]),
            rnap_total: Molecules::new(counts[3]),
            rnap_transcribing: Molecules::new(counts[4]),
            atp_use_per_s,
        }
    })
}

fn failure() -> impl Strategy<Value = ProcessFailure> {
    use ProcessFailureKind as Kind;
    let kinds = [
        Kind::Syntax,
        Kind::Runtime,
        Kind::UnknownGene,
        Kind::Unsupported,
        Kind::UnknownPackage,
        Kind::TimeLimit,
        Kind::StepLimit,
        Kind::HeapLimit,
        Kind::OutputLimit,
        Kind::Cancelled,
    ];
    (select(kinds.to_vec()), text(), option::of(any::<u32>())).prop_map(|(kind, message, line)| {
        ProcessFailure {
            kind,
            message,
            line,
        }
    })
}

fn report() -> impl Strategy<Value = ProcessReport> {
    let texts = (option::of(text()), text(), text());
    let rest = (
        any::<bool>(),
        option::of(failure()),
        sim_time(),
        sim_time(),
        any::<u64>(),
    );
    (texts, rest).prop_map(|((result_json, stdout, stderr), rest)| {
        let (success, failure, started_at, ended_at, steps) = rest;
        ProcessReport {
            success,
            result_json,
            stdout,
            stderr,
            failure,
            started_at,
            ended_at,
            steps,
        }
    })
}

fn install_report() -> impl Strategy<Value = InstallReport> {
    (package(), any::<bool>(), text(), text()).prop_map(|(package, success, stdout, stderr)| {
        InstallReport {
            package,
            success,
            stdout,
            stderr,
        }
    })
}

fn installed() -> impl Strategy<Value = InstalledPackage> {
    let places = [
        PackagePlace::Plasmid,
        PackagePlace::Chromosome,
        PackagePlace::Programs,
    ];
    (text(), text(), select(places.to_vec())).prop_map(|(name, version, place)| InstalledPackage {
        name,
        version,
        place,
    })
}

fn change() -> impl Strategy<Value = TranscriptionChange> {
    (gene(), gene(), real(), real(), sim_span(), sim_span()).prop_map(
        |(gene, locus_tag, before, after, transcript, protein)| TranscriptionChange {
            gene,
            locus_tag,
            activity_before: before,
            activity_after: after,
            expected_first_transcript: transcript,
            expected_first_protein: protein,
        },
    )
}

fn image() -> impl Strategy<Value = VmImage> {
    vec(any::<u8>(), 0..64).prop_map(VmImage::from_bytes)
}

fn code() -> impl Strategy<Value = ProcessCode> {
    let name = "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{1,60}";
    (name, text()).prop_map(|(name, source)| {
        let source = source.replace('\0', "");
        ProcessCode::new(&name, &source).expect("a program text")
    })
}

fn limits() -> impl Strategy<Value = ProcessLimits> {
    any::<[u64; 4]>().prop_map(|[wall, steps, heap_bytes, output_bytes]| ProcessLimits {
        wall: Duration::from_micros(wall),
        steps,
        heap_bytes,
        output_bytes,
    })
}

fn grant() -> impl Strategy<Value = Grant> {
    prop_oneof![
        atp().prop_map(Grant::Atp),
        units().prop_map(Grant::Ribosomes),
        (atp(), units()).prop_map(|(atp, ribosomes)| Grant::Both { atp, ribosomes }),
    ]
}

fn vm_request() -> impl Strategy<Value = VmRequest> {
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
    let execute = (code(), option::of(limits()));
    let operons = (vec(operon(), 0..4), select(&OperonAction::ALL[..]));
    prop_oneof![
        4 => select(bare.to_vec()),
        1 => sim_span().prop_map(VmRequest::Advance),
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

pub(crate) fn request() -> impl Strategy<Value = Request> {
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

fn created() -> impl Strategy<Value = Created> {
    let packages = vec(install_report(), 0..3);
    (status(), option::of(notice()), packages).prop_map(|(status, notice, packages)| Created {
        status,
        notice,
        packages,
    })
}

fn inspection() -> impl Strategy<Value = Inspection> {
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

fn reading() -> impl Strategy<Value = Reading> {
    (unix(), usage()).prop_map(|(taken_at, usage)| Reading { taken_at, usage })
}

fn event() -> impl Strategy<Value = Event> {
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

fn information() -> impl Strategy<Value = Information> {
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
pub(crate) fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Done),
        created().prop_map(|value| Answer::Created(Box::new(value))),
        status().prop_map(|value| Answer::Status(Box::new(value))),
        metrics().prop_map(|value| Answer::Metrics(Box::new(value))),
        sim_time().prop_map(Answer::Reached),
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

/// The JSON with another value somewhere in it.
pub(super) fn altered(json: &[u8], place: usize, value: usize) -> Vec<u8> {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(entries) => entries.iter().map(count).sum(),
            Value::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    fn replace(value: &mut Value, place: &mut usize, with: &Value) {
        if *place == 0 {
            *value = with.clone();
        }
        *place = place.wrapping_sub(1);
        match value {
            Value::Array(entries) => entries.iter_mut().for_each(|v| replace(v, place, with)),
            Value::Object(fields) => fields.values_mut().for_each(|v| replace(v, place, with)),
            _ => {}
        }
    }
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("NaN"),
        json!("x".repeat(300)),
        json!([[]]),
        json!({"a": {}}),
    ];
    let mut whole: Value = serde_json::from_slice(json).expect("JSON");
    let mut place = place % count(&whole);
    replace(&mut whole, &mut place, &values[value % values.len()]);
    serde_json::to_vec(&whole).expect("a value")
}
