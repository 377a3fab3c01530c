//! YAML: its reader gives values, and the places of those without parts.
//!
//! The reader tells a place in its errors alone, so every name and every value without parts is put aside and answered with an error, which is caught where it was asked for, with the place in it.
//! The crate is frozen, and the tests of this module pin the form of that message.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::TextError;
use crate::limits::Limits;
use crate::place::{Cursor, Place, lines};
use crate::read::{long_name, too_deep, too_many, twice};
use crate::tree::{Entry, Node, Value};

/// The message of an error that carries a place.
const HERE: &str = "here";

pub(crate) fn read(text: &str, limits: &Limits) -> Result<Node, TextError> {
    if let Some(control) = text.find(is_forbidden) {
        let place = Cursor::new(text).at_offset(control);
        let what = "a control character stands here, which YAML does not allow";
        return Err(TextError::new(Some(place), what));
    }
    let is_blank =
        |line: &str| matches!(line.trim(), "" | "---" | "...") || line.trim().starts_with('#');
    if lines(text).all(is_blank) {
        return Err(TextError::new(None, "it is empty"));
    }
    let state = State {
        limits,
        nodes: Cell::new(0),
        last: Cell::new(Place::START),
        cursor: RefCell::new(Cursor::new(text)),
        refused: RefCell::new(None),
    };
    let grow = Grow {
        state: &state,
        depth: 0,
        after: Place::START,
        named: false,
        opens: false,
    };
    let grown = grow.deserialize(serde_yaml::Deserializer::from_str(text));
    let node = grown.map_err(|error| {
        state
            .refused
            .take()
            .unwrap_or_else(|| refusal(text, &error))
    })?;
    if !matches!(node.value, Value::List(_) | Value::Map(_)) {
        // Its error was caught, and with it what stands after it.
        serde_yaml::from_str::<IgnoredAny>(text).map_err(|error| refusal(text, &error))?;
    }
    Ok(node)
}

fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

fn refusal(text: &str, error: &serde_yaml::Error) -> TextError {
    let place = error.location().map(|place| Place {
        line: place.line(),
        column: place.column(),
    });
    let what = error.to_string();
    if what.contains("more than one document") {
        return TextError::new(place, "there is more than one document")
            .advise("keep one, and remove the lines --- between them");
    }
    if what.contains("invalid type: map") || what.contains("invalid type: sequence") {
        return TextError::new(place, "a map or list stands where a name is allowed");
    }
    // The place is said apart; what follows says where the surrounding part begins.
    let (short, around) = match what.split_once(" at line ") {
        Some((short, rest)) if place.is_some() => {
            (short, rest.split_once(", ").map(|(_, around)| around))
        }
        _ => (what.as_str(), None),
    };
    let refused = TextError::new(place, short);
    let mut cursor = Cursor::new(text);
    cursor.at_place(place.unwrap_or(Place::START));
    if cursor.rest().starts_with('\t') {
        return refused.advise("indent with spaces; YAML does not allow tabs there");
    }
    match around {
        Some(around) => {
            let around = around.trim_start_matches("while ");
            refused.advise(format!("the reader was {around}"))
        }
        None => refused,
    }
}

/// What one reading needs everywhere.
struct State<'a> {
    limits: &'a Limits,
    nodes: Cell<usize>,
    /// The place of the value or name that was read last: only an alias goes back.
    last: Cell<Place>,
    cursor: RefCell<Cursor<'a>>,
    /// The reason of the error on the way up.
    refused: RefCell<Option<TextError>>,
}

impl State<'_> {
    /// Ends the reading.
    fn refuse<E: serde::de::Error>(&self, why: TextError) -> E {
        let what = why.to_string();
        self.refused.replace(Some(why));
        E::custom(what)
    }

    /// Where a name or value without parts stands, from the error in its stead.
    fn place<E: serde::de::Error>(&self, error: &E, opens: bool) -> Result<Place, E> {
        let place = place_in(&error.to_string());
        let last = self.last.replace(place);
        if place < last {
            return Err(self.refuse(shared(last)));
        }
        let mut cursor = self.cursor.borrow_mut();
        let before = cursor.rest();
        cursor.at_place(place);
        // A map or list does not tell where it begins, so an anchor is looked for between its name and its first part.
        let passed = before.len() - cursor.rest().len();
        if opens && announces(before.get(..passed).unwrap_or_default()) {
            return Err(self.refuse(shared(last)));
        }
        match cursor.rest().chars().next() {
            Some('&' | '*') => Err(self.refuse(shared(place))),
            Some('!') => Err(self.refuse(tagged(place))),
            _ => Ok(place),
        }
    }
}

fn shared(place: Place) -> TextError {
    TextError::new(Some(place), "anchors (&) and aliases (*) are not allowed")
        .advise("write the value out where it is needed")
}

fn tagged(place: Place) -> TextError {
    TextError::new(Some(place), "tags (!) are not allowed").advise("remove the tag")
}

/// The place in a message that ends with it; the reader leaves out the first one of a text.
fn place_in(message: &str) -> Place {
    let numbers = message.rsplit_once(" at line ").and_then(|(_, numbers)| {
        let (line, column) = numbers.split_once(" column ")?;
        Some(Place {
            line: line.parse().ok()?,
            column: column.parse().ok()?,
        })
    });
    numbers.unwrap_or(Place::START)
}

/// Whether an anchor or alias stands in what lies between a name and the first part of its value.
fn announces(between: &str) -> bool {
    let name_ends = match between.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let mut escaped = false;
            between.char_indices().skip(1).find_map(|(at, c)| {
                let ends = c == quote && !escaped;
                escaped = c == '\\' && quote == '"' && !escaped;
                ends.then_some(at)
            })
        }
        _ => Some(0),
    };
    let rest = name_ends.and_then(|end| between.get(end..));
    let after = rest.and_then(|rest| rest.split_once(':'));
    let after = after.map_or("", |(_, after)| after);
    after.split(['\n', '\r']).any(|line| {
        line.split_whitespace()
            .take_while(|word| !word.starts_with('#'))
            .any(|word| word.starts_with(['&', '*']))
    })
}

/// A value in the making.
#[derive(Clone, Copy)]
struct Grow<'a> {
    state: &'a State<'a>,
    depth: usize,
    /// The place of what stands before.
    after: Place,
    /// Whether a name stands before it.
    named: bool,
    /// Whether it is the first of a map or list that has a name.
    opens: bool,
}

impl<'de> DeserializeSeed<'de> for Grow<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let nodes = self.state.nodes.get() + 1;
        self.state.nodes.set(nodes);
        if nodes > self.state.limits.nodes {
            return Err(self.state.refuse(too_many(self.after, self.state.limits)));
        }
        let mut found = None;
        let visited = deserializer.deserialize_any(Take {
            grow: self,
            found: &mut found,
        });
        match (visited, found) {
            (Ok(node), _) => Ok(node),
            (Err(error), Some(value)) => {
                let place = self.state.place(&error, self.opens)?;
                Ok(Node { value, place })
            }
            (Err(error), None) => Err(error),
        }
    }
}

/// Takes a value: one without parts is put aside and an error returned.
struct Take<'a, 'f> {
    grow: Grow<'a>,
    found: &'f mut Option<Value>,
}

impl<'a> Take<'a, '_> {
    fn put<E: serde::de::Error>(self, value: Value) -> Result<Node, E> {
        *self.found = Some(value);
        Err(E::custom(HERE))
    }

    /// What the parts of a map or list begin with.
    fn part<E: serde::de::Error>(&self, after: Place) -> Result<Grow<'a>, E> {
        let Grow { state, depth, .. } = self.grow;
        if depth >= state.limits.depth {
            return Err(state.refuse(too_deep(Some(self.grow.after), state.limits)));
        }
        let depth = depth + 1;
        Ok(Grow {
            depth,
            after,
            named: false,
            opens: self.grow.named || self.grow.opens,
            ..self.grow
        })
    }
}

impl<'de> Visitor<'de> for Take<'_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, text, list or map without a tag")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Node, E> {
        self.put(Value::Nothing)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Node, E> {
        self.put(Value::Nothing)
    }

    fn visit_bool<E: serde::de::Error>(self, truth: bool) -> Result<Node, E> {
        self.put(Value::Truth(truth))
    }

    fn visit_i64<E: serde::de::Error>(self, n: i64) -> Result<Node, E> {
        self.put(Value::Whole(n.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<Node, E> {
        self.put(Value::Whole(n.into()))
    }

    fn visit_i128<E: serde::de::Error>(self, n: i128) -> Result<Node, E> {
        self.put(Value::Whole(n))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a whole number that does not fit is a real one"
    )]
    fn visit_u128<E: serde::de::Error>(self, n: u128) -> Result<Node, E> {
        self.put(i128::try_from(n).map_or(Value::Real(n as f64), Value::Whole))
    }

    fn visit_f64<E: serde::de::Error>(self, n: f64) -> Result<Node, E> {
        self.put(Value::Real(n))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Node, E> {
        self.put(Value::Text(text.to_owned()))
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, _: A) -> Result<Node, A::Error> {
        Err(self.grow.state.refuse(tagged(self.grow.after)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list: Vec<Node> = Vec::new();
        let mut part = self.part(self.grow.after)?;
        while let Some(item) = items.next_element_seed(part)? {
            part.after = item.place;
            part.opens = false;
            list.push(item);
        }
        let place = list.first().map_or(self.grow.after, |first| first.place);
        let value = Value::List(list);
        Ok(Node { value, place })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Node, A::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = BTreeSet::new();
        let state = self.grow.state;
        let mut part = self.part(self.grow.after)?;
        while let Some((key, place)) = pairs.next_key_seed(Name(part))? {
            if key.chars().count() > state.limits.key {
                return Err(state.refuse(long_name(place, state.limits)));
            }
            if !seen.insert(key.clone()) {
                return Err(state.refuse(twice(place, &key)));
            }
            part.after = place;
            part.named = true;
            part.opens = false;
            let value = pairs.next_value_seed(part)?;
            entries.push(Entry { key, place, value });
        }
        let place = entries.first().map_or(self.grow.after, |first| first.place);
        let value = Value::Map(entries);
        Ok(Node { value, place })
    }
}

/// A name before a colon, with its place.
#[derive(Clone, Copy)]
struct Name<'a>(Grow<'a>);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = (String, Place);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let mut found = None;
        let visited = deserializer.deserialize_str(TakeName(&mut found));
        match (visited, found) {
            (Err(error), Some(name)) => {
                let place = self.0.state.place(&error, self.0.opens)?;
                Ok((name, place))
            }
            (Err(error), None) => Err(error),
            (Ok(never), _) => match never {},
        }
    }
}

struct TakeName<'f>(&'f mut Option<String>);

impl Visitor<'_> for TakeName<'_> {
    type Value = std::convert::Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name before the colon")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        *self.0 = Some(key.to_owned());
        Err(E::custom(HERE))
    }
}
