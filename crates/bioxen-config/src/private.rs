//! Files that only their owner may read.

use std::io;
use std::path::Path;

/// Refuses a file that cannot be read or that others may read.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    // Before it is opened: opening a pipe waits for a writer.
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        let what = "it is no regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let about = std::fs::File::open(path)?.metadata()?;
    match others(&about) {
        Some(mode) => {
            let what = format!("it has mode {mode:04o}, so that others may read it");
            Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
        }
        None => Ok(()),
    }
}

/// The mode of a file that its group or others may read or write.
#[cfg(unix)]
pub(crate) fn others(about: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = about.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Whether everybody may put a file in the place of another one in this folder.
#[cfg(unix)]
pub(crate) fn is_open_folder(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let mode = about.permissions().mode();
    mode & 0o002 != 0 && mode & 0o1000 == 0
}

#[cfg(not(unix))]
pub(crate) fn others(_: &std::fs::Metadata) -> Option<u32> {
    None
}

#[cfg(not(unix))]
pub(crate) fn is_open_folder(_: &std::fs::Metadata) -> bool {
    false
}
