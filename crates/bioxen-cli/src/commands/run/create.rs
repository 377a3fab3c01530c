//! The cells of a run, made before it starts.

use std::sync::Arc;
use std::time::Duration;

use bioxen::config::{Config, FileChoice, VmType, load};
use bioxen::{
    BasicBiologicalVm, BiologicalVm, Hypervisor, HypervisorConfig, Organism, Pacing, ProcessLimits,
    RibosomeUnit, Seed, SpecError, SystemClock, VmError, VmId, configured_packages, host_config,
    package_folders, vm_spec,
};

use super::resume::Resumed;
use crate::args::{RunArgs, WantedArgs};
use crate::commands;
use crate::failure::{Failure, say};
use crate::measure::cores;
use crate::report::Grant;

/// A person waits for the process and can press Ctrl-C: the usual minute would be in the way.
const LONGEST_PROCESS: Duration = Duration::from_secs(24 * 3600);

/// The configuration that is named or found.
pub(super) fn configuration(args: &RunArgs, organism: Organism) -> Result<Config, Failure> {
    let wanted = WantedArgs {
        organism: Some(organism),
        vm_type: Some(match args.guests {
            Some(_) => VmType::Xcpng,
            None => VmType::Basic,
        }),
        strict: false,
        set: Vec::new(),
    };
    let named = commands::target::named(args.hypervisor.as_deref(), args.config.as_deref())?;
    let mut request = commands::config::request(named.as_deref(), &wanted);
    if args.no_config {
        request.file = FileChoice::None;
        request.surroundings.environment.clear();
    }
    let loaded = load(&request)?;
    commands::config::warn(&loaded);
    if named.is_none()
        && let [first, ..] = loaded.files.as_slice()
    {
        // What was not asked for by name is told: it changes the results.
        say(&format!("note: configured by {}", first.display()));
    }
    Ok(loaded.config)
}

pub(super) fn threads(args: &RunArgs, config: &Config) -> usize {
    let workers = config.hypervisor.workers;
    args.threads
        .or_else(|| usize::try_from(workers?).ok())
        .unwrap_or_else(cores)
}

/// What a program may use: a person waits for it and can press Ctrl-C.
pub(super) fn process_limits(config: &Config) -> ProcessLimits {
    ProcessLimits {
        wall: LONGEST_PROCESS,
        ..host_config(config).process_limits
    }
}

pub(super) fn create(
    args: &RunArgs,
    organism: Organism,
    config: &Config,
    seed: Seed,
    threads: usize,
    resumed: Option<&Resumed>,
) -> Result<(Hypervisor, Vec<BasicBiologicalVm>), Failure> {
    let host = HypervisorConfig {
        workers: threads,
        process_limits: process_limits(config),
        ..host_config(config)
    };
    let hypervisor = Hypervisor::new(host, Arc::new(SystemClock::new()))?;
    let library = commands::package::library(args.state.as_deref(), &package_folders(config));
    let mut packages = configured_packages(config, &library)?;
    for text in &args.packages {
        packages.push(commands::package::wanted(text, &library)?);
    }
    let mut vms = Vec::new();
    for n in 1..=args.cells {
        let mut spec = match resumed {
            Some(resumed) => resumed.spec(vm_spec(config, resumed.id(), organism, seed)),
            None => {
                let id = VmId::new(&format!("cell-{n:04}"))?;
                vm_spec(config, id, organism, seed).ribosome_unit(args.ribosome_unit)
            }
        }
        .pacing(Pacing::Manual);
        if args.ribosome_unit == RibosomeUnit::Physical && args.ribosomes.is_none() {
            // The maximum of a configuration counts shares.
            return Err(SpecError::PhysicalRibosomesNotGiven.into());
        }
        if let Some(atp) = args.atp {
            spec = spec.atp(atp);
        }
        if let Some(ribosomes) = args.ribosomes {
            spec = spec.ribosomes(ribosomes);
        }
        let mut vm = hypervisor
            .create(&spec.build()?)
            .map_err(|refused| match refused {
                VmError::RibosomesExceeded {
                    asked, capacity, ..
                } => Failure::TooManyRibosomes {
                    asked,
                    most: capacity,
                    organism,
                },
                other => other.into(),
            })?;
        if let Some(resumed) = resumed {
            resumed.put_into(&mut vm, args)?;
        }
        if let Some(medium) = &args.medium {
            vm.set_medium(medium)?;
        }
        for package in &packages {
            vm.install_package(package)?;
        }
        vm.start()?;
        vms.push(vm);
    }
    Ok((hypervisor, vms))
}

/// What a newborn cell was granted; all are granted the same.
pub(super) fn grant(vms: &[BasicBiologicalVm]) -> Result<Grant, Failure> {
    let first = vms.first().expect("at least one cell is run");
    let status = first.status()?;
    let usage = first.resource_usage()?;
    Ok(Grant {
        quota: status.quota,
        full_units: status.organism.full_ribosome_units(),
        cap_at_birth: usage.ribosome_cap,
        ribosomes_at_birth: usage.ribosomes_total,
    })
}
