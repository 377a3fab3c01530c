//! Lumped metabolism: 22 pools, about 20 reactions, integer extents.
//!
//! The interface is narrow: pools in, integer extents out, ledger told. Between coupling steps the pools are real
//! numbers; diphosphate kinases (M3) and adenylate kinase (M5) are taken as instantaneous equilibria in closed form and
//! regeneration (M1) is solved implicitly, so that no rate is stiff. Real extents become integers with a carried
//! remainder, so every balance is exact.

use serde::{Deserialize, Serialize};

use super::constants::Constants;
use super::ledger::{Cause, Ledger};
use super::model::CellModel;
use super::numbers::{cut, signed_real};
use super::pools::{Base, Pool, Pools, Reaction, energy_charge};

/// Sub-steps per coupling step of half a second.
const SUBSTEPS: u32 = 10;

/// The largest share of a substrate that one flux may take in one sub-step (Patankar 1980 weighting in its simplest form).
const LARGEST_SHARE: f64 = 0.2;

/// Extents put off because a pool was short stay far below this.
const LARGEST_REMAINDER: f64 = 1e9;

/// What metabolism is told about the rest of the cell for one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings {
    /// Length of the step, s.
    pub(crate) span: f64,
    pub(crate) volume_al: f64,
    /// Protein mass relative to birth.
    pub(crate) mass: f64,
    /// Share of regeneration capacity that the quota grants, 0 to 1.
    pub(crate) grant: f64,
    /// Enzymes of the regeneration path relative to need, 0 to 1.
    pub(crate) path_capacity: f64,
    /// Synthetase copies.
    pub(crate) synthetases: f64,
    /// Kinds of tRNA gene.
    pub(crate) trna_kinds: f64,
    /// Lipid uptake asked for by growth, molecules.
    pub(crate) lipid_demand: f64,
    /// Glucose in the medium, mM.
    pub(crate) glucose_mm: f64,
    pub(crate) amino_acids_outside: bool,
    pub(crate) nucleosides_outside: bool,
}

const KINETIC: [Reaction; 21] = {
    use Base::{Adenine as A, Cytosine as C, Guanine as G, Uracil as U};
    use Reaction::*;
    [
        Regeneration,
        AtpHydrolysis,
        DiphosphateKinase(C),
        DiphosphateKinase(G),
        DiphosphateKinase(U),
        MonophosphateKinase(C),
        MonophosphateKinase(G),
        MonophosphateKinase(U),
        AdenylateKinase,
        Pyrophosphatase,
        Charging,
        AminoAcidImport,
        Salvage(A),
        Salvage(C),
        Salvage(G),
        Salvage(U),
        DeoxySynthesis(A),
        DeoxySynthesis(C),
        DeoxySynthesis(G),
        DeoxySynthesis(U),
        PhosphateExchange,
    ]
};

/// Positions in [`KINETIC`].
const REGENERATION: usize = 0;
const MAINTENANCE: usize = 1;
const NDK: [usize; 4] = [usize::MAX, 2, 3, 4];
const NMK: [usize; 4] = [usize::MAX, 5, 6, 7];
const ADK: usize = 8;
const PPASE: usize = 9;
const CHARGING: usize = 10;
const AA_IMPORT: usize = 11;
const SALVAGE: [usize; 4] = [12, 13, 14, 15];
const DEOXY: [usize; 4] = [16, 17, 18, 19];
const PHOSPHATE: usize = 20;

/// The lumped metabolism of one cell: only the remainders of its extents below one molecule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LumpedMetabolism {
    remainder: Vec<f64>,
    lipid_remainder: f64,
    grant_remainder: f64,
}

impl LumpedMetabolism {
    pub(crate) fn new() -> Self {
        Self {
            remainder: vec![0.0; KINETIC.len()],
            lipid_remainder: 0.0,
            grant_remainder: 0.0,
        }
    }

    /// Whether this can be the state of a metabolism: used when an image is read.
    pub(crate) fn is_sound(&self) -> bool {
        let small = |r: &f64| r.abs() <= LARGEST_REMAINDER;
        self.remainder.len() == KINETIC.len()
            && self.remainder.iter().all(small)
            && small(&self.lipid_remainder)
            && small(&self.grant_remainder)
    }

    /// Moves the pools by `around.span` and books every extent.
    pub(crate) fn advance(
        &mut self,
        pools: &mut Pools,
        ledger: &mut Ledger,
        model: &CellModel,
        around: &Surroundings,
    ) {
        let mut flow = Flow::new(pools, &model.constants, around);
        for _ in 0..SUBSTEPS {
            flow.substep();
        }
        let grant = self.whole_grant(flow.vmax * around.span);
        ledger.granted += grant;
        let mut extents = self.whole_extents(&flow.extent, grant);
        self.keep_pools_positive(pools, &mut extents);
        for (n, reaction) in KINETIC.into_iter().enumerate() {
            book(pools, ledger, reaction, extents[n], &model.constants);
        }
        let lipid = around.lipid_demand + self.lipid_remainder;
        let whole = libm::floor(lipid);
        self.lipid_remainder = lipid - whole;
        ledger.lipids += cut(whole);
        pools.apply(Reaction::LipidUptake, cut(whole));
    }

    fn whole_grant(&mut self, grant: f64) -> i64 {
        let due = grant + self.grant_remainder;
        let whole = libm::floor(due);
        self.grant_remainder = due - whole;
        cut(whole)
    }

    fn whole_extents(&mut self, real: &[f64; KINETIC.len()], grant: i64) -> [i64; KINETIC.len()] {
        let mut extents = [0; KINETIC.len()];
        for n in 0..KINETIC.len() {
            let due = real[n] + self.remainder[n];
            let mut whole = libm::floor(due);
            if n == REGENERATION {
                whole = f64::min(whole, signed_real(grant));
            }
            self.remainder[n] = due - whole;
            extents[n] = cut(whole);
        }
        extents
    }

    /// Rounding may leave a pool a few molecules short: then consumers give back what is missing, to be taken later.
    fn keep_pools_positive(&mut self, pools: &Pools, extents: &mut [i64; KINETIC.len()]) {
        loop {
            let mut after = pools.clone();
            for (n, reaction) in KINETIC.into_iter().enumerate() {
                after.apply(reaction, extents[n]);
            }
            let Some(&short) = Pool::ALL.iter().find(|&&p| after.get(p) < 0) else {
                return;
            };
            let missing = -after.get(short);
            let consumer = (0..KINETIC.len())
                .find(|&n| uses(KINETIC[n], short, extents[n]))
                .expect("a pool that was not negative became so through one of the reactions");
            let step = if extents[consumer] > 0 { 1 } else { -1 };
            let back = missing.min(extents[consumer].abs()) * step;
            extents[consumer] -= back;
            self.remainder[consumer] += signed_real(back);
        }
    }
}

/// Whether `extent` of the reaction takes from the pool.
fn uses(reaction: Reaction, pool: Pool, extent: i64) -> bool {
    reaction
        .stoichiometry()
        .iter()
        .any(|&(p, n)| p == pool && n * extent < 0)
}

fn book(
    pools: &mut Pools,
    ledger: &mut Ledger,
    reaction: Reaction,
    extent: i64,
    constants: &Constants,
) {
    let cause = match reaction {
        Reaction::Regeneration => {
            ledger.post_regeneration(
                pools,
                extent,
                constants.yield_hundredths,
                constants.acids_per_glucose,
            );
            return;
        }
        Reaction::Charging => Cause::Charging,
        Reaction::AminoAcidImport => {
            ledger.imported.amino_acids += extent;
            Cause::AminoAcidImport
        }
        Reaction::Salvage(base) => {
            ledger.imported.bases[base.index()] += extent;
            Cause::Salvage
        }
        Reaction::DeoxySynthesis(_) => Cause::Deoxy,
        Reaction::PhosphateExchange => {
            ledger.imported.phosphorus += extent;
            Cause::Maintenance
        }
        Reaction::AtpHydrolysis => Cause::Maintenance,
        // No bond is spent in passing one on, so the cause of the rest does not matter; a new reaction must say its own.
        Reaction::DiphosphateKinase(_)
        | Reaction::MonophosphateKinase(_)
        | Reaction::AdenylateKinase
        | Reaction::Pyrophosphatase => Cause::Maintenance,
        Reaction::Polymerization(_)
        | Reaction::RnaDecay(_)
        | Reaction::Translation
        | Reaction::ProteinDegradation
        | Reaction::ReplicationAt
        | Reaction::ReplicationGc
        | Reaction::LipidUptake => unreachable!("not among the reactions of metabolism"),
    };
    ledger.post(pools, reaction, extent, cause);
}

/// Pools as real numbers, in molecules, while a step is integrated.
struct Flow<'a> {
    constants: &'a Constants,
    around: &'a Surroundings,
    dt: f64,
    /// Most ATP that may be regenerated, 1/s.
    vmax: f64,
    /// Saturation of regeneration with phosphate is taken from the pool; with glucose, fixed for the step.
    glucose: f64,
    ntp: [f64; 4],
    ndp: [f64; 4],
    nmp: [f64; 4],
    dntp: [f64; 4],
    phosphate: f64,
    pyrophosphate: f64,
    amino_acids: f64,
    charged: f64,
    free: f64,
    extent: [f64; KINETIC.len()],
}

impl<'a> Flow<'a> {
    fn new(pools: &Pools, constants: &'a Constants, around: &'a Surroundings) -> Self {
        let each = |pool: fn(Base) -> Pool| Base::ALL.map(|b| pools.real(pool(b)));
        let vmax = around.grant * around.mass * around.path_capacity * constants.regeneration_vmax;
        Self {
            constants,
            around,
            dt: around.span / f64::from(SUBSTEPS),
            vmax,
            glucose: around.glucose_mm / (constants.regeneration_k_glucose + around.glucose_mm),
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
        }
    }

    fn molecules(&self, mm: f64) -> f64 {
        Constants::molecules(mm, self.around.volume_al)
    }

    fn atp(&self) -> f64 {
        self.ntp[0]
    }

    /// Books `amount` ATP → ADP as part of reaction `n`, bounded by the ATP there is.
    fn spend_atp(&mut self, n: usize, amount: f64, atp_each: f64) -> f64 {
        let bounded = f64::min(amount, LARGEST_SHARE * self.atp() / atp_each);
        let done = f64::max(bounded, 0.0);
        self.ntp[0] -= done * atp_each;
        self.extent[n] += done;
        done
    }

    fn substep(&mut self) {
        self.maintain();
        self.charge();
        self.import();
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
        let done = self.spend_atp(CHARGING, f64::min(wanted, free), 1.0);
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

    fn import_saturation(&self) -> f64 {
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
        let v = self.vmax * self.glucose * phosphate * self.dt;
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
