//! How many cases a test tries: the many are for the night.

/// `few`, or `many` if `BIOXEN_SLOW_TESTS` is set.
#[expect(
    clippy::disallowed_methods,
    reason = "the one switch of the slow tests"
)]
pub(crate) fn cases(few: usize, many: usize) -> usize {
    if std::env::var_os("BIOXEN_SLOW_TESTS").is_some() {
        many
    } else {
        few
    }
}
