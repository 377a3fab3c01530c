//! From tables to models: what each organism brings to the engine.

mod ecoli;
mod mollicute;

use bioxen_core::Organism;

use super::model::Blueprint;
use crate::genome::{Genome, ParameterError, Parameters};

/// Compiles the tables of an organism.
pub(super) fn blueprint(
    organism: Organism,
    genome: &Genome,
    parameters: &Parameters,
) -> Result<Blueprint, ParameterError> {
    match organism {
        Organism::Syn3a | Organism::MinimalCell => {
            mollicute::blueprint(organism, genome, parameters)
        }
        Organism::Ecoli => ecoli::blueprint(genome, parameters),
    }
}

/// Parts of the machine that a constant lists: copies of each, and the gene that makes it.
fn subunits(
    genome: &Genome,
    parameters: &Parameters,
    name: &str,
) -> Result<Vec<(u32, Vec<usize>)>, ParameterError> {
    let part = |(copies, tag): (u32, String)| match genome.find(&tag) {
        Ok(gene) => Ok((copies, vec![gene.index()])),
        Err(_) => Err(ParameterError::MissingGene {
            name: name.to_owned(),
            gene: tag,
        }),
    };
    parameters.subunits(name)?.into_iter().map(part).collect()
}
