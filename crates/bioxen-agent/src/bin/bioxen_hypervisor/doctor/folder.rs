//! The state folder.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bioxen_agent::Place;

use super::Check;

/// Less room than this is not enough for a checkpoint of a few VMs, bytes.
const LEAST_ROOM: u64 = 64 << 20;
/// Less room than this is soon not enough, bytes.
const LITTLE_ROOM: u64 = 1 << 30;
/// Longest name of a socket, bytes.
const LONGEST_SOCKET: usize = 107;

pub(super) fn checks(place: &Place) -> Vec<Check> {
    let state = place.state();
    let mut checks = vec![name(place)];
    match fs::metadata(state) {
        Ok(folder) if folder.is_dir() => {
            let user = nix::unistd::geteuid().as_raw();
            checks.push(Check::ok("folder", "it is there"));
            checks.push(permissions(state, &folder, user));
            checks.push(writable(state));
            checks.push(room(state));
        }
        Ok(_) => checks.push(Check::fail(
            "folder",
            "it is no folder",
            "name another one with --state or BIOXEN_STATE",
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            checks.push(Check::ok("folder", "not there yet; the daemon makes it"));
            if let Some(parent) = state.ancestors().find(|folder| folder.is_dir()) {
                checks.push(writable(parent));
                checks.push(room(parent));
            }
        }
        Err(error) => checks.push(Check::fail(
            "folder",
            format!("it cannot be looked at: {error}"),
            "look at who may enter the folders above it",
        )),
    }
    checks
}

/// A socket in it must have a name that the system takes.
fn name(place: &Place) -> Check {
    let length = place.socket().as_os_str().len();
    if length > LONGEST_SOCKET {
        let found =
            format!("the name of the socket has {length} bytes, and the most is {LONGEST_SOCKET}");
        return Check::fail("name", found, "use a state folder with a shorter name");
    }
    Check::ok("name", "a socket can be in it")
}

fn permissions(path: &Path, folder: &Metadata, user: u32) -> Check {
    const NAME: &str = "permissions";
    let mode = folder.mode() & 0o777;
    if folder.uid() != user {
        let found = format!(
            "it belongs to user {} and this is user {user}",
            folder.uid()
        );
        return Check::fail(
            NAME,
            found,
            "run this as the user of the daemon, or name another folder",
        );
    }
    let cure = format!("chmod 700 {}", path.display());
    let found = format!("mode {mode:04o}");
    match mode {
        0o700 => Check::ok(NAME, found),
        _ if mode & 0o700 != 0o700 => Check::fail(NAME, found, cure),
        _ if mode & 0o022 != 0 => Check::fail(NAME, format!("{found}: others may write"), cure),
        _ => Check::warn(NAME, format!("{found}: others may look into it"), cure),
    }
}

/// Tried out with a file that is gone afterward.
fn writable(folder: &Path) -> Check {
    match tempfile::tempfile_in(folder) {
        Ok(_) => Check::ok(
            "writable",
            format!("{} can be written to", folder.display()),
        ),
        Err(error) => Check::fail(
            "writable",
            format!("no file can be made in {}: {error}", folder.display()),
            "look at who may write to it, and whether the disk is full or read-only",
        ),
    }
}

fn room(folder: &Path) -> Check {
    match nix::sys::statvfs::statvfs(folder) {
        Ok(disk) => judge_room(disk.blocks_available().saturating_mul(disk.fragment_size())),
        Err(error) => Check::warn(
            "room",
            format!("not known: {error}"),
            "look at the disk by other means, such as df",
        ),
    }
}

fn judge_room(bytes: u64) -> Check {
    const CURE: &str = "make room on the disk, or name a folder on another one";
    let found = format!("{} MiB are free", bytes >> 20);
    if bytes < LEAST_ROOM {
        Check::fail("room", found, CURE)
    } else if bytes < LITTLE_ROOM {
        Check::warn("room", found, CURE)
    } else {
        Check::ok("room", found)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    use bioxen_agent::Place;

    use super::super::Verdict::{self, Fail, Ok, Warn};
    use super::{checks, judge_room, permissions};

    fn verdict(state: &Path, name: &str) -> Option<Verdict> {
        let checks = checks(&Place::of(state));
        let check = checks.iter().find(|check| check.name == name);
        check.map(|check| check.verdict)
    }

    #[test]
    fn a_folder_that_is_there_or_can_be_made_is_in_order() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(verdict(folder.path(), "folder"), Some(Ok));
        assert_eq!(verdict(folder.path(), "writable"), Some(Ok));
        let missing = folder.path().join("a/b");
        assert_eq!(verdict(&missing, "folder"), Some(Ok));
        assert_eq!(verdict(&missing, "permissions"), None);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(verdict(&file, "folder"), Some(Fail));
        let long = folder.path().join("long/".repeat(30));
        assert_eq!(verdict(&long, "name"), Some(Fail));
    }

    #[test]
    fn a_folder_is_for_its_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for (mode, expect) in [
            (0o700, Ok),
            (0o755, Warn),
            (0o750, Warn),
            (0o770, Fail),
            (0o777, Fail),
            (0o500, Fail),
        ] {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            let metadata = fs::metadata(path).unwrap();
            let user = metadata.uid();
            let check = permissions(path, &metadata, user);
            assert_eq!(check.verdict, expect, "{mode:o}");
            assert_eq!(check.cure.is_some(), expect != Ok);
            let other = permissions(path, &metadata, user + 1);
            assert_eq!(other.verdict, Fail);
        }
        fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn little_room_is_told_before_it_is_too_little() {
        let verdicts = [0, 64 << 20, 1 << 30].map(|bytes| judge_room(bytes).verdict);
        assert_eq!(verdicts, [Fail, Warn, Ok]);
    }
}
