//! From a specification to a VM that answers the verbs.

use std::sync::Arc;

use bioxen_config::VmType;
use bioxen_core::{BiologicalVm, Infrastructure, SpecError, VmError, VmSpec};
use bioxen_hypervisor::package::LibraryError;
use bioxen_hypervisor::{Hypervisor, HypervisorConfig, HypervisorError};
use thiserror::Error;

use crate::clock::SystemClock;

/// Makes a VM on a host of its own, with the default chassis and the clock of the system.
///
/// The host lives as long as the VM. VMs that shall share a host are made with [`create_bio_vm_on`].
///
/// ```
/// use bioxen::{Organism, Pacing, Seed, SimSpan, VmId, VmSpec, create_bio_vm};
///
/// let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(7))
///     .atp("60%".parse()?)
///     .pacing(Pacing::Manual)
///     .build()?;
/// let mut vm = create_bio_vm(spec)?;
/// vm.start()?;
/// let time = vm.advance("10s".parse::<SimSpan>()?)?;
/// assert_eq!(time.seconds(), 10.0);
/// assert!(vm.biological_metrics()?.energy_charge > 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`CreateError`] if the host cannot be set up, or if it refuses the VM; then nothing is left of it.
pub fn create_bio_vm(spec: VmSpec) -> Result<Box<dyn BiologicalVm>, CreateError> {
    let clock = Arc::new(SystemClock::new());
    let host = Hypervisor::new(HypervisorConfig::default(), clock)?;
    create_bio_vm_on(&host, spec)
}

/// Makes a VM on a host that is there already.
///
/// # Errors
///
/// [`CreateError::Vm`] if the host refuses the VM; then nothing is left of it.
pub fn create_bio_vm_on(
    host: &Hypervisor,
    spec: VmSpec,
) -> Result<Box<dyn BiologicalVm>, CreateError> {
    match spec.infrastructure() {
        Infrastructure::Basic => Ok(Box::new(host.create(&spec)?)),
        infrastructure => Err(CreateError::Infrastructure { infrastructure }),
    }
}

/// Why a VM was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The host could not be set up.
    #[error("the host could not be set up")]
    Host(#[from] HypervisorError),
    /// The host refused the VM.
    #[error(transparent)]
    Vm(#[from] VmError),
    /// The configuration names no organism.
    #[error("the configuration does not say of which organism the cell is")]
    NoOrganism,
    /// The configuration is for VMs that are not of this process.
    #[error(
        "the configuration is for VMs of the type {vm_type}, which are not made in this process"
    )]
    VmType {
        /// The type.
        vm_type: VmType,
    },
    /// The specification is not one.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A package of the configuration cannot be had.
    #[error("a package of the configuration cannot be had")]
    Package(#[from] LibraryError),
    /// The VM was to run elsewhere than in this process.
    #[error("a VM on {infrastructure} is not made in this process")]
    Infrastructure {
        /// What it was to run on.
        infrastructure: Infrastructure,
    },
}

impl CreateError {
    /// What to do about it, where the cause does not say so itself.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Host(_) | Self::Package(_) => None,
            Self::NoOrganism => Some("add organism: syn3a, ecoli or minimal_cell".to_owned()),
            Self::VmType { .. } => Some(format!(
                "use vm_type: {}, or plan a VM in a pool by plan_configured_vm (feature xcpng)",
                VmType::Basic
            )),
            Self::Spec(refused) => refused.hint(),
            Self::Vm(refused) => refused.hint(),
            Self::Infrastructure { .. } => Some(format!(
                "use {}, or plan a VM in a pool by plan_configured_vm or plan_vm (feature xcpng)",
                Infrastructure::Basic
            )),
        }
    }
}
