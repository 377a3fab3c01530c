//! One program through the Starlark interpreter.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;

use bioxen_core::{ProcessCode, ProcessFailureKind, ProcessLimits};
use starlark::codemap::{CodeMap, Span};
use starlark::environment::{FrozenModule, Module};
use starlark::eval::{BeforeStmtFunc, Evaluator, FileLoader};
use starlark::syntax::{AstModule, Dialect, DialectTypes};
use starlark::{ErrorKind, PrintHandler};

pub(super) use super::outcome::Outcome;

use super::builtins;
use super::fault::Fault;
use super::limits::{Guard, MAX_CALL_DEPTH, Watch, check_heap, check_tables};
use super::meter;
use super::nesting;
use super::outcome::{Failure, to_json};
use super::source_map::SourceMap;
use super::trapping::trapped;

/// Runs a program against the session of this thread.
pub(super) fn run(code: &ProcessCode, limits: &ProcessLimits, watch: &Watch) -> Outcome {
    let (ast, places) = match parse(code) {
        Ok(parsed) => parsed,
        Err(Unparsed::Refused(fault)) => return Outcome::lost(fault),
        Err(Unparsed::NoProgram(error)) => {
            return Outcome {
                failure: Some(failure(&error, limits, watch)),
                ..Outcome::default()
            };
        }
    };
    meter::install(limits, watch);
    let source = CodeMap::new(code.name().to_owned(), code.source().to_owned());
    let last = Rc::new(Cell::new(Span::default()));
    let file = ast.file_span(Span::default()).file;
    let printer = Printer {
        limit: limits.output_bytes,
        left: Cell::new(room(limits)),
        text: RefCell::default(),
    };
    let mut outcome = Module::with_temp_heap(|module| {
        let mut eval = Evaluator::new(&module);
        eval.set_print_handler(&printer);
        eval.set_loader(&NoPackages);
        eval.set_max_callstack_size(MAX_CALL_DEPTH)
            .expect("set once, and not zero");
        eval.set_max_heap_size(usize::try_from(limits.heap_bytes.max(1)).unwrap_or(usize::MAX))
            .expect("set once, and not zero");
        eval.set_max_tick_count(limits.steps.max(1))
            .expect("set once, and not zero");
        // A collection recurses into values, and they can nest deeper than any stack.
        eval.disable_gc();
        let looked_at = watch.clone();
        eval.set_check_cancelled(Box::new(move || looked_at.check().is_err()));
        let guard = Guard::new(limits, watch.clone(), Rc::clone(&last));
        eval.before_stmt_for_dap(BeforeStmtFunc::from_dyn(Box::new(guard)));
        let done = eval.eval_module(ast, builtins::globals());
        let mut outcome = Outcome {
            steps: eval.get_total_tick_count(),
            ..Outcome::default()
        };
        match done {
            Ok(value) => {
                let written = check_heap(eval.heap(), limits)
                    .and_then(|()| check_tables(eval.heap(), limits))
                    .and_then(|_| match value.is_none() {
                        true => Ok(None),
                        false => {
                            to_json(value, eval.heap(), printer.left.get(), limits.output_bytes)
                                .map(Some)
                        }
                    });
                match written {
                    Ok(json) => outcome.result_json = json,
                    Err(fault) => outcome.failure = Some(fault.into()),
                }
            }
            Err(mut error) => {
                if error.span().is_none() {
                    error.set_span(last.get(), &file);
                }
                let error = places.translate(error, &source);
                outcome.failure = Some(failure(&error, limits, watch));
            }
        }
        outcome
    });
    outcome.stdout = printer.text.into_inner();
    outcome
}

/// A text that does not become a program.
enum Unparsed {
    Refused(Fault),
    NoProgram(starlark::Error),
}

fn parse(code: &ProcessCode) -> Result<(AstModule, SourceMap), Unparsed> {
    nesting::check(code.source()).map_err(Unparsed::Refused)?;
    let parsed =
        |text: String| AstModule::parse(code.name(), text, &dialect()).map_err(Unparsed::NoProgram);
    let ast = parsed(code.source().to_owned())?;
    let program = trapped(&ast, code.source()).map_err(Unparsed::Refused)?;
    Ok((parsed(program.text)?, program.map))
}

fn dialect() -> Dialect {
    Dialect {
        enable_top_level_stmt: true,
        enable_f_strings: true,
        enable_keyword_only_arguments: true,
        enable_types: DialectTypes::ParseOnly,
        ..Dialect::Standard
    }
}

/// Bytes that a program may give out, as a length in memory.
fn room(limits: &ProcessLimits) -> usize {
    usize::try_from(limits.output_bytes).unwrap_or(usize::MAX)
}

/// Keeps what is printed, within its limit.
struct Printer {
    limit: u64,
    left: Cell<usize>,
    text: RefCell<String>,
}

impl PrintHandler for Printer {
    fn println(&self, text: &str) -> starlark::Result<()> {
        let left = self.left.get().checked_sub(text.len() + 1);
        self.left
            .set(left.ok_or_else(|| Fault::Output { limit: self.limit }.raise())?);
        let mut out = self.text.borrow_mut();
        out.push_str(text);
        out.push('\n');
        Ok(())
    }
}

struct NoPackages;

impl FileLoader for NoPackages {
    fn load(&self, path: &str) -> starlark::Result<FrozenModule> {
        Err(Fault::NoPackages {
            name: super::session::shorten(path),
        }
        .raise())
    }
}

/// Tells what an error of the interpreter means, by the fault that it carries or by its kind.
fn failure(error: &starlark::Error, limits: &ProcessLimits, watch: &Watch) -> Failure {
    let line = error
        .span()
        .map(|span| span.resolve_span().begin.line + 1)
        .and_then(|line| u32::try_from(line).ok());
    let own = fault_of(error, limits, watch);
    let (kind, message, hint) = match &own {
        Some(Found::Raised(fault)) => (fault.kind(), fault.to_string(), fault.hint()),
        Some(Found::Told(fault, _)) => (fault.kind(), fault.to_string(), fault.hint()),
        None => {
            let kind = match error.kind() {
                ErrorKind::Parser(_) => ProcessFailureKind::Syntax,
                _ => ProcessFailureKind::Runtime,
            };
            (kind, error.without_diagnostic().to_string(), None)
        }
    };
    let mut traceback = error.to_string();
    match &own {
        // The interpreter names a limit in its own words.
        Some(Found::Told(fault, words)) => {
            traceback = traceback.replace(words.as_str(), &fault.to_string())
        }
        Some(Found::Raised(fault)) => {
            if let Some(cause) = fault.source() {
                traceback = format!("{}\nbecause: {cause}", traceback.trim_end());
            }
        }
        None => {}
    }
    Failure {
        kind,
        message,
        line,
        traceback,
        hint,
    }
}

/// A fault behind an error of the interpreter.
enum Found<'a> {
    /// Raised by a builtin or a guard.
    Raised(&'a Fault),
    /// What the interpreter told in these words of its own.
    Told(Fault, String),
}

fn fault_of<'a>(
    error: &'a starlark::Error,
    limits: &ProcessLimits,
    watch: &Watch,
) -> Option<Found<'a>> {
    match error.kind() {
        ErrorKind::StackOverflow(inner) => Some(Found::Told(Fault::CallDepth, inner.to_string())),
        ErrorKind::Native(inner)
        | ErrorKind::Other(inner)
        | ErrorKind::Value(inner)
        | ErrorKind::Function(inner) => {
            if let Some(fault) = inner.downcast_ref::<Fault>() {
                return Some(Found::Raised(fault));
            }
            // These errors of the interpreter have no type that can be named, only a text.
            let text = inner.to_string();
            let told = if text.starts_with("Evaluation cancelled") {
                watch.check().err().unwrap_or(Fault::Cancelled)
            } else if text.starts_with("Heap memory limit") {
                Fault::Heap {
                    limit: limits.heap_bytes,
                }
            } else if text.starts_with("Execution duration limit") {
                Fault::Steps {
                    limit: limits.steps,
                }
            } else {
                return None;
            };
            Some(Found::Told(told, text))
        }
        _ => None,
    }
}
