//! Quantities with a unit and an invariant.

use std::fmt;
use std::str::FromStr;

use crate::invalid::{InvalidNumber, NumberProblem, Quantity, parse_real, parse_whole};

/// Share of a cell's ATP regeneration capacity, percent: 0 to 100 in hundredths.
///
/// Stored as a whole number of hundredths, so that sums over cells are exact.
/// It limits regeneration: per coupling step a cell may regenerate at most this share of its reference capacity. It is not a level of ATP.
///
/// ```
/// use bioxen_core::AtpPercent;
///
/// let share: AtpPercent = "62.5%".parse()?;
/// assert_eq!(share, AtpPercent::new(62.5)?);
/// assert_eq!(share.hundredths(), 6_250);
/// assert_eq!(share.to_string(), "62.5%");
/// assert_eq!(share.checked_add(AtpPercent::new(40.0)?), None);
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtpPercent(u16);

impl AtpPercent {
    /// Nothing, 0%.
    pub const ZERO: Self = Self(0);
    /// The whole capacity, 100%.
    pub const FULL: Self = Self(10_000);

    /// A share given in percent.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if the value is not within 0 to 100 or is not a whole number of hundredths; see [`AtpPercent::nearest`] for computed values.
    pub fn new(percent: f64) -> Result<Self, InvalidNumber> {
        let share = Self::nearest(percent)?;
        // Both sides are the double nearest to a decimal of two digits, or the value has more digits than that.
        if share.percent() == percent {
            Ok(share)
        } else {
            let text = percent.to_string();
            Err(InvalidNumber::new(
                Quantity::AtpPercent,
                &text,
                NumberProblem::TooPrecise,
            ))
        }
    }

    /// The share nearest to a computed value in percent.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if the value is not within 0 to 100.
    pub fn nearest(percent: f64) -> Result<Self, InvalidNumber> {
        if !(0.0..=100.0).contains(&percent) {
            return Err(InvalidNumber::of_value(Quantity::AtpPercent, percent));
        }
        whole(percent * 100.0)
            .and_then(|hundredths| u16::try_from(hundredths).ok())
            .map(Self)
            .ok_or_else(|| InvalidNumber::of_value(Quantity::AtpPercent, percent))
    }

    /// A share given in hundredths of a percent, 0 to 10 000.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if there are more than 10 000.
    pub fn from_hundredths(hundredths: u16) -> Result<Self, InvalidNumber> {
        if hundredths <= Self::FULL.0 {
            Ok(Self(hundredths))
        } else {
            Err(InvalidNumber::of_value(
                Quantity::AtpPercent,
                f64::from(hundredths) / 100.0,
            ))
        }
    }

    /// Hundredths of a percent, 0 to 10 000.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// Percent, 0 to 100.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// Fraction of the capacity, 0 to 1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// The sum, unless it is above 100%.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        // Two shares are at most 20 000 hundredths, which fits.
        Self::from_hundredths(self.0 + other.0).ok()
    }

    /// The difference, unless it is below 0%.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl FromStr for AtpPercent {
    type Err = InvalidNumber;

    /// Digits with at most two decimals, with or without a percent sign: `62.5`, `62.5%`.
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let refuse = |problem| InvalidNumber::new(Quantity::AtpPercent, text, problem);
        let number = text.strip_suffix('%').unwrap_or(text);
        let value = parse_real(Quantity::AtpPercent, number).map_err(|e| refuse(e.problem()))?;
        let share = Self::nearest(value).map_err(|e| refuse(e.problem()))?;
        let plain = number
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '+'));
        let decimals = number
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        match (plain, decimals) {
            (false, _) => Err(refuse(NumberProblem::NotANumber)),
            (true, 0..=2) => Ok(share),
            (true, _) => Err(refuse(NumberProblem::TooPrecise)),
        }
    }
}

impl fmt::Display for AtpPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        let text = match (rest / 10, rest % 10) {
            (0, 0) => format!("{whole}%"),
            (tenths, 0) => format!("{whole}.{tenths}%"),
            (tenths, hundredths) => format!("{whole}.{tenths}{hundredths}%"),
        };
        f.pad(&text)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for AtpPercent {
    /// As a number in percent.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.percent())
    }
}

/// A number of ribosome units; what one unit is, [`RibosomeUnit`](crate::RibosomeUnit) says.
///
/// ```
/// use bioxen_core::RibosomeCount;
///
/// let units: RibosomeCount = "10".parse()?;
/// assert_eq!(units.get(), 10);
/// assert_eq!(units.to_string(), "10");
/// assert_eq!(units.checked_sub(RibosomeCount::new(11)), None);
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RibosomeCount(u32);

impl RibosomeCount {
    /// No units.
    pub const ZERO: Self = Self(0);

    /// A number of units; every number is one.
    pub const fn new(units: u32) -> Self {
        Self(units)
    }

    /// The number of units.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The sum, unless it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it is below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl FromStr for RibosomeCount {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        parse_whole(Quantity::RibosomeCount, text).map(Self)
    }
}

impl fmt::Display for RibosomeCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A number of molecules, or of machines such as ribosomes, in one cell.
///
/// ```
/// use bioxen_core::Molecules;
///
/// let copies: Molecules = "148".parse()?;
/// assert_eq!(copies.get(), 148);
/// assert_eq!(copies.to_string(), "148");
/// assert_eq!(copies.checked_add(Molecules::new(u64::MAX)), None);
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Molecules(u64);

impl Molecules {
    /// None.
    pub const ZERO: Self = Self(0);

    /// A number of molecules; every number is one.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The number of molecules.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sum, unless it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it is below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl FromStr for Molecules {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        parse_whole(Quantity::Molecules, text).map(Self)
    }
}

impl fmt::Display for Molecules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Stochastic rate constant `k` of a reaction, 1/s: finite and at least 0.
///
/// The convention: `k` is the probability per second that one given combination of reactant molecules reacts, and the propensity of the reaction is `k` times the number of such combinations.
///
/// | reaction | propensity, 1/s |
/// |---|---|
/// | `-> B` | `k` |
/// | `A -> B` | `k·A` |
/// | `A + B -> C` | `k·A·B` |
/// | `2A -> B` | `k·A·(A−1)/2` |
///
/// ```
/// use bioxen_core::StochasticRate;
///
/// let rate: StochasticRate = "0.25/s".parse()?;
/// assert_eq!(rate, StochasticRate::new(0.25)?);
/// assert_eq!(rate.get(), 0.25);
/// assert_eq!(rate.to_string(), "0.25/s");
/// assert!(StochasticRate::new(f64::INFINITY).is_err());
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct StochasticRate(f64);

impl StochasticRate {
    /// A reaction that never happens.
    pub const ZERO: Self = Self(0.0);

    /// A rate constant in 1/s.
    ///
    /// # Errors
    ///
    /// [`InvalidNumber`] if the value is negative, infinite or not a number.
    pub fn new(per_second: f64) -> Result<Self, InvalidNumber> {
        if per_second.is_finite() && per_second >= 0.0 {
            // Adding zero turns -0 into 0.
            Ok(Self(per_second + 0.0))
        } else {
            Err(InvalidNumber::of_value(
                Quantity::StochasticRate,
                per_second,
            ))
        }
    }

    /// The rate constant, 1/s.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for StochasticRate {
    type Err = InvalidNumber;

    /// A number, with or without its unit: `0.25`, `0.25/s`.
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let number = text.strip_suffix("/s").unwrap_or(text);
        parse_real(Quantity::StochasticRate, number)
            .and_then(Self::new)
            .map_err(|e| InvalidNumber::new(Quantity::StochasticRate, text, e.problem()))
    }
}

impl fmt::Display for StochasticRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/s", self.0))
    }
}

/// The whole number nearest to a value, if it is one that a `u64` holds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is rounded and lies between 0 and 2^64, which is checked first"
)]
pub(crate) fn whole(value: f64) -> Option<u64> {
    const END: f64 = 18_446_744_073_709_551_616.0;
    let rounded = value.round();
    (0.0..END).contains(&rounded).then_some(rounded as u64)
}

#[cfg(test)]
mod tests;
