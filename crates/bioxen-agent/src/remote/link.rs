//! What the handle of a VM and its probe share.

use std::sync::atomic::{AtomicBool, Ordering};

use bioxen_core::{Organism, Probe, ResourceUsage, VmError, VmId, VmState, VmStatus};
use parking_lot::Mutex;

use super::SharedChannel;
use super::error::outcome;
use crate::message::{Answer, Request, VmRequest};

/// One VM at the other end of a channel.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: VmId,
    pub(super) organism: Organism,
    channel: SharedChannel,
    last_status: Mutex<VmStatus>,
    last_usage: Mutex<Option<ResourceUsage>>,
    /// Set once it is destroyed: another VM may have its name then.
    gone: AtomicBool,
}

impl Link {
    pub(super) fn new(status: VmStatus, channel: SharedChannel) -> Self {
        Self {
            id: status.id.clone(),
            organism: status.organism,
            channel,
            last_status: Mutex::new(status),
            last_usage: Mutex::new(None),
            gone: AtomicBool::new(false),
        }
    }

    pub(super) fn ask<T>(
        &self,
        ask: VmRequest,
        take: impl FnOnce(Answer) -> Option<T>,
    ) -> Result<T, VmError> {
        if self.is_gone() {
            let id = self.id.clone();
            return Err(VmError::NotFound { id });
        }
        let request = self.request(ask);
        let answer = self.channel.lock().call(&request)?;
        self.remember(&answer);
        outcome(&request, answer, take)
    }

    pub(super) fn done(&self, ask: VmRequest) -> Result<(), VmError> {
        self.ask(ask, |answer| matches!(answer, Answer::Done).then_some(()))
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    pub(super) fn leave(&self) {
        self.gone.store(true, Ordering::Release);
    }

    fn request(&self, ask: VmRequest) -> Request {
        let vm = self.id.clone();
        Request::Vm { vm, ask }
    }

    /// How it was when that was last told, with the end of its life since.
    pub(super) fn last_status(&self) -> VmStatus {
        let mut status = self.last_status.lock().clone();
        if self.is_gone() {
            status.state = VmState::Destroyed;
        }
        status
    }

    fn remember(&self, answer: &Answer) {
        let status = match answer {
            Answer::Status(status) => Some(&**status),
            Answer::Inspection(inspection) => Some(&inspection.status),
            _ => None,
        };
        if let Some(status) = status {
            *self.last_status.lock() = status.clone();
        }
        let usage = match answer {
            Answer::Usage(usage) => Some(&**usage),
            Answer::Inspection(inspection) => inspection.usage.as_ref(),
            _ => None,
        };
        if let Some(usage) = usage {
            *self.last_usage.lock() = Some(usage.clone());
        }
    }
}

impl Probe for Link {
    fn id(&self) -> &VmId {
        &self.id
    }

    /// Asks the agent for the usage that it published last, which costs one round trip and does not touch the cell.
    ///
    /// While the channel is in use, when the agent cannot be asked, and when the VM is gone, this is what the last answer brought; its time tells how old that is.
    fn usage(&self) -> Option<ResourceUsage> {
        if !self.is_gone()
            && let Some(mut channel) = self.channel.try_lock()
            && let Ok(answer) = channel.call(&self.request(VmRequest::Usage))
        {
            self.remember(&answer);
        }
        self.last_usage.lock().clone()
    }
}
