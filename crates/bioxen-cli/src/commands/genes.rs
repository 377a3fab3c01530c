//! `bioxen genes`: what the cell is made from.

use std::process::ExitCode;

use bioxen::genome::{Gene, Genome};

use crate::args::{GenesArgs, GenesForm};
use crate::failure::Failure;
use crate::output::genes::{write_genes_csv, write_genes_json};
use crate::output::sink::{Extent, Sink};
use crate::output::table;

/// Lists the genes that were asked for.
pub(crate) fn genes(args: &GenesArgs) -> Result<ExitCode, Failure> {
    let genome = Genome::syn3a();
    let genes: Vec<&Gene> = genome
        .genes()
        .iter()
        .filter(|gene| args.wants(gene.model_class, gene.essentiality))
        .collect();
    let mut sink = Sink::open(None)?;
    let written = match args.output {
        GenesForm::Table => table::write_genes(&genes, &mut sink),
        GenesForm::Json => write_genes_json(&genes, &mut sink),
        GenesForm::Csv => write_genes_csv(&genes, &mut sink),
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}
