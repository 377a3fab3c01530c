//! A cell goes to a guest, is worked on, and comes back.

use std::collections::BTreeMap;

use bioxen_agent::{RemoteHypervisor, RemoteVm};
use bioxen_core::{BiologicalVm, VmError, VmId, VmImage};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::{Computed, Job, Outcome, Work};

/// Cells that a guest keeps for the next work on them, at most: they take memory there.
const KEPT: usize = 64;

/// The cells that a guest has, each with the state in which it is known to be there.
#[derive(Debug, Default)]
pub(super) struct CellCopies(Mutex<BTreeMap<VmId, Option<[u8; 32]>>>);

impl CellCopies {
    /// Has a cell worked on by the agent of a guest.
    pub(super) fn compute(&self, agent: &RemoteHypervisor, job: &Job) -> Result<Computed, VmError> {
        let id = job.spec.id();
        let mut vm = self.put(agent, job)?;
        let outcome = match &job.work {
            Work::Run { goal, sampling } => Outcome::Ran(vm.run(*goal, *sampling)?),
            Work::Execute { code, limits } => {
                Outcome::Process(vm.execute_within(code, Some(*limits))?)
            }
        };
        let image = vm.save()?;
        if self.0.lock().len() > KEPT {
            vm.destroy()?;
            self.0.lock().remove(id);
        } else {
            self.0.lock().insert(id.clone(), Some(digest(&image)));
        }
        Ok(Computed { image, outcome })
    }

    /// The VM of a cell in the guest, made if the guest has none in this state.
    fn put(&self, agent: &RemoteHypervisor, job: &Job) -> Result<RemoteVm, VmError> {
        let id = job.spec.id();
        // Until the work is done, nobody knows in which state it is there.
        let known = self.0.lock().insert(id.clone(), None);
        match known {
            Some(state) if state == Some(digest(&job.image)) => return agent.open(id),
            Some(_) => match agent.open(id).and_then(|mut vm| vm.destroy()) {
                Ok(()) | Err(VmError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            },
            None => {}
        }
        let (mut vm, _) = agent.create(&job.spec, &[])?;
        vm.restore(&job.image)?;
        vm.start()?;
        Ok(vm)
    }
}

fn digest(image: &VmImage) -> [u8; 32] {
    Sha256::digest(image.as_bytes()).into()
}
