//! The traps that a program calls in the place of operators, methods, attributes, slices and keys.

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::syntax::ast::BinOp;
use starlark::values::dict::DictRef;
use starlark::values::tuple::UnpackTuple;
use starlark::values::{Heap, UnpackValue, Value};

use super::charges;
use crate::process::fault::Fault;
use crate::process::meter;
use crate::process::size::Size;

pub(in crate::process) const METHOD: &str = "__method__";
pub(in crate::process) const METHOD_WITH: &str = "__method_with__";
pub(in crate::process) const FUNCTION: &str = "__function__";
/// Most arguments of [`METHOD`] and [`FUNCTION`], which take no named ones.
pub(in crate::process) const MOST_PLAIN_ARGUMENTS: usize = 3;
pub(in crate::process) const ATTRIBUTE: &str = "__attribute__";
pub(in crate::process) const SLICE: &str = "__slice__";
pub(in crate::process) const FITS: &str = "__fits__";
pub(in crate::process) const ENTRY: &str = "__entry__";
pub(in crate::process) const SPREAD: &str = "__spread__";
pub(in crate::process) const WATCH: &str = "__watch__";
pub(in crate::process) const MULTIPLY: &str = "__multiply__";
pub(in crate::process) const PERCENT: &str = "__percent__";
pub(in crate::process) const STATUS: &str = "__status__";
pub(in crate::process) const METRIC: &str = "__metric__";
pub(in crate::process) const SHIFT: &str = "__shift__";

/// The trap of an operator, which must have one.
pub(in crate::process) fn of(operator: BinOp) -> &'static str {
    match operator {
        BinOp::Equal => "__equal__",
        BinOp::NotEqual => "__not_equal__",
        BinOp::Less => "__less__",
        BinOp::Greater => "__greater__",
        BinOp::LessOrEqual => "__less_or_equal__",
        BinOp::GreaterOrEqual => "__greater_or_equal__",
        BinOp::In => "__in__",
        BinOp::NotIn => "__not_in__",
        BinOp::Subtract => "__subtract__",
        BinOp::Multiply => MULTIPLY,
        BinOp::Percent => PERCENT,
        BinOp::BitAnd => "__and__",
        BinOp::BitOr => "__or__",
        BinOp::BitXor => "__xor__",
        BinOp::LeftShift => SHIFT,
        BinOp::Add
        | BinOp::And
        | BinOp::Or
        | BinOp::Divide
        | BinOp::FloorDivide
        | BinOp::RightShift => "__add__",
    }
}

/// The traps of operators: what each charges, what it answers, and what it does. Functions of the interpreter cannot be
/// generic, so they are written out from this table.
macro_rules! operators {
    ($($name:ident($x:ident, $y:ident, $heap:ident) -> $answer:ty: $charge:expr => $does:expr;)+) => {
        #[starlark_module]
        pub(super) fn operators(globals: &mut GlobalsBuilder) {
            $(fn $name<'v>(
                #[starlark(require = pos)] $x: Value<'v>,
                #[starlark(require = pos)] $y: Value<'v>,
                $heap: Heap<'v>,
            ) -> starlark::Result<$answer> {
                $charge.map_err(Fault::raise)?;
                $does
            })+
        }
    };
}

operators! {
    __equal__(x, y, heap) -> bool: charges::comparison(x, y, heap) => x.equals(y);
    __not_equal__(x, y, heap) -> bool: charges::comparison(x, y, heap) => Ok(!x.equals(y)?);
    __less__(x, y, heap) -> bool: charges::comparison(x, y, heap) => Ok(x.compare(y)?.is_lt());
    __greater__(x, y, heap) -> bool: charges::comparison(x, y, heap) => Ok(x.compare(y)?.is_gt());
    __less_or_equal__(x, y, heap) -> bool: charges::comparison(x, y, heap) => Ok(x.compare(y)?.is_le());
    __greater_or_equal__(x, y, heap) -> bool: charges::comparison(x, y, heap) => Ok(x.compare(y)?.is_ge());
    __in__(x, y, heap) -> bool: charges::membership(x, y, heap) => y.is_in(x);
    __not_in__(x, y, heap) -> bool: charges::membership(x, y, heap) => Ok(!y.is_in(x)?);
    __add__(x, y, heap) -> Value<'v>: charges::union(x, y, heap) => x.add(y, heap);
    __subtract__(x, y, heap) -> Value<'v>: charges::union(x, y, heap) => x.sub(y, heap);
    __and__(x, y, heap) -> Value<'v>: charges::union(x, y, heap) => x.bit_and(y, heap);
    __or__(x, y, heap) -> Value<'v>: charges::union(x, y, heap) => x.bit_or(y, heap);
    __xor__(x, y, heap) -> Value<'v>: charges::union(x, y, heap) => x.bit_xor(y, heap);
    __multiply__(x, y, heap) -> Value<'v>: charges::product(x, y, heap) => x.mul(y, heap);
    __percent__(x, y, heap) -> Value<'v>: charges::interpolation(x, y, heap) => x.percent(y, heap);
    __shift__(x, y, heap) -> Value<'v>: charges::shift(x, y) => x.left_shift(y, heap);
}

#[starlark_module]
pub(super) fn accesses(globals: &mut GlobalsBuilder) {
    /// `x[start:stop:step]`.
    fn __slice__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        #[starlark(require = pos)] start: Value<'v>,
        #[starlark(require = pos)] stop: Value<'v>,
        #[starlark(require = pos)] step: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        charges::slice(x, [start, stop, step], heap).map_err(Fault::raise)?;
        let given = |bound: Value<'v>| (!bound.is_none()).then_some(bound);
        x.slice(given(start), given(stop), given(step), heap)
    }

    /// The value itself, if it can be hashed and written.
    fn __fits__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        charges::text(x, heap).map_err(Fault::raise)?;
        Ok(x)
    }

    /// The value itself, if it can be hashed and written, as the key of a comprehension.
    fn __entry__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        charges::text(x, heap)
            .and_then(|()| charges::entry(heap))
            .map_err(Fault::raise)?;
        Ok(x)
    }

    /// The value itself, if it can be spread into arguments.
    fn __spread__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        charges::spread(x, heap).map_err(Fault::raise)?;
        Ok(x)
    }

    /// The value itself, after a look at the heap.
    fn __watch__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        meter::look(heap).map_err(Fault::raise)?;
        Ok(x)
    }

    /// `x.name`.
    fn __attribute__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        #[starlark(require = pos)] name: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let attribute = x.get_attr_error(name, eval.heap())?;
        bound(x, name, attribute, eval)
    }

    /// The attribute of a value by name, or a default.
    fn getattr<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] attr: &str,
        #[starlark(require = pos)] default: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        match (a.get_attr(attr, eval.heap())?, default) {
            (Some(attribute), _) => bound(a, attr, attribute, eval),
            (None, Some(default)) => Ok(default),
            (None, None) => a.get_attr_error(attr, eval.heap()),
        }
    }

    /// `x.name(...)`, without the tables that named arguments need.
    fn __method__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        #[starlark(require = pos)] name: &str,
        #[starlark(require = pos)] a: Option<Value<'v>>,
        #[starlark(require = pos)] b: Option<Value<'v>>,
        #[starlark(require = pos)] c: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        with_plain([a, b, c], |args| call_method(x, name, args, &[], eval))
    }

    /// `x.name(...)`.
    fn __method_with__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        #[starlark(require = pos)] name: &str,
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        #[starlark(kwargs)] kwargs: DictRef<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        call_method(x, name, &args.items, &named(&kwargs), eval)
    }

    /// A call of a function that the program did not bind, without named arguments.
    fn __function__<'v>(
        #[starlark(require = pos)] name: &str,
        #[starlark(require = pos)] a: Option<Value<'v>>,
        #[starlark(require = pos)] b: Option<Value<'v>>,
        #[starlark(require = pos)] c: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let function = super::bare(name).ok_or_else(|| {
            Fault::NotOffered {
                call: FUNCTION,
                reason: "it is no call of the language",
            }
            .raise()
        })?;
        with_plain([a, b, c], |args| {
            charges::function(name, args, &[], eval.heap()).map_err(Fault::raise)?;
            call(function, args, &[], eval)
        })
    }

    /// A call of a function of the language.
    fn __function_with__<'v>(
        #[starlark(require = pos)] function: Value<'v>,
        #[starlark(require = pos)] name: &str,
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        #[starlark(kwargs)] kwargs: DictRef<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let named = named(&kwargs);
        charges::function(name, &args.items, &named, eval.heap()).map_err(Fault::raise)?;
        call(function, &args.items, &named, eval)
    }
}

fn call_method<'v>(
    x: Value<'v>,
    name: &str,
    args: &[Value<'v>],
    named: &[(&'v str, Value<'v>)],
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Value<'v>> {
    let method = x.get_attr_error(name, eval.heap())?;
    let charged = if x.get_type() == "struct" {
        // What a struct holds is trapped already, but may be no function, which the error writes out.
        charges::text(method, eval.heap())
    } else {
        charges::method(x, name, args, named, eval.heap())
    };
    charged.map_err(Fault::raise)?;
    call(method, args, named, eval)
}

/// The arguments that were given, of which the first absent one is the end.
fn with_plain<'v, R>(given: [Option<Value<'v>>; 3], f: impl FnOnce(&[Value<'v>]) -> R) -> R {
    match given {
        [Some(a), Some(b), Some(c)] => f(&[a, b, c]),
        [Some(a), Some(b), None] => f(&[a, b]),
        [Some(a), None, _] => f(&[a]),
        [None, ..] => f(&[]),
    }
}

/// An attribute that a program can have: a method is one that measures its arguments. What a struct holds is trapped
/// already.
fn bound<'v>(
    x: Value<'v>,
    name: &str,
    attribute: Value<'v>,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Value<'v>> {
    if x.get_type() == "struct" || attribute.get_type() != "function" {
        return Ok(attribute);
    }
    let name = eval.heap().alloc(name);
    eval.eval_function(super::bind(), &[x, name], &[])
}

fn named<'v>(kwargs: &DictRef<'v>) -> Vec<(&'v str, Value<'v>)> {
    kwargs
        .iter()
        .filter_map(|(name, value)| Some((name.unpack_str()?, value)))
        .collect()
}

fn call<'v>(
    function: Value<'v>,
    args: &[Value<'v>],
    named: &[(&'v str, Value<'v>)],
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<Value<'v>> {
    let value = eval.eval_function(function, args, named)?;
    meter::look(eval.heap()).map_err(Fault::raise)?;
    Ok(value)
}

/// The size of keys that were computed by a program, written out.
pub(super) fn check_keys<'v>(keys: &[Value<'v>], heap: Heap<'v>) -> starlark::Result<()> {
    Size::of_all(keys.iter().copied(), heap)
        .and_then(|size| meter::charge(size.elements, 0, heap))
        .map_err(Fault::raise)
}

/// Whether an integer fits 64 bits.
pub(super) fn fits(x: Value<'_>) -> bool {
    matches!(i64::unpack_value(x), Ok(Some(_)))
}
