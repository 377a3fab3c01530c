//! A bar on standard error while cells are computed; nothing if no person watches.

use indicatif::{ProgressBar, ProgressStyle};

/// Steps of a full bar.
const LENGTH: u64 = 1000;

/// A bar that disappears when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar with a label, hidden unless standard error is a terminal.
    pub(crate) fn new(label: &str) -> Self {
        let bar = ProgressBar::new(LENGTH);
        let style = ProgressStyle::with_template("{msg} [{bar:40}] {percent:>3}%  {eta} left")
            .map_or_else(
                |_| ProgressStyle::default_bar(),
                |style| style.progress_chars("=> "),
            );
        bar.set_style(style);
        bar.set_message(label.to_owned());
        Self { bar }
    }

    /// Shows the share that is done, 0 to 1.
    pub(crate) fn show(&self, share: f64) {
        let steps = (0..=LENGTH)
            .rev()
            .find(|n| *n as f64 <= share * LENGTH as f64);
        self.bar.set_position(steps.unwrap_or(0));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
