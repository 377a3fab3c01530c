//! Work that takes time, with a task that tells of it.

use std::time::Duration;

use super::call::Request;
use super::vm::Work;
use super::{Answer, Due, Pool, Ticket};
use crate::xapi::failure::Failure;
use crate::xapi::fault::Fault;
use crate::xapi::value::{NULL, Value};
use crate::xapi::wire;

/// What came of a step of a call.
#[derive(Debug)]
pub(super) enum Step {
    /// It is over.
    Done(Value),
    /// There is work that takes time.
    Work {
        takes: Duration,
        work: Work,
        /// VMs that have the task among their current operations.
        locked: Vec<String>,
    },
    /// The answer comes by its own way.
    Later(Ticket),
}

/// A call that is being worked on.
#[derive(Debug)]
pub(super) struct Job {
    request: Request,
    /// The reference of its task, which only exists if the call was asynchronous.
    pub(super) task: String,
    ticket: Option<Ticket>,
    state: State,
    locked: Vec<String>,
    cancelled: bool,
    /// The task is never told the end.
    mute: bool,
    slow: Duration,
    started: Duration,
    takes: Duration,
    gives_up: Duration,
}

#[derive(Debug)]
enum State {
    /// It waits for its VM.
    Queued,
    Working(Work),
    /// All is done but telling.
    Ending(Result<Value, Failure>),
}

impl Job {
    pub(super) fn forget_ticket(&mut self, ticket: Ticket) {
        if self.ticket == Some(ticket) {
            self.ticket = None;
        }
    }
}

impl Pool {
    /// Finished tasks that are kept.
    const TASKS_KEPT: usize = 200;

    pub(super) fn start_job(&mut self, request: Request, fault: Option<&Fault>) -> Answer {
        let (task, ticket) = if request.is_async {
            (self.create_task(&request.label(), ""), None)
        } else {
            let uuid = self.store.random().uuid();
            let task = format!("DummyRef:|{uuid}|{}", request.label());
            (Ok(task), Some(self.ticket()))
        };
        let task = match task {
            Ok(task) => task,
            Err(failure) => return Answer::Now(wire::failure(&failure)),
        };
        let first_answer = ticket.is_none().then(|| {
            let reference = Value::from(task.as_str());
            Answer::Now(wire::success(&reference))
        });
        if matches!(fault, Some(Fault::TaskPending { done: false })) {
            return first_answer.unwrap_or(Answer::Never);
        }
        let number = self.number();
        let job = Job {
            request,
            task,
            ticket,
            state: State::Queued,
            locked: Vec::new(),
            cancelled: false,
            mute: matches!(fault, Some(Fault::TaskPending { done: true })),
            slow: match fault {
                Some(Fault::Slow(span)) => *span,
                _ => Duration::ZERO,
            },
            started: self.now,
            takes: Duration::ZERO,
            gives_up: self.now.saturating_add(self.timings.lock_wait),
        };
        self.jobs.insert(number, job);
        self.go_on(number);
        match (first_answer, ticket) {
            (Some(answer), _) => answer,
            (None, Some(ticket)) => match self.answers.remove(&ticket) {
                Some(body) => Answer::Now(body),
                None => Answer::Later(ticket),
            },
            (None, None) => Answer::Never,
        }
    }

    /// Takes the next step of a job.
    pub(super) fn go_on(&mut self, number: u64) {
        let Some(mut job) = self.jobs.remove(&number) else {
            return;
        };
        let (step, first) = match std::mem::replace(&mut job.state, State::Queued) {
            _ if job.cancelled => {
                let cancelled = Failure::new("TASK_CANCELLED", [job.task.as_str()]);
                (Err(cancelled), false)
            }
            State::Queued => (self.begin(&job.request, &job.task), true),
            State::Working(work) => (self.finish(work, &job.task), false),
            State::Ending(result) => (result.map(Step::Done), false),
        };
        match step {
            Ok(Step::Work {
                takes,
                work,
                locked,
            }) => {
                job.takes = takes + std::mem::take(&mut job.slow);
                job.started = self.now;
                job.state = State::Working(work);
                job.locked.extend(locked);
                self.due_in(job.takes, Due::Job(number));
                self.jobs.insert(number, job);
            }
            Err(failure)
                if first
                    && failure.code == "OTHER_OPERATION_IN_PROGRESS"
                    && self.now < job.gives_up =>
            {
                let (low, high) = self.timings.lock_retry;
                let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
                let pause = self.store.random().between(nanos(low), nanos(high));
                let left = job.gives_up - self.now;
                self.due_in(
                    Duration::from_nanos(pause.max(1)).min(left),
                    Due::Job(number),
                );
                self.jobs.insert(number, job);
            }
            Ok(Step::Done(value)) => self.end_job(number, job, first, Ok(value)),
            Ok(Step::Later(_)) => {
                let failure = Failure::internal("this call cannot be a task");
                self.end_job(number, job, first, Err(failure));
            }
            Err(failure) => self.end_job(number, job, first, Err(failure)),
        }
    }

    fn end_job(&mut self, number: u64, mut job: Job, first: bool, end: Result<Value, Failure>) {
        if first && (job.request.is_async || !job.slow.is_zero()) {
            // A task is seen pending at least for a moment.
            let takes = self.timings.least + std::mem::take(&mut job.slow);
            job.state = State::Ending(end);
            job.takes = takes;
            self.due_in(takes, Due::Job(number));
            self.jobs.insert(number, job);
            return;
        }
        self.unlock(&job.locked, &job.task);
        if job.request.is_async && !job.mute {
            self.end_task(&job.task, &end);
        } else if self.doomed_tasks.remove(&job.task) {
            // Who wanted it gone does not ask how it ended.
            let _ = self.store.remove("task", &job.task);
        }
        if let Some(ticket) = job.ticket {
            let body = match &end {
                Ok(value) => wire::success(value),
                Err(failure) => wire::failure(failure),
            };
            self.answers.insert(ticket, body);
        }
    }

    /// Forgets a job without telling its task.
    pub(super) fn abandon(&mut self, number: u64) {
        let Some(job) = self.jobs.remove(&number) else {
            return;
        };
        self.unlock(&job.locked, &job.task);
        if let Some(ticket) = job.ticket {
            let failure = Failure::internal("the toolstack was restarted");
            self.answers.insert(ticket, wire::failure(&failure));
        }
    }

    /// Asks the job of a task to stop; it does soon.
    pub(super) fn cancel_job(&mut self, task: &str) -> Result<(), Failure> {
        let found = self.jobs.iter_mut().find(|(_, job)| job.task == task);
        let Some((&number, job)) = found else {
            return Err(Failure::not_allowed("the task cannot be cancelled"));
        };
        let can = match &job.state {
            State::Queued => true,
            State::Working(work) => work.can_be_cancelled(),
            State::Ending(_) => false,
        };
        if !can {
            return Err(Failure::not_allowed("the task cannot be cancelled"));
        }
        job.cancelled = true;
        self.due_in(self.timings.least, Due::Job(number));
        Ok(())
    }

    /// Whether a task would heed a request to stop.
    pub(super) fn is_cancellable(&self, task: &str) -> bool {
        self.jobs.values().any(|job| {
            job.task == task
                && !job.cancelled
                && match &job.state {
                    State::Queued => true,
                    State::Working(work) => work.can_be_cancelled(),
                    State::Ending(_) => false,
                }
        })
    }

    /// How far the job of a task is, from 0 to 1.
    pub(super) fn progress(&self, task: &str) -> Option<f64> {
        let job = self.jobs.values().find(|job| job.task == task)?;
        if job.takes.is_zero() {
            return Some(0.0);
        }
        let part = (self.now.saturating_sub(job.started)).as_secs_f64() / job.takes.as_secs_f64();
        // It is coarse, and 1 only at the end.
        Some((part * 10.0).floor().clamp(0.0, 9.0) / 10.0)
    }

    /// Adds a task to the current operations of a VM.
    pub(super) fn lock(&mut self, vm: &str, task: &str, operation: &str) -> Result<(), Failure> {
        let mut operations = self.store.map("VM", vm, "current_operations")?;
        operations.insert(task.to_owned(), Value::from(operation));
        self.store.set("VM", vm, "current_operations", operations)?;
        self.refresh_vm(vm);
        Ok(())
    }

    /// Removes a task from the current operations of VMs that are still there.
    pub(super) fn unlock(&mut self, vms: &[String], task: &str) {
        for vm in vms {
            if let Ok(mut operations) = self.store.map("VM", vm, "current_operations") {
                operations.remove(task);
                let _ = self.store.set("VM", vm, "current_operations", operations);
                let _ = self
                    .store
                    .set("VM", vm, "scheduled_to_be_resident_on", NULL);
                self.refresh_vm(vm);
            }
        }
        self.refresh_hosts();
    }

    /// Notes that a task is over, and forgets the oldest of too many.
    pub(super) fn note_finished(&mut self, task: &str) {
        self.finished_tasks.push(task.to_owned());
        self.due_in(self.timings.task_life, Due::Reap(task.to_owned()));
        if self.finished_tasks.len() > Self::TASKS_KEPT {
            let oldest = self.finished_tasks.remove(0);
            let _ = self.store.remove("task", &oldest);
        }
    }
}
