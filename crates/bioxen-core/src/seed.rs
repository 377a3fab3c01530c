//! Where randomness starts.

use std::fmt;
use std::str::FromStr;

use crate::invalid::{InvalidNumber, NumberProblem, Quantity, parse_whole};

/// Start of a cell's random stream: any whole number below 2^64, no unit.
///
/// There is no default. Whoever wants an unpredictable cell draws a seed and records it: the same seed, genome, version and commands give the same bytes.
///
/// ```
/// use bioxen_core::Seed;
///
/// assert_eq!("0x2a".parse::<Seed>()?, Seed::new(42));
/// assert_eq!(Seed::new(42).get(), 42);
/// assert_eq!(Seed::new(42).to_string(), "42");
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Seed(u64);

impl Seed {
    /// A seed; every number is one.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Seed {
    type Err = InvalidNumber;

    /// Decimal digits, or `0x` and hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) else {
            return parse_whole(Quantity::Seed, text).map(Self);
        };
        let problem = if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            NumberProblem::NotANumber
        } else {
            match u64::from_str_radix(digits, 16) {
                Ok(value) => return Ok(Self(value)),
                Err(_) => NumberProblem::OutOfRange,
            }
        };
        Err(InvalidNumber::new(Quantity::Seed, text, problem))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::Seed;
    use crate::invalid::NumberProblem;

    #[test]
    fn text_is_refused_for_its_own_reason() {
        use NumberProblem::{NotANumber, NotWhole, OutOfRange};
        let cases = [
            ("", NotANumber),
            ("0x", NotANumber),
            ("0x+1", NotANumber),
            ("0xg", NotANumber),
            ("random", NotANumber),
            ("1.5", NotWhole),
            ("-1", OutOfRange),
            ("18446744073709551616", OutOfRange),
            ("0x10000000000000000", OutOfRange),
        ];
        for (text, problem) in cases {
            let error = text.parse::<Seed>().expect_err(text);
            assert_eq!(error.problem(), problem, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_seed_round_trips_in_both_forms(value in any::<u64>()) {
            let seed = Seed::new(value);
            prop_assert_eq!(seed.to_string().parse(), Ok(seed));
            prop_assert_eq!(format!("{value:#x}").parse(), Ok(seed));
            prop_assert_eq!(format!("0X{value:X}").parse(), Ok(seed));
        }
    }
}
