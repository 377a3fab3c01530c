//! Whose turn it is: a weighted fair queue, and alarms for those who wait for the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bioxen_core::{Priority, SimSpan};

/// Number of a VM in its hypervisor; it is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct VmKey(pub(crate) u64);

/// Orders VMs by virtual runtime: the simulated time that each was moved, divided by its weight.
///
/// The one with the least goes first, so that all who want to run are moved in proportion to their weights, and nobody waits for more than one turn of each other.
#[derive(Debug, Default)]
pub(crate) struct Scheduler {
    accounts: BTreeMap<VmKey, Account>,
    ready: BTreeSet<(u64, VmKey)>,
    alarms: BTreeSet<(Duration, VmKey)>,
    /// Greatest virtual runtime of anyone who got a turn: where those who come back from idling join.
    floor: u64,
}

#[derive(Debug)]
struct Account {
    weight: Priority,
    /// Simulated microseconds, times [`SCALE`], over weight.
    runtime: u64,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Idle,
    Ready,
    Alarm(Duration),
    /// Has its turn.
    Out,
}

/// Divisible by most weights, so that rounding favors nobody.
const SCALE: u64 = 100;

impl Scheduler {
    /// Makes a VM known; it is idle.
    pub(crate) fn admit(&mut self, key: VmKey, weight: Priority) {
        let account = Account {
            weight,
            runtime: self.floor,
            place: Place::Idle,
        };
        self.accounts.insert(key, account);
    }

    /// Forgets a VM.
    pub(crate) fn dismiss(&mut self, key: VmKey) {
        self.idle(key);
        self.accounts.remove(&key);
    }

    /// Takes a VM out of the queue and off the alarms.
    pub(crate) fn idle(&mut self, key: VmKey) {
        let Some(account) = self.accounts.get_mut(&key) else {
            return;
        };
        match account.place {
            Place::Ready => {
                self.ready.remove(&(account.runtime, key));
            }
            Place::Alarm(at) => {
                self.alarms.remove(&(at, key));
            }
            Place::Idle | Place::Out => {}
        }
        account.place = Place::Idle;
    }

    /// Queues a VM for its next turn; true if it was not queued before.
    ///
    /// One that idled joins where the queue is now: it does not get back the turns that it did not want.
    pub(crate) fn ready(&mut self, key: VmKey) -> bool {
        let Some(account) = self.accounts.get_mut(&key) else {
            return false;
        };
        match account.place {
            Place::Ready => return false,
            Place::Idle | Place::Alarm(_) => account.runtime = account.runtime.max(self.floor),
            Place::Out => {}
        }
        if let Place::Alarm(at) = account.place {
            self.alarms.remove(&(at, key));
        }
        account.place = Place::Ready;
        self.ready.insert((account.runtime, key));
        true
    }

    /// Lets a VM wait until the clock shows a time.
    pub(crate) fn alarm(&mut self, key: VmKey, at: Duration) {
        self.idle(key);
        if let Some(account) = self.accounts.get_mut(&key) {
            account.place = Place::Alarm(at);
            self.alarms.insert((at, key));
        }
    }

    /// Queues all whose alarm is due.
    pub(crate) fn ring(&mut self, now: Duration) {
        while let Some(&(at, key)) = self.alarms.first()
            && at <= now
        {
            self.ready(key);
        }
    }

    /// Gives the next VM its turn.
    pub(crate) fn take(&mut self) -> Option<VmKey> {
        let (runtime, key) = self.ready.pop_first()?;
        self.floor = self.floor.max(runtime);
        if let Some(account) = self.accounts.get_mut(&key) {
            account.place = Place::Out;
        }
        Some(key)
    }

    /// Gives a VM its turn out of turn.
    pub(crate) fn give(&mut self, key: VmKey) {
        self.idle(key);
        if let Some(account) = self.accounts.get_mut(&key) {
            account.runtime = account.runtime.max(self.floor);
            account.place = Place::Out;
        }
    }

    /// Counts what a VM was moved.
    ///
    /// It is called while the VM has its turn, so that the queue is never out of order.
    pub(crate) fn charge(&mut self, key: VmKey, moved: SimSpan) {
        if let Some(account) = self.accounts.get_mut(&key)
            && account.place == Place::Out
        {
            let cost = moved.micros().saturating_mul(SCALE) / u64::from(account.weight.get());
            account.runtime = account.runtime.saturating_add(cost);
        }
    }

    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// When the next alarm is due.
    pub(crate) fn next_alarm(&self) -> Option<Duration> {
        self.alarms.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use bioxen_core::{Priority, SimSpan};

    use super::{Scheduler, VmKey};

    const SLICE: SimSpan = SimSpan::from_micros(10_000_000);

    fn weight(weight: u8) -> Priority {
        Priority::new(weight).expect("1 to 100")
    }

    /// Gives turns to VMs that all want to run, and counts them.
    fn turns(scheduler: &mut Scheduler, number: u32) -> BTreeMap<VmKey, u32> {
        let mut counts = BTreeMap::new();
        for _ in 0..number {
            let key = scheduler.take().expect("everyone wants to run");
            *counts.entry(key).or_default() += 1;
            scheduler.charge(key, SLICE);
            scheduler.ready(key);
        }
        counts
    }

    fn queue(weights: &[u8]) -> Scheduler {
        let mut scheduler = Scheduler::default();
        for (key, w) in (0..).zip(weights) {
            scheduler.admit(VmKey(key), weight(*w));
            scheduler.ready(VmKey(key));
        }
        scheduler
    }

    #[test]
    fn turns_are_given_in_proportion_to_weights() {
        #[track_caller]
        fn check(weights: &[u8], number: u32, expect: &[u32]) {
            let counts = turns(&mut queue(weights), number);
            let counts: Vec<u32> = counts.into_values().collect();
            assert_eq!(counts, expect);
        }
        check(&[100, 50], 300, &[200, 100]);
        check(&[50, 50, 50], 300, &[100, 100, 100]);
        check(&[100, 1], 101, &[100, 1]);
        check(&[10, 20, 30, 40], 1_000, &[100, 200, 300, 400]);
    }

    #[test]
    fn nobody_waits_for_more_than_one_turn_of_each_equal() {
        let mut scheduler = queue(&[50; 5]);
        for _ in 0..10 {
            let mut round: Vec<VmKey> = (0..5)
                .map(|_| {
                    let key = scheduler.take().expect("everyone wants to run");
                    scheduler.charge(key, SLICE);
                    scheduler.ready(key);
                    key
                })
                .collect();
            round.sort();
            round.dedup();
            assert_eq!(round.len(), 5);
        }
    }

    #[test]
    fn who_idled_does_not_get_turns_back() {
        let mut scheduler = queue(&[50]);
        scheduler.admit(VmKey(1), weight(50));
        turns(&mut scheduler, 1_000);
        scheduler.ready(VmKey(1));
        let counts = turns(&mut scheduler, 100);
        assert_eq!(counts.into_values().collect::<Vec<_>>(), [50, 50]);
    }

    #[test]
    fn a_turn_that_is_not_over_does_not_move_who_comes_back() {
        let mut scheduler = queue(&[100, 50, 50]);
        let out: Vec<VmKey> = (0..2).map(|_| scheduler.take().expect("ready")).collect();
        assert_eq!(out, [VmKey(0), VmKey(1)]);
        scheduler.charge(VmKey(0), SLICE);
        scheduler.ready(VmKey(0));
        assert_eq!(scheduler.take(), Some(VmKey(2)));
        assert_eq!(scheduler.take(), Some(VmKey(0)));
    }

    #[test]
    fn alarms_ring_in_time_and_can_be_turned_off() {
        let mut scheduler = Scheduler::default();
        for key in 0..3 {
            scheduler.admit(VmKey(key), weight(50));
            scheduler.alarm(VmKey(key), Duration::from_secs(key + 1));
        }
        assert_eq!(scheduler.next_alarm(), Some(Duration::from_secs(1)));
        scheduler.idle(VmKey(1));
        scheduler.ring(Duration::from_secs(2));
        assert_eq!(scheduler.take(), Some(VmKey(0)));
        assert_eq!(scheduler.take(), None);
        assert_eq!(scheduler.next_alarm(), Some(Duration::from_secs(3)));
        scheduler.dismiss(VmKey(2));
        assert_eq!(scheduler.next_alarm(), None);
        scheduler.ring(Duration::MAX);
        assert!(!scheduler.has_ready());
    }
}
