//! Times on the wall.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::InvalidValue;
use super::scaled::{number_and_unit, times};

/// A time on the wall, from 1 ms to 31 days: `500ms`, `30s`, `5min` or `2h`.
///
/// ```
/// use bioxen_config::Interval;
///
/// let interval: Interval = "5min".parse()?;
/// assert_eq!(interval.duration().as_secs(), 300);
/// assert_eq!(interval.to_string(), "5min");
/// assert!("0s".parse::<Interval>().is_err());
/// # Ok::<(), bioxen_config::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    millis: u64,
}

const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

const LONGEST_MS: u64 = 31 * 24 * 3_600_000;

const ALLOWED: &str = "a time with its unit, such as 30s, 500ms, 5min or 2h, of at most 31 days";

impl Interval {
    /// A time in milliseconds.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if it is not within 1 ms to 31 days.
    pub fn from_millis(millis: u64) -> Result<Self, InvalidValue> {
        if (1..=LONGEST_MS).contains(&millis) {
            return Ok(Self { millis });
        }
        Err(InvalidValue::new(&format!("{millis}ms"), ALLOWED, None))
    }

    /// The time.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.millis)
    }
}

impl FromStr for Interval {
    type Err = InvalidValue;

    /// Digits, with a point and up to three digits after it, and a unit.
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let refuse = |hint| InvalidValue::new(text, ALLOWED, hint);
        let (number, unit) = number_and_unit(text);
        let Some((_, millis)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let hint = match unit {
                "" | "sec" | "seconds" => Some("s"),
                "m" | "minutes" => Some("min"),
                "hours" => Some("h"),
                _ => None,
            };
            let hint = hint
                .filter(|_| !number.is_empty())
                .map(|unit| format!("did you mean {number}{unit}?"));
            return Err(refuse(hint));
        };
        if number.find('.').unwrap_or(number.len()) > 12 {
            return Err(refuse(None));
        }
        let millis = times(number, 3, *millis).map_err(|_| refuse(None))?;
        Self::from_millis(millis).map_err(|_| refuse(None))
    }
}

impl fmt::Display for Interval {
    /// In the largest unit that it is a whole number of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = UNITS
            .iter()
            .find(|(_, millis)| self.millis.is_multiple_of(*millis));
        let (unit, millis) = best.copied().unwrap_or(("ms", 1));
        f.pad(&format!("{}{unit}", self.millis / millis))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Interval, LONGEST_MS};

    #[test]
    fn times_are_read_with_their_unit_alone() {
        for text in [
            "",
            "30",
            "5m",
            "0s",
            "-1s",
            "1.0001s",
            "745h",
            "1d",
            "s",
            "999999999999h",
        ] {
            assert!(text.parse::<Interval>().is_err(), "{text}");
        }
        let refused = "5m".parse::<Interval>().unwrap_err();
        assert_eq!(refused.hint().as_deref(), Some("did you mean 5min?"));
        assert_eq!("1.5 h".parse::<Interval>().unwrap().to_string(), "90min");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_what_it_was(millis in 1..=LONGEST_MS) {
            let interval = Interval::from_millis(millis).unwrap();
            prop_assert_eq!(interval.to_string().parse::<Interval>().unwrap(), interval);
        }
    }
}
