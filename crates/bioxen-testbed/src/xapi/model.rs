//! The data model of XAPI: which classes, fields and messages there are, as a server of version 2.23 has them.

mod read;
mod types;

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

pub(crate) use types::Type;

use super::value::Value;

/// The data model, looked up by name.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) classes: BTreeMap<String, Class>,
    enums: BTreeMap<String, Vec<String>>,
    errors: BTreeMap<String, Vec<String>>,
    /// Both spellings of every call, with the class and the message.
    calls: BTreeMap<String, (String, String)>,
}

/// The data model of XAPI 2.23, read once and shared by many pools.
#[derive(Clone, Debug)]
pub struct DataModel(pub(crate) Arc<Model>);

impl DataModel {
    /// Reads the data model.
    ///
    /// # Errors
    ///
    /// The table that is part of this program is damaged.
    pub fn new() -> Result<Self, ModelError> {
        Ok(Self(Arc::new(Model::of_xapi_2_23()?)))
    }
}

/// One class of objects.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) in_database: bool,
    pub(crate) events: bool,
    pub(crate) fields: Vec<Field>,
    index: BTreeMap<String, usize>,
    pub(crate) messages: BTreeMap<String, Message>,
}

/// One field of a class.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Type,
    /// The default of the model, else the empty value of the type.
    pub(crate) default: Value,
    pub(crate) constructor: Constructor,
}

/// What the constructor of a class does with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constructor {
    /// It must be given.
    Requires,
    /// It may be given.
    Takes,
    /// It is not looked at.
    Ignores,
}

/// One message of a class.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) class: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Without the session.
    pub(crate) params: Vec<Param>,
    /// Whether it exists as `Async.` too.
    pub(crate) is_async: bool,
    pub(crate) takes_session: bool,
    pub(crate) pool_internal: bool,
    pub(crate) removed: bool,
}

/// One parameter of a message.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) kind: Type,
    pub(crate) default: Option<Value>,
}

/// Where a message comes from: written out in the model, or made from a field or a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Custom,
    Get(String),
    Set(String),
    Add(String),
    Remove(String),
    Create,
    Destroy,
    GetByUuid,
    GetByNameLabel,
    GetRecord,
    GetAll,
    GetAllWhere,
    GetAllRecords,
    GetAllRecordsWhere,
}

/// The table of the data model is not what this program expects.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line} of the data model: {what}")]
pub struct ModelError {
    line: usize,
    what: String,
}

impl Model {
    const TABLE: &'static str = include_str!("../../data/xapi-2.23.tsv");

    /// The model of XAPI 2.23.
    pub(crate) fn of_xapi_2_23() -> Result<Self, ModelError> {
        read::model(Self::TABLE)
    }

    pub(crate) fn class(&self, name: &str) -> Option<&Class> {
        self.classes.get(name)
    }

    /// The message of a call such as `VM.start` or `VM_start`.
    pub(crate) fn call(&self, name: &str) -> Option<&Message> {
        let (class, message) = self.calls.get(name)?;
        self.classes.get(class)?.messages.get(message)
    }

    pub(crate) fn enumeration(&self, name: &str) -> Option<&[String]> {
        self.enums.get(name).map(Vec::as_slice)
    }

    #[cfg(test)]
    /// Names of the parameters of an error code; `None` if there is no such code.
    pub(crate) fn error(&self, code: &str) -> Option<&[String]> {
        self.errors.get(code).map(Vec::as_slice)
    }

    /// What `system.listMethods` answers: every call that the server knows.
    pub(crate) fn list_methods(&self) -> Vec<String> {
        let mut names = Vec::new();
        for class in self.classes.values() {
            for message in class.messages.values() {
                let name = format!("{}.{}", class.name, message.name);
                if message.is_async {
                    names.push(format!("Async.{name}"));
                }
                names.push(name);
            }
        }
        names.push("system.listMethods".to_owned());
        names.sort();
        names
    }
}

impl Class {
    pub(crate) fn position(&self, field: &str) -> Option<usize> {
        self.index.get(field).copied()
    }

    #[cfg(test)]
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.position(name).and_then(|at| self.fields.get(at))
    }
}

impl Message {
    /// `Class.message`.
    pub(crate) fn call(&self) -> String {
        format!("{}.{}", self.class, self.name)
    }

    /// Number of parameters that must be given, without the session.
    pub(crate) fn required(&self) -> usize {
        self.params
            .iter()
            .filter(|param| param.default.is_none())
            .count()
    }
}

#[cfg(test)]
mod tests;
