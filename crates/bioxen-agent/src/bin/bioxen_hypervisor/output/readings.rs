//! Readings of a cell: what it uses, and how it is.

use bioxen_core::{
    AtpPercent, BiologicalMetrics, EcoliMetrics, MinimalCellMetrics, Molecules, Organism,
    OrganismMetrics, ResourceUsage, RibosomeCount, RibosomeUnit, Syn3aMetrics, VmId,
};
use serde::Serialize;
use serde::ser::Serializer;

/// What a cell uses.
#[derive(Serialize)]
pub(super) struct Resources<'a> {
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
    pub(super) fn of(usage: &'a ResourceUsage) -> Self {
        let ResourceUsage {
            sim_time,
            atp_percent,
            atp_quota,
            atp_regenerated_percent,
            energy_charge,
            ribosome_utilization,
            allocated_ribosomes,
            ribosome_unit,
            ribosome_cap,
            ribosomes_total,
            ribosomes_translating,
            rnap_total,
            rnap_transcribing,
            atp_use_per_s,
        } = usage;
        Self {
            sim_time_s: sim_time.seconds(),
            atp_percent: *atp_percent,
            atp_quota: *atp_quota,
            atp_regenerated_percent: *atp_regenerated_percent,
            energy_charge: *energy_charge,
            ribosome_utilization: *ribosome_utilization,
            allocated_ribosomes: *allocated_ribosomes,
            ribosome_unit: *ribosome_unit,
            ribosome_cap: *ribosome_cap,
            ribosomes_total: *ribosomes_total,
            ribosomes_translating: *ribosomes_translating,
            rnap_total: *rnap_total,
            rnap_transcribing: *rnap_transcribing,
            atp_use_per_s: ByCause(atp_use_per_s),
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

/// How a cell is; what only its organism has is beside what every cell has.
#[derive(Serialize)]
pub(crate) struct Metrics<'a> {
    vm_id: &'a VmId,
    organism: Option<Organism>,
    sim_time_s: f64,
    generation: u32,
    growth_rate_per_h: f64,
    energy_charge: f64,
    volume_al: f64,
    surface_nm2: f64,
    protein_total: Molecules,
    mrna_total: Molecules,
    dna_bp: u64,
    #[serde(flatten)]
    own: Own<'a>,
}

/// The metrics of an organism.
#[derive(Serialize)]
#[serde(untagged)]
enum Own<'a> {
    Syn3a(&'a Syn3aMetrics),
    MinimalCell(&'a MinimalCellMetrics),
    Ecoli(&'a EcoliMetrics),
    /// Of an organism that is new here; they are below its name.
    Other(&'a OrganismMetrics),
}

impl<'a> Metrics<'a> {
    pub(crate) fn of(id: &'a VmId, metrics: &'a BiologicalMetrics) -> Self {
        let BiologicalMetrics {
            sim_time,
            generation,
            growth_rate_per_h,
            energy_charge,
            volume_al,
            surface_nm2,
            protein_total,
            mrna_total,
            dna_bp,
            organism,
        } = metrics;
        let (organism, own) = match organism {
            OrganismMetrics::Syn3a(own) => (Some(Organism::Syn3a), Own::Syn3a(own)),
            OrganismMetrics::MinimalCell(own) => {
                (Some(Organism::MinimalCell), Own::MinimalCell(own))
            }
            OrganismMetrics::Ecoli(own) => (Some(Organism::Ecoli), Own::Ecoli(own)),
            other => (None, Own::Other(other)),
        };
        Self {
            vm_id: id,
            organism,
            sim_time_s: sim_time.seconds(),
            generation: *generation,
            growth_rate_per_h: *growth_rate_per_h,
            energy_charge: *energy_charge,
            volume_al: *volume_al,
            surface_nm2: *surface_nm2,
            protein_total: *protein_total,
            mrna_total: *mrna_total,
            dna_bp: *dna_bp,
            own,
        }
    }
}
