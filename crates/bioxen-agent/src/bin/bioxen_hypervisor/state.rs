//! Which folder the VMs are in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Of the superuser, where no other folder is named.
const OF_ROOT: &str = "/var/lib/bioxen";

/// What decides about the folder.
#[derive(Debug, Default)]
struct Surroundings {
    bioxen_state: Option<OsString>,
    xdg_state_home: Option<OsString>,
    home: Option<OsString>,
    is_root: bool,
}

/// The state folder: what was given, then `BIOXEN_STATE`, then `bioxen` in the folder for state.
pub(crate) fn folder(given: Option<&Path>) -> Option<PathBuf> {
    let folder = choose(
        given,
        Surroundings {
            bioxen_state: variable("BIOXEN_STATE"),
            xdg_state_home: variable("XDG_STATE_HOME"),
            home: variable("HOME"),
            is_root: nix::unistd::geteuid().is_root(),
        },
    )?;
    // A daemon that is started goes on elsewhere than here.
    std::path::absolute(folder).ok()
}

/// Folders with packages, beside those in the state folder: those of `BIOXEN_PACKAGE_PATH`.
pub(crate) fn package_folders() -> Vec<PathBuf> {
    let path = variable("BIOXEN_PACKAGE_PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect()
}

fn choose(given: Option<&Path>, around: Surroundings) -> Option<PathBuf> {
    let Surroundings {
        bioxen_state,
        xdg_state_home,
        home,
        is_root,
    } = around;
    let in_state = || {
        // The rule for these folders says that a relative one does not count.
        let folder = xdg_state_home.map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let in_home = || Some(PathBuf::from(home?).join(".local/state"));
    if let Some(folder) = given {
        Some(folder.to_owned())
    } else if let Some(folder) = bioxen_state {
        Some(folder.into())
    } else if let Some(folder) = in_state() {
        Some(folder.join("bioxen"))
    } else if is_root {
        Some(OF_ROOT.into())
    } else {
        in_home().map(|folder| folder.join("bioxen"))
    }
}

/// A variable of the environment that is set to something.
fn variable(name: &str) -> Option<OsString> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the command reads the environment for the library"
    )]
    let value = std::env::var_os(name);
    value.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Surroundings, choose};

    #[track_caller]
    fn check(given: Option<&str>, variables: [Option<&str>; 3], is_root: bool, expect: &str) {
        let [bioxen_state, xdg_state_home, home] = variables.map(|value| value.map(Into::into));
        let around = Surroundings {
            bioxen_state,
            xdg_state_home,
            home,
            is_root,
        };
        let folder = choose(given.map(Path::new), around).unwrap_or_default();
        assert_eq!(folder, Path::new(expect));
    }

    #[test]
    fn the_nearest_word_decides() {
        let all = [Some("/env"), Some("/xdg"), Some("/home/eve")];
        check(Some("/given"), all, true, "/given");
        check(None, all, true, "/env");
        let [_, xdg, home] = all;
        check(None, [None, xdg, home], true, "/xdg/bioxen");
        check(None, [None, xdg, home], false, "/xdg/bioxen");
        check(None, [None, None, home], true, "/var/lib/bioxen");
        let of_eve = "/home/eve/.local/state/bioxen";
        check(None, [None, None, home], false, of_eve);
        check(None, [None, Some("relative"), home], false, of_eve);
        check(None, [None; 3], false, "");
    }
}
