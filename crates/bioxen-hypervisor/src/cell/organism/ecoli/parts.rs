//! Operons cut into what is transcribed and regulated in one piece, with the weights of promoters and messages.

use super::settings::Settings;
use crate::cell::numbers::count;
use crate::genome::{Gene, GeneIdx, GeneKind, Genome, Operon, RegulationClass};

/// What a part of an operon is to the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    RibosomalRna,
    TransferRna,
    /// Messages of ribosomal proteins, and of RNA polymerase that is transcribed behind them.
    Ribosomal,
    Other,
}

impl Role {
    pub(super) fn is_message(self) -> bool {
        matches!(self, Self::Ribosomal | Self::Other)
    }
}

/// Genes that are transcribed together and share one fate.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) operon: usize,
    pub(super) genes: Vec<usize>,
    pub(super) role: Role,
    /// Weight of the promoter; the mean over all messages is 1.
    pub(super) weight: f64,
    /// Weight of a message for ribosomes, by gene: its share of the transcripts of the operon times its efficiency.
    pub(super) shares: Vec<f64>,
    /// Transcripts of a gene over the mean of its part, by gene.
    pub(super) reads: Vec<f64>,
    pub(super) messages_at_birth: f64,
    pub(super) decay_per_s: f64,
    pub(super) fork_distance: u32,
    /// Whether its proteins are held at a share of the proteome.
    pub(super) held: bool,
    /// Genes whose proteins supply building blocks.
    pub(super) suppliers: Vec<usize>,
    /// Transcripts per million, weighted by length.
    tpm: f64,
    length_nt: f64,
}

/// Copies of the protein in one ribosome; `None` for every other gene.
pub(super) fn copies_in_ribosome(gene: &Gene) -> Option<u32> {
    let part = gene.kind == GeneKind::Cds && gene.complexes.iter().any(|c| c == "Ribosome");
    // L7/L12, made by rplL, is there in two dimers (Neidhardt et al. 1996).
    part.then(|| if gene.name() == "rplL" { 4 } else { 1 })
}

/// Functions whose proteins make building blocks and energy.
fn supplies(gene: &Gene) -> bool {
    matches!(
        gene.functional_category.as_str(),
        "Met Orth" | "Met" | "Sulfur metabolism" | "Iron storage protein"
    )
}

fn is_polymerase(gene: &Gene) -> bool {
    matches!(gene.name(), "rpoA" | "rpoB" | "rpoC")
}

/// Functions of the ribosome beside its own proteins.
fn translates(gene: &Gene) -> bool {
    copies_in_ribosome(gene).is_some()
        || matches!(
            gene.functional_category.as_str(),
            "Translation" | "Ribosome assembly"
        )
}

/// All operons of the genome, cut into their parts.
pub(super) fn parts(genome: &Genome, settings: &Settings) -> Vec<Part> {
    let mut parts = Vec::new();
    for (index, operon) in genome.operons().iter().enumerate() {
        for genes in cut(genome, operon) {
            parts.push(part(genome, operon, index, genes, settings));
        }
    }
    give_equal_ribosomal_weights(genome, &mut parts);
    give_weights(&mut parts, settings);
    parts
}

/// Genes that share an operon with ribosomal proteins are transcribed apart from them below this share of their
/// transcripts: a terminator or a promoter of its own lies between, as for rpoBC, dnaG or fabH.
const APART: f64 = 1.0 / 3.0;

/// Stable RNA leaves the transcript before the rest is translated, and the few transcripts that reach past the ribosomal
/// proteins of an operon are not theirs: each is a part of its own.
fn cut(genome: &Genome, operon: &Operon) -> Vec<Vec<GeneIdx>> {
    let tpm = |gene: GeneIdx| reads(&genome[gene]);
    let (messages, stable): (Vec<GeneIdx>, Vec<GeneIdx>) = operon
        .genes
        .iter()
        .filter(|&&gene| is_read(&genome[gene]))
        .partition(|&&gene| genome[gene].kind == GeneKind::Cds);
    let ribosomal: Vec<f64> = messages
        .iter()
        .filter(|&&gene| copies_in_ribosome(&genome[gene]).is_some())
        .map(|&gene| tpm(gene))
        .collect();
    let number = f64::from(u32::try_from(ribosomal.len().max(1)).expect("few genes"));
    let least = APART * ribosomal.iter().sum::<f64>() / number;
    let (together, apart): (Vec<GeneIdx>, Vec<GeneIdx>) =
        messages.into_iter().partition(|&gene| tpm(gene) >= least);
    [stable, together, apart]
        .into_iter()
        .filter(|genes| !genes.is_empty())
        .collect()
}

/// Transcripts of a gene in glucose medium, per million. Messages of a ribosomal protein that are shorter than a read of
/// the library are missed: of rpmH, with 141 nt, as many are taken as of its fellows.
fn reads(gene: &Gene) -> f64 {
    const SHORT_NT: u32 = 150;
    const FELLOWS: f64 = 4000.0;
    let measured = gene.tpm_m9_glucose.unwrap_or(0.0);
    match copies_in_ribosome(gene) {
        Some(_) if gene.length_nt < SHORT_NT => f64::max(measured, FELLOWS),
        _ => measured,
    }
}

/// Proteins made per transcript, relative to a typical gene; 1 where it was not measured.
fn efficiency(gene: &Gene) -> f64 {
    (gene.translation_efficiency.filter(|te| *te > 0.0)).unwrap_or(1.0)
}

/// Whether the model transcribes the gene.
fn is_read(gene: &Gene) -> bool {
    match gene.kind {
        GeneKind::Trna | GeneKind::Rrna => true,
        GeneKind::Cds => gene.length_aa.is_some_and(|n| n > 0),
        _ => false,
    }
}

fn part(
    genome: &Genome,
    operon: &Operon,
    index: usize,
    genes: Vec<GeneIdx>,
    settings: &Settings,
) -> Part {
    let of: Vec<&Gene> = genes.iter().map(|&gene| &genome[gene]).collect();
    let length = |gene: &Gene| f64::from(gene.length_nt);
    let length_nt: f64 = of.iter().map(|gene| length(gene)).sum();
    let tpm = of
        .iter()
        .map(|gene| reads(gene) * length(gene))
        .sum::<f64>()
        / length_nt;
    let role = if of.iter().any(|gene| gene.kind == GeneKind::Rrna) {
        Role::RibosomalRna
    } else if of.iter().any(|gene| gene.kind == GeneKind::Trna) {
        Role::TransferRna
    } else if of.iter().any(|gene| {
        copies_in_ribosome(gene).is_some() || is_polymerase(gene) || gene.name() == "tufB"
    }) {
        Role::Ribosomal
    } else {
        Role::Other
    };
    let reads: Vec<f64> = of
        .iter()
        .map(|gene| if tpm > 0.0 { reads(gene) / tpm } else { 1.0 })
        .collect();
    let shares = of
        .iter()
        .zip(&reads)
        .map(|(gene, share)| {
            let own = if is_polymerase(gene) {
                settings.polymerase_weight
            } else {
                1.0
            };
            own * share * efficiency(gene)
        })
        .collect();
    Part {
        operon: index,
        role,
        weight: 0.0,
        shares,
        messages_at_birth: 0.0,
        decay_per_s: std::f64::consts::LN_2 / half_life(&of, settings),
        fork_distance: fork_distance(genome, &of, settings),
        held: role == Role::Other && is_held(&of, operon),
        suppliers: genes
            .iter()
            .filter(|&&gene| {
                let gene = &genome[gene];
                supplies(gene) && !translates(gene) && !is_polymerase(gene)
            })
            .map(|gene| gene.index())
            .collect(),
        reads,
        tpm,
        length_nt,
        genes: genes.into_iter().map(GeneIdx::index).collect(),
    }
}

/// Half-life of the messages of a part, s: the mean of those measured, weighted by transcripts and length.
fn half_life(genes: &[&Gene], settings: &Settings) -> f64 {
    const FEW: f64 = 1e-6;
    let (sum, weights) = genes.iter().fold((0.0, 0.0), |(sum, weights), gene| {
        let weight = (reads(gene) + FEW) * f64::from(gene.length_nt);
        match gene.mrna_half_life_s {
            Some(half_life) if half_life > 0.0 => (sum + weight * half_life, weights + weight),
            _ => (sum, weights),
        }
    });
    if weights > 0.0 {
        sum / weights
    } else {
        settings.half_life_s
    }
}

/// Way of a fork from the origin to the middle of the part, bp.
fn fork_distance(genome: &Genome, genes: &[&Gene], settings: &Settings) -> u32 {
    let middles: f64 = genes
        .iter()
        .map(|gene| (f64::from(gene.start) + f64::from(gene.end)) / 2.0)
        .sum();
    let number = f64::from(u32::try_from(genes.len()).expect("few genes"));
    let way = (middles / number - settings.origin_bp).abs();
    let around = f64::from(genome.genome_length_bp()) - way;
    count(f64::min(way, around))
}

/// Whether most of the protein of a part is housekeeping, or nothing is known to regulate its operon: such proteins are
/// held at their share of the proteome whatever the growth rate (Scott et al. 2010).
fn is_held(genes: &[&Gene], operon: &Operon) -> bool {
    let weight = |gene: &Gene| efficiency(gene) * f64::from(gene.length_aa.unwrap_or(0));
    let all: f64 = genes.iter().map(|gene| weight(gene)).sum();
    let housekeeping: f64 = genes
        .iter()
        .filter(|gene| !supplies(gene) && !translates(gene) && !is_polymerase(gene))
        .map(|gene| weight(gene))
        .sum();
    housekeeping > 0.5 * all || operon.regulation.class == RegulationClass::ConstitutiveOrUnknown
}

/// A ribosome needs its proteins in fixed numbers, so their messages are translated in these numbers: measured
/// transcripts and efficiencies scatter around that by a factor of two.
fn give_equal_ribosomal_weights(genome: &Genome, parts: &mut [Part]) {
    let (mut sum, mut proteins) = (0.0, 0.0);
    for part in parts.iter() {
        for (&gene, share) in part.genes.iter().zip(&part.shares) {
            if let Some(copies) = copies_in_ribosome(&genome.genes()[gene]) {
                sum += part.tpm * share / f64::from(copies);
                proteins += 1.0;
            }
        }
    }
    let mean = sum / f64::max(proteins, 1.0);
    for part in parts {
        let tpm = part.tpm;
        for (&gene, share) in part.genes.iter().zip(&mut part.shares) {
            if let Some(copies) = copies_in_ribosome(&genome.genes()[gene]) {
                *share = f64::from(copies) * mean / tpm;
            }
        }
    }
}

/// Promoter weights for the measured transcripts in steady growth at the reference rate: transcripts are lost by decay
/// and dilution, and made by as many promoters as the forks have left.
fn give_weights(parts: &mut [Part], settings: &Settings) {
    let growth = std::f64::consts::LN_2 / settings.doubling_s;
    let (mut weights, mut messages, mut nucleotides) = (0.0, 0.0, 0.0);
    for part in parts.iter_mut().filter(|part| part.role.is_message()) {
        let passed_s = settings.fork_time_s(f64::from(part.fork_distance));
        let dilution = libm::exp2(passed_s / settings.doubling_s);
        part.weight = part.tpm * (settings.decay_scale * part.decay_per_s + growth) * dilution;
        weights += part.weight;
        messages += 1.0;
        nucleotides += part.tpm * part.length_nt;
    }
    let mean = weights / messages;
    for part in parts {
        match part.role {
            Role::RibosomalRna => part.weight = settings.rrn_weight * messages,
            Role::TransferRna => part.weight = settings.trna_weight * messages,
            Role::Ribosomal | Role::Other => {
                part.weight /= mean;
                part.messages_at_birth = part.tpm * settings.mrna_birth_nt / nucleotides;
            }
        }
    }
}

/// Copies of every product in a newborn cell: machines as given, other proteins in the proportions in which their
/// messages are translated.
pub(super) fn copies_at_birth(genome: &Genome, parts: &[Part], settings: &Settings) -> Vec<u32> {
    let genes = genome.genes();
    let mut copies = vec![0.0; genes.len()];
    let is_machine = |gene: &Gene| copies_in_ribosome(gene).is_some() || is_polymerase(gene);
    let (mut machines, mut others) = (0.0, 0.0);
    for part in parts.iter().filter(|part| part.role.is_message()) {
        for (&index, share) in part.genes.iter().zip(&part.shares) {
            let gene = &genes[index];
            let residues = f64::from(gene.length_aa.unwrap_or(0));
            if let Some(in_ribosome) = copies_in_ribosome(gene) {
                copies[index] = f64::from(in_ribosome) * settings.ribosomes_birth * SURPLUS;
            } else if is_polymerase(gene) {
                let each = if gene.name() == "rpoA" { 2.0 } else { 1.0 };
                copies[index] = each * settings.rnap_birth * SURPLUS;
            } else {
                copies[index] = part.tpm * share;
            }
            if is_machine(gene) {
                machines += copies[index] * residues;
            } else {
                others += copies[index] * residues;
            }
        }
    }
    let scale = (settings.residues_birth - machines) / others;
    let stable = |kind: GeneKind| {
        let n = genes.iter().filter(|gene| gene.kind == kind).count();
        f64::from(u32::try_from(n.max(1)).expect("few genes"))
    };
    let rrna = 3.0 * settings.ribosomes_birth / stable(GeneKind::Rrna) * SURPLUS;
    let trna = settings.trna_birth / stable(GeneKind::Trna);
    copies
        .into_iter()
        .zip(genes)
        .map(|(copies, gene)| match gene.kind {
            GeneKind::Rrna => count(rrna),
            GeneKind::Trna => count(trna),
            _ if is_machine(gene) => count(copies),
            _ => count(copies * scale),
        })
        .collect()
}

/// Parts of machines over those inside machines in a newborn cell.
const SURPLUS: f64 = 1.05;
