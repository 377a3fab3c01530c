//! From the rows of an operon table to the [`Operon`]s of a genome.

use std::collections::HashMap;

use super::GeneIdx;
use super::error::TableError;
use super::gene::{Gene, Strand};
use super::gene_table::read_span;
use super::operon::{Operon, Regulation, Regulator, RegulatorEffect};
use super::table::{Columns, Row, UniqueKeys, read_rows};

const COLUMNS: Columns = Columns {
    required: &["tu_id", "name", "gene_ids", "left_end", "right_end"],
    optional: &[
        "regulation_class",
        "regulators",
        "effector",
        "default_state",
        "fold_range",
    ],
};

/// Far above what any promoter does.
const WIDEST_RANGE: f64 = 1_000_000.0;

/// Reads a whole operon table and gives every expressed gene that it leaves out an operon of its own.
pub(super) fn read_operons(
    text: &str,
    genes: &[Gene],
    genome_length_bp: u32,
) -> Result<Vec<Operon>, TableError> {
    let mut reader = Reader {
        genes,
        by_tag: genes
            .iter()
            .enumerate()
            .map(|(index, gene)| (gene.locus_tag.as_str(), index))
            .collect(),
        taken: vec![false; genes.len()],
        genome_length_bp,
    };
    let mut ids = UniqueKeys::new("tu_id");
    let rows = read_rows(text, &COLUMNS, |row| reader.read(row, ids.take(row)?))?;
    let mut operons: Vec<Operon> = rows.into_iter().flatten().collect();
    let alone = genes.iter().enumerate().filter(|&(index, gene)| {
        let left_out = !reader.taken[index];
        gene.is_expressed() && left_out
    });
    operons.extend(alone.map(|(index, gene)| Operon {
        id: gene.locus_tag.clone(),
        name: gene.name().to_owned(),
        genes: vec![GeneIdx::at(index)],
        strand: gene.strand,
        left_end: gene.start,
        right_end: gene.end,
        regulation: Regulation::none_known(),
    }));
    Ok(operons)
}

struct Reader<'a> {
    genes: &'a [Gene],
    /// Looked up only, never walked through.
    by_tag: HashMap<&'a str, usize>,
    taken: Vec<bool>,
    genome_length_bp: u32,
}

impl Reader<'_> {
    /// The operon of a row, or nothing when none of its genes is expressed.
    fn read(&mut self, row: &Row<'_>, id: String) -> Result<Option<Operon>, TableError> {
        let members = self.members(row)?;
        let regulation = read_regulation(row)?;
        let name = row.filled("name")?.to_owned();
        let Some(first) = members.first().map(|idx| &self.genes[idx.index()]) else {
            return Ok(None);
        };
        let strand = first.strand;
        let (left_end, right_end) =
            read_span(row, ("left_end", "right_end"), self.genome_length_bp)?;
        let mut reached = None;
        for gene in members.iter().map(|idx| &self.genes[idx.index()]) {
            if gene.strand != strand {
                return Err(row.refuse("gene_ids", "genes of one strand"));
            }
            if gene.start < left_end || gene.end > right_end {
                let allowed = format!("genes between {left_end} and {right_end}");
                return Err(row.refuse("gene_ids", &allowed));
            }
            let place = match strand {
                Strand::Plus => gene.start,
                Strand::Minus => self.genome_length_bp - gene.end,
            };
            if reached.is_some_and(|reached| place < reached) {
                return Err(row.refuse("gene_ids", "genes in the order of transcription"));
            }
            reached = Some(place);
        }
        Ok(Some(Operon {
            id,
            name,
            genes: members,
            strand,
            left_end,
            right_end,
            regulation,
        }))
    }

    /// The expressed genes of a row.
    fn members(&mut self, row: &Row<'_>) -> Result<Vec<GeneIdx>, TableError> {
        row.filled("gene_ids")?;
        let mut members = Vec::new();
        for tag in row.parts("gene_ids", ';') {
            let Some(&index) = self.by_tag.get(tag) else {
                return Err(row.refuse("gene_ids", &format!("genes of the table, unlike {tag:?}")));
            };
            if std::mem::replace(&mut self.taken[index], true) {
                let allowed = format!("genes of no other operon, unlike {tag}");
                return Err(row.refuse("gene_ids", &allowed));
            }
            if self.genes[index].is_expressed() {
                members.push(GeneIdx::at(index));
            }
        }
        Ok(members)
    }
}

fn read_regulation(row: &Row<'_>) -> Result<Regulation, TableError> {
    let mut regulation = Regulation::none_known();
    if !row.text("regulation_class").is_empty() {
        regulation.class = row.word("regulation_class")?;
    }
    if !row.text("default_state").is_empty() {
        regulation.default_state = row.word("default_state")?;
    }
    if !row.text("fold_range").is_empty() {
        let fold = row.number_up_to("fold_range", WIDEST_RANGE)?;
        if fold < 1.0 {
            return Err(row.refuse("fold_range", "a number of at least 1"));
        }
        regulation.fold_range = Some(fold);
    }
    regulation.effector = Some(row.text("effector").to_owned()).filter(|text| !text.is_empty());
    regulation.regulators = row
        .parts("regulators", ';')
        .map(|regulator| read_regulator(row, regulator))
        .collect::<Result<_, _>>()?;
    Ok(regulation)
}

/// A regulator as written: `LacI:-`, or only the name when the direction is not recorded.
fn read_regulator(row: &Row<'_>, text: &str) -> Result<Regulator, TableError> {
    let (name, effect) = match text.rsplit_once(':') {
        None => (text, None),
        Some((name, "-/+")) => (name, Some(RegulatorEffect::Both)),
        Some((name, sign)) => match sign.parse() {
            Ok(effect) => (name, Some(effect)),
            Err(_) => {
                let allowed = "names with a sign, for example LacI:- or CRP-cAMP:+";
                return Err(row.refuse("regulators", allowed));
            }
        },
    };
    Ok(Regulator {
        name: name.to_owned(),
        effect,
    })
}
