//! Ctrl-C as a flag: a run ends after whole steps and keeps what it has.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bioxen::{BasicBiologicalVm, BiologicalVm, CancelToken};

use crate::failure::Failure;

/// Whether the person asked to stop; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    token: CancelToken,
    /// The VM whose process does not look at the flag by itself.
    busy: Arc<Mutex<Option<BasicBiologicalVm>>>,
}

impl Interrupt {
    /// Takes over SIGINT, SIGTERM and SIGHUP of this process.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let interrupt = Self {
            token: CancelToken::new(),
            busy: Arc::default(),
        };
        let raised = interrupt.clone();
        ctrlc::set_handler(move || {
            raised.token.cancel();
            raised.stop_busy();
        })
        .map_err(|source| Failure::Signals { source })?;
        Ok(interrupt)
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.token.is_cancelled()
    }

    /// What a watcher of a long operation answers.
    pub(crate) fn flow(&self) -> ControlFlow<()> {
        if self.is_raised() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Does something that only stopping this VM can end early.
    pub(crate) fn while_busy<R>(&self, vm: BasicBiologicalVm, work: impl FnOnce() -> R) -> R {
        *self.busy() = Some(vm);
        // The flag may have been raised just before the VM was named.
        if self.is_raised() {
            self.stop_busy();
        }
        let result = work();
        *self.busy() = None;
        result
    }

    fn stop_busy(&self) {
        if let Some(vm) = self.busy().as_mut() {
            // A VM that is stopped already is as good.
            let _ = vm.stop();
        }
    }

    fn busy(&self) -> MutexGuard<'_, Option<BasicBiologicalVm>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
