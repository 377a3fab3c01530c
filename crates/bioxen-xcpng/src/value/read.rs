//! Reading values by type.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Class, DateTime, Ref, Uuid, Value};

/// A value is not what it should be.
///
/// The value itself is not in it, since it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{} should be {wanted} and is {found}", if path.is_empty() { "the answer" } else { path })]
pub struct ValueError {
    /// Where it is, such as `VBDs[2]`; empty for the whole.
    pub path: String,
    /// What it should be.
    pub wanted: &'static str,
    /// What it is.
    pub found: &'static str,
}

impl ValueError {
    /// The same one, one level further out.
    #[must_use]
    pub(crate) fn inside(mut self, outer: &str) -> Self {
        self.path = match self.path.chars().next() {
            None => outer.to_owned(),
            Some('[') => format!("{outer}{}", self.path),
            Some(_) => format!("{outer}.{}", self.path),
        };
        self
    }
}

impl Value {
    /// Takes text.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else, as in all of these.
    pub fn into_text(self) -> Result<String, ValueError> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(other.is_no("text")),
        }
    }

    /// Looks at text.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_text(&self) -> Result<&str, ValueError> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(other.is_no("text")),
        }
    }

    /// Reads an integer, from text or from an element of its own.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_int(&self) -> Result<i64, ValueError> {
        match self {
            Self::Int(number) => Ok(*number),
            // `parse` takes a plus sign, and nobody sends one.
            Self::Text(text) => Some(text)
                .filter(|text| !text.starts_with('+'))
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| self.is_but("an integer", "another text")),
            other => Err(other.is_no("an integer")),
        }
    }

    /// Reads a boolean.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_bool(&self) -> Result<bool, ValueError> {
        match self {
            Self::Bool(yes) => Ok(*yes),
            other => Err(other.is_no("a boolean")),
        }
    }

    /// Reads a number, from an element of its own, an integer or text; it may be no number (NaN).
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_float(&self) -> Result<f64, ValueError> {
        match self {
            Self::Double(number) => Ok(*number),
            Self::Int(number) => number
                .to_string()
                .parse()
                .map_err(|_| self.is_no("a number")),
            Self::Text(text) => text
                .parse()
                .map_err(|_| self.is_but("a number", "another text")),
            other => Err(other.is_no("a number")),
        }
    }

    /// Reads a date.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_date_time(&self) -> Result<DateTime, ValueError> {
        DateTime::parse(self.as_text().map_err(|_| self.is_no("a date"))?)
            .ok_or_else(|| self.is_but("a date", "another text"))
    }

    /// Reads the reference of an object that must be there.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_ref<C: Class>(&self) -> Result<Ref<C>, ValueError> {
        self.as_optional_ref()?
            .ok_or_else(|| self.is_but("a reference", "the reference of nothing"))
    }

    /// Reads the reference of an object, or `None` for the word that stands for no object.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_optional_ref<C: Class>(&self) -> Result<Option<Ref<C>>, ValueError> {
        match self {
            Self::Text(text) => Ok(Ref::new(text.as_str())),
            other => Err(other.is_no("a reference")),
        }
    }

    /// Reads a UUID.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_uuid(&self) -> Result<Uuid, ValueError> {
        Uuid::new(self.as_text().map_err(|_| self.is_no("a UUID"))?)
            .map_err(|_| self.is_but("a UUID", "another text"))
    }

    /// Reads a set, each item by a reader of its own.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else, or an item is.
    pub fn as_set<T>(
        &self,
        mut item: impl FnMut(&Self) -> Result<T, ValueError>,
    ) -> Result<Vec<T>, ValueError> {
        match self {
            Self::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, value)| item(value).map_err(|error| error.inside(&format!("[{at}]"))))
                .collect(),
            other => Err(other.is_no("an array")),
        }
    }

    /// Reads a map, each value by a reader of its own.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else, or a value is.
    pub fn as_map<T>(
        &self,
        mut item: impl FnMut(&Self) -> Result<T, ValueError>,
    ) -> Result<BTreeMap<String, T>, ValueError> {
        match self {
            Self::Struct(members) => members
                .iter()
                .map(|(key, value)| {
                    item(value)
                        .map(|read| (key.clone(), read))
                        .map_err(|error| error.inside(&format!("[{key:?}]")))
                })
                .collect(),
            other => Err(other.is_no("a struct")),
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn as_record(&self) -> Result<Record<'_>, ValueError> {
        match self {
            Self::Struct(members) => Ok(Record { members }),
            other => Err(other.is_no("a struct")),
        }
    }

    fn is_no(&self, wanted: &'static str) -> ValueError {
        self.is_but(wanted, self.kind())
    }

    fn is_but(&self, wanted: &'static str, found: &'static str) -> ValueError {
        ValueError {
            path: String::new(),
            wanted,
            found,
        }
    }
}

/// A record whose fields come and go with the version of the server.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    members: &'a BTreeMap<String, Value>,
}

impl<'a> Record<'a> {
    /// Reads a field that must be there.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is missing or something else.
    pub fn required<T>(
        self,
        name: &str,
        read: impl FnOnce(&'a Value) -> Result<T, ValueError>,
    ) -> Result<T, ValueError> {
        let value = self.members.get(name).ok_or(ValueError {
            path: name.to_owned(),
            wanted: "there",
            found: "missing",
        })?;
        read(value).map_err(|error| error.inside(name))
    }

    /// Reads a field that older or newer servers lack, and takes the default for it then.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is there and something else.
    pub fn optional<T: Default>(
        self,
        name: &str,
        read: impl FnOnce(&'a Value) -> Result<T, ValueError>,
    ) -> Result<T, ValueError> {
        match self.members.get(name) {
            None => Ok(T::default()),
            Some(value) => read(value).map_err(|error| error.inside(name)),
        }
    }

    /// A text, empty if it is missing.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn text(self, name: &str) -> Result<String, ValueError> {
        self.optional(name, |value| value.as_text().map(str::to_owned))
    }

    /// A set of texts, empty if it is missing.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn texts(self, name: &str) -> Result<Vec<String>, ValueError> {
        self.optional(name, |value| {
            value.as_set(|item| item.as_text().map(str::to_owned))
        })
    }

    /// A map from text to text, empty if it is missing.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn map(self, name: &str) -> Result<BTreeMap<String, String>, ValueError> {
        self.optional(name, |value| {
            value.as_map(|item| item.as_text().map(str::to_owned))
        })
    }

    /// A reference, `None` if it is missing or names nothing.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn reference<C: Class>(self, name: &str) -> Result<Option<Ref<C>>, ValueError> {
        self.optional(name, Value::as_optional_ref)
    }

    /// A set of references, empty if it is missing.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn references<C: Class>(self, name: &str) -> Result<Vec<Ref<C>>, ValueError> {
        self.optional(name, |value| value.as_set(Value::as_ref))
    }

    /// An integer, 0 if it is missing.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn int(self, name: &str) -> Result<i64, ValueError> {
        self.optional(name, Value::as_int)
    }

    /// A boolean, false if it is missing.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it is something else.
    pub fn bool(self, name: &str) -> Result<bool, ValueError> {
        self.optional(name, Value::as_bool)
    }
}
