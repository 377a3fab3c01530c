//! What a daemon makes of what it finds on the disk.

use bioxen_core::{VmError, VmState};

use super::engine::{ask, create, events, open, refused, seconds, status, to};
use super::*;
use crate::daemon::engine;
use crate::message::VmRequest;

#[test]
fn a_damaged_image_costs_what_came_after_the_one_before_and_is_told() {
    // In the middle, in the header, and the usual damage: the end is missing.
    let damages: [fn(&mut Vec<u8>); 3] = [
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        },
        |bytes| bytes[10] ^= 1,
        |bytes| bytes.truncate(bytes.len() / 2),
    ];
    for damage in damages {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = open(folder.path());
        create(&engine, "cell", Organism::Syn3a);
        ask(&engine, &to("cell", VmRequest::Start));
        ask(&engine, &to("cell", VmRequest::Advance(seconds(10))));
        ask(&engine, &to("cell", VmRequest::Advance(seconds(10))));
        drop(engine);
        let newest = images(folder.path()).pop().expect("an image");
        let mut bytes = fs::read(&newest).expect("a file");
        damage(&mut bytes);
        fs::write(&newest, bytes).expect("room");

        let engine = open(folder.path());
        assert_eq!(status(&engine, "cell").sim_time.seconds(), 10.0);
        let kinds = events(&engine);
        assert!(kinds.contains(&"damaged".to_owned()), "{kinds:?}");
    }
}

/// The images of a state folder, the newest last.
fn images(state: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(state.join("vms")).expect("a folder");
    let mut all: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "bioxen"))
        .collect();
    all.sort();
    all
}

#[test]
fn an_image_that_a_kill_left_without_an_entry_is_no_image_of_the_vm() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::Syn3a);
    ask(&engine, &to("cell", VmRequest::Start));
    let before = fs::read(folder.path().join("daemon/journal")).expect("a journal");
    ask(&engine, &to("cell", VmRequest::Advance(seconds(10))));
    drop(engine);
    // As it was when the image was there and its entry was not.
    fs::write(folder.path().join("daemon/journal"), before).expect("room");
    let newest = images(folder.path()).pop().expect("an image");
    let engine = open(folder.path());
    assert_eq!(status(&engine, "cell").sim_time.seconds(), 0.0);
    assert!(!newest.exists());
}

#[test]
fn images_without_a_journal_are_left_alone_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "cell", Organism::Syn3a);
    drop(engine);
    fs::remove_file(folder.path().join("daemon/journal")).expect("it is there");
    let place = Place::of(folder.path());
    let refused =
        engine::open(options(folder.path()), place, clock(), wall).expect_err("no journal");
    let text = refused.to_string();
    assert!(text.starts_with("the journal is gone, and "), "{text}");
    assert!(text.ends_with("vms has 1 images"), "{text}");
    assert_eq!(images(folder.path()).len(), 1);
}

#[test]
fn a_vm_without_an_image_that_can_be_used_is_left_out_and_can_be_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = open(folder.path());
    create(&engine, "lost", Organism::Syn3a);
    create(&engine, "well", Organism::Syn3a);
    drop(engine);
    let images = fs::read_dir(folder.path().join("vms")).expect("a folder");
    for path in images.map(|entry| entry.expect("an entry").path()) {
        if path.to_string_lossy().contains("lost@") {
            fs::write(path, "not an image").expect("room");
        }
    }
    let engine = open(folder.path());
    let error = refused(&engine, &to("lost", VmRequest::Status));
    assert!(matches!(error, VmError::NotFound { .. }), "{error}");
    assert_eq!(status(&engine, "well").state, VmState::Created);
    assert!(events(&engine).contains(&"lost".to_owned()));
    ask(&engine, &to("lost", VmRequest::Destroy));
    let error = refused(&engine, &to("lost", VmRequest::Destroy));
    assert!(matches!(error, VmError::NotFound { .. }), "{error}");
    create(&engine, "lost", Organism::Syn3a);
}
