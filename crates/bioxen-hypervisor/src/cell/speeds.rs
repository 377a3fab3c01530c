//! Speeds of the machines from what the pools hold.

use super::constants::{Constants, PER_AL_MM};
use super::model::CellModel;
use super::pools::{Base, Pool, Pools};

impl CellModel {
    /// Speed of translation over its greatest, 0 to 1: energy, GTP, ATP and charged tRNA.
    pub(crate) fn translation_speed(&self, pools: &Pools, volume_al: f64) -> f64 {
        let c = &self.constants;
        let mm = |pool: Pool| pools.real(pool) / (volume_al * PER_AL_MM);
        let gate = c.expression_gate(pools.energy_charge());
        let saturation = |pool: Pool| mm(pool) / (c.k_translation + mm(pool));
        let per_kind = mm(Pool::ChargedTrna) / self.trna_kinds;
        let charged = if per_kind > 0.0 {
            1.0 / (1.0 + c.ribosome_kd_trna / per_kind)
        } else {
            0.0
        };
        gate * saturation(Pool::Gtp) * saturation(Pool::Atp) * charged
    }

    /// Speed of transcription over its greatest, 0 to 1: energy and NTP.
    pub(crate) fn transcription_speed(&self, pools: &Pools, volume_al: f64) -> f64 {
        let c = &self.constants;
        let mm = |pool: Pool| pools.real(pool) / (volume_al * PER_AL_MM);
        let gate = c.expression_gate(pools.energy_charge());
        let mut drag = 1.0;
        for base in Base::ALL {
            drag +=
                c.rnap_kd_ntp * self.base_shares[base.index()] / f64::max(mm(base.ntp()), 1e-12);
        }
        gate / drag
    }

    /// Speed of one fork with its dNTP, bp/s.
    pub(crate) fn fork_speed(&self, pools: &Pools, volume_al: f64) -> f64 {
        let c = &self.constants;
        let chromosome = &self.chromosome;
        let mm = |pool: Pool| pools.real(pool) / Constants::molecules(1.0, volume_al);
        let at_share = f64::from(chromosome.at_bp) / f64::from(chromosome.length_bp);
        let mut drag = 1.0;
        for base in Base::ALL {
            let at = matches!(base, Base::Adenine | Base::Uracil);
            let share = 0.5 * if at { at_share } else { 1.0 - at_share };
            drag += share * c.fork_kd_dntp / f64::max(mm(base.dntp()), 1e-12);
        }
        c.fork_speed / drag
    }
}
