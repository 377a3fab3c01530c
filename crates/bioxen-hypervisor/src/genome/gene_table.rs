//! From a row of the gene table to a [`Gene`].

use super::error::TableError;
use super::gene::{Essentiality, Gene, GeneKind, Localization, ModelClass};
use super::table::{Columns, Row, UniqueKeys, read_rows};

const COLUMNS: Columns = Columns {
    required: &[
        "locus_tag",
        "start",
        "end",
        "strand",
        "type",
        "length_nt",
        "length_aa",
        "nA",
        "nC",
        "nG",
        "nU",
        "initial_protein_count",
        "promoter_strength",
    ],
    optional: &[
        "gene_name",
        "product",
        "essentiality",
        "functional_class",
        "functional_category",
        "model_class",
        "localization",
        "protein_count_exp",
        "initial_protein_count_2022",
        "complexes",
        "mean_mrna_published",
        "mean_mrna_2022",
        "scaled_abundance_published",
        "operon_pred",
    ],
};

/// Far above what any bacterium has; sums over a genome stay far below the limits of the engine.
const STRONGEST_PROMOTER: f64 = 10_000.0;
const MOST_TRANSCRIPTS: f64 = 10_000.0;
const MOST_COPIES: u32 = 10_000_000;

/// Reads a whole gene table.
pub(super) fn read_genes(text: &str, genome_length_bp: u32) -> Result<Vec<Gene>, TableError> {
    let mut locus_tags = UniqueKeys::new("locus_tag");
    read_rows(text, &COLUMNS, |row| {
        let locus_tag = locus_tags.take(row)?;
        read_gene(row, locus_tag, genome_length_bp)
    })
}

fn read_gene(row: &Row<'_>, locus_tag: String, genome_length_bp: u32) -> Result<Gene, TableError> {
    let (start, end) = read_span(row, ("start", "end"), genome_length_bp)?;
    let kind = row.word("type")?;
    let (length_nt, bases) = read_transcript(row, end - start + 1)?;
    let length_aa = read_protein_length(row, kind, length_nt)?;
    Ok(Gene {
        locus_tag,
        names: row.list("gene_name", ';'),
        product: row.text("product").to_owned(),
        start,
        end,
        strand: row.word("strand")?,
        kind,
        length_nt,
        length_aa,
        bases,
        essentiality: or_when_empty(row, "essentiality", Essentiality::Unknown)?,
        functional_class: row.text("functional_class").to_owned(),
        functional_category: row.text("functional_category").to_owned(),
        model_class: or_when_empty(row, "model_class", ModelClass::Unclear)?,
        localization: read_localization(row, kind)?,
        protein_count_exp: row.optional_count("protein_count_exp")?,
        initial_protein_count: read_initial_count(row, kind)?,
        initial_protein_count_2022: row.optional_count("initial_protein_count_2022")?,
        complexes: row.list("complexes", ','),
        promoter_strength: row.number_up_to("promoter_strength", STRONGEST_PROMOTER)?,
        mean_mrna_published: match row.text("mean_mrna_published") {
            "" => None,
            _ => Some(row.number_up_to("mean_mrna_published", MOST_TRANSCRIPTS)?),
        },
        mean_mrna_2022: row.optional_number("mean_mrna_2022")?,
        scaled_abundance_published: row.optional_number("scaled_abundance_published")?,
        operon_pred: row.text("operon_pred").to_owned(),
        ..Gene::unknown()
    })
}

pub(super) fn read_span(
    row: &Row<'_>,
    columns: (&'static str, &'static str),
    genome_length_bp: u32,
) -> Result<(u32, u32), TableError> {
    let start = row.count(columns.0, 1)?;
    let end = row.count(columns.1, 1)?;
    if start > genome_length_bp {
        let allowed = format!("a position within the genome of {genome_length_bp} bp");
        return Err(row.refuse(columns.0, &allowed));
    }
    if end < start || end > genome_length_bp {
        let allowed = format!("a position from start {start} to genome length {genome_length_bp}");
        return Err(row.refuse(columns.1, &allowed));
    }
    Ok((start, end))
}

fn read_transcript(row: &Row<'_>, span: u32) -> Result<(u32, [u32; 4]), TableError> {
    let length_nt = row.count("length_nt", 1)?;
    if length_nt != span {
        return Err(row.refuse("length_nt", &format!("{span}, from start to end")));
    }
    let bases = [
        row.count("nA", 0)?,
        row.count("nC", 0)?,
        row.count("nG", 0)?,
        row.count("nU", 0)?,
    ];
    let sum: u64 = bases.iter().copied().map(u64::from).sum();
    if sum != u64::from(length_nt) {
        return Err(row.refuse("length_nt", &format!("{sum}, the sum of nA, nC, nG and nU")));
    }
    Ok((length_nt, bases))
}

pub(super) fn read_protein_length(
    row: &Row<'_>,
    kind: GeneKind,
    length_nt: u32,
) -> Result<Option<u32>, TableError> {
    let length_aa = row.optional_count("length_aa")?;
    let codons = length_nt / 3;
    let fits = match length_aa {
        None | Some(0) => kind != GeneKind::Cds,
        Some(length_aa) => length_aa <= codons,
    };
    if fits {
        Ok(length_aa)
    } else {
        let allowed = format!("a whole number from 1 to {codons}, the codons of the gene");
        Err(row.refuse("length_aa", &allowed))
    }
}

fn read_initial_count(row: &Row<'_>, kind: GeneKind) -> Result<Option<u32>, TableError> {
    let count = row.optional_count("initial_protein_count")?;
    if count.is_some_and(|count| count > MOST_COPIES) {
        return Err(row.refuse("initial_protein_count", "a whole number up to 10000000"));
    }
    if count.is_none() && kind == GeneKind::Cds {
        return Err(row.refuse("initial_protein_count", "a whole number for every CDS"));
    }
    Ok(count)
}

fn read_localization(row: &Row<'_>, kind: GeneKind) -> Result<Localization, TableError> {
    if kind == GeneKind::Cds {
        let localization = or_when_empty(row, "localization", Localization::Unidentified)?;
        if localization == Localization::NotAProtein {
            return Err(row.refuse(
                "localization",
                "the place of a protein, because type is CDS",
            ));
        }
        return Ok(localization);
    }
    match or_when_empty(row, "localization", Localization::NotAProtein)? {
        Localization::NotAProtein => Ok(Localization::NotAProtein),
        _ => Err(row.refuse("localization", "nothing, because type is not CDS")),
    }
}

fn or_when_empty<T>(row: &Row<'_>, column: &'static str, default: T) -> Result<T, TableError>
where
    T: std::str::FromStr<Err = super::word::UnknownWord>,
{
    if row.text(column).is_empty() {
        Ok(default)
    } else {
        row.word(column)
    }
}
