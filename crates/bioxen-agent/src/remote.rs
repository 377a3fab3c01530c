//! Biological VMs that an agent computes, driven through messages.

use std::fmt::Debug;
use std::sync::Arc;

use bioxen_core::{PackageName, VmError, VmId, VmSpec, VmStatus};
use parking_lot::Mutex;

use self::error::{only, outcome};
use crate::message::{
    Answer, Created, Event, EventNumber, Information, PageSize, Request, VmRequest,
};

mod client;
mod error;
mod link;
mod under_way;
mod verbs;
mod vm;

pub use client::{ClientChannel, may_be_answered_elsewhere};
pub use error::AnswerError;
pub use under_way::UnderWay;
pub use vm::RemoteVm;

/// Whatever brings a request to an agent and its answer back.
pub trait Channel: Send + Debug {
    /// Asks and waits for the answer, which may be that the agent refuses.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] if no answer came, [`VmError::Cancelled`] if the request was called off.
    fn call(&mut self, request: &Request) -> Result<Answer, VmError>;
}

type SharedChannel = Arc<Mutex<Box<dyn Channel>>>;

/// A handle of an agent; clones and the VMs that it gives out share its channel.
///
/// A channel does one thing at a time: what is asked while another call waits for its answer, such as a long process, waits too.
/// Who does not want that opens a second connection.
///
/// ```no_run
/// use bioxen_agent::{ClientChannel, RemoteHypervisor};
/// use bioxen_core::{BiologicalVm, SimSpan, VmError, VmSpec};
///
/// fn one_hour(channel: ClientChannel, spec: &VmSpec) -> Result<(), VmError> {
///     let hypervisor = RemoteHypervisor::new(channel);
///     let (mut vm, _) = hypervisor.create(spec, &[])?;
///     vm.start()?;
///     vm.advance(SimSpan::from_micros(3_600_000_000))?;
///     vm.destroy()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RemoteHypervisor {
    channel: SharedChannel,
}

impl RemoteHypervisor {
    /// The agent at the other end of a channel.
    pub fn new(channel: impl Channel + 'static) -> Self {
        Self {
            channel: Arc::new(Mutex::new(Box::new(channel))),
        }
    }

    /// Makes a VM and gives it packages of the agent.
    ///
    /// # Errors
    ///
    /// [`VmError::AlreadyExists`], [`VmError::AtpExceeded`] and the like as the agent refuses it, and what the channel reports.
    pub fn create(
        &self,
        spec: &VmSpec,
        packages: &[PackageName],
    ) -> Result<(RemoteVm, Created), VmError> {
        let request = Request::Create {
            spec: spec.clone(),
            packages: packages.to_vec(),
        };
        let created = *self.ask(&request, only!(Answer::Created))?;
        Ok((self.vm(&created.status), created))
    }

    /// A handle of a VM that the agent has.
    ///
    /// # Errors
    ///
    /// [`VmError::NotFound`] if it has none of that name, and what the channel reports.
    pub fn open(&self, id: &VmId) -> Result<RemoteVm, VmError> {
        let request = Request::Vm {
            vm: id.clone(),
            ask: VmRequest::Status,
        };
        let status = self.ask(&request, only!(Answer::Status))?;
        Ok(self.vm(&status))
    }

    /// How all VMs are, in the order of their names.
    ///
    /// # Errors
    ///
    /// What the agent or the channel reports.
    pub fn statuses(&self) -> Result<Vec<VmStatus>, VmError> {
        self.ask(&Request::List, only!(Answer::Vms))
    }

    /// What happened after an event, the oldest first.
    ///
    /// # Errors
    ///
    /// What the agent or the channel reports.
    pub fn events(&self, since: EventNumber, limit: PageSize) -> Result<Vec<Event>, VmError> {
        self.ask(&Request::Events { since, limit }, only!(Answer::Events))
    }

    /// What the agent is.
    ///
    /// # Errors
    ///
    /// What the agent or the channel reports.
    pub fn information(&self) -> Result<Information, VmError> {
        self.ask(&Request::Information, only!(Answer::Information))
    }

    /// Has the agent save all VMs and end.
    ///
    /// # Errors
    ///
    /// What the agent or the channel reports.
    pub fn shut_down(&self) -> Result<(), VmError> {
        self.ask(&Request::ShutDown, |answer| {
            matches!(answer, Answer::Done).then_some(())
        })
    }

    /// A handle of a VM whose status is known; nothing is asked.
    pub fn vm(&self, status: &VmStatus) -> RemoteVm {
        RemoteVm::new(Arc::clone(&self.channel), status)
    }

    fn ask<T>(
        &self,
        request: &Request,
        take: impl FnOnce(Answer) -> Option<T>,
    ) -> Result<T, VmError> {
        let answer = self.channel.lock().call(request)?;
        outcome(request, answer, take)
    }
}

#[cfg(test)]
mod tests;
