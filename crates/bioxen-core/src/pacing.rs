//! How simulated time follows the time on the wall.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::invalid::{InvalidNumber, Quantity, parse_real};

/// How a running VM advances.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Pacing {
    /// Only when asked, by [`BiologicalVm::advance`](crate::BiologicalVm::advance) or by a process.
    Manual,
    /// By itself, in a fixed proportion to the time on the wall.
    RealTime {
        /// Simulated seconds per second on the wall.
        factor: PaceFactor,
    },
    /// By itself, as fast as the host computes.
    Unpaced,
}

impl Default for Pacing {
    /// Real time: one simulated second per second.
    fn default() -> Self {
        Self::RealTime {
            factor: PaceFactor::ONE,
        }
    }
}

impl fmt::Display for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual => f.pad("manual"),
            Self::RealTime { factor } if *factor == PaceFactor::ONE => f.pad("real time"),
            Self::RealTime { factor } => f.pad(&format!("real time x {factor}")),
            Self::Unpaced => f.pad("unpaced"),
        }
    }
}

/// Simulated seconds per second on the wall: finite and above 0.
///
/// ```
/// use bioxen_core::PaceFactor;
///
/// let factor: PaceFactor = "60".parse()?;
/// assert_eq!(factor, PaceFactor::new(60.0)?);
/// assert_eq!(factor.get(), 60.0);
/// assert_eq!(factor.to_string(), "60");
/// assert!(PaceFactor::new(0.0).is_err());
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PaceFactor(f64);

impl PaceFactor {
    /// One simulated second per second.
    pub const ONE: Self = Self(1.0);

    /// A factor.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if the value is not above 0 or not finite.
    pub fn new(factor: f64) -> Result<Self, InvalidNumber> {
        if factor.is_finite() && factor > 0.0 {
            Ok(Self(factor))
        } else {
            Err(InvalidNumber::of_value(Quantity::PaceFactor, factor))
        }
    }

    /// Simulated seconds per second on the wall.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for PaceFactor {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        parse_real(Quantity::PaceFactor, text)
            .and_then(Self::new)
            .map_err(|e| InvalidNumber::new(Quantity::PaceFactor, text, e.problem()))
    }
}

impl fmt::Display for PaceFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

/// Where the time on the wall comes from.
///
/// Nothing in this workspace asks the operating system by itself: whoever needs time is given a clock, and tests give one that they move by hand.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Time since an arbitrary origin of this clock; it never goes backward.
    fn now(&self) -> Duration;
}

#[cfg(test)]
mod tests {
    use super::{PaceFactor, Pacing};

    #[test]
    fn factors_are_finite_and_positive() {
        for value in [0.0, -0.0, -1.0, f64::INFINITY, f64::NAN] {
            assert!(PaceFactor::new(value).is_err(), "{value}");
        }
        for text in ["", "0", "-1", "fast", "inf", "1e999"] {
            assert!(text.parse::<PaceFactor>().is_err(), "{text:?}");
        }
        for value in [f64::MIN_POSITIVE, 0.1, 1.0, 60.0, 1e9] {
            let factor = PaceFactor::new(value).expect("finite and positive");
            assert_eq!(factor.to_string().parse(), Ok(factor));
        }
    }

    #[test]
    fn pacing_is_shown_in_words() {
        let sixty = PaceFactor::new(60.0).expect("finite and positive");
        assert_eq!(Pacing::default().to_string(), "real time");
        assert_eq!(
            Pacing::RealTime { factor: sixty }.to_string(),
            "real time x 60"
        );
        assert_eq!(Pacing::Manual.to_string(), "manual");
        assert_eq!(Pacing::Unpaced.to_string(), "unpaced");
    }
}
