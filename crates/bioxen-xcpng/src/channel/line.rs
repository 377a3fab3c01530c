//! The connection to the agent of one guest, made anew when it breaks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bioxen_agent::{
    Answer, Channel, Client, ClientChannel, OpId, Request, UnderWay, VmRequest, draw_op,
    may_be_answered_elsewhere,
};
use bioxen_core::VmError;

use crate::pool::{Guest, Reachable, XcpngPool};
use crate::ssh::Control;
use crate::wait::Deadline;

pub(crate) struct Line {
    pool: XcpngPool,
    guest: Guest,
    channel: ClientChannel,
    control: Control,
    under_way: UnderWay,
}

impl Line {
    pub(crate) fn new(pool: XcpngPool, guest: Guest, reached: Reachable) -> Self {
        let Reachable {
            client, control, ..
        } = reached;
        let under_way = UnderWay::default();
        Self {
            pool,
            guest,
            channel: channel(client, &under_way),
            control,
            under_way,
        }
    }

    /// Asks, and asks again under the same name when the connection breaks: what was done is not done twice.
    pub(super) fn call(&mut self, request: &Request) -> Result<Answer, VmError> {
        let op = draw_op();
        let first = self.once(op, request);
        match first {
            Err(broken) if may_be_answered_elsewhere(&broken) && !is_last(request) => {
                self.again(broken)?;
                self.once(op, request)
            }
            first => first,
        }
    }

    fn once(&mut self, op: OpId, request: &Request) -> Result<Answer, VmError> {
        let timer = self.pool.xapi().timer();
        let limit = limit(request, &self.pool);
        self.control.set_deadline(Some(Deadline::new(
            "the answer of the agent",
            limit,
            &**timer,
        )));
        if is_long(request) {
            let under_way = self.under_way.clone();
            let ask = Arc::new(move || under_way.cancel());
            let limit = self.pool.options().limits.cancel;
            self.control.set_parting(Some((ask, limit)));
        }
        let answer = self.channel.ask_as(op, request);
        self.control.set_parting(None);
        self.control.set_deadline(None);
        if self.pool.options().cancel.is_cancelled() && answer.is_err() && is_harmless(request) {
            return Err(VmError::Cancelled);
        }
        answer
    }

    /// Another connection; if there is none, the first failure is what counts.
    fn again(&mut self, broken: VmError) -> Result<(), VmError> {
        let limits = self.pool.options().limits;
        match self.pool.reconnect(&self.guest, limits.reconnect) {
            Ok(Reachable {
                client, control, ..
            }) => {
                self.channel = channel(client, &self.under_way);
                self.control = control;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(vm = %self.guest.id, %error, "there is no other connection");
                Err(broken)
            }
        }
    }
}

impl Channel for Line {
    fn call(&mut self, request: &Request) -> Result<Answer, VmError> {
        Self::call(self, request)
    }
}

fn channel(client: Client, under_way: &UnderWay) -> ClientChannel {
    ClientChannel::new(client, draw_op).known_to(under_way)
}

/// A request after which nobody is there to be asked again.
fn is_last(request: &Request) -> bool {
    matches!(request, Request::ShutDown)
}

/// Whether nothing is lost if it is not known what became of a request.
fn is_harmless(request: &Request) -> bool {
    match request {
        Request::List | Request::Events { .. } | Request::Information => true,
        Request::Create { .. } | Request::ShutDown => false,
        Request::Vm { ask, .. } => matches!(
            ask,
            VmRequest::Status
                | VmRequest::Metrics
                | VmRequest::Usage
                | VmRequest::Available
                | VmRequest::Save
                | VmRequest::EssentialGenes
                | VmRequest::Packages
                | VmRequest::PlasmidCount
                | VmRequest::Inspect
                | VmRequest::History(_)
        ),
    }
}

/// Whether the answer takes as long as a cell is computed; if that is called off, the agent is told, and says how far it came.
fn is_long(request: &Request) -> bool {
    matches!(
        request,
        Request::Vm {
            ask: VmRequest::Execute { .. } | VmRequest::Advance(_) | VmRequest::Run { .. },
            ..
        }
    )
}

/// How long an answer may take.
fn limit(request: &Request, pool: &XcpngPool) -> Duration {
    let limits = pool.options().limits;
    if is_long(request) {
        limits.computing
    } else {
        limits.request
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("guest", &self.guest)
            .finish_non_exhaustive()
    }
}
