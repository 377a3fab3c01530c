//! The life of a VM: one total function from state and event to state.

use std::fmt;

use thiserror::Error;

/// Where a VM is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum VmState {
    /// Made, never started.
    Created,
    /// Simulated time may pass.
    Running,
    /// Simulated time stands still until it is resumed.
    Paused,
    /// Simulated time stands still until it is started again.
    Stopped,
    /// Something failed; it can be stopped or destroyed.
    Error,
    /// Gone; nothing leads out of here.
    Destroyed,
}

impl VmState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Running,
        Self::Paused,
        Self::Stopped,
        Self::Error,
        Self::Destroyed,
    ];

    /// The state after an event.
    ///
    /// ```
    /// use bioxen_core::{VmEvent, VmState};
    ///
    /// let paused = VmState::Running.apply(VmEvent::Pause)?;
    /// assert_eq!(paused, VmState::Paused);
    /// assert!(paused.apply(VmEvent::Start).is_err());
    /// # Ok::<(), bioxen_core::IllegalTransition>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`IllegalTransition`] if the event cannot happen in this state.
    pub fn apply(self, event: VmEvent) -> Result<Self, IllegalTransition> {
        match (self, event) {
            (Self::Created | Self::Stopped, VmEvent::Start) => Ok(Self::Running),
            (Self::Running, VmEvent::Pause) => Ok(Self::Paused),
            (Self::Paused, VmEvent::Resume) => Ok(Self::Running),
            (Self::Running | Self::Paused | Self::Error, VmEvent::Stop) => Ok(Self::Stopped),
            (
                Self::Created | Self::Running | Self::Paused | Self::Stopped | Self::Error,
                VmEvent::Fail,
            ) => Ok(Self::Error),
            (
                Self::Created | Self::Running | Self::Paused | Self::Stopped | Self::Error,
                VmEvent::Destroy,
            ) => Ok(Self::Destroyed),

            (Self::Running | Self::Paused | Self::Error | Self::Destroyed, VmEvent::Start)
            | (
                Self::Created | Self::Paused | Self::Stopped | Self::Error | Self::Destroyed,
                VmEvent::Pause,
            )
            | (
                Self::Created | Self::Running | Self::Stopped | Self::Error | Self::Destroyed,
                VmEvent::Resume,
            )
            | (Self::Created | Self::Stopped | Self::Destroyed, VmEvent::Stop)
            | (Self::Destroyed, VmEvent::Fail | VmEvent::Destroy) => {
                Err(IllegalTransition { from: self, event })
            }
        }
    }
}

impl fmt::Display for VmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Error => "error",
            Self::Destroyed => "destroyed",
        })
    }
}

/// What can happen to a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum VmEvent {
    /// It is started, for the first time or again.
    Start,
    /// It is paused.
    Pause,
    /// It is resumed.
    Resume,
    /// It is stopped.
    Stop,
    /// Something in it or below it fails.
    Fail,
    /// It is destroyed.
    Destroy,
}

impl VmEvent {
    /// Every event.
    pub const ALL: [Self; 6] = [
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Stop,
        Self::Fail,
        Self::Destroy,
    ];
}

impl fmt::Display for VmEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Fail => "fail",
            Self::Destroy => "destroy",
        })
    }
}

/// An event that cannot happen in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("{} cannot {event}", described(*.from))]
pub struct IllegalTransition {
    /// The state that the VM is in, and stays in.
    pub from: VmState,
    /// The event that was refused.
    pub event: VmEvent,
}

impl IllegalTransition {
    /// What the VM can do instead.
    pub fn hint(&self) -> Option<String> {
        let legal: Vec<String> = VmEvent::ALL
            .into_iter()
            // Nobody asks a VM to fail.
            .filter(|event| *event != VmEvent::Fail && self.from.apply(*event).is_ok())
            .map(|event| event.to_string())
            .collect();
        Some(match legal.as_slice() {
            [] => "nothing can be done with it anymore; create another VM".to_owned(),
            [only] => format!("it can {only}"),
            [first @ .., last] => format!("it can {} or {last}", first.join(", ")),
        })
    }
}

/// A VM in a state, in words that read before "cannot".
fn described(state: VmState) -> &'static str {
    match state {
        VmState::Created => "a VM that was never started",
        VmState::Running => "a running VM",
        VmState::Paused => "a paused VM",
        VmState::Stopped => "a stopped VM",
        VmState::Error => "a failed VM",
        VmState::Destroyed => "a destroyed VM",
    }
}

#[cfg(test)]
mod tests {
    use super::{IllegalTransition, VmEvent, VmState};

    /// Rows are states and columns are events, both in the order of their `ALL`; a dash is a refusal.
    const TABLE: &str = "
                    start    pause   resume   stop     fail   destroy
        created     running  -       -        -        error  destroyed
        running     -        paused  -        stopped  error  destroyed
        paused      -        -       running  stopped  error  destroyed
        stopped     running  -       -        -        error  destroyed
        error       -        -       -        stopped  error  destroyed
        destroyed   -        -       -        -        -      -
    ";

    #[test]
    fn every_pair_of_state_and_event_is_as_in_the_table() {
        let mut rendered = vec![VmEvent::ALL.map(|event| event.to_string()).to_vec()];
        for state in VmState::ALL {
            let mut row = vec![state.to_string()];
            row.extend(VmEvent::ALL.map(|event| match state.apply(event) {
                Ok(next) => next.to_string(),
                Err(refused) => {
                    assert_eq!(refused, IllegalTransition { from: state, event });
                    "-".to_owned()
                }
            }));
            rendered.push(row);
        }
        let expected: Vec<Vec<String>> = TABLE
            .lines()
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .filter(|words: &Vec<String>| !words.is_empty())
            .collect();
        assert_eq!(rendered, expected);
    }

    #[test]
    fn refusals_say_what_can_be_done_instead() {
        #[track_caller]
        fn check(from: VmState, event: VmEvent, display: &str, hint: &str) {
            let refused = from.apply(event).expect_err("not possible from there");
            assert_eq!(refused.to_string(), display);
            assert_eq!(refused.hint().as_deref(), Some(hint));
        }
        check(
            VmState::Created,
            VmEvent::Pause,
            "a VM that was never started cannot pause",
            "it can start or destroy",
        );
        check(
            VmState::Running,
            VmEvent::Resume,
            "a running VM cannot resume",
            "it can pause, stop or destroy",
        );
        check(
            VmState::Paused,
            VmEvent::Start,
            "a paused VM cannot start",
            "it can resume, stop or destroy",
        );
        check(
            VmState::Stopped,
            VmEvent::Stop,
            "a stopped VM cannot stop",
            "it can start or destroy",
        );
        check(
            VmState::Error,
            VmEvent::Start,
            "a failed VM cannot start",
            "it can stop or destroy",
        );
        check(
            VmState::Destroyed,
            VmEvent::Destroy,
            "a destroyed VM cannot destroy",
            "nothing can be done with it anymore; create another VM",
        );
    }
}
