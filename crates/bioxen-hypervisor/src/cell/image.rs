//! A cell as bytes and back.

use std::sync::Arc;

use bioxen_core::{
    AtpPercent, Elongation, ImageError, Quota, RibosomeCount, RibosomeUnit, Seed, SimTime, VmId,
    VmImage,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::construct::Construct;
use super::expression::EventCounts;
use super::genes::{Genes, GenesState};
use super::growth::{FluxMeter, Geometry, GrowthMeter};
use super::ledger::Ledger;
use super::machines::MachineCount;
use super::metabolism::LumpedMetabolism;
use super::operons::Operons;
use super::phase::Phase;
use super::pools::Pools;
use super::regulation::Regulation;
use super::replication::Chromosome;
use super::{Cell, CellModel, Medium, sound};
use crate::image::{self, SavedPackages};
use crate::stochastic::{Chains, ChainsState, RandomStream, StreamState};

#[derive(Serialize, Deserialize)]
struct Saved {
    vm_id: String,
    seed: u64,
    model: String,
    constructs: Vec<Construct>,
    stream: StreamState,
    cell: CellState,
    /// Left out where there are none, as in all images of format 1.
    #[serde(default, skip_serializing_if = "SavedPackages::is_empty")]
    packages: SavedPackages,
}

/// The whole state of a cell but for its model and its random stream.
#[derive(Serialize, Deserialize)]
struct CellState {
    steps: u64,
    generation: u32,
    divisions_us: Vec<u64>,
    atp_hundredths: u16,
    ribosome_units: u32,
    physical_units: bool,
    exponential: bool,
    protein_decay: bool,
    degradosomes_follow_surface: bool,
    pools: Pools,
    ledger: Ledger,
    medium: Medium,
    regulation: Option<Regulation>,
    phase: Option<Phase>,
    operons: Option<Operons>,
    reserve: i64,
    inducers: Vec<String>,
    plasmids: Vec<u32>,
    genes: GenesState,
    rnap: MachineCount,
    ribosomes: MachineCount,
    degradosomes: MachineCount,
    translocons: MachineCount,
    chains: ChainsState,
    transcripts: ChainsState,
    decays: ChainsState,
    chromosome: Chromosome,
    geometry: Geometry,
    membrane_proteins: u32,
    metabolism: LumpedMetabolism,
    growth: GrowthMeter,
    rates: FluxMeter,
    events: EventCounts,
    starved_s: f64,
}

impl Cell {
    /// Bytes of the saved state.
    pub(crate) fn state_bytes(&self, id: &VmId, seed: Seed) -> u64 {
        u64::try_from(self.save(id, seed).as_bytes().len()).unwrap_or(u64::MAX)
    }

    /// The whole cell with its random stream; [`Cell::restore`] continues it bit for bit.
    ///
    /// # Panics
    ///
    /// Never: the state has no part that the encoding refuses.
    pub fn save(&self, id: &VmId, seed: Seed) -> VmImage {
        self.save_with(id, seed, SavedPackages::default())
    }

    /// As [`Cell::save`], with what the VM has beside its cell.
    pub(crate) fn save_with(&self, id: &VmId, seed: Seed, packages: SavedPackages) -> VmImage {
        let saved = Saved {
            vm_id: id.as_str().to_owned(),
            seed: seed.get(),
            model: self.model.fingerprint().to_owned(),
            constructs: self.model.constructs.clone(),
            stream: self.stream.state(),
            cell: self.state(),
            packages,
        };
        let body =
            rmp_serde::to_vec_named(&saved).expect("numbers, strings and vectors always encode");
        image::seal(&self.model.organism().to_string(), &body)
    }

    /// The cell of an image, as the VM that was saved: same name, same seed, same model.
    ///
    /// # Errors
    ///
    /// When the image is damaged, too new, of another model or VM, or holds a state that no cell can have.
    pub fn restore(
        model: &Arc<CellModel>,
        image: &VmImage,
        id: &VmId,
        seed: Seed,
    ) -> Result<Self, ImageError> {
        Self::restore_with(model, image, id, seed).map(|(cell, _)| cell)
    }

    /// As [`Cell::restore`], with what the VM had beside its cell.
    pub(crate) fn restore_with(
        model: &Arc<CellModel>,
        image: &VmImage,
        id: &VmId,
        seed: Seed,
    ) -> Result<(Self, SavedPackages), ImageError> {
        let (model, saved) = read(model, image)?;
        if saved.vm_id != id.as_str() || saved.seed != seed.get() {
            return Err(ImageError::IdentityMismatch {
                expected: format!("VM {id} with seed {seed}"),
                found: format!("VM {} with seed {}", saved.vm_id, saved.seed),
            });
        }
        Self::going_on(&model, saved)
    }

    /// The cell of an image whoever it was saved by, with the name and seed of that VM and what it had beside its cell.
    pub(crate) fn restore_any(
        model: &Arc<CellModel>,
        image: &VmImage,
    ) -> Result<(VmId, Seed, Self, SavedPackages), ImageError> {
        let (model, saved) = read(model, image)?;
        let id = VmId::new(&saved.vm_id).map_err(|_| unsound("the name of the VM"))?;
        let seed = Seed::new(saved.seed);
        let (cell, packages) = Self::going_on(&model, saved)?;
        Ok((id, seed, cell, packages))
    }

    /// A saved cell on the random stream that it was saved with.
    fn going_on(model: &Arc<CellModel>, saved: Saved) -> Result<(Self, SavedPackages), ImageError> {
        let stream = RandomStream::from_state(&saved.stream);
        let cell = Self::from_state(model, saved.cell, stream)?;
        Ok((cell, saved.packages))
    }

    /// A new VM that starts as the cell of an image and goes its own way, on the stream of its own name and seed.
    ///
    /// # Errors
    ///
    /// As [`Cell::restore`], and when name and seed are those of the image: two cells would live one life.
    pub fn fork(
        model: &Arc<CellModel>,
        image: &VmImage,
        id: &VmId,
        seed: Seed,
    ) -> Result<Self, ImageError> {
        Self::fork_with(model, image, id, seed).map(|(cell, _)| cell)
    }

    /// As [`Cell::fork`], with what the VM had beside its cell.
    pub(crate) fn fork_with(
        model: &Arc<CellModel>,
        image: &VmImage,
        id: &VmId,
        seed: Seed,
    ) -> Result<(Self, SavedPackages), ImageError> {
        let (model, saved) = read(model, image)?;
        if saved.vm_id == id.as_str() {
            return Err(ImageError::IdentityMismatch {
                expected: "a new name for the fork".to_owned(),
                found: format!("VM {id}, the name of the original"),
            });
        }
        if saved.seed == seed.get() {
            return Err(ImageError::IdentityMismatch {
                expected: "a new seed for the fork".to_owned(),
                found: format!("seed {seed}, that of the original"),
            });
        }
        let stream = RandomStream::derive(seed.get(), id.as_str());
        let cell = Self::from_state(&model, saved.cell, stream)?;
        Ok((cell, saved.packages))
    }

    /// SHA-256 (hex) of the whole state with the random stream: equal for equal cells and only for them.
    ///
    /// # Panics
    ///
    /// Never, as [`Cell::save`].
    pub fn fingerprint(&self) -> String {
        let state = rmp_serde::to_vec_named(&(self.stream.state(), self.state()))
            .expect("numbers, strings and vectors always encode");
        hex(&Sha256::digest(state))
    }

    fn state(&self) -> CellState {
        // Every field is named, so that a new one which is not saved does not compile.
        let Cell {
            model: _,
            stream: _,
            steps,
            part_s: _,
            generation,
            divisions,
            quota,
            elongation,
            protein_decay,
            degradosomes_follow_surface,
            pools,
            ledger,
            medium,
            regulation,
            phase,
            operons,
            reserve,
            inducers,
            plasmids,
            genes,
            rnap,
            ribosomes,
            degradosomes,
            translocons,
            chains,
            transcripts,
            decays,
            chromosome,
            geometry,
            membrane_proteins,
            metabolism,
            growth,
            events,
            residues: _,
            rna: _,
            insertion_budget: _,
            degradation_budget: _,
            insertion_atp: _,
            degraded_residues: _,
            rates,
            starved_s,
        } = self;
        CellState {
            steps: *steps,
            generation: *generation,
            divisions_us: divisions.iter().map(|t| t.micros()).collect(),
            atp_hundredths: quota.atp.hundredths(),
            ribosome_units: quota.ribosomes.get(),
            physical_units: quota.unit == RibosomeUnit::Physical,
            exponential: *elongation == Elongation::Exponential,
            protein_decay: *protein_decay,
            degradosomes_follow_surface: *degradosomes_follow_surface,
            pools: pools.clone(),
            ledger: ledger.clone(),
            medium: *medium,
            regulation: regulation.clone(),
            phase: *phase,
            operons: operons.clone(),
            reserve: *reserve,
            inducers: inducers.clone(),
            plasmids: plasmids.clone(),
            genes: genes.state(),
            rnap: *rnap,
            ribosomes: *ribosomes,
            degradosomes: *degradosomes,
            translocons: *translocons,
            chains: chains.state(),
            transcripts: transcripts.state(),
            decays: decays.state(),
            chromosome: chromosome.clone(),
            geometry: *geometry,
            membrane_proteins: *membrane_proteins,
            metabolism: metabolism.clone(),
            growth: *growth,
            rates: rates.clone(),
            events: *events,
            starved_s: *starved_s,
        }
    }

    fn from_state(
        model: &Arc<CellModel>,
        state: CellState,
        stream: RandomStream,
    ) -> Result<Self, ImageError> {
        if !state.genes.fits(model) {
            return Err(unsound("gene vectors have the wrong length"));
        }
        let transcript = |unit: u32| model.units.get(unit as usize).map(|u| u.bases);
        let message = |unit: u32| model.units.get(unit as usize).map(|u| u.message_bases);
        let protein = |gene: u32| model.products.get(gene as usize).map(|p| [p.residues]);
        let chains =
            Chains::from_state(&state.chains, protein).ok_or_else(|| unsound("polypeptides"))?;
        let transcripts = Chains::from_state(&state.transcripts, transcript)
            .ok_or_else(|| unsound("transcripts"))?;
        let decays = Chains::from_state(&state.decays, message)
            .ok_or_else(|| unsound("decaying transcripts"))?;
        let atp =
            AtpPercent::from_hundredths(state.atp_hundredths).map_err(|_| unsound("ATP quota"))?;
        let unit = if state.physical_units {
            RibosomeUnit::Physical
        } else {
            RibosomeUnit::Share
        };
        let mut cell = Self {
            model: Arc::clone(model),
            stream,
            steps: state.steps,
            part_s: 0.0,
            generation: state.generation,
            divisions: state
                .divisions_us
                .into_iter()
                .map(SimTime::from_micros)
                .collect(),
            quota: Quota {
                atp,
                ribosomes: RibosomeCount::new(state.ribosome_units),
                unit,
            },
            elongation: if state.exponential {
                Elongation::Exponential
            } else {
                Elongation::Queue
            },
            protein_decay: state.protein_decay,
            degradosomes_follow_surface: state.degradosomes_follow_surface,
            pools: state.pools,
            ledger: state.ledger,
            medium: state.medium,
            regulation: state.regulation,
            phase: state.phase,
            operons: state.operons,
            reserve: state.reserve,
            inducers: state.inducers,
            plasmids: state.plasmids,
            genes: Genes::from_state(state.genes, model),
            rnap: state.rnap,
            ribosomes: state.ribosomes,
            degradosomes: state.degradosomes,
            translocons: state.translocons,
            chains,
            transcripts,
            decays,
            chromosome: state.chromosome,
            geometry: state.geometry,
            membrane_proteins: state.membrane_proteins,
            metabolism: state.metabolism,
            growth: state.growth,
            events: state.events,
            residues: 0,
            rna: [0; 4],
            insertion_budget: 0,
            degradation_budget: 0,
            insertion_atp: 0,
            degraded_residues: 0,
            rates: state.rates,
            starved_s: state.starved_s,
        };
        sound::check_ranges(&cell)?;
        cell.recount(model);
        sound::check_books(&cell)?;
        Ok(cell)
    }
}

/// The content of an image, with the model of its host and of what that was given.
fn read(model: &Arc<CellModel>, image: &VmImage) -> Result<(Arc<CellModel>, Saved), ImageError> {
    let (header, body) = image::open(image)?;
    if header.kind != model.organism().to_string() {
        return Err(unsound(&format!("it is an image of {}", header.kind)));
    }
    let saved: Saved = rmp_serde::from_slice(body).map_err(|error| ImageError::Decode {
        source: Box::new(error),
    })?;
    let model = model
        .with_constructs(&saved.constructs)
        .map_err(|error| unsound(&error.to_string()))?;
    if saved.model != model.fingerprint() {
        return Err(ImageError::GenomeMismatch {
            expected: model.fingerprint().to_owned(),
            found: saved.model,
        });
    }
    Ok((model, saved))
}

pub(super) fn unsound(what: &str) -> ImageError {
    ImageError::Decode {
        source: format!("no cell can be so: {what}").into(),
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        })
}
