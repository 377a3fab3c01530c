//! `bioxen gc`: what programs that were ended left in a pool.

use std::io::{self, Write};
use std::process::ExitCode;

use bioxen::xcpng::Garbage;
use bioxen::{config::VmType, explain};
use serde_json::json;

use super::target::Target;
use crate::args::{GcArgs, TargetArgs, VmForm};
use crate::failure::{Failure, say};
use crate::output::sink::{Extent, Sink};

pub(super) fn gc(args: &GcArgs) -> Result<ExitCode, Failure> {
    let target = Target::of(&of_pool(&args.target), None)?;
    let done = collect(&target, args);
    target.conclude(done)
}

/// A pool is meant, whatever the configuration says of new VMs.
pub(super) fn of_pool(args: &TargetArgs) -> TargetArgs {
    TargetArgs {
        vm_type: args.vm_type.or(Some(VmType::Xcpng)),
        ..args.clone()
    }
}

fn collect(target: &Target, args: &GcArgs) -> Result<ExitCode, Failure> {
    let pool = target.connect()?;
    let garbage = pool.garbage(args.apply)?;
    let mut sink = Sink::open(None)?;
    let written = match args.output {
        VmForm::Table => write(&garbage, args.apply, &mut sink),
        VmForm::Json => write_json(&garbage, args.apply, &mut sink),
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    pool.close()?;
    let is_left = garbage.found.iter().any(|found| found.failed.is_some());
    Ok(match is_left || !garbage.unreadable.is_empty() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn write(garbage: &Garbage, apply: bool, out: &mut dyn Write) -> io::Result<()> {
    for found in &garbage.found {
        match (&found.failed, apply) {
            (None, false) => writeln!(out, "left: {}", found.what)?,
            (None, true) => writeln!(out, "removed: {}", found.what)?,
            (Some(error), _) => {
                writeln!(out, "not removed: {}", found.what)?;
                say(&format!("error: {}", explain(error)));
            }
        }
    }
    for error in &garbage.unreadable {
        say(&format!("error: {}", explain(error)));
    }
    match (garbage.found.len(), apply) {
        (0, _) => writeln!(out, "nothing was left"),
        (1, false) => writeln!(out, "1 thing was left; --apply removes it"),
        (count, false) => writeln!(out, "{count} things were left; --apply removes them"),
        (_, true) => Ok(()),
    }
}

fn write_json(garbage: &Garbage, apply: bool, out: &mut dyn Write) -> io::Result<()> {
    let found: Vec<_> = garbage
        .found
        .iter()
        .map(|found| {
            json!({
                "what": found.what.to_string(),
                "removed": apply && found.failed.is_none(),
                "error": found.failed.as_ref().map(|error| explain(error).to_string()),
            })
        })
        .collect();
    let unreadable = garbage.unreadable.iter();
    let unreadable: Vec<String> = unreadable.map(|error| explain(error).to_string()).collect();
    let all = json!({ "schema_version": 1, "found": found, "unreadable": unreadable });
    writeln!(out, "{all}")
}
