//! What a command left behind.

use std::fmt;

use bioxen_agent::Excerpt;

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with that code; 0 is success.
    Status(i32),
    /// By a signal, named without `SIG`.
    Signal(String),
}

impl Exit {
    /// Whether it was a success.
    pub fn is_success(&self) -> bool {
        *self == Self::Status(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(code) => write!(f, "exit {code}"),
            Self::Signal(name) => write!(f, "signal {name}"),
        }
    }
}

/// What a command wrote, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutput {
    /// Standard output, all of it.
    pub stdout: Vec<u8>,
    /// Standard error, its beginning and its end.
    pub stderr: Excerpt,
    /// How it ended.
    pub exit: Exit,
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn only_zero_is_success() {
        assert!(Exit::Status(0).is_success());
        assert!(!Exit::Status(255).is_success());
        assert!(!Exit::Signal("KILL".to_owned()).is_success());
        assert_eq!(Exit::Signal("KILL".to_owned()).to_string(), "signal KILL");
    }
}
