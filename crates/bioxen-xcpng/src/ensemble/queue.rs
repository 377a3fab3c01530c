//! Cells that wait for a guest.

use std::collections::{BTreeMap, VecDeque};

use bioxen_core::{CancelToken, VmError, VmId};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::Job;

/// How often a cell is refused before that is believed.
const TRIES: u32 = 2;

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
    /// Why the last guest was lost.
    loss: Option<String>,
}

/// A cell that a guest has taken on.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) job: Job,
    refusals: u32,
}

/// No guest is left that could compute a cell.
#[derive(Debug, thiserror::Error)]
#[error("no guest is left{}", .0.as_deref().map(|why| format!("; the last was lost: {why}")).unwrap_or_default())]
struct Deserted(Option<String>);

impl Queue {
    pub(super) fn new(cancel: CancelToken) -> Self {
        Self {
            state: Mutex::default(),
            news: Condvar::new(),
            cancel,
        }
    }

    pub(super) fn fill(&self, jobs: Vec<Job>) {
        let fresh = jobs.into_iter().map(|job| Taken { job, refusals: 0 });
        self.state.lock().waiting.extend(fresh);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Whether a cell waits.
    pub(super) fn has_work(&self) -> bool {
        !self.state.lock().waiting.is_empty()
    }

    /// A cell for a guest: one that it has already, else one that nobody has, else any.
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
            if state.under_way == 0 {
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

    /// Gives a cell back that its guest could not work on, as that is lost or as it was called off.
    pub(super) fn give_back(&self, taken: Taken) {
        let mut state = self.state.lock();
        state.homes.remove(taken.job.spec.id());
        state.waiting.push_front(taken);
        self.over(state);
    }

    /// Gives a cell back that its guest refused, unless it was refused often enough.
    pub(super) fn refused(&self, mut taken: Taken, error: VmError) -> Result<(), VmError> {
        taken.refusals += 1;
        if taken.refusals >= TRIES {
            self.done();
            return Err(error);
        }
        let mut state = self.state.lock();
        state.homes.remove(taken.job.spec.id());
        state.waiting.push_back(taken);
        self.over(state);
        Ok(())
    }

    /// A guest is lost: whoever waits for work in its name looks whether it is to stop.
    pub(super) fn lost(&self, why: String) {
        self.state.lock().loss = Some(why);
        self.news.notify_all();
    }

    /// What nobody has done, and why.
    pub(super) fn empty(&self) -> Vec<(Job, VmError)> {
        let mut state = self.state.lock();
        let loss = state.loss.clone();
        let left = std::mem::take(&mut state.waiting);
        let why = || match self.cancel.is_cancelled() {
            true => VmError::Cancelled,
            false => VmError::Backend {
                context: "the cell was not computed",
                source: Box::new(Deserted(loss.clone())),
            },
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
        let home = |taken: &Taken| self.homes.get(taken.job.spec.id()).copied();
        let of = |wanted: Option<u32>| self.waiting.iter().position(|taken| home(taken) == wanted);
        let place = of(Some(guest)).or_else(|| of(None)).unwrap_or_default();
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
        queue.lost("its host burnt down".to_owned());
        queue.give_back(first);
        assert!(queue.take(1, || true).is_none());
        let second = queue.take(2, || false).expect("it came back");
        let refusal = || VmError::Cancelled;
        assert!(queue.refused(second, refusal()).is_ok());
        let third = queue.take(2, || false).expect("it came back");
        assert!(queue.refused(third, refusal()).is_err());
        assert!(queue.take(2, || false).is_none());
        queue.fill(vec![job("b")]);
        let left = queue.empty();
        let source = std::error::Error::source(&left[0].1).expect("a cause");
        let told = "no guest is left; the last was lost: its host burnt down";
        assert_eq!(source.to_string(), told);
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
