//! Where the command keeps what outlives it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Folder with the state of this user: what was given, then `BIOXEN_STATE`, then `bioxen` in the folder for state.
pub(super) fn state_folder(given: Option<&Path>) -> Option<PathBuf> {
    let in_home = || PathBuf::from(variable("HOME")?).join(".local/state").into();
    given
        .map(Path::to_owned)
        .or_else(|| variable("BIOXEN_STATE").map(PathBuf::from))
        .or_else(|| {
            // The rule for these folders says that a relative one does not count.
            let folder = variable("XDG_STATE_HOME").map(PathBuf::from);
            let folder = folder.filter(|folder| folder.is_absolute());
            Some(folder.or_else(in_home)?.join("bioxen"))
        })
}

/// A variable of the environment that is set to something.
pub(super) fn variable(name: &str) -> Option<OsString> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the command reads the environment for the libraries"
    )]
    let value = std::env::var_os(name);
    value.filter(|value| !value.is_empty())
}
