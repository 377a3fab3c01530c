//! Surface, volume and growth rate.

use serde::{Deserialize, Serialize};

use super::Cell;
use super::ledger::{Cause, Ledger};
use super::mechanism::{Composition, Envelope};
use super::model::CellModel;
use super::numbers::{real, signed_real};
use super::pools::Pool;

/// Size of the cell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Geometry {
    pub(crate) surface_nm2: f64,
    pub(crate) volume_al: f64,
}

impl Geometry {
    pub(crate) fn newborn(model: &CellModel) -> Self {
        let c = &model.constants;
        Self {
            surface_nm2: c.surface_birth_nm2,
            volume_al: c.volume_birth_al,
        }
    }
}

impl Geometry {
    /// Whether two sizes are those of one cell: the size is measured within a step, before the forks move on.
    pub(crate) fn is_near(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-3 * b.abs();
        near(self.surface_nm2, other.surface_nm2) && near(self.volume_al, other.volume_al)
    }
}

/// Growth rate λ = d ln(protein mass)/dt as an exponential moving average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct GrowthMeter {
    /// 1/s.
    pub(crate) rate: f64,
    last_log_mass: f64,
}

impl GrowthMeter {
    pub(crate) fn newborn(model: &CellModel) -> Self {
        // A newborn comes out of a growing culture.
        Self {
            rate: std::f64::consts::LN_2 / model.constants.doubling_s,
            last_log_mass: 0.0,
        }
    }

    fn update(&mut self, mass: f64, span: f64, window: f64) {
        let log_mass = libm::log(f64::max(mass, f64::MIN_POSITIVE));
        let rate = (log_mass - self.last_log_mass) / span;
        self.rate += (rate - self.rate) * (1.0 - libm::exp(-span / window));
        self.last_log_mass = log_mass;
    }

    /// Whether this can be the state of a meter: used when an image is read.
    pub(crate) fn is_sound(&self) -> bool {
        self.rate.is_finite() && self.last_log_mass.is_finite()
    }

    /// After a division the mass halves without growth having stopped.
    pub(crate) fn rebase(&mut self, mass: f64) {
        self.last_log_mass = libm::log(f64::max(mass, f64::MIN_POSITIVE));
    }
}

/// ATP-equivalents per second, averaged with a window of [`FLUX_WINDOW_S`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct FluxMeter {
    pub(crate) spent: [f64; Cause::COUNT],
    pub(crate) regenerated: f64,
    pub(crate) granted: f64,
    last_spent: [i64; Cause::COUNT],
    last_regenerated: i64,
    last_granted: i64,
}

const FLUX_WINDOW_S: f64 = 10.0;

/// ATP-equivalents per second.
const SMALLEST_FLUX: f64 = 1e-6;

impl FluxMeter {
    /// Whether this can be the state of a meter: used when an image is read.
    pub(crate) fn is_sound(&self) -> bool {
        self.spent
            .iter()
            .chain([&self.regenerated, &self.granted])
            .all(|r| r.is_finite())
            && self
                .last_spent
                .iter()
                .chain([&self.last_regenerated, &self.last_granted])
                .all(|n| *n >= 0)
    }

    fn update(&mut self, ledger: &Ledger, span: f64) {
        let share = f64::min(span / FLUX_WINDOW_S, 1.0);
        let follow = |mean: &mut f64, last: &mut i64, now: i64| {
            *mean += (signed_real(now - *last) / span - *mean) * share;
            // What has stopped is reported as nothing, not as an ever smaller rest.
            if *mean < SMALLEST_FLUX {
                *mean = 0.0;
            }
            *last = now;
        };
        for &cause in Cause::ALL {
            let n = cause as usize;
            follow(
                &mut self.spent[n],
                &mut self.last_spent[n],
                ledger.spent(cause),
            );
        }
        follow(
            &mut self.regenerated,
            &mut self.last_regenerated,
            ledger.regenerated,
        );
        follow(&mut self.granted, &mut self.last_granted, ledger.granted);
    }
}

impl Cell {
    /// M11: lipid molecules to be taken up in `span` seconds,
    /// J = f J₀ G(E) [ATP]/(K+[ATP]) clamp((f − S/S₀)/0.02 + 1, 0, 1). The clamp keeps surface from running ahead of
    /// protein mass.
    pub(crate) fn lipid_demand(&self, span: f64) -> f64 {
        let c = &self.model.constants;
        let atp = self.millimolar(Pool::Atp);
        let gate = c.gate(self.pools.energy_charge());
        let mass = self.mass();
        let room = (mass - self.geometry.surface_nm2 / c.surface_birth_nm2) / c.lipid_slack + 1.0;
        let flux = mass * c.lipid_flux * gate * atp / (c.lipid_k_atp + atp) * room.clamp(0.0, 1.0);
        flux * span / c.lipid_nm2
    }

    /// Surface and volume of what the cell holds.
    pub(crate) fn grow(&mut self) {
        self.geometry = match self.model.mechanisms.envelope {
            Envelope::Membrane => self.within_membrane(),
            Envelope::DryMass(composition) => self.by_mass(&composition),
        };
    }

    /// Surface from lipids and membrane proteins; volume of the sphere of that surface, up to its cap.
    fn within_membrane(&self) -> Geometry {
        let c = &self.model.constants;
        let lipid = self.pools.real(Pool::Lipid) * c.lipid_nm2;
        let surface = lipid + f64::from(self.membrane_proteins) * self.model.membrane_protein_nm2;
        let ratio = f64::max(surface / c.surface_birth_nm2, 0.0);
        let sphere = c.volume_birth_al * ratio * libm::sqrt(ratio);
        Geometry {
            surface_nm2: surface,
            volume_al: f64::min(sphere, c.volume_cap_al),
        }
    }

    /// Volume at constant density; surface of a cell of constant shape.
    fn by_mass(&self, composition: &Composition) -> Geometry {
        let volume_al = self.macromolecules_da(composition) * composition.al_per_da;
        // 1 aL is 10^6 nm^3.
        let root = libm::cbrt(volume_al * 1e6);
        Geometry {
            surface_nm2: composition.shape * root * root,
            volume_al,
        }
    }

    /// Mass of protein, RNA and DNA, finished or not, Da.
    pub(super) fn macromolecules_da(&self, composition: &Composition) -> f64 {
        let residues = self.residues + self.chains.content()[0];
        let dna = self.chromosome.dna_bp(&self.model) + self.plasmid_bp();
        composition.residue_da * signed_real(residues)
            + composition.nucleotide_da * self.rna_held_nt()
            + composition.base_pair_da * real(dna)
    }

    /// Nucleotides in RNA, finished or not.
    pub(crate) fn rna_held_nt(&self) -> f64 {
        let finished: i64 = self.rna.iter().sum();
        let growing: i64 = self.transcripts.content().iter().sum();
        let gone: i64 = self.decays.content().iter().sum();
        signed_real(finished + growing - gone)
    }

    pub(crate) fn measure(&mut self, span: f64) {
        let mass = self.mass();
        let window = self.model.constants.growth_window_s;
        self.growth.update(mass, span, window);
        self.rates.update(&self.ledger, span);
        if self.pools.energy_charge() < super::metrics::DEAD_ENERGY_CHARGE {
            self.starved_s += span;
        } else if !self.is_dead() {
            self.starved_s = 0.0;
        }
    }
}
