//! One program through the Starlark interpreter.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;

use bioxen_core::{ProcessCode, ProcessFailureKind, ProcessLimits};
use starlark::codemap::{CodeMapId, FileSpan, Span};
use starlark::environment::Module;
use starlark::eval::{BeforeStmtFunc, Evaluator};
use starlark::syntax::{AstLoad, AstModule, Dialect, DialectTypes};
use starlark::{ErrorKind, PrintHandler};

pub(super) use super::outcome::Outcome;

use super::builtins;
use super::fault::Fault;
use super::files::Loaded;
use super::limits::{Guard, LastStatement, MAX_CALL_DEPTH, Watch, check_heap, check_tables};
use super::meter;
use super::nesting;
use super::outcome::{Failure, to_json};
use super::source_map::{Origin, Origins};
use super::trapping::trapped;
use crate::package::Packages;

/// Runs a program against the session of this thread.
pub(super) fn run(
    code: &ProcessCode,
    packages: &Packages,
    limits: &ProcessLimits,
    watch: &Watch,
) -> Outcome {
    let ready = parse(code.name(), code.source(), |_| Ok(())).and_then(|program| {
        let mut origins = Origins::new(program.origin);
        let loaded = Loaded::new(&program.loads, packages, &mut origins, watch)?;
        Ok((program.ast, loaded, origins))
    });
    let (ast, loaded, origins) = match ready {
        Ok(ready) => ready,
        Err(refused) => {
            return Outcome {
                failure: Some(refused.into_failure(limits, watch)),
                ..Outcome::default()
            };
        }
    };
    meter::install(limits, watch);
    let last: LastStatement = Rc::new(Cell::new((CodeMapId::EMPTY, Span::default())));
    let printer = Printer {
        limit: limits.output_bytes,
        left: Cell::new(room(limits)),
        text: RefCell::default(),
    };
    let mut outcome = Module::with_temp_heap(|module| {
        let mut eval = Evaluator::new(&module);
        eval.set_print_handler(&printer);
        eval.set_loader(&loaded);
        equip(&mut eval, limits, watch, &last);
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
            Err(error) => {
                let error = origins.translate(error, last.get());
                let line = origins.line(&error);
                outcome.failure = Some(failure(&error, line, limits, watch));
            }
        }
        outcome
    });
    outcome.stdout = printer.text.into_inner();
    outcome
}

/// Puts an evaluator under the limits.
pub(super) fn equip(
    eval: &mut Evaluator<'_, '_, '_>,
    limits: &ProcessLimits,
    watch: &Watch,
    last: &LastStatement,
) {
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
    let guard = Guard::new(limits, watch.clone(), Rc::clone(last));
    eval.before_stmt_for_dap(BeforeStmtFunc::from_dyn(Box::new(guard)));
}

/// Why a text is not run.
#[derive(Debug)]
pub(super) enum Refused {
    Fault(Fault),
    /// With its place.
    Error(starlark::Error),
}

impl Refused {
    pub(super) fn into_failure(self, limits: &ProcessLimits, watch: &Watch) -> Failure {
        match self {
            Self::Fault(fault) => fault.into(),
            Self::Error(error) => {
                let line = error
                    .span()
                    .map(|span| span.resolve_span().begin.line + 1)
                    .and_then(|line| u32::try_from(line).ok());
                failure(&error, line, limits, watch)
            }
        }
    }
}

/// A statement of a program that loads functions of a package.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) package: String,
    pub(super) functions: Vec<String>,
    place: FileSpan,
}

impl Load {
    fn of(load: &AstLoad<'_>) -> Self {
        Self {
            package: load.module_id.to_owned(),
            functions: load
                .symbols
                .values()
                .map(|name| (*name).to_owned())
                .collect(),
            place: load.span.clone(),
        }
    }

    /// An error at this place.
    pub(super) fn refused(&self, fault: Fault) -> Refused {
        let mut error = fault.raise();
        error.set_span(self.place.span, &self.place.file);
        Refused::Error(error)
    }
}

/// A text that can be run.
#[derive(Debug)]
pub(super) struct Parsed {
    /// With traps.
    pub(super) ast: AstModule,
    pub(super) loads: Vec<Load>,
    pub(super) origin: Origin,
}

/// Parses a text, has a look at it, and sets the traps.
pub(super) fn parse(
    name: &str,
    source: &str,
    look: impl FnOnce(&AstModule) -> starlark::Result<()>,
) -> Result<Parsed, Refused> {
    nesting::check(source).map_err(Refused::Fault)?;
    let parsed = |text: String| AstModule::parse(name, text, &dialect()).map_err(Refused::Error);
    let ast = parsed(source.to_owned())?;
    look(&ast).map_err(Refused::Error)?;
    let program = trapped(&ast, source).map_err(Refused::Fault)?;
    let loads = ast.loads().iter().map(Load::of).collect();
    let written = ast.file_span(Span::default()).file;
    let ast = parsed(program.text)?;
    let origin = Origin {
        run: ast.file_span(Span::default()).file,
        written,
        map: program.map,
    };
    Ok(Parsed { ast, loads, origin })
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

/// Tells what an error of the interpreter means, by the fault that it carries or by its kind.
fn failure(
    error: &starlark::Error,
    line: Option<u32>,
    limits: &ProcessLimits,
    watch: &Watch,
) -> Failure {
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
