//! The database of the pool: a full record for every object, whatever its class.

mod backward;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::failure::Failure;
use super::model::{Class, Model};
use super::random::Random;
use super::value::{NULL, Value};

/// The objects of all classes.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) model: Arc<Model>,
    random: Random,
    tables: BTreeMap<String, Table>,
    /// Counts changes; every change has its number.
    generation: u64,
}

#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<String, Row>,
    /// Numbers of deletions, and of the creations of what was deleted.
    deleted: VecDeque<Deleted>,
    /// Deletions up to this number are forgotten.
    forgotten: u64,
}

#[derive(Debug)]
struct Row {
    values: Vec<Value>,
    created: u64,
    changed: u64,
}

#[derive(Clone, Debug)]
struct Deleted {
    reference: String,
    created: u64,
    at: u64,
}

/// What happened to an object since a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Add,
    Mod,
    Del,
}

impl Change {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Mod => "mod",
            Self::Del => "del",
        }
    }
}

impl Store {
    /// Deletions that are remembered of each class.
    const REMEMBERED: usize = 1_000;

    pub(crate) fn new(model: Arc<Model>, seed: u64) -> Self {
        let tables = model
            .classes
            .values()
            .filter(|class| class.in_database)
            .map(|class| (class.name.clone(), Table::default()))
            .collect();
        Self {
            model,
            random: Random::new(seed),
            tables,
            generation: 1,
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Makes an object out of the fields that are given and the defaults of the others, and gives its reference.
    pub(crate) fn insert<'f>(
        &mut self,
        class: &str,
        fields: impl IntoIterator<Item = (&'f str, Value)>,
    ) -> Result<String, Failure> {
        let reference = format!("OpaqueRef:{}", self.random.uuid());
        let uuid = self.random.uuid();
        let known = class_of(&self.model, class)?;
        let mut values: Vec<Value> = known
            .fields
            .iter()
            .map(|field| field.default.clone())
            .collect();
        for (name, value) in [("uuid", Value::Text(uuid))].into_iter().chain(fields) {
            let at = position(known, name)?;
            values[at] = value;
        }
        self.generation += 1;
        let row = Row {
            values,
            created: self.generation,
            changed: self.generation,
        };
        let touched = self.forward(known, &row);
        self.table_mut(class)?.rows.insert(reference.clone(), row);
        self.touch_all(&touched);
        Ok(reference)
    }

    /// Removes an object; the ones that refer to it keep a reference to nothing.
    pub(crate) fn remove(&mut self, class: &str, reference: &str) -> Result<(), Failure> {
        let row = self
            .table_mut(class)?
            .rows
            .remove(reference)
            .ok_or_else(|| Failure::handle(class, reference))?;
        self.generation += 1;
        let deleted = Deleted {
            reference: reference.to_owned(),
            created: row.created,
            at: self.generation,
        };
        let touched = self.forward(class_of(&self.model, class)?, &row);
        let table = self.table_mut(class)?;
        table.deleted.push_back(deleted);
        if table.deleted.len() > Self::REMEMBERED
            && let Some(oldest) = table.deleted.pop_front()
        {
            table.forgotten = oldest.at;
        }
        self.touch_all(&touched);
        Ok(())
    }

    /// Sets a field.
    pub(crate) fn set(
        &mut self,
        class: &str,
        reference: &str,
        field: &str,
        value: impl Into<Value>,
    ) -> Result<(), Failure> {
        let value = value.into();
        let known = class_of(&self.model, class)?;
        let at = position(known, field)?;
        let row = self.row(class, reference)?;
        if row.values[at] == value {
            return Ok(());
        }
        let mut touched = self.forward(known, row);
        self.generation += 1;
        let generation = self.generation;
        let row = self.row_mut(class, reference)?;
        row.values[at] = value;
        row.changed = generation;
        touched.extend(self.forward(class_of(&self.model, class)?, self.row(class, reference)?));
        if backward::is_forward(class, field) {
            self.touch_all(&touched);
        }
        Ok(())
    }

    /// Marks an object as changed.
    pub(crate) fn touch(&mut self, class: &str, reference: &str) -> Result<u64, Failure> {
        self.generation += 1;
        let generation = self.generation;
        self.row_mut(class, reference)?.changed = generation;
        Ok(generation)
    }

    fn touch_all(&mut self, touched: &[(&'static str, String)]) {
        for (class, reference) in touched {
            // What is referred to need not exist.
            if self.has(class, reference) {
                let _ = self.touch(class, reference);
            }
        }
    }

    /// Objects whose computed fields depend on a row.
    fn forward(&self, class: &Class, row: &Row) -> Vec<(&'static str, String)> {
        backward::forward(&class.name)
            .filter_map(|(field, other)| {
                let value = row.values.get(class.position(field)?)?;
                match value.as_text() {
                    "" | NULL => None,
                    reference => Some((other, reference.to_owned())),
                }
            })
            .collect()
    }

    pub(crate) fn has(&self, class: &str, reference: &str) -> bool {
        self.row(class, reference).is_ok()
    }

    /// A field, computed if it mirrors a field of others.
    pub(crate) fn get(&self, class: &str, reference: &str, field: &str) -> Result<Value, Failure> {
        let row = self.row(class, reference)?;
        let at = position(class_of(&self.model, class)?, field)?;
        Ok(match backward::backward(class, field) {
            Some((other, by)) => Value::texts(self.find(other, by, &Value::from(reference))),
            None => row.values[at].clone(),
        })
    }

    pub(crate) fn text(
        &self,
        class: &str,
        reference: &str,
        field: &str,
    ) -> Result<String, Failure> {
        let value = self.get(class, reference, field)?;
        Ok(value.as_text().to_owned())
    }

    pub(crate) fn int(&self, class: &str, reference: &str, field: &str) -> Result<i64, Failure> {
        Ok(self.get(class, reference, field)?.as_int())
    }

    pub(crate) fn flag(&self, class: &str, reference: &str, field: &str) -> Result<bool, Failure> {
        Ok(self.get(class, reference, field)?.as_bool())
    }

    /// A set of texts.
    pub(crate) fn list(
        &self,
        class: &str,
        reference: &str,
        field: &str,
    ) -> Result<Vec<String>, Failure> {
        let value = self.get(class, reference, field)?;
        let items = value.as_set().iter();
        Ok(items.map(|item| item.as_text().to_owned()).collect())
    }

    pub(crate) fn map(
        &self,
        class: &str,
        reference: &str,
        field: &str,
    ) -> Result<BTreeMap<String, Value>, Failure> {
        Ok(self.get(class, reference, field)?.to_map())
    }

    /// The whole record.
    pub(crate) fn record(&self, class: &str, reference: &str) -> Result<Value, Failure> {
        let row = self.row(class, reference)?;
        let known = class_of(&self.model, class)?;
        let mut record = BTreeMap::new();
        for (field, value) in known.fields.iter().zip(&row.values) {
            let value = match backward::backward(class, &field.name) {
                Some(_) => self.get(class, reference, &field.name)?,
                None => value.clone(),
            };
            record.insert(field.name.clone(), value);
        }
        Ok(Value::Map(record))
    }

    /// References of all objects of a class.
    pub(crate) fn all(&self, class: &str) -> Vec<String> {
        let table = self.tables.get(class);
        table.map_or_else(Vec::new, |table| table.rows.keys().cloned().collect())
    }

    /// References of the objects whose field has a value.
    pub(crate) fn find(&self, class: &str, field: &str, value: &Value) -> Vec<String> {
        let Some(at) = self
            .model
            .class(class)
            .and_then(|known| known.position(field))
        else {
            return Vec::new();
        };
        let Some(table) = self.tables.get(class) else {
            return Vec::new();
        };
        let rows = table.rows.iter();
        rows.filter(|(_, row)| row.values.get(at) == Some(value))
            .map(|(reference, _)| reference.clone())
            .collect()
    }

    /// What happened to the objects of a class since a generation; `None` if that is forgotten.
    pub(crate) fn changes(&self, class: &str, since: u64) -> Option<Vec<(u64, Change, String)>> {
        let Some(table) = self.tables.get(class) else {
            return Some(Vec::new());
        };
        // Who starts from nothing misses no deletion.
        if since > 0 && since < table.forgotten {
            return None;
        }
        let mut changes = Vec::new();
        for (reference, row) in &table.rows {
            if row.created > since {
                changes.push((row.changed, Change::Add, reference.clone()));
            } else if row.changed > since {
                changes.push((row.changed, Change::Mod, reference.clone()));
            }
        }
        for deleted in &table.deleted {
            if deleted.created <= since && deleted.at > since {
                changes.push((deleted.at, Change::Del, deleted.reference.clone()));
            }
        }
        changes.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
        Some(changes)
    }

    fn row(&self, class: &str, reference: &str) -> Result<&Row, Failure> {
        self.tables
            .get(class)
            .and_then(|table| table.rows.get(reference))
            .ok_or_else(|| Failure::handle(class, reference))
    }

    fn row_mut(&mut self, class: &str, reference: &str) -> Result<&mut Row, Failure> {
        self.table_mut(class)?
            .rows
            .get_mut(reference)
            .ok_or_else(|| Failure::handle(class, reference))
    }

    fn table_mut(&mut self, class: &str) -> Result<&mut Table, Failure> {
        self.tables
            .get_mut(class)
            .ok_or_else(|| Failure::internal(format!("no table of class {class}")))
    }
}

fn class_of<'m>(model: &'m Model, name: &str) -> Result<&'m Class, Failure> {
    model
        .class(name)
        .ok_or_else(|| Failure::internal(format!("no class {name}")))
}

fn position(class: &Class, field: &str) -> Result<usize, Failure> {
    class
        .position(field)
        .ok_or_else(|| Failure::internal(format!("class {} has no field {field}", class.name)))
}

#[cfg(test)]
mod tests;
