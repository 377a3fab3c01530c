//! Cells that wait for a guest.

use std::collections::{BTreeMap, VecDeque};

use bioxen_core::{CancelToken, VmError, VmId};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::Job;
use crate::pool::XcpngError;

/// How often a cell is refused before that is believed.
const REFUSALS: u32 = 2;

/// How many guests may be lost over a cell before it is said to be the cause.
const LOSSES: u32 = 3;

/// Cells that wait for a guest, and those that are worked on.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    news: Condvar,
    cancel: CancelToken,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Taken>,
    under_way: usize,
    /// The guest that has a cell in the state in which it is here, or in an older one.
    homes: BTreeMap<VmId, u32>,
    /// Guests at work, each with the cells that it works on at the same time.
    at_work: BTreeMap<u32, usize>,
    /// Why the last guest was lost.
    loss: String,
}

/// A cell that a guest has taken on.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) job: Job,
    /// The guest that refused it last.
    refused_by: Option<u32>,
    refusals: u32,
    losses: u32,
}

impl Queue {
    pub(super) fn new(cancel: CancelToken) -> Self {
        Self {
            state: Mutex::default(),
            news: Condvar::new(),
            cancel,
        }
    }

    pub(super) fn fill(&self, jobs: Vec<Job>) {
        let fresh = jobs.into_iter().map(|job| Taken {
            job,
            refused_by: None,
            refusals: 0,
            losses: 0,
        });
        self.state.lock().waiting.extend(fresh);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Whether more cells wait than the guests at work can take at once.
    pub(super) fn has_work_for_another(&self) -> bool {
        let state = self.state.lock();
        state.waiting.len() > state.at_work.values().sum()
    }

    /// A guest begins to take cells, so many at the same time.
    pub(super) fn join(&self, guest: u32, threads: usize) {
        self.state.lock().at_work.insert(guest, threads);
    }

    /// A guest takes no more cells: what only it could not do is for it no longer to do.
    pub(super) fn leave(&self, guest: u32) {
        self.state.lock().at_work.remove(&guest);
        self.news.notify_all();
    }

    /// A cell for a guest: one that it has already, else one that nobody has, else any that it has not refused.
    ///
    /// While others work, it waits, since their cells may come back; `None` if there is nothing more to do, or if `stop` says so.
    pub(super) fn take(&self, guest: u32, stop: impl Fn() -> bool) -> Option<Taken> {
        let mut state = self.state.lock();
        loop {
            if stop() || self.cancel.is_cancelled() {
                return None;
            }
            if let Some(taken) = state.pick(guest) {
                state.under_way += 1;
                state.homes.insert(taken.job.spec.id().clone(), guest);
                return Some(taken);
            }
            if state.under_way == 0 && state.waiting.is_empty() {
                return None;
            }
            self.news.wait(&mut state);
        }
    }

    /// A cell is done, well or badly.
    pub(super) fn done(&self) {
        let state = self.state.lock();
        self.over(state);
    }

    /// Gives a cell back whose work was called off.
    pub(super) fn give_back(&self, taken: Taken) {
        let mut state = self.state.lock();
        state.waiting.push_front(taken);
        self.over(state);
    }

    /// Gives a cell back whose guest is lost, unless too many were lost over it.
    pub(super) fn lost(
        &self,
        mut taken: Taken,
        error: VmError,
        why: String,
    ) -> Result<(), VmError> {
        taken.losses += 1;
        let mut state = self.state.lock();
        state.loss = why;
        state.homes.remove(taken.job.spec.id());
        let is_cause = taken.losses >= LOSSES;
        if !is_cause {
            // Behind the others: if it is the cause, they are done before the next guest is lost.
            state.waiting.push_back(taken);
        }
        self.over(state);
        match is_cause {
            true => Err(error),
            false => Ok(()),
        }
    }

    /// Gives a cell back that its guest refused, unless it was refused often enough.
    pub(super) fn refused(
        &self,
        mut taken: Taken,
        guest: u32,
        error: VmError,
    ) -> Result<(), VmError> {
        taken.refusals += 1;
        taken.refused_by = Some(guest);
        let mut state = self.state.lock();
        state.homes.remove(taken.job.spec.id());
        let is_believed = taken.refusals >= REFUSALS;
        if !is_believed {
            state.waiting.push_back(taken);
        }
        self.over(state);
        match is_believed {
            true => Err(error),
            false => Ok(()),
        }
    }

    /// What nobody has done, and why.
    pub(super) fn empty(&self) -> Vec<(Job, VmError)> {
        let mut state = self.state.lock();
        let loss = state.loss.clone();
        let left = std::mem::take(&mut state.waiting);
        let why = || match self.cancel.is_cancelled() {
            true => VmError::Cancelled,
            false => XcpngError::NoGuest { loss: loss.clone() }
                .into_vm_error("the cell was not computed"),
        };
        left.into_iter().map(|taken| (taken.job, why())).collect()
    }

    fn over(&self, mut state: MutexGuard<'_, State>) {
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        self.news.notify_all();
    }
}

impl State {
    fn pick(&mut self, guest: u32) -> Option<Taken> {
        let is_alone = self.at_work.keys().all(|other| *other == guest);
        let may = |taken: &Taken| is_alone || taken.refused_by != Some(guest);
        let home = |taken: &Taken| self.homes.get(taken.job.spec.id()).copied();
        let first = |wanted: &dyn Fn(&Taken) -> bool| {
            let mut all = self.waiting.iter();
            all.position(|taken| may(taken) && wanted(taken))
        };
        let place = first(&|taken| home(taken) == Some(guest))
            .or_else(|| first(&|taken| home(taken).is_none()))
            .or_else(|| first(&|_| true))?;
        self.waiting.remove(place)
    }
}

#[cfg(test)]
mod tests {
    use bioxen_core::{Goal, Organism, Seed, SimTime, VmImage, VmSpec};

    use super::*;
    use crate::ensemble::Work;

    fn job(name: &str) -> Job {
        let id = VmId::new(name).expect("a plain name");
        let spec = VmSpec::builder(id, Organism::Syn3a, Seed::new(1)).build();
        Job {
            spec: spec.expect("a valid specification"),
            image: VmImage::from_bytes(Vec::new()),
            work: Work::Run {
                goal: Goal::Until(SimTime::ZERO),
                sampling: None,
            },
        }
    }

    fn name(taken: &Option<Taken>) -> &str {
        let taken = taken.as_ref().expect("a cell waits");
        taken.job.spec.id().as_str()
    }

    #[test]
    fn a_guest_gets_the_cells_that_it_has_and_helps_others_then() {
        let queue = Queue::new(CancelToken::new());
        let take = |guest| queue.take(guest, || false);
        queue.fill(vec![job("a"), job("b"), job("c")]);
        assert_eq!(name(&take(1)), "a");
        assert_eq!(name(&take(2)), "b");
        assert_eq!(name(&take(1)), "c");
        for _ in 0..3 {
            queue.done();
        }
        assert!(take(1).is_none());
        queue.fill(vec![job("a"), job("b"), job("c"), job("d")]);
        assert_eq!(name(&take(2)), "b");
        assert_eq!(name(&take(2)), "d");
        assert_eq!(name(&take(2)), "a");
        assert_eq!(name(&take(1)), "c");
    }

    #[test]
    fn what_is_given_back_is_done_by_others_and_what_is_refused_twice_is_believed() {
        let queue = Queue::new(CancelToken::new());
        queue.fill(vec![job("a")]);
        let first = queue.take(1, || false).expect("it waits");
        let why = || "its host burnt down".to_owned();
        let error = || VmError::Cancelled;
        assert!(queue.lost(first, error(), why()).is_ok());
        assert!(queue.take(1, || true).is_none());
        let second = queue.take(2, || false).expect("it came back");
        assert!(queue.refused(second, 2, error()).is_ok());
        let third = queue.take(2, || false).expect("it came back");
        assert!(queue.refused(third, 2, error()).is_err());
        assert!(queue.take(2, || false).is_none());
        queue.fill(vec![job("b")]);
        let left = queue.empty();
        let source = std::error::Error::source(&left[0].1).expect("a cause");
        let told = "no guest is left; the last was lost: its host burnt down";
        assert_eq!(source.to_string(), told);
    }

    #[test]
    fn a_cell_over_which_guests_are_lost_is_told_as_the_cause() {
        let queue = Queue::new(CancelToken::new());
        queue.fill(vec![job("poison"), job("a")]);
        let lose = |wanted: &str| {
            let taken = queue.take(1, || false);
            assert_eq!(name(&taken), wanted);
            queue.lost(taken.expect("it waits"), VmError::Cancelled, String::new())
        };
        assert!(lose("poison").is_ok());
        // The others come first.
        assert!(lose("a").is_ok());
        assert!(lose("poison").is_ok());
        assert!(lose("a").is_ok());
        assert!(lose("poison").is_err());
    }

    #[test]
    fn what_one_guest_refused_another_tries() {
        let queue = Queue::new(CancelToken::new());
        queue.join(1, 2);
        queue.join(2, 2);
        queue.fill(vec![job("a"), job("b")]);
        let a = queue.take(1, || false).expect("it waits");
        assert!(queue.refused(a, 1, VmError::Cancelled).is_ok());
        assert_eq!(name(&queue.take(1, || false)), "b");
        assert_eq!(name(&queue.take(2, || false)), "a");
        queue.done();
        queue.done();
        // Alone, it tries again.
        queue.fill(vec![job("c")]);
        let c = queue.take(1, || false).expect("it waits");
        assert!(queue.refused(c, 1, VmError::Cancelled).is_ok());
        queue.leave(2);
        assert_eq!(name(&queue.take(1, || false)), "c");
    }

    #[test]
    fn another_guest_is_wanted_if_more_cells_wait_than_are_taken_at_once() {
        let queue = Queue::new(CancelToken::new());
        queue.fill(vec![job("a"), job("b")]);
        assert!(queue.has_work_for_another());
        queue.join(1, 2);
        assert!(!queue.has_work_for_another());
        queue.fill(vec![job("c")]);
        assert!(queue.has_work_for_another());
        queue.leave(1);
        assert!(queue.has_work_for_another());
    }

    #[test]
    fn nothing_is_begun_once_it_is_called_off() {
        let cancel = CancelToken::new();
        let queue = Queue::new(cancel.clone());
        queue.fill(vec![job("a")]);
        cancel.cancel();
        assert!(queue.take(1, || false).is_none());
        assert!(matches!(queue.empty()[..], [(_, VmError::Cancelled)]));
    }
}
