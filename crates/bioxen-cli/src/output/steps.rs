//! Steps of what is done in a pool, on standard error.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use bioxen::xcpng::{Step, Watcher};
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::say;

/// A line that moves while a person watches, and a line for each step if none does.
#[derive(Debug)]
pub(crate) struct Steps {
    bar: Mutex<Option<ProgressBar>>,
    /// Whether steps are of several things at once, so that a line for each would tell nothing.
    are_mixed: bool,
}

/// Time between two movements.
const TICK: Duration = Duration::from_millis(120);

impl Steps {
    pub(crate) fn new() -> Self {
        Self {
            bar: Mutex::new(None),
            are_mixed: false,
        }
    }

    /// Steps of several things at once: nothing but the last one is shown, to a person who watches.
    pub(crate) fn of_several() -> Self {
        Self {
            are_mixed: true,
            ..Self::new()
        }
    }

    fn clear(&self) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Watcher for Steps {
    fn step(&self, step: &Step) {
        let bar = ProgressBar::new_spinner();
        if bar.is_hidden() {
            if !self.are_mixed {
                say(&step.to_string());
            }
            return;
        }
        self.clear();
        let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style.tick_chars("-\\|/ "));
        bar.set_message(step.to_string());
        bar.enable_steady_tick(TICK);
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn rest(&self) {
        self.clear();
    }

    fn note(&self, text: &str) {
        self.clear();
        say(&format!("note: {text}"));
    }
}
