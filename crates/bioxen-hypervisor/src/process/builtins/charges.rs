//! What an operation takes, at most, from the sizes of its operands.

use starlark::values::{Heap, UnpackValue, Value};

use super::trap::fits;
use crate::process::fault::Fault;
use crate::process::limits::{LONGEST_INTEGER, MAX_ELEMENTS};
use crate::process::meter::charge;
use crate::process::size::{Size, bytes, is_leaf};

/// Bytes of an element of a list that is made anew, and of a list or table of small values.
const PER_ELEMENT: u64 = 16;
const PER_ENTRY: u64 = 64;
/// Bytes of a small value or text.
const PER_VALUE: u64 = 48;

/// `x == y`, `x < y` and the like, which go no further than the smaller one.
pub(super) fn comparison<'v>(x: Value<'v>, y: Value<'v>, heap: Heap<'v>) -> Result<(), Fault> {
    if is_leaf(x) || is_leaf(y) {
        return Ok(());
    }
    let size = Size::of(x, heap).or_else(|fault| Size::of(y, heap).map_err(|_| fault))?;
    charge(size.work(), 0, heap)
}

/// `x in y`.
pub(super) fn membership<'v>(x: Value<'v>, y: Value<'v>, heap: Heap<'v>) -> Result<(), Fault> {
    if matches!(y.get_type(), "dict" | "set") {
        return text(x, heap);
    }
    let all = |size: Size| size.work().saturating_mul(length(y));
    let compared = match Size::of(x, heap).map(all) {
        Ok(work) if work <= MAX_ELEMENTS => work,
        // A search ends where both are known, too.
        _ => Size::of(y, heap)?.work(),
    };
    charge(compared, 0, heap)
}

/// `x + y`, and `x | y`, `x & y`, `x - y` and `x ^ y` of sets and dictionaries.
pub(super) fn union<'v>(x: Value<'v>, y: Value<'v>, heap: Heap<'v>) -> Result<(), Fault> {
    let size = match x.get_type() {
        "int" | "float" => return Ok(()),
        "string" | "bytes" => length(x).saturating_add(length(y)),
        "list" | "tuple" => PER_ELEMENT.saturating_mul(length(x).saturating_add(length(y))),
        _ => PER_ENTRY.saturating_mul(length(x).saturating_add(length(y))),
    };
    charge(size / PER_ELEMENT, size, heap)
}

/// `x * y`.
pub(super) fn product<'v>(x: Value<'v>, y: Value<'v>, heap: Heap<'v>) -> Result<(), Fault> {
    let (elements, times) = match (x.get_type(), y.get_type()) {
        ("int", "int") if !(fits(x) && fits(y)) => return Err(Fault::IntegerTooLarge),
        ("string" | "list" | "tuple" | "bytes", "int") => (x, y),
        ("int", "string" | "list" | "tuple" | "bytes") => (y, x),
        _ => return Ok(()),
    };
    let times = match i64::unpack_value(times).ok().flatten() {
        Some(times) => u64::try_from(times).unwrap_or(0),
        None => u64::MAX,
    };
    let asked = length(elements).saturating_mul(times);
    if asked > MAX_ELEMENTS {
        return Err(Fault::TooManyElements {
            what: "a product",
            asked,
        });
    }
    let size = match elements.get_type() {
        "string" | "bytes" => 1,
        _ => PER_ELEMENT,
    };
    charge(asked, asked.saturating_mul(size), heap)
}

/// `x % y`.
pub(super) fn interpolation<'v>(x: Value<'v>, y: Value<'v>, heap: Heap<'v>) -> Result<(), Fault> {
    match x.unpack_str() {
        None => Ok(()),
        Some(text) => {
            let size = Size::of(y, heap)?;
            charge(
                size.work(),
                bytes(text.len()).saturating_add(size.text),
                heap,
            )
        }
    }
}

/// `x << y`.
pub(super) fn shift(x: Value<'_>, y: Value<'_>) -> Result<(), Fault> {
    if x.get_type() != "int" || y.get_type() != "int" {
        return Ok(());
    }
    let bits = i64::unpack_value(y).ok().flatten();
    let is_short = |bits| usize::try_from(bits).map_or(true, |bits| bits <= LONGEST_INTEGER);
    match bits {
        // A negative number of bits has an error of its own.
        Some(bits) if fits(x) && is_short(bits) => Ok(()),
        _ => Err(Fault::IntegerTooLong),
    }
}

/// `x[start:stop:step]`.
pub(super) fn slice<'v>(x: Value<'v>, bounds: [Value<'v>; 3], heap: Heap<'v>) -> Result<(), Fault> {
    for bound in bounds {
        text(bound, heap)?;
    }
    let length = length(x);
    let size = match x.get_type() {
        "string" | "bytes" => length,
        _ => PER_ELEMENT.saturating_mul(length),
    };
    charge(length / PER_ELEMENT, size, heap)
}

/// A table that gets one more entry.
pub(super) fn entry(heap: Heap<'_>) -> Result<(), Fault> {
    charge(0, PER_ENTRY, heap)
}

/// `f(*x)` and `f(**x)`.
pub(super) fn spread<'v>(x: Value<'v>, heap: Heap<'v>) -> Result<(), Fault> {
    let length = length(x);
    charge(length, PER_ENTRY.saturating_mul(length), heap)
}

/// What hashes a value or writes it into a text.
pub(super) fn text<'v>(x: Value<'v>, heap: Heap<'v>) -> Result<(), Fault> {
    if x.unpack_i32().is_some() || x.is_none() {
        return Ok(());
    }
    let size = Size::of(x, heap)?;
    charge(size.work(), size.text, heap)
}

/// A call of a function that the language or the cell offers.
pub(super) fn function<'v>(
    name: &str,
    args: &[Value<'v>],
    named: &[(&str, Value<'v>)],
    heap: Heap<'v>,
) -> Result<(), Fault> {
    match name {
        // These look at nothing inside of what they are given.
        "all" | "any" => charge(lengths(args), 0, heap),
        "list" | "tuple" | "reversed" | "zip" => {
            let entries = lengths(args);
            charge(entries, PER_ENTRY.saturating_mul(entries), heap)
        }
        "enumerate" | "map" | "filter" | "getattr" => {
            let (outer, inner) = match name {
                "map" | "filter" => (1, 0),
                _ => (0, 1),
            };
            arguments(args.get(inner..=inner).unwrap_or_default(), named, 0, heap)?;
            let entries = args.get(outer).map_or(0, |&values| length(values));
            charge(entries, PER_ENTRY.saturating_mul(entries), heap)
        }
        "struct" => charge(0, PER_ENTRY.saturating_mul(bytes(named.len())), heap),
        "int" | "json.decode" => {
            let text = args
                .first()
                .and_then(|value| value.unpack_str())
                .unwrap_or_default();
            check_digits(text)?;
            // A text of JSON holds at most one value in two bytes.
            let takes = if name == "int" { 0 } else { PER_ELEMENT };
            arguments(args, named, takes.saturating_mul(bytes(text.len())), heap)
        }
        "dict" | "set" => {
            let entries = lengths(args).saturating_add(bytes(named.len()));
            let bytes = PER_ENTRY.saturating_mul(entries);
            keys(args, heap)?;
            charge(entries, bytes, heap)
        }
        "sorted" | "min" | "max" => {
            let entries = lengths(args);
            arguments(args, named, PER_ENTRY.saturating_mul(entries), heap)?;
            charge(entries, 0, heap)
        }
        _ => arguments(args, named, 0, heap),
    }
}

/// Whether a text has no digits that would be a long integer.
fn check_digits(text: &str) -> Result<(), Fault> {
    let mut run = 0_usize;
    for byte in text.bytes() {
        run = if byte.is_ascii_alphanumeric() {
            run + 1
        } else {
            0
        };
        if run > LONGEST_INTEGER && text.len() > LONGEST_INTEGER && byte.is_ascii_digit() {
            return Err(Fault::IntegerTooLong);
        }
    }
    Ok(())
}

/// A call of a method.
pub(super) fn method<'v>(
    x: Value<'v>,
    name: &str,
    args: &[Value<'v>],
    named: &[(&str, Value<'v>)],
    heap: Heap<'v>,
) -> Result<(), Fault> {
    match (x.get_type(), name) {
        ("string", _) => string_method(x, name, args, named, heap),
        ("list", "append") => charge(0, PER_ELEMENT, heap),
        ("list", "insert") | ("dict", "get" | "setdefault") => {
            arguments(args.get(..1).unwrap_or_default(), named, 0, heap)?;
            charge(0, PER_ENTRY, heap)
        }
        ("list", "extend") => charge(
            lengths(args),
            PER_ELEMENT.saturating_mul(lengths(args)),
            heap,
        ),
        ("list", "index" | "remove") => {
            arguments(args, named, 0, heap)?;
            // The error for an unknown element writes out the list.
            text(x, heap)
        }
        ("dict", "keys" | "values" | "items") => {
            charge(length(x), PER_ENTRY.saturating_mul(length(x)), heap)
        }
        ("dict", "pop") => {
            if let Some(&key) = args.first() {
                text(key, heap)?;
                // The error for an unknown key writes out the dictionary.
                if args.len() == 1 && named.is_empty() && !matches!(x.is_in(key), Ok(true)) {
                    text(x, heap)?;
                }
            }
            Ok(())
        }
        ("dict", "update") => {
            keys(args, heap)?;
            let entries = lengths(args).saturating_add(bytes(named.len()));
            charge(entries, PER_ENTRY.saturating_mul(entries), heap)
        }
        ("set", _) => {
            keys(args, heap)?;
            // The error for an unknown element writes out the set.
            if let ("remove", [element]) = (name, args)
                && !matches!(x.is_in(*element), Ok(true))
            {
                text(x, heap)?;
            }
            let entries = match name {
                "add" | "remove" | "discard" | "pop" | "clear" => 1,
                _ => length(x).saturating_add(lengths(args)),
            };
            charge(entries, PER_ENTRY.saturating_mul(entries), heap)
        }
        ("namespace", _) => function(&format!("json.{name}"), args, named, heap),
        _ => arguments(args, named, 0, heap),
    }
}

fn string_method<'v>(
    x: Value<'v>,
    name: &str,
    args: &[Value<'v>],
    named: &[(&str, Value<'v>)],
    heap: Heap<'v>,
) -> Result<(), Fault> {
    let text = x.unpack_str().unwrap_or_default();
    let size = bytes(text.len());
    let pattern = args.first().and_then(|value| value.unpack_str());
    let found = |pattern: Option<&str>| match pattern {
        Some(pattern) => bytes(text.matches(pattern).count()).saturating_add(1),
        None => size.saturating_add(1),
    };
    let takes = match name {
        "format" => return format(text, args, named, heap),
        "join" => args
            .first()
            .map_or(0, |&parts| size.saturating_mul(iterated(parts, heap))),
        "replace" => {
            let new = args.get(1).map_or(0, |&new| length(new));
            found(pattern).saturating_mul(new).saturating_add(size)
        }
        "split" | "rsplit" | "splitlines" => found(pattern.or(match name {
            "splitlines" => Some("\n"),
            _ => None,
        }))
        .saturating_mul(PER_VALUE)
        .saturating_add(size),
        "upper" | "lower" | "title" | "capitalize" => size.saturating_mul(3),
        "strip" | "lstrip" | "rstrip" => {
            let searched = size.saturating_mul(args.first().map_or(1, |&of| length(of)));
            if searched > MAX_ELEMENTS {
                return Err(Fault::TooManyElements {
                    what: "a search",
                    asked: searched,
                });
            }
            size
        }
        "removeprefix" | "removesuffix" | "partition" | "rpartition" => size,
        _ => 0,
    };
    arguments(args, named, takes, heap)?;
    charge(size / PER_ELEMENT, 0, heap)
}

fn format<'v>(
    text: &str,
    args: &[Value<'v>],
    named: &[(&str, Value<'v>)],
    heap: Heap<'v>,
) -> Result<(), Fault> {
    let places = bytes(text.matches('{').count());
    let mut all = Size::default();
    let mut largest = 0;
    for value in values(args, named) {
        let size = Size::of(value, heap)?;
        all.elements = all.elements.saturating_add(size.elements);
        all.text = all.text.saturating_add(size.text);
        largest = largest.max(size.text);
    }
    // Each value is written once where there are no more places than values, as in f-strings.
    let written = if places <= bytes(args.len() + named.len()) && !text.contains("{0") {
        all.text
    } else {
        places.saturating_mul(largest)
    };
    charge(
        places.saturating_mul(all.elements).min(written),
        bytes(text.len()).saturating_add(written),
        heap,
    )
}

/// Arguments of which everything may be visited and written out, and what the call takes beside that, bytes.
fn arguments<'v>(
    args: &[Value<'v>],
    named: &[(&str, Value<'v>)],
    takes: u64,
    heap: Heap<'v>,
) -> Result<(), Fault> {
    let size = Size::of_all(values(args, named), heap)?;
    charge(size.work(), size.text.saturating_add(takes), heap)
}

/// Arguments that hold keys; those of dictionaries and sets were looked at when they were put there.
fn keys<'v>(args: &[Value<'v>], heap: Heap<'v>) -> Result<(), Fault> {
    let unknown = args
        .iter()
        .copied()
        .filter(|value| !matches!(value.get_type(), "dict" | "set"));
    let size = Size::of_all(unknown, heap)?;
    charge(size.work(), size.text, heap)
}

fn values<'a, 'v>(
    args: &'a [Value<'v>],
    named: &'a [(&str, Value<'v>)],
) -> impl Iterator<Item = Value<'v>> + 'a {
    args.iter()
        .copied()
        .chain(named.iter().map(|&(_, value)| value))
}

fn lengths(args: &[Value<'_>]) -> u64 {
    args.iter()
        .fold(0_u64, |sum, &value| sum.saturating_add(length(value)))
}

/// Elements of a value that can be iterated and has a length, or bytes of a text.
fn length(value: Value<'_>) -> u64 {
    match value.unpack_str() {
        Some(text) => bytes(text.len()),
        None => match value.get_type() {
            "list" | "tuple" | "dict" | "set" | "range" | "bytes" => {
                value.length().map_or(0, |n| u64::try_from(n).unwrap_or(0))
            }
            _ => 0,
        },
    }
}

/// As [`length`], also of what can only be iterated, such as the characters of a text.
fn iterated<'v>(value: Value<'v>, heap: Heap<'v>) -> u64 {
    match length(value) {
        0 => value.iterate(heap).map_or(0, |items| bytes(items.count())),
        length => length,
    }
}
