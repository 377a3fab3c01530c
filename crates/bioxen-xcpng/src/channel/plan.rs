//! A VM of which nothing is in a pool yet.

use bioxen_agent::{Answer, RemoteHypervisor, RemoteVm, VmRequest};
use bioxen_core::{Notice, PackageName, RibosomeUnit, VmError, VmId, VmSpec, VmState, VmStatus};

use super::rest::refusal;
use super::{Met, PoolChannel, life::Undo};
use crate::pool::{XcpngError, XcpngPool, planned_status};

/// What is to be made.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) spec: VmSpec,
    pub(super) packages: Vec<PackageName>,
}

impl Plan {
    pub(super) fn new(spec: VmSpec, packages: Vec<PackageName>) -> Self {
        Self { spec, packages }
    }

    pub(super) fn id(&self) -> &VmId {
        self.spec.id()
    }

    /// How it is before it begins.
    pub(super) fn status(&self) -> VmStatus {
        planned_status(&self.spec)
    }

    /// More than a full grant is clamped, as everywhere.
    pub(super) fn notice(&self) -> Option<Notice> {
        let (asked, granted) = (self.spec.ribosomes(), self.status().quota.ribosomes);
        let is_clamped = self.spec.ribosome_unit() == RibosomeUnit::Share && asked != granted;
        is_clamped.then_some(Notice::RibosomesClamped { asked, granted })
    }
}

/// A biological VM inside an XCP-ng VM.
///
/// It answers all verbs of [`BiologicalVm`](bioxen_core::BiologicalVm); to plan one sends no byte, and its start makes the VM in the pool and boots it.
/// A stop shuts the VM down, and its destruction removes it from the pool.
pub type XcpngBiologicalVm = RemoteVm;

/// Plans a biological VM; the pool is met when it is started, and again if that failed and it is started another time.
///
/// ```no_run
/// use bioxen_core::{BiologicalVm, VmError, VmSpec};
/// use bioxen_xcpng::{XcpngOptions, XcpngPool, plan_vm};
///
/// fn one_minute(options: XcpngOptions, spec: VmSpec) -> Result<(), VmError> {
///     let mut vm = plan_vm(move || XcpngPool::connect(options.clone()), spec, Vec::new());
///     vm.start()?;
///     vm.advance("1min".parse().expect("a span"))?;
///     vm.destroy()
/// }
/// ```
pub fn plan_vm(
    connect: impl FnMut() -> Result<XcpngPool, XcpngError> + Send + 'static,
    spec: VmSpec,
    packages: Vec<PackageName>,
) -> XcpngBiologicalVm {
    let plan = Plan::new(spec, packages);
    let status = plan.status();
    let channel = PoolChannel::of(Met::NotYet(Box::new(connect)), Some(plan));
    RemoteHypervisor::new(channel).vm(&status)
}

impl PoolChannel {
    /// What is asked of a VM that is planned; it is put back unless it is made or given up.
    pub(super) fn ask_planned(&mut self, plan: Plan, ask: &VmRequest) -> Result<Answer, VmError> {
        match ask {
            VmRequest::Start => {
                let made = self.create(&plan).and_then(|guest| {
                    // Whoever starts it for the first time has nothing of it yet, and shall have nothing if that fails.
                    self.start_as(&guest, Undo::Destroy)
                });
                if made.is_err() {
                    self.plan = Some(plan);
                }
                made
            }
            VmRequest::Destroy => Ok(Answer::Done),
            VmRequest::Status => {
                let status = plan.status();
                self.plan = Some(plan);
                Ok(Answer::Status(Box::new(status)))
            }
            other => {
                let (id, organism) = (plan.id().clone(), plan.spec.organism());
                self.plan = Some(plan);
                Err(refusal(id, organism, VmState::Created, other))
            }
        }
    }
}
