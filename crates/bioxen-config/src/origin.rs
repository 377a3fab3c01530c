//! Where a value comes from.

use std::fmt;
use std::path::PathBuf;

use bioxen_text::Place;

/// Where a value, or a problem, comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave it.
    Default,
    /// A file.
    File {
        /// Its path.
        path: PathBuf,
        /// Where in it; `None` if it is about the whole.
        place: Option<Place>,
    },
    /// A variable of the environment.
    Variable(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.pad("default"),
            Self::File { path, place: None } => f.pad(&path.display().to_string()),
            Self::File {
                path,
                place: Some(place),
            } => f.pad(&format!("{}:{place}", path.display())),
            Self::Variable(name) => f.pad(&format!("variable {name}")),
            Self::Flag(name) => f.pad(&format!("flag {name}")),
        }
    }
}
