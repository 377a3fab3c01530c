use std::error::Error as StdError;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Journal, JournalError, NAME, Opened, OsDisk, PARTIAL, Record, format};

mod faults;
#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod kill;
mod simulated;

/// What a test tells the child that it starts, or is told itself.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "the harness leaves no other way to hand something to a child"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// A record whose bytes are another's for each kind.
fn record(kind: u8, len: usize) -> Record {
    let bytes = (0..=u8::MAX).cycle().map(|at| at.wrapping_mul(31) ^ kind);
    Record {
        kind,
        bytes: bytes.take(len).collect(),
    }
}

/// Records with all that is in them, which their `Debug` leaves out.
fn records_of(records: &[Record]) -> Vec<(u8, &[u8])> {
    let parts = records
        .iter()
        .map(|record| (record.kind, &record.bytes[..]));
    parts.collect()
}

fn open(folder: &Path) -> (Journal, Opened) {
    Journal::open(folder, OsDisk).expect("whole")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A folder with a journal of two batches, and its bytes.
fn example() -> (TempDir, Vec<u8>) {
    let folder = folder();
    let (mut journal, _) = open(folder.path());
    journal
        .append(&[record(1, 10), record(2, 0)])
        .expect("there is room");
    journal.append(&[record(3, 20)]).expect("there is room");
    let bytes = fs::read(folder.path().join(NAME)).expect("it is there");
    assert_eq!(journal.bytes(), format::len_of(&bytes));
    (folder, bytes)
}

/// An error with its causes and its hint, as people read it.
fn told(error: &JournalError, folder: &Path) -> String {
    let mut text = format!("error: {error}\n");
    let mut cause = error.source();
    while let Some(next) = cause {
        text += &format!("cause: {next}\n");
        cause = next.source();
    }
    if let Some(hint) = error.hint() {
        text += &format!("hint: {hint}\n");
    }
    text.replace(&folder.display().to_string(), "STATE")
}

/// Opening a journal of these bytes fails with this text, and leaves them as they are.
#[track_caller]
fn check_refused(bytes: &[u8], expect: &str) {
    let folder = folder();
    let path = folder.path().join(NAME);
    fs::write(&path, bytes).expect("it can be written");
    let error = Journal::open(folder.path(), OsDisk).expect_err("it is not whole");
    assert_eq!(told(&error, folder.path()), expect.trim_start());
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
}

#[test]
fn what_was_appended_is_there_when_it_is_opened_again() {
    let folder = folder();
    let (mut journal, opened) = open(folder.path());
    assert_eq!(opened.records, []);
    journal
        .append(&[record(1, 10), record(1, 0)])
        .expect("there is room");
    journal.append(&[]).expect("nothing is to be done");
    journal
        .append(&[record(2, 3_000_000)])
        .expect("there is room");
    let bytes = journal.bytes();
    drop(journal);

    let (mut journal, opened) = open(folder.path());
    assert_eq!(journal.bytes(), bytes);
    assert_eq!(opened.cut_bytes, 0);
    let expect = [record(1, 10), record(1, 0), record(2, 3_000_000)];
    assert!(opened.records == expect);
    journal.append(&[record(3, 5)]).expect("there is room");
    let (_, opened) = open(folder.path());
    assert_eq!(opened.records.last(), Some(&record(3, 5)));
}

#[test]
fn a_journal_that_is_written_anew_has_the_new_records_alone() {
    let (folder, before) = example();
    let (mut journal, _) = open(folder.path());
    // More than one portion, and records of no bytes.
    let large = (0..5).map(|kind| record(kind, 600_000));
    let small = (0..300_000).map(|_| record(9, 0));
    journal.rewrite(large.chain(small)).expect("there is room");
    journal.append(&[record(10, 10)]).expect("there is room");
    let (mut journal, opened) = open(folder.path());
    assert_eq!(opened.records.len(), 300_006);
    assert_eq!(opened.records[4], record(4, 600_000));
    assert_eq!(opened.records[300_005], record(10, 10));

    journal.rewrite([]).expect("there is room");
    assert_eq!(journal.bytes(), format::len_of(&before[..24]));
    assert_eq!(open(folder.path()).1.records, []);
    let names = fs::read_dir(folder.path()).expect("it is there");
    assert_eq!(names.count(), 1, "nothing is beside it");
}

#[test]
#[cfg(unix)]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    // What a killed writer left does not decide about it.
    fs::write(folder.path().join(PARTIAL), "something").expect("it can be written");
    let (mut journal, _) = open(folder.path());
    let mode = || {
        let metadata = fs::metadata(folder.path().join(NAME)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(), 0o600);
    journal.rewrite([]).expect("there is room");
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_last_batch_that_is_not_whole_is_cut_off_and_told() {
    let (folder, bytes) = example();
    let path = folder.path().join(NAME);
    fs::write(&path, &bytes[..bytes.len() - 1]).expect("it can be written");
    let (mut journal, opened) = open(folder.path());
    assert_eq!(opened.records, [record(1, 10), record(2, 0)]);
    assert_eq!(opened.cut_bytes, 44);
    assert_eq!(
        fs::read(&path).expect("it is there"),
        bytes[..bytes.len() - 45]
    );

    journal.append(&[record(4, 4)]).expect("there is room");
    let (_, opened) = open(folder.path());
    assert_eq!(opened.cut_bytes, 0);
    assert_eq!(opened.records, [record(1, 10), record(2, 0), record(4, 4)]);
}

#[test]
fn damage_is_told_and_nothing_is_changed() {
    let (_folder, bytes) = example();
    let mut damaged = bytes.clone();
    damaged[50] ^= 1;
    check_refused(
        &damaged,
        r#"
error: "STATE/journal" is damaged at byte 24: the payload of a batch does not hold
hint: nothing was changed; keep a copy of the state folder, and restore it from a backup
"#,
    );
    check_refused(
        &[],
        r#"
error: "STATE/journal" is damaged at byte 0: the header of the file does not hold
hint: nothing was changed; keep a copy of the state folder, and restore it from a backup
"#,
    );
    let repeated = [&bytes[..], &bytes[24..64]].concat();
    check_refused(
        &repeated,
        r#"
error: "STATE/journal" is damaged at byte 109: batch 1 where batch 3 is due
hint: nothing was changed; keep a copy of the state folder, and restore it from a backup
"#,
    );
}

#[test]
fn other_files_are_refused_by_name() {
    check_refused(
        b"# Journal of my travels\n",
        r#"
error: "STATE/journal" is not a journal of BioXen
hint: move it away, or give another state folder
"#,
    );
    let mut newer = format::encode_file_header(5);
    newer[8] = 2;
    let sum = crc32c::crc32c(&newer[..20]);
    newer[20..].copy_from_slice(&sum.to_le_bytes());
    check_refused(
        &newer,
        r#"
error: "STATE/journal" has format 2, newer than 1
hint: use the version of BioXen that wrote it, or a newer one
"#,
    );
}

#[test]
fn a_file_that_is_longer_than_journals_get_is_refused() {
    let (folder, _) = example();
    let path = folder.path().join(NAME);
    let file = fs::File::options()
        .write(true)
        .open(path)
        .expect("it is there");
    // It takes no room on the disk.
    file.set_len(5 << 30).expect("files may have holes");
    let error = Journal::open(folder.path(), OsDisk).expect_err("it is too long");
    assert_eq!(
        told(&error, folder.path()),
        "error: a journal is longer than 1073741824 bytes: \"STATE/journal\"\n"
    );
}

#[test]
fn a_folder_in_its_place_is_no_journal() {
    let folder = folder();
    fs::create_dir(folder.path().join(NAME)).expect("it can be made");
    let error = Journal::open(folder.path(), OsDisk).expect_err("it is a folder");
    let text = told(&error, folder.path());
    assert!(
        text.starts_with("error: cannot open \"STATE/journal\"\n"),
        "{text}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = folder();
    let error = Journal::open(&folder.path().join("none"), OsDisk).expect_err("not there");
    assert_eq!(
        told(&error, folder.path()),
        r#"
error: cannot create "STATE/none/journal.partial"
cause: No such file or directory (os error 2)
hint: check the path of the state folder
"#
        .trim_start()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_records_come_back_in_order(
        batches in prop::collection::vec(
            prop::collection::vec((any::<u8>(), 0_usize..200), 0..4), 0..6),
        anew in any::<prop::sample::Index>(),
    ) {
        let folder = folder();
        let (mut journal, _) = open(folder.path());
        let mut expect = Vec::new();
        for (number, batch) in batches.iter().enumerate() {
            let batch: Vec<Record> = batch.iter().map(|(kind, len)| record(*kind, *len)).collect();
            journal.append(&batch).expect("there is room");
            expect.extend(batch);
            if number == anew.index(batches.len()) {
                journal.rewrite(expect.iter().cloned()).expect("there is room");
            }
        }
        let (_, opened) = open(folder.path());
        prop_assert_eq!(records_of(&opened.records), records_of(&expect));
        prop_assert_eq!(opened.cut_bytes, 0);
    }
}
