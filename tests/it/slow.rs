//! Which tests run: the long ones are for the night.

/// Whether `BIOXEN_SLOW_TESTS` is set. A test that is left out says so on standard error.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the one switch of the slow tests, and its message"
)]
pub(crate) fn wanted(test: &str) -> bool {
    let wanted = std::env::var_os("BIOXEN_SLOW_TESTS").is_some();
    if !wanted {
        eprintln!("{test}: left out; set BIOXEN_SLOW_TESTS=1 to run it");
    }
    wanted
}
