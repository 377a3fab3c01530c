//! From tables to models: what each organism brings to the engine.

mod ecoli;
mod mollicute;

use bioxen_core::Organism;

use super::model::Blueprint;
use crate::genome::{GeneIdx, Genome, ParameterError, Parameters};

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

/// The gene that a constant names.
fn find(genome: &Genome, parameter: &str, tag: &str) -> Result<GeneIdx, ParameterError> {
    genome.find(tag).map_err(|_| ParameterError::MissingGene {
        name: parameter.to_owned(),
        gene: tag.to_owned(),
    })
}
