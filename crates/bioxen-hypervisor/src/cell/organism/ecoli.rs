//! E. coli K-12 MG1655: operons, polysomes, first-order decay of messages, overlapping rounds of replication, growth
//! out of supply and ribosomes.
//!
//! Weights of promoters come from RNA-seq, half-lives and gene dose in glucose medium; weights of messages from the
//! share of a gene in its operon and its measured translation efficiency.

mod parts;
mod settings;

use bioxen_core::Organism;

use self::parts::{Part, Role, parts};
use self::settings::Settings;
use super::subunits;
use crate::cell::constants::Constants;
use crate::cell::mechanism::{
    Composition, Envelope, Initiation, Loading, Mechanisms, Polymerase, Promoters, Turnover,
};
use crate::cell::model::{
    Blueprint, MESSAGE_WEIGHT, Machine, Machines, Product, RoundAtBirth, SupplyModel, Unit, WEIGHT,
    sum_bases, ticks,
};
use crate::cell::numbers::{count, integer, whole};
use crate::cell::regulation::RegulationModel;
use crate::cell::{Medium, NamedMedium, energy_demand};
use crate::genome::{GeneKind, Genome, ParameterError, Parameters};

pub(super) fn blueprint(
    genome: &Genome,
    parameters: &Parameters,
) -> Result<Blueprint, ParameterError> {
    let settings = Settings::read(parameters)?;
    let mut constants = Constants::read(parameters)?;
    let parts = parts(genome, &settings);
    let units: Vec<Unit> = parts
        .iter()
        .map(|part| unit(part, genome, &constants, &settings))
        .collect();
    let products = products(genome, &parts, &constants, &settings);
    let machines = machines(genome, parameters, &settings, &products)?;
    let rounds = rounds_at_birth(genome, &settings);
    let composition = settings.composition();
    let birth_al =
        composition.al_per_da * mass_at_birth(genome, &units, &products, &rounds, &composition);
    constants.volume_birth_al = birth_al;
    constants.glucose_per_residue_hundredths = integer(100.0 * settings.glucose_per_residue);
    let root = libm::cbrt(birth_al * 1e6);
    constants.surface_birth_nm2 = composition.shape * root * root;
    Ok(Blueprint {
        organism: Organism::Ecoli,
        mechanisms: Mechanisms {
            promoters: Promoters::Shared,
            loading: Loading::Polysome,
            polymerase: Polymerase::ByPpgpp,
            turnover: Turnover::FirstOrder,
            initiation: Initiation::VolumePerOrigin {
                al: settings.initiation_al,
            },
            envelope: Envelope::DryMass(composition),
            parts_of_step: PARTS_OF_STEP,
        },
        regulation: Some(regulation(&parts, &products, &machines, &settings)),
        supply: Some(SupplyModel {
            feedback_half_mm: settings.supply_half_mm,
            feedback_power: settings.supply_power,
            growth_cost: settings.growth_cost,
            charging: settings.charging,
            charging_half_mm: settings.charging_half_mm,
        }),
        reserve: Some(settings.reserve()),
        media: media(parameters, &constants, &settings)?,
        rounds_at_birth: rounds,
        operon_units: operon_units(genome, &parts),
        trna_kinds: AMINO_ACIDS,
        origin_bp: count(settings.origin_bp),
        message_half_life_s: settings.half_life_s / settings.decay_scale,
        ribosome_footprint_nt: settings.ribosome_footprint_nt,
        regeneration_path: Vec::new(),
        synthetases: Vec::new(),
        units,
        products,
        machines,
        constants,
    })
}

/// Charged tRNA turns over in half a second, the length of a step.
const PARTS_OF_STEP: u32 = 4;

/// tRNAs are told apart by their amino acid: the ribosome waits for one of 20.
const AMINO_ACIDS: f64 = 20.0;

/// Media by name, the constants that hold their capacity and doubling time, and whether they hold amino acids.
const MEDIA: [(&str, &str, &str, bool); 6] = [
    ("glucose", "glucose", "M9_glucose", false),
    ("glucose+aa", "glucose_aa", "M9_glucose_aa", true),
    ("rich", "Td24", "rich", true),
    ("succinate", "succinate", "succinate", false),
    ("acetate", "acetate", "acetate", false),
    (
        "glucose_anaerobic",
        "glucose_anaerobic",
        "glucose_anaerobic",
        false,
    ),
];

/// What a medium lets the enzymes make is a constant of its own; the energy that goes with it is what growth and
/// maintenance take at its doubling time, over what they take in glucose.
fn media(
    parameters: &Parameters,
    constants: &Constants,
    settings: &Settings,
) -> Result<Vec<NamedMedium>, ParameterError> {
    MEDIA
        .into_iter()
        .map(|(name, capacity, doubling, amino_acids)| {
            let doubling_min = parameters.number(&format!("doubling_time_{doubling}"))?;
            Ok(NamedMedium {
                name,
                doubling_min,
                medium: Medium {
                    glucose_mm: constants.glucose_mm,
                    amino_acids,
                    nucleosides: true,
                    nutrition: parameters.number(&format!("amino_acid_capacity_{capacity}"))?,
                    energy: energy_demand(parameters, doubling_min)?,
                    volume_al: settings.medium_al,
                    since: 0,
                },
            })
        })
        .collect()
}

fn unit(part: &Part, genome: &Genome, constants: &Constants, settings: &Settings) -> Unit {
    let bases = sum_bases(part.genes.iter().map(|&gene| genome.genes()[gene].bases));
    let message = part.role.is_message();
    let length_nt: u32 = bases.iter().sum();
    Unit {
        genes: part.genes.clone(),
        plasmid: None,
        expressed: true,
        message,
        strength: part.weight,
        bases,
        message_bases: if message { bases } else { [0; 4] },
        transcripts_at_birth: part.messages_at_birth,
        fork_distance: part.fork_distance,
        decay_weight: whole(settings.decay_scale * part.decay_per_s * WEIGHT),
        decay_ticks: ticks(f64::from(length_nt) / constants.degradosome_speed),
    }
}

fn products(
    genome: &Genome,
    parts: &[Part],
    constants: &Constants,
    settings: &Settings,
) -> Vec<Product> {
    let mut unit_of = vec![usize::MAX; genome.genes().len()];
    let mut weight = vec![0.0; genome.genes().len()];
    let mut share_of_reads = vec![1.0; genome.genes().len()];
    for (unit, part) in parts.iter().enumerate() {
        for (n, &gene) in part.genes.iter().enumerate() {
            unit_of[gene] = unit;
            weight[gene] = part.shares[n];
            // A gene is on every message of its part; where more was read, it has messages of its own besides.
            share_of_reads[gene] = f64::max(part.reads[n], 1.0);
        }
    }
    let copies = parts::copies_at_birth(genome, parts, settings);
    let genes = genome.genes().iter().enumerate();
    genes
        .map(|(index, gene)| {
            let expressed = unit_of[index] != usize::MAX;
            let residues = match gene.kind {
                GeneKind::Cds if expressed => gene.length_aa.unwrap_or(0),
                _ => 0,
            };
            let room =
                share_of_reads[index] * f64::from(gene.length_nt) / settings.ribosome_footprint_nt;
            Product {
                kind: gene.kind,
                unit: unit_of[index],
                bases: gene.bases,
                residues,
                exported: false,
                in_membrane: false,
                copies_at_birth: copies[index],
                translation_weight: whole(weight[index] * MESSAGE_WEIGHT),
                ribosomes_per_message: count(room).max(1),
                translation_ticks: ticks(f64::from(residues.max(1)) / constants.ribosome_speed),
                degradation_weight: 0,
                maturation_weight: 0,
                insertion_weight: 0,
                insertion_cost: 0,
            }
        })
        .collect()
}

fn machines(
    genome: &Genome,
    parameters: &Parameters,
    settings: &Settings,
    products: &[Product],
) -> Result<Machines, ParameterError> {
    let rnap = subunits(genome, parameters, "rnap_subunits")?;
    let mut ribosome: Vec<(u32, Vec<usize>)> = genome
        .iter()
        .filter_map(|(idx, gene)| Some((parts::copies_in_ribosome(gene)?, vec![idx.index()])))
        .collect();
    // Any operon may give any of the three rRNAs: genes of the same length class make the same part.
    for prefix in ["rrs", "rrl", "rrf"] {
        let makers = genome
            .iter()
            .filter(|(_, gene)| gene.kind == GeneKind::Rrna && gene.name().starts_with(prefix))
            .map(|(idx, _)| idx.index())
            .collect();
        ribosome.push((1, makers));
    }
    let none = Machine {
        at_birth: 0,
        parts: Vec::new(),
    };
    let least = |machine: &[(u32, Vec<usize>)]| {
        machine
            .iter()
            .map(|(copies, makers)| {
                makers
                    .iter()
                    .map(|&gene| products[gene].copies_at_birth)
                    .sum::<u32>()
                    / copies
            })
            .min()
            .unwrap_or(0)
    };
    Ok(Machines {
        rnap: Machine {
            at_birth: least(&rnap).min(count(settings.rnap_birth)),
            parts: rnap,
        },
        ribosome: Machine {
            at_birth: least(&ribosome).min(count(settings.ribosomes_birth)),
            parts: ribosome,
        },
        degradosome: none.clone(),
        translocon: none,
    })
}

fn regulation(
    parts: &[Part],
    products: &[Product],
    machines: &Machines,
    settings: &Settings,
) -> RegulationModel {
    let units = |role: fn(&Part) -> bool| -> Vec<usize> {
        (0..parts.len()).filter(|&u| role(&parts[u])).collect()
    };
    RegulationModel {
        ppgpp_reference: settings.ppgpp_reference,
        ppgpp_uncharged: settings.ppgpp_uncharged,
        ppgpp_loss: settings.ppgpp_loss,
        stable: units(|part| matches!(part.role, Role::RibosomalRna | Role::TransferRna)),
        stable_half: settings.stable_half,
        stable_hill: settings.stable_hill,
        ribosomal: units(|part| part.role == Role::Ribosomal),
        ribosomal_half: settings.ribosomal_half,
        ribosomal_proteins: machines
            .ribosome
            .parts
            .iter()
            .filter(|(_, makers)| products[makers[0]].is_message())
            .map(|(copies, makers)| (*copies, makers[0]))
            .collect(),
        feedback_headroom: settings.feedback_headroom,
        feedback_half: settings.feedback_half,
        held: units(|part| part.held),
        held_share: settings.held_share,
        held_power: settings.held_power,
        suppliers: parts
            .iter()
            .filter(|part| !part.held)
            .flat_map(|part| &part.suppliers)
            .copied()
            .collect(),
        message_speed: settings.message_speed,
        message_speed_half: settings.message_speed_half,
        fork_half: settings.fork_half,
    }
}

fn operon_units(genome: &Genome, parts: &[Part]) -> Vec<Vec<usize>> {
    let mut units = vec![Vec::new(); genome.operons().len()];
    for (unit, part) in parts.iter().enumerate() {
        units[part.operon].push(unit);
    }
    units
}

/// Rounds of a cell that was born after steady growth at the reference rate: the round for the division after next, and
/// so on, began C + D before its division (Cooper & Helmstetter 1968).
fn rounds_at_birth(genome: &Genome, settings: &Settings) -> Vec<RoundAtBirth> {
    let copying_s = settings.fork_time_s(f64::from(genome.genome_length_bp()) / 2.0);
    let mut rounds = Vec::new();
    let mut division_s = settings.doubling_s;
    while division_s < copying_s + settings.division_delay_s {
        let ago_s = copying_s + settings.division_delay_s - division_s;
        let share = f64::min(ago_s / copying_s, 1.0);
        rounds.push(RoundAtBirth {
            copied_bp: if share < 1.0 {
                count(share * f64::from(genome.genome_length_bp()))
            } else {
                genome.genome_length_bp()
            },
            terminated_ago_s: f64::max(ago_s - copying_s, 0.0),
        });
        division_s += settings.doubling_s;
    }
    rounds
}

/// Mass of protein, RNA and DNA of a newborn cell, Da.
fn mass_at_birth(
    genome: &Genome,
    units: &[Unit],
    products: &[Product],
    rounds: &[RoundAtBirth],
    composition: &Composition,
) -> f64 {
    let of_products: f64 = products
        .iter()
        .map(|product| {
            let stable = if product.is_message() {
                0.0
            } else {
                f64::from(product.length_nt())
            };
            f64::from(product.copies_at_birth)
                * (composition.residue_da * f64::from(product.residues)
                    + composition.nucleotide_da * stable)
        })
        .sum();
    let messages: f64 = units
        .iter()
        .map(|unit| unit.transcripts_at_birth * f64::from(unit.length_nt()))
        .sum();
    let mut origins = 1.0;
    let mut dna = f64::from(genome.genome_length_bp());
    for round in rounds {
        dna += origins * f64::from(round.copied_bp);
        origins *= 2.0;
    }
    of_products + composition.nucleotide_da * messages + composition.base_pair_da * dna
}
