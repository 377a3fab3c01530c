//! The two kinds of VMs, and the hosts that they live on.

use std::sync::Arc;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    BiologicalVm, Infrastructure, Organism, Pacing, PackageName, RibosomeCount, Seed, VmId, VmSpec,
};
use bioxen_hypervisor::{Hypervisor, HypervisorConfig};
use bioxen_xcpng::{XcpngPool, plan_vm};

use crate::pool::bed::Bed;

/// Where a cell is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In this process.
    Basic,
    /// In a guest of a pool.
    Xcpng,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Basic, Self::Xcpng];

    pub(super) fn infrastructure(self) -> Infrastructure {
        match self {
            Self::Basic => Infrastructure::Basic,
            Self::Xcpng => Infrastructure::Xcpng,
        }
    }
}

/// A host of either kind.
pub(super) struct Hosts {
    pub(super) hypervisor: Hypervisor,
    pub(super) pool: XcpngPool,
    pub(super) bed: Bed,
}

impl Hosts {
    pub(super) fn up() -> Self {
        let bed = Bed::up();
        let clock = Arc::new(ManualClock::new());
        Self {
            hypervisor: Hypervisor::new(HypervisorConfig::default(), clock).expect("threads"),
            pool: bed.connect(),
            bed,
        }
    }

    /// Logs out, and finds the pool as it was.
    #[track_caller]
    pub(super) fn end(self) {
        let Self { pool, bed, .. } = self;
        drop(pool);
        bed.assert_clean();
    }

    /// A VM that is new, with packages from its first moment on.
    pub(super) fn vm(
        &self,
        kind: Kind,
        spec: VmSpec,
        packages: &[PackageName],
    ) -> Box<dyn BiologicalVm> {
        match kind {
            Kind::Basic => {
                let mut vm = self.hypervisor.create(&spec).expect("there is room");
                for package in packages {
                    vm.install_biological_package(package).expect("it fits");
                }
                Box::new(vm)
            }
            Kind::Xcpng => {
                let pool = self.pool.clone();
                Box::new(plan_vm(move || Ok(pool.clone()), spec, packages.to_vec()))
            }
        }
    }
}

/// A cell that moves only when it is told to, the same one each time.
pub(super) fn spec(name: &str, organism: Organism) -> VmSpec {
    let id = VmId::new(name).expect("a plain name");
    VmSpec::builder(id, organism, Seed::new(2026))
        .infrastructure(Infrastructure::Basic)
        .ribosomes(RibosomeCount::new(8))
        .pacing(Pacing::Manual)
        .build()
        .expect("no rule is broken")
}
