//! How large a value is when everything it holds is written out.
//!
//! A list that holds another one twice counts it twice, as whatever compares, hashes or writes the list visits it
//! twice. The walk itself visits it once, so it takes time in proportion to the memory of the value.

use std::collections::HashMap;

use starlark::values::dict::DictRef;
use starlark::values::float::UnpackFloat;
use starlark::values::list::ListRef;
use starlark::values::structs::StructRef;
use starlark::values::tuple::TupleRef;
use starlark::values::{Heap, UnpackValue, Value, ValueIdentity};

use super::fault::Fault;
use super::limits::{MAX_ELEMENTS, MAX_VALUE_NESTING};

/// Values that are visited before sizes are kept for a second visit.
const VISITS_WITHOUT_MEMORY: usize = 1_000;
/// Longest text whose size is not kept, bytes.
const LONGEST_FORGOTTEN: usize = 1_000;

/// Bytes of text that are compared or copied in the time of an element.
const TEXT_PER_ELEMENT: u64 = 256;

/// The size of values, written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Size {
    /// Values, with all that they hold.
    pub(super) elements: u64,
    /// Most bytes of their text.
    pub(super) text: u64,
}

impl Size {
    /// The size of a value, which must not be too large to be written out.
    pub(super) fn of<'v>(value: Value<'v>, heap: Heap<'v>) -> Result<Self, Fault> {
        let size = match Self::of_leaf(value) {
            Some(size) => size,
            None => walk(value, heap)?,
        };
        size.check()
    }

    /// The sizes of values together.
    pub(super) fn of_all<'v>(
        values: impl IntoIterator<Item = Value<'v>>,
        heap: Heap<'v>,
    ) -> Result<Self, Fault> {
        let mut all = Self::default();
        for value in values {
            all.add(Self::of(value, heap)?);
        }
        all.check()
    }

    /// What a visit takes, in elements of no length.
    pub(super) fn work(self) -> u64 {
        self.elements.saturating_add(self.text / TEXT_PER_ELEMENT)
    }

    fn check(self) -> Result<Self, Fault> {
        if self.work() > MAX_ELEMENTS {
            return Err(Fault::TooManyElements {
                what: "a value",
                asked: self.work(),
            });
        }
        Ok(self)
    }

    fn add(&mut self, other: Self) {
        self.elements = self.elements.saturating_add(other.elements);
        self.text = self.text.saturating_add(other.text);
    }

    /// The size of a value that holds no others.
    fn of_leaf(value: Value<'_>) -> Option<Self> {
        let text = if let Some(text) = value.unpack_str() {
            text_bytes(text)
        } else {
            match value.get_type() {
                "int" if value.unpack_i32().is_some() => 12,
                "int" => bytes(value.to_str().len()),
                "float" => match UnpackFloat::unpack_value(value) {
                    // Written without an exponent.
                    Ok(Some(UnpackFloat(x))) if x.abs() >= 1e15 => 320,
                    _ => 32,
                },
                "list" | "tuple" | "dict" | "set" | "struct" => return None,
                "bytes" => 4 * value.length().map_or(0, |n| u64::try_from(n).unwrap_or(0)),
                _ => 64,
            }
        };
        Some(Self { elements: 1, text })
    }
}

/// Whether a value holds no others.
pub(super) fn is_leaf(value: Value<'_>) -> bool {
    value.unpack_i32().is_some()
        || value.unpack_str().is_some()
        || !matches!(
            value.get_type(),
            "list" | "tuple" | "dict" | "set" | "struct"
        )
}

/// A length in memory as a number of bytes or elements.
pub(super) fn bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Most bytes of a text between quotes: what is no plain character is written as an escape of up to six bytes.
fn text_bytes(text: &str) -> u64 {
    let escaped = text
        .bytes()
        .filter(|byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\'' | b'\\'))
        .count();
    bytes(text.len()) + 5 * bytes(escaped) + 2
}

/// A value whose content is being visited.
struct Open<'v> {
    value: ValueIdentity<'v>,
    content: Content<'v>,
    next: usize,
    size: Size,
}

enum Content<'v> {
    Borrowed(&'v [Value<'v>]),
    Owned(Vec<Value<'v>>),
}

impl<'v> Open<'v> {
    fn new(value: Value<'v>, heap: Heap<'v>) -> Self {
        let mut size = Size {
            elements: 1,
            text: 16,
        };
        let content = if let Some(list) = ListRef::from_value(value) {
            Content::Borrowed(list.content())
        } else if let Some(tuple) = TupleRef::from_value(value) {
            Content::Borrowed(tuple.content())
        } else if let Some(dict) = DictRef::from_value(value) {
            Content::Owned(dict.iter().flat_map(|(key, value)| [key, value]).collect())
        } else if let Some(fields) = StructRef::from_value(value) {
            let mut values = Vec::new();
            for (name, value) in fields.iter() {
                size.text = size.text.saturating_add(bytes(name.as_str().len()) + 4);
                values.push(value);
            }
            Content::Owned(values)
        } else {
            Content::Owned(
                value
                    .iterate(heap)
                    .map(Iterator::collect)
                    .unwrap_or_default(),
            )
        };
        Self {
            value: value.identity(),
            content,
            next: 0,
            size,
        }
    }

    fn step(&mut self) -> Option<Value<'v>> {
        let content = match &self.content {
            Content::Borrowed(content) => content,
            Content::Owned(content) => content.as_slice(),
        };
        let value = content.get(self.next).copied();
        self.next += 1;
        // What stands between two elements.
        self.size.text = self.size.text.saturating_add(2);
        value
    }
}

fn walk<'v>(root: Value<'v>, heap: Heap<'v>) -> Result<Size, Fault> {
    let mut known: HashMap<ValueIdentity<'v>, Size> = HashMap::new();
    let mut visits = 0_usize;
    let mut above: Vec<Open<'v>> = Vec::new();
    let mut open = Open::new(root, heap);
    loop {
        match open.step() {
            Some(value) => {
                visits += 1;
                let is_long = value
                    .unpack_str()
                    .is_some_and(|text| text.len() > LONGEST_FORGOTTEN);
                if is_long {
                    // Even one look at a long text takes time.
                    let size = *known
                        .entry(value.identity())
                        .or_insert_with(|| Size::of_leaf(value).unwrap_or_default());
                    open.size.add(size);
                } else if let Some(size) = Size::of_leaf(value) {
                    open.size.add(size);
                } else if let Some(size) = known.get(&value.identity()) {
                    open.size.add(*size);
                } else if above.len() + 1 >= MAX_VALUE_NESTING {
                    return Err(Fault::ValueNesting);
                } else {
                    above.push(std::mem::replace(&mut open, Open::new(value, heap)));
                }
            }
            None => {
                let size = open.size;
                if visits > VISITS_WITHOUT_MEMORY {
                    known.insert(open.value, size);
                }
                match above.pop() {
                    Some(parent) => {
                        open = parent;
                        open.size.add(size);
                    }
                    None => return Ok(size),
                }
            }
        }
    }
}
