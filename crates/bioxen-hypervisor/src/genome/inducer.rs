//! Substances of the medium that switch operons.

use super::error::TableError;
use super::table::{Columns, UniqueKeys, read_rows};

pub(super) const ECOLI: &str = include_str!("../../data/ecoli_inducers.csv");

const COLUMNS: Columns = Columns {
    required: &["inducer", "effector"],
    optional: &[],
};

/// A substance that switches operons when it is in the medium.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inducer {
    /// Name, for example `IPTG`.
    pub name: String,
    /// Words that the effector of an operon must contain to answer to it.
    pub effector: String,
}

/// Reads the whole table.
pub(super) fn read_inducers(text: &str) -> Result<Vec<Inducer>, TableError> {
    let mut names = UniqueKeys::new("inducer");
    read_rows(text, &COLUMNS, |row| {
        Ok(Inducer {
            name: names.take(row)?,
            effector: row.filled("effector")?.to_owned(),
        })
    })
}
