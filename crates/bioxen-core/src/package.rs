//! Names of biological packages, what installing one answers, and what a VM has of them.

use std::fmt;
use std::str::FromStr;

use crate::invalid::{InvalidName, NameKind, check_name};

/// Name of a biological package: 1 to 64 of `a-z 0-9 - _`.
///
/// ```
/// use bioxen_core::PackageName;
///
/// let name = PackageName::new("toggle-switch")?;
/// assert_eq!(name.as_str(), "toggle-switch");
/// assert_eq!(name.to_string().parse::<PackageName>()?, name);
/// assert!(PackageName::new("pUC19").is_err());
/// # Ok::<(), bioxen_core::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PackageName(String);

impl PackageName {
    /// Longest name, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks a text against the rule for package names.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] says which part of the rule is broken.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        check_name(NameKind::Package, text, Self::MAX_LEN, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')
        })?;
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PackageName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What installing or removing a package answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct InstallReport {
    /// The package that was asked for.
    pub package: PackageName,
    /// Whether it is now as was asked.
    pub success: bool,
    /// What was done, in words.
    pub stdout: String,
    /// What went wrong, in words.
    pub stderr: String,
}

/// A package that a VM has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct InstalledPackage {
    /// Name.
    pub name: String,
    /// Version, as in `1.0.0`.
    pub version: String,
    /// Where what it brought is.
    pub place: PackagePlace,
}

/// Where the content of a package is in a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum PackagePlace {
    /// Genes on a plasmid.
    Plasmid,
    /// Genes in the chromosome.
    Chromosome,
    /// Functions, which are beside the cell and in the reach of its programs.
    Programs,
}

impl fmt::Display for PackagePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plasmid => "plasmid",
            Self::Chromosome => "chromosome",
            Self::Programs => "programs",
        })
    }
}
