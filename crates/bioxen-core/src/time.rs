//! Simulated time: instants and spans, never mixed with the time on the wall.

use std::fmt;
use std::str::FromStr;

use crate::invalid::{InvalidNumber, Quantity};
use crate::units::whole;

mod text;

const MICROS_PER_SECOND: f64 = 1e6;

/// An instant of simulated time, counted from the birth of the VM's first cell.
///
/// Stored in whole microseconds, so that sums are exact.
///
/// ```
/// use bioxen_core::{SimSpan, SimTime};
///
/// let end = SimTime::ZERO.saturating_add("1h30min".parse::<SimSpan>()?);
/// assert_eq!(end.seconds(), 5_400.0);
/// assert_eq!(end.to_string(), "90min");
/// assert_eq!("90min".parse::<SimTime>()?, end);
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

impl SimTime {
    /// The birth of the first cell.
    pub const ZERO: Self = Self(0);

    /// An instant in microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// An instant in seconds, rounded to the nearest microsecond.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if the value is negative, not finite, or beyond the last microsecond that can be counted (about 584 000 years).
    pub fn from_seconds(seconds: f64) -> Result<Self, InvalidNumber> {
        micros_of(seconds).map(Self)
    }

    /// Microseconds since the birth of the first cell.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Seconds since the birth of the first cell; below 2^51 µs, about 71 years, it gives the same microseconds back.
    pub fn seconds(self) -> f64 {
        seconds_of(self.0)
    }

    /// The instant one span later, unless it cannot be counted.
    pub fn checked_add(self, span: SimSpan) -> Option<Self> {
        self.0.checked_add(span.0).map(Self)
    }

    /// The instant one span later, or the last one that can be counted.
    pub fn saturating_add(self, span: SimSpan) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The span from an earlier instant to this one; `None` if the other one is later.
    pub fn since(self, earlier: Self) -> Option<SimSpan> {
        self.0.checked_sub(earlier.0).map(SimSpan)
    }
}

impl FromStr for SimTime {
    type Err = InvalidNumber;

    /// Numbers with units, as for [`SimSpan`].
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        text::parse(text).map(Self)
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::show(self.0, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SimTime {
    /// As a number in seconds.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.seconds())
    }
}

/// A span of simulated time.
///
/// Stored in whole microseconds, so that sums are exact.
///
/// ```
/// use bioxen_core::SimSpan;
///
/// let span: SimSpan = "105min".parse()?;
/// assert_eq!(span, SimSpan::from_seconds(6_300.0)?);
/// assert_eq!(span.micros(), 6_300_000_000);
/// assert_eq!(span.to_string(), "105min");
/// assert!("105".parse::<SimSpan>().is_err(), "a unit must be given");
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimSpan(u64);

impl SimSpan {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span in microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A span in seconds, rounded to the nearest microsecond.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if the value is negative, not finite, or beyond the last microsecond that can be counted (about 584 000 years).
    pub fn from_seconds(seconds: f64) -> Result<Self, InvalidNumber> {
        micros_of(seconds).map(Self)
    }

    /// The span in microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// The span in seconds; below 2^51 µs, about 71 years, it gives the same microseconds back.
    pub fn seconds(self) -> f64 {
        seconds_of(self.0)
    }

    /// Both spans together, unless they cannot be counted.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What remains of this span without the other; `None` if the other one is longer.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl FromStr for SimSpan {
    type Err = InvalidNumber;

    /// Numbers with units, the largest unit first: `105min`, `1.5h`, `1h30min`, `500ms`, `90us`.
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        text::parse(text).map(Self)
    }
}

impl fmt::Display for SimSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::show(self.0, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SimSpan {
    /// As a number in seconds.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.seconds())
    }
}

fn micros_of(seconds: f64) -> Result<u64, InvalidNumber> {
    // Half a microsecond below zero would round to zero; a negative time is a mistake of any size.
    let micros = if seconds < 0.0 {
        None
    } else {
        whole(seconds * MICROS_PER_SECOND)
    };
    micros.ok_or_else(|| InvalidNumber::of_value(Quantity::SimulatedTime, seconds))
}

fn seconds_of(micros: u64) -> f64 {
    micros as f64 / MICROS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::{SimSpan, SimTime};
    use crate::invalid::NumberProblem;

    #[test]
    fn seconds_are_rounded_to_the_microsecond() {
        assert_eq!(
            SimSpan::from_seconds(0.5),
            Ok(SimSpan::from_micros(500_000))
        );
        assert_eq!(SimSpan::from_seconds(0.000_000_4), Ok(SimSpan::ZERO));
        assert_eq!(
            SimSpan::from_seconds(0.000_000_6),
            Ok(SimSpan::from_micros(1))
        );
        for micros in [0, 1, 999_999, 6_300_000_000, (1 << 51) - 1] {
            let span = SimSpan::from_micros(micros);
            assert_eq!(SimSpan::from_seconds(span.seconds()), Ok(span));
        }
    }

    #[test]
    fn impossible_seconds_are_refused() {
        for seconds in [-1.0, -1e-9, f64::INFINITY, 1e15, f64::MAX] {
            let error = SimTime::from_seconds(seconds).expect_err("not a time");
            assert_eq!(error.problem(), NumberProblem::OutOfRange, "{seconds}");
        }
        let nan = SimTime::from_seconds(f64::NAN).expect_err("not a time");
        assert_eq!(nan.problem(), NumberProblem::NotANumber);
    }

    #[test]
    fn sums_are_exact_or_say_that_they_do_not_fit() {
        let last = SimTime::from_micros(u64::MAX);
        let tick = SimSpan::from_micros(1);
        assert_eq!(last.checked_add(tick), None);
        assert_eq!(last.saturating_add(tick), last);
        assert_eq!(SimSpan::from_micros(u64::MAX).checked_add(tick), None);
        assert_eq!(SimSpan::ZERO.checked_sub(tick), None);

        let later = SimTime::ZERO.checked_add(tick).expect("one microsecond");
        assert_eq!(later.since(SimTime::ZERO), Some(tick));
        assert_eq!(SimTime::ZERO.since(later), None);
    }
}
