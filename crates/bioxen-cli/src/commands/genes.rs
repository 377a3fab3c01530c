//! `bioxen genes` and `bioxen operons`: what the cell is made from.

use std::process::ExitCode;

use bioxen::genome::{GeneIdx, Genome, Operon};

use crate::args::{GenesArgs, ListForm, OperonsArgs};
use crate::failure::Failure;
use crate::output::list::List;
use crate::output::sink::{Extent, Sink};
use crate::output::{genes, json, operons, table};

/// Lists the genes that were asked for.
pub(crate) fn genes(args: &GenesArgs) -> Result<ExitCode, Failure> {
    let genome = Genome::of(args.organism);
    let wanted: Vec<GeneIdx> = genome
        .iter()
        .filter(|(_, gene)| args.wants(gene))
        .map(|(idx, _)| idx)
        .collect();
    let list = List {
        organism: args.organism,
        genome: &genome,
        noun: "gene",
        columns: genes::columns(args.organism),
        rows: wanted.iter().collect(),
    };
    write(&list, args.output)
}

/// Lists the operons that were asked for.
pub(crate) fn operons(args: &OperonsArgs) -> Result<ExitCode, Failure> {
    let genome = Genome::of(args.organism);
    let wanted: Vec<&Operon> = genome
        .operons()
        .iter()
        .filter(|operon| args.wants(operon))
        .collect();
    let list = List {
        organism: args.organism,
        genome: &genome,
        noun: "operon",
        columns: &operons::COLUMNS,
        rows: wanted,
    };
    write(&list, args.output)
}

fn write<T>(list: &List<'_, T>, form: ListForm) -> Result<ExitCode, Failure> {
    let mut sink = Sink::open(None)?;
    let written = match form {
        ListForm::Table => table::write_list(list, &mut sink),
        ListForm::Json => json::write_json(list, &mut sink),
        ListForm::Csv => list.write_csv(&mut sink),
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}
