//! What can be done to an operon.

use std::fmt;
use std::str::FromStr;

use crate::invalid::UnknownWord;

/// What [`BiologicalVm::manage_operons`](crate::BiologicalVm::manage_operons) does to an operon.
///
/// ```
/// use bioxen_core::OperonAction;
///
/// assert_eq!("repress".parse::<OperonAction>()?, OperonAction::Repress);
/// assert_eq!(OperonAction::Release.to_string(), "release");
/// # Ok::<(), bioxen_core::UnknownWord>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum OperonAction {
    /// Hold its promoter at the activity of full induction.
    Activate,
    /// Hold its promoter at its basal activity.
    Repress,
    /// Give it back to the cell's own regulation.
    Release,
}

impl OperonAction {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::Activate, Self::Repress, Self::Release];

    fn word(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Repress => "repress",
            Self::Release => "release",
        }
    }
}

impl FromStr for OperonAction {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|action| action.word() == text)
            .ok_or_else(|| {
                UnknownWord::new("operon action", text, &["activate", "repress", "release"])
            })
    }
}

impl fmt::Display for OperonAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
