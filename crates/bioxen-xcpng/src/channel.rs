//! A pool that answers as an agent does: what is asked of a VM goes to the agent in its guest, and its life is played in the pool.
//!
//! So whatever drives the VMs of an agent drives those of a pool, verb by verb, without knowing.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bioxen_agent::{
    Answer, Channel, Created, Inspection, Request, VmRequest, may_be_answered_elsewhere,
};
use bioxen_core::{Infrastructure, VmError, VmEvent, VmId, VmState, VmStatus};

use self::events::Events;
use self::line::Line;
use self::plan::Plan;
use self::rest::Rested;
use crate::pool::{Guest, XcpngError, XcpngPool};
use crate::xapi::{PowerState, VmRecord};

mod events;
mod life;
mod line;
mod plan;
mod rest;

pub use plan::{XcpngBiologicalVm, plan_vm};

/// How a pool is met, the first time that something is asked of it; if that fails, it is met the next time.
type Connect = Box<dyn FnMut() -> Result<XcpngPool, XcpngError> + Send>;

/// A [`Channel`] whose other end is a pool.
///
/// It does one thing at a time; clones of the pool have channels of their own.
pub struct PoolChannel {
    met: Met,
    plan: Option<Plan>,
    lines: BTreeMap<VmId, Line>,
    /// How cells were when they were stopped, for as long as this program lives.
    rested: BTreeMap<VmId, Rested>,
    events: Events,
    begun: Duration,
}

enum Met {
    NotYet(Connect),
    Yes(XcpngPool),
}

impl PoolChannel {
    /// A channel to a pool that is connected.
    pub fn new(pool: XcpngPool) -> Self {
        let begun = pool.xapi().timer().now();
        Self {
            begun,
            ..Self::of(Met::Yes(pool), None)
        }
    }

    fn of(met: Met, plan: Option<Plan>) -> Self {
        Self {
            met,
            plan,
            lines: BTreeMap::new(),
            rested: BTreeMap::new(),
            events: Events::default(),
            begun: Duration::ZERO,
        }
    }

    /// The pool, met if it was not yet.
    fn pool(&mut self) -> Result<&XcpngPool, VmError> {
        if let Met::NotYet(connect) = &mut self.met {
            let pool = connect().map_err(|error| error.into_vm_error("the pool cannot be used"))?;
            self.begun = pool.xapi().timer().now();
            self.met = Met::Yes(pool);
        }
        match &self.met {
            Met::Yes(pool) => Ok(pool),
            Met::NotYet(_) => Err(refused("the pool was not met")),
        }
    }

    fn ask(&mut self, vm: &VmId, ask: &VmRequest) -> Result<Answer, VmError> {
        if let Some(plan) = self.plan.take_if(|plan| plan.id() == vm) {
            return self.ask_planned(plan, ask);
        }
        match ask {
            VmRequest::Start => self.start(vm),
            VmRequest::Stop => self.stop(vm),
            VmRequest::Destroy => self.destroy(vm),
            VmRequest::Resume => self.resume(vm),
            VmRequest::Status => {
                let inspection = self.inspect(vm)?;
                Ok(Answer::Status(Box::new(inspection.status)))
            }
            VmRequest::Inspect => Ok(Answer::Inspection(Box::new(self.inspect(vm)?))),
            other => self.forward(vm, other),
        }
    }

    /// Asks the agent of a guest, or what is remembered of one that is off.
    fn forward(&mut self, vm: &VmId, ask: &VmRequest) -> Result<Answer, VmError> {
        // A line that is there spares the pool a question; if its guest is off, it breaks.
        if !self.lines.contains_key(vm) {
            let (guest, record) = self.guest(vm)?;
            match record.power_state {
                PowerState::Running => {}
                // A cell that has not begun is put into its guest, which is brought up for that.
                PowerState::Halted if matches!(ask, VmRequest::Restore(_)) => {
                    let kept = guest.kept(&record).map_err(unkept)?;
                    if kept.status.state != VmState::Created {
                        return self.ask_rested(&guest, &record, ask);
                    }
                    return self.put_into(&guest, ask);
                }
                _ => return self.ask_rested(&guest, &record, ask),
            }
        }
        self.ask_agent(vm, ask)
    }

    /// Asks the agent of a guest that runs.
    fn ask_agent(&mut self, vm: &VmId, ask: &VmRequest) -> Result<Answer, VmError> {
        let request = Request::Vm {
            vm: vm.clone(),
            ask: ask.clone(),
        };
        let answer = self.line(vm)?.call(&request);
        if matches!(&answer, Err(error) if may_be_answered_elsewhere(error)) {
            // There is no other connection: the guest may be off, or another one by now.
            self.lines.remove(vm);
        }
        answer
    }

    /// The connection to the agent of a guest, made if there is none.
    fn line(&mut self, vm: &VmId) -> Result<&mut Line, VmError> {
        let limit = self.pool()?.options().limits.reconnect;
        self.line_within(vm, limit)
    }

    fn line_within(&mut self, vm: &VmId, limit: Duration) -> Result<&mut Line, VmError> {
        if !self.lines.contains_key(vm) {
            let (guest, _) = self.guest(vm)?;
            let pool = self.pool()?.clone();
            let reached = pool.reconnect(&guest, limit);
            let reached = reached.map_err(|e| e.into_vm_error("the guest cannot be reached"))?;
            self.lines
                .insert(vm.clone(), Line::new(pool, guest, reached));
        }
        self.lines
            .get_mut(vm)
            .ok_or_else(|| VmError::NotFound { id: vm.clone() })
    }

    fn guests(&mut self) -> Result<Vec<(Guest, VmRecord)>, VmError> {
        let guests = self.pool()?.guests();
        guests.map_err(|error| error.into_vm_error("the VMs of the pool cannot be read"))
    }

    fn guest(&mut self, vm: &VmId) -> Result<(Guest, VmRecord), VmError> {
        let guest = self.pool()?.guest(vm);
        guest.map_err(|error| error.into_vm_error("the VM cannot be read"))
    }

    fn inspect(&mut self, vm: &VmId) -> Result<Inspection, VmError> {
        let (guest, record) = self.guest(vm)?;
        self.inspection(&guest, &record)
    }

    /// All about a VM: from its agent if it runs, and else what the pool keeps of it.
    fn inspection(&mut self, guest: &Guest, record: &VmRecord) -> Result<Inspection, VmError> {
        let mut inspection = guest.kept(record).map_err(unkept)?;
        let kept = inspection.status.state;
        inspection.status.state = match record.power_state {
            PowerState::Running => {
                let look = self.pool()?.options().limits.look;
                let reached = self.line_within(&guest.id, look).map(drop);
                let asked = reached.and_then(|()| self.ask_agent(&guest.id, &VmRequest::Inspect));
                match asked {
                    Ok(Answer::Inspection(found)) => {
                        inspection = *found;
                        inspection.status.infrastructure = Infrastructure::Xcpng;
                        inspection.status.state
                    }
                    // The guest runs, and its cell was not made yet.
                    Ok(_) | Err(VmError::NotFound { .. }) if kept == VmState::Created => kept,
                    Ok(_) | Err(VmError::NotFound { .. }) => VmState::Error,
                    Err(VmError::Cancelled) => return Err(VmError::Cancelled),
                    Err(error) => {
                        // What is known stays: that nobody answers does not say that nothing runs.
                        let watcher = self.pool()?.options().watcher.clone();
                        let because = std::error::Error::source(&error)
                            .map_or_else(|| error.to_string(), ToString::to_string);
                        watcher.note(&format!("{} does not answer: {because}", guest.id));
                        kept
                    }
                }
            }
            PowerState::Suspended | PowerState::Paused => VmState::Paused,
            // Nobody stopped it: its guest is off all the same.
            PowerState::Halted if matches!(kept, VmState::Running | VmState::Paused) => {
                self.lines.remove(&guest.id);
                VmState::Error
            }
            PowerState::Halted => kept,
        };
        Ok(inspection)
    }
}

impl Channel for PoolChannel {
    fn call(&mut self, request: &Request) -> Result<Answer, VmError> {
        match request {
            Request::Create { spec, packages } => {
                let plan = Plan::new(spec.clone(), packages.clone());
                let guest = self.create(&plan)?;
                tracing::debug!(uuid = %guest.uuid, "created");
                Ok(Answer::Created(Box::new(Created {
                    status: plan.status(),
                    notice: plan.notice(),
                    packages: Vec::new(),
                })))
            }
            Request::List => {
                let guests = self.guests()?;
                let mut all = Vec::with_capacity(guests.len());
                for (guest, record) in &guests {
                    all.push(self.inspection(guest, record)?.status);
                }
                Ok(Answer::Vms(all))
            }
            Request::Vm { vm, ask } => self.ask(vm, ask),
            Request::Events { since, limit } => self.events(*since, *limit),
            Request::Information => self.information(),
            Request::ShutDown => Err(refused("a pool cannot be ended from here")),
        }
    }
}

impl fmt::Debug for PoolChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolChannel")
            .field("lines", &self.lines.keys())
            .finish_non_exhaustive()
    }
}

/// A step of the life of a VM, judged by the state that it is in.
fn judge(status: &VmStatus, event: VmEvent) -> Result<VmState, VmError> {
    Ok(status.state.apply(event)?)
}

fn unkept(error: XcpngError) -> VmError {
    error.into_vm_error("what the pool keeps of the VM cannot be read")
}

fn refused(why: &'static str) -> VmError {
    VmError::Backend {
        context: why,
        source: "its VMs are stopped and removed one by one".into(),
    }
}
