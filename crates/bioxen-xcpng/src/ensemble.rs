//! Cells that are computed in several guests at once.
//!
//! A cell goes to a guest as an image, is worked on there, and comes back as an image.
//! So it does not matter which guest that is, nor whether another one had begun the work and was lost: the same image and the same work give the same bytes.

use std::io;
use std::num::NonZeroU32;
use std::thread;

use bioxen_agent::Ran;
use bioxen_core::{
    Goal, Organism, ProcessCode, ProcessLimits, ProcessReport, Sampling, VmError, VmId, VmImage,
    VmSpec,
};
use crossbeam_channel::unbounded;

use self::queue::Queue;
use self::slot::GuestSlot;
use crate::pool::{XcpngError, XcpngPool};

mod copies;
mod queue;
mod slot;

/// A cell, and what is to be done with it.
#[derive(Clone, Debug)]
pub struct Job {
    /// How a guest makes the VM of the cell: its name, organism, seed and present grants, with manual pacing.
    pub spec: VmSpec,
    /// The cell.
    pub image: VmImage,
    /// What is done with it.
    pub work: Work,
}

/// What is done with a cell.
#[derive(Clone, Debug)]
pub enum Work {
    /// It is run to a goal, and read on the way if that is wanted.
    Run {
        /// How far.
        goal: Goal,
        /// When it is read.
        sampling: Option<Sampling>,
    },
    /// A program is run against it.
    Execute {
        /// The program.
        code: ProcessCode,
        /// How much it may use.
        limits: ProcessLimits,
    },
}

/// A cell that was worked on.
#[derive(Clone, Debug)]
pub struct Computed {
    /// The cell.
    pub image: VmImage,
    /// What the work came to.
    pub outcome: Outcome,
}

/// What work came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// How far the cell was run.
    Ran(Ran),
    /// What the program answered.
    Process(ProcessReport),
}

/// Guests that compute cells, and are removed when this is ended or dropped.
///
/// Where XAPI starts each of them is XAPI's choice, unless the options of the pool name a host.
/// Each computes as many cells at a time as its agent has threads.
#[derive(Debug)]
pub struct Ensemble {
    pool: XcpngPool,
    slots: Vec<GuestSlot>,
    queue: Queue,
}

impl Ensemble {
    /// Makes and boots so many guests at the same time.
    ///
    /// If some of them cannot be had, such as for want of memory in the pool, the watcher of the pool is told, and the others do.
    ///
    /// # Errors
    ///
    /// [`XcpngError`] of the first guest if none can be had, or if it is called off; nothing is left then.
    pub fn bring_up(
        pool: &XcpngPool,
        organism: Organism,
        guests: NonZeroU32,
    ) -> Result<Self, XcpngError> {
        let of = guests.get();
        let brought = thread::scope(|scope| {
            let threads: Vec<_> = (1..=of)
                .map(|number| {
                    spawn(scope, move || {
                        GuestSlot::bring_up(pool, number, of, organism)
                    })
                })
                .collect();
            threads.into_iter().map(joined).collect::<Vec<_>>()
        });
        let mut slots = Vec::new();
        let mut failures = Vec::new();
        for (slot, number) in brought.into_iter().zip(1_u32..) {
            match slot {
                Ok(slot) => slots.push(slot),
                Err(error) => failures.push((number, error)),
            }
        }
        let answer = if pool.options().cancel.is_cancelled() {
            // Those that came up are removed, and told about if they cannot be.
            drop(slots);
            Err(XcpngError::Cancelled)
        } else if slots.is_empty() {
            Err(failures.remove(0).1)
        } else {
            Ok(slots)
        };
        // Of all that nobody is told otherwise.
        for (number, error) in failures.iter().filter(|(_, error)| !error.is_cancelled()) {
            let note = format!("guest {number} of {of} cannot be used: {}", chain(error));
            pool.options().watcher.note(&note);
        }
        let slots = answer?;
        Ok(Self {
            pool: pool.clone(),
            slots,
            queue: Queue::new(pool.options().cancel.clone()),
        })
    }

    /// How many guests there are.
    pub fn guests(&self) -> usize {
        self.slots.len()
    }

    /// How many cells are computed at the same time.
    pub fn threads(&self) -> usize {
        self.slots.iter().map(GuestSlot::threads).sum()
    }

    /// Has cells worked on, and tells of each once it is done, in whatever order they come.
    ///
    /// A guest that is lost is removed, and its cells are worked on elsewhere, from where they were; if the others cannot take them at once, another guest takes its place, twice at most.
    /// If the options' token is raised, or if no guest is left, the cells that are not done are told as failures, and are as they were.
    pub fn compute(
        &mut self,
        jobs: Vec<Job>,
        done: &mut dyn FnMut(VmId, Result<Computed, VmError>),
    ) {
        self.queue.fill(jobs);
        let (sender, receiver) = unbounded();
        let (queue, slots) = (&self.queue, &mut self.slots);
        thread::scope(|scope| {
            let threads: Vec<_> = slots
                .iter_mut()
                .map(|slot| {
                    let sender = sender.clone();
                    spawn(scope, move || {
                        slot.work(queue, &sender);
                        Ok(())
                    })
                })
                .collect();
            drop(sender);
            for (id, result) in receiver {
                done(id, result);
            }
            for thread in threads {
                if let Err(error) = joined(thread) {
                    tracing::warn!(%error, "a guest was not used");
                }
            }
        });
        for (job, error) in self.queue.empty() {
            done(job.spec.id().clone(), Err(error));
        }
    }

    /// Removes all guests.
    ///
    /// # Errors
    ///
    /// [`XcpngError`] of the first that could not be removed; the garbage collection lists those.
    pub fn end(self) -> Result<(), XcpngError> {
        let Self { pool, slots, .. } = self;
        let ended = thread::scope(|scope| {
            let threads: Vec<_> = slots
                .into_iter()
                .map(|slot| spawn(scope, || slot.end()))
                .collect();
            threads.into_iter().map(joined).collect::<Vec<_>>()
        });
        pool.options().watcher.rest();
        ended.into_iter().collect()
    }
}

type Thread<'scope, T> = io::Result<thread::ScopedJoinHandle<'scope, Result<T, XcpngError>>>;

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    work: impl FnOnce() -> Result<T, XcpngError> + Send + 'scope,
) -> Thread<'scope, T> {
    thread::Builder::new()
        .name("bioxen-guest".to_owned())
        .spawn_scoped(scope, work)
}

fn joined<T>(thread: Thread<'_, T>) -> Result<T, XcpngError> {
    let thread = thread.map_err(|source| XcpngError::Thread { source })?;
    match thread.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}
