//! The pools as real numbers, integrated over one step.

use super::super::constants::Constants;
use super::super::numbers::count;
use super::super::pools::{Base, Pool, Pools, energy_charge};
use super::{
    AA_IMPORT, ADK, CHARGING, DEOXY, KINETIC, MAINTENANCE, NDK, NMK, PHOSPHATE, PPASE,
    REGENERATION, SALVAGE, Surroundings,
};

/// Longest sub-step, s.
const LONGEST_SUBSTEP_S: f64 = 0.05;

/// The largest share of a substrate that one flux may take in one sub-step (Patankar 1980 weighting in its simplest form).
const LARGEST_SHARE: f64 = 0.2;

/// Pools as real numbers, in molecules, while a step is integrated.
pub(super) struct Flow<'a> {
    pub(super) constants: &'a Constants,
    pub(super) around: &'a Surroundings,
    pub(super) dt: f64,
    substeps: u32,
    /// Most ATP that may be regenerated, 1/s.
    pub(super) vmax: f64,
    /// Saturation of regeneration with phosphate is taken from the pool; with glucose, fixed for the step.
    pub(super) glucose: f64,
    pub(super) ntp: [f64; 4],
    pub(super) ndp: [f64; 4],
    pub(super) nmp: [f64; 4],
    dntp: [f64; 4],
    pub(super) phosphate: f64,
    pub(super) pyrophosphate: f64,
    pub(super) amino_acids: f64,
    pub(super) charged: f64,
    pub(super) free: f64,
    pub(super) extent: [f64; KINETIC.len()],
}

impl<'a> Flow<'a> {
    pub(super) fn new(pools: &Pools, constants: &'a Constants, around: &'a Surroundings) -> Self {
        let each = |pool: fn(Base) -> Pool| Base::ALL.map(|b| pools.real(pool(b)));
        let substeps = count(around.span / LONGEST_SUBSTEP_S).max(1);
        let vmax = around.grant * around.mass * around.path_capacity * constants.regeneration_vmax;
        let mut flow = Self {
            constants,
            around,
            dt: around.span / f64::from(substeps),
            substeps,
            vmax,
            glucose: constants.glucose_saturation(around.glucose_mm),
            ntp: each(Base::ntp),
            ndp: each(Base::ndp),
            nmp: each(Base::nmp),
            dntp: each(Base::dntp),
            phosphate: pools.real(Pool::Phosphate),
            pyrophosphate: pools.real(Pool::Pyrophosphate),
            amino_acids: pools.real(Pool::AminoAcids),
            charged: pools.real(Pool::ChargedTrna),
            free: pools.real(Pool::FreeTrna),
            extent: [0.0; KINETIC.len()],
        };
        flow.before_translation();
        flow
    }

    pub(super) fn molecules(&self, mm: f64) -> f64 {
        Constants::molecules(mm, self.around.volume_al)
    }

    pub(super) fn atp(&self) -> f64 {
        self.ntp[0]
    }

    /// Books `amount` ATP → ADP as part of reaction `n`, bounded by the ATP there is.
    pub(super) fn spend_atp(&mut self, n: usize, amount: f64, atp_each: f64) -> f64 {
        let bounded = f64::min(amount, LARGEST_SHARE * self.atp() / atp_each);
        let done = f64::max(bounded, 0.0);
        self.ntp[0] -= done * atp_each;
        self.extent[n] += done;
        done
    }

    pub(super) fn run(&mut self) {
        for _ in 0..self.substeps {
            self.substep();
        }
    }

    fn substep(&mut self) {
        self.maintain();
        if let Some(supply) = self.around.supply {
            self.supply(&supply);
        } else {
            self.charge();
            self.import();
        }
        self.salvage_and_deoxy();
        self.phosphorylate_monophosphates();
        self.exchange_phosphate();
        self.regenerate();
        // Diphosphate kinases first: what regeneration took from ADP beyond its share comes from the other bases.
        self.equilibrate_diphosphates();
        self.equilibrate_adenylates();
    }

    /// M2: f B₀ (0.06 + 0.94 G(E)) [ATP]/(K+[ATP]).
    fn maintain(&mut self) {
        let c = self.constants;
        let gate = c.gate(energy_charge(self.ntp[0], self.ndp[0], self.nmp[0]));
        let throttled = c.maintenance_floor + (1.0 - c.maintenance_floor) * gate;
        let saturation = self.atp() / (self.molecules(c.maintenance_k_atp) + self.atp());
        let done = self.spend_atp(
            MAINTENANCE,
            self.around.mass * c.maintenance * throttled * saturation * self.dt,
            1.0,
        );
        self.ndp[0] += done;
        self.phosphate += done;
    }

    /// M7: synthetase binds ATP, amino acid and tRNA one after the other and releases the charged tRNA; the rate per
    /// synthetase is the inverse of the summed mean times. Implicit in free tRNA, which turns over in milliseconds.
    fn charge(&mut self) {
        let [k_atp, k_aa, k_trna, release] = self.constants.synthetase;
        let dilution = self.constants.volume_birth_al / self.around.volume_al;
        if self.free <= 0.0 || self.amino_acids <= 0.0 || self.atp() <= 0.0 {
            return;
        }
        let other = 1.0 / release
            + 1.0 / (k_atp * dilution * self.atp())
            + 1.0 / (k_aa * dilution * self.amino_acids / AMINO_ACID_KINDS);
        let search = self.around.trna_kinds / (k_trna * dilution);
        let (n, dt, free) = (self.around.synthetases, self.dt, self.free);
        let b = other * free + search + n * dt;
        let rate =
            2.0 * n * free / (b + libm::sqrt(f64::max(b * b - 4.0 * other * dt * n * free, 0.0)));
        let wanted = f64::min(rate * dt, LARGEST_SHARE * self.amino_acids);
        self.charge_trna(f64::min(wanted, free));
    }

    /// Charges as many tRNAs as there is ATP for: each takes an amino acid and makes ATP AMP.
    pub(super) fn charge_trna(&mut self, wanted: f64) {
        let done = self.spend_atp(CHARGING, wanted, 1.0);
        self.nmp[0] += done;
        self.pyrophosphate += done;
        self.amino_acids -= done;
        self.free -= done;
        self.charged += done;
    }

    /// M8: import against product inhibition, one ATP each.
    fn import(&mut self) {
        if !self.around.amino_acids_outside {
            return;
        }
        let c = self.constants;
        let room = f64::max(
            1.0 - self.amino_acids / self.molecules(c.aa_ceiling_mm),
            0.0,
        );
        let saturation = self.import_saturation();
        let done = self.spend_atp(
            AA_IMPORT,
            self.around.mass * c.aa_import * room * saturation * self.dt,
            1.0,
        );
        self.amino_acids += done;
        self.ndp[0] += done;
        self.phosphate += done;
    }

    pub(super) fn import_saturation(&self) -> f64 {
        self.atp() / (self.molecules(self.constants.import_k_atp) + self.atp())
    }

    /// M9 and M10: nucleotide sums and dNTP pools are pulled to their reference concentrations.
    fn salvage_and_deoxy(&mut self) {
        let c = self.constants;
        let saturation = self.import_saturation();
        for base in Base::ALL {
            let b = base.index();
            let reference: f64 = [base.ntp(), base.ndp(), base.nmp()]
                .into_iter()
                .map(|p| c.conc_mm[p as usize])
                .sum();
            let missing = self.molecules(reference) - self.ntp[b] - self.ndp[b] - self.nmp[b];
            if self.around.nucleosides_outside && missing > 0.0 {
                let done = self.spend_atp(
                    SALVAGE[b],
                    missing * saturation * self.dt / c.salvage_s,
                    2.0,
                );
                self.nmp[b] += done;
                self.ndp[0] += 2.0 * done;
                self.phosphate += done;
            }
            let missing = self.molecules(c.conc_mm[base.dntp() as usize]) - self.dntp[b];
            if missing > 0.0 {
                let wanted = f64::min(
                    missing * saturation * self.dt / c.dntp_s,
                    LARGEST_SHARE * self.ndp[b],
                );
                let done = self.spend_atp(DEOXY[b], wanted, 2.0);
                self.ndp[b] -= done;
                self.dntp[b] += done;
                self.ndp[0] += 2.0 * done;
                self.phosphate += done;
            }
        }
    }

    /// M4 for G, U and C, and M6.
    fn phosphorylate_monophosphates(&mut self) {
        let share = f64::min(self.constants.kinase_rate * self.dt, 1.0);
        for b in 1..4 {
            let wanted = f64::min(share * self.nmp[b], self.nmp[b]);
            let done = self.spend_atp(NMK[b], wanted, 1.0);
            self.nmp[b] -= done;
            self.ndp[b] += done;
            self.ndp[0] += done;
        }
        let done =
            self.pyrophosphate * f64::min(self.constants.pyrophosphatase_rate * self.dt, 1.0);
        self.pyrophosphate -= done;
        self.phosphate += 2.0 * done;
        self.extent[PPASE] += done;
    }

    /// M12: phosphate is held at its reference concentration, in both directions.
    fn exchange_phosphate(&mut self) {
        let missing =
            self.molecules(self.constants.conc_mm[Pool::Phosphate as usize]) - self.phosphate;
        let done = missing * f64::min(self.dt / self.constants.phosphate_s, 1.0);
        self.phosphate += done;
        self.extent[PHOSPHATE] += done;
    }

    /// M1: V [ADP]/(K+[ADP]), solved implicitly for all NDP, of which ADP is a fixed share at kinase equilibrium.
    fn regenerate(&mut self) {
        let c = self.constants;
        let phosphate = self.phosphate / (self.molecules(c.regeneration_k_pi) + self.phosphate);
        let v = self.vmax * self.around.carbon * phosphate * self.dt;
        let ndp: f64 = self.ndp.iter().sum();
        if v <= 0.0 || ndp <= 0.0 {
            return;
        }
        let all = ndp + self.ntp.iter().sum::<f64>();
        let share = (self.ndp[0] + self.ntp[0]) / all;
        let start = share * ndp;
        let k = self.molecules(c.regeneration_k_adp);
        // y = ADP at the end: y² + (K − start + share·v) y − K·start = 0.
        let b = k - start + share * v;
        let y = 0.5 * (libm::sqrt(b * b + 4.0 * k * start) - b);
        let wanted = v * y / (k + y);
        // ADP itself may hold less than the equilibrium share: kinases pass the bond on, so move it through them.
        let done = f64::min(f64::min(wanted, ndp), LARGEST_SHARE * self.phosphate);
        self.extent[REGENERATION] += done;
        self.phosphate -= done;
        self.ndp[0] -= done;
        self.ntp[0] += done;
    }

    /// M5 at equilibrium with K = 1: ATP·AMP = ADP², with the adenylate sum and its bonds fixed.
    fn equilibrate_adenylates(&mut self) {
        let sum = self.ntp[0] + self.ndp[0] + self.nmp[0];
        let bonds = 2.0 * self.ntp[0] + self.ndp[0];
        let adp =
            (libm::sqrt(sum * sum + 3.0 * bonds * f64::max(2.0 * sum - bonds, 0.0)) - sum) / 3.0;
        // One extent makes two ADP.
        let extent = 0.5 * (adp - self.ndp[0]);
        self.extent[ADK] += extent;
        self.ntp[0] -= extent;
        self.nmp[0] -= extent;
        self.ndp[0] += 2.0 * extent;
    }

    /// M3 at equilibrium with K = 1: all bases share one ratio of tri- to diphosphate.
    fn equilibrate_diphosphates(&mut self) {
        let tri: f64 = self.ntp.iter().sum();
        let all = tri + self.ndp.iter().sum::<f64>();
        if all <= 0.0 {
            return;
        }
        let ratio = tri / all;
        for b in 1..4 {
            let extent = ratio * (self.ntp[b] + self.ndp[b]) - self.ntp[b];
            self.extent[NDK[b]] += extent;
            self.ntp[b] += extent;
            self.ndp[b] -= extent;
            self.ntp[0] -= extent;
            self.ndp[0] += extent;
        }
    }
}

/// Kinds of amino acid in the lumped pool.
const AMINO_ACID_KINDS: f64 = 20.0;
