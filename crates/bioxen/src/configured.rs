//! From a configuration to hosts and VMs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bioxen_config::{Config, VmType};
use bioxen_core::{
    BiologicalVm, Infrastructure, Organism, ProcessLimits, Seed, VmId, VmSpec, VmSpecBuilder,
};
use bioxen_hypervisor::package::{LibraryError, Package, PackageLibrary, packages_folder};
use bioxen_hypervisor::{Chassis, HostPolicy, Hypervisor, HypervisorConfig, VmLimits};

use crate::clock::SystemClock;
use crate::factory::CreateError;

/// The settings of a host that a configuration asks for; what it leaves open is as without one.
///
/// ```
/// use bioxen::config::{Request, Surroundings, load_text};
///
/// let text = b"resource_limits: {max_atp: 70}\nhypervisor: {workers: 2}\n";
/// let loaded = load_text("host.yaml".as_ref(), text, &Request::new(Surroundings::nowhere()))?;
/// let host = bioxen::host_config(&loaded.config);
/// assert_eq!(host.workers, 2);
/// assert_eq!(host.limits.max_atp, Some("70%".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn host_config(config: &Config) -> HypervisorConfig {
    let plain = HypervisorConfig::default();
    let asked = &config.hypervisor;
    let limits = &config.resource_limits;
    let settings = &config.biological_settings;
    let memory_bytes = limits.memory_limit.map(|size| size.bytes());
    let chassis = Chassis::default();
    HypervisorConfig {
        workers: asked
            .workers
            .and_then(|workers| usize::try_from(workers).ok())
            .unwrap_or(plain.workers),
        slice: asked.slice.unwrap_or(plain.slice),
        chassis: Chassis {
            ribosome_units: asked.ribosome_units.unwrap_or(chassis.ribosome_units),
            overhead_percent: asked.overhead_percent.unwrap_or(chassis.overhead_percent),
            max_vms: asked.max_vms,
        },
        host_policy: match asked.shared {
            Some(true) => HostPolicy::Shared,
            Some(false) => HostPolicy::PerCell,
            None => plain.host_policy,
        },
        limits: VmLimits {
            max_atp: limits.max_atp,
            max_ribosomes: limits.max_ribosomes,
            memory_bytes,
            no_added_genes: settings.minimal_mode,
            no_plasmids: !settings.plasmid_support,
            essential_genes_only: settings.essential_genes_only,
            function_validation: settings.function_validation,
        },
        process_limits: ProcessLimits {
            heap_bytes: memory_bytes
                .unwrap_or(u64::MAX)
                .min(plain.process_limits.heap_bytes),
            ..plain.process_limits
        },
        package_folders: package_folders(config),
    }
}

/// The beginning of a specification: the maxima of the configuration as the quota, and its pacing.
pub fn vm_spec(config: &Config, id: VmId, organism: Organism, seed: Seed) -> VmSpecBuilder {
    let limits = &config.resource_limits;
    let mut spec = VmSpec::builder(id, organism, seed);
    if let Some(atp) = limits.max_atp {
        spec = spec.atp(atp);
    }
    if let Some(units) = limits.max_ribosomes {
        // More than a full grant would be clamped, with a notice that nobody asked for.
        spec = spec.ribosomes(units.min(organism.full_ribosome_units()));
    }
    if let Some(pacing) = config.hypervisor.pacing {
        spec = spec.pacing(pacing);
    }
    spec
}

/// Folders with packages: the one in the state folder, then those that are named.
pub fn package_folders(config: &Config) -> Vec<PathBuf> {
    let state = config.hypervisor.state_folder.as_ref();
    let own = state.map(|folder| packages_folder(folder));
    own.into_iter()
        .chain(config.packages.folders.iter().cloned())
        .collect()
}

/// The packages that each new VM is given: those of a library by name, others by path.
///
/// # Errors
///
/// [`LibraryError`] for the first package that is not found or not in order.
pub fn configured_packages(
    config: &Config,
    library: &PackageLibrary,
) -> Result<Vec<Package>, LibraryError> {
    let wanted = config.packages.install.iter();
    wanted
        .map(|text| match text.contains('/') {
            true => PackageLibrary::read(Path::new(text)),
            false => library.find(text).map(|found| found.package),
        })
        .collect()
}

/// Makes a VM as a configuration says, on a host of its own, with the packages that it names.
///
/// ```
/// use bioxen::config::{Request, Surroundings, load_text};
/// use bioxen::{Seed, VmId, create_configured_vm};
///
/// let text = b"organism: minimal_cell\nresource_limits: {max_atp: 60, max_ribosomes: 12}\n";
/// let loaded = load_text("host.yaml".as_ref(), text, &Request::new(Surroundings::nowhere()))?;
/// let vm = create_configured_vm(&loaded.config, VmId::new("cell-1")?, Seed::new(7))?;
/// assert_eq!(vm.status()?.quota.atp.percent(), 60.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`CreateError`] if the configuration names no organism or VMs that are not of this process, if a package cannot be had or does not fit, or as [`create_bio_vm`](crate::create_bio_vm).
pub fn create_configured_vm(
    config: &Config,
    id: VmId,
    seed: Seed,
) -> Result<Box<dyn BiologicalVm>, CreateError> {
    let organism = config.organism.ok_or(CreateError::NoOrganism)?;
    check_type(config)?;
    let library = PackageLibrary::new(None, &package_folders(config));
    let packages = configured_packages(config, &library)?;
    let host = Hypervisor::new(host_config(config), Arc::new(SystemClock::new()))?;
    let spec = vm_spec(config, id, organism, seed).build()?;
    match spec.infrastructure() {
        Infrastructure::Basic => {
            let vm = host.create(&spec)?;
            for package in &packages {
                vm.install_package(package)?;
            }
            Ok(Box::new(vm))
        }
        infrastructure => Err(CreateError::Infrastructure { infrastructure }),
    }
}

/// Refuses a configuration for VMs that are not of this process.
///
/// # Errors
///
/// [`CreateError::VmType`] for VMs of an XCP-ng host.
pub fn check_type(config: &Config) -> Result<(), CreateError> {
    match config.vm_type {
        None | Some(VmType::Basic) => Ok(()),
        Some(vm_type) => Err(CreateError::VmType { vm_type }),
    }
}
