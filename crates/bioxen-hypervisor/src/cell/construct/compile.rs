//! From a construct and the model of its host to a model of both.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::control::{UnitControls, compile_controls};
use super::limits::{self, allowed};
use super::plasmids::PlasmidModel;
use super::{Carrier, Construct, ConstructGene, ConstructUnit};
use crate::cell::mechanism::{Loading, Turnover};
use crate::cell::model::{CellModel, MESSAGE_WEIGHT, Product, Unit, WEIGHT, sum_bases, ticks};
use crate::cell::numbers::{count, signed_real, whole};
use crate::cell::pools::{Base, Pools};
use crate::cell::replication::COPYABLE;
use crate::genome::{Gene, GeneIdx, GeneKind, Operon, Regulation, Strand};

/// Nucleotides that a message needs beside the codons of its gene: the stop codon.
const STOP_NT: u32 = 3;

/// Why a construct does not fit its host.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{part}: {problem}")]
pub struct ConstructError {
    /// The part that does not fit, for example `unit "tet", gene "tetR"`.
    pub part: String,
    /// What is wrong with it.
    pub problem: String,
}

fn refuse(part: impl Into<String>, problem: impl Into<String>) -> ConstructError {
    ConstructError {
        part: part.into(),
        problem: problem.into(),
    }
}

impl CellModel {
    /// The model of a cell of this kind that was given the constructs, in this order.
    ///
    /// # Errors
    ///
    /// [`ConstructError`] for the first part that does not fit the host: a name that is taken, a number that no part can
    /// have, a regulator or inducer that is not there, or what the host's mechanisms cannot do.
    pub fn with_constructs(
        self: &Arc<Self>,
        constructs: &[Construct],
    ) -> Result<Arc<Self>, ConstructError> {
        let base = Arc::clone(self.base.as_ref().unwrap_or(self));
        if constructs.is_empty() {
            return Ok(base);
        }
        let mut model = CellModel::clone(&base);
        for construct in constructs {
            add(&mut model, construct)?;
        }
        for construct in constructs {
            control(&mut model, construct)?;
        }
        let compiled = format!("{}{constructs:?}", base.fingerprint);
        model.fingerprint = crate::cell::hex(&Sha256::digest(compiled.as_bytes()));
        model.constructs = constructs.to_vec();
        model.base = Some(base);
        Ok(Arc::new(model))
    }
}

/// Adds plasmid, units and genes of a construct at the end of those of the model.
fn add(model: &mut CellModel, construct: &Construct) -> Result<(), ConstructError> {
    if model
        .constructs
        .iter()
        .any(|other| other.name == construct.name)
    {
        return Err(refuse(
            format!("package \"{}\"", construct.name),
            "it is there already",
        ));
    }
    let (plasmid, fork_distance) = match construct.carrier {
        Carrier::Plasmid {
            length_bp,
            gc_content,
            copies,
        } => {
            let plasmid = PlasmidModel::new(&construct.name, length_bp, gc_content, copies)
                .map_err(|problem| refuse(format!("plasmid \"{}\"", construct.name), problem))?;
            let at_once = building_blocks(model);
            if length_bp > at_once {
                return Err(refuse(
                    format!("plasmid \"{}\"", construct.name),
                    format!(
                        "the host has building blocks for {at_once} bp at a time: put the genes into the chromosome"
                    ),
                ));
            }
            model.plasmids.push(plasmid);
            (Some(model.plasmids.len() - 1), 0)
        }
        Carrier::Chromosome { position_bp } => (None, chromosome_distance(model, position_bp)?),
    };
    let (mut genes, mut operons) = (Vec::new(), Vec::new());
    for unit in &construct.units {
        let part = format!("unit \"{}\"", unit.name);
        check_unit(model, unit, &part)?;
        let index = model.units.len();
        let first = model.products.len();
        for gene in &unit.genes {
            check_gene(model, gene, &genes, &part)?;
            genes.push(foreign(gene, construct));
            model.longest_protein = model.longest_protein.max(i64::from(gene.residues));
            model.products.push(product(model, gene, index));
        }
        operons.push(Operon {
            id: format!("{}.{}", construct.name, unit.name),
            name: format!("{}.{}", construct.name, unit.name),
            genes: (first..model.products.len()).map(GeneIdx::at).collect(),
            strand: Strand::Plus,
            left_end: 0,
            right_end: 0,
            regulation: Regulation::none_known(),
        });
        let compiled = unit_of(model, unit, plasmid, first, fork_distance);
        if plasmid.is_none() {
            let at = model
                .chromosome
                .order
                .partition_point(|entry| *entry < (fork_distance, index));
            model.chromosome.order.insert(at, (fork_distance, index));
        }
        model.units.push(compiled);
        if !model.operon_units.is_empty() {
            model.operon_units.push(vec![index]);
        }
    }
    let has_operons = !model.operon_units.is_empty();
    let operons = operons.into_iter().filter(|_| has_operons);
    let genome = std::mem::replace(&mut model.genome, crate::genome::Genome::empty());
    model.genome = genome.with_foreign(genes, operons);
    model.constructs.push(construct.clone());
    Ok(())
}

/// Base pairs for which a newborn cell has dNTP at once: a plasmid is copied in one piece.
fn building_blocks(model: &CellModel) -> u32 {
    let pools = Pools::newborn(model);
    let least = Base::ALL
        .map(|base| pools.get(base.dntp()))
        .into_iter()
        .min();
    count(COPYABLE * signed_real(least.unwrap_or(0)))
}

fn control(model: &mut CellModel, construct: &Construct) -> Result<(), ConstructError> {
    for unit in construct
        .units
        .iter()
        .filter(|unit| !unit.controls.is_empty())
    {
        let part = format!("unit \"{}\"", unit.name);
        let first = &unit.genes[0].name;
        let gene = model.genome.find(first).expect("it was added").index();
        let controls = compile_controls(model, unit).map_err(|problem| refuse(part, problem))?;
        model.controls.push(UnitControls {
            unit: model.products[gene].unit,
            leak: unit.leak,
            controls,
        });
    }
    Ok(())
}

fn chromosome_distance(model: &CellModel, position_bp: u32) -> Result<u32, ConstructError> {
    let length = model.chromosome.length_bp;
    if !(1..=length).contains(&position_bp) {
        return Err(refuse(
            "position_bp",
            format!("{position_bp} is not on the chromosome of {length} bp"),
        ));
    }
    let way = position_bp.abs_diff(model.origin_bp);
    Ok(way.min(length - way))
}

fn check_unit(model: &CellModel, unit: &ConstructUnit, part: &str) -> Result<(), ConstructError> {
    if unit.genes.is_empty() {
        return Err(refuse(part, "it has no gene"));
    }
    let half_life_s = unit.message_half_life_s;
    if !limits::STRENGTH.contains(&unit.strength) {
        let what = allowed("a promoter strength is from", &limits::STRENGTH);
        return Err(refuse(part, what));
    }
    if !limits::LEAK.contains(&unit.leak) {
        return Err(refuse(part, allowed("a leak is from", &limits::LEAK)));
    }
    if half_life_s.is_some_and(|s| !limits::MESSAGE_HALF_LIFE_S.contains(&s)) {
        let what = allowed(
            "a half-life of a message is from",
            &limits::MESSAGE_HALF_LIFE_S,
        );
        return Err(refuse(part, what + " s"));
    }
    if model.mechanisms.loading == Loading::One && unit.genes.len() > 1 {
        return Err(refuse(
            part,
            "in this organism a message carries one ribosome and one gene: give each gene a promoter",
        ));
    }
    if model.mechanisms.turnover == Turnover::Degradosomes && unit.message_half_life_s.is_some() {
        return Err(refuse(
            part,
            "in this organism degradosomes decide how long a message lasts: leave its half-life out",
        ));
    }
    Ok(())
}

fn check_gene(
    model: &CellModel,
    gene: &ConstructGene,
    new: &[Gene],
    unit: &str,
) -> Result<(), ConstructError> {
    let part = format!("{unit}, gene \"{}\"", gene.name);
    let taken = !matches!(
        model.genome.find(&gene.name),
        Err(crate::genome::UnknownGene::Missing { .. })
    ) || new.iter().any(|other| other.locus_tag == gene.name);
    if taken {
        return Err(refuse(part, "the cell has a gene of that name already"));
    }
    if bioxen_core::GeneId::new(&gene.name).is_err() {
        return Err(refuse(part, "that is no name of a gene"));
    }
    if !limits::RESIDUES.contains(&f64::from(gene.residues)) {
        let what = allowed("a protein has", &limits::RESIDUES);
        return Err(refuse(part, what + " residues"));
    }
    if !limits::BINDING_SITE.contains(&gene.translation) {
        let what = allowed("a ribosome binding site is from", &limits::BINDING_SITE);
        return Err(refuse(part, what));
    }
    for time in [gene.half_life_s, gene.maturation_s].into_iter().flatten() {
        if !limits::PROTEIN_TIME_S.contains(&time) {
            let what = allowed("half-life and maturation are from", &limits::PROTEIN_TIME_S);
            return Err(refuse(part, what + " s"));
        }
    }
    #[expect(clippy::float_cmp, reason = "1 is exact, and anything else is refused")]
    let alike = gene.translation == 1.0;
    if model.mechanisms.loading == Loading::One && !alike {
        return Err(refuse(
            part,
            "in this organism ribosomes bind every message alike: its binding site must be 1",
        ));
    }
    Ok(())
}

fn foreign(gene: &ConstructGene, construct: &Construct) -> Gene {
    let product = format!("protein of package {}", construct.name);
    Gene::foreign(&gene.name, product, gene.residues, bases(gene))
}

/// Bases of a gene of which only the length is known: as many of each.
fn bases(gene: &ConstructGene) -> [u32; 4] {
    let length = 3 * gene.residues + STOP_NT;
    std::array::from_fn(|n| (length + u32::try_from(n).unwrap_or(0)) / 4)
}

fn product(model: &CellModel, gene: &ConstructGene, unit: usize) -> Product {
    let constants = &model.constants;
    let length_nt: u32 = bases(gene).iter().sum();
    let per_copy = |rate: f64| whole(rate * WEIGHT).max(1);
    Product {
        kind: GeneKind::Cds,
        unit,
        bases: bases(gene),
        residues: gene.residues,
        exported: false,
        in_membrane: false,
        copies_at_birth: 0,
        translation_weight: match model.mechanisms.loading {
            Loading::One => 1,
            Loading::Polysome => whole(gene.translation * MESSAGE_WEIGHT),
        },
        ribosomes_per_message: match model.mechanisms.loading {
            Loading::One => 1,
            Loading::Polysome => count(f64::from(length_nt) / model.ribosome_footprint_nt).max(1),
        },
        degradation_weight: gene
            .half_life_s
            .map_or(0, |s| per_copy(std::f64::consts::LN_2 / s)),
        maturation_weight: gene.maturation_s.map_or(0, |s| per_copy(1.0 / s)),
        translation_ticks: ticks(f64::from(gene.residues) / constants.ribosome_speed),
        insertion_weight: 0,
        insertion_cost: 0,
    }
}

fn unit_of(
    model: &CellModel,
    unit: &ConstructUnit,
    plasmid: Option<usize>,
    first: usize,
    fork_distance: u32,
) -> Unit {
    let sum = sum_bases(unit.genes.iter().map(bases));
    let length: u32 = sum.iter().sum();
    let half_life = unit
        .message_half_life_s
        .unwrap_or(model.message_half_life_s);
    Unit {
        genes: (first..first + unit.genes.len()).collect(),
        plasmid,
        expressed: true,
        message: true,
        strength: unit.strength * model.mean_strength,
        bases: sum,
        message_bases: sum,
        transcripts_at_birth: 0.0,
        fork_distance,
        decay_weight: match model.mechanisms.turnover {
            Turnover::Degradosomes => 0,
            Turnover::FirstOrder => whole(std::f64::consts::LN_2 / half_life * WEIGHT),
        },
        decay_ticks: ticks(f64::from(length) / model.constants.degradosome_speed),
    }
}
