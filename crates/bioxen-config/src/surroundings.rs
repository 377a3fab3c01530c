//! What surrounds a process: folders and environment, as a value.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Folders and variables that a configuration may be found in and refer to.
///
/// Nothing in this crate asks the process for them, but for [`Surroundings::of_process`].
#[derive(Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Folder in which the command was started.
    pub working_folder: PathBuf,
    /// Folder of the user; `None` if there is none.
    pub home: Option<PathBuf>,
    /// Folder of the whole machine.
    pub system_folder: PathBuf,
    /// Variables by name. Those that are no Unicode are left out.
    pub environment: BTreeMap<String, String>,
}

impl fmt::Debug for Surroundings {
    /// Shows variables by name alone: any of them may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.environment.keys().collect();
        f.debug_struct("Surroundings")
            .field("working_folder", &self.working_folder)
            .field("home", &self.home)
            .field("system_folder", &self.system_folder)
            .field("environment", &names)
            .finish()
    }
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            working_folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            home: environment
                .get("HOME")
                .filter(|home| !home.is_empty())
                .map(PathBuf::from),
            system_folder: PathBuf::from("/etc/bioxen"),
            environment,
        }
    }

    /// None: no variables, and folders that are not there.
    pub fn nowhere() -> Self {
        Self {
            working_folder: PathBuf::from("/nonexistent"),
            home: None,
            system_folder: PathBuf::from("/nonexistent"),
            environment: BTreeMap::new(),
        }
    }

    /// A path that a person wrote: `~` is the folder of the user, and what is relative begins in `folder`.
    ///
    /// `None` if it begins with `~` and there is no such folder.
    ///
    /// ```
    /// use bioxen_config::Surroundings;
    ///
    /// let mut here = Surroundings::nowhere();
    /// here.home = Some("/home/ada".into());
    /// assert_eq!(here.path("~/key", "/etc".as_ref()), Some("/home/ada/key".into()));
    /// assert_eq!(here.path("key", "/etc".as_ref()), Some("/etc/key".into()));
    /// ```
    pub fn path(&self, text: &str, folder: &Path) -> Option<PathBuf> {
        match text.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with('/') => {
                let home = self.home.as_ref()?;
                Some(home.join(rest.trim_start_matches('/')))
            }
            // Without the dots in between that mean nothing.
            _ => Some(folder.join(text).components().collect()),
        }
    }
}
