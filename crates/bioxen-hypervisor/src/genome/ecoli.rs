//! The genes of Escherichia coli K-12 MG1655, from a table with the measurements that its model reads.

use super::error::TableError;
use super::gene::{Essentiality, Gene, GeneKind, Localization, ModelClass, Strand};
use super::gene_table::{read_protein_length, read_span};
use super::table::{Columns, Row, UniqueKeys, read_rows};

/// GenBank U00096.3, bp.
pub(super) const LENGTH_BP: u32 = 4_641_652;
pub(super) const GENES: &str = include_str!("../../data/ecoli_genes.csv");
pub(super) const OPERONS: &str = include_str!("../../data/ecoli_operons.csv");

const COLUMNS: Columns = Columns {
    required: &[
        "gene_id",
        "b_number",
        "symbol",
        "type",
        "left_end",
        "right_end",
        "strand",
        "length_aa",
    ],
    optional: &[
        "product",
        "complexes",
        "mrna_half_life_s",
        "mrna_half_life_moffitt_s",
        "tpm_m9_glucose",
        "tpm_m9_glucose_aa",
        "translation_efficiency",
        "protein_half_life_s",
        "protein_count_glucose",
        "protein_count_lb",
        "protein_count_stationary",
        "function_class",
        "essential_minimal_glucose",
        "essential_gerdes",
    ],
};

/// GC content of U00096.3, per mille.
const GC_PER_MILLE: u32 = 508;

/// Half-lives of Moffitt et al. 2016 over those of the other set: medians of 101 s and 294 s.
const HALF_LIFE_SCALE: f64 = 0.344;

/// Reads the whole gene table.
pub(super) fn read_genes(text: &str) -> Result<Vec<Gene>, TableError> {
    let mut ids = UniqueKeys::new("gene_id");
    read_rows(text, &COLUMNS, |row| read_gene(row, ids.take(row)?))
}

fn read_gene(row: &Row<'_>, locus_tag: String) -> Result<Gene, TableError> {
    let place = read_place(row)?;
    let kind = read_kind(row, place.is_some())?;
    let (start, end, strand) = place.unwrap_or((0, 0, Strand::Plus));
    let length_nt = if start == 0 { 0 } else { end - start + 1 };
    let is_protein = kind == GeneKind::Cds;
    // The library was depleted of stable RNA: a zero there says nothing.
    let is_rna = matches!(kind, GeneKind::Trna | GeneKind::Rrna | GeneKind::Ncrna);
    let tpm = |column| match is_rna {
        true => Ok(None),
        false => row.optional_number(column),
    };
    let essential_minimal_glucose = read_flag(row, "essential_minimal_glucose")?;
    Ok(Gene {
        locus_tag,
        names: [row.text("symbol"), row.text("b_number")]
            .into_iter()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        product: row.text("product").to_owned(),
        start,
        end,
        strand,
        kind,
        length_nt,
        length_aa: match is_protein {
            true => read_protein_length(row, kind, length_nt)?,
            false => None,
        },
        bases: bases(length_nt),
        essentiality: match essential_minimal_glucose {
            Some(true) if is_protein => Essentiality::Essential,
            Some(false) if is_protein => Essentiality::Nonessential,
            _ => Essentiality::Unknown,
        },
        functional_category: row.text("function_class").to_owned(),
        model_class: model_class(kind, row.text("function_class")),
        localization: match is_protein {
            true => Localization::Unidentified,
            false => Localization::NotAProtein,
        },
        complexes: row.list("complexes", ','),
        mrna_half_life_s: match row.optional_number("mrna_half_life_moffitt_s")? {
            Some(half_life) => Some(half_life),
            None => row
                .optional_number("mrna_half_life_s")?
                .map(|half_life| half_life * HALF_LIFE_SCALE),
        },
        tpm_m9_glucose: tpm("tpm_m9_glucose")?,
        tpm_m9_glucose_aa: tpm("tpm_m9_glucose_aa")?,
        translation_efficiency: row.optional_number("translation_efficiency")?,
        protein_half_life_s: row.optional_number("protein_half_life_s")?,
        protein_count_glucose: row.optional_count("protein_count_glucose")?,
        protein_count_lb: row.optional_count("protein_count_lb")?,
        protein_count_stationary: row.optional_count("protein_count_stationary")?,
        essential_minimal_glucose,
        essential_gerdes: read_flag(row, "essential_gerdes")?,
        ..Gene::unknown()
    })
}

/// Start, end and strand, or nothing for a gene that has no place on the chromosome.
fn read_place(row: &Row<'_>) -> Result<Option<(u32, u32, Strand)>, TableError> {
    if row.text("left_end").is_empty() && row.text("right_end").is_empty() {
        return Ok(None);
    }
    let (start, end) = read_span(row, ("left_end", "right_end"), LENGTH_BP)?;
    Ok(Some((start, end, row.word("strand")?)))
}

/// The kind of a gene, by its type and by what is known of it.
///
/// A messenger without a protein is a small RNA that the source files among the messengers, and one without a place was
/// never found on the chromosome.
fn read_kind(row: &Row<'_>, placed: bool) -> Result<GeneKind, TableError> {
    let kind = match row.text("type") {
        "mRNA" if !placed => GeneKind::Phantom,
        "mRNA" if row.text("length_aa").is_empty() => GeneKind::Ncrna,
        "mRNA" => GeneKind::Cds,
        "tRNA" => GeneKind::Trna,
        "rRNA" => GeneKind::Rrna,
        "miscRNA" => GeneKind::Ncrna,
        "pseudo" => GeneKind::Pseudo,
        "phantom" => GeneKind::Phantom,
        _ => return Err(row.refuse("type", "mRNA, tRNA, rRNA, miscRNA, pseudo, phantom")),
    };
    if kind.is_expressed() && !placed {
        return Err(row.refuse("left_end", "a position, because the gene is expressed"));
    }
    Ok(kind)
}

fn read_flag(row: &Row<'_>, column: &'static str) -> Result<Option<bool>, TableError> {
    match row.text(column) {
        "" => Ok(None),
        "0" => Ok(Some(false)),
        "1" => Ok(Some(true)),
        _ => Err(row.refuse(column, "0 or 1")),
    }
}

/// A, C, G and U of a transcript of this length, by the GC content of the chromosome; they add up to the length.
fn bases(length_nt: u32) -> [u32; 4] {
    let gc = (length_nt * GC_PER_MILLE + 500) / 1000;
    let at = length_nt - gc;
    [at.div_ceil(2), gc / 2, gc.div_ceil(2), at / 2]
}

/// The function group, where the function class of the source leads to one.
fn model_class(kind: GeneKind, function_class: &str) -> ModelClass {
    if matches!(kind, GeneKind::Trna | GeneKind::Rrna) {
        return ModelClass::ProteinSynthesis;
    }
    match function_class {
        "Replication"
        | "Replication initiation"
        | "DNA repair"
        | "Recombination"
        | "Supercoiling"
        | "Chromosome segregation"
        | "Chromosome condensation" => ModelClass::DnaReplication,
        "Transcription" | "Transcription regulation" | "Transcription anti-termination" => {
            ModelClass::Transcription
        }
        "Translation"
        | "Translation regulation"
        | "Ribosome assembly"
        | "tRNA ligase"
        | "tRNA modification"
        | "rRNA maturation" => ModelClass::ProteinSynthesis,
        "RNA decay" | "RNA processing" => ModelClass::RnaProcessing,
        "Cytokinesis" => ModelClass::CellDivision,
        other if other.starts_with("Protein maturation") || other == "Protein decay" => {
            ModelClass::ProteinFate
        }
        _ => ModelClass::Unclear,
    }
}
