//! Why a number, or a text that should be one, does not fit its quantity.

use std::fmt;
use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;

use thiserror::Error;

use super::excerpt;

/// What a refused number was meant to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quantity {
    /// An [`AtpPercent`](crate::AtpPercent).
    AtpPercent,
    /// A [`RibosomeCount`](crate::RibosomeCount).
    RibosomeCount,
    /// A number of [`Molecules`](crate::Molecules).
    Molecules,
    /// A [`StochasticRate`](crate::StochasticRate).
    StochasticRate,
    /// A [`Seed`](crate::Seed).
    Seed,
    /// A [`SimTime`](crate::SimTime) or [`SimSpan`](crate::SimSpan).
    SimulatedTime,
    /// A [`PaceFactor`](crate::PaceFactor).
    PaceFactor,
    /// A [`Priority`](crate::Priority).
    Priority,
}

impl Quantity {
    /// The values that are accepted, in one line.
    pub fn rule(self) -> &'static str {
        match self {
            Self::AtpPercent => {
                "give a percentage from 0 to 100 with at most two decimals, such as 62.5"
            }
            Self::RibosomeCount => "give a whole number of ribosome units from 0 to 4294967295",
            Self::Molecules => "give a whole number of molecules from 0 to 18446744073709551615",
            Self::StochasticRate => "give a finite rate of at least 0 per second, such as 0.25",
            Self::Seed => "give a whole number below 2^64, decimal or as 0x and hexadecimal digits",
            Self::SimulatedTime => {
                "give a number with a unit, such as 90s, 105min, 1.5h or 1h30min; units are h, min, s, ms, us"
            }
            Self::PaceFactor => "give a finite factor above 0, such as 1 or 60",
            Self::Priority => "give a whole number from 1 to 100",
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AtpPercent => "ATP percent",
            Self::RibosomeCount => "ribosome count",
            Self::Molecules => "molecule count",
            Self::StochasticRate => "stochastic rate",
            Self::Seed => "seed",
            Self::SimulatedTime => "simulated time",
            Self::PaceFactor => "pace factor",
            Self::Priority => "priority",
        })
    }
}

/// What is wrong with a refused number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberProblem {
    /// It cannot be read as a number of this form.
    NotANumber,
    /// It has decimals where only whole numbers make sense.
    NotWhole,
    /// It lies outside the range that [`Quantity::rule`] states.
    OutOfRange,
    /// It has more decimals than are stored.
    TooPrecise,
    /// It has no unit.
    NoUnit,
    /// It has a unit that is not known.
    UnknownUnit,
    /// Its units do not fall from the largest to the smallest.
    UnitOrder,
}

impl fmt::Display for NumberProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotANumber => "is not a number",
            Self::NotWhole => "is not a whole number",
            Self::OutOfRange => "is out of range",
            Self::TooPrecise => "has too many decimals",
            Self::NoUnit => "has no unit",
            Self::UnknownUnit => "has an unknown unit",
            Self::UnitOrder => {
                "does not name its units from the largest to the smallest, each once"
            }
        })
    }
}

/// A number, or a text that should be one, that does not fit its quantity.
///
/// ```
/// use bioxen_core::{AtpPercent, NumberProblem};
///
/// let error = AtpPercent::new(120.0).expect_err("more than all of it");
/// assert_eq!(error.to_string(), "ATP percent \"120\" is out of range");
/// assert_eq!(error.problem(), NumberProblem::OutOfRange);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{quantity} {text:?} {problem}")]
pub struct InvalidNumber {
    quantity: Quantity,
    text: String,
    problem: NumberProblem,
}

impl InvalidNumber {
    pub(crate) fn new(quantity: Quantity, text: &str, problem: NumberProblem) -> Self {
        Self {
            quantity,
            text: excerpt(text),
            problem,
        }
    }

    pub(crate) fn of_value(quantity: Quantity, value: f64) -> Self {
        let problem = if value.is_nan() {
            NumberProblem::NotANumber
        } else {
            NumberProblem::OutOfRange
        };
        Self {
            quantity,
            text: value.to_string(),
            problem,
        }
    }

    /// What the number was meant to measure.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The refused number as text; a long one is cut short.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub fn problem(&self) -> NumberProblem {
        self.problem
    }

    /// What to write instead.
    pub fn hint(&self) -> Option<String> {
        Some(self.quantity.rule().to_owned())
    }
}

/// Reads a whole number and tells apart text, decimals and values that do not fit.
pub(crate) fn parse_whole<T>(quantity: Quantity, text: &str) -> Result<T, InvalidNumber>
where
    T: FromStr<Err = ParseIntError>,
{
    text.parse::<T>().map_err(|error| {
        let problem = match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow | IntErrorKind::Zero => {
                NumberProblem::OutOfRange
            }
            _ => match text.parse::<f64>() {
                Ok(value) if !value.is_finite() => NumberProblem::NotANumber,
                Ok(value) if value < 0.0 => NumberProblem::OutOfRange,
                Ok(_) => NumberProblem::NotWhole,
                Err(_) => NumberProblem::NotANumber,
            },
        };
        InvalidNumber::new(quantity, text, problem)
    })
}

/// Reads a number with a decimal point; infinities and NaN are not numbers here.
pub(crate) fn parse_real(quantity: Quantity, text: &str) -> Result<f64, InvalidNumber> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        // A long row of digits overflows to infinity: that is a number, only too large.
        Ok(value) if value.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) => Err(
            InvalidNumber::new(quantity, text, NumberProblem::OutOfRange),
        ),
        _ => Err(InvalidNumber::new(
            quantity,
            text,
            NumberProblem::NotANumber,
        )),
    }
}
