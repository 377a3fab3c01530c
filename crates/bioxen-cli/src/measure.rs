//! What a run cost on this machine.

use std::time::{Duration, SystemTime};

use bioxen::{Clock, SystemClock};
use serde::Serialize;

/// A measurement that has begun.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    clock: SystemClock,
    cpu: Option<Duration>,
}

/// Time on the wall and time of processors.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Timing {
    /// Time on the wall, s.
    pub(crate) wall_s: f64,
    /// Processor time of this process, s; not known on every system.
    pub(crate) cpu_s: Option<f64>,
    /// Reaction events per second on the wall.
    pub(crate) events_per_s: f64,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            clock: SystemClock::new(),
            cpu: processor_time(),
        }
    }

    /// Ends the measurement of a run with this many reaction events.
    pub(crate) fn stop(&self, events: u64) -> Timing {
        let wall_s = self.clock.now().as_secs_f64();
        let cpu = processor_time().zip(self.cpu);
        Timing {
            wall_s,
            cpu_s: cpu.map(|(now, then)| now.saturating_sub(then).as_secs_f64()),
            events_per_s: events as f64 / wall_s.max(1e-9),
        }
    }
}

/// Time on the wall, for the label of a file.
pub(crate) fn wall_time() -> SystemTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "files of a person say when they were written"
    )]
    SystemTime::now()
}

/// Cores that this process may use, at least 1.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Processor time of this process so far, user and system.
fn processor_time() -> Option<Duration> {
    if cfg!(target_os = "linux") {
        ticks(&std::fs::read_to_string("/proc/self/stat").ok()?)
            // The kernel shows 100 ticks per second to programs on every architecture, whatever it counts inside.
            .map(|ticks| Duration::from_millis(ticks.saturating_mul(10)))
    } else {
        None
    }
}

/// Fields 14 and 15 of `/proc/self/stat` together; the name in field 2 may have spaces and parentheses.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    user.checked_add(system)
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let fields = "S 1 2 3 4 5 6 7 8 9 10 700 42 0 0 20";
        assert_eq!(ticks(&format!("17 (a) b) {fields}")), Some(742));
        assert_eq!(ticks("17 (a) S 1"), None);
        assert_eq!(ticks(""), None);
    }
}
