//! How far a VM should be by now.

use std::time::Duration;

use bioxen_core::{Pacing, SimSpan, SimTime};

use crate::cell::COUPLING_STEP;

/// The simulated time that a VM is due to reach, as its pacing and its life have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pacing: Pacing,
    /// Due at `since`, or at any time while frozen.
    due: SimTime,
    /// When the clock began to count, `None` while frozen.
    since: Option<Duration>,
}

impl Pace {
    /// Frozen at a time.
    pub(crate) fn frozen_at(pacing: Pacing, time: SimTime) -> Self {
        Self {
            pacing,
            due: time,
            since: None,
        }
    }

    pub(crate) fn pacing(&self) -> Pacing {
        self.pacing
    }

    /// How far the VM should be when the clock shows `now`.
    pub(crate) fn due(&self, now: Duration) -> SimTime {
        let Some(since) = self.since else {
            return self.due;
        };
        match self.pacing {
            Pacing::Manual => self.due,
            Pacing::Unpaced => SimTime::from_micros(u64::MAX),
            Pacing::RealTime { factor } => {
                let passed = now.saturating_sub(since).as_secs_f64() * factor.get();
                // More than can be counted is as good as no end.
                let passed =
                    SimSpan::from_seconds(passed).unwrap_or(SimSpan::from_micros(u64::MAX));
                self.due.saturating_add(passed)
            }
        }
    }

    /// When the clock will show that a VM in real time is due to be at `time`; `None` if time does not come by itself.
    pub(crate) fn alarm(&self, time: SimTime) -> Option<Duration> {
        let (Some(since), Pacing::RealTime { factor }) = (self.since, self.pacing) else {
            return None;
        };
        let ahead = time.since(self.due).unwrap_or_default();
        let wait = Duration::try_from_secs_f64(ahead.seconds() / factor.get()).ok()?;
        since.checked_add(wait)
    }

    /// Lets time count.
    pub(crate) fn thaw(&mut self, now: Duration) {
        self.since = Some(now);
    }

    /// Stops the count.
    pub(crate) fn freeze(&mut self, now: Duration) {
        match self.pacing {
            Pacing::RealTime { .. } => self.due = self.due(now),
            Pacing::Manual | Pacing::Unpaced => {}
        }
        self.since = None;
    }

    /// Forgets the whole steps by which a VM at `time` is late.
    pub(crate) fn forgive(&mut self, time: SimTime) {
        if time.saturating_add(COUPLING_STEP) <= self.due {
            self.due = time;
        }
    }

    /// Moves what is due forward.
    pub(crate) fn run_ahead(&mut self, span: SimSpan) {
        self.due = self.due.saturating_add(span);
    }

    /// Moves what is due forward to a time, never back.
    pub(crate) fn reach(&mut self, time: SimTime) {
        self.due = self.due.max(time);
    }

    /// Begins anew from a time.
    pub(crate) fn rebase(&mut self, time: SimTime, now: Duration) {
        self.due = time;
        self.since = self.since.map(|_| now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bioxen_core::{PaceFactor, Pacing, SimSpan, SimTime};

    use super::Pace;

    fn real_time(factor: f64) -> Pacing {
        let factor = PaceFactor::new(factor).expect("a factor");
        Pacing::RealTime { factor }
    }

    const fn wall(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const fn sim(seconds: u64) -> SimTime {
        SimTime::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn real_time_counts_only_while_it_is_not_frozen() {
        let mut pace = Pace::frozen_at(real_time(2.0), SimTime::ZERO);
        assert_eq!(pace.due(wall(100)), SimTime::ZERO);
        pace.thaw(wall(100));
        assert_eq!(pace.due(wall(110)), sim(20));
        pace.freeze(wall(110));
        assert_eq!(pace.due(wall(500)), sim(20));
        pace.thaw(wall(500));
        assert_eq!(pace.due(wall(501)), sim(22));
        assert_eq!(pace.alarm(sim(30)), Some(wall(505)));
        pace.run_ahead(SimSpan::from_micros(8_000_000));
        assert_eq!(pace.due(wall(501)), sim(30));
    }

    #[test]
    fn manual_time_is_moved_by_hand_and_unpaced_has_no_end() {
        let mut manual = Pace::frozen_at(Pacing::Manual, sim(5));
        manual.thaw(wall(0));
        assert_eq!(manual.due(wall(1_000)), sim(5));
        assert_eq!(manual.alarm(sim(6)), None);
        manual.run_ahead(SimSpan::from_micros(1_000_000));
        assert_eq!(manual.due(wall(1_000)), sim(6));
        manual.forgive(sim(5));
        assert_eq!(manual.due(wall(1_000)), sim(5));

        let mut unpaced = Pace::frozen_at(Pacing::Unpaced, sim(5));
        assert_eq!(unpaced.due(wall(0)), sim(5));
        unpaced.thaw(wall(0));
        assert_eq!(unpaced.due(wall(0)), SimTime::from_micros(u64::MAX));
    }

    #[test]
    fn less_than_a_step_is_kept_when_what_is_late_is_forgiven() {
        let mut pace = Pace::frozen_at(Pacing::Manual, SimTime::ZERO);
        pace.run_ahead(SimSpan::from_micros(300_000));
        pace.forgive(SimTime::ZERO);
        assert_eq!(pace.due(wall(0)), SimTime::from_micros(300_000));
    }

    #[test]
    fn extreme_factors_neither_overflow_nor_ring() {
        let mut fast = Pace::frozen_at(real_time(1e300), SimTime::ZERO);
        fast.thaw(wall(0));
        assert_eq!(fast.due(wall(1)), SimTime::from_micros(u64::MAX));
        let mut slow = Pace::frozen_at(real_time(1e-300), SimTime::ZERO);
        slow.thaw(wall(0));
        assert_eq!(slow.due(wall(u64::MAX)), SimTime::ZERO);
        assert_eq!(slow.alarm(sim(1)), None);
    }
}
