//! One guest of several, and the connections to its agent.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use bioxen_agent::{AnswerError, ProtocolError, RemoteHypervisor};
use bioxen_core::{Organism, VmError, VmId};
use crossbeam_channel::Sender;

use super::copies::CellCopies;
use super::queue::Queue;
use super::{Computed, chain};
use crate::channel::Line;
use crate::pool::{Worker, XcpngError, XcpngPool};

/// How often a guest is replaced that was lost.
const REPLACEMENTS: u32 = 2;

/// Cells that a guest refuses, one after the other, before it is given up.
const MOST_REFUSALS: u32 = 4;

/// Connections to one guest at most.
const CONNECTIONS: u32 = 64;

/// A guest that computes cells, or one that is to be replaced.
#[derive(Debug)]
pub(super) struct GuestSlot {
    pool: XcpngPool,
    organism: Organism,
    number: u32,
    of: u32,
    guest: Option<Computing>,
    replaced: u32,
}

/// A guest that is up.
#[derive(Debug)]
struct Computing {
    worker: Worker,
    /// One for each thread of the agent.
    agents: Vec<RemoteHypervisor>,
    cells: CellCopies,
    /// Since the last cell that it did.
    refusals: AtomicU32,
}

/// Where results go.
pub(super) type Results = Sender<(VmId, Result<Computed, VmError>)>;

impl GuestSlot {
    pub(super) fn bring_up(
        pool: &XcpngPool,
        number: u32,
        of: u32,
        organism: Organism,
    ) -> Result<Self, XcpngError> {
        let mut slot = Self {
            pool: pool.clone(),
            organism,
            number,
            of,
            guest: None,
            replaced: 0,
        };
        slot.guest = Some(slot.computing()?);
        Ok(slot)
    }

    fn computing(&self) -> Result<Computing, XcpngError> {
        let name = format!("guest-{}", self.number);
        let id = VmId::new(&name).expect("a plain name");
        let (worker, reached) = self.pool.worker(&id, self.organism)?;
        let agent = |reached| {
            let line = Line::new(self.pool.clone(), worker.guest().clone(), reached);
            RemoteHypervisor::new(line)
        };
        let first = agent(reached);
        let about = first.information();
        let about = about.map_err(|error| XcpngError::Agent(Box::new(error)))?;
        check_version(about.agent_version)?;
        let mut agents = vec![first];
        for _ in 1..about.threads.min(CONNECTIONS) {
            let limit = self.pool.options().limits.reconnect;
            match self.pool.reconnect(worker.guest(), limit) {
                Ok(reached) => agents.push(agent(reached)),
                Err(error) => {
                    tracing::warn!(number = self.number, %error, "fewer connections are used");
                    break;
                }
            }
        }
        self.note(&match agents.len() {
            1 => "is up, with 1 thread".to_owned(),
            n => format!("is up, with {n} threads"),
        });
        Ok(Computing {
            worker,
            agents,
            cells: CellCopies::default(),
            refusals: AtomicU32::new(0),
        })
    }

    pub(super) fn threads(&self) -> usize {
        self.guest.as_ref().map_or(0, |guest| guest.agents.len())
    }

    /// Works until there is nothing more to do; a guest that is lost is replaced if the others cannot take its cells at once.
    pub(super) fn work(&mut self, queue: &Queue, results: &Results) {
        loop {
            if let Some(guest) = &self.guest {
                queue.join(self.number, guest.agents.len());
                guest.work(self.number, queue, results);
                let Some(error) = queue.leave(self.number) else {
                    return;
                };
                self.note(&format!("was lost: {error}"));
                // What cannot be removed is told by itself.
                self.guest = None;
            }
            if queue.is_cancelled()
                || !queue.has_work_for_another()
                || self.replaced == REPLACEMENTS
            {
                return;
            }
            self.replaced += 1;
            match self.computing() {
                Ok(guest) => self.guest = Some(guest),
                Err(error) => self.note(&format!("cannot be replaced: {}", chain(&error))),
            }
        }
    }

    pub(super) fn end(self) -> Result<(), XcpngError> {
        self.guest.map_or(Ok(()), Computing::end)
    }

    fn note(&self, what: &str) {
        let note = format!("guest {} of {} {what}", self.number, self.of);
        self.pool.options().watcher.note(&note);
    }
}

impl Computing {
    /// Works over all connections until there is nothing more to do, or until the guest is lost.
    fn work(&self, number: u32, queue: &Queue, results: &Results) {
        thread::scope(|scope| {
            for agent in &self.agents {
                let work = || self.work_over(agent, number, queue, results);
                let name = format!("bioxen-guest-{number}");
                let begun = thread::Builder::new().name(name).spawn_scoped(scope, work);
                if let Err(error) = begun {
                    // The others do it, if there is one.
                    tracing::warn!(number, %error, "a connection is not used");
                }
            }
        });
    }

    fn work_over(&self, agent: &RemoteHypervisor, number: u32, queue: &Queue, results: &Results) {
        while let Some(taken) = queue.take(number) {
            let id = taken.job.spec.id().clone();
            let computed = catch_unwind(AssertUnwindSafe(|| self.cells.compute(agent, &taken.job)));
            let computed = computed.unwrap_or_else(|panic| {
                // Nobody waits for this cell for ever.
                queue.done();
                resume_unwind(panic)
            });
            let result = match computed {
                Ok(computed) => {
                    self.refusals.store(0, Ordering::Relaxed);
                    queue.done();
                    Ok(computed)
                }
                Err(_) if queue.is_cancelled() => return queue.give_back(taken),
                Err(error) if is_lost(&error) => {
                    let why = chain(&error);
                    match queue.lost(taken, number, error, why) {
                        Ok(()) => return,
                        Err(error) => Err(error),
                    }
                }
                Err(error) => {
                    let told = format!("{id}: {}", chain(&error));
                    tracing::warn!(number, "refused {told}");
                    if self.refusals.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_REFUSALS {
                        queue.give_up(number, format!("it refuses one cell after another, {told}"));
                    }
                    match queue.refused(taken, number, error) {
                        Ok(()) => continue,
                        Err(error) => Err(error),
                    }
                }
            };
            if results.send((id, result)).is_err() {
                return;
            }
        }
    }

    fn end(self) -> Result<(), XcpngError> {
        drop(self.agents);
        self.worker.end()
    }
}

/// Another version may have another model, and its results would not be ours.
fn check_version(theirs: String) -> Result<(), XcpngError> {
    let ours = env!("CARGO_PKG_VERSION");
    match theirs == ours {
        true => Ok(()),
        false => Err(XcpngError::OtherVersion { ours, theirs }),
    }
}

/// Whether it is not the agent that refused, but nobody that answered, or an agent that ends.
fn is_lost(error: &VmError) -> bool {
    match error {
        VmError::Cancelled => true,
        VmError::Backend { source, .. } => match source.downcast_ref() {
            // What is too long for a message is so in every guest.
            Some(ProtocolError::OverLimit { .. } | ProtocolError::OverCap { .. }) => false,
            Some(_) => true,
            None => source.is::<AnswerError>() || source.is::<XcpngError>(),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::check_version;

    #[test]
    fn an_agent_of_another_version_computes_nothing() {
        assert!(check_version(env!("CARGO_PKG_VERSION").to_owned()).is_ok());
        let refused = check_version("99.0.0".to_owned()).expect_err("another version");
        let told = refused.to_string();
        assert!(told.contains("99.0.0"), "{told}");
        assert!(refused.hint().is_some());
    }
}
