//! What a daemon does with a request: all of it but sockets, signals and time tables.

mod life;
mod read;
mod recover;
mod run;
mod slot;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bioxen_core::{CancelToken, Clock, VmError, VmId};
use bioxen_hypervisor::package::{LibraryError, PackageLibrary};
use bioxen_hypervisor::{BasicBiologicalVm, Hypervisor};
use bioxen_resources::{AlertChange, ImageStore, Monitor};
use parking_lot::{Mutex, RwLock};

use self::slot::Slot;
use super::keep::{Change, Keep};
use super::ops::Operations;
use super::{DaemonError, DaemonOptions};
use crate::frame::OpId;
use crate::local::Place;
use crate::message::{
    Answer, Event, EventNumber, Message, MessageError, Refusal, Request, UnixMillis, VmRequest,
};

/// The VMs of a state folder, and what is asked of them.
///
/// Locks are taken in this order, and none of the later ones is held while an earlier one is waited for: the work of a VM, its life, its images, the table, what is kept.
#[derive(Debug)]
pub(crate) struct Engine {
    options: DaemonOptions,
    place: Place,
    hypervisor: Hypervisor,
    library: PackageLibrary,
    images: ImageStore,
    table: RwLock<BTreeMap<VmId, Arc<Slot>>>,
    keep: Mutex<Keep>,
    events: Mutex<Events>,
    operations: Operations,
    monitor: Mutex<Monitor>,
    clock: Arc<dyn Clock>,
    wall: fn() -> SystemTime,
    /// Time on the wall when the clock showed nothing.
    origin: SystemTime,
    /// It is ending: what begins now is cut short at once.
    closing: AtomicBool,
}

/// Events that happened and are not in the journal yet.
#[derive(Debug)]
struct Events {
    next: u64,
    waiting: Vec<Event>,
}

impl Events {
    /// So many wait at most before they are written, and so many numbers are left out when a daemon that was killed is started again: nobody has seen another event under a number.
    const MOST_WAITING: usize = 512;
}

/// What an operation came to.
pub(crate) struct Outcome {
    pub(crate) answer: Message,
    pub(crate) effect: Effect,
}

/// What an operation means for the connection that asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing was done.
    Refused,
    /// It was done.
    Done,
    /// The daemon is to end.
    Ends,
}

/// A connection, by a number that no other one of this daemon has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Client(pub(crate) u64);

/// Operations that are under way at most; one more is refused.
const MOST_OPERATIONS: usize = 512;

/// The daemon has as much to do as it takes.
#[derive(Debug, thiserror::Error)]
#[error("{MOST_OPERATIONS} operations are under way")]
struct Busy;

impl Engine {
    /// Does what an operation asks for; one that was done before answers what it answered then.
    pub(crate) fn answer(
        &self,
        client: Client,
        op: OpId,
        message: Message,
        cancel: &CancelToken,
    ) -> Outcome {
        let request = match Request::decode(message) {
            Ok(request) => request,
            Err(error) => return refused(Refusal::bad_request(&error)),
        };
        let Some(_under_way) = self.operations.begin(op, MOST_OPERATIONS) else {
            let busy = backend("the daemon is busy", Busy);
            return refused(Refusal::new(&busy).or_hint(Some("ask again in a moment")));
        };
        let effect = match request {
            Request::ShutDown => Effect::Ends,
            _ => Effect::Done,
        };
        let stored = self.keep.lock().answer(op).cloned();
        let answer = match stored {
            Some(answer) => Ok(answer),
            None => self.perform(op, &request, cancel),
        };
        match answer {
            Ok(answer) => {
                self.note_owner(client, &request);
                Outcome { answer, effect }
            }
            Err(error) => refused(Refusal::new(&error).or_hint(deep_hint(&error).as_deref())),
        }
    }

    /// A VM that a client set going is its own, until somebody else has a hand in its life.
    fn note_owner(&self, client: Client, request: &Request) {
        let Request::Vm { vm, ask } = request else {
            return;
        };
        let owner = match ask {
            VmRequest::Start | VmRequest::Resume => Some(client),
            VmRequest::Pause | VmRequest::Stop => None,
            _ => return,
        };
        if let Ok(slot) = self.slot(vm) {
            *slot.set_going_by.lock() = owner;
        }
    }

    /// Things that change the VM are kept before they are answered; the answer is then kept too.
    fn perform(
        &self,
        op: OpId,
        request: &Request,
        cancel: &CancelToken,
    ) -> Result<Message, VmError> {
        match request {
            Request::Create { spec, packages } => self.create(op, spec, packages),
            Request::List => encode(&Answer::Vms(self.hypervisor.statuses())),
            Request::Vm { vm, ask } => self.ask(op, vm, ask, cancel),
            Request::Events { since, limit } => encode(&self.events_since(*since, *limit)),
            Request::Information => encode(&Answer::Information(self.information())),
            // Whoever serves the connection ends the daemon once this is answered.
            Request::ShutDown => encode(&Answer::Done),
        }
    }

    /// Ends the work that is under way, and what begins from now on.
    pub(crate) fn cut_short(&self) {
        self.closing.store(true, Ordering::SeqCst);
        for slot in self.table.read().values() {
            slot.cancel();
        }
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Keeps every cell as it is.
    pub(crate) fn close(&self) -> Result<(), VmError> {
        let kept: Vec<_> = self.ids().iter().map(|id| self.checkpoint(id)).collect();
        self.gather_alerts();
        self.note(None, "ended", "every cell is kept");
        self.flush()?;
        kept.into_iter().collect()
    }

    fn slot(&self, id: &VmId) -> Result<Arc<Slot>, VmError> {
        let slot = self.table.read().get(id).cloned();
        slot.ok_or_else(|| VmError::NotFound { id: id.clone() })
    }

    /// Once one of its locks is held: the slot is still that of the VM, and not of one of the same name that is gone.
    fn check_current(&self, id: &VmId, slot: &Arc<Slot>) -> Result<(), VmError> {
        let now = self.slot(id)?;
        if Arc::ptr_eq(&now, slot) {
            Ok(())
        } else {
            Err(VmError::NotFound { id: id.clone() })
        }
    }

    fn vm(&self, id: &VmId) -> Result<BasicBiologicalVm, VmError> {
        self.hypervisor.open(id)
    }

    pub(crate) fn ids(&self) -> Vec<VmId> {
        self.table.read().keys().cloned().collect()
    }

    pub(crate) fn options(&self) -> &DaemonOptions {
        &self.options
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    fn wall_now(&self) -> UnixMillis {
        unix((self.wall)())
    }

    /// Notes what happened; it is in the journal at the next change or tick.
    pub(crate) fn note(&self, vm: Option<&VmId>, kind: &str, text: &str) {
        // Whoever reads the log of a process slowly must not hold up what it does: what happens at every request is in the journal alone.
        tracing::debug!(vm = vm.map(VmId::as_str), kind, "{text}");
        let mut events = self.events.lock();
        let number = EventNumber::new(events.next);
        events.next += 1;
        events.waiting.push(Event {
            number,
            at: self.wall_now(),
            vm: vm.cloned(),
            kind: kind.to_owned(),
            text: text.replace(char::is_control, " "),
        });
    }

    /// Commits changes with the events that wait, which stay when that fails.
    fn commit(&self, mut changes: Vec<Change>) -> Result<(), VmError> {
        let mut keep = self.keep.lock();
        let mut events = self.events.lock();
        let waiting = std::mem::take(&mut events.waiting);
        changes.extend(waiting.iter().cloned().map(Change::Event));
        if changes.is_empty() {
            return Ok(());
        }
        keep.commit(changes).map_err(|error| {
            // The oldest go first when nothing can be written for a long time.
            let surplus = waiting.len().saturating_sub(Events::MOST_WAITING);
            events.waiting = waiting.into_iter().skip(surplus).collect();
            unkept(error)
        })
    }

    /// Writes what waits, and the journal anew when that is due, which also makes room in it.
    pub(crate) fn flush(&self) -> Result<(), VmError> {
        let tidied = self.keep.lock().tidy().map_err(unkept);
        self.commit(Vec::new()).and(tidied)
    }

    /// Notes alerts that the monitor raised.
    pub(crate) fn gather_alerts(&self) {
        let alerts = self.monitor.lock().alerts().clone();
        for alert in alerts.try_iter() {
            let kind = match alert.change {
                AlertChange::Raised => "alert",
                AlertChange::Cleared => "alert over",
            };
            self.note(Some(&alert.vm), kind, &alert.to_string());
        }
    }
}

/// Opens the engine of a state folder, whose lock the caller holds.
pub(crate) fn open(
    options: DaemonOptions,
    place: Place,
    clock: Arc<dyn Clock>,
    wall: fn() -> SystemTime,
) -> Result<Engine, DaemonError> {
    recover::open(options, place, clock, wall)
}

fn refused(refusal: Refusal) -> Outcome {
    let answer = Answer::Refused(refusal).encode();
    Outcome {
        answer: answer.expect("a refusal is clipped to a fraction of an answer"),
        effect: Effect::Refused,
    }
}

fn encode(answer: &Answer) -> Result<Message, VmError> {
    answer
        .encode()
        .map_err(|error: MessageError| backend("the answer cannot be sent", error))
}

fn backend(
    context: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> VmError {
    VmError::Backend {
        context,
        source: Box::new(source),
    }
}

fn unkept(error: impl std::error::Error + Send + Sync + 'static) -> VmError {
    backend(
        "it could not be brought to the disk, and was taken back",
        error,
    )
}

/// The advice of the errors of the hypervisor that are causes here.
fn deep_hint(error: &VmError) -> Option<String> {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    for cause in causes {
        if let Some(error) = cause.downcast_ref::<LibraryError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<bioxen_hypervisor::InstallError>() {
            return Some(error.hint());
        }
        if cause.is::<run::TooManyReadings>() {
            return Some("run it in several parts, or read it less often".to_owned());
        }
        if let Some(error) = cause.downcast_ref::<super::journal::JournalError>() {
            return error.hint();
        }
    }
    None
}

pub(super) fn unix(time: SystemTime) -> UnixMillis {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    UnixMillis::new(u64::try_from(millis).unwrap_or(u64::MAX))
}
