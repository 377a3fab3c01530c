//! Constants of the cell model, each with its unit and owner.

use super::error::{ParameterError, TableError, shorten};
use super::nearest::nearest;
use super::table::{Columns, UniqueKeys, read_rows};
use super::word::words;

const SYN3A: &str = include_str!("../../data/parameters.csv");
const MINIMAL_CELL: &str = include_str!("../../data/minimal_cell_parameters.csv");
const ECOLI: &str = include_str!("../../data/ecoli_parameters.csv");

const COLUMNS: Columns = Columns {
    required: &["name", "value", "unit", "source", "kind"],
    optional: &["cell_type", "note"],
};

/// The constants of a cell type.
///
/// ```
/// use bioxen_hypervisor::genome::Parameters;
///
/// let parameters = Parameters::syn3a();
/// assert_eq!(parameters.number("ribosome_elongation")?, 12.0);
/// assert_eq!(parameters.unit("ribosome_elongation")?, "aa/s");
/// # Ok::<(), bioxen_hypervisor::genome::ParameterError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    rows: Vec<ParameterRow>,
}

/// One constant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParameterRow {
    /// Unique name.
    pub name: String,
    /// Value as written: most are numbers, some are rules or lists.
    pub value: String,
    /// Unit; `-` for a pure number.
    pub unit: String,
    /// Cell type that the value was found for; may be empty.
    pub cell_type: String,
    /// Short reference, spelled out in `data/SOURCES.md`.
    pub source: String,
    /// How the value came about.
    pub kind: ParameterKind,
    /// Remark; may be empty.
    pub note: String,
}

/// How a constant came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterKind {
    /// Measured on cells.
    Measured,
    /// Used or found by a published model.
    Model,
    /// Follows from other values by arithmetic.
    Derived,
    /// Chosen so that this model reproduces a target.
    Fitted,
    /// Supposed without a measurement; the note says why.
    Assumption,
}

words!(ParameterKind, "parameter kind", {
    Measured => "measured",
    Model => "model",
    Derived => "derived",
    Fitted => "fitted",
    Assumption => "assumption",
});

impl Parameters {
    /// The constants of JCVI-syn3A that ship with the crate.
    ///
    /// # Panics
    ///
    /// Never: the text is part of the crate and a test reads it.
    pub fn syn3a() -> Self {
        Self::from_csv(SYN3A).expect("the embedded table is read by a test")
    }

    /// The constants of the minimal cell: those of JCVI-syn3A, with its own rows in place of rows of the same name.
    ///
    /// # Panics
    ///
    /// Never: the texts are part of the crate and a test reads them.
    pub fn minimal_cell() -> Self {
        let own = Self::from_csv(MINIMAL_CELL).expect("the embedded table is read by a test");
        Self::syn3a().overlaid(own)
    }

    /// The constants of Escherichia coli K-12 MG1655 that ship with the crate.
    ///
    /// A name that ends in `_Td40` holds at a doubling time of 40 min.
    ///
    /// # Panics
    ///
    /// Never: the text is part of the crate and a test reads it.
    pub fn ecoli() -> Self {
        Self::from_csv(ECOLI).expect("the embedded table is read by a test")
    }

    /// These constants with the rows of `own` in place of rows of the same name; rows of other names follow at the end.
    #[must_use]
    pub fn overlaid(mut self, own: Self) -> Self {
        for row in own.rows {
            match self
                .rows
                .iter_mut()
                .find(|inherited| inherited.name == row.name)
            {
                Some(inherited) => *inherited = row,
                None => self.rows.push(row),
            }
        }
        self
    }

    /// Constants from CSV text with the columns `name`, `value`, `unit`, `source`, `kind` and,
    /// if wanted, `cell_type` and `note`.
    ///
    /// # Errors
    ///
    /// When the text is not such a table, a name or value is empty, a name occurs twice or a
    /// kind is not known.
    pub fn from_csv(text: &str) -> Result<Self, TableError> {
        let mut names = UniqueKeys::new("name");
        let rows = read_rows(text, &COLUMNS, |row| {
            Ok(ParameterRow {
                name: names.take(row)?,
                value: row.filled("value")?.to_owned(),
                unit: row.filled("unit")?.to_owned(),
                cell_type: row.text("cell_type").to_owned(),
                source: row.filled("source")?.to_owned(),
                kind: row.word("kind")?,
                note: row.text("note").to_owned(),
            })
        })?;
        Ok(Self { rows })
    }

    /// The constant of this name.
    ///
    /// # Errors
    ///
    /// When no row has the name.
    pub fn row(&self, name: &str) -> Result<&ParameterRow, ParameterError> {
        self.rows
            .iter()
            .find(|row| row.name == name)
            .ok_or_else(|| ParameterError::Missing {
                name: shorten(name),
                nearest: nearest(name, self.rows.iter().map(|row| row.name.as_str())),
            })
    }

    /// The value of this name as a finite number, in the unit of its row.
    ///
    /// # Errors
    ///
    /// When no row has the name, or its value is a rule or a list.
    pub fn number(&self, name: &str) -> Result<f64, ParameterError> {
        let row = self.row(name)?;
        match row.value.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(ParameterError::NotANumber {
                name: row.name.clone(),
                value: shorten(&row.value),
            }),
        }
    }

    /// The unit of this name.
    ///
    /// # Errors
    ///
    /// When no row has the name.
    pub fn unit(&self, name: &str) -> Result<&str, ParameterError> {
        Ok(&self.row(name)?.unit)
    }

    /// The value of this name as copies and locus tags of the subunits of a complex.
    ///
    /// # Errors
    ///
    /// When no row has the name, or its value is not written like `2x0645;1x0804`.
    pub fn subunits(&self, name: &str) -> Result<Vec<(u32, String)>, ParameterError> {
        let row = self.row(name)?;
        row.value
            .split(';')
            .map(|part| {
                let (copies, locus_tag) = part.trim().split_once('x')?;
                let copies = copies.parse().ok().filter(|&copies| copies > 0)?;
                Some((copies, locus_tag.to_owned())).filter(|_| !locus_tag.is_empty())
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| ParameterError::NotSubunits {
                name: row.name.clone(),
                value: shorten(&row.value),
            })
    }

    /// All constants, in the order of the table.
    pub fn rows(&self) -> &[ParameterRow] {
        &self.rows
    }
}
