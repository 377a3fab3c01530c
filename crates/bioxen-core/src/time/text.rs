//! Simulated time as text: numbers with units.

use std::fmt;

use crate::invalid::{InvalidNumber, NumberProblem, Quantity};

/// Units from the largest to the smallest, with their length in microseconds.
const UNITS: [(&str, u64); 5] = [
    ("h", 3_600_000_000),
    ("min", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// Reads numbers with units, such as `1h30min` or `1.5h`, as microseconds without rounding.
pub(super) fn parse(text: &str) -> Result<u64, InvalidNumber> {
    micros(text).map_err(|problem| InvalidNumber::new(Quantity::SimulatedTime, text, problem))
}

/// Writes microseconds in the largest unit that needs no decimals.
pub(super) fn show(micros: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if micros == 0 {
        return f.pad("0s");
    }
    // The last unit is one microsecond long and divides everything.
    for (name, length) in UNITS {
        if micros.is_multiple_of(length) {
            return f.pad(&format!("{}{name}", micros / length));
        }
    }
    Ok(())
}

fn micros(text: &str) -> Result<u64, NumberProblem> {
    if text.starts_with('-') && text[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return Err(NumberProblem::OutOfRange);
    }
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut total: u64 = 0;
    loop {
        let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, after) = split(after, |c| c.is_ascii_alphabetic());
        if number.is_empty() {
            return Err(NumberProblem::NotANumber);
        }
        if unit.is_empty() {
            return Err(if after.is_empty() {
                NumberProblem::NoUnit
            } else {
                NumberProblem::UnknownUnit
            });
        }
        if !UNITS.iter().any(|(name, _)| *name == unit) {
            return Err(NumberProblem::UnknownUnit);
        }
        // The iterator never goes back, so a unit that is repeated or larger than the one before is not found.
        let (_, length) = units
            .find(|(name, _)| *name == unit)
            .ok_or(NumberProblem::UnitOrder)?;
        total = total
            .checked_add(scaled(number, *length)?)
            .ok_or(NumberProblem::OutOfRange)?;
        if after.is_empty() {
            return Ok(total);
        }
        rest = after;
    }
}

/// `number` times `length`, exactly.
fn scaled(number: &str, length: u64) -> Result<u64, NumberProblem> {
    let (whole, decimals) = match number.split_once('.') {
        Some((_, "")) => return Err(NumberProblem::NotANumber),
        Some(parts) => parts,
        None => (number, ""),
    };
    if whole.is_empty() || decimals.contains('.') {
        return Err(NumberProblem::NotANumber);
    }
    let whole = whole
        .parse::<u64>()
        .ok()
        .and_then(|whole| whole.checked_mul(length))
        .ok_or(NumberProblem::OutOfRange)?;
    // An hour is 2^10 · 3^2 · 5^8 microseconds, so an eleventh decimal never leaves a whole number of them.
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 10 {
        return Err(NumberProblem::TooPrecise);
    }
    let (mut numerator, mut denominator) = (0_u128, 1_u128);
    for digit in decimals.bytes() {
        numerator = numerator * 10 + u128::from(digit - b'0');
        denominator *= 10;
    }
    let product = numerator * u128::from(length);
    if !product.is_multiple_of(denominator) {
        return Err(NumberProblem::TooPrecise);
    }
    u64::try_from(product / denominator)
        .ok()
        .and_then(|fraction| whole.checked_add(fraction))
        .ok_or(NumberProblem::OutOfRange)
}

/// Splits a text after the longest start whose characters all match.
fn split(text: &str, matches: fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !matches(c)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use crate::invalid::NumberProblem;
    use crate::time::SimSpan;

    #[test]
    fn every_unit_is_read_exactly() {
        let cases = [
            ("90us", 90),
            ("500ms", 500_000),
            ("1s", 1_000_000),
            ("105min", 6_300_000_000),
            ("2h", 7_200_000_000),
            ("1.5h", 5_400_000_000),
            ("1h30min", 5_400_000_000),
            ("1h0.5s", 3_600_500_000),
            ("0.1s", 100_000),
            ("0.10000000000s", 100_000),
            ("0.00000125h", 4_500),
            ("1h1min1s1ms1us", 3_661_001_001),
            ("0s", 0),
            ("18446744073709551615us", u64::MAX),
        ];
        for (text, micros) in cases {
            assert_eq!(text.parse(), Ok(SimSpan::from_micros(micros)), "{text}");
        }
    }

    #[test]
    fn text_is_refused_for_its_own_reason() {
        use NumberProblem::{NoUnit, NotANumber, OutOfRange, TooPrecise, UnitOrder, UnknownUnit};
        let cases = [
            ("", NotANumber),
            ("s", NotANumber),
            ("now", NotANumber),
            ("+1s", NotANumber),
            (" 1s", NotANumber),
            ("1.s", NotANumber),
            (".5s", NotANumber),
            ("1.2.3s", NotANumber),
            ("105", NoUnit),
            ("1h30", NoUnit),
            ("1m", UnknownUnit),
            ("1S", UnknownUnit),
            ("1 s", UnknownUnit),
            ("3days", UnknownUnit),
            ("30min1h", UnitOrder),
            ("1s1s", UnitOrder),
            ("-1s", OutOfRange),
            ("18446744073709551616us", OutOfRange),
            ("6000000000h", OutOfRange),
            ("0.5us", TooPrecise),
            ("0.0000001s", TooPrecise),
            ("0.33333333333333333333333333h", TooPrecise),
        ];
        for (text, problem) in cases {
            let error = text.parse::<SimSpan>().expect_err(text);
            assert_eq!(error.problem(), problem, "{text:?}");
        }
    }

    #[test]
    fn a_bare_number_is_told_to_take_a_unit() {
        let error = "105".parse::<SimSpan>().expect_err("no unit");
        assert_eq!(error.to_string(), "simulated time \"105\" has no unit");
        let hint = error.hint().expect("there is always advice");
        assert!(hint.contains("number with a unit"), "{hint}");
    }

    #[test]
    fn the_largest_exact_unit_is_shown() {
        let cases = [
            (0, "0s"),
            (1, "1us"),
            (1_500, "1500us"),
            (500_000, "500ms"),
            (90_000_000, "90s"),
            (5_400_000_000, "90min"),
            (86_400_000_000, "24h"),
        ];
        for (micros, text) in cases {
            assert_eq!(SimSpan::from_micros(micros).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn every_span_round_trips(micros in any::<u64>(), unit in 0_usize..5) {
            for micros in [micros, micros % 1_000 * super::UNITS[unit].1] {
                let span = SimSpan::from_micros(micros);
                prop_assert_eq!(span.to_string().parse(), Ok(span));
            }
        }

        #[test]
        fn no_text_breaks_the_parser(text in "[0-9.hminsu -]{0,20}|\\PC*") {
            if let Ok(span) = text.parse::<SimSpan>() {
                prop_assert_eq!(span.to_string().parse(), Ok(span));
            }
        }
    }
}
