//! A disk that is full: a limit on the size of files makes writes fail in the same place.

use std::path::Path;
use std::process::Command;

use super::{NAME, PARTIAL, fs, open, record, told, variable};

const FOLDER: &str = "BIOXEN_TEST_FULL_JOURNAL";

/// The child, which cannot write files of more than 64 KiB.
fn append_beyond_the_limit(folder: &Path) {
    let (mut journal, _) = open(folder);
    journal.append(&[record(1, 1_000)]).expect("small enough");
    let before = fs::read(folder.join(NAME)).expect("it is there");

    let error = journal
        .append(&[record(2, 200_000)])
        .expect_err("too large");
    assert_eq!(
        told(&error, folder),
        r#"
error: cannot write to "STATE/journal"
cause: File too large (os error 27)
hint: make room on the disk; what was acknowledged is safe
"#
        .trim_start()
    );
    let error = journal
        .rewrite([record(2, 200_000)])
        .expect_err("too large");
    assert!(told(&error, folder).starts_with("error: cannot write to \"STATE/journal.partial\"\n"));
    assert!(!folder.join(PARTIAL).exists(), "it takes no room");
    assert_eq!(fs::read(folder.join(NAME)).expect("it is there"), before);

    // When there is room again, it goes on.
    journal.append(&[record(3, 1_000)]).expect("small enough");
    let (_, opened) = open(folder);
    assert_eq!(opened.records, [record(1, 1_000), record(3, 1_000)]);
    assert_eq!(opened.cut_bytes, 0);
}

#[test]
fn a_write_that_failed_leaves_what_was_there() {
    // The child is this test too, told so by a variable.
    if let Some(folder) = variable(FOLDER) {
        return append_beyond_the_limit(Path::new(&folder));
    }
    let folder = super::folder();
    let this = std::env::current_exe().expect("a test binary has a path");
    // Blocks are of 512 or 1,024 bytes, as the shell likes. Without the trap the signal would kill the child.
    let output = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; ulimit -f 64; exec "$0" "$@""#])
        .arg(this)
        .args([
            "daemon::journal::tests::full_disk::a_write_that_failed_leaves_what_was_there",
            "--exact",
        ])
        .env(FOLDER, folder.path())
        .output()
        .expect("there is a shell");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}");
    assert!(stdout.contains("1 passed"), "{stdout}");
}
