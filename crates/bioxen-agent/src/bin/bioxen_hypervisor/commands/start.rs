//! Making and starting a VM.

use std::fmt::Display;
use std::process::ExitCode;

use bioxen_agent::{Answer, Created, Inspection, Request, VmRequest, draw_seed};
use bioxen_core::{
    InstalledPackage, PaceFactor, Pacing, RibosomeCount, RibosomeUnit, SpecError, VmId, VmSpec,
};

use super::{done, expect, inspection, is_missing, of};
use crate::agent::Agent;
use crate::args::{PacingWord, StartArgs};
use crate::failure::{Failure, say};
use crate::output::{Started, Status, print};

/// Makes a VM if it is not there, and starts it.
pub(super) fn run(agent: &mut Agent, args: StartArgs) -> Result<ExitCode, Failure> {
    let id = &args.vm.id;
    let made = match of(agent, id, VmRequest::Inspect) {
        Ok(answer) => {
            agree(&args, &*inspection(answer)?)?;
            None
        }
        Err(failure) if is_missing(&failure) => Some(make(agent, &args)?),
        Err(failure) => return Err(failure),
    };
    done(of(agent, id, VmRequest::Start)?)?;
    let now = inspection(of(agent, id, VmRequest::Inspect)?)?;
    let notice = made.as_ref().and_then(|made| made.notice);
    if let Some(notice) = notice {
        say(&format!("note: {notice}"));
    }
    let started = Started {
        created: made.is_some(),
        status: Status::of(&now.status),
        notice: notice.map(|notice| notice.to_string()),
        packages: &now.packages,
    };
    print(true, &started)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes a VM; one whose packages could not all be installed is not to be started.
fn make(agent: &mut Agent, args: &StartArgs) -> Result<Box<Created>, Failure> {
    let request = Request::Create {
        spec: spec(args)?,
        packages: args.packages.clone(),
    };
    let created = expect(agent.ask(&request)?, |answer| match answer {
        Answer::Created(created) => Some(created),
        _ => None,
    })?;
    match created.packages.iter().find(|report| !report.success) {
        Some(report) => Err(Failure::Package {
            id: args.vm.id.clone(),
            package: report.package.clone(),
            why: report.stderr.lines().next().unwrap_or_default().to_owned(),
        }),
        None => Ok(created),
    }
}

fn spec(args: &StartArgs) -> Result<VmSpec, SpecError> {
    let seed = args.seed.unwrap_or_else(draw_seed);
    let mut spec = VmSpec::builder(args.vm.id.clone(), args.organism, seed).pacing(pacing(args));
    if let Some(atp) = args.atp {
        spec = spec.atp(atp);
    }
    if let Some(ribosomes) = args.ribosomes {
        spec = spec.ribosomes(ribosomes);
    }
    if let Some(unit) = args.ribosome_unit {
        spec = spec.ribosome_unit(unit);
    }
    if let Some(priority) = args.priority {
        spec = spec.priority(priority);
    }
    if let Some(elongation) = args.elongation {
        spec = spec.elongation(elongation);
    }
    spec.build()
}

fn pacing(args: &StartArgs) -> Pacing {
    match args.pacing {
        Some(PacingWord::Unpaced) => Pacing::Unpaced,
        Some(PacingWord::Manual) => Pacing::Manual,
        Some(PacingWord::RealTime) | None => Pacing::RealTime {
            factor: args.pace_factor.unwrap_or(PaceFactor::ONE),
        },
    }
}

/// Refuses a VM that is not what was asked for.
fn agree(args: &StartArgs, there: &Inspection) -> Result<(), Failure> {
    let Inspection {
        status,
        priority,
        elongation,
        created_at: _,
        usage: _,
        packages,
    } = there;
    let quota = status.quota;
    let unit = args.ribosome_unit.unwrap_or(quota.unit);
    // What was above a full grant was clamped to it.
    let ribosomes = args.ribosomes.map(|units| match unit {
        RibosomeUnit::Share => units.min(args.organism.full_ribosome_units()),
        RibosomeUnit::Physical => units,
    });
    let paced = args.pacing.is_some() || args.pace_factor.is_some();
    let id = &args.vm.id;
    same(id, "organism", Some(args.organism), status.organism)?;
    same(id, "seed", args.seed, status.seed)?;
    same(id, "an ATP share of", args.atp, quota.atp)?;
    same::<RibosomeCount>(
        id,
        "a number of ribosome units of",
        ribosomes,
        quota.ribosomes,
    )?;
    same(id, "ribosome unit", args.ribosome_unit, quota.unit)?;
    same(id, "pacing", paced.then(|| pacing(args)), status.pacing)?;
    same(id, "priority", args.priority, *priority)?;
    same(id, "elongation", args.elongation, *elongation)?;
    let has = |name: &str| packages.iter().any(|package| package.name == name);
    match args.packages.iter().find(|asked| !has(asked.as_str())) {
        Some(asked) => Err(Failure::Other {
            id: id.clone(),
            what: "the packages",
            there: names(packages),
            asked: asked.to_string(),
        }),
        None => Ok(()),
    }
}

fn same<T: PartialEq + Display>(
    id: &VmId,
    what: &'static str,
    asked: Option<T>,
    there: T,
) -> Result<(), Failure> {
    match asked {
        Some(asked) if asked != there => Err(Failure::Other {
            id: id.clone(),
            what,
            there: there.to_string(),
            asked: asked.to_string(),
        }),
        _ => Ok(()),
    }
}

fn names(packages: &[InstalledPackage]) -> String {
    if packages.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    names.join(", ")
}
