//! Constants of the model, read from the table of parameters.

use super::numbers::{count, integer};
use super::pools::Pool;
use crate::genome::{ParameterError, Parameters};

/// Avogadro constant, 1/mol (exact, SI 2019).
const AVOGADRO: f64 = 6.022_140_76e23;

/// Molecules in one attoliter at 1 mM.
pub(crate) const PER_AL_MM: f64 = AVOGADRO * 1e-18 * 1e-3;

/// Constants of the model, by the names of `parameters.csv`.
#[derive(Debug, Clone)]
pub(crate) struct Constants {
    pub(crate) volume_birth_al: f64,
    pub(crate) volume_cap_al: f64,
    pub(crate) surface_birth_nm2: f64,
    pub(crate) lipid_fraction: f64,
    pub(crate) lipid_nm2: f64,
    pub(crate) doubling_s: f64,
    pub(crate) proteins_per_transcript: f64,
    pub(crate) k_promoter: f64,
    pub(crate) k_ribosome: f64,
    pub(crate) k_degradosome: f64,
    pub(crate) rnap_speed_stable: f64,
    pub(crate) rnap_kd_ntp: f64,
    pub(crate) ribosome_speed: f64,
    pub(crate) ribosome_kd_trna: f64,
    pub(crate) degradosome_speed: f64,
    pub(crate) degradosome_sharing: u32,
    pub(crate) k_translation: f64,
    /// Residues per second that one translocon moves.
    pub(crate) translocon_speed: f64,
    /// ATP per residue moved.
    pub(crate) translocation_cost: f64,
    pub(crate) protein_decay: f64,
    pub(crate) initiation_s: f64,
    pub(crate) initiation_shape: u32,
    pub(crate) fork_speed: f64,
    pub(crate) fork_kd_dntp: f64,
    pub(crate) division_delay_s: f64,
    pub(crate) gate_half: f64,
    pub(crate) growth_window_s: f64,
    pub(crate) regeneration_vmax: f64,
    pub(crate) regeneration_k_adp: f64,
    pub(crate) regeneration_k_pi: f64,
    pub(crate) regeneration_k_glucose: f64,
    pub(crate) glucose_mm: f64,
    /// ATP per glucose in hundredths.
    pub(crate) yield_hundredths: i64,
    pub(crate) acids_per_glucose: i64,
    /// Glucose that is built into the cell with each amino acid that it makes, in hundredths of a molecule.
    pub(crate) glucose_per_residue_hundredths: i64,
    pub(crate) glycolysis_excess: f64,
    pub(crate) maintenance: f64,
    pub(crate) maintenance_floor: f64,
    pub(crate) maintenance_k_atp: f64,
    pub(crate) kinase_rate: f64,
    pub(crate) pyrophosphatase_rate: f64,
    pub(crate) synthetase: [f64; 4],
    pub(crate) import_k_atp: f64,
    pub(crate) aa_import: f64,
    pub(crate) aa_ceiling_mm: f64,
    pub(crate) salvage_s: f64,
    pub(crate) dntp_s: f64,
    pub(crate) phosphate_s: f64,
    pub(crate) lipid_flux: f64,
    pub(crate) lipid_k_atp: f64,
    pub(crate) lipid_slack: f64,
    pub(crate) trna_charged: f64,
    /// Concentrations of a newborn cell, mM, by pool; zero where none is given.
    pub(crate) conc_mm: [f64; Pool::COUNT],
}

/// No constant of a cell is smaller, if it is not 0, or larger, in the unit of its row.
const SMALLEST: f64 = 1e-9;
const LARGEST: f64 = 1e9;

fn within(
    parameters: &Parameters,
    name: &str,
    range: std::ops::RangeInclusive<f64>,
    allowed: &'static str,
) -> Result<f64, ParameterError> {
    let value = parameters.number(name)?;
    if range.contains(&value) {
        return Ok(value);
    }
    Err(ParameterError::OutOfRange {
        name: name.to_owned(),
        value: value.to_string(),
        allowed,
    })
}

impl Constants {
    pub(super) fn read(p: &Parameters) -> Result<Self, ParameterError> {
        let n = |name: &str| within(p, name, 0.0..=LARGEST, "0 or more");
        // What something is divided by, or a clock runs at.
        let positive = |name: &str| within(p, name, SMALLEST..=LARGEST, "greater than 0");
        let share = |name: &str| within(p, name, 0.0..=1.0, "from 0 to 1");
        let surface = positive("cell_surface_birth")?;
        let mut conc_mm = [0.0; Pool::COUNT];
        for &pool in Pool::ALL {
            let name = match pool {
                Pool::AminoAcids => "conc_amino_acids".to_owned(),
                Pool::ChargedTrna | Pool::FreeTrna | Pool::Lipid => continue,
                other => format!("conc_{}", other.name()),
            };
            conc_mm[pool as usize] = n(&name)?;
        }
        let doubling_s = 60.0 * positive("doubling_time_reference")?;
        let lipid_area = share("membrane_area_fraction_lipid")? * surface;
        Ok(Self {
            volume_birth_al: positive("cell_volume_birth")?,
            volume_cap_al: positive("cell_volume_cap")?,
            surface_birth_nm2: surface,
            lipid_fraction: share("membrane_area_fraction_lipid")?,
            lipid_nm2: positive("lipid_head_area")? * positive("outer_leaflet_fraction")?,
            doubling_s,
            proteins_per_transcript: positive("proteins_per_transcript")?,
            k_promoter: n("k_rnap_promoter")?,
            k_ribosome: n("k_ribosome_mrna")?,
            k_degradosome: n("k_degradosome_mrna")?,
            rnap_speed_stable: positive("rnap_elongation_stable")?,
            rnap_kd_ntp: n("rnap_kd_ntp")?,
            ribosome_speed: positive("ribosome_elongation")?,
            ribosome_kd_trna: n("ribosome_kd_aatrna")?,
            degradosome_speed: positive("degradosome_speed")?,
            degradosome_sharing: count(n("degradosome_sharing")?),
            k_translation: positive("k_gtp_translation")?,
            translocon_speed: positive("kcat_secy")?,
            translocation_cost: n("cost_translocation")?,
            protein_decay: n("protein_degradation_rate")?,
            initiation_s: 60.0 * positive("replication_initiation_mean")?,
            initiation_shape: count(positive("replication_initiation_shape")?),
            fork_speed: positive("fork_speed")?,
            fork_kd_dntp: n("dnap_kd_dntp")?,
            division_delay_s: 60.0 * n("division_delay")?,
            gate_half: positive("energy_gate_aec50")?,
            growth_window_s: 60.0 * positive("growth_rate_window")?,
            regeneration_vmax: n("atp_regeneration_vmax_birth")?,
            regeneration_k_adp: positive("atp_regeneration_km_adp")?,
            regeneration_k_pi: positive("regeneration_k_phosphate")?,
            regeneration_k_glucose: positive("regeneration_k_glucose")?,
            glucose_mm: n("conc_glucose_medium")?,
            yield_hundredths: integer(100.0 * positive("atp_yield_glucose")?),
            glucose_per_residue_hundredths: 0,
            acids_per_glucose: integer(n("acids_per_glucose")?),
            glycolysis_excess: n("glycolysis_excess")?,
            maintenance: n("background_atp_birth")?,
            maintenance_floor: share("maintenance_floor")?,
            maintenance_k_atp: positive("maintenance_k_atp")?,
            kinase_rate: n("kinase_rate")?,
            pyrophosphatase_rate: n("pyrophosphatase_rate")?,
            synthetase: [
                positive("synthetase_k_atp")?,
                positive("synthetase_k_amino_acid")?,
                positive("synthetase_k_trna")?,
                positive("synthetase_k_release")?,
            ],
            import_k_atp: positive("import_k_atp")?,
            aa_import: n("aa_import_capacity")?,
            aa_ceiling_mm: positive("aa_import_ceiling")?,
            salvage_s: positive("salvage_time")?,
            dntp_s: positive("dntp_synthesis_time")?,
            phosphate_s: positive("phosphate_exchange_time")?,
            lipid_flux: n("lipid_flux_scale")? * lipid_area * std::f64::consts::LN_2 / doubling_s,
            lipid_k_atp: positive("lipid_k_atp")?,
            lipid_slack: positive("lipid_density_slack")?,
            trna_charged: share("trna_charged_fraction_birth")?,
            conc_mm,
        })
    }

    /// Saturation of regeneration with glucose at `mm` millimolar outside, 0 to 1.
    pub(crate) fn glucose_saturation(&self, mm: f64) -> f64 {
        mm / (self.regeneration_k_glucose + mm)
    }

    /// Molecules at `mm` millimolar in `volume_al` attoliters.
    pub(crate) fn molecules(mm: f64, volume_al: f64) -> f64 {
        mm * volume_al * PER_AL_MM
    }

    /// The energy gate of gene expression, G(E)/G(1): published speeds and binding constants hold at full energy charge,
    /// so the gate must not slow them there.
    pub(crate) fn expression_gate(&self, energy_charge: f64) -> f64 {
        self.gate(energy_charge) / self.gate(1.0)
    }

    /// The energy gate G(E) = 1/(1 + (E½/E)^10), after Atkinson 1968, doi 10.1021/bi00851a033.
    pub(crate) fn gate(&self, energy_charge: f64) -> f64 {
        if energy_charge <= 0.0 {
            return 0.0;
        }
        // The tenth power by products: `powi` may round differently from one platform to another.
        let r = self.gate_half / energy_charge;
        let r2 = r * r;
        let r4 = r2 * r2;
        1.0 / (1.0 + r4 * r4 * r2)
    }
}
