//! Numbers with a unit after them, exactly.

/// Why a number of units is no whole number of the smallest one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotWhole {
    /// It is not written as a number, has too many digits, or is too large.
    NoNumber,
    /// Something is left over.
    Fraction,
}

/// Digits and points, and what follows them without blanks around it.
pub(super) fn number_and_unit(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

/// `number`, with at most so many digits after its point, times `unit`.
pub(super) fn times(number: &str, digits: usize, unit: u64) -> Result<u64, NotWhole> {
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || part.is_empty() || part.len() > digits {
        return Err(NotWhole::NoNumber);
    }
    let parsed = |text: &str| text.parse::<u128>().map_err(|_| NotWhole::NoNumber);
    // Counted in the last digit that may stand after the point.
    let (one, parts) = (
        format!("1{}", "0".repeat(digits)),
        format!("{part:0<digits$}"),
    );
    let (one, parts) = (parsed(&one)?, parsed(&parts)?);
    let scaled = parsed(whole)?
        .checked_mul(one)
        .and_then(|n| n.checked_add(parts))
        .and_then(|n| n.checked_mul(u128::from(unit)))
        .ok_or(NotWhole::NoNumber)?;
    if scaled % one != 0 {
        return Err(NotWhole::Fraction);
    }
    u64::try_from(scaled / one).map_err(|_| NotWhole::NoNumber)
}
