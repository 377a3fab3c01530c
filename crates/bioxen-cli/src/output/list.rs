//! Lists from the tables of an organism, in any form.

use std::io::{self, Write};

use bioxen::Organism;
use bioxen::genome::Genome;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::csv::Number;
use super::json::SCHEMA_VERSION;

/// One column of a list.
#[derive(Debug)]
pub(crate) struct Column<T> {
    /// Title for people.
    pub(crate) title: &'static str,
    /// Name for programs.
    key: &'static str,
    read: fn(&Genome, &T) -> Entry,
}

impl<T> Column<T> {
    pub(crate) const fn new(
        title: &'static str,
        key: &'static str,
        read: fn(&Genome, &T) -> Entry,
    ) -> Self {
        Self { title, key, read }
    }
}

/// What a row has in a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Entry {
    Text(String),
    Number(Number),
    Several(Vec<String>),
    Missing(()),
}

impl Entry {
    pub(crate) fn word(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(crate) fn count(n: impl Into<u64>) -> Self {
        Self::Number(Number::Count(n.into()))
    }

    pub(crate) fn optional<T>(value: Option<T>, of: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Missing(()), of)
    }

    /// As text; nothing for a missing entry.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Several(words) => words.join("; "),
            Self::Missing(()) => String::new(),
        }
    }
}

/// Rows that were chosen from the tables of an organism.
#[derive(Debug)]
pub(crate) struct List<'a, T> {
    pub(crate) organism: Organism,
    pub(crate) genome: &'a Genome,
    /// What one row is, such as `gene`; with an s, what many are.
    pub(crate) noun: &'static str,
    pub(crate) columns: &'a [Column<T>],
    pub(crate) rows: Vec<&'a T>,
}

impl<T> List<'_, T> {
    /// The entries of each row, in the order of the columns.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Vec<Entry>> {
        self.rows.iter().map(|row| {
            let columns = self.columns.iter();
            columns
                .map(|column| (column.read)(self.genome, row))
                .collect()
        })
    }

    /// Writes it as comma-separated values.
    pub(crate) fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(self.columns.iter().map(|column| column.key))
            .map_err(cause)?;
        for entries in self.entries() {
            rows.write_record(entries.iter().map(Entry::text))
                .map_err(cause)?;
        }
        rows.flush()
    }
}

impl<T> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = || self.columns.iter().map(|column| column.key);
        let rows: Vec<Object> = self
            .entries()
            .map(|entries| Object(keys().zip(entries).collect()))
            .collect();
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        map.serialize_entry("version", env!("CARGO_PKG_VERSION"))?;
        map.serialize_entry("organism", &self.organism)?;
        map.serialize_entry(&format!("{}s", self.noun), &rows)?;
        map.end()
    }
}

/// A row with the keys of its columns, in their order.
struct Object(Vec<(&'static str, Entry)>);

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, entry)| (key, entry)))
    }
}

/// What the place for the rows said; the usual conversion hides its kind, and with it that a reader went away.
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => io::Error::other(format!("the rows cannot be written: {other:?}")),
    }
}
