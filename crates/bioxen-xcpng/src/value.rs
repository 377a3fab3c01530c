//! XAPI values, and reading them by type.
//!
//! The server sends most things as text, integers too, and a reader that guesses would take the name "123" for a number.
//! So every read says what it wants, and an error names the place of what is something else.

mod read;
mod reference;
mod time;

pub use read::{Record, ValueError};
pub use reference::{
    Class, GuestMetrics, Host, HostMetrics, InvalidUuid, Network, Pool, Ref, Sr, Task, Uuid, Vbd,
    Vdi, Vif, Vm,
};
pub use time::DateTime;

use std::collections::BTreeMap;
use std::fmt;

use bioxen_core::Secret;

/// A value as it goes over the wire.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Text, and whatever the server sends as text: integers, references, dates, words of an enumeration.
    Text(String),
    /// An integer in an element of its own, which the server sends in few places.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// A floating-point number.
    Double(f64),
    /// A list.
    Array(Vec<Value>),
    /// A record, or a map whose keys are text whatever their type is.
    Struct(BTreeMap<String, Value>),
    /// Text to send that is shown to nobody, such as a password or the reference of a session.
    Hidden(Secret),
}

impl Value {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An integer, in the form that every server takes.
    pub fn int(number: i64) -> Self {
        Self::Text(number.to_string())
    }

    /// A set of texts.
    pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Array(texts.into_iter().map(Self::text).collect())
    }

    /// A map from text to text.
    pub fn map<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::Struct(
            entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), Self::text(value)))
                .collect(),
        )
    }

    /// A record.
    pub fn record<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Struct(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// What it is, in a word.
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Hidden(_) => "text",
            Self::Int(_) => "an integer",
            Self::Bool(_) => "a boolean",
            Self::Double(_) => "a number",
            Self::Array(_) => "an array",
            Self::Struct(_) => "a struct",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Bool(yes) => yes.fmt(f),
            Self::Double(number) => number.fmt(f),
            Self::Array(items) => items.fmt(f),
            Self::Struct(members) => members.fmt(f),
            Self::Hidden(secret) => secret.fmt(f),
        }
    }
}

impl<C: Class> From<&Ref<C>> for Value {
    fn from(reference: &Ref<C>) -> Self {
        Self::text(reference.as_str())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests;
