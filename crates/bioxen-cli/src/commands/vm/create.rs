//! `bioxen vm create`.

use std::path::Path;
use std::process::ExitCode;

use bioxen::agent::{Created, draw_seed};
use bioxen::config::{Config, FileChoice, VmType, load};
use bioxen::{BiologicalVm, PackageName, RibosomeUnit, VmSpec, vm_spec};

use super::session::Session;
use super::{names, tell, told};
use crate::args::WantedArgs;
use crate::args::vm::CreateArgs;
use crate::commands;
use crate::failure::{Failure, say};
use crate::output::vm as output;

pub(super) fn create(state: Option<&Path>, args: &CreateArgs) -> Result<ExitCode, Failure> {
    let config = configuration(args)?;
    let packages = packages(args, &config)?;
    let spec = specification(args, &config)?;
    let session = Session::open(state)?;
    if args.act.dry_run {
        return would(&session, args, &spec);
    }
    let (mut vm, created) = session.hypervisor().create(&spec, &packages)?;
    advise(&created, args.seed.is_none());
    if args.start {
        vm.start()?;
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

/// The configuration that is named; none is looked for, since the VM outlives the folder that the person is in.
fn configuration(args: &CreateArgs) -> Result<Config, Failure> {
    let wanted = WantedArgs {
        organism: Some(args.organism),
        vm_type: Some(VmType::Basic),
        strict: false,
        set: Vec::new(),
    };
    let mut request = commands::config::request(args.config.as_deref(), &wanted);
    if args.config.is_none() {
        request.file = FileChoice::None;
        request.surroundings.environment.clear();
    }
    let loaded = load(&request)?;
    commands::config::warn(&loaded);
    Ok(loaded.config)
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
