//! What is different between two cells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bioxen_core::{ImageError, Seed, VmId, VmImage};

use super::pools::Pool;
use super::{Cell, CellModel};

/// A cell out of an image, with the name and seed that it was saved under.
#[derive(Debug, Clone)]
pub struct SavedCell {
    /// Name of its VM.
    pub vm: VmId,
    /// Seed of its VM.
    pub seed: Seed,
    /// The cell.
    pub cell: Cell,
    /// Packages of functions that its VM has, with their versions.
    pub packages: Vec<String>,
}

impl SavedCell {
    /// What the other one has otherwise; see [`Cell::differences`].
    pub fn differences(&self, other: &Self) -> CellDiff {
        let mut diff = self.cell.differences(&other.cell);
        if self.packages != other.packages {
            diff.settings.push(SettingChange {
                name: "packages",
                before: join(self.packages.iter().cloned()),
                after: join(other.packages.iter().cloned()),
            });
        }
        diff
    }
}

/// A count of molecules that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountChange {
    /// What is counted.
    pub kind: CountKind,
    /// Of which gene, pool or plasmid.
    pub name: String,
    /// Molecules in the first cell.
    pub before: u64,
    /// Molecules in the second cell.
    pub after: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CountKind {
    /// Copies of a plasmid.
    Plasmid,
    /// A metabolite.
    Pool,
    /// The product of a gene: proteins or stable RNA.
    Product,
    /// Transcripts of a protein gene.
    Transcript,
}

impl CountKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Plasmid, Self::Pool, Self::Product, Self::Transcript];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plasmid => "plasmid",
            Self::Pool => "pool",
            Self::Product => "product",
            Self::Transcript => "transcript",
        }
    }
}

/// Something that was set or has happened, and is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// What it is.
    pub name: &'static str,
    /// In the first cell.
    pub before: String,
    /// In the second cell.
    pub after: String,
}

/// What is different between two cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellDiff {
    /// Time, grants, medium, constructs and what was done to genes.
    pub settings: Vec<SettingChange>,
    /// Counts of molecules, by kind, and the greatest change first.
    pub counts: Vec<CountChange>,
}

impl Cell {
    /// The cell of an image, whoever it was saved by.
    ///
    /// # Errors
    ///
    /// When the image is damaged, too new, of another model, or holds a state that no cell can have.
    pub fn read_image(model: &Arc<CellModel>, image: &VmImage) -> Result<SavedCell, ImageError> {
        let (vm, seed, cell, saved) = Self::restore_any(model, image)?;
        let packages = saved.unpack()?;
        let packages = packages.values();
        Ok(SavedCell {
            vm,
            seed,
            cell,
            packages: packages
                .map(|p| format!("{} {}", p.name, p.version))
                .collect(),
        })
    }

    /// The image of a new VM that starts as the cell of this one and goes its own way, with the packages of the old VM.
    ///
    /// # Errors
    ///
    /// As [`Cell::fork`].
    pub fn fork_image(
        model: &Arc<CellModel>,
        image: &VmImage,
        id: &VmId,
        seed: Seed,
    ) -> Result<VmImage, ImageError> {
        let (cell, packages) = Self::fork_with(model, image, id, seed)?;
        Ok(cell.save_with(id, seed, packages))
    }

    /// What the other cell has otherwise. Cells of two organisms share no genes, and are compared all the same.
    pub fn differences(&self, other: &Self) -> CellDiff {
        let settings = self.settings().into_iter().zip(other.settings());
        let settings = settings
            .filter(|((_, before), (_, after))| before != after)
            .map(|((name, before), (_, after))| SettingChange {
                name,
                before,
                after,
            });
        let (mine, its) = (self.counts_by_name(), other.counts_by_name());
        let names: BTreeSet<_> = mine.keys().chain(its.keys()).collect();
        let count = |counts: &BTreeMap<_, u64>, key| counts.get(key).copied().unwrap_or(0);
        let mut counts: Vec<CountChange> = names
            .into_iter()
            .map(|key @ (kind, name)| CountChange {
                kind: *kind,
                name: name.clone(),
                before: count(&mine, key),
                after: count(&its, key),
            })
            .filter(|change| change.before != change.after)
            .collect();
        counts.sort_by_key(|c| (c.kind, std::cmp::Reverse(c.before.abs_diff(c.after))));
        CellDiff {
            settings: settings.collect(),
            counts,
        }
    }

    /// What was set and what has happened, in words; the same rows in the same order for every cell.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let constructs = self.model.constructs.iter();
        let constructs = constructs.map(|c| format!("{} {}", c.name, c.version));
        let genes = |of: &dyn Fn(usize) -> bool| {
            let all = (0..self.model.products.len()).filter(|gene| of(*gene));
            join(all.map(|gene| self.gene_name(gene)))
        };
        vec![
            ("organism", self.model.organism().to_string()),
            ("time", self.time().to_string()),
            ("divisions", self.generation.to_string()),
            ("ATP", self.quota.atp.to_string()),
            (
                "ribosomes",
                format!("{} ({})", self.quota.ribosomes, self.quota.unit),
            ),
            ("glucose outside, mM", self.medium.glucose_mm.to_string()),
            ("medium", self.medium_in_words()),
            ("inducers", join(self.inducers.iter().cloned())),
            ("constructs", join(constructs)),
            ("operons held", join(self.held_operons())),
            ("started", genes(&|g| self.is_started(g))),
            ("knocked out", genes(&|g| self.genes.knocked_out[g])),
            (
                "knocked down",
                genes(&|g| self.genes.knock_down[g].total_cmp(&1.0).is_ne()),
            ),
        ]
    }

    /// What is outside but glucose.
    fn medium_in_words(&self) -> String {
        let medium = self.medium;
        format!(
            "amino acids {}, nucleosides {}, capacity {}/s, energy {}",
            medium.amino_acids, medium.nucleosides, medium.nutrition, medium.energy
        )
    }

    /// Whether a person raised the transcription of a gene that has a promoter of its own.
    fn is_started(&self, gene: usize) -> bool {
        let unit = self.model.products[gene].unit;
        let activity = self.genes.activity.get(unit);
        self.operons.is_none() && activity.is_some_and(|activity| *activity > 1.0)
    }

    fn counts_by_name(&self) -> BTreeMap<(CountKind, String), u64> {
        let mut counts = BTreeMap::new();
        for (plasmid, copies) in self.plasmid_copies() {
            counts.insert((CountKind::Plasmid, plasmid.to_owned()), u64::from(copies));
        }
        for &pool in Pool::ALL {
            let molecules = u64::try_from(self.pools.get(pool)).unwrap_or(0);
            counts.insert((CountKind::Pool, pool.name().to_owned()), molecules);
        }
        for (gene, product) in self.model.products.iter().enumerate() {
            let name = self.gene_name(gene);
            let copies = u64::from(self.product_count(gene));
            if product.is_message() {
                let transcripts = u64::from(self.transcript_count(gene));
                counts.insert((CountKind::Transcript, name.clone()), transcripts);
            }
            counts.insert((CountKind::Product, name), copies);
        }
        counts
    }

    /// Locus tag and, where there is one, the usual name.
    fn gene_name(&self, gene: usize) -> String {
        let of = &self.model.genome().genes()[gene];
        match of.names.first() {
            Some(name) if *name != of.locus_tag => format!("{} ({name})", of.locus_tag),
            _ => of.locus_tag.clone(),
        }
    }
}

fn join(names: impl Iterator<Item = String>) -> String {
    match names.collect::<Vec<_>>() {
        none if none.is_empty() => "none".to_owned(),
        some => some.join(", "),
    }
}
