//! Operations in the background, from their start to their end.

use std::time::Duration;

use bioxen_agent::draw_op;
use bioxen_core::CancelToken;

use super::call::{Bounds, Repeat, understand};
use super::failure::Failure;
use super::session::Xapi;
use super::vm::gone;
use crate::error::XapiError;
use crate::journal::{Entry, Intent};
use crate::value::{Ref, Task, Value, ValueError};
use crate::wait::Deadline;

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskStatus {
    /// It runs.
    Pending,
    /// It is done.
    Success,
    /// It failed.
    Failure,
    /// It was asked to end.
    Cancelling,
    /// It ended because it was asked to.
    Cancelled,
}

impl TaskStatus {
    fn read(value: &Value) -> Result<Self, ValueError> {
        Ok(match value.as_text()? {
            "pending" => Self::Pending,
            "success" => Self::Success,
            "failure" => Self::Failure,
            "cancelling" => Self::Cancelling,
            "cancelled" => Self::Cancelled,
            _ => {
                return Err(ValueError {
                    path: String::new(),
                    wanted: "the status of a task",
                    found: "another text",
                });
            }
        })
    }
}

/// An operation in the background.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRecord {
    /// How far it is.
    pub status: TaskStatus,
    /// How far it is, from 0 to 1, coarsely.
    pub progress: f64,
    /// Its result, as text in which there is a value.
    pub result: String,
    /// Why it failed, code first.
    pub error_info: Vec<String>,
}

impl TaskRecord {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            status: record.required("status", TaskStatus::read)?,
            progress: record.optional("progress", Value::as_float)?,
            result: record.text("result")?,
            error_info: record.texts("error_info")?,
        })
    }
}

/// An operation that is to be run in the background.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    /// Its call, without `Async`.
    pub(super) call: &'static str,
    /// Its name in errors.
    pub(super) step: &'static str,
    /// What it may take.
    pub(super) limit: Duration,
}

impl Xapi {
    /// How often a task is looked at: at first, and at last.
    const POLL: (Duration, Duration) = (Duration::from_millis(25), Duration::from_secs(2));

    /// How often it is looked at when it was asked to end.
    const POLL_SETTLING: Duration = Duration::from_millis(100);

    /// What a call-off may take, the last calls and all.
    const CALL_OFF: Duration = Duration::from_millis(800);

    /// Runs an operation in the background until it ends.
    ///
    /// When its limit is near, or when it is called off, the operation is asked to end, and what it says then counts: it may have been done all the same.
    /// The task is removed whatever happens.
    pub(super) fn run(
        &self,
        operation: Operation,
        params: Vec<Value>,
        bounds: Bounds<'_>,
    ) -> Result<Value, XapiError> {
        let timer = &*self.shared.timer;
        let bounds = bounds.step(operation.step, operation.limit, timer);
        let left = bounds.check(timer)?;
        let method = format!("Async.{}", operation.call);
        let started = self.call(&method, params, Repeat::Never, bounds)?;
        // Without its name, the task cannot be followed, and what it does cannot be known.
        let task = understand(&method, &started, Value::as_ref)
            .map_err(|error| error.unknown(operation.call))?;
        let task = TaskGuard {
            xapi: self,
            entry: self.write_task(&task),
            task: Some(task),
        };
        let reserve = self.limits().settle.min(left / 5);
        match self.follow_task(&task, operation.call, reserve, bounds) {
            Ok(value) => {
                task.remove(bounds.deadline);
                Ok(value)
            }
            Err(Followed::Ended(error)) => {
                task.remove(bounds.deadline);
                Err(error)
            }
            Err(Followed::Lost) => {
                task.forget();
                Err(XapiError::TaskLost.unknown(operation.call))
            }
            Err(Followed::GaveUp(why)) => self.settle(task, operation.call, why, bounds),
        }
    }

    /// Writes a task down for as long as the server keeps it.
    fn write_task(&self, task: &Ref<Task>) -> Option<Entry> {
        let journal = self.shared.options.journal.as_ref()?;
        let intent = Intent::Task { task: task.clone() };
        journal
            .begin(draw_op(), &intent)
            .inspect_err(|error| tracing::warn!(%task, %error, "a task is not written down"))
            .ok()
    }

    /// Ends a task that was left, and removes it; one that is gone is removed already.
    ///
    /// What it does is called off, or waited for as long as the limit for settling says.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server cannot be asked.
    pub(crate) fn end_task(&self, task: &Ref<Task>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let timer = &*self.shared.timer;
        let settled = Deadline::new("the end of a task", self.limits().settle, timer);
        let mut asked = false;
        let mut pause = Self::POLL.0;
        loop {
            let params = vec![task.into()];
            let record = gone(self.ask("task.get_record", params, bounds, TaskRecord::read))?;
            let Some(record) = record else {
                return Ok(());
            };
            let goes_on = matches!(record.status, TaskStatus::Pending | TaskStatus::Cancelling);
            if !goes_on || settled.left(timer).is_err() {
                return gone(self.tell("task.destroy", vec![task.into()], bounds)).map(drop);
            }
            if !asked && let Err(error) = self.tell("task.cancel", vec![task.into()], bounds) {
                // It may have ended meanwhile, or be of a kind that cannot be ended.
                tracing::debug!(%task, %error, "the task was not asked to end");
            }
            asked = true;
            bounds.pause(pause, timer)?;
            pause = (pause * 2).min(Self::POLL.1);
        }
    }

    /// Looks at a task until it ends, or until there is reason to end it.
    fn follow_task(
        &self,
        task: &TaskGuard<'_>,
        call: &str,
        reserve: Duration,
        bounds: Bounds<'_>,
    ) -> Result<Value, Followed> {
        let timer = &*self.shared.timer;
        let mut pause = Self::POLL.0;
        loop {
            let left = bounds.check(timer).map_err(Followed::GaveUp)?;
            let left = left.saturating_sub(reserve);
            if left.is_zero() {
                return Err(Followed::GaveUp(XapiError::Overdue(
                    bounds.deadline.overdue(),
                )));
            }
            // The task of a short operation has ended by then.
            bounds
                .pause(pause.min(left), timer)
                .map_err(Followed::GaveUp)?;
            pause = (pause * 2).min(Self::POLL.1);
            match self.look(task, call, bounds) {
                Ok(None) => {}
                Ok(Some(value)) => return Ok(value),
                // The operation goes on without us: only its own limit ends it.
                Err(Followed::GaveUp(XapiError::Transport { source, .. }))
                    if source.is_passing() =>
                {
                    tracing::debug!(call, error = %source, "the task cannot be seen just now");
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// Looks at a task once: its result if it is done, nothing if it runs.
    fn look(
        &self,
        task: &TaskGuard<'_>,
        call: &str,
        bounds: Bounds<'_>,
    ) -> Result<Option<Value>, Followed> {
        let Some(reference) = &task.task else {
            return Err(Followed::Lost);
        };
        let record = self
            .ask(
                "task.get_record",
                vec![reference.into()],
                bounds,
                TaskRecord::read,
            )
            .map_err(|error| match error.is("HANDLE_INVALID") {
                true => Followed::Lost,
                false => Followed::GaveUp(error),
            })?;
        match record.status {
            TaskStatus::Pending | TaskStatus::Cancelling => Ok(None),
            TaskStatus::Success => self
                .shared
                .codec
                .decode_fragment(&record.result)
                .map(Some)
                .map_err(|source| {
                    let error = XapiError::Unreadable {
                        call: call.to_owned(),
                        source,
                    };
                    // It is done, and what it gave is not known.
                    Followed::Ended(error.unknown(call))
                }),
            TaskStatus::Failure | TaskStatus::Cancelled => {
                let mut source = Failure::new(record.error_info);
                if source.code.is_empty() && record.status == TaskStatus::Cancelled {
                    source.code = "TASK_CANCELLED".to_owned();
                }
                Err(Followed::Ended(XapiError::Failure {
                    call: call.to_owned(),
                    source,
                }))
            }
        }
    }

    /// Asks an operation to end, and waits a little for what it says.
    fn settle(
        &self,
        task: TaskGuard<'_>,
        call: &str,
        why: XapiError,
        bounds: Bounds<'_>,
    ) -> Result<Value, XapiError> {
        let timer = &*self.shared.timer;
        let token = CancelToken::new();
        let within = Bounds {
            deadline: match why {
                XapiError::Cancelled => {
                    Deadline::new("the call-off", Self::CALL_OFF, timer).within(bounds.deadline)
                }
                _ => bounds.deadline,
            },
            cancel: &token,
        };
        if let Some(reference) = &task.task
            && let Err(error) = self.tell("task.cancel", vec![reference.into()], within)
        {
            // It may have ended meanwhile, or be of a kind that cannot be ended.
            tracing::debug!(call, %error, "the task was not asked to end");
        }
        let end = loop {
            match self.look(&task, call, within) {
                Ok(Some(value)) => break Ok(value),
                Ok(None) => {}
                Err(Followed::Ended(error)) if error.is("TASK_CANCELLED") => break Err(why),
                Err(Followed::Ended(error)) => break Err(error),
                Err(Followed::Lost) => {
                    task.forget();
                    return Err(why.unknown(call));
                }
                Err(Followed::GaveUp(_)) => break Err(why.unknown(call)),
            }
            // Some time is left for the removal.
            let enough = within
                .deadline
                .left(timer)
                .is_ok_and(|left| left > Self::POLL_SETTLING * 2);
            if !enough {
                break Err(why.unknown(call));
            }
            timer.wait(Self::POLL_SETTLING, within.cancel);
        };
        task.remove(within.deadline);
        end
    }
}

/// Why a task is no longer looked at.
enum Followed {
    /// It ended without a result.
    Ended(XapiError),
    /// The server does not know of it.
    Lost,
    /// It was called off, overdue, or cannot be seen.
    GaveUp(XapiError),
}

/// A task of ours, which the server would keep for an hour after its end.
#[derive(Debug)]
struct TaskGuard<'a> {
    xapi: &'a Xapi,
    task: Option<Ref<Task>>,
    /// What was written down of it.
    entry: Option<Entry>,
}

impl TaskGuard<'_> {
    /// Removes it, within a deadline.
    fn remove(mut self, deadline: Deadline) {
        self.remove_within(Some(deadline));
    }

    /// The server removed it by itself.
    fn forget(mut self) {
        self.task = None;
        self.cross_out();
    }

    fn cross_out(&mut self) {
        if let Some(entry) = self.entry.take()
            && let Err(error) = entry.close()
        {
            tracing::warn!(%error, "a task that is gone is still written down");
        }
    }

    fn remove_within(&mut self, deadline: Option<Deadline>) {
        let Some(task) = self.task.take() else {
            return;
        };
        let token = CancelToken::new();
        let limit = self.xapi.limits().logout;
        let mut bounds = self.xapi.bounds("the removal of a task", limit, &token);
        if let Some(deadline) = deadline {
            bounds.deadline = bounds.deadline.within(deadline);
        }
        match self.xapi.tell("task.destroy", vec![(&task).into()], bounds) {
            Ok(()) => self.cross_out(),
            Err(error) if error.is("HANDLE_INVALID") => self.cross_out(),
            // It stays written down.
            Err(error) => tracing::warn!(%task, %error, "a task is left"),
        }
    }
}

impl Drop for TaskGuard<'_> {
    fn drop(&mut self) {
        self.remove_within(None);
    }
}
