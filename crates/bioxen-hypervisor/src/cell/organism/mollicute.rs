//! JCVI-syn3A and the minimal cell: each gene its own unit, one ribosome per transcript, degradosomes on the membrane.

use bioxen_core::Organism;

use super::subunits;
use crate::cell::constants::Constants;
use crate::cell::mechanism::{
    Envelope, Initiation, Loading, Mechanisms, Polymerase, Promoters, Turnover,
};
use crate::cell::model::{Blueprint, Machine, Machines, Product, Unit, WEIGHT, size, ticks};
use crate::cell::numbers::{count, integer, whole};
use crate::cell::{Medium, NamedMedium};
use crate::genome::{
    Essentiality, Gene, GeneKind, Genome, Localization, ParameterError, Parameters,
};

pub(super) fn blueprint(
    organism: Organism,
    genome: &Genome,
    parameters: &Parameters,
) -> Result<Blueprint, ParameterError> {
    let constants = Constants::read(parameters)?;
    let birth = BirthCopies::read(genome, parameters)?;
    let products: Vec<Product> = genome
        .iter()
        .map(|(idx, gene)| product(idx.index(), gene, &constants, &birth))
        .collect();
    let regeneration_path: Vec<(usize, f64)> = genome
        .iter()
        .filter(|(_, gene)| {
            gene.essentiality == Essentiality::Essential
                && gene.functional_category == "Glucose transport & catabolism"
        })
        .map(|(idx, _)| {
            (
                idx.index(),
                f64::from(products[idx.index()].copies_at_birth),
            )
        })
        .collect();
    Ok(Blueprint {
        organism,
        mechanisms: Mechanisms {
            promoters: Promoters::Held,
            polymerase: Polymerase::ByPromoter,
            loading: Loading::One,
            turnover: Turnover::Degradosomes,
            initiation: Initiation::AfterBirth,
            envelope: Envelope::Membrane,
            parts_of_step: 1,
        },
        regulation: None,
        supply: None,
        reserve: None,
        media: vec![NamedMedium {
            name: "SP4",
            doubling_min: constants.doubling_s / 60.0,
            medium: Medium {
                glucose_mm: constants.glucose_mm,
                amino_acids: true,
                nucleosides: true,
                nutrition: 0.0,
                energy: 1.0,
                volume_al: f64::INFINITY,
                since: 0,
            },
        }],
        units: genome
            .iter()
            .map(|(idx, gene)| unit(idx.index(), gene, genome, &constants))
            .collect(),
        machines: machines(genome, parameters)?,
        synthetases: synthetases(genome),
        rounds_at_birth: Vec::new(),
        operon_units: Vec::new(),
        origin_bp: 1,
        message_half_life_s: 0.0,
        ribosome_footprint_nt: 1.0,
        trna_kinds: size(
            products
                .iter()
                .filter(|p| p.kind == GeneKind::Trna)
                .count()
                .max(1),
        ),
        regeneration_path,
        products,
        constants,
    })
}

/// Start copies that the gene table does not give.
struct BirthCopies {
    trna_per_gene: f64,
    rrna_per_gene: f64,
    /// Copies of a subunit of a machine over those of the gene table.
    subunit_scale: f64,
}

impl BirthCopies {
    fn read(genome: &Genome, parameters: &Parameters) -> Result<Self, ParameterError> {
        let genes = |kind: GeneKind| {
            genome
                .genes()
                .iter()
                .filter(|g| g.kind == kind)
                .count()
                .max(1)
        };
        // Three rRNAs in each ribosome; their genes stand in as many operons as there are 16S genes.
        let operons = genes(GeneKind::Rrna) / 3;
        Ok(Self {
            trna_per_gene: parameters.number("trna_total_birth")? / size(genes(GeneKind::Trna)),
            rrna_per_gene: parameters.number("ribosomes_birth")? / size(operons.max(1)),
            subunit_scale: parameters.number("machine_subunit_scale").unwrap_or(1.0),
        })
    }
}

fn residues(gene: &Gene) -> u32 {
    if gene.kind == GeneKind::Cds {
        gene.length_aa.unwrap_or(0)
    } else {
        0
    }
}

fn unit(index: usize, gene: &Gene, genome: &Genome, constants: &Constants) -> Unit {
    let message = residues(gene) > 0;
    Unit {
        genes: vec![index],
        plasmid: None,
        expressed: gene.is_expressed(),
        message: gene.kind == GeneKind::Cds,
        strength: gene.promoter_strength,
        bases: gene.bases,
        message_bases: gene.bases,
        transcripts_at_birth: gene.mean_mrna_published.filter(|_| message).unwrap_or(0.0),
        fork_distance: fork_distance(gene, genome.genome_length_bp()),
        decay_weight: 0,
        decay_ticks: ticks(f64::from(gene.length_nt) / constants.degradosome_speed),
    }
}

fn product(index: usize, gene: &Gene, constants: &Constants, birth: &BirthCopies) -> Product {
    let residues = residues(gene);
    let copies = match gene.kind {
        GeneKind::Cds if is_subunit(gene) => {
            count(f64::from(gene.initial_protein_count.unwrap_or(0)) * birth.subunit_scale)
        }
        GeneKind::Cds => gene.initial_protein_count.unwrap_or(0),
        GeneKind::Trna => count(birth.trna_per_gene),
        GeneKind::Rrna => count(birth.rrna_per_gene),
        GeneKind::Ncrna | GeneKind::Tmrna | GeneKind::Pseudo | GeneKind::Phantom => 0,
    };
    let in_membrane = residues > 0 && gene.localization == Localization::TransMembrane;
    let exported = in_membrane
        || residues > 0
            && matches!(
                gene.localization,
                Localization::Lipoprotein | Localization::Extracellular
            );
    let length = f64::from(residues.max(1));
    Product {
        kind: gene.kind,
        unit: index,
        bases: gene.bases,
        residues,
        exported,
        in_membrane,
        copies_at_birth: copies,
        translation_weight: 1,
        ribosomes_per_message: 1,
        translation_ticks: ticks(length / constants.ribosome_speed),
        degradation_weight: 0,
        maturation_weight: 0,
        insertion_weight: if exported {
            whole(constants.translocon_speed / length * WEIGHT)
        } else {
            0
        },
        insertion_cost: if exported {
            integer((length * constants.translocation_cost).max(1.0))
        } else {
            0
        },
    }
}

/// Whether the protein is a part of a machine that the engine counts.
fn is_subunit(gene: &Gene) -> bool {
    const MACHINES: [&str; 4] = ["Ribosome", "RNAP", "Degradosome", "SecYEGDF"];
    gene.complexes
        .iter()
        .any(|c| MACHINES.contains(&c.as_str()))
}

/// Distance from the origin (position 1) along the fork that copies the gene to the far end of the gene, bp.
fn fork_distance(gene: &Gene, length_bp: u32) -> u32 {
    let right = gene.end;
    let left = length_bp - gene.start + 1;
    right.min(left)
}

fn machines(genome: &Genome, parameters: &Parameters) -> Result<Machines, ParameterError> {
    let at_birth = |name: &str| Ok::<u32, ParameterError>(count(parameters.number(name)?));
    let listed = |name: &str| subunits(genome, parameters, name);
    let mut ribosome: Vec<(u32, Vec<usize>)> = genome
        .iter()
        .filter(|(_, gene)| gene.complexes.iter().any(|c| c == "Ribosome"))
        .map(|(idx, _)| (1, vec![idx.index()]))
        .collect();
    // Each rRNA may come from any operon: genes of the same product make the same part.
    let mut rrna: Vec<(&str, Vec<usize>)> = Vec::new();
    for (idx, gene) in genome
        .iter()
        .filter(|(_, gene)| gene.kind == GeneKind::Rrna)
    {
        match rrna
            .iter_mut()
            .find(|(product, _)| *product == gene.product)
        {
            Some((_, genes)) => genes.push(idx.index()),
            None => rrna.push((&gene.product, vec![idx.index()])),
        }
    }
    ribosome.extend(rrna.into_iter().map(|(_, genes)| (1, genes)));
    Ok(Machines {
        rnap: Machine {
            at_birth: at_birth("rnap_birth")?,
            parts: listed("rnap_subunits")?,
        },
        ribosome: Machine {
            at_birth: at_birth("ribosomes_birth")?,
            parts: ribosome,
        },
        degradosome: Machine {
            at_birth: at_birth("degradosome_birth")?,
            parts: listed("degradosome_subunits")?,
        },
        translocon: Machine {
            at_birth: at_birth("secyegdf_birth")?,
            parts: listed("secyegdf_subunits")?,
        },
    })
}

fn synthetases(genome: &Genome) -> Vec<Vec<usize>> {
    let mut kinds: Vec<(String, Vec<usize>)> = Vec::new();
    for (idx, gene) in genome
        .iter()
        .filter(|(_, g)| g.product.contains("--tRNA ligase"))
    {
        let kind = gene
            .product
            .split("--tRNA ligase")
            .next()
            .unwrap_or_default()
            .to_owned();
        match kinds.iter_mut().find(|(k, _)| *k == kind) {
            Some((_, genes)) => genes.push(idx.index()),
            None => kinds.push((kind, vec![idx.index()])),
        }
    }
    kinds.into_iter().map(|(_, genes)| genes).collect()
}
