//! Files of analysis packages, from their text to functions that a program can load.
//!
//! A file defines functions and constants and does nothing. So loading it takes no time, freezing what it binds cannot
//! nest deeper than the stack, and whether it is in order is found when its package is read.

mod top;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{CancelToken, Clock, ProcessLimits, nearest};
use starlark::codemap::{CodeMapId, Span};
use starlark::environment::{FrozenModule, Module};
use starlark::eval::{Evaluator, FileLoader};

use super::fault::Fault;
use super::interpreter::{Load, Refused, equip, parse};
use super::limits::{LastStatement, Watch};
use super::session::{shorten, with_session};
use super::size::Size;
use super::source_map::{Origin, Origins};
use super::{builtins, meter, on_deep_stack};
use crate::package::{Package, Packages};

/// What the constants of a file may take. They are part of its text, and not of what a program may use.
const LIMITS: ProcessLimits = ProcessLimits {
    wall: Duration::MAX,
    steps: 100_000,
    heap_bytes: 4 << 20,
    output_bytes: 0,
};

/// What is wrong with a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileProblem {
    /// Line, from 1.
    pub(crate) line: Option<u32>,
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
}

/// The functions that a file defines, if it is in order.
pub(crate) fn functions_of(name: &str, text: &str) -> Result<Vec<String>, FileProblem> {
    let checked = on_deep_stack(|| {
        let watch = Watch::start(Arc::new(Still), LIMITS.wall, CancelToken::new());
        evaluated(name, text, &watch)
            .map(|(module, _)| functions(&module))
            .map_err(|refused| {
                let failure = refused.into_failure(&LIMITS, &watch);
                FileProblem {
                    line: failure.line,
                    what: failure.message,
                    hint: failure.hint,
                }
            })
    });
    checked.unwrap_or_else(|fault| {
        Err(FileProblem {
            line: None,
            what: fault.to_string(),
            hint: fault.hint(),
        })
    })
}

fn functions(module: &FrozenModule) -> Vec<String> {
    let names = module.names().map(|name| name.as_str().to_owned());
    names
        .filter(|name| {
            let value = module.get(name);
            value.is_ok_and(|value| value.value().get_type() == "function")
        })
        .collect()
}

/// A clock for what ends without one.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// What the files of the packages bind that a program loads from.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    packages: BTreeMap<String, FrozenModule>,
}

impl Loaded {
    /// Makes ready what a program loads, before its first statement: what is not there shows at once.
    pub(super) fn new(
        loads: &[Load],
        installed: &Packages,
        origins: &mut Origins,
        watch: &Watch,
    ) -> Result<Self, Refused> {
        let mut loaded = Self::default();
        for load in loads {
            let package = wanted(load, installed).map_err(|fault| load.refused(fault))?;
            if !loaded.packages.contains_key(&load.package) {
                let module = gathered(package, origins, watch)?;
                loaded.packages.insert(load.package.clone(), module);
            }
        }
        Ok(loaded)
    }
}

impl FileLoader for Loaded {
    fn load(&self, path: &str) -> starlark::Result<FrozenModule> {
        let module = self.packages.get(path).cloned();
        module.ok_or_else(|| unknown(path, &[]).raise())
    }
}

/// The package that a program loads from, if it has all that is loaded.
fn wanted<'a>(load: &Load, installed: &'a Packages) -> Result<&'a Package, Fault> {
    let found = installed
        .iter()
        .find(|(name, _)| name.as_str() == load.package);
    let Some((_, package)) = found else {
        if with_session(|session| Ok(session.has_construct(&load.package))).unwrap_or(false) {
            return Err(Fault::NoFunctions {
                package: shorten(&load.package),
            });
        }
        let names: Vec<&str> = installed.keys().map(|name| name.as_str()).collect();
        return Err(unknown(&load.package, &names));
    };
    let known: Vec<&str> = package
        .functions()
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    match load
        .functions
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        None => Ok(package),
        Some(name) => Err(Fault::UnknownFunction {
            package: load.package.clone(),
            name: shorten(name),
            nearest: nearest(name, &known).map(str::to_owned),
            known: known.join(", "),
        }),
    }
}

fn unknown(package: &str, installed: &[&str]) -> Fault {
    Fault::NotInstalled {
        package: shorten(package),
        nearest: nearest(package, installed).map(str::to_owned),
    }
}

/// The functions of all files of a package.
fn gathered(
    package: &Package,
    origins: &mut Origins,
    watch: &Watch,
) -> Result<FrozenModule, Refused> {
    let mut files: BTreeMap<&str, FrozenModule> = BTreeMap::new();
    for function in package.functions() {
        if !files.contains_key(function.file.as_str()) {
            let name = format!("{}/{}", package.name, function.file);
            let text = package.file(&function.file).unwrap_or_default();
            let (module, origin) = evaluated(&name, text, watch)?;
            origins.push(origin);
            files.insert(&function.file, module);
        }
    }
    let gathered = Module::with_temp_heap(|module| -> starlark::Result<FrozenModule> {
        for function in package.functions() {
            if let Some(file) = files.get(function.file.as_str()) {
                let value = file.get(&function.name)?;
                module.set(
                    &function.name,
                    module.heap().access_owned_frozen_value(&value),
                );
            }
        }
        Ok(module.freeze()?)
    });
    gathered.map_err(Refused::Error)
}

/// What a file binds, and where the parts of what is run of it come from.
fn evaluated(name: &str, text: &str, watch: &Watch) -> Result<(FrozenModule, Origin), Refused> {
    let parsed = parse(name, text, top::check)?;
    meter::install(&LIMITS, watch);
    let last: LastStatement = Rc::new(Cell::new((CodeMapId::EMPTY, Span::default())));
    let done = Module::with_temp_heap(|module| -> starlark::Result<FrozenModule> {
        {
            let mut eval = Evaluator::new(&module);
            equip(&mut eval, &LIMITS, watch, &last);
            eval.eval_module(parsed.ast, builtins::globals())?;
        }
        let names: Vec<String> = module
            .names()
            .map(|name| name.as_str().to_owned())
            .collect();
        for value in names.iter().filter_map(|name| module.get(name)) {
            // What nests deeper could not be frozen.
            Size::of(value, module.heap()).map_err(Fault::raise)?;
        }
        Ok(module.freeze()?)
    });
    match done {
        Ok(module) => Ok((module, parsed.origin)),
        Err(error) => {
            let origins = Origins::new(parsed.origin);
            Err(Refused::Error(origins.translate(error, last.get())))
        }
    }
}
