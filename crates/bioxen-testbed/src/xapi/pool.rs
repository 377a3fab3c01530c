//! The pool as a state machine: calls and time go in, answers come out. It has no threads and no clock of its own.

mod build;
mod call;
mod census;
mod date;
mod disk;
mod dispatch;
mod event;
mod filter;
mod generic;
mod guest;
mod host;
mod interface;
mod job;
mod session;
mod task;
mod view;
mod vm;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use build::BuildError;
pub use census::{Census, Changed};
pub use view::VmView;

use super::failure::Failure;
use super::fault::{Delivery, Fault, Plan};
use super::guests::{Guests, NoGuests};
use super::spec::{GuestSpec, Timings};
use super::store::Store;
use super::value::Value;
use super::wire::{self, Malformed};
use event::EventWait;
use guest::Domain;
use job::Job;
use session::SessionLife;

/// A pool of hosts, as its clients see it.
///
/// Every call says what time it is; time never goes backward.
/// What takes time is done when [`Pool::advance`] or another call reaches that time; [`Pool::wake`] says when that is.
#[derive(Debug)]
pub struct Pool {
    store: Store,
    now: Duration,
    epoch: u64,
    timings: Timings,
    user: String,
    password: String,
    ballooning: bool,
    hosts: Vec<Node>,
    master: usize,
    sessions: BTreeMap<String, SessionLife>,
    jobs: BTreeMap<u64, Job>,
    dues: BTreeMap<(Duration, u64), Due>,
    numbers: u64,
    answers: BTreeMap<Ticket, Vec<u8>>,
    event_waits: BTreeMap<Ticket, EventWait>,
    /// Domains by VM; a VM that is off has none.
    domains: BTreeMap<String, Domain>,
    /// What the guest of a VM does, by VM.
    habits: BTreeMap<String, GuestSpec>,
    guests: Box<dyn Guests>,
    plan: Plan,
    initial: census::Initial,
    /// Tasks that are over, oldest first.
    finished_tasks: Vec<String>,
    /// Tasks that are to be removed once they are over.
    doomed_tasks: BTreeSet<String>,
}

/// A host of the pool.
#[derive(Debug)]
struct Node {
    reference: String,
    address: String,
    /// What it answers to everything, such as while it boots.
    refuses: Option<Failure>,
    certificate: String,
}

/// The claim to an answer that is not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What comes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The answer.
    pub answer: Answer,
    /// How it is to be delivered.
    pub delivery: Delivery,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The body of the response.
    Now(Vec<u8>),
    /// [`Pool::take`] will have it.
    Later(Ticket),
    /// There will be none.
    Never,
}

/// What is due at a time.
#[derive(Clone, Debug)]
enum Due {
    /// A job goes on.
    Job(u64),
    /// A failure is told, such as of a wrong password.
    Tell(Ticket, Failure),
    /// An answer is there.
    Deliver(Ticket, Vec<u8>),
    /// A call that waits for events has waited enough.
    EventsOver(Ticket),
    /// A guest gets its empty record.
    GuestEmpty(String, i64),
    /// The drivers of a guest report.
    GuestDrivers(String, i64),
    /// The agent of a guest reports addresses.
    GuestAddress(String, i64),
    /// A guest powers itself off.
    GuestOff(String, i64),
    /// The disks of a VM are detached.
    Detach(String),
    /// A task has been over for long.
    Reap(String),
}

impl Pool {
    /// Takes a request that a host received.
    ///
    /// # Errors
    ///
    /// The body is no call; the server answers it with a page of status 500.
    pub fn handle(
        &mut self,
        now: Duration,
        host: usize,
        body: &[u8],
    ) -> Result<Exchange, Malformed> {
        self.advance(now);
        let call = wire::read_call(body)?;
        let fault = self.plan.draw(&call.name);
        let exchange = self.exchange(host, &call, fault);
        self.serve_event_waits();
        Ok(exchange)
    }

    /// The fault that a new connection to a host meets, if any: it may be refused, or met by a wrong certificate.
    pub fn connect(&mut self) -> Option<Fault> {
        self.plan.draw_connection()
    }

    /// Lets everything happen that is due up to a time.
    pub fn advance(&mut self, now: Duration) {
        while let Some(entry) = self.dues.first_entry() {
            let at = entry.key().0;
            if at > now {
                break;
            }
            let due = entry.remove();
            self.now = self.now.max(at);
            self.happen(due);
            self.serve_event_waits();
        }
        self.now = self.now.max(now);
        self.expire_sessions();
    }

    /// When something happens without a call; `None` if nothing does.
    pub fn wake(&self) -> Option<Duration> {
        self.dues.keys().next().map(|(at, _)| *at)
    }

    /// Takes an answer that was promised, once it is there.
    pub fn take(&mut self, ticket: Ticket) -> Option<Vec<u8>> {
        self.answers.remove(&ticket)
    }

    /// Lets time pass until an answer is there, but not beyond a limit; it gives the time, too.
    ///
    /// This is how a client that plays in virtual time waits; what else is due meanwhile happens.
    pub fn wait_for(&mut self, ticket: Ticket, limit: Duration) -> (Duration, Option<Vec<u8>>) {
        loop {
            if let Some(body) = self.take(ticket) {
                return (self.now, Some(body));
            }
            match self.wake() {
                Some(at) if at <= limit => self.advance(at),
                _ => {
                    self.advance(limit);
                    return (self.now, None);
                }
            }
        }
    }

    /// Says that nobody waits for an answer any more; what was asked for goes on.
    pub fn give_up(&mut self, ticket: Ticket) {
        self.answers.remove(&ticket);
        self.event_waits.remove(&ticket);
        for job in self.jobs.values_mut() {
            job.forget_ticket(ticket);
        }
    }

    /// Replaces the faults to come.
    pub fn set_plan(&mut self, plan: Plan) {
        self.plan = plan;
    }

    /// The faults, with what was drawn of them.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Replaces what brings up the guests.
    pub fn set_guests(&mut self, guests: impl Guests + 'static) {
        self.guests = Box::new(guests);
    }

    /// Makes another host the master; the old one becomes a member.
    pub fn set_master(&mut self, host: usize) {
        let Some(node) = self.hosts.get(host) else {
            return;
        };
        let reference = node.reference.clone();
        self.master = host;
        for pool in self.store.all("pool") {
            // The pool has a master, whatever happens.
            let _ = self.store.set("pool", &pool, "master", reference.as_str());
        }
    }

    /// Makes a host answer everything with an error, such as `HOST_STILL_BOOTING`; an empty code ends that.
    pub fn set_host_refuses(&mut self, host: usize, code: &str, params: &[&str]) {
        if let Some(node) = self.hosts.get_mut(host) {
            node.refuses = (!code.is_empty()).then(|| Failure::new(code, params.iter().copied()));
        }
    }

    /// Says what `host.get_server_certificate` answers for a host, in PEM.
    pub fn set_host_certificate(&mut self, host: usize, pem: &str) {
        if let Some(node) = self.hosts.get_mut(host) {
            pem.clone_into(&mut node.certificate);
        }
    }

    /// Number of hosts.
    pub fn host_count(&self) -> usize {
        self.hosts.len()
    }

    /// The address that a host has in the pool.
    pub fn host_address(&self, host: usize) -> Option<&str> {
        self.hosts.get(host).map(|node| node.address.as_str())
    }

    /// Number of sessions that are open.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// Ends all sessions at once, as a restart of the toolstack does; tasks that are not over stay pending for ever.
    pub fn restart_toolstack(&mut self) {
        for session in self.sessions.keys().cloned().collect::<Vec<_>>() {
            self.end_session(&session);
        }
        for number in self.jobs.keys().copied().collect::<Vec<_>>() {
            self.abandon(number);
        }
        self.serve_event_waits();
    }

    fn exchange(&mut self, host: usize, call: &wire::Call, fault: Option<Fault>) -> Exchange {
        let delivery = fault.as_ref().map_or(Delivery::Whole, Fault::delivery);
        let answer = match &fault {
            Some(fault) if !fault.runs() => self.answer_instead(call, fault),
            _ => self.answer(host, call, fault.as_ref()),
        };
        Exchange { answer, delivery }
    }

    /// The answer of a fault that keeps the call from running.
    fn answer_instead(&mut self, call: &wire::Call, fault: &Fault) -> Answer {
        let session = match call.args.first() {
            Some(wire::Arg::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let failure = match fault {
            Fault::Error { code, params } => Failure::new(code, params.clone()),
            Fault::SessionInvalid => {
                if self.sessions.contains_key(&session) {
                    self.end_session(&session);
                }
                Failure::session(&session)
            }
            Fault::HostIsSlave { master } => Failure::new("HOST_IS_SLAVE", [master.as_str()]),
            _ => return Answer::Never,
        };
        Answer::Now(wire::failure(&failure))
    }

    /// Has an answer come later, if a fault wants it.
    fn delay(&mut self, answer: Answer, fault: Option<&Fault>) -> Answer {
        match (answer, fault) {
            (Answer::Now(body), Some(Fault::Slow(span))) => {
                let ticket = self.ticket();
                self.due_in(*span, Due::Deliver(ticket, body));
                Answer::Later(ticket)
            }
            (answer, _) => answer,
        }
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Job(number) => self.go_on(number),
            Due::Tell(ticket, failure) => {
                self.answers.insert(ticket, wire::failure(&failure));
            }
            Due::Deliver(ticket, body) => {
                self.answers.insert(ticket, body);
            }
            Due::EventsOver(ticket) => self.end_event_wait(ticket),
            Due::GuestEmpty(vm, domain) => self.guest_empty(&vm, domain),
            Due::GuestDrivers(vm, domain) => self.guest_drivers(&vm, domain),
            Due::GuestAddress(vm, domain) => self.guest_address(&vm, domain),
            Due::GuestOff(vm, domain) => self.guest_off(&vm, domain),
            Due::Detach(vm) => self.detach_disks(&vm),
            Due::Reap(task) => self.reap(&task),
        }
    }

    fn due_in(&mut self, span: Duration, due: Due) {
        let number = self.number();
        self.dues
            .insert((self.now.saturating_add(span), number), due);
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn ticket(&mut self) -> Ticket {
        Ticket(self.number())
    }

    /// The date of now.
    fn date(&self) -> Value {
        Value::Date(date::format(self.epoch.saturating_add(self.now.as_secs())))
    }
}

impl Default for Box<dyn Guests> {
    fn default() -> Self {
        Box::new(NoGuests::default())
    }
}

#[cfg(test)]
mod tests;
