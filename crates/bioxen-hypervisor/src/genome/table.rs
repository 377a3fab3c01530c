//! Reading CSV text by column name, with the place in every complaint.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord};

use super::error::{TableError, shorten};
use super::nearest::nearest;
use super::word::UnknownWord;

/// Largest table that is read, in rows; the longest bacterial genomes have some 13,000 genes.
pub(super) const MAX_ROWS: usize = 65_536;

/// The columns that a kind of table has.
pub(super) struct Columns {
    /// Columns without which the table means nothing.
    pub(super) required: &'static [&'static str],
    /// Columns that may be left out; their fields then read as empty.
    pub(super) optional: &'static [&'static str],
}

/// One row and its place.
pub(super) struct Row<'a> {
    positions: &'a [(&'static str, usize)],
    record: &'a StringRecord,
    line: u64,
}

/// Reads `text` row by row; `read` turns a row into a value.
pub(super) fn read_rows<T>(
    text: &str,
    columns: &Columns,
    mut read: impl FnMut(&Row<'_>) -> Result<T, TableError>,
) -> Result<Vec<T>, TableError> {
    // Spreadsheets like to put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let positions = read_header(reader.headers().map_err(unreadable)?, columns)?;
    let mut values = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(unreadable)? {
        if values.len() == MAX_ROWS {
            return Err(TableError::TooLong { limit: MAX_ROWS });
        }
        let line = record.position().map_or(0, csv::Position::line);
        values.push(read(&Row {
            positions: &positions,
            record: &record,
            line,
        })?);
    }
    if values.is_empty() {
        return Err(TableError::Empty);
    }
    Ok(values)
}

/// Keys that must not repeat within a table.
pub(super) struct UniqueKeys {
    column: &'static str,
    /// Looked up only, never walked through.
    first_lines: HashMap<String, u64>,
}

impl UniqueKeys {
    pub(super) fn new(column: &'static str) -> Self {
        Self {
            column,
            first_lines: HashMap::new(),
        }
    }

    /// The non-empty key of `row`, refused when an earlier row has it.
    pub(super) fn take(&mut self, row: &Row<'_>) -> Result<String, TableError> {
        let key = row.filled(self.column)?.to_owned();
        match self.first_lines.entry(key.clone()) {
            Entry::Occupied(first) => Err(TableError::Duplicate {
                line: row.line,
                column: self.column,
                found: shorten(&key),
                first_line: *first.get(),
            }),
            Entry::Vacant(free) => {
                free.insert(row.line);
                Ok(key)
            }
        }
    }
}

impl Row<'_> {
    /// The field as written, without space around it; empty when the column was left out.
    pub(super) fn text(&self, column: &'static str) -> &str {
        // Names of columns mostly differ in length, so this is faster than any map.
        self.positions
            .iter()
            .find(|&&(name, _)| name == column)
            .and_then(|&(_, position)| self.record.get(position))
            .map_or("", str::trim)
    }

    /// The field, which must not be empty.
    pub(super) fn filled(&self, column: &'static str) -> Result<&str, TableError> {
        match self.text(column) {
            "" => Err(self.refuse(column, "any text, but not nothing")),
            text => Ok(text),
        }
    }

    /// The parts of the field between separators, without empty ones.
    pub(super) fn parts(
        &self,
        column: &'static str,
        separator: char,
    ) -> impl Iterator<Item = &str> {
        self.text(column)
            .split(separator)
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }

    /// The same parts as owned text.
    pub(super) fn list(&self, column: &'static str, separator: char) -> Vec<String> {
        self.parts(column, separator).map(str::to_owned).collect()
    }

    /// A whole number of at least `least`.
    pub(super) fn count(&self, column: &'static str, least: u32) -> Result<u32, TableError> {
        match self.text(column).parse() {
            Ok(count) if count >= least => Ok(count),
            _ => {
                let allowed = format!("a whole number from {least} to {}", u32::MAX);
                Err(self.refuse(column, &allowed))
            }
        }
    }

    /// A whole number, or nothing when the field is empty.
    pub(super) fn optional_count(&self, column: &'static str) -> Result<Option<u32>, TableError> {
        if self.text(column).is_empty() {
            return Ok(None);
        }
        self.count(column, 0).map(Some)
    }

    /// A finite number that is not negative.
    pub(super) fn number(&self, column: &'static str) -> Result<f64, TableError> {
        match self.text(column).parse::<f64>() {
            // Adding zero turns a written "-0" into 0.
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(number + 0.0),
            _ => Err(self.refuse(column, "a finite number of at least 0")),
        }
    }

    /// A number from 0 to `most`.
    pub(super) fn number_up_to(&self, column: &'static str, most: f64) -> Result<f64, TableError> {
        let number = self.number(column)?;
        if number > most {
            return Err(self.refuse(column, &format!("a number from 0 to {most}")));
        }
        Ok(number)
    }

    /// A finite number that is not negative, or nothing when the field is empty.
    pub(super) fn optional_number(&self, column: &'static str) -> Result<Option<f64>, TableError> {
        if self.text(column).is_empty() {
            return Ok(None);
        }
        self.number(column).map(Some)
    }

    /// A word of a closed set.
    pub(super) fn word<T>(&self, column: &'static str) -> Result<T, TableError>
    where
        T: FromStr<Err = UnknownWord>,
    {
        self.text(column)
            .parse()
            .map_err(|unknown: UnknownWord| self.refuse(column, &unknown.allowed.join(", ")))
    }

    /// The complaint about a field of this row.
    pub(super) fn refuse(&self, column: &'static str, allowed: &str) -> TableError {
        TableError::Value {
            line: self.line,
            column,
            found: shorten(self.text(column)),
            allowed: allowed.to_owned(),
        }
    }
}

fn read_header(
    header: &StringRecord,
    columns: &Columns,
) -> Result<Vec<(&'static str, usize)>, TableError> {
    let known = || columns.required.iter().chain(columns.optional).copied();
    let mut positions: Vec<(&'static str, usize)> = Vec::new();
    for (position, name) in header.iter().map(str::trim).enumerate() {
        let Some(column) = known().find(|&column| column == name) else {
            return Err(TableError::UnknownColumn {
                column: shorten(name),
                nearest: nearest(name, known()),
            });
        };
        if positions.iter().any(|&(taken, _)| taken == column) {
            return Err(TableError::RepeatedColumn {
                column: column.to_owned(),
            });
        }
        positions.push((column, position));
    }
    match columns
        .required
        .iter()
        .find(|&column| !positions.iter().any(|(name, _)| name == column))
    {
        Some(&column) => Err(TableError::MissingColumn { column }),
        None => Ok(positions),
    }
}

fn unreadable(error: csv::Error) -> TableError {
    TableError::Unreadable {
        line: error.position().map_or(1, csv::Position::line),
        source: Box::new(error),
    }
}
