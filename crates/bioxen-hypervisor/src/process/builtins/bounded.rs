//! Functions of the language that could take any amount of time or memory in one call, with a bound.

use std::num::NonZeroI32;

use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::range::Range;
use starlark::values::{Heap, StarlarkValue, UnpackValue, Value};

use super::super::fault::Fault;
use super::super::limits::MAX_ELEMENTS;
use super::super::session::with_session;

/// The function that stands for the operator `*`.
pub(in crate::process) const MULTIPLY: &str = "__multiply__";

#[starlark_module]
pub(super) fn bounded(globals: &mut GlobalsBuilder) {
    /// The integers from a first to before a last one, at most 10 million.
    fn range(
        #[starlark(require = pos)] a1: i32,
        #[starlark(require = pos)] a2: Option<i32>,
        #[starlark(require = pos, default = 1)] step: i32,
        heap: Heap<'_>,
    ) -> starlark::Result<Range> {
        let (start, stop) = match a2 {
            Some(stop) => (a1, stop),
            None => (0, a1),
        };
        let step = NonZeroI32::new(step).ok_or_else(|| {
            Fault::Argument {
                call: "range",
                argument: "step",
                found: "0".to_owned(),
                allowed: "another integer",
            }
            .raise()
        })?;
        let range = Range::new(start, stop, step);
        // A length beyond 31 bits is an error already.
        let length = range
            .length()
            .map_or(u64::MAX, |length| u64::try_from(length).unwrap_or(0));
        check_elements("a range", length, heap)?;
        Ok(range)
    }

    /// `x * y`.
    fn __multiply__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        #[starlark(require = pos)] y: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        match (x.get_type(), y.get_type()) {
            ("int", "int") if !(fits(x) && fits(y)) => return Err(Fault::IntegerTooLarge.raise()),
            ("string" | "list" | "tuple" | "bytes", "int") => check_product(x, y, heap)?,
            ("int", "string" | "list" | "tuple" | "bytes") => check_product(y, x, heap)?,
            _ => {}
        }
        x.mul(y, heap)
    }
}

/// Whether an integer fits 64 bits.
fn fits(x: Value<'_>) -> bool {
    matches!(i64::unpack_value(x), Ok(Some(_)))
}

fn check_product(elements: Value<'_>, times: Value<'_>, heap: Heap<'_>) -> starlark::Result<()> {
    // A text has more bytes than characters, which are what its length counts.
    let length = match elements.unpack_str() {
        Some(text) => u64::try_from(text.len()).unwrap_or(u64::MAX),
        None => u64::try_from(elements.length()?).unwrap_or(0),
    };
    let times = match i64::unpack_value(times).ok().flatten() {
        Some(times) => u64::try_from(times).unwrap_or(0),
        None => u64::MAX,
    };
    check_elements("a product", length.saturating_mul(times), heap)
}

fn check_elements(what: &'static str, asked: u64, heap: Heap<'_>) -> starlark::Result<()> {
    with_session(|session| {
        if asked > MAX_ELEMENTS {
            Err(Fault::TooManyElements { what, asked })
        } else {
            session.check_heap(heap)
        }
    })
}
