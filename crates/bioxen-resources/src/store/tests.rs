use std::error::Error as StdError;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bioxen_core::{Organism, SimTime, VmId, VmImage};
use tempfile::TempDir;

use super::{
    ImageLabel, ImageStore, Newest, StoreError, read_image_file, read_image_header,
    write_image_file,
};

#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod kill;

/// What a test tells the child that it starts.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "the harness leaves no other way to hand something to a child"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

fn id(name: &str) -> VmId {
    VmId::new(name).expect("a plain name")
}

fn label(name: &str, minutes: u64) -> ImageLabel {
    ImageLabel {
        id: id(name),
        organism: Organism::Syn3a,
        sim_time: SimTime::from_micros(minutes * 60_000_000),
        saved_at: SystemTime::UNIX_EPOCH + Duration::from_secs(minutes),
    }
}

/// Bytes that do not compress and are another's for each number.
fn image(number: u64, len: usize) -> VmImage {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let bytes = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    });
    VmImage::from_bytes(bytes.take(len).collect())
}

fn store() -> (TempDir, ImageStore) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = ImageStore::open(folder.path()).expect("an empty folder");
    (folder, store)
}

fn save(store: &ImageStore, name: &str, minutes: u64) -> PathBuf {
    let saved = store
        .save(&label(name, minutes), &image(minutes, 1_000))
        .expect("there is room");
    assert!(saved.not_removed.is_empty(), "{:?}", saved.not_removed);
    saved.path
}

#[track_caller]
fn check_newest(newest: &Newest, name: &str, minutes: u64) {
    assert_eq!(newest.saved.label, label(name, minutes));
    assert_eq!(newest.saved.image, image(minutes, 1_000));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").file_name())
        .map(|name| name.into_string().expect("plain names"))
        .collect();
    names.sort();
    names
}

/// An error with its causes and its hint, as people read it.
fn told(error: &StoreError, folder: &Path) -> String {
    let mut text = format!("error: {error}\n");
    let mut cause = error.source();
    while let Some(next) = cause {
        text += &format!("cause: {next}\n");
        cause = next.source();
    }
    if let Some(hint) = error.hint() {
        text += &format!("hint: {hint}\n");
    }
    text.replace(&folder.display().to_string(), "STORE")
}

#[track_caller]
fn check_told(error: &StoreError, folder: &Path, expect: &str) {
    assert_eq!(told(error, folder), expect.trim_start());
}

/// Takes the last byte away, and says how many there were.
fn cut(path: &Path) -> usize {
    let bytes = fs::read(path).expect("it is there");
    fs::write(path, &bytes[..bytes.len() - 1]).expect("it can be written");
    bytes.len()
}

/// Changes the last byte.
fn scratch(path: &Path) {
    let mut bytes = fs::read(path).expect("it is there");
    *bytes.last_mut().expect("it is not empty") ^= 1;
    fs::write(path, bytes).expect("it can be written");
}

#[test]
fn the_newest_two_of_each_vm_are_kept() {
    let (folder, store) = store();
    for minutes in 1..=5 {
        save(&store, "a", minutes);
        if minutes <= 2 {
            save(&store, "a.b", 10 * minutes);
        }
    }
    assert_eq!(
        names(folder.path()),
        [
            "@lock",
            "a.b@0000000001.bioxen",
            "a.b@0000000002.bioxen",
            "a@0000000004.bioxen",
            "a@0000000005.bioxen",
        ]
    );
    check_newest(&store.load_newest(&id("a")).expect("whole"), "a", 5);
    check_newest(&store.load_newest(&id("a.b")).expect("whole"), "a.b", 20);

    let listing = store.list().expect("readable");
    assert!(listing.damaged.is_empty());
    let listed: Vec<_> = listing.images.iter().map(|i| i.label.clone()).collect();
    assert_eq!(
        listed,
        [
            label("a", 5),
            label("a", 4),
            label("a.b", 20),
            label("a.b", 10)
        ]
    );
    for listed in &listing.images {
        assert_eq!(listed.image_bytes, 1_000);
        let len = fs::metadata(&listed.path).expect("it is there").len();
        assert_eq!(listed.file_bytes, len);
    }
}

#[test]
fn newer_is_by_number_and_not_by_the_clock_of_the_caller() {
    let (_folder, store) = store();
    save(&store, "a", 9);
    // The clock was set back.
    save(&store, "a", 1);
    check_newest(&store.load_newest(&id("a")).expect("whole"), "a", 1);
}

#[test]
fn damage_falls_back_to_the_image_before_and_says_so() {
    let (folder, store) = store();
    save(&store, "a", 1);
    let newest = save(&store, "a", 2);
    let len = cut(&newest);
    let loaded = store.load_newest(&id("a")).expect("the one before");
    check_newest(&loaded, "a", 1);
    let [notice] = loaded.passed_over.as_slice() else {
        panic!("{:?}", loaded.passed_over);
    };
    check_told(
        notice,
        folder.path(),
        &format!(
            r#"
error: "STORE/a@0000000002.bioxen" is no image that can be used
cause: image has {} bytes where {len} are announced
hint: the file was cut or changed after it was written; take another copy
"#,
            len - 1
        ),
    );

    // The next one is newer than the damaged one.
    let newest = save(&store, "a", 3);
    assert!(newest.ends_with("a@0000000003.bioxen"));
    let loaded = store.load_newest(&id("a")).expect("whole");
    check_newest(&loaded, "a", 3);
    assert!(loaded.passed_over.is_empty());
}

#[test]
fn when_all_are_damaged_each_is_named() {
    let (folder, store) = store();
    let older = save(&store, "a", 1);
    let newer = save(&store, "a", 2);
    scratch(&newer);
    fs::write(&older, "not an image").expect("it can be written");
    let error = store.load_newest(&id("a")).expect_err("both are damaged");
    let text = told(&error, folder.path());
    // Checksums are what they are.
    let text = text.split("checksum").next().expect("a first part");
    assert_eq!(
        text,
        "error: none of the 2 images of VM \"a\" can be used\n\
         cause: \"STORE/a@0000000002.bioxen\" is no image that can be used\n\
         cause: image is corrupt: "
    );
    let StoreError::NoneUsable { older, .. } = error else {
        panic!("{error:?}");
    };
    check_told(
        &older[0],
        folder.path(),
        r#"
error: "STORE/a@0000000001.bioxen" is no image that can be used
cause: these bytes are not a BioXen image
hint: give a file that was written by saving a VM
"#,
    );
}

#[test]
fn a_listing_names_what_is_damaged_and_goes_on() {
    let (folder, store) = store();
    save(&store, "whole", 1);
    let len = cut(&save(&store, "cut", 1));
    let newer = save(&store, "newer", 1);
    let mut bytes = fs::read(&newer).expect("it is there");
    bytes[8] = 7;
    fs::write(&newer, bytes).expect("it can be written");
    let moved = save(&store, "moved", 1);
    fs::rename(moved, folder.path().join("other@0000000001.bioxen")).expect("same folder");
    fs::write(folder.path().join("copy of whole.bioxen"), "").expect("it can be written");
    fs::write(folder.path().join("notes.txt"), "mine").expect("it can be written");

    let listing = store.list().expect("readable");
    let images: Vec<&str> = listing.images.iter().map(|i| i.label.id.as_str()).collect();
    assert_eq!(images, ["whole"]);
    let damaged: String = listing
        .damaged
        .iter()
        .map(|error| told(error, folder.path()))
        .collect();
    assert_eq!(
        damaged,
        format!(
            r#"
error: "STORE/copy of whole.bioxen" is not named like an image of a store
hint: move it away, or load it by its path; images here are named "VM@NUMBER.bioxen"
error: "STORE/cut@0000000001.bioxen" is no image that can be used
cause: image has {} bytes where {len} are announced
hint: the file was cut or changed after it was written; take another copy
error: "STORE/newer@0000000001.bioxen" is no image that can be used
cause: image has format 7, newer than 1
hint: use the version of BioXen that wrote it, or a newer one
error: "STORE/other@0000000001.bioxen" holds VM "moved"
hint: move it away, or load VM "moved" by its path
"#,
            len - 1
        )
        .trim_start()
    );
}

#[test]
fn a_vm_without_images_is_answered_with_the_nearest_name() {
    let (folder, store) = store();
    check_told(
        &store.load_newest(&id("cell-1")).expect_err("empty"),
        folder.path(),
        "error: there is no image of VM \"cell-1\" in \"STORE\"\n\
         hint: list the images to see which VMs have some\n",
    );
    save(&store, "cell-10", 1);
    save(&store, "repressilator", 1);
    check_told(
        &store.load_newest(&id("cell-1")).expect_err("not that one"),
        folder.path(),
        "error: there is no image of VM \"cell-1\" in \"STORE\"\n\
         hint: did you mean \"cell-10\"?\n",
    );
}

#[test]
fn all_images_of_a_vm_are_removed_and_no_others() {
    let (folder, store) = store();
    for name in ["a", "b"] {
        save(&store, name, 1);
        save(&store, name, 2);
    }
    assert_eq!(store.remove_all(&id("a")).expect("ours"), 2);
    assert_eq!(store.remove_all(&id("a")).expect("nothing to do"), 0);
    assert_eq!(
        names(folder.path()),
        ["@lock", "b@0000000001.bioxen", "b@0000000002.bioxen"]
    );
}

#[test]
fn opening_removes_what_killed_writers_left_unless_someone_saves() {
    let (folder, store) = store();
    save(&store, "a", 1);
    let left = folder.path().join("@Ab3xYz.partial");
    fs::write(&left, "half an im").expect("it can be written");

    let writer = store.folder.lock().expect("nobody else has it");
    ImageStore::open(folder.path()).expect("it does not wait");
    assert!(left.exists(), "it may be the file of that writer");

    drop(writer);
    ImageStore::open(folder.path()).expect("nobody saves");
    assert_eq!(names(folder.path()), ["@lock", "a@0000000001.bioxen"]);
}

#[test]
fn many_may_save_at_once() {
    let (folder, store) = store();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = store.clone();
            scope.spawn(move || {
                for save in 0..10 {
                    let own = format!("own-{thread}");
                    self::save(&store, "shared", 100 * thread + save);
                    self::save(&store, &own, save);
                    let newest = store.load_newest(&id(&own)).expect("just saved");
                    check_newest(&newest, &own, save);
                }
            });
        }
    });
    let listing = store.list().expect("readable");
    assert!(listing.damaged.is_empty());
    assert_eq!(listing.images.len(), 10);
    let newest = store.load_newest(&id("shared")).expect("whole");
    assert!(newest.path.ends_with("shared@0000000040.bioxen"));
    assert_eq!(names(folder.path()).len(), 11, "images and the lock");
}

#[test]
fn a_single_file_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("my cell");
    for minutes in [1, 2] {
        write_image_file(&path, &label("a", minutes), &image(minutes, 1_000)).expect("writable");
        let saved = read_image_file(&path).expect("whole");
        assert_eq!(saved.label, label("a", minutes));
        assert_eq!(saved.image, image(minutes, 1_000));
        let header = read_image_header(&path).expect("whole");
        assert_eq!(header.label, saved.label);
    }
    assert_eq!(names(folder.path()), ["my cell"]);
}

#[test]
fn what_is_no_plain_file_is_neither_read_nor_replaced() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &Path| write_image_file(path, &label("a", 1), &image(1, 10));
    let expect = "error: \"STORE\" is not a plain file\nhint: give the path of a plain file\n";
    let here = folder.path().canonicalize().expect("it is there");
    check_told(&write(&here).expect_err("a folder"), &here, expect);
    check_told(
        &read_image_file(&here).expect_err("a folder"),
        &here,
        expect,
    );
    let missing = here.join("missing/cell");
    let error = write(&missing).expect_err("no such folder");
    assert_eq!(
        told(&error, &here).lines().next(),
        Some("error: cannot write \"STORE/missing/cell\"")
    );
    assert_eq!(error.hint().as_deref(), Some("check the path"));
    check_told(
        &read_image_file(&missing).expect_err("no such file"),
        &here,
        "error: cannot read \"STORE/missing/cell\"\n\
         cause: No such file or directory (os error 2)\n\
         hint: check the path\n",
    );
}

#[test]
fn a_huge_file_is_refused_by_its_length() {
    let (folder, store) = store();
    let path = save(&store, "a", 1);
    let file = fs::OpenOptions::new().write(true).open(&path);
    // Sparse: it takes no room.
    file.and_then(|file| file.set_len(1 << 40))
        .expect("sparse files");
    check_told(
        &read_image_file(&path).expect_err("a TiB"),
        folder.path(),
        r#"
error: "STORE/a@0000000001.bioxen" is no image that can be used
cause: image of 1099511627776 bytes is larger than 68157440 bytes
hint: make sure that it is the saved state of one VM
"#,
    );
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[track_caller]
    fn check_mode(path: &Path, expect: u32) {
        let mode = fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, expect, "{path:?}: {mode:o}");
    }

    #[test]
    fn others_can_read_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let images = folder.path().join("state/images");
        let store = ImageStore::open(&images).expect("it is made");
        check_mode(&images, 0o700);
        check_mode(&save(&store, "a", 1), 0o600);
        let path = folder.path().join("cell");
        write_image_file(&path, &label("a", 1), &image(1, 10)).expect("writable");
        check_mode(&path, 0o600);
    }

    #[test]
    fn a_link_is_kept_and_a_device_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, link) = (folder.path().join("cell"), folder.path().join("link"));
        write_image_file(&path, &label("a", 1), &image(1, 10)).expect("writable");
        symlink(&path, &link).expect("same folder");
        write_image_file(&link, &label("a", 2), &image(2, 10)).expect("writable");
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert_eq!(read_image_file(&path).expect("whole").label, label("a", 2));

        let null = Path::new("/dev/null");
        let error = write_image_file(null, &label("a", 1), &image(1, 10)).expect_err("a device");
        assert_eq!(error.to_string(), "\"/dev/null\" is not a plain file");
        assert!(!fs::metadata(null).expect("still there").is_file());
    }
}
