//! What is done again and again in simulated time.

use bioxen::{SimSpan, SimTime};

/// Beats at the whole multiples of a span since the birth of the first cell, so that a run that is cut in two has the beats of the whole.
#[derive(Debug)]
pub(super) struct Rhythm {
    every: SimSpan,
    next: SimTime,
}

impl Rhythm {
    /// The beats after `start`; a span of nothing is taken as the shortest one.
    pub(super) fn new(start: SimTime, every: SimSpan) -> Self {
        let every = every.max(SimSpan::from_micros(1));
        let mut rhythm = Self { every, next: start };
        rhythm.move_past(start);
        rhythm
    }

    /// When the next beat comes.
    pub(super) fn next(&self) -> SimTime {
        self.next
    }

    /// Whether a beat has come; the next one is then after `now`.
    pub(super) fn has_come(&mut self, now: SimTime) -> bool {
        let due = self.next <= now;
        if due {
            self.move_past(now);
        }
        due
    }

    fn move_past(&mut self, now: SimTime) {
        let every = self.every.micros();
        let beats = now.micros() / every + 1;
        self.next = SimTime::from_micros(every.saturating_mul(beats));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(s: u64) -> SimTime {
        SimTime::from_micros(s * 1_000_000)
    }

    fn beats(start: u64, every: u64, end: u64) -> Vec<u64> {
        let mut rhythm = Rhythm::new(seconds(start), SimSpan::from_micros(every * 1_000_000));
        let mut seen = Vec::new();
        for now in start..=end {
            if rhythm.has_come(seconds(now)) {
                seen.push(now);
            }
        }
        seen
    }

    #[test]
    fn a_run_that_is_cut_has_the_beats_of_the_whole() {
        assert_eq!(beats(0, 30, 100), [30, 60, 90]);
        assert_eq!(beats(50, 30, 100), [60, 90]);
        assert_eq!(beats(60, 30, 100), [90]);
    }

    #[test]
    fn beats_that_were_missed_are_one_and_a_span_of_nothing_ends_nothing() {
        let mut rhythm = Rhythm::new(seconds(0), SimSpan::from_micros(10_000_000));
        assert!(rhythm.has_come(seconds(35)));
        assert_eq!(rhythm.next(), seconds(40));
        let mut rhythm = Rhythm::new(seconds(5), SimSpan::ZERO);
        assert!(!rhythm.has_come(seconds(5)));
        assert!(rhythm.has_come(seconds(6)));
    }
}
