//! Published figures that a simulated cell is compared with.

use super::error::TableError;
use super::table::{Columns, Row, UniqueKeys, read_rows};
use super::word::words;

const PUBLISHED: &str = include_str!("../../data/published_targets.csv");

const COLUMNS: Columns = Columns {
    required: &["id", "quantity", "value", "unit", "source", "kind", "use"],
    optional: &["cell_type", "tolerance", "low", "high", "where", "note"],
};

/// Published figures; [`Target::cell_type`] says what each holds for.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    rows: Vec<Target>,
}

/// One published figure.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Target {
    /// Unique short name, for example `S03`.
    pub id: String,
    /// What the figure is of.
    pub quantity: String,
    /// Value as written: most are numbers, some are lists or formulas.
    pub value: String,
    /// Unit; `-` for a pure number.
    pub unit: String,
    /// Cell type that it holds for; `all` for a law.
    pub cell_type: String,
    /// How far off a result may be, in words.
    pub tolerance: String,
    /// The lowest and highest acceptable result in the unit of the target, both inclusive, where
    /// the tolerance is one interval.
    pub band: Option<(f64, f64)>,
    /// Short reference, spelled out in `data/SOURCES.md`.
    pub source: String,
    /// Place within the source; may be empty.
    pub place: String,
    /// What kind of evidence it is.
    pub kind: TargetKind,
    /// What agreement with it says about the model.
    pub usage: TargetUse,
    /// Remark; may be empty.
    pub note: String,
}

/// What kind of evidence a published figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// Measured on cells.
    Measured,
    /// The output of another model, so weaker than a measurement.
    Model,
    /// Follows from published figures by arithmetic.
    Derived,
    /// Follows from theory.
    Analytic,
    /// A computing time.
    Runtime,
}

words!(TargetKind, "target kind", {
    Measured => "measured",
    Model => "model",
    Derived => "derived",
    Analytic => "analytic",
    Runtime => "runtime",
});

/// What agreement with a published figure says about the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetUse {
    /// A test: no constant was chosen to meet it.
    Counted,
    /// Not a test: a constant was chosen to meet it, or to meet something that decides it.
    Fitted,
    /// Not a test: the model is given it.
    Input,
    /// For comparison only; the model has nothing that corresponds to it.
    Info,
}

words!(TargetUse, "target use", {
    Counted => "counted",
    Fitted => "fitted",
    Input => "input",
    Info => "info",
});

impl Targets {
    /// The figures that ship with the crate, of all cell types.
    ///
    /// # Panics
    ///
    /// Never: the text is part of the crate and a test reads it.
    pub fn published() -> Self {
        Self::from_csv(PUBLISHED).expect("the embedded table is read by a test")
    }

    /// Figures from CSV text with the columns of `data/published_targets.csv`.
    ///
    /// # Errors
    ///
    /// When the text is not such a table, a needed field is empty, an id occurs twice, a word is
    /// not known, or only one end of an interval is given.
    pub fn from_csv(text: &str) -> Result<Self, TableError> {
        let mut ids = UniqueKeys::new("id");
        let rows = read_rows(text, &COLUMNS, |row| {
            Ok(Target {
                id: ids.take(row)?,
                quantity: row.filled("quantity")?.to_owned(),
                value: row.filled("value")?.to_owned(),
                unit: row.filled("unit")?.to_owned(),
                cell_type: row.text("cell_type").to_owned(),
                tolerance: row.text("tolerance").to_owned(),
                band: read_band(row)?,
                source: row.filled("source")?.to_owned(),
                place: row.text("where").to_owned(),
                kind: row.word("kind")?,
                usage: row.word("use")?,
                note: row.text("note").to_owned(),
            })
        })?;
        Ok(Self { rows })
    }

    /// The figure with this id, if there is one.
    pub fn find(&self, id: &str) -> Option<&Target> {
        self.rows.iter().find(|target| target.id == id)
    }

    /// All figures, in the order of the table.
    pub fn rows(&self) -> &[Target] {
        &self.rows
    }
}

fn read_band(row: &Row<'_>) -> Result<Option<(f64, f64)>, TableError> {
    match (row.optional_number("low")?, row.optional_number("high")?) {
        (None, None) => Ok(None),
        (Some(low), Some(high)) if low <= high => Ok(Some((low, high))),
        (Some(low), _) => Err(row.refuse("high", &format!("a number of at least low, {low}"))),
        (None, Some(_)) => Err(row.refuse("low", "a number, because high is given")),
    }
}
