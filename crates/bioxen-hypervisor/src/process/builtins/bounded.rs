//! Functions of the language that could take any amount of time or memory in one call, with a bound.

use std::cmp::Ordering;
use std::num::NonZeroI32;

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::list::AllocList;
use starlark::values::range::Range;
use starlark::values::tuple::UnpackTuple;
use starlark::values::{Heap, StarlarkValue, Value};

use super::super::fault::Fault;
use super::super::limits::MAX_ELEMENTS;
use super::super::session::with_session;
use super::trap::check_keys;

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

    /// The elements in order, or in the order of a key of each.
    fn sorted<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        #[starlark(require = named)] key: Option<Value<'v>>,
        #[starlark(require = named, default = false)] reverse: bool,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<AllocList<Vec<Value<'v>>>> {
        let elements: Vec<Value<'v>> = x.iterate(eval.heap())?.collect();
        let keys = keys_of(&elements, key, eval)?;
        let mut pairs: Vec<(Value<'v>, Value<'v>)> = keys.into_iter().zip(elements).collect();
        let mut compared = Ok(());
        pairs.sort_by(|(x, _), (y, _)| match x.compare(*y) {
            Ok(order) if reverse => order.reverse(),
            Ok(order) => order,
            Err(error) => {
                compared = Err(error);
                Ordering::Equal
            }
        });
        compared?;
        Ok(AllocList(
            pairs.into_iter().map(|(_, element)| element).collect(),
        ))
    }

    /// The first of the largest values.
    fn max<'v>(
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        key: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        extreme(args, key, Ordering::Greater, eval)
    }

    /// The first of the smallest values.
    fn min<'v>(
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        key: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        extreme(args, key, Ordering::Less, eval)
    }
}

fn extreme<'v>(
    args: UnpackTuple<Value<'v>>,
    key: Option<Value<'v>>,
    wanted: Ordering,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Value<'v>> {
    let elements = match args.items.as_slice() {
        [values] => values.iterate(eval.heap())?.collect(),
        _ => args.items,
    };
    let keys = keys_of(&elements, key, eval)?;
    let mut pairs = keys.into_iter().zip(elements);
    let Some(mut found) = pairs.next() else {
        return Err(Fault::Argument {
            call: "min or max",
            argument: "the argument",
            found: "empty".to_owned(),
            allowed: "at least one value",
        }
        .raise());
    };
    for pair in pairs {
        if pair.0.compare(found.0)? == wanted {
            found = pair;
        }
    }
    Ok(found.1)
}

/// What elements are compared by, which must not be too large to be compared.
fn keys_of<'v>(
    elements: &[Value<'v>],
    key: Option<Value<'v>>,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Vec<Value<'v>>> {
    let Some(key) = key else {
        return Ok(elements.to_vec());
    };
    let keys = elements
        .iter()
        .map(|&element| eval.eval_function(key, &[element], &[]))
        .collect::<starlark::Result<Vec<_>>>()?;
    check_keys(&keys, eval.heap())?;
    Ok(keys)
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
