//! What one part of a manifest says about another, and about the host.

use std::collections::BTreeMap;

use bioxen_core::{Organism, nearest};
use bioxen_text::PartPath;

use super::parts::{GeneticParts, Placed};
use super::reading::Notes;
use crate::cell::Carrier;
use crate::genome::{Genome, UnknownGene};

/// Notes names that are used twice, names of the hosts, and regulators and places that are not there.
pub(super) fn check(parts: &GeneticParts, hosts: &[Organism], notes: &mut Notes) {
    unique(&parts.unit_names, "unit", notes);
    unique(&parts.gene_names, "gene", notes);
    let genomes: Vec<(Organism, Genome)> = hosts
        .iter()
        .map(|host| (*host, Genome::of(*host)))
        .collect();
    for (path, name) in &parts.gene_names {
        if let Some((host, _)) = genomes.iter().find(|(_, genome)| has(genome, name)) {
            notes.add(
                path,
                format!("{host} has a gene {name:?} of its own"),
                Some("give the gene of the package another name".to_owned()),
            );
        }
    }
    regulators(parts, &genomes, notes);
    if let Some(Carrier::Chromosome { position_bp }) = parts.carrier {
        for (host, genome) in &genomes {
            let length = genome.genome_length_bp();
            if position_bp > length {
                notes.add(
                    &parts.carrier_path,
                    format!("found {position_bp}, and the chromosome of {host} has {length} bp"),
                    None,
                );
            }
        }
    }
}

/// A regulator is a gene of the package, or one of every host.
fn regulators(parts: &GeneticParts, genomes: &[(Organism, Genome)], notes: &mut Notes) {
    let own: Vec<&str> = parts
        .gene_names
        .iter()
        .map(|(_, name)| name.as_str())
        .collect();
    for (path, name) in &parts.regulators {
        if own.contains(&name.as_str()) {
            continue;
        }
        let without = genomes.iter().find(|(_, genome)| !has(genome, name));
        let what = match without {
            Some((host, _)) => format!("no gene of the package or of {host} is called {name:?}"),
            // Who names no host relies on none.
            None if genomes.is_empty() => format!("no gene of the package is called {name:?}"),
            None => continue,
        };
        let hint = match nearest(name, &own) {
            Some(meant) => Some(format!("did you mean {meant}?")),
            None if genomes.is_empty() => {
                Some("give hosts if the regulator is a gene of theirs".to_owned())
            }
            None => without
                .and_then(|(_, genome)| genome.find(name).err())
                .and_then(|unknown| unknown.hint()),
        };
        notes.add(path, what, hint);
    }
}

/// Notes names that occur more than once, at their later places.
pub(super) fn unique(names: &[Placed], what: &str, notes: &mut Notes) {
    let mut first: BTreeMap<&str, &PartPath> = BTreeMap::new();
    for (path, name) in names {
        if let Some(there) = first.get(name.as_str()) {
            notes.add(
                path,
                format!("the {what} {name:?} is there already, at {there}"),
                Some("give each a name of its own".to_owned()),
            );
        } else {
            first.insert(name, path);
        }
    }
}

fn has(genome: &Genome, name: &str) -> bool {
    !matches!(genome.find(name), Err(UnknownGene::Missing { .. }))
}
