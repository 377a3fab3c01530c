//! What a VM says about itself and its cell.

use bioxen_core::{
    Allocation, AvailableResources, BiologicalMetrics, EcoliMetrics, GrowthPhase, Infrastructure,
    InstallReport, InstalledPackage, MinimalCellMetrics, Molecules, Notice, OrganismMetrics,
    PackagePlace, ProcessFailure, ProcessFailureKind, ProcessReport, Quota, ResourceUsage,
    ResourcesInUse, Sample, Seed, Syn3aMetrics, TranscriptionChange, VmImage, VmState, VmStatus,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;

use super::values::{
    atp, gene, molecules, organism, pacing, package, real, sim_span, sim_time, text, unit, units,
    vitality, vm_id,
};

pub(super) fn quota() -> impl Strategy<Value = Quota> {
    (atp(), units(), unit()).prop_map(|(atp, ribosomes, unit)| Quota {
        atp,
        ribosomes,
        unit,
    })
}

pub(super) fn status() -> impl Strategy<Value = VmStatus> {
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

pub(super) fn organism_metrics() -> impl Strategy<Value = OrganismMetrics> {
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

pub(super) fn metrics() -> impl Strategy<Value = BiologicalMetrics> {
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

pub(super) fn available() -> impl Strategy<Value = AvailableResources> {
    (atp(), units(), units(), any::<u32>()).prop_map(|(atp, free, capacity, vms)| {
        AvailableResources {
            atp_percent_free: atp,
            ribosome_units_free: free,
            ribosome_units_capacity: capacity,
            vms,
        }
    })
}

pub(super) fn notice() -> impl Strategy<Value = Notice> {
    (units(), units()).prop_map(|(asked, granted)| Notice::RibosomesClamped { asked, granted })
}

pub(super) fn allocation() -> impl Strategy<Value = Allocation> {
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

pub(super) fn usage() -> impl Strategy<Value = ResourceUsage> {
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

pub(super) fn sample() -> impl Strategy<Value = Sample> {
    let reals = vec(real(), 7);
    let first = (sim_time(), reals, any::<[u32; 7]>());
    (first, any::<[u64; 3]>()).prop_map(|((time, reals, small), large)| Sample {
        time,
        generation: small[0],
        atp_mm: reals[0],
        energy_charge: reals[1],
        gtp_mm: reals[2],
        ribosomes_translating: small[1],
        ribosomes_free: small[2],
        ribosome_cap: small[3],
        rnap_total: small[4],
        rnap_transcribing: small[5],
        degradosomes: small[6],
        mrna: large[0],
        proteins: large[1],
        protein_mass: reals[3],
        volume_al: reals[4],
        surface_nm2: reals[5],
        dna_bp: large[2],
        growth_rate_per_h: reals[6],
    })
}

pub(super) fn failure() -> impl Strategy<Value = ProcessFailure> {
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

pub(super) fn report() -> impl Strategy<Value = ProcessReport> {
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

pub(super) fn install_report() -> impl Strategy<Value = InstallReport> {
    (package(), any::<bool>(), text(), text()).prop_map(|(package, success, stdout, stderr)| {
        InstallReport {
            package,
            success,
            stdout,
            stderr,
        }
    })
}

pub(super) fn installed() -> impl Strategy<Value = InstalledPackage> {
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

pub(super) fn change() -> impl Strategy<Value = TranscriptionChange> {
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

pub(super) fn image() -> impl Strategy<Value = VmImage> {
    vec(any::<u8>(), 0..64).prop_map(VmImage::from_bytes)
}
