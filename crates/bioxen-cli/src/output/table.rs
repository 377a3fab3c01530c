//! Results for people.

mod list;
mod organism;
mod run;
mod validation;

pub(crate) use list::write_list;
pub(crate) use run::write_run;
pub(crate) use validation::write_validation;

/// A number with as many decimals as leave about four digits, and commas between thousands.
pub(super) fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 || size == 0.0 => 2,
        _ => 3,
    };
    fixed(value, decimals)
}

/// A number with this many decimals and commas between thousands.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut shown = String::from(sign);
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + rest
}

/// A value and its error, above 0, to two digits of the error.
fn with_error(value: f64, error: f64) -> String {
    let decimals = (0..4).find(|decimals| error * 10_f64.powi(*decimals) >= 10.0);
    let decimals = decimals.and_then(|n| usize::try_from(n).ok()).unwrap_or(4);
    format!("{} ± {}", fixed(value, decimals), fixed(error, decimals))
}

#[cfg(test)]
mod tests {
    use super::{fixed, number};

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0.00"),
            (0.93561, "0.936"),
            (3.6543, "3.65"),
            (33.51, "33.5"),
            (503.0, "503"),
            (1_086_758.0, "1,086,758"),
            (-1_234.5, "-1,234"),
            (-0.5, "-0.500"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(fixed(1_000.0, 1), "1,000.0");
    }
}
