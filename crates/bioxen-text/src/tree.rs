//! The tree that a text becomes.

use crate::path::{PartPath, Step};
use crate::place::Place;

/// A value and where it begins.
///
/// A map or list of YAML that is not in brackets begins with its first entry; an empty one begins where its name stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is there.
    pub value: Value,
    /// Where it begins.
    pub place: Place,
}

/// What a text can say.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, or nothing after a name of YAML.
    Nothing,
    /// `true` or `false`, and no other word.
    Truth(bool),
    /// A number without a decimal point and exponent.
    Whole(i128),
    /// Any other number; YAML can say infinite and no number, too.
    Real(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Values by name, in the order of the text; no name occurs twice.
    Map(Vec<Entry>),
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// Where the name begins.
    pub place: Place,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// A value that stands nowhere: at the first line and column.
    pub fn new(value: Value) -> Self {
        let place = Place::START;
        Self { value, place }
    }

    /// The entries of a map; none if it is something else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The entry of a map with this name.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a map with this name.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Where a part stands: the name of an entry, or the begin of an item or of the whole; `None` if there is no such part.
    pub fn place_of(&self, path: &PartPath) -> Option<Place> {
        let mut node = self;
        let mut place = self.place;
        for step in path.steps() {
            (place, node) = match (step, &node.value) {
                (Step::Key(key), Value::Map(_)) => {
                    let entry = node.entry(key)?;
                    (entry.place, &entry.value)
                }
                (Step::Item(item), Value::List(items)) => {
                    let item = items.get(*item)?;
                    (item.place, item)
                }
                _ => return None,
            };
        }
        Some(place)
    }
}

impl Value {
    /// The number that it is, rounded to the nearest that a double holds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "it is said that the number is rounded"
    )]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(n) => Some(*n as f64),
            Self::Real(n) => Some(*n),
            _ => None,
        }
    }

    /// What it is, short enough for one line of a message, with no character that a terminal obeys.
    ///
    /// ```
    /// use bioxen_text::Value;
    ///
    /// assert_eq!(Value::Text("a\u{1b}".to_owned()).shown(), r#""a\u{1b}""#);
    /// assert_eq!(Value::List(Vec::new()).shown(), "an empty list");
    /// ```
    pub fn shown(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Truth(truth) => truth.to_string(),
            Self::Whole(n) => n.to_string(),
            Self::Real(n) if n.abs() >= 1e15 && n.is_finite() => format!("{n:e}"),
            Self::Real(n) if n.is_finite() => n.to_string(),
            Self::Real(_) => "no finite number".to_owned(),
            Self::Text(text) => format!("{:?}", shortened(text)),
            Self::List(items) if items.is_empty() => "an empty list".to_owned(),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Map(_) => "a map".to_owned(),
        }
    }
}

/// Enough of a text for one line of a message: its first 40 characters.
///
/// ```
/// assert_eq!(bioxen_text::shortened("short"), "short");
/// assert_eq!(bioxen_text::shortened(&"a".repeat(50)).len(), 43);
/// ```
pub fn shortened(text: &str) -> String {
    const LIMIT: usize = 40;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
