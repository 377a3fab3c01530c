//! The genes of a cell.

use std::io::{self, Write};

use bioxen::genome::Gene;
use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::output::genes::{Entry, GENE_COLUMNS};

/// Writes genes, one a line, and how many there are.
pub(crate) fn write_genes(genes: &[&Gene], out: &mut dyn Write) -> io::Result<()> {
    if !genes.is_empty() {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_header(GENE_COLUMNS.map(|column| column.title));
        for gene in genes {
            table.add_row(GENE_COLUMNS.map(|column| {
                let entry = (column.read)(gene);
                let cell = Cell::new(entry.text());
                match entry {
                    Entry::Number(_) => cell.set_alignment(CellAlignment::Right),
                    Entry::Text(_) | Entry::Missing(()) => cell,
                }
            }));
        }
        for line in table.lines() {
            writeln!(out, "{}", line.trim())?;
        }
    }
    match genes.len() {
        1 => writeln!(out, "1 gene"),
        n => writeln!(out, "{n} genes"),
    }
}
