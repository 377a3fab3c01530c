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
    at_work: BTreeMap<u32, AtWork>,
    /// Why the last guest was lost.
    loss: String,
}

/// A guest that takes cells.
#[derive(Debug)]
struct AtWork {
    /// Cells that it works on at the same time.
    threads: usize,
    /// Why it gets no more, once it is lost.
    lost: Option<String>,
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
        let taken: usize = state.sound().map(|(_, guest)| guest.threads).sum();
        state.waiting.len() > taken
    }

    /// A guest begins to take cells, so many at the same time.
    pub(super) fn join(&self, guest: u32, threads: usize) {
        let fresh = AtWork {
            threads,
            lost: None,
        };
        self.state.lock().at_work.insert(guest, fresh);
    }

    /// A guest takes no more cells; the answer is why, if it was lost.
    pub(super) fn leave(&self, guest: u32) -> Option<String> {
        let left = self.state.lock().at_work.remove(&guest);
        // What it had refused is for the others now, and what others had refused no longer waits for it.
        self.news.notify_all();
        left.and_then(|guest| guest.lost)
    }

    /// A cell for a guest: one that it has already, else one that nobody has, else any that it has not refused.
    ///
    /// While others work, it waits, since their cells may come back; `None` if there is nothing more to do, or if the guest is not at work or lost.
    pub(super) fn take(&self, guest: u32) -> Option<Taken> {
        let mut state = self.state.lock();
        loop {
            let is_sound = state.sound().any(|(number, _)| number == guest);
            if !is_sound || self.cancel.is_cancelled() {
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

    /// Gives a cell back whose guest is lost, which gets no other; unless too many were lost over it.
    pub(super) fn lost(
        &self,
        mut taken: Taken,
        guest: u32,
        error: VmError,
        why: String,
    ) -> Result<(), VmError> {
        taken.losses += 1;
        let is_cause = taken.losses >= LOSSES;
        let mut state = self.state.lock();
        state.give_up(guest, why);
        self.again(state, taken, is_cause, error)
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
        let is_believed = taken.refusals >= REFUSALS;
        self.again(self.state.lock(), taken, is_believed, error)
    }

    /// A guest is as good as lost: it gets no more cells.
    pub(super) fn give_up(&self, guest: u32, why: String) {
        self.state.lock().give_up(guest, why);
        self.news.notify_all();
    }

    /// Puts a cell behind the others, or answers the error if that is enough: if it is the cause, they are done before the next guest is lost.
    fn again(
        &self,
        mut state: MutexGuard<'_, State>,
        taken: Taken,
        is_enough: bool,
        error: VmError,
    ) -> Result<(), VmError> {
        state.homes.remove(taken.job.spec.id());
        let answer = match is_enough {
            true => Err(error),
            false => {
                state.waiting.push_back(taken);
                Ok(())
            }
        };
        self.over(state);
        answer
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
    /// Guests that take cells.
    fn sound(&self) -> impl Iterator<Item = (u32, &AtWork)> {
        let all = self.at_work.iter().map(|(number, guest)| (*number, guest));
        all.filter(|(_, guest)| guest.lost.is_none())
    }

    fn give_up(&mut self, guest: u32, why: String) {
        self.loss.clone_from(&why);
        if let Some(guest) = self.at_work.get_mut(&guest) {
            guest.lost.get_or_insert(why);
        }
    }

    fn pick(&mut self, guest: u32) -> Option<Taken> {
        let is_alone = self.sound().all(|(other, _)| other == guest);
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
        let take = |guest| queue.take(guest);
        queue.join(1, 2);
        queue.join(2, 2);
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
        queue.join(1, 2);
        queue.join(2, 2);
        queue.fill(vec![job("a")]);
        let first = queue.take(1).expect("it waits");
        let why = || "its host burnt down".to_owned();
        let error = || VmError::Cancelled;
        assert!(queue.lost(first, 1, error(), why()).is_ok());
        // No other connection of it takes the cell, which would count as one more loss.
        assert!(queue.take(1).is_none());
        assert_eq!(queue.leave(1), Some(why()));
        let second = queue.take(2).expect("it came back");
        assert!(queue.refused(second, 2, error()).is_ok());
        let third = queue.take(2).expect("it came back");
        assert!(queue.refused(third, 2, error()).is_err());
        assert!(queue.take(2).is_none());
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
            queue.join(1, 1);
            let taken = queue.take(1);
            assert_eq!(name(&taken), wanted);
            queue.lost(
                taken.expect("it waits"),
                1,
                VmError::Cancelled,
                String::new(),
            )
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
        let a = queue.take(1).expect("it waits");
        assert!(queue.refused(a, 1, VmError::Cancelled).is_ok());
        assert_eq!(name(&queue.take(1)), "b");
        assert_eq!(name(&queue.take(2)), "a");
        queue.done();
        queue.done();
        // Alone, it tries again.
        queue.fill(vec![job("c")]);
        let c = queue.take(1).expect("it waits");
        assert!(queue.refused(c, 1, VmError::Cancelled).is_ok());
        assert_eq!(queue.leave(2), None);
        assert_eq!(name(&queue.take(1)), "c");
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
        queue.join(1, 1);
        queue.fill(vec![job("a")]);
        cancel.cancel();
        assert!(queue.take(1).is_none());
        assert!(matches!(queue.empty()[..], [(_, VmError::Cancelled)]));
    }
}
