//! What a program can call: the functions of the language, and those of the cell by what they do to it.

mod bounded;
mod change;
mod charges;
mod look_up;
mod read;
mod run;
pub(super) mod trap;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use bioxen_core::{SimSpan, nearest};
use starlark::environment::{FrozenModule, Globals, GlobalsBuilder, LibraryExtension, Module};
use starlark::eval::Evaluator;
use starlark::syntax::{AstModule, Dialect};
use starlark::values::dict::AllocDict;
use starlark::values::{AllocValue, FrozenValue, Heap, Value};

use super::fault::Fault;
use super::session::shorten;

/// Functions that look at nothing inside of their arguments, not even for an error: they need no trap.
const HARMLESS: [&str; 3] = ["bool", "len", "type"];

/// Makes a method of a value that is not called at once into a function with a trap.
const BIND: &str = "def bind(x, name):
    return lambda *args, **kwargs: __method_with__(x, name, *args, **kwargs)
";

/// Every name that a program can use.
pub(super) fn globals() -> &'static Globals {
    &TRAPPED.globals
}

/// The function of [`BIND`].
fn bind<'v>() -> Value<'v> {
    TRAPPED.bind.to_value()
}

/// Whether a name is that of a trap.
pub(super) fn is_trap(name: &str) -> bool {
    static TRAPS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let traps = GlobalsBuilder::new()
            .with(trap::operators)
            .with(trap::accesses)
            .with(read::read)
            .build();
        traps
            .names()
            .map(|name| name.as_str().to_owned())
            .filter(|name| name.starts_with("__"))
            .collect()
    });
    TRAPS.contains(name)
}

/// Whether a name is that of a function that has a trap.
pub(super) fn is_trapped(name: &str) -> bool {
    TRAPPED.bare.contains_key(name)
}

/// The function that a name has before it has a trap.
fn bare<'v>(name: &str) -> Option<Value<'v>> {
    TRAPPED.bare.get(name).map(|function| function.to_value())
}

struct Trapped {
    /// Keeps the function of [`BIND`]; those in the table are kept by [`BARE`].
    globals: Globals,
    bind: FrozenValue,
    bare: BTreeMap<String, FrozenValue>,
}

static TRAPPED: LazyLock<Trapped> = LazyLock::new(Trapped::new);

/// The functions themselves.
static BARE: LazyLock<Globals> = LazyLock::new(|| {
    let builder = GlobalsBuilder::extended_by(&[
        LibraryExtension::Print,
        LibraryExtension::StructType,
        LibraryExtension::Json,
        LibraryExtension::Map,
        LibraryExtension::Filter,
        LibraryExtension::SetType,
        LibraryExtension::Partial,
    ])
    .with(bounded::bounded)
    .with(trap::operators)
    .with(trap::accesses)
    .with(run::run)
    .with(read::read)
    .with(change::change)
    .with(look_up::look_up);
    #[cfg(test)]
    let builder = builder.with(super::tests::injected);
    builder.build()
});

impl Trapped {
    fn new() -> Self {
        let mut source = BIND.to_owned();
        let mut bare = BTreeMap::new();
        for (name, value) in BARE.iter() {
            let is_function = value.to_value().get_type() == "function";
            if is_function && !HARMLESS.contains(&name) && !name.starts_with("__") {
                source.push_str(&format!(
                    "t_{name} = partial(__function_with__, {name}, \"{name}\")\n"
                ));
                bare.insert(name.to_owned(), value);
            }
        }
        let functions = evaluated(source).expect("it does not depend on what is run");
        let mut builder = GlobalsBuilder::new();
        for (name, value) in BARE.iter() {
            if name == "partial" {
                continue;
            }
            if bare.contains_key(name) {
                let function = functions.get(&format!("t_{name}")).expect("defined");
                builder.set(name, function);
            } else {
                builder.set(name, value);
            }
        }
        let bind = builder.alloc(functions.get("bind").expect("defined"));
        Self {
            globals: builder.build(),
            bind,
            bare,
        }
    }
}

fn evaluated(source: String) -> starlark::Result<FrozenModule> {
    let ast = AstModule::parse("traps", source, &Dialect::Extended)?;
    Module::with_temp_heap(|module| {
        Evaluator::new(&module).eval_module(ast, &BARE)?;
        Ok(module.freeze()?)
    })
}

/// A dictionary under construction; its keys keep their order.
struct Row<'v> {
    heap: Heap<'v>,
    fields: Vec<(String, Value<'v>)>,
    only: Option<Only>,
}

/// Keys of a row that are wanted, while the others are not even made.
struct Only {
    wanted: Vec<String>,
    offered: Vec<String>,
}

impl<'v> Row<'v> {
    fn new(heap: Heap<'v>) -> Self {
        Self {
            heap,
            fields: Vec::new(),
            only: None,
        }
    }

    /// A row that takes these keys alone.
    fn of(wanted: Vec<String>, heap: Heap<'v>) -> Self {
        let offered = Vec::new();
        Self {
            only: Some(Only { wanted, offered }),
            ..Self::new(heap)
        }
    }

    fn with(mut self, name: &str, value: impl AllocValue<'v>) -> Self {
        self.push(name, value);
        self
    }

    fn push(&mut self, name: &str, value: impl AllocValue<'v>) {
        if let Some(only) = &mut self.only {
            only.offered.push(name.to_owned());
            if !only.wanted.iter().any(|wanted| wanted == name) {
                return;
            }
        }
        self.fields.push((name.to_owned(), self.heap.alloc(value)));
    }

    /// The first wanted key that was not offered, as an error.
    fn unknown(&self) -> Option<Fault> {
        let Only { wanted, offered } = self.only.as_ref()?;
        let unknown = wanted.iter().find(|name| !offered.contains(name))?;
        let known: Vec<&str> = offered.iter().map(String::as_str).collect();
        Some(Fault::UnknownMetric {
            name: shorten(unknown),
            nearest: nearest(unknown, &known).map(str::to_owned),
            known: known.join(", "),
        })
    }

    fn finish(self) -> Value<'v> {
        self.heap.alloc(AllocDict(self.fields))
    }
}

/// A span from a number of seconds that a program gave.
fn span(call: &'static str, argument: &'static str, seconds: f64) -> Result<SimSpan, Fault> {
    SimSpan::from_seconds(seconds).map_err(|_| Fault::Argument {
        call,
        argument,
        found: seconds.to_string(),
        allowed: "a number of seconds from 0 on",
    })
}

/// As [`span`], for the time from one reading to the next.
fn interval(call: &'static str, seconds: f64) -> Result<SimSpan, Fault> {
    match SimSpan::from_seconds(seconds) {
        Ok(span) if span >= crate::cell::COUPLING_STEP => Ok(span),
        _ => Err(Fault::Argument {
            call,
            argument: "every",
            found: seconds.to_string(),
            allowed: "a number of seconds from 0.5 on",
        }),
    }
}
