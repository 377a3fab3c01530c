//! Names of VMs, genes and operons.

use std::fmt;
use std::str::FromStr;

use crate::invalid::{InvalidName, NameKind, NameProblem, check_name, refuse_name};

/// Name of a biological VM: 1 to 63 of `A-Z a-z 0-9 . _ -`, but neither `.` nor `..`.
///
/// It goes into file names and remote messages, hence the narrow alphabet.
/// The random stream of a cell is derived from its [`Seed`](crate::Seed) and this name.
///
/// ```
/// use bioxen_core::VmId;
///
/// let id = VmId::new("cell-1")?;
/// assert_eq!(id.as_str(), "cell-1");
/// assert_eq!(id.to_string().parse::<VmId>()?, id);
/// assert!(VmId::new("..").is_err());
/// # Ok::<(), bioxen_core::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct VmId(String);

impl VmId {
    /// Longest id, in bytes.
    pub const MAX_LEN: usize = 63;

    /// Checks a text against the rule for VM ids.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] says which part of the rule is broken.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        check_name(NameKind::Vm, text, Self::MAX_LEN, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
        })?;
        if matches!(text, "." | "..") {
            return Err(refuse_name(NameKind::Vm, text, NameProblem::Reserved));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VmId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl fmt::Display for VmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Name of a gene, a locus tag or a gene name: 1 to 64 printable ASCII characters without spaces.
///
/// Only the form is checked here; whether a cell has such a gene is for its genome to say.
///
/// ```
/// use bioxen_core::GeneId;
///
/// let gene = GeneId::new("JCVISYN3A_0001")?;
/// assert_eq!(gene.as_str(), "JCVISYN3A_0001");
/// assert_eq!(gene.to_string().parse::<GeneId>()?, gene);
/// assert!(GeneId::new("dna A").is_err());
/// # Ok::<(), bioxen_core::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct GeneId(String);

impl GeneId {
    /// Longest id, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks a text against the rule for gene ids.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] says which part of the rule is broken.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        check_name(NameKind::Gene, text, Self::MAX_LEN, |c| {
            c.is_ascii_graphic()
        })?;
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GeneId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl fmt::Display for GeneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Name of an operon: 1 to 64 printable ASCII characters without spaces.
///
/// ```
/// use bioxen_core::OperonId;
///
/// let operon = OperonId::new("lacZYA")?;
/// assert_eq!(operon.as_str(), "lacZYA");
/// assert_eq!(operon.to_string().parse::<OperonId>()?, operon);
/// assert!(OperonId::new("").is_err());
/// # Ok::<(), bioxen_core::InvalidName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OperonId(String);

impl OperonId {
    /// Longest id, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks a text against the rule for operon ids.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] says which part of the rule is broken.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        check_name(NameKind::Operon, text, Self::MAX_LEN, |c| {
            c.is_ascii_graphic()
        })?;
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OperonId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl fmt::Display for OperonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
