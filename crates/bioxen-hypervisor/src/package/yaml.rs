//! YAML as a small tree, with limits, and the line on which a part of it stands.
//!
//! Keys may occur once; aliases may not blow a text up; tags, and all but one document, are refused.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::path::{PartPath, Step};

/// Most values of a manifest.
const MOST_NODES: usize = 50_000;

/// A value of a manifest.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Nothing,
    Truth(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Why a text is no tree.
#[derive(Debug)]
pub(super) struct NoTree {
    /// Line, from 1.
    pub(super) line: Option<usize>,
    pub(super) what: String,
}

impl From<serde_yaml::Error> for NoTree {
    fn from(error: serde_yaml::Error) -> Self {
        let line = error.location().map(|place| place.line());
        let mut what = error.to_string();
        // The line is said apart.
        if let Some(end) = what.rfind(" at line ").filter(|_| line.is_some()) {
            what.truncate(end);
        }
        Self { line, what }
    }
}

/// Reads a text as one value.
pub(super) fn parse(text: &str) -> Result<Node, NoTree> {
    let budget = Budget {
        nodes: Cell::new(MOST_NODES),
        bytes: Cell::new(text.len()),
    };
    // Anything but one document is refused by the reader when it is asked for a value.
    Ok(Growing(&budget).deserialize(serde_yaml::Deserializer::from_str(text))?)
}

/// Line of a part, from 1: that of its key, or that on which an item of a list begins.
pub(super) fn line_of(text: &str, path: &PartPath) -> Option<usize> {
    // The reader tells the place of a value in its errors alone, so the walk ends with one on purpose.
    let walk = Walk(path.steps()).deserialize(serde_yaml::Deserializer::from_str(text));
    walk.err()?.location().map(|place| place.line())
}

/// What aliases may not exceed: a tree without them is never larger than its text.
struct Budget {
    nodes: Cell<usize>,
    bytes: Cell<usize>,
}

impl Budget {
    fn node<E: serde::de::Error>(&self) -> Result<(), E> {
        let left = self.nodes.get().checked_sub(1);
        self.nodes.set(
            left.ok_or_else(|| E::custom(format!("there are more than {MOST_NODES} values")))?,
        );
        Ok(())
    }

    fn text<E: serde::de::Error>(&self, text: &str) -> Result<String, E> {
        let left = self.bytes.get().checked_sub(text.len());
        self.bytes.set(
            left.ok_or_else(|| E::custom("aliases repeat more than the whole text; write it out"))?,
        );
        Ok(text.to_owned())
    }
}

#[derive(Clone, Copy)]
struct Growing<'a>(&'a Budget);

impl<'de> DeserializeSeed<'de> for Growing<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.0.node()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Growing<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, text, list or map without a tag")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Node, E> {
        Ok(Node::Truth(truth))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "no number of a manifest is allowed to be as large as 2^53"
    )]
    fn visit_i64<E>(self, n: i64) -> Result<Node, E> {
        Ok(Node::Number(n as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "no number of a manifest is allowed to be as large as 2^53"
    )]
    fn visit_u64<E>(self, n: u64) -> Result<Node, E> {
        Ok(Node::Number(n as f64))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Node, E> {
        Ok(Node::Number(n))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Node, E> {
        self.0.text(text).map(Node::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = entries.next_key_seed(NewKey {
            seen: &seen,
            budget: self.0,
        })? {
            seen.insert(key.clone());
            map.push((key, entries.next_value_seed(self)?));
        }
        Ok(Node::Map(map))
    }
}

/// A key that did not occur before; refused where it stands.
struct NewKey<'a> {
    seen: &'a BTreeSet<String>,
    budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for NewKey<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NewKey<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name before the colon")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<String, E> {
        if self.seen.contains(key) {
            return Err(E::custom(format!("{key:?} occurs twice")));
        }
        self.budget.text(key)
    }
}

/// Goes down a path and fails at its end.
struct Walk<'a>(&'a [Step]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the way to go on")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((Step::Item(wanted), rest)) = self.0.split_first() else {
            return Err(A::Error::custom("here"));
        };
        for _ in 0..*wanted {
            items.next_element::<IgnoredAny>()?;
        }
        items.next_element_seed(Walk(rest))?;
        Err(A::Error::custom("here"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Some((Step::Key(wanted), rest)) = self.0.split_first() else {
            return Err(A::Error::custom("here"));
        };
        let sought = if rest.is_empty() {
            Some(wanted.as_str())
        } else {
            None
        };
        while let Some(key) = entries.next_key_seed(Passing(sought))? {
            if key == *wanted {
                entries.next_value_seed(Walk(rest))?;
                break;
            }
            entries.next_value::<IgnoredAny>()?;
        }
        Err(A::Error::custom("here"))
    }
}

/// Passes keys by and fails at the one that is sought.
struct Passing<'a>(Option<&'a str>);

impl<'de> DeserializeSeed<'de> for Passing<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Passing<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name before the colon")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<String, E> {
        if self.0 == Some(key) {
            return Err(E::custom("here"));
        }
        Ok(key.to_owned())
    }
}
