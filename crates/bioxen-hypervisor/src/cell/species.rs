//! What can be counted in a cell by name, and what surrounds it.

use bioxen_core::{GeneId, VmError};

use super::constants::Constants;
use super::numbers::signed_real;
use super::perturb::why_not_expressed;
use super::pools::Pool;
use super::{Cell, Medium};
use crate::genome::{GeneKind, UnknownGene};

/// Prefix of the name of a transcript, as in `mRNA:dnaA`.
const TRANSCRIPT: &str = "mRNA:";

/// A machine that is counted as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MachineKind {
    Ribosome,
    Rnap,
    Degradosome,
    Translocon,
}

impl MachineKind {
    const ALL: [Self; 4] = [
        Self::Ribosome,
        Self::Rnap,
        Self::Degradosome,
        Self::Translocon,
    ];

    /// The name that users write.
    fn name(self) -> &'static str {
        match self {
            Self::Ribosome => "ribosome",
            Self::Rnap => "RNAP",
            Self::Degradosome => "degradosome",
            Self::Translocon => "SecYEGDF",
        }
    }
}

/// Something that a cell has a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Species {
    /// A metabolite pool.
    Pool(Pool),
    /// Machines of a kind, at work or free.
    Machine(MachineKind),
    /// Proteins or stable RNAs of a gene, wherever they are.
    Product(usize),
    /// Transcripts of a protein gene, free or on ribosomes.
    Transcript(usize),
}

impl Cell {
    /// The pool, machine or gene of this name; `None` when nothing is called so.
    ///
    /// # Errors
    ///
    /// When it names a gene that makes no such product, or several genes.
    pub(crate) fn find_species(&self, name: &str) -> Result<Option<Species>, VmError> {
        if let Some(&pool) = Pool::ALL.iter().find(|pool| pool.name() == name) {
            return Ok(Some(Species::Pool(pool)));
        }
        if let Some(kind) = MachineKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
        {
            return Ok(Some(Species::Machine(kind)));
        }
        let (gene, transcript) = match name.strip_prefix(TRANSCRIPT) {
            Some(gene) => (gene, true),
            None => (name, false),
        };
        let index = match self.model.genome().find(gene) {
            Ok(idx) => idx.index(),
            Err(UnknownGene::Missing { .. }) => return Ok(None),
            Err(UnknownGene::Ambiguous { .. }) => return self.find_gene(gene).map(|_| None),
        };
        let refused = |reason: &str| {
            Err(VmError::NotExpressed {
                gene: self.locus_tag(index),
                reason: reason.to_owned(),
            })
        };
        let kind = self.model.products[index].kind;
        if let Some(reason) = why_not_expressed(kind) {
            return refused(reason);
        }
        if transcript && kind != GeneKind::Cds {
            return refused("its RNA is the product; leave out \"mRNA:\"");
        }
        Ok(Some(if transcript {
            Species::Transcript(index)
        } else {
            Species::Product(index)
        }))
    }

    /// Names that look like `name`: pools and machines that differ by case alone, otherwise genes.
    pub(crate) fn nearest_species(&self, name: &str) -> Vec<String> {
        let pools = Pool::ALL.iter().map(|pool| pool.name());
        let machines = MachineKind::ALL.into_iter().map(MachineKind::name);
        let mut nearest: Vec<String> = pools
            .chain(machines)
            .filter(|known| known.eq_ignore_ascii_case(name))
            .map(str::to_owned)
            .collect();
        if !nearest.is_empty() {
            return nearest;
        }
        let (prefix, gene) = match name.strip_prefix(TRANSCRIPT) {
            Some(gene) => (TRANSCRIPT, gene),
            None => ("", name),
        };
        if let Err(VmError::UnknownGene { nearest: genes, .. }) = self.find_gene(gene) {
            nearest.extend(genes.into_iter().map(|gene| format!("{prefix}{gene}")));
        }
        nearest
    }

    /// Molecules of a species.
    pub(crate) fn molecules_of(&self, species: Species) -> i64 {
        match species {
            Species::Pool(pool) => self.pools.get(pool),
            Species::Machine(MachineKind::Ribosome) => i64::from(self.ribosomes.total),
            Species::Machine(MachineKind::Rnap) => i64::from(self.rnap.total),
            Species::Machine(MachineKind::Degradosome) => i64::from(self.degradosomes.total),
            Species::Machine(MachineKind::Translocon) => i64::from(self.translocons.total),
            Species::Product(gene) => i64::from(self.product_count(gene)),
            Species::Transcript(gene) => i64::from(self.transcript_count(gene)),
        }
    }

    /// Concentration of a species over the volume of the cell, mM.
    pub(crate) fn millimolar_of(&self, species: Species) -> f64 {
        signed_real(self.molecules_of(species)) / Constants::molecules(1.0, self.geometry.volume_al)
    }

    /// What surrounds the cell.
    pub(crate) fn medium(&self) -> Medium {
        self.medium
    }

    /// Changes what surrounds the cell, from the next coupling step on.
    pub(crate) fn set_medium(&mut self, medium: Medium) {
        self.medium = Medium {
            since: self.generation,
            ..medium
        };
    }

    /// The gene of this name as a valid id: the name itself, or its locus tag where the name is no id.
    ///
    /// # Errors
    ///
    /// As [`Cell::find_gene`].
    pub(crate) fn gene_id(&self, name: &str) -> Result<GeneId, VmError> {
        let index = self.find_gene(name)?.index();
        Ok(GeneId::new(name).unwrap_or_else(|_| self.locus_tag(index)))
    }
}
