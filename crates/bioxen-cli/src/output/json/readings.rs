//! Readings of a cell, with their units in the names and causes as objects.

use bioxen::{
    AtpPercent, BiologicalMetrics, Molecules, OrganismMetrics, ResourceUsage, RibosomeCount,
    RibosomeUnit,
};
use serde::{Serialize, Serializer};

/// How a cell is.
#[derive(Serialize)]
pub(in crate::output) struct Metrics<'a> {
    sim_time_s: f64,
    generation: u32,
    growth_rate_per_h: f64,
    energy_charge: f64,
    volume_al: f64,
    surface_nm2: f64,
    protein_total: Molecules,
    mrna_total: Molecules,
    dna_bp: u64,
    organism: &'a OrganismMetrics,
}

impl<'a> Metrics<'a> {
    pub(in crate::output) fn of(metrics: &'a BiologicalMetrics) -> Self {
        Self {
            sim_time_s: metrics.sim_time.seconds(),
            generation: metrics.generation,
            growth_rate_per_h: metrics.growth_rate_per_h,
            energy_charge: metrics.energy_charge,
            volume_al: metrics.volume_al,
            surface_nm2: metrics.surface_nm2,
            protein_total: metrics.protein_total,
            mrna_total: metrics.mrna_total,
            dna_bp: metrics.dna_bp,
            organism: &metrics.organism,
        }
    }
}

/// What a cell uses.
#[derive(Serialize)]
pub(in crate::output) struct Resources<'a> {
    sim_time_s: f64,
    atp_percent: f64,
    atp_quota: AtpPercent,
    atp_regenerated_percent: f64,
    energy_charge: f64,
    ribosome_utilization: f64,
    allocated_ribosomes: RibosomeCount,
    ribosome_unit: RibosomeUnit,
    ribosome_cap: Molecules,
    ribosomes_total: Molecules,
    ribosomes_translating: Molecules,
    rnap_total: Molecules,
    rnap_transcribing: Molecules,
    atp_use_per_s: ByCause<'a>,
}

impl<'a> Resources<'a> {
    pub(in crate::output) fn of(usage: &'a ResourceUsage) -> Self {
        Self {
            sim_time_s: usage.sim_time.seconds(),
            atp_percent: usage.atp_percent,
            atp_quota: usage.atp_quota,
            atp_regenerated_percent: usage.atp_regenerated_percent,
            energy_charge: usage.energy_charge,
            ribosome_utilization: usage.ribosome_utilization,
            allocated_ribosomes: usage.allocated_ribosomes,
            ribosome_unit: usage.ribosome_unit,
            ribosome_cap: usage.ribosome_cap,
            ribosomes_total: usage.ribosomes_total,
            ribosomes_translating: usage.ribosomes_translating,
            rnap_total: usage.rnap_total,
            rnap_transcribing: usage.rnap_transcribing,
            atp_use_per_s: ByCause(&usage.atp_use_per_s),
        }
    }
}

/// Rates by cause, in the order of the ledger.
struct ByCause<'a>(&'a [(String, f64)]);

impl Serialize for ByCause<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(cause, rate)| (cause, rate)))
    }
}
