//! What a program can call: the functions of the language, and those of the cell by what they do to it.

mod bounded;
mod change;
mod look_up;
mod read;
mod run;

use std::sync::LazyLock;

use bioxen_core::SimSpan;
use starlark::environment::{Globals, GlobalsBuilder, LibraryExtension};
use starlark::values::dict::AllocDict;
use starlark::values::{AllocValue, Heap, Value};

pub(super) use self::bounded::MULTIPLY;

use super::fault::Fault;

/// Every name that a program can use.
pub(super) fn globals() -> &'static Globals {
    static GLOBALS: LazyLock<Globals> = LazyLock::new(|| {
        let builder = GlobalsBuilder::extended_by(&[
            LibraryExtension::Print,
            LibraryExtension::StructType,
            LibraryExtension::Json,
            LibraryExtension::Map,
            LibraryExtension::Filter,
            LibraryExtension::SetType,
        ])
        .with(bounded::bounded)
        .with(run::run)
        .with(read::read)
        .with(change::change)
        .with(look_up::look_up);
        #[cfg(test)]
        let builder = builder.with(super::tests::injected);
        builder.build()
    });
    &GLOBALS
}

/// A dictionary under construction; its keys keep their order.
struct Row<'v> {
    heap: Heap<'v>,
    fields: Vec<(String, Value<'v>)>,
}

impl<'v> Row<'v> {
    fn new(heap: Heap<'v>) -> Self {
        Self {
            heap,
            fields: Vec::new(),
        }
    }

    fn with(mut self, name: &str, value: impl AllocValue<'v>) -> Self {
        self.push(name, value);
        self
    }

    fn push(&mut self, name: &str, value: impl AllocValue<'v>) {
        self.fields.push((name.to_owned(), self.heap.alloc(value)));
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
