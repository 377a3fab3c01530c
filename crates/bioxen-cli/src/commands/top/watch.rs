//! Looks at the VMs of a daemon or of a pool, one after the other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bioxen::agent::{Answer, Channel, Event, EventNumber, PageSize, Place, Request, VmRequest};
use bioxen::xcpng::{PoolChannel, Watcher, XcpngOptions, XcpngPool};
use bioxen::{
    CancelToken, Clock, GrowthPhase, Organism, OrganismMetrics, ResourceUsage, SimTime,
    SystemClock, VmError, VmId, VmState, VmStatus,
};

use crate::commands::vm::session::{connect_within, is_late};
use crate::failure::Failure;
use crate::output::top::{Look, Seen};

/// A daemon that does not answer a question of the table in this time is not waited for.
const ANSWER: Duration = Duration::from_secs(5);

/// A cell that does not say in this time in which phase it is belongs to somebody else, such as a process.
const PHASE: Duration = Duration::from_millis(300);

/// Time between two questions for the phase of a cell: they touch the cell.
const PHASE_EVERY: Duration = Duration::from_secs(5);

/// Time after which a cell is asked again that did not answer.
const PHASE_AGAIN: Duration = Duration::from_secs(60);

/// Alerts that are kept for the view.
const ALERTS: usize = 20;

/// Whose VMs are looked at.
#[derive(Debug)]
pub(super) enum Owner {
    /// Those of the daemon of a state folder.
    Daemon(Place),
    /// Those of a pool.
    Pool(XcpngPool),
}

/// The view says by itself what does not answer.
#[derive(Debug)]
struct Silent;

impl Watcher for Silent {}

impl Owner {
    /// Logs in to a pool.
    pub(super) fn pool(mut options: XcpngOptions, cancel: &CancelToken) -> Result<Self, Failure> {
        options.watcher = Arc::new(Silent);
        // A guest that does not answer is not waited for as long as by who asks it alone.
        options.limits.look = ANSWER;
        options.limits.reconnect = ANSWER;
        options.cancel = cancel.clone();
        Ok(Self::Pool(XcpngPool::connect(options)?))
    }

    /// A connection, on which an answer of a daemon that takes longer than this breaks it; those of a pool have limits of their own.
    fn connect(&self, limit: Duration) -> Result<Box<dyn Channel>, Failure> {
        Ok(match self {
            Self::Daemon(place) => Box::new(connect_within(place, limit)?),
            Self::Pool(pool) => Box::new(PoolChannel::new(pool.clone())),
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Daemon(place) => place.state().display().to_string(),
            Self::Pool(pool) => format!("pool {}", pool.xapi().endpoint().host()),
        }
    }
}

/// What is remembered from look to look.
#[derive(Debug)]
pub(super) struct Watch {
    owner: Owner,
    clock: SystemClock,
    line: Option<Box<dyn Channel>>,
    /// For questions that may have to wait for a cell.
    patient: Option<Box<dyn Channel>>,
    before: BTreeMap<VmId, (Duration, SimTime)>,
    phases: BTreeMap<VmId, Phase>,
    since: EventNumber,
    alerts: VecDeque<Event>,
    counts: BTreeMap<VmId, u64>,
}

/// The last known phase of a cell, and when it is asked again.
#[derive(Clone, Copy, Debug, Default)]
struct Phase {
    known: Option<GrowthPhase>,
    due: Duration,
}

impl Watch {
    pub(super) fn new(owner: Owner) -> Self {
        Self {
            owner,
            clock: SystemClock::new(),
            line: None,
            patient: None,
            before: BTreeMap::new(),
            phases: BTreeMap::new(),
            since: EventNumber::NONE,
            alerts: VecDeque::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Looks at all VMs now.
    pub(super) fn look(&mut self) -> Result<Look, Failure> {
        let looked = self.try_look();
        if looked.is_err() {
            // What is left of an answer would be taken for the next one.
            self.line = None;
        }
        looked
    }

    fn try_look(&mut self) -> Result<Look, Failure> {
        let statuses = match self.ask(&Request::List)? {
            Answer::Vms(statuses) => statuses,
            other => return Err(unexpected(&Request::List, other)),
        };
        let now = self.clock.now();
        let mut usages = Vec::with_capacity(statuses.len());
        for status in &statuses {
            usages.push(self.usage(&status.id)?);
        }
        self.gather_alerts()?;
        let vms = statuses.into_iter().zip(usages);
        let vms: Vec<Seen> = vms
            .map(|(status, usage)| self.seen(status, usage, now))
            .collect();
        self.before = vms
            .iter()
            .map(|seen| (seen.status.id.clone(), (now, seen.status.sim_time)))
            .collect();
        self.phases.retain(|id, _| self.before.contains_key(id));
        Ok(Look {
            folder: self.owner.name(),
            vms,
            alerts: self.alerts.iter().cloned().collect(),
            trouble: None,
        })
    }

    fn seen(&mut self, status: VmStatus, usage: Option<ResourceUsage>, now: Duration) -> Seen {
        let before = self.before.get(&status.id);
        Seen {
            speed: before.and_then(|(then, time)| speed(*time, status.sim_time, *then, now)),
            phase: self.phase(&status, now),
            alerts: self.counts.get(&status.id).copied().unwrap_or(0),
            usage,
            status,
        }
    }

    /// `None` if the VM has none at hand.
    fn usage(&mut self, id: &VmId) -> Result<Option<ResourceUsage>, Failure> {
        let request = Request::Vm {
            vm: id.clone(),
            ask: VmRequest::Usage,
        };
        match self.ask(&request) {
            Ok(Answer::Usage(usage)) => Ok(Some(*usage)),
            Ok(Answer::Refused(_)) => Ok(None),
            // A guest that is off, or does not answer, is no trouble of the others.
            Err(Failure::Vm(_)) if matches!(self.owner, Owner::Pool(_)) => Ok(None),
            answer => Err(unexpected(&request, answer?)),
        }
    }

    fn gather_alerts(&mut self) -> Result<(), Failure> {
        loop {
            let request = Request::Events {
                since: self.since,
                limit: PageSize::MAX,
            };
            let page = match self.ask(&request)? {
                Answer::Events(page) => page,
                other => return Err(unexpected(&request, other)),
            };
            let Some(last) = page.last() else {
                return Ok(());
            };
            self.since = last.number;
            for event in page {
                let Some(vm) = event.vm.clone() else { continue };
                // How many alerts are on, of the VM that has this name now.
                match event.kind.as_str() {
                    "alert" => {
                        *self.counts.entry(vm).or_default() += 1;
                        self.alerts.push_back(event);
                    }
                    "alert over" => {
                        let count = self.counts.entry(vm).or_default();
                        *count = count.saturating_sub(1);
                    }
                    "created" | "destroyed" => {
                        self.counts.remove(&vm);
                    }
                    _ => {}
                }
            }
            let surplus = self.alerts.len().saturating_sub(ALERTS);
            self.alerts.drain(..surplus);
        }
    }

    /// The growth phase, if cells of the organism have one; now and then it is asked for.
    fn phase(&mut self, status: &VmStatus, now: Duration) -> Option<GrowthPhase> {
        if status.organism != Organism::Ecoli || matches!(self.owner, Owner::Pool(_)) {
            return None;
        }
        let last = self.phases.get(&status.id).copied().unwrap_or_default();
        if now < last.due || matches!(status.state, VmState::Error | VmState::Destroyed) {
            return last.known;
        }
        let next = match self.ask_phase(&status.id) {
            Ok(phase) => Phase {
                known: phase.or(last.known),
                due: now.saturating_add(PHASE_EVERY),
            },
            Err(_) => {
                self.patient = None;
                Phase {
                    due: now.saturating_add(PHASE_AGAIN),
                    ..last
                }
            }
        };
        self.phases.insert(status.id.clone(), next);
        next.known
    }

    fn ask_phase(&mut self, id: &VmId) -> Result<Option<GrowthPhase>, Failure> {
        let patient = match &mut self.patient {
            Some(line) => line,
            none => none.insert(self.owner.connect(PHASE)?),
        };
        let request = Request::Vm {
            vm: id.clone(),
            ask: VmRequest::Metrics,
        };
        Ok(match patient.call(&request)? {
            Answer::Metrics(metrics) => match metrics.organism {
                OrganismMetrics::Ecoli(cell) => Some(cell.growth_phase),
                _ => None,
            },
            _ => None,
        })
    }

    fn ask(&mut self, request: &Request) -> Result<Answer, Failure> {
        let line = match &mut self.line {
            Some(line) => line,
            none => none.insert(self.owner.connect(ANSWER)?),
        };
        line.call(request).map_err(|error| match is_late(&error) {
            true => Failure::Silent { limit: ANSWER },
            false => error.into(),
        })
    }
}

/// Simulated time over time on the wall; a VM that was put back has none.
fn speed(from: SimTime, to: SimTime, then: Duration, now: Duration) -> Option<f64> {
    let wall = now.checked_sub(then)?.as_secs_f64();
    let simulated = to.since(from)?.seconds();
    (wall > 0.0).then(|| simulated / wall)
}

/// Why an answer that is none to the question cannot be used.
fn unexpected(request: &Request, answer: Answer) -> Failure {
    match answer {
        Answer::Refused(refusal) => VmError::from(refusal).into(),
        other => Failure::OtherAnswer {
            asked: request.verb(),
            answered: other.kind(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bioxen::SimTime;

    use super::speed;

    #[test]
    fn the_speed_is_simulated_over_real_time() {
        let (at, time) = (Duration::from_secs, |s: u64| {
            SimTime::from_micros(s * 1_000_000)
        });
        assert_eq!(speed(time(10), time(70), at(1), at(3)), Some(30.0));
        assert_eq!(speed(time(10), time(10), at(1), at(3)), Some(0.0));
        assert_eq!(
            speed(time(10), time(5), at(1), at(3)),
            None,
            "it was put back"
        );
        assert_eq!(speed(time(10), time(11), at(3), at(3)), None);
    }
}
