//! Where the agent is that guests run.

use std::path::{Path, PathBuf};

use super::error::GuestError;

/// The agent: what was given, or `bioxen_hypervisor` in the folder of this program, or one above it as for programs that test.
///
/// # Errors
///
/// [`GuestError::NoAgent`] if it is not there; its hint has the command that builds it.
pub fn agent_binary(given: Option<&Path>) -> Result<PathBuf, GuestError> {
    if let Some(path) = given {
        return if path.is_file() {
            std::path::absolute(path).map_err(GuestError::file(path, "finding it"))
        } else {
            let path = path.to_owned();
            Err(GuestError::NoAgent { path })
        };
    }
    let program = std::env::current_exe()
        .map_err(GuestError::file(Path::new("this program"), "finding it"))?;
    let folder = program.parent().unwrap_or(Path::new("/"));
    let folder = match folder.file_name() {
        Some(name) if name == "deps" || name == "examples" => folder.parent().unwrap_or(folder),
        _ => folder,
    };
    let path = folder.join("bioxen_hypervisor");
    if path.is_file() {
        Ok(path)
    } else {
        Err(GuestError::NoAgent { path })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::agent_binary;

    #[test]
    fn an_agent_that_is_not_there_is_an_error_with_the_command_that_builds_it() {
        let error = agent_binary(Some(Path::new("/nowhere/agent"))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no agent for guests at /nowhere/agent"
        );
        assert!(error.hint().unwrap_or_default().contains("cargo build"));
        let this = std::env::current_exe().unwrap();
        assert_eq!(agent_binary(Some(&this)).unwrap(), this);
    }
}
