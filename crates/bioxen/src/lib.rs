//! BioXen: a hypervisor for cells.
//!
//! A *biological VM* is one bacterial cell, simulated gene by gene from a real genome, that runs under two enforced quotas: a share of its ATP regeneration and a share of its ribosomes.
//! Three organisms are known, each an [`Organism`]: JCVI-syn3A, *E. coli* K-12 MG1655 and a hypothetical minimal cell; [`OrganismMetrics`] has what each of them reports, and [`VmError::Unsupported`] answers what its biology does not offer.
//! This crate is the one entry: [`create_bio_vm`] makes a VM, [`BiologicalVm`] is what it answers, [`SystemClock`] is the time that it follows, [`explain`] shows what went wrong.
//! Everything else is passed on from `bioxen-core`, the words, and `bioxen-hypervisor`, the cells and their host, and as modules from `bioxen-config`, [`config`], and `bioxen-resources`, [`resources`]; each can be used alone.
//! With the feature `xcpng`, `bioxen-xcpng` is passed on as a module too: the same VMs as guests of an XCP-ng pool, planned by `plan_configured_vm`.
//!
//! A configuration ([`config`]) becomes a host by [`host_config`] and VMs by [`vm_spec`] or [`create_configured_vm`].
//!
//! It refuses to hide anything: no global hypervisor, no seed from the clock, no configuration that is found by itself.
//!
//! # Example
//!
//! ```
//! use bioxen::{Organism, Pacing, Seed, SimSpan, VmId, VmSpec, create_bio_vm};
//!
//! let spec = VmSpec::builder(VmId::new("cell-1")?, Organism::Syn3a, Seed::new(1))
//!     .pacing(Pacing::Manual)
//!     .build()?;
//! let mut vm = create_bio_vm(spec)?;
//! vm.start()?;
//! vm.advance("1min".parse::<SimSpan>()?)?;
//! let usage = vm.resource_usage()?;
//! assert!(usage.ribosomes_translating <= usage.ribosome_cap);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod configured;
#[cfg(doctest)]
mod documented;
mod explain;
mod factory;
#[cfg(feature = "xcpng")]
mod pool;

pub use bioxen_core::*;
pub use bioxen_hypervisor::*;

pub use bioxen_agent as agent;
pub use bioxen_config as config;
pub use bioxen_resources as resources;
#[cfg(feature = "xcpng")]
pub use bioxen_xcpng as xcpng;

pub use clock::SystemClock;
pub use configured::{
    check_type, configured_packages, create_configured_vm, host_config, package_folders, vm_spec,
};
pub use explain::{Explanation, explain, hint_of};
pub use factory::{CreateError, create_bio_vm, create_bio_vm_on};
#[cfg(feature = "xcpng")]
pub use pool::{PoolConfigError, plan_configured_vm, pool_options};
