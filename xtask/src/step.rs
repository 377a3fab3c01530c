//! Named, timed steps.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::tidy;

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// Runs a program.
    Command(Invocation),
    /// Runs `tidy` in this process.
    Tidy,
}

/// One piece of a verb that can fail on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Name in the output.
    pub(crate) name: String,
    /// What it does.
    pub(crate) work: Work,
}

impl Step {
    /// A step that runs a program.
    pub(crate) fn command(name: impl Into<String>, invocation: Invocation) -> Self {
        Self {
            name: name.into(),
            work: Work::Command(invocation),
        }
    }

    /// The command line that runs this step alone.
    pub(crate) fn rerun(&self) -> String {
        match &self.work {
            Work::Command(invocation) => invocation.to_string(),
            Work::Tidy => "cargo xtask tidy".to_owned(),
        }
    }

    fn succeeds(&self, root: &Path) -> Result<bool, Failure> {
        match &self.work {
            Work::Command(invocation) => invocation.succeeds(root),
            Work::Tidy => match tidy::run(root) {
                Ok(()) => Ok(true),
                Err(Failure::Untidy { .. }) => Ok(false),
                Err(failure) => Err(failure),
            },
        }
    }
}

/// Runs `steps` in order in `root`, stops at the first that fails, and returns the time they took.
pub(crate) fn run_all(root: &Path, steps: &[Step]) -> Result<Duration, Failure> {
    let began = now();
    for (index, step) in steps.iter().enumerate() {
        let number = format!("[{}/{}]", index + 1, steps.len());
        println!("==> {number} {}: {}", step.name, step.rerun());
        let step_began = now();
        let succeeded = step.succeeds(root)?;
        let took = shown(step_began.elapsed());
        if !succeeded {
            println!("==> {number} {}: FAILED after {took}", step.name);
            return Err(Failure::Step {
                step: step.name.clone(),
                command: step.rerun(),
            });
        }
        println!("==> {number} {}: ok in {took}\n", step.name);
    }
    Ok(began.elapsed())
}

#[expect(
    clippy::disallowed_methods,
    reason = "steps are timed for people by the real clock"
)]
fn now() -> Instant {
    Instant::now()
}

/// A duration as people read it: `0.4 s`, `12.3 s`, `4 min 05 s`.
pub(crate) fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo_step(name: &str, line: &str) -> Step {
        Step::command(name, Invocation::cargo(line))
    }

    #[test]
    fn steps_stop_at_the_first_that_fails() {
        let steps = [
            cargo_step("fine", "--version"),
            cargo_step("broken", "no-such-verb-of-cargo"),
            cargo_step("never reached", "--version"),
        ];
        assert!(run_all(Path::new("."), &steps[..1]).is_ok());
        let failure = run_all(Path::new("."), &steps).unwrap_err();
        assert_eq!(failure.to_string(), "step `broken` failed");
        assert_eq!(
            failure.hint().unwrap(),
            "run this step alone with `cargo no-such-verb-of-cargo`"
        );
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(shown(Duration::from_millis(420)), "0.4 s");
        assert_eq!(shown(Duration::from_secs(59)), "59.0 s");
        assert_eq!(shown(Duration::from_secs(245)), "4 min 05 s");
    }
}
