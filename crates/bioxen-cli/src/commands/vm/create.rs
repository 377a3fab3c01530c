//! `bioxen vm create`.

use std::process::ExitCode;

use bioxen::agent::{Created, draw_seed};
use bioxen::config::Config;
use bioxen::{BiologicalVm, PackageName, RibosomeUnit, VmSpec, vm_spec};

use super::session::Session;
use super::{names, tell, told};
use crate::args::vm::CreateArgs;
use crate::commands::target::Target;
use crate::failure::{Failure, say};
use crate::output::vm as output;

pub(super) fn create(target: &Target, args: &CreateArgs) -> Result<ExitCode, Failure> {
    let config = target.config().ok_or(Failure::NoPool)?;
    let packages = packages(args, config)?;
    let spec = specification(args, config)?;
    let session = Session::open(target)?;
    if args.act.dry_run {
        return would(&session, args, &spec);
    }
    let (mut vm, created) = session.hypervisor().create(&spec, &packages)?;
    advise(&created, args.seed.is_none());
    if args.start
        && let Err(refused) = vm.start()
    {
        say(&format!(
            "note: {} was created, and is not started",
            vm.id()
        ));
        return Err(refused.into());
    }
    let status = vm.status()?;
    let did = match args.start {
        true => "created and started",
        false => "created",
    };
    tell(
        &args.act,
        &status.id,
        |out| output::write_created_json(&status, created.notice.as_ref(), out),
        |out| writeln!(out, "{did} {}", status.id),
    )
}

/// Says what would be made, or why it would not.
fn would(session: &Session, args: &CreateArgs, spec: &VmSpec) -> Result<ExitCode, Failure> {
    let vms = session.hypervisor().statuses()?;
    if names::is_there(spec.id(), &vms) {
        let id = spec.id().clone();
        return Err(bioxen::VmError::AlreadyExists { id }.into());
    }
    let line = format!(
        "would create {} of {}: ATP {}, {} ribosome units, pacing {}",
        spec.id(),
        spec.organism(),
        spec.atp(),
        spec.ribosomes(),
        spec.pacing()
    );
    told(&args.act, "create", spec.id(), &line)
}

/// What a person should know beside the name.
pub(super) fn advise(created: &Created, with_seed: bool) {
    if with_seed {
        say(&format!("seed: {}", created.status.seed));
    }
    if let Some(notice) = &created.notice {
        say(&format!("note: {notice}"));
    }
    for report in &created.packages {
        for line in report.stdout.lines() {
            say(&format!("note: {line}"));
        }
    }
}

/// The packages of the configuration, then those that are named.
fn packages(args: &CreateArgs, config: &Config) -> Result<Vec<PackageName>, Failure> {
    let configured = config.packages.install.iter().map(|text| {
        if text.contains('/') {
            let text = text.clone();
            return Err(Failure::PackagePath { text });
        }
        Ok(PackageName::new(text)?)
    });
    configured
        .chain(args.packages.iter().cloned().map(Ok))
        .collect()
}

fn specification(args: &CreateArgs, config: &Config) -> Result<VmSpec, Failure> {
    if args.ribosome_unit == RibosomeUnit::Physical && args.ribosomes.is_none() {
        // The maximum of a configuration counts shares.
        return Err(bioxen::SpecError::PhysicalRibosomesNotGiven.into());
    }
    let seed = args.seed.unwrap_or_else(draw_seed);
    let mut spec = vm_spec(config, args.name.clone(), args.organism, seed)
        .ribosome_unit(args.ribosome_unit)
        .priority(args.priority);
    if let Some(atp) = args.atp {
        spec = spec.atp(atp);
    }
    if let Some(ribosomes) = args.ribosomes {
        spec = spec.ribosomes(ribosomes);
    }
    if let Some(pacing) = args.pacing {
        spec = spec.pacing(pacing);
    }
    Ok(spec.build()?)
}
