//! Reports: structs of the domain.

use std::collections::BTreeMap;
use std::time::Duration;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, EcoliMetrics, Elongation,
    GeneId, GrowthPhase, Infrastructure, InstallReport, InstalledPackage, MinimalCellMetrics,
    Molecules, Notice, Organism, OrganismMetrics, Pacing, PackageName, PackagePlace, Priority,
    ProcessFailure, ProcessFailureKind, ProcessLimits, Quota, ResourceUsage, ResourcesInUse,
    RibosomeCount, RibosomeUnit, Sample, Seed, SimSpan, SimTime, Syn3aMetrics, TranscriptionChange,
    Vitality, VmId, VmState, VmStatus,
};
use serde::{Deserialize, Serialize};

use crate::hello::ProtocolVersion;
use crate::message::wire;
use crate::message::wire::mirrored;
use crate::message::{
    Created, Event, EventNumber, Information, Inspection, Ran, Reading, UnixMillis,
};

#[derive(Serialize, Deserialize)]
#[serde(remote = "VmStatus")]
struct VmStatusWire {
    #[serde(with = "wire")]
    id: VmId,
    #[serde(with = "wire")]
    organism: Organism,
    #[serde(with = "wire")]
    infrastructure: Infrastructure,
    #[serde(with = "wire")]
    state: VmState,
    #[serde(rename = "sim_time_us", with = "wire")]
    sim_time: SimTime,
    generation: u32,
    #[serde(with = "wire")]
    vitality: Vitality,
    #[serde(with = "wire")]
    quota: Quota,
    #[serde(with = "wire")]
    pacing: Pacing,
    #[serde(with = "wire")]
    seed: Seed,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Quota")]
struct QuotaWire {
    #[serde(rename = "atp_hundredths", with = "wire")]
    atp: AtpPercent,
    #[serde(with = "wire")]
    ribosomes: RibosomeCount,
    #[serde(with = "wire")]
    unit: RibosomeUnit,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BiologicalMetrics")]
struct BiologicalMetricsWire {
    #[serde(rename = "sim_time_us", with = "wire")]
    sim_time: SimTime,
    generation: u32,
    #[serde(with = "wire")]
    growth_rate_per_h: f64,
    #[serde(with = "wire")]
    energy_charge: f64,
    #[serde(with = "wire")]
    volume_al: f64,
    #[serde(with = "wire")]
    surface_nm2: f64,
    #[serde(with = "wire")]
    protein_total: Molecules,
    #[serde(with = "wire")]
    mrna_total: Molecules,
    dna_bp: u64,
    #[serde(with = "wire")]
    organism: OrganismMetrics,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "OrganismMetrics", rename_all = "snake_case")]
#[non_exhaustive]
enum OrganismMetricsWire {
    Syn3a(#[serde(with = "wire")] Syn3aMetrics),
    MinimalCell(#[serde(with = "wire")] MinimalCellMetrics),
    Ecoli(#[serde(with = "wire")] EcoliMetrics),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Syn3aMetrics")]
struct Syn3aMetricsWire {
    #[serde(with = "wire")]
    atp_percent: f64,
    essential_genes_count: u32,
    essential_genes_total: u32,
    essential_and_quasi_count: u32,
    essential_and_quasi_total: u32,
    #[serde(with = "wire")]
    minimal_status: Vitality,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "MinimalCellMetrics")]
struct MinimalCellMetricsWire {
    #[serde(with = "wire")]
    basic_functions: Vec<String>,
    #[serde(with = "wire")]
    efficiency: f64,
    #[serde(with = "wire")]
    function_efficiency: BTreeMap<String, f64>,
    #[serde(with = "wire")]
    resource_usage: ResourcesInUse,
    #[serde(with = "wire")]
    minimal_status: Vitality,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ResourcesInUse")]
struct ResourcesInUseWire {
    #[serde(with = "wire")]
    atp_per_s: BTreeMap<String, f64>,
    #[serde(with = "wire")]
    ribosomes: Molecules,
    #[serde(with = "wire")]
    rnap: Molecules,
    #[serde(with = "wire")]
    pools: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EcoliMetrics")]
struct EcoliMetricsWire {
    #[serde(with = "wire")]
    growth_rate: f64,
    #[serde(with = "wire")]
    growth_phase: GrowthPhase,
    #[serde(with = "wire")]
    ppgpp: f64,
    plasmids: u32,
    #[serde(with = "wire")]
    operons_active: BTreeMap<String, bool>,
    #[serde(with = "wire")]
    status: Vitality,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TranscriptionChange")]
struct TranscriptionChangeWire {
    #[serde(with = "wire")]
    gene: GeneId,
    #[serde(with = "wire")]
    locus_tag: GeneId,
    #[serde(with = "wire")]
    activity_before: f64,
    #[serde(with = "wire")]
    activity_after: f64,
    #[serde(rename = "expected_first_transcript_us", with = "wire")]
    expected_first_transcript: SimSpan,
    #[serde(rename = "expected_first_protein_us", with = "wire")]
    expected_first_protein: SimSpan,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Allocation")]
struct AllocationWire {
    #[serde(with = "wire")]
    quota: Quota,
    #[serde(with = "wire")]
    free: AvailableResources,
    #[serde(with = "wire")]
    ribosome_cap: Molecules,
    #[serde(with = "wire")]
    ribosomes_total: Molecules,
    #[serde(default, with = "wire")]
    notice: Option<Notice>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AvailableResources")]
struct AvailableResourcesWire {
    #[serde(rename = "atp_free_hundredths", with = "wire")]
    atp_percent_free: AtpPercent,
    #[serde(with = "wire")]
    ribosome_units_free: RibosomeCount,
    #[serde(with = "wire")]
    ribosome_units_capacity: RibosomeCount,
    vms: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ResourceUsage")]
struct ResourceUsageWire {
    #[serde(rename = "sim_time_us", with = "wire")]
    sim_time: SimTime,
    #[serde(with = "wire")]
    atp_percent: f64,
    #[serde(rename = "atp_quota_hundredths", with = "wire")]
    atp_quota: AtpPercent,
    #[serde(with = "wire")]
    atp_regenerated_percent: f64,
    #[serde(with = "wire")]
    energy_charge: f64,
    #[serde(with = "wire")]
    ribosome_utilization: f64,
    #[serde(with = "wire")]
    allocated_ribosomes: RibosomeCount,
    #[serde(with = "wire")]
    ribosome_unit: RibosomeUnit,
    #[serde(with = "wire")]
    ribosome_cap: Molecules,
    #[serde(with = "wire")]
    ribosomes_total: Molecules,
    #[serde(with = "wire")]
    ribosomes_translating: Molecules,
    #[serde(with = "wire")]
    rnap_total: Molecules,
    #[serde(with = "wire")]
    rnap_transcribing: Molecules,
    #[serde(with = "wire")]
    atp_use_per_s: Vec<(String, f64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "InstallReport")]
struct InstallReportWire {
    #[serde(with = "wire")]
    package: PackageName,
    success: bool,
    stdout: String,
    stderr: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "InstalledPackage")]
struct InstalledPackageWire {
    name: String,
    version: String,
    #[serde(with = "wire")]
    place: PackagePlace,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ProcessLimits")]
struct ProcessLimitsWire {
    #[serde(rename = "wall_us", with = "wire")]
    wall: Duration,
    steps: u64,
    heap_bytes: u64,
    output_bytes: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ProcessFailure")]
struct ProcessFailureWire {
    #[serde(with = "wire")]
    kind: ProcessFailureKind,
    message: String,
    line: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Ran")]
struct RanWire {
    #[serde(rename = "sim_time_us", with = "wire")]
    sim_time: SimTime,
    generation: u32,
    is_at_goal: bool,
    #[serde(with = "wire")]
    samples: Vec<Sample>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Sample")]
struct SampleWire {
    #[serde(rename = "time_us", with = "wire")]
    time: SimTime,
    generation: u32,
    #[serde(with = "wire")]
    atp_mm: f64,
    #[serde(with = "wire")]
    energy_charge: f64,
    #[serde(with = "wire")]
    gtp_mm: f64,
    ribosomes_translating: u32,
    ribosomes_free: u32,
    ribosome_cap: u32,
    rnap_total: u32,
    rnap_transcribing: u32,
    degradosomes: u32,
    mrna: u64,
    proteins: u64,
    #[serde(with = "wire")]
    protein_mass: f64,
    #[serde(with = "wire")]
    volume_al: f64,
    #[serde(with = "wire")]
    surface_nm2: f64,
    dna_bp: u64,
    #[serde(with = "wire")]
    growth_rate_per_h: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Created")]
struct CreatedWire {
    #[serde(with = "wire")]
    status: VmStatus,
    #[serde(default, with = "wire")]
    notice: Option<Notice>,
    #[serde(with = "wire")]
    packages: Vec<InstallReport>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Inspection")]
struct InspectionWire {
    #[serde(with = "wire")]
    status: VmStatus,
    #[serde(with = "wire")]
    priority: Priority,
    #[serde(with = "wire")]
    elongation: Elongation,
    #[serde(rename = "created_at_ms", with = "wire")]
    created_at: UnixMillis,
    #[serde(default, with = "wire")]
    usage: Option<ResourceUsage>,
    #[serde(with = "wire")]
    packages: Vec<InstalledPackage>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Reading")]
struct ReadingWire {
    #[serde(rename = "taken_at_ms", with = "wire")]
    taken_at: UnixMillis,
    #[serde(with = "wire")]
    usage: ResourceUsage,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Event")]
struct EventWire {
    #[serde(with = "wire")]
    number: EventNumber,
    #[serde(rename = "at_ms", with = "wire")]
    at: UnixMillis,
    #[serde(default, with = "wire")]
    vm: Option<VmId>,
    kind: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Information")]
struct InformationWire {
    agent_version: String,
    #[serde(with = "wire")]
    protocol: ProtocolVersion,
    pid: u32,
    state_folder: String,
    #[serde(rename = "uptime_us", with = "wire")]
    uptime: Duration,
    vms: u32,
    threads: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ProtocolVersion")]
struct ProtocolVersionWire {
    major: u16,
    minor: u16,
}

mirrored! {
    VmStatus => VmStatusWire,
    Quota => QuotaWire,
    BiologicalMetrics => BiologicalMetricsWire,
    OrganismMetrics => OrganismMetricsWire,
    Syn3aMetrics => Syn3aMetricsWire,
    MinimalCellMetrics => MinimalCellMetricsWire,
    ResourcesInUse => ResourcesInUseWire,
    EcoliMetrics => EcoliMetricsWire,
    TranscriptionChange => TranscriptionChangeWire,
    Allocation => AllocationWire,
    AvailableResources => AvailableResourcesWire,
    ResourceUsage => ResourceUsageWire,
    InstallReport => InstallReportWire,
    InstalledPackage => InstalledPackageWire,
    ProcessLimits => ProcessLimitsWire,
    ProcessFailure => ProcessFailureWire,
    Ran => RanWire,
    Sample => SampleWire,
    Created => CreatedWire,
    Inspection => InspectionWire,
    Reading => ReadingWire,
    Event => EventWire,
    Information => InformationWire,
    ProtocolVersion => ProtocolVersionWire,
}
