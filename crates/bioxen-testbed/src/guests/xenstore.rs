//! What the hypervisor hands to a guest, and the program of the guest that takes its host key from it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::GuestError;

/// The very script that templates have.
const TAKE_HOST_KEY: &str = include_str!("../../../../docs/systemd/bioxen-host-key");

/// Where programs of the system are; the one of xenstore comes before them.
const PROGRAMS: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Writes what is handed to a guest below a folder, in place of what was handed to it before.
pub(super) fn write<'a>(
    folder: &Path,
    data: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Result<(), GuestError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(GuestError::file(folder, "removing")(error));
        }
        _ => {}
    }
    let make = |folder: &Path| {
        let mut builder = fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(folder);
        made.map_err(GuestError::file(folder, "making it"))
    };
    make(folder)?;
    for (key, value) in data {
        let is_plain = |part: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !matches!(part, "" | "." | "..") && part.bytes().all(is_plain)
        };
        if !key.split('/').all(is_plain) {
            let path = folder.join(key.replace('/', "_"));
            return Err(GuestError::file(&path, "naming it")(
                io::ErrorKind::InvalidInput.into(),
            ));
        }
        let path: PathBuf = folder.join(key);
        make(path.parent().unwrap_or(folder))?;
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| writeln!(file, "{value}"))
            .map_err(GuestError::file(&path, "writing"))?;
    }
    Ok(())
}

/// Does at the boot of a guest what its template does: takes the host key that is handed to it.
///
/// In the folder of what is handed over, `cat` prints a key as `xenstore-read` does.
pub(super) fn take_host_key(data: &Path, tools: &Path, host_key: &Path) -> Result<(), GuestError> {
    fs::create_dir_all(tools).map_err(GuestError::file(tools, "making it"))?;
    let read = tools.join("xenstore-read");
    match symlink("/bin/cat", &read) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(GuestError::file(&read, "making a link")(error));
        }
        _ => {}
    }
    let output = Command::new("sh")
        .args(["-c", TAKE_HOST_KEY, "bioxen-host-key"])
        .arg(host_key)
        .current_dir(data)
        .env("PATH", format!("{}:{PROGRAMS}", tools.display()))
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|source| GuestError::Run {
        program: "sh",
        source,
    })?;
    if !output.status.success() {
        // As in a guest, whose server starts all the same.
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        tracing::warn!(said, "a guest did not take its host key");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::{take_host_key, write};
    use crate::guests::key::{make, public_line};
    use crate::guests::plan::KeyType;

    /// What a guest has after a boot with a text handed to it: its private and its public key, and the number of files.
    fn boot(folder: &Path, text: Option<&str>) -> (String, String, usize) {
        let etc = folder.join("etc");
        let key = etc.join("key");
        fs::create_dir_all(&etc).unwrap();
        make(&key, KeyType::Ed25519).unwrap();
        let data = text.map(|text| ("vm-data/bioxen-host-key".to_owned(), text.to_owned()));
        let data: BTreeMap<_, _> = data.into_iter().collect();
        write(&folder.join("xenstore"), &data).unwrap();
        take_host_key(&folder.join("xenstore"), &folder.join("tools"), &key).unwrap();
        let mode = fs::metadata(&key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        (
            fs::read_to_string(&key).unwrap(),
            public_line(&key).unwrap(),
            fs::read_dir(&etc).unwrap().count(),
        )
    }

    #[test]
    fn a_key_is_taken_once_and_what_is_none_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let own = boot(folder.path(), None);
        assert_eq!(own.2, 2);
        for text in ["", "AAAA", "no key", "b3BlbnNzaC1rZXktdjEA"] {
            assert_eq!(boot(folder.path(), Some(text)), own, "{text:?}");
        }
        let other = folder.path().join("other");
        make(&other, KeyType::Ed25519).unwrap();
        let (private, public) = (
            fs::read_to_string(&other).unwrap(),
            public_line(&other).unwrap(),
        );
        let text: String = private
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let taken = (private, public, 2);
        for text in [Some(text.as_str()), Some(text.as_str()), None, Some("AAAA")] {
            assert_eq!(boot(folder.path(), text), taken);
        }
    }

    #[test]
    fn only_plain_keys_are_handed_over() {
        let folder = tempfile::tempdir().unwrap();
        for key in ["vm-data/../up", "vm-data/", "/etc/passwd", "vm-data/a b"] {
            let data = BTreeMap::from([(key.to_owned(), String::new())]);
            assert!(write(folder.path(), &data).is_err(), "{key}");
        }
    }
}
