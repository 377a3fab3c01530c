//! Constants that only this organism has.

use crate::cell::mechanism::Composition;
use crate::cell::reserve::ReserveModel;
use crate::genome::{ParameterError, Parameters};

/// Femtoliters, as the table has volumes, in attoliters.
const AL_PER_FL: f64 = 1e3;
const AL_PER_PL: f64 = 1e6;

/// Grams in one dalton.
const GRAM_PER_DA: f64 = 1.660_539_066_6e-24;

/// Constants of E. coli, by the names of `ecoli_parameters.csv`.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) doubling_s: f64,
    pub(super) residues_birth: f64,
    pub(super) ribosomes_birth: f64,
    pub(super) rnap_birth: f64,
    pub(super) trna_birth: f64,
    pub(super) mrna_birth_nt: f64,
    pub(super) origin_bp: f64,
    pub(super) initiation_al: f64,
    pub(super) fork_speed: f64,
    pub(super) division_delay_s: f64,
    pub(super) ribosome_footprint_nt: f64,
    pub(super) decay_scale: f64,
    pub(super) half_life_s: f64,
    pub(super) rrn_weight: f64,
    pub(super) trna_weight: f64,
    pub(super) polymerase_weight: f64,
    pub(super) ppgpp_reference: f64,
    pub(super) ppgpp_uncharged: f64,
    pub(super) ppgpp_loss: f64,
    pub(super) stable_half: f64,
    pub(super) stable_hill: f64,
    pub(super) ribosomal_half: f64,
    pub(super) feedback_headroom: f64,
    pub(super) feedback_half: f64,
    pub(super) held_share: f64,
    pub(super) held_power: f64,
    pub(super) message_speed: f64,
    pub(super) message_speed_half: f64,
    pub(super) fork_half: f64,
    pub(super) supply_half_mm: f64,
    pub(super) supply_power: f64,
    pub(super) growth_cost: f64,
    pub(super) charging: f64,
    pub(super) glucose_per_residue: f64,
    pub(super) charging_half_mm: f64,
    pub(super) medium_al: f64,
    reserve_share: f64,
    reserve_unit_da: f64,
    reserve_filling_s: f64,
    reserve_capacity: f64,
    residue_da: f64,
    nucleotide_da: f64,
    base_pair_da: f64,
    macromolecules: f64,
    water: f64,
    density_g_per_l: f64,
    surface_shape: f64,
}

impl Settings {
    pub(super) fn read(p: &Parameters) -> Result<Self, ParameterError> {
        let n = |name: &str| p.number(name);
        Ok(Self {
            doubling_s: 60.0 * n("doubling_time_reference")?,
            residues_birth: n("protein_residues_birth")?,
            ribosomes_birth: n("ribosomes_birth")?,
            rnap_birth: n("rnap_birth")?,
            trna_birth: n("trna_total_birth")?,
            mrna_birth_nt: n("mrna_total_birth")?,
            origin_bp: n("origin_position")?,
            initiation_al: AL_PER_FL * n("initiation_volume")?,
            fork_speed: n("fork_speed")?,
            division_delay_s: 60.0 * n("division_delay")?,
            ribosome_footprint_nt: n("ribosome_footprint")?,
            decay_scale: n("mrna_decay_scale")?,
            half_life_s: n("mrna_half_life_median")?,
            rrn_weight: n("rrn_promoter_weight")?,
            trna_weight: n("trna_promoter_weight")?,
            polymerase_weight: n("rnap_message_weight")?,
            ppgpp_reference: n("ppgpp_reference")?,
            ppgpp_uncharged: n("ppgpp_uncharged")?,
            ppgpp_loss: n("ppgpp_loss")?,
            stable_half: n("ppgpp_half_stable_rna")?,
            stable_hill: n("ppgpp_hill_stable_rna")?,
            ribosomal_half: n("ppgpp_half_ribosomal_protein")?,
            feedback_headroom: n("ribosomal_protein_headroom")?,
            feedback_half: n("ribosomal_protein_surplus_half")?,
            held_share: n("held_share")?,
            held_power: n("held_power")?,
            message_speed: n("rnap_elongation_mrna_max")?,
            message_speed_half: n("ppgpp_half_mrna_elongation")?,
            fork_half: n("ppgpp_half_fork")?,
            reserve_share: n("glycogen_fraction")?,
            reserve_unit_da: n("glycogen_unit_mass")?,
            reserve_filling_s: 60.0 * n("glycogen_filling_time")?,
            reserve_capacity: n("glycogen_capacity")?,
            supply_half_mm: n("amino_acid_feedback_half")?,
            supply_power: n("amino_acid_feedback_power")?,
            growth_cost: n("growth_cost_per_residue")?,
            glucose_per_residue: n("glucose_per_residue")?,
            charging: n("trna_charging_rate")?,
            charging_half_mm: n("trna_charging_half")?,
            medium_al: AL_PER_PL * n("medium_volume_per_founder")?,
            residue_da: n("residue_mass")?,
            nucleotide_da: n("nucleotide_mass")?,
            base_pair_da: n("base_pair_mass")?,
            macromolecules: n("macromolecule_fraction")?,
            water: n("water_mass_fraction")?,
            density_g_per_l: n("cell_density")?,
            surface_shape: n("surface_shape")?,
        })
    }

    /// Time of a fork over so many base pairs at the reference ppGpp, s.
    pub(super) fn fork_time_s(&self, bp: f64) -> f64 {
        bp / self.fork_speed * (1.0 + self.ppgpp_reference / self.fork_half)
    }

    pub(super) fn reserve(&self) -> ReserveModel {
        ReserveModel {
            share: self.reserve_share,
            unit_da: self.reserve_unit_da,
            dry_over_macromolecules: 1.0 / self.macromolecules,
            filling_s: self.reserve_filling_s,
            capacity: self.reserve_capacity,
        }
    }

    /// Volume from protein, RNA and DNA: these are a constant part of the dry mass, which is a constant part of the
    /// mass of a cell of constant density.
    pub(super) fn composition(&self) -> Composition {
        let g_per_l = self.macromolecules * (1.0 - self.water) * self.density_g_per_l;
        Composition {
            residue_da: self.residue_da,
            nucleotide_da: self.nucleotide_da,
            base_pair_da: self.base_pair_da,
            al_per_da: GRAM_PER_DA / g_per_l * 1e18,
            shape: self.surface_shape,
        }
    }
}
