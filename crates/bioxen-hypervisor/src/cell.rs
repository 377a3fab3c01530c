//! One cell: its state and the coupling step that moves it.

mod compare;
mod constants;
mod construct;
mod division;
mod expression;
mod genes;
mod growth;
mod image;
mod ledger;
mod machines;
mod mechanism;
mod media;
mod metabolism;
mod metrics;
mod model;
mod numbers;
mod observe;
mod operons;
mod organism;
mod perturb;
mod phase;
mod pools;
mod regulation;
mod replication;
mod reserve;
mod sound;
mod species;
mod speeds;
mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bioxen_core::{Elongation, Quota, SimSpan, SimTime, VmId};

pub use self::compare::{CellDiff, CountChange, CountKind, SavedCell, SettingChange};
pub(crate) use self::construct::limits;
pub use self::construct::{
    Carrier, Construct, ConstructError, ConstructGene, ConstructUnit, Control, ControlAction,
};
pub(crate) use self::image::hex;
pub use self::media::NamedMedium;
pub(crate) use self::media::energy_demand;
pub use self::model::CellModel;
pub(crate) use self::numbers::real;
pub use self::operons::OperonChange;
pub(crate) use self::species::Species;

use self::expression::EventCounts;
use self::genes::Genes;
use self::growth::{FluxMeter, Geometry, GrowthMeter};
use self::ledger::{Account, Ledger};
use self::machines::MachineCount;
use self::mechanism::Loading;
use self::metabolism::LumpedMetabolism;
use self::numbers::{count, integer};
use self::operons::Operons;
use self::phase::Phase;
use self::pools::{Base, Pools};
use self::regulation::Regulation;
use self::replication::Chromosome;
use crate::stochastic::{Chains, RandomStream};

/// Length of a coupling step: the longest span for which GTP (turnover 1 to 2 s) may be left without exchange.
pub const COUPLING_STEP: SimSpan = SimSpan::from_micros(500_000);

/// A living cell.
///
/// It moves in whole coupling steps, so that a run cut into any number of pieces is the same run.
#[derive(Debug, Clone)]
pub struct Cell {
    pub(crate) model: Arc<CellModel>,
    stream: RandomStream,
    steps: u64,
    /// Seconds of the step that have passed, while it is computed; 0 between steps.
    part_s: f64,
    generation: u32,
    divisions: Vec<SimTime>,
    quota: Quota,
    elongation: Elongation,
    protein_decay: bool,
    degradosomes_follow_surface: bool,
    pools: Pools,
    ledger: Ledger,
    medium: Medium,
    /// What the cell makes of its state, if the model says so.
    regulation: Option<Regulation>,
    phase: Option<Phase>,
    /// What was asked of operons, if the genome has any.
    operons: Option<Operons>,
    /// Substances in the medium that switch promoters.
    inducers: Vec<String>,
    /// Copies of each plasmid of the model.
    plasmids: Vec<u32>,
    /// Units of the reserve of carbon.
    reserve: i64,
    genes: Genes,
    rnap: MachineCount,
    ribosomes: MachineCount,
    degradosomes: MachineCount,
    translocons: MachineCount,
    /// Growing polypeptides, growing transcripts, and transcripts being degraded.
    chains: Chains<1>,
    transcripts: Chains<4>,
    decays: Chains<4>,
    chromosome: Chromosome,
    geometry: Geometry,
    membrane_proteins: u32,
    metabolism: LumpedMetabolism,
    growth: GrowthMeter,
    events: EventCounts,
    /// Residues in finished proteins.
    residues: i64,
    /// Bases (A C G U) in finished transcripts, stable RNA included.
    rna: [i64; 4],
    /// ATP that insertions and protein decay may still take in this step, and what insertions took.
    insertion_budget: i64,
    degradation_budget: i64,
    insertion_atp: i64,
    /// Residues of proteins degraded in this step.
    degraded_residues: i64,
    /// Moving averages of what is made and spent per second.
    rates: FluxMeter,
    /// Simulated seconds for which energy charge has been below 0.1.
    starved_s: f64,
}

/// More than any medium holds, mM.
pub(crate) const MOST_GLUCOSE_MM: f64 = 1e6;

/// What surrounds the cell.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Medium {
    /// Glucose, or another source of carbon in the carbon of glucose, mM.
    pub(crate) glucose_mm: f64,
    pub(crate) amino_acids: bool,
    pub(crate) nucleosides: bool,
    /// Amino acids that the enzymes for it make of what there is, per residue in them, 1/s; nothing for a cell that
    /// makes none.
    pub(crate) nutrition: f64,
    /// Capacity to regenerate ATP from what there is, over that of the reference medium.
    pub(crate) energy: f64,
    /// What a cell and its offspring share, aL; infinite where it is not drawn down.
    pub(crate) volume_al: f64,
    /// Divisions of the lineage before it was given this medium.
    pub(crate) since: u32,
}

/// How a cell is simulated; the defaults are the model as published figures are compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CellOptions {
    /// How long a chain takes.
    pub elongation: Elongation,
    /// Degrades proteins at the measured rate (25 h half-life); off, as in the published models.
    pub protein_decay: bool,
    /// Degradosomes keep the density they have in the membrane at birth. Off: only assembly from subunits, as in the
    /// published model, with which mRNA piles up late in the cycle (docs/model.md).
    pub degradosomes_follow_surface: bool,
}

impl Default for CellOptions {
    fn default() -> Self {
        Self {
            elongation: Elongation::Queue,
            protein_decay: false,
            degradosomes_follow_surface: true,
        }
    }
}

impl Cell {
    /// A newborn cell under `quota`, with the random stream that belongs to `seed` and `id`.
    pub fn newborn(
        model: Arc<CellModel>,
        id: &VmId,
        seed: bioxen_core::Seed,
        quota: Quota,
        options: CellOptions,
    ) -> Self {
        let mut stream = RandomStream::derive(seed.get(), id.as_str());
        let pools = Pools::newborn(&model);
        let stable = model.products.iter().filter(|p| !p.is_message());
        let rna = stable.fold([0; 4], |mut sum: [i64; 4], product| {
            for (s, n) in sum.iter_mut().zip(product.bases) {
                *s += i64::from(n) * i64::from(product.copies_at_birth);
            }
            sum
        });
        let geometry = Geometry::newborn(&model);
        let membrane_proteins = model
            .products
            .iter()
            .filter(|p| p.in_membrane)
            .map(|p| p.copies_at_birth)
            .sum();
        let machines = &model.machines;
        let chromosome = Chromosome::first(&model, &mut stream);
        let genes = Genes::newborn(&model, &chromosome);
        let mut cell = Self {
            steps: 0,
            part_s: 0.0,
            generation: 0,
            divisions: Vec::new(),
            quota,
            elongation: options.elongation,
            protein_decay: options.protein_decay,
            degradosomes_follow_surface: options.degradosomes_follow_surface,
            ledger: Ledger::new(Account::default()),
            medium: model.medium,
            regulation: Regulation::newborn(&model),
            phase: model.regulation.as_ref().map(|_| Phase::growing()),
            operons: Operons::newborn(&model),
            inducers: Vec::new(),
            plasmids: Vec::new(),
            reserve: 0,
            genes,
            rnap: MachineCount::idle(machines.rnap.at_birth),
            ribosomes: MachineCount::idle(machines.ribosome.at_birth),
            degradosomes: MachineCount::idle(machines.degradosome.at_birth),
            translocons: MachineCount::idle(machines.translocon.at_birth),
            chains: Chains::new(),
            transcripts: Chains::new(),
            decays: Chains::new(),
            chromosome,
            geometry,
            membrane_proteins,
            metabolism: LumpedMetabolism::new(),
            growth: GrowthMeter::newborn(&model),
            events: EventCounts::default(),
            residues: integer(model.residues_at_birth),
            rna,
            insertion_budget: 0,
            degradation_budget: 0,
            insertion_atp: 0,
            degraded_residues: 0,
            rates: FluxMeter::default(),
            starved_s: 0.0,
            pools,
            stream,
            model,
        };
        cell.grow();
        cell.fill_with_transcripts();
        cell.grow();
        cell.reserve = cell
            .model
            .reserve
            .map_or(0, |of| integer(cell.full_reserve(&of)));
        cell.ledger = Ledger::new(cell.content());
        cell
    }

    /// Simulated time since the cell was made.
    pub fn time(&self) -> SimTime {
        SimTime::from_micros(self.steps * COUPLING_STEP.micros())
    }

    /// Divisions so far.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// When the cell divided.
    pub fn divisions(&self) -> &[SimTime] {
        &self.divisions
    }

    /// The quota in force.
    pub fn quota(&self) -> Quota {
        self.quota
    }

    /// What kind of cell it is.
    pub fn model(&self) -> &Arc<CellModel> {
        &self.model
    }

    /// Puts a quota in force from the next coupling step on. No translation under way is aborted.
    pub fn set_quota(&mut self, quota: Quota) {
        self.quota = quota;
    }

    /// Simulated seconds at the start of what is being computed.
    fn seconds(&self) -> f64 {
        self.time().seconds() + self.part_s
    }

    /// Transcripts of a newborn cell: Poisson around the published means, most of them being translated somewhere
    /// along their length. They turn over in minutes, so a cell cycle forgets them.
    fn fill_with_transcripts(&mut self) {
        let model = Arc::clone(&self.model);
        for (index, unit) in model.units.iter().enumerate() {
            let n = self.stream.poisson(unit.transcripts_at_birth);
            for _ in 0..n {
                for (sum, bases) in self.rna.iter_mut().zip(unit.message_bases) {
                    *sum += i64::from(bases);
                }
                self.genes.add_message(index, &model);
                if model.mechanisms.loading == Loading::One
                    && self.ribosomes.free() > 0
                    && self.stream.uniform() < TRANSLATED_AT_BIRTH
                {
                    self.resume_translation(unit.genes[0], &model);
                }
            }
        }
        if model.mechanisms.loading == Loading::Polysome {
            let working = POLYSOMES_AT_BIRTH * f64::from(self.ribosomes.total);
            for _ in 0..count(working) {
                let point = self.stream.below(self.genes.messages.total());
                let gene = self.genes.messages.select(point);
                self.resume_translation(gene, &model);
            }
        }
    }

    /// A ribosome is somewhere along a message of `gene`.
    fn resume_translation(&mut self, gene: usize, model: &CellModel) {
        self.genes.begin_translation(gene, model);
        self.ribosomes.bound += 1;
        let product = &model.products[gene];
        let duration = product.translation_ticks;
        let elapsed = self.stream.below(duration);
        self.chains.resume(
            u32::try_from(gene).expect("few genes"),
            duration,
            elapsed,
            [product.residues],
        );
    }

    /// Everything conserved that is in the cell now.
    pub(crate) fn content(&self) -> Account {
        let mut content = Account::from(self.pools.holding());
        let growing = self.transcripts.content();
        let gone = self.decays.content();
        let mut dna = self.chromosome.bases(&self.model);
        self.add_plasmid_bases(&mut dna);
        for base in Base::ALL {
            let b = base.index();
            let rna = self.rna[b] + growing[b] - gone[b];
            content.bases[b] += rna + dna[b];
            content.phosphorus += rna + dna[b];
        }
        content.amino_acids += self.residues + self.chains.content()[0];
        content
    }
}

/// Share of ribosomes at work in polysomes of a newborn cell (Dennis & Bremer 2008).
const POLYSOMES_AT_BIRTH: f64 = 0.85;

/// Share of transcripts on a ribosome in a newborn cell: 346.6 of 375 (Fu et al. 2025).
const TRANSLATED_AT_BIRTH: f64 = 0.924;
