//! Columns of a list of genes, and the list for programs.

use std::io::{self, Write};

use bioxen::genome::Gene;
use serde::Serialize;

use super::csv::Number;
use super::json::{SCHEMA_VERSION, write_json};

/// One column of a list of genes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GeneColumn {
    /// Title for people.
    pub(crate) title: &'static str,
    /// Name for programs.
    key: &'static str,
    pub(crate) read: fn(&Gene) -> Entry,
}

/// What a gene has in a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Entry {
    Text(String),
    Number(Number),
    Missing(()),
}

impl Entry {
    fn count(n: u32) -> Self {
        Self::Number(Number::Count(u64::from(n)))
    }

    /// As text; nothing for a missing entry.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Missing(()) => String::new(),
        }
    }
}

const fn column(title: &'static str, key: &'static str, read: fn(&Gene) -> Entry) -> GeneColumn {
    GeneColumn { title, key, read }
}

pub(crate) const GENE_COLUMNS: [GeneColumn; 8] = [
    column("locus tag", "locus_tag", |g| {
        Entry::Text(g.locus_tag.clone())
    }),
    column("name", "name", |g| match g.names.first() {
        Some(name) => Entry::Text(name.clone()),
        None => Entry::Missing(()),
    }),
    column("type", "type", |g| Entry::Text(g.kind.to_string())),
    column("class", "class", |g| Entry::Text(g.model_class.to_string())),
    column("essentiality", "essentiality", |g| {
        Entry::Text(g.essentiality.to_string())
    }),
    column("length, nt", "length_nt", |g| Entry::count(g.length_nt)),
    column("proteins at birth", "proteins_at_birth", |g| {
        match g.initial_protein_count {
            Some(copies) => Entry::count(copies),
            None => Entry::Missing(()),
        }
    }),
    column("product", "product", |g| Entry::Text(g.product.clone())),
];

/// Writes genes as comma-separated values.
pub(crate) fn write_genes_csv(genes: &[&Gene], out: &mut dyn Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(GENE_COLUMNS.map(|column| column.key))
        .map_err(cause)?;
    for gene in genes {
        rows.write_record(GENE_COLUMNS.map(|column| (column.read)(gene).text()))
            .map_err(cause)?;
    }
    rows.flush()
}

/// What the place for the rows said; the usual conversion hides its kind, and with it that a reader went away.
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => io::Error::other(format!("the rows cannot be written: {other:?}")),
    }
}

/// A list of genes as an object.
#[derive(Serialize)]
struct Genes {
    schema_version: u32,
    version: &'static str,
    genes: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// Writes genes as JSON.
pub(crate) fn write_genes_json(genes: &[&Gene], out: &mut dyn Write) -> io::Result<()> {
    let genes = genes
        .iter()
        .map(|gene| {
            GENE_COLUMNS
                .iter()
                .map(|column| {
                    Ok((
                        column.key.to_owned(),
                        serde_json::to_value((column.read)(gene))?,
                    ))
                })
                .collect::<Result<_, serde_json::Error>>()
        })
        .collect::<Result<_, _>>()?;
    let list = Genes {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION"),
        genes,
    };
    write_json(&list, out)
}
