//! Lumped metabolism: 22 pools, about 20 reactions, integer extents.
//!
//! The interface is narrow: pools in, integer extents out, ledger told. Between coupling steps the pools are real
//! numbers; diphosphate kinases (M3) and adenylate kinase (M5) are taken as instantaneous equilibria in closed form and
//! regeneration (M1) is solved implicitly, so that no rate is stiff. Real extents become integers with a carried
//! remainder, so every balance is exact.

mod flow;
mod supply;

use serde::{Deserialize, Serialize};

use self::flow::Flow;
pub(crate) use self::supply::Supply;
use super::constants::Constants;
use super::ledger::{Cause, Ledger};
use super::model::CellModel;
use super::numbers::{cut, signed_real};
use super::pools::{Base, Pool, Pools, Reaction};

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
    /// Capacity of regeneration from medium and reserve over that of a saturating medium, 0 to 1.
    pub(crate) carbon: f64,
    /// Glucose in the medium, mM.
    pub(crate) glucose_mm: f64,
    pub(crate) amino_acids_outside: bool,
    pub(crate) nucleosides_outside: bool,
    /// Building blocks from the cell's own enzymes; nothing where it lives on imports alone.
    pub(crate) supply: Option<Supply>,
}

const KINETIC: [Reaction; 23] = {
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
        AminoAcidSynthesis,
        Biosynthesis,
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
const AA_SYNTHESIS: usize = 21;
const BIOSYNTHESIS: usize = 22;

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
        flow.run();
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
        Reaction::AminoAcidSynthesis => {
            ledger.imported.amino_acids += extent;
            ledger.build(extent, constants.glucose_per_residue_hundredths);
            Cause::Biosynthesis
        }
        Reaction::Biosynthesis => Cause::Biosynthesis,
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
