//! `bioxen doctor`: what VMs need, looked at one by one.

use std::io::{self, Write};
use std::process::ExitCode;

use bioxen::agent::{Place, connect, draw_seed};
use bioxen::xcpng::{Check, CheckVerdict, examine};
use bioxen::{Organism, Pacing, VmId, VmSpec};
use serde_json::json;

use super::gc::of_pool;
use super::state::state_folder;
use super::target::Target;
use super::vm::session::hello;
use crate::args::{DoctorArgs, VmForm};
use crate::failure::Failure;
use crate::output::sink::{Extent, Sink};

pub(super) fn doctor(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    if !args.xcpng {
        return tell(&here(args)?, args.output);
    }
    let target = Target::of(&of_pool(&args.target), None)?;
    let options = target.pool().ok_or(Failure::NoPool)?.clone();
    let spec = match args.full {
        true => Some(probe(target.config().and_then(|config| config.organism))?),
        false => None,
    };
    target.conclude(tell(&examine(options, spec.as_ref()), args.output))
}

/// A guest that is made only to be looked at.
fn probe(organism: Option<Organism>) -> Result<VmSpec, Failure> {
    let seed = draw_seed();
    let id = VmId::new(&format!("doctor-{:08x}", seed.get() & 0xffff_ffff))?;
    let spec = VmSpec::builder(id, organism.unwrap_or(Organism::Syn3a), seed);
    Ok(spec.pacing(Pacing::Manual).build()?)
}

/// What local VMs need: a state folder, and a daemon that answers or none.
fn here(args: &DoctorArgs) -> Result<Vec<Check>, Failure> {
    let folder = state_folder(args.target.state.as_deref()).ok_or(Failure::NoState)?;
    let shown = folder.display().to_string();
    let mut checks = Vec::new();
    let probe = folder.join(".doctor");
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&probe, b"ok"))
        .and_then(|()| std::fs::remove_file(&probe));
    checks.push(match written {
        Ok(()) => check("state folder", shown, CheckVerdict::Ok, ""),
        Err(error) => {
            let cure = "give --state DIR, or make the folder writable";
            let found = format!("{shown}: {error}");
            check("state folder", found, CheckVerdict::Failed, cure)
        }
    });
    checks.push(match connect(&Place::of(&folder), &hello()) {
        Ok(client) => {
            let version = client.agent().agent_version.clone();
            check(
                "daemon",
                format!("answers, version {version}"),
                CheckVerdict::Ok,
                "",
            )
        }
        Err(bioxen::agent::LocalError::NotRunning { .. }) => check(
            "daemon",
            "none runs; the first bioxen vm starts one".to_owned(),
            CheckVerdict::Ok,
            "",
        ),
        Err(error) => {
            let cure = error.hint().unwrap_or_default().to_owned();
            check("daemon", error.to_string(), CheckVerdict::Failed, &cure)
        }
    });
    Ok(checks)
}

fn check(what: &'static str, found: String, verdict: CheckVerdict, cure: &str) -> Check {
    Check {
        what,
        found,
        verdict,
        cure: cure.to_owned(),
    }
}

fn tell(checks: &[Check], form: VmForm) -> Result<ExitCode, Failure> {
    let mut sink = Sink::open(None)?;
    let written = match form {
        VmForm::Table => write(checks, &mut sink),
        VmForm::Json => write_json(checks, &mut sink),
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    let is_failed = |check: &Check| check.verdict == CheckVerdict::Failed;
    Ok(match checks.iter().any(is_failed) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn write(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    for check in checks {
        writeln!(
            out,
            "{:<8} {:<13} {}",
            check.verdict, check.what, check.found
        )?;
        if !check.cure.is_empty() {
            writeln!(out, "{:<8} {:<13} cure: {}", "", "", check.cure)?;
        }
    }
    Ok(())
}

fn write_json(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    let checks: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "what": check.what,
                "verdict": check.verdict.to_string(),
                "found": check.found,
                "cure": check.cure,
            })
        })
        .collect();
    writeln!(out, "{}", json!({ "schema_version": 1, "checks": checks }))
}
