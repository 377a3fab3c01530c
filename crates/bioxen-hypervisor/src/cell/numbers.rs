//! Conversions between counts and reals, in one place so that each has one reason.

/// A count as a real. Counts and ticks of a cell stay below 2^53, so nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(crate) fn real(n: u64) -> f64 {
    n as f64
}

/// As [`real`], for amounts that may be negative.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(crate) fn signed_real(n: i64) -> f64 {
    n as f64
}

/// The nearest whole number; negative values become 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded; the cast saturates"
)]
pub(crate) fn whole(value: f64) -> u64 {
    libm::round(value) as u64
}

/// As [`whole`], in 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded; the cast saturates"
)]
pub(crate) fn count(value: f64) -> u32 {
    libm::round(value) as u32
}

/// As [`whole`], signed.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded; the cast saturates"
)]
pub(crate) fn integer(value: f64) -> i64 {
    libm::round(value) as i64
}

/// The value cut to a whole number towards zero.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cut towards zero; the cast saturates"
)]
pub(crate) fn cut(value: f64) -> i64 {
    value as i64
}

/// As [`cut`], for values that are not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative; the cast saturates"
)]
pub(crate) fn cut_count(value: f64) -> u64 {
    value as u64
}
