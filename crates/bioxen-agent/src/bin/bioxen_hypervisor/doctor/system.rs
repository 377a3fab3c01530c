//! What the system gives.

use std::fs;
use std::time::{Duration, SystemTime};

use bioxen_agent::Place;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

use super::Check;

/// No clock is right that is before this: 2024, seconds since 1970.
const EARLIEST: u64 = 1_704_067_200;
/// Clocks of machines that share a disk differ by less.
const SLACK: Duration = Duration::from_secs(60);
/// Fewer open files than this are not enough for connections and journal.
const LEAST_FILES: u64 = 64;
/// Fewer open files than this are soon not enough.
const FEW_FILES: u64 = 512;

/// Events and images have a time: it must be possible, and not go back.
pub(super) fn clock(place: &Place, now: SystemTime) -> Check {
    let files = [place.folder(), place.log(), place.lock(), place.socket()];
    let newest = files
        .iter()
        .filter_map(|file| fs::metadata(file).and_then(|file| file.modified()).ok())
        .max();
    judge_clock(now, newest)
}

fn judge_clock(now: SystemTime, newest: Option<SystemTime>) -> Check {
    const NAME: &str = "clock";
    const CURE: &str = "set the clock, best by NTP";
    let earliest = SystemTime::UNIX_EPOCH + Duration::from_secs(EARLIEST);
    if now < earliest {
        return Check::fail(NAME, "it is before 2024", CURE);
    }
    match newest.and_then(|newest| newest.duration_since(now).ok()) {
        Some(ahead) if ahead > SLACK => Check::warn(
            NAME,
            format!("files of the daemon are {} s ahead of it", ahead.as_secs()),
            CURE,
        ),
        _ => Check::ok(NAME, "it is possible, and no file is ahead of it"),
    }
}

pub(super) fn open_files() -> Check {
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((RLIM_INFINITY, _)) => judge_files(None),
        Ok((limit, _)) => judge_files(Some(limit)),
        Err(error) => Check::warn(
            "open files",
            format!("not known: {error}"),
            "look at the limit by other means, such as ulimit -n",
        ),
    }
}

fn judge_files(limit: Option<u64>) -> Check {
    const NAME: &str = "open files";
    const CURE: &str = "raise it: ulimit -n 1024, or LimitNOFILE=1024 in the unit";
    let Some(limit) = limit else {
        return Check::ok(NAME, "no limit");
    };
    let found = format!("at most {limit}");
    if limit < LEAST_FILES {
        Check::fail(NAME, found, CURE)
    } else if limit < FEW_FILES {
        Check::warn(NAME, found, CURE)
    } else {
        Check::ok(NAME, found)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::super::Verdict::{Fail, Ok, Warn};
    use super::{EARLIEST, judge_clock, judge_files};

    #[test]
    fn a_clock_is_possible_and_does_not_go_back() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(EARLIEST + 1000);
        let of = |newest| judge_clock(now, newest).verdict;
        assert_eq!(of(None), Ok);
        assert_eq!(of(Some(now - Duration::from_secs(1))), Ok);
        assert_eq!(of(Some(now + Duration::from_secs(60))), Ok);
        assert_eq!(of(Some(now + Duration::from_secs(61))), Warn);
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(judge_clock(epoch, None).verdict, Fail);
    }

    #[test]
    fn files_may_be_many() {
        let limits = [Some(63), Some(64), Some(512), None];
        let verdicts = limits.map(|limit| judge_files(limit).verdict);
        assert_eq!(verdicts, [Fail, Warn, Ok, Ok]);
    }
}
