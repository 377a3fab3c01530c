//! Values as they are kept and sent.

use std::collections::BTreeMap;

use super::model::Type;

/// A value of the data model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Text, a reference or a member of an enumeration: they look the same on the wire.
    Text(String),
    /// An integer, which the server sends as text.
    Int(i64),
    /// An integer that is sent as `<i4>`; only the counts of a batch of events are.
    I4(i32),
    Bool(bool),
    Double(f64),
    Date(String),
    Set(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

/// The reference to nothing.
pub(crate) const NULL: &str = "OpaqueRef:NULL";

/// The date that stands for "never".
pub(crate) const NEVER: &str = "19700101T00:00:00Z";

impl Value {
    /// The value of a field that nobody has set.
    pub(crate) fn empty(kind: &Type) -> Self {
        match kind {
            Type::Text | Type::Enum(_) | Type::Void | Type::Other => Self::Text(String::new()),
            Type::Ref => Self::Text(NULL.to_owned()),
            Type::Int => Self::Int(0),
            Type::Float => Self::Double(0.0),
            Type::Bool => Self::Bool(false),
            Type::Date => Self::Date(NEVER.to_owned()),
            Type::Set(_) => Self::Set(Vec::new()),
            Type::Record(_) | Type::Map(..) => Self::Map(BTreeMap::new()),
        }
    }

    /// What a message without a result gives.
    pub(crate) fn void() -> Self {
        Self::Text(String::new())
    }

    /// A set of texts.
    pub(crate) fn texts<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Set(
            items
                .into_iter()
                .map(|item| Self::Text(item.into()))
                .collect(),
        )
    }

    /// A map of texts.
    pub(crate) fn map<K: Into<String>, V: Into<Self>>(
        items: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let items = items.into_iter();
        Self::Map(
            items
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }

    pub(crate) fn as_text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Date(text) => text,
            _ => "",
        }
    }

    pub(crate) fn as_int(&self) -> i64 {
        match self {
            Self::Int(number) => *number,
            _ => 0,
        }
    }

    pub(crate) fn as_bool(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    pub(crate) fn as_double(&self) -> f64 {
        match self {
            Self::Double(number) => *number,
            _ => 0.0,
        }
    }

    pub(crate) fn as_set(&self) -> &[Self] {
        match self {
            Self::Set(items) => items,
            _ => &[],
        }
    }

    /// A member of a map.
    pub(crate) fn member(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// The map, or an empty one.
    pub(crate) fn to_map(&self) -> BTreeMap<String, Self> {
        match self {
            Self::Map(map) => map.clone(),
            _ => BTreeMap::new(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

impl From<BTreeMap<String, Value>> for Value {
    fn from(map: BTreeMap<String, Self>) -> Self {
        Self::Map(map)
    }
}
