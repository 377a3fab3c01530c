//! How values stand in the JSON of a message.
//!
//! Each type of the domain has one form here, written in a private mirror of it.
//! The mirrors of structs name every field and those of enums every variant, so that a new one that is not sent fails to compile; enums that may grow, and `VmSpec`, whose fields are private, are the exceptions.
//!
//! The conventions are told at [`Message`](super::Message).

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Value;

mod reports;
mod values;
mod words;

/// Most entries of a list or a table in a message.
pub(super) const MAX_ENTRIES: usize = 10_000;

/// A value that has a form in messages.
pub(super) trait OnWire: Sized {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

// These two are what `#[serde(with = "wire")]` calls.
pub(super) fn serialize<T: OnWire, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

pub(super) fn deserialize<'de, T: OnWire, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// Gives types the form of their mirrors, which serde derives.
macro_rules! mirrored {
    ($($of:ty => $mirror:ident),+ $(,)?) => {$(
        impl $crate::message::wire::OnWire for $of {
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $mirror::serialize(self, serializer)
            }
            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $mirror::deserialize(deserializer)
            }
        }
    )+};
}
pub(super) use mirrored;

/// Types whose form is that of serde.
macro_rules! plain {
    ($($of:ty),+) => {$(
        impl OnWire for $of {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Serialize::serialize(self, serializer)
            }
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Deserialize::deserialize(deserializer)
            }
        }
    )+};
}
plain!(bool, u32, u64, String);

/// A value on its way out.
pub(super) struct Out<'a, T>(pub(super) &'a T);

impl<T: OnWire> Serialize for Out<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// A value on its way in.
pub(super) struct In<T>(pub(super) T);

impl<'de, T: OnWire> Deserialize<'de> for In<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

impl<T: OnWire> OnWire for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Out).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<In<T>>::deserialize(deserializer)?.map(|value| value.0))
    }
}

impl<A: OnWire, B: OnWire> OnWire for (A, B) {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (Out(&self.0), Out(&self.1)).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (first, second) = <(In<A>, In<B>)>::deserialize(deserializer)?;
        Ok((first.0, second.0))
    }
}

impl<T: OnWire> OnWire for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.len() > MAX_ENTRIES {
            return Err(S::Error::custom(too_many(self.len())));
        }
        serializer.collect_seq(self.iter().map(Out))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: OnWire> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_ENTRIES} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(In(entry)) = entries.next_element()? {
            if list.len() == MAX_ENTRIES {
                return Err(A::Error::invalid_length(list.len() + 1, &self));
            }
            list.push(entry);
        }
        Ok(list)
    }
}

impl<T: OnWire> OnWire for BTreeMap<String, T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.len() > MAX_ENTRIES {
            return Err(S::Error::custom(too_many(self.len())));
        }
        serializer.collect_map(self.iter().map(|(key, value)| (key, Out(value))))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TableVisitor(PhantomData))
    }
}

struct TableVisitor<T>(PhantomData<T>);

impl<'de, T: OnWire> Visitor<'de> for TableVisitor<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a table of at most {MAX_ENTRIES} entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut table = BTreeMap::new();
        while let Some((key, In(value))) = entries.next_entry()? {
            table.insert(key, value);
            if table.len() > MAX_ENTRIES {
                return Err(A::Error::invalid_length(table.len(), &self));
            }
        }
        Ok(table)
    }
}

fn too_many(length: usize) -> String {
    format!("{length} entries are more than {MAX_ENTRIES}")
}

impl OnWire for f64 {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_finite() {
            serializer.serialize_f64(*self)
        } else if self.is_nan() {
            serializer.serialize_str("NaN")
        } else if *self > 0.0 {
            serializer.serialize_str("inf")
        } else {
            serializer.serialize_str("-inf")
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not by a visitor of numbers: a feature of serde_json that another crate may turn on brings them as maps, which only its own values understand.
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => match text.as_str() {
                "NaN" => Some(f64::NAN),
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            _ => None,
        };
        number.ok_or_else(|| {
            D::Error::custom(format_args!(
                "{value} is not a number, \"NaN\", \"inf\" or \"-inf\""
            ))
        })
    }
}

#[cfg(test)]
mod tests;
