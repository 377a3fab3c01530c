//! The form of reports in JSON, which scripts rely on.

use serde::Serialize;

use crate::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, GeneId, Infrastructure,
    Molecules, Notice, Organism, OrganismMetrics, PaceFactor, Pacing, ProcessFailure,
    ProcessFailureKind, ProcessReport, Quota, ResourceUsage, RibosomeCount, RibosomeUnit, Seed,
    SimSpan, SimTime, Syn3aMetrics, TranscriptionChange, Vitality, VmId, VmState, VmStatus,
};

#[track_caller]
fn check(report: &impl Serialize, expect: &str) {
    let json = serde_json::to_string(report).expect("a report has no maps and no failing parts");
    let expect: String = expect.lines().map(str::trim).collect();
    assert_eq!(json, expect);
}

fn quota() -> Quota {
    Quota {
        atp: AtpPercent::new(62.5).expect("within 100%"),
        ribosomes: RibosomeCount::new(10),
        unit: RibosomeUnit::Share,
    }
}

#[test]
fn status() {
    let status = VmStatus {
        id: VmId::new("cell-1").expect("a plain name"),
        organism: Organism::MinimalCell,
        infrastructure: Infrastructure::Basic,
        state: VmState::Running,
        sim_time: SimTime::from_micros(1_500_000),
        generation: 2,
        vitality: Vitality::Stressed,
        quota: quota(),
        pacing: Pacing::RealTime {
            factor: PaceFactor::ONE,
        },
        seed: Seed::new(42),
    };
    check(
        &status,
        r#"{"id":"cell-1","organism":"minimal_cell","infrastructure":"basic","state":"running",
        "sim_time":1.5,"generation":2,"vitality":"stressed",
        "quota":{"atp":62.5,"ribosomes":10,"unit":"share"},
        "pacing":{"real_time":{"factor":1.0}},"seed":42}"#,
    );
}

#[test]
fn allocation() {
    let allocation = Allocation {
        quota: quota(),
        free: AvailableResources {
            atp_percent_free: AtpPercent::FULL,
            ribosome_units_free: RibosomeCount::new(58),
            ribosome_units_capacity: RibosomeCount::new(68),
            vms: 1,
        },
        ribosome_cap: Molecules::new(341),
        ribosomes_total: Molecules::new(512),
        notice: Some(Notice::RibosomesClamped {
            asked: RibosomeCount::new(28),
            granted: RibosomeCount::new(15),
        }),
    };
    check(
        &allocation,
        r#"{"quota":{"atp":62.5,"ribosomes":10,"unit":"share"},
        "free":{"atp_percent_free":100.0,"ribosome_units_free":58,"ribosome_units_capacity":68,"vms":1},
        "ribosome_cap":341,"ribosomes_total":512,
        "notice":{"ribosomes_clamped":{"asked":28,"granted":15}}}"#,
    );
}

#[test]
fn usage() {
    let usage = ResourceUsage {
        sim_time: SimTime::ZERO,
        atp_percent: 98.5,
        atp_quota: AtpPercent::FULL,
        atp_regenerated_percent: 90.0,
        energy_charge: 0.95,
        ribosome_utilization: 73.0,
        allocated_ribosomes: RibosomeCount::new(15),
        ribosome_unit: RibosomeUnit::Share,
        ribosome_cap: Molecules::new(500),
        ribosomes_total: Molecules::new(500),
        ribosomes_translating: Molecules::new(365),
        rnap_total: Molecules::new(180),
        rnap_transcribing: Molecules::new(90),
        atp_use_per_s: vec![("translation".to_owned(), 12_000.0)],
    };
    check(
        &usage,
        r#"{"sim_time":0.0,"atp_percent":98.5,"atp_quota":100.0,"atp_regenerated_percent":90.0,
        "energy_charge":0.95,"ribosome_utilization":73.0,"allocated_ribosomes":15,
        "ribosome_unit":"share","ribosome_cap":500,"ribosomes_total":500,
        "ribosomes_translating":365,"rnap_total":180,"rnap_transcribing":90,
        "atp_use_per_s":[["translation",12000.0]]}"#,
    );
}

#[test]
fn metrics() {
    let metrics = BiologicalMetrics {
        sim_time: SimTime::ZERO,
        generation: 0,
        growth_rate_per_h: 0.368,
        energy_charge: 0.99,
        volume_al: 33.5,
        surface_nm2: 502_655.0,
        protein_total: Molecules::new(70_000),
        mrna_total: Molecules::new(500),
        dna_bp: 543_379,
        organism: OrganismMetrics::Syn3a(Syn3aMetrics {
            atp_percent: 98.5,
            essential_genes_count: 269,
            essential_genes_total: 270,
            essential_and_quasi_count: 415,
            essential_and_quasi_total: 418,
            minimal_status: Vitality::Viable,
        }),
    };
    check(
        &metrics,
        r#"{"sim_time":0.0,"generation":0,"growth_rate_per_h":0.368,"energy_charge":0.99,
        "volume_al":33.5,"surface_nm2":502655.0,"protein_total":70000,"mrna_total":500,
        "dna_bp":543379,"organism":{"syn3a":{"atp_percent":98.5,"essential_genes_count":269,
        "essential_genes_total":270,"essential_and_quasi_count":415,
        "essential_and_quasi_total":418,"minimal_status":"viable"}}}"#,
    );
}

#[test]
fn process_and_transcription() {
    let report = ProcessReport {
        success: false,
        result_json: None,
        stdout: String::new(),
        stderr: "no".to_owned(),
        failure: Some(ProcessFailure {
            kind: ProcessFailureKind::StepLimit,
            message: "no".to_owned(),
            line: Some(2),
        }),
        started_at: SimTime::ZERO,
        ended_at: SimTime::from_micros(500_000),
        steps: 7,
    };
    check(
        &report,
        r#"{"success":false,"result_json":null,"stdout":"","stderr":"no",
        "failure":{"kind":"step_limit","message":"no","line":2},
        "started_at":0.0,"ended_at":0.5,"steps":7}"#,
    );
    let change = TranscriptionChange {
        gene: GeneId::new("dnaA").expect("a plain name"),
        locus_tag: GeneId::new("JCVISYN3A_0001").expect("a plain name"),
        activity_before: 1.0,
        activity_after: 4.0,
        expected_first_transcript: SimSpan::from_micros(120_000_000),
        expected_first_protein: SimSpan::from_micros(180_000_000),
    };
    check(
        &change,
        r#"{"gene":"dnaA","locus_tag":"JCVISYN3A_0001","activity_before":1.0,"activity_after":4.0,
        "expected_first_transcript":120.0,"expected_first_protein":180.0}"#,
    );
}
