//! What a package holds, once its manifest was found to be in order.

use std::fmt;

use bioxen_core::{Organism, PackageName};
use sha2::{Digest, Sha256};

use crate::cell::{Construct, hex};

/// A package whose manifest is in order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Package {
    /// Name.
    pub name: PackageName,
    /// Version, as in `1.0.0`.
    pub version: String,
    /// License, by preference an SPDX expression.
    pub license: String,
    /// What it is, for people.
    pub description: String,
    /// Where its numbers come from.
    pub sources: Vec<Source>,
    /// Organisms that it is made for; any if empty.
    pub hosts: Vec<Organism>,
    /// What it brings.
    pub contents: Contents,
    /// Its files, the manifest first.
    pub files: Vec<PackageFile>,
}

impl Package {
    /// What kind of package it is.
    pub fn kind(&self) -> PackageKind {
        match &self.contents {
            Contents::Plasmid(_) => PackageKind::Plasmid,
            Contents::Circuit(_) => PackageKind::Circuit,
            Contents::Analysis(_) => PackageKind::Analysis,
        }
    }

    /// The genetic parts in the terms of the engine; none in a package of functions.
    pub fn constructs(&self) -> Vec<Construct> {
        self.genetic()
            .map(|genetic| genetic.construct.clone())
            .into_iter()
            .collect()
    }

    /// The genetic parts; `None` in a package of functions.
    pub fn genetic(&self) -> Option<&Genetic> {
        match &self.contents {
            Contents::Plasmid(genetic) | Contents::Circuit(genetic) => Some(genetic),
            Contents::Analysis(_) => None,
        }
    }

    /// The functions; none in a package of genetic parts.
    pub fn functions(&self) -> &[AnalysisFunction] {
        match &self.contents {
            Contents::Analysis(functions) => functions,
            Contents::Plasmid(_) | Contents::Circuit(_) => &[],
        }
    }

    /// Text of a file of the package, by its name in the folder.
    pub fn file(&self, name: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.name == name)?;
        Some(&file.text)
    }
}

/// What a package brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Contents {
    /// A plasmid.
    Plasmid(Genetic),
    /// Genes that act on each other, in the chromosome or on a plasmid.
    Circuit(Genetic),
    /// Functions for process code.
    Analysis(Vec<AnalysisFunction>),
}

/// Genetic parts of a package.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Genetic {
    /// What the engine is given.
    pub construct: Construct,
    /// Origin of replication of the plasmid; `None` in the chromosome.
    pub replicon: Option<String>,
    /// Descriptions of units and genes by name, in the order of the manifest.
    pub notes: Vec<(String, String)>,
}

/// A function that process code can load.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnalysisFunction {
    /// Name.
    pub name: String,
    /// Starlark file of the package that defines it.
    pub file: String,
    /// What it answers.
    pub description: String,
}

/// Where numbers of a package come from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The paper, database entry or reasoning.
    pub reference: String,
    /// Digital object identifier.
    pub doi: Option<String>,
    /// How far the numbers can be relied on.
    pub evidence: Evidence,
    /// Numbers that it stands for.
    pub covers: Option<String>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackageFile {
    /// Name in the folder.
    pub name: String,
    /// Its text.
    pub text: String,
    /// SHA-256 of the text, hexadecimal.
    pub sha256: String,
}

impl PackageFile {
    pub(super) fn new(name: &str, text: String) -> Self {
        Self {
            name: name.to_owned(),
            sha256: sha256(&text),
            text,
        }
    }
}

/// SHA-256 of a text, hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The kinds of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageKind {
    /// A plasmid with what it expresses.
    Plasmid,
    /// Genes that act on each other, in the chromosome or on a plasmid.
    Circuit,
    /// Functions for process code.
    Analysis,
}

impl PackageKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Plasmid, Self::Circuit, Self::Analysis];

    /// The word that the manifest has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plasmid => "plasmid",
            Self::Circuit => "circuit",
            Self::Analysis => "analysis",
        }
    }
}

impl fmt::Display for PackageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How far numbers can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Measured.
    Measured,
    /// Part of a published model.
    Model,
    /// Computed from other numbers.
    Derived,
    /// Taken from general knowledge, or chosen.
    Assumption,
}

impl Evidence {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Measured, Self::Model, Self::Derived, Self::Assumption];

    /// The word that the manifest has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Model => "model",
            Self::Derived => "derived",
            Self::Assumption => "assumption",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
