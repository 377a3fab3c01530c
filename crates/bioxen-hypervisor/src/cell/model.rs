//! What a kind of cell is: the gene table and the constants, compiled once and shared by all its cells.

use sha2::{Digest, Sha256};

use super::constants::Constants;
use super::numbers::{count, integer, real, whole};
use super::pools::Base;
use crate::genome::{
    Essentiality, Gene, GeneIdx, GeneKind, Genome, Localization, ParameterError, Parameters,
};
use crate::stochastic::TICKS_PER_SECOND;

/// Fixed-point scale of integer propensity weights: one unit of promoter strength, or one event per second.
pub(crate) const WEIGHT: f64 = 1_048_576.0;

/// A kind of cell: everything about it that does not change while it lives.
#[derive(Debug)]
pub struct CellModel {
    genome: Genome,
    parameters: Parameters,
    pub(crate) constants: Constants,
    pub(crate) units: Vec<Unit>,
    pub(crate) machines: Machines,
    /// Genes of the path that regenerates ATP, with their reference copies.
    pub(crate) regeneration_path: Vec<(usize, f64)>,
    /// Aminoacyl-tRNA synthetases; a synthetase of two genes counts as its scarcer one.
    pub(crate) synthetases: Vec<Vec<usize>>,
    pub(crate) chromosome: ChromosomeModel,
    /// Protein residues of a newborn cell: the enzyme mass f = 1.
    pub(crate) residues_at_birth: f64,
    /// Mean share of each base (A C G U) in a transcript, weighted by synthesis.
    pub(crate) base_shares: [f64; 4],
    /// ATP of the most costly insertion.
    pub(crate) longest_insertion: i64,
    /// Residues of the longest protein.
    pub(crate) longest_protein: i64,
    /// Genes of tRNA, at least 1.
    pub(crate) trna_kinds: f64,
    /// Surface that one membrane protein takes, nm²: what they cover at birth over their number then (Fu et al. 2025).
    pub(crate) membrane_protein_nm2: f64,
    fingerprint: String,
}

/// One gene as the engine sees it, at the index it has in the genome.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) kind: GeneKind,
    pub(crate) strength: f64,
    pub(crate) bases: [u32; 4],
    pub(crate) residues: u32,
    /// Must be moved into or across the membrane once it is made.
    pub(crate) exported: bool,
    /// Sits in the membrane and takes surface.
    pub(crate) in_membrane: bool,
    /// Copies in a newborn cell: protein, or stable RNA.
    pub(crate) copies_at_birth: u32,
    /// Transcripts in a newborn cell, mean.
    pub(crate) transcripts_at_birth: f64,
    /// Bases from the origin at which a fork has copied the whole gene.
    pub(crate) fork_distance: u32,
    /// Ticks of translation and of decay at full speed.
    pub(crate) translation_ticks: u64,
    pub(crate) decay_ticks: u64,
    /// Weight of one insertion per waiting copy, in 1/[`WEIGHT`] per second.
    pub(crate) insertion_weight: u64,
    /// ATP of one insertion.
    pub(crate) insertion_cost: i64,
}

impl Unit {
    pub(crate) fn is_expressed(&self) -> bool {
        self.kind.is_expressed()
    }

    pub(crate) fn is_message(&self) -> bool {
        self.kind == GeneKind::Cds
    }

    pub(crate) fn length_nt(&self) -> u32 {
        self.bases.iter().sum()
    }

    /// Speed of RNA polymerase on this unit at activity `a`, nt/s.
    pub(crate) fn polymerase_speed(&self, activity: f64, constants: &Constants) -> f64 {
        if self.is_message() {
            (20.0 * self.strength * activity).clamp(10.0, constants.rnap_speed_stable)
        } else {
            constants.rnap_speed_stable
        }
    }

    pub(crate) fn transcription_ticks(&self, activity: f64, constants: &Constants) -> u64 {
        ticks(f64::from(self.length_nt()) / self.polymerase_speed(activity, constants))
    }

    /// Integer propensity weight of one free promoter at activity `a`.
    pub(crate) fn promoter_weight(&self, activity: f64) -> u64 {
        if self.is_expressed() {
            whole(self.strength * activity * WEIGHT)
        } else {
            0
        }
    }
}

/// A machine made of gene products: for each part, copies needed and the genes that make it (any of them will do).
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) at_birth: u32,
    pub(crate) parts: Vec<(u32, Vec<usize>)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Machines {
    pub(crate) rnap: Machine,
    pub(crate) ribosome: Machine,
    pub(crate) degradosome: Machine,
    pub(crate) translocon: Machine,
}

#[derive(Debug, Clone)]
pub(crate) struct ChromosomeModel {
    pub(crate) length_bp: u32,
    /// Base pairs of the A-T kind on the whole chromosome.
    pub(crate) at_bp: u32,
    /// Genes by the distance from the origin at which they are copied.
    pub(crate) order: Vec<(u32, usize)>,
}

impl CellModel {
    /// The model of JCVI-syn3A from the tables that ship with the crate.
    ///
    /// # Panics
    ///
    /// Never: the tables are part of the crate and a test builds the model.
    pub fn syn3a() -> Self {
        Self::new(Genome::syn3a(), Parameters::syn3a())
            .expect("the embedded tables are read by a test")
    }

    /// A model from a gene table and constants of the same form.
    ///
    /// # Errors
    ///
    /// When a constant is missing or not a number, or a machine names a gene that the table lacks.
    pub fn new(genome: Genome, parameters: Parameters) -> Result<Self, ParameterError> {
        let constants = Constants::read(&parameters)?;
        let stable = StableCopies::read(&genome, &parameters)?;
        let units: Vec<Unit> = genome
            .genes()
            .iter()
            .map(|gene| unit(gene, &genome, &constants, &stable))
            .collect();
        let machines = machines(&genome, &parameters)?;
        let regeneration_path: Vec<(usize, f64)> = genome
            .iter()
            .filter(|(_, gene)| {
                gene.essentiality == Essentiality::Essential
                    && gene.functional_category == "Glucose transport & catabolism"
            })
            .map(|(idx, _)| (idx.index(), f64::from(units[idx.index()].copies_at_birth)))
            .collect();
        let residues_at_birth = units
            .iter()
            .map(|u| f64::from(u.copies_at_birth) * f64::from(u.residues))
            .sum();
        let synthetases = synthetases(&genome);
        let chromosome = chromosome(&genome, &units);
        let tags: Vec<_> = genome
            .genes()
            .iter()
            .map(|g| (&g.locus_tag, g.essentiality))
            .collect();
        let compiled = format!(
            "{constants:?}{units:?}{machines:?}{synthetases:?}{chromosome:?}{regeneration_path:?}{tags:?}"
        );
        Ok(Self {
            fingerprint: super::image::hex(&Sha256::digest(compiled.as_bytes())),
            synthetases,
            chromosome,
            base_shares: base_shares(&units),
            trna_kinds: size(
                units
                    .iter()
                    .filter(|u| u.kind == GeneKind::Trna)
                    .count()
                    .max(1),
            ),
            membrane_protein_nm2: membrane_protein_nm2(&units, &constants),
            longest_protein: units
                .iter()
                .map(|u| i64::from(u.residues))
                .max()
                .unwrap_or(0),
            longest_insertion: units.iter().map(|u| u.insertion_cost).max().unwrap_or(0),
            genome,
            parameters,
            constants,
            units,
            machines,
            regeneration_path,
            residues_at_birth,
        })
    }

    /// The gene table.
    pub fn genome(&self) -> &Genome {
        &self.genome
    }

    /// SHA-256 (hex) of everything that the engine takes from gene table and constants.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The constants.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    pub(crate) fn amounts_rna(&self, unit: u32) -> [u32; 4] {
        self.units[unit as usize].bases
    }

    pub(crate) fn amounts_protein(&self, unit: u32) -> [u32; 1] {
        [self.units[unit as usize].residues]
    }
}

/// Start copies of stable RNAs, which the gene table does not give.
struct StableCopies {
    trna_per_gene: f64,
    rrna_per_gene: f64,
}

impl StableCopies {
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
        })
    }
}

fn unit(gene: &Gene, genome: &Genome, constants: &Constants, stable: &StableCopies) -> Unit {
    let residues = if gene.kind == GeneKind::Cds {
        gene.length_aa.unwrap_or(0)
    } else {
        0
    };
    let copies = match gene.kind {
        GeneKind::Cds => gene.initial_protein_count.unwrap_or(0),
        GeneKind::Trna => count(stable.trna_per_gene),
        GeneKind::Rrna => count(stable.rrna_per_gene),
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
    Unit {
        kind: gene.kind,
        strength: gene.promoter_strength,
        bases: gene.bases,
        residues,
        exported,
        in_membrane,
        copies_at_birth: copies,
        transcripts_at_birth: gene
            .mean_mrna_published
            .filter(|_| residues > 0)
            .unwrap_or(0.0),
        fork_distance: fork_distance(gene, genome.genome_length_bp()),
        translation_ticks: ticks(length / constants.ribosome_speed),
        decay_ticks: ticks(f64::from(gene.length_nt) / constants.degradosome_speed),
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

/// Distance from the origin (position 1) along the fork that copies the gene to the far end of the gene, bp.
fn fork_distance(gene: &Gene, length_bp: u32) -> u32 {
    let right = gene.end;
    let left = length_bp - gene.start + 1;
    right.min(left)
}

fn chromosome(genome: &Genome, units: &[Unit]) -> ChromosomeModel {
    let length_bp = genome.genome_length_bp();
    // A and U of a transcript stand for A-T pairs; the share over all gene bodies is taken for the whole chromosome.
    let (mut at, mut all) = (0.0, 0.0);
    for unit in units {
        at += f64::from(unit.bases[Base::Adenine as usize] + unit.bases[Base::Uracil as usize]);
        all += f64::from(unit.length_nt());
    }
    let mut order: Vec<(u32, usize)> = units
        .iter()
        .enumerate()
        .map(|(i, u)| (u.fork_distance, i))
        .collect();
    order.sort_unstable();
    ChromosomeModel {
        length_bp,
        at_bp: count(f64::from(length_bp) * at / f64::max(all, 1.0)),
        order,
    }
}

fn base_shares(units: &[Unit]) -> [f64; 4] {
    let mut sums = [0.0; 4];
    for unit in units {
        for (sum, n) in sums.iter_mut().zip(unit.bases) {
            *sum += unit.strength * f64::from(n);
        }
    }
    let all: f64 = f64::max(sums.iter().sum(), 1.0);
    sums.map(|s| s / all)
}

fn membrane_protein_nm2(units: &[Unit], constants: &Constants) -> f64 {
    let born: u32 = units
        .iter()
        .filter(|u| u.in_membrane)
        .map(|u| u.copies_at_birth)
        .sum();
    (1.0 - constants.lipid_fraction) * constants.surface_birth_nm2 / f64::from(born.max(1))
}

fn machines(genome: &Genome, parameters: &Parameters) -> Result<Machines, ParameterError> {
    let at_birth = |name: &str| Ok::<u32, ParameterError>(count(parameters.number(name)?));
    let listed = |name: &str| -> Result<Vec<(u32, Vec<usize>)>, ParameterError> {
        parameters
            .subunits(name)?
            .into_iter()
            .map(|(copies, tag)| Ok((copies, vec![find(genome, name, &tag)?.index()])))
            .collect()
    };
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

fn find(genome: &Genome, parameter: &str, tag: &str) -> Result<GeneIdx, ParameterError> {
    genome.find(tag).map_err(|_| ParameterError::MissingGene {
        name: parameter.to_owned(),
        gene: tag.to_owned(),
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

/// Clock ticks of `seconds` at full speed, at least one.
fn ticks(seconds: f64) -> u64 {
    whole((seconds * TICKS_PER_SECOND).max(1.0))
}

fn size(n: usize) -> f64 {
    real(u64::try_from(n).expect("a size in memory fits 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::pools::{Pool, Reaction};

    /// Costs per monomer are whole numbers that stand in the stoichiometry; the table must say the same.
    #[test]
    fn the_stoichiometry_is_that_of_the_table() {
        let parameters = Parameters::syn3a();
        let number = |name: &str| integer(parameters.number(name).expect("a row of the table"));
        let taken = |reaction: Reaction, pool: Pool| -> i64 {
            reaction
                .stoichiometry()
                .iter()
                .filter(|(p, _)| *p == pool)
                .map(|(_, n)| -n)
                .sum()
        };
        assert_eq!(
            taken(Reaction::Translation, Pool::Gtp),
            number("cost_translation_gtp")
        );
        assert_eq!(
            taken(Reaction::Charging, Pool::Atp),
            number("cost_trna_charging")
        );
        assert_eq!(
            taken(Reaction::AminoAcidImport, Pool::Atp),
            number("cost_aa_import")
        );
        assert_eq!(
            taken(Reaction::AtpHydrolysis, Pool::Atp),
            number("cost_transcription_unwind")
        );
        assert_eq!(
            taken(Reaction::AtpHydrolysis, Pool::Atp),
            number("cost_mrna_decay")
        );
        assert_eq!(
            taken(Reaction::AtpHydrolysis, Pool::Atp),
            number("cost_replication_unwind")
        );
        assert_eq!(
            taken(Reaction::ProteinDegradation, Pool::Atp),
            number("cost_protein_decay")
        );
        assert_eq!(
            taken(Reaction::Polymerization(Base::Guanine), Pool::Gtp),
            number("cost_transcription_monomer")
        );
        assert_eq!(
            number("energy_gate_hill"),
            10,
            "Constants::gate multiplies ten factors"
        );
        assert_eq!(
            number("ribosomes_per_mrna"),
            1,
            "a transcript is free or on one ribosome"
        );
    }

    #[test]
    fn constants_that_no_cell_can_have_are_refused() {
        let table = include_str!("../../data/parameters.csv");
        let check = |row: &str, bad: &str, expect: &str| {
            let start = table
                .find(&format!("\n{row},"))
                .expect("a row of the table")
                + 1;
            let length = table[start..].find('\n').expect("a line end");
            let text = format!(
                "{}{row},{bad},u,syn3a,BioXen,assumption,x{}",
                &table[..start],
                &table[start + length..]
            );
            let parameters = Parameters::from_csv(&text).expect("still a table");
            let error = CellModel::new(Genome::syn3a(), parameters).expect_err(expect);
            assert_eq!(error.to_string(), expect);
        };
        check(
            "atp_yield_glucose",
            "0",
            "parameter `atp_yield_glucose` is 0, not greater than 0",
        );
        check(
            "ribosome_elongation",
            "-1",
            "parameter `ribosome_elongation` is -1, not greater than 0",
        );
        check(
            "maintenance_floor",
            "1.5",
            "parameter `maintenance_floor` is 1.5, not from 0 to 1",
        );
        check(
            "rnap_subunits",
            "1x9999",
            "parameter `rnap_subunits` names the gene \"9999\", which the gene table lacks",
        );
    }

    #[test]
    fn machines_and_paths_are_found_in_the_table() {
        let model = CellModel::syn3a();
        let parts = |machine: &Machine| machine.parts.len();
        assert_eq!(parts(&model.machines.ribosome), 52 + 3);
        assert_eq!(parts(&model.machines.rnap), 4);
        assert_eq!(parts(&model.machines.degradosome), 4);
        assert_eq!(parts(&model.machines.translocon), 4);
        assert_eq!(
            model.synthetases.len(),
            19,
            "20 genes, of which two make one synthetase"
        );
        assert_eq!(model.regeneration_path.len(), 14);
        assert_eq!(model.units.iter().filter(|u| u.is_expressed()).count(), 490);
    }
}
