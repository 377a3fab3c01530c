use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{HostKeys, HostKeysError, KnownKeys, lines};
use crate::ssh::key::PublicKey;

const VM: &str = "6e1fd1a0-4c35-9c5b-2f0f-9d2e8a4f1b7c";
const OTHER: &str = "0f2c3e77-1111-2222-3333-444455556666";

fn key(number: u8) -> PublicKey {
    let mut blob = 11_u32.to_be_bytes().to_vec();
    blob.extend_from_slice(b"ssh-ed25519");
    blob.extend_from_slice(&[0, 0, 0, 1, number]);
    PublicKey::from_wire(&blob).unwrap()
}

/// Keys by number that are known and revoked, and lines that are skipped.
#[track_caller]
fn check(text: &str, known: &[u8], revoked: &[u8], skipped: &[usize]) {
    let mut text = text.to_owned();
    for number in 1..=9 {
        text = text.replace(&format!("KEY{number}"), &key(number).to_string());
    }
    let found = lines::read(text.as_bytes(), VM);
    let keys = |numbers: &[u8]| {
        numbers
            .iter()
            .map(|number| key(*number))
            .collect::<Vec<_>>()
    };
    assert_eq!(found.keys, keys(known));
    assert_eq!(found.revoked, keys(revoked));
    let lines: Vec<usize> = found.skipped.iter().map(|line| line.number).collect();
    assert_eq!(lines, skipped);
}

#[test]
fn a_line_that_names_the_vm_makes_a_key_known() {
    check("", &[], &[], &[]);
    check("\n# note\n\n", &[], &[], &[]);
    check(&format!("{VM} KEY1 comment\n"), &[1], &[], &[]);
    check(&format!("{VM}\tKEY1\r\n"), &[1], &[], &[]);
    check(
        &format!("{OTHER} KEY1\n{VM} KEY2\n{VM} KEY3"),
        &[2, 3],
        &[],
        &[],
    );
    check(&format!("{OTHER},{VM} KEY1\n"), &[1], &[], &[]);
    check(&format!("{} KEY1\n", VM.to_uppercase()), &[1], &[], &[]);
}

#[test]
fn no_pattern_makes_a_key_known() {
    check("* KEY1\n", &[], &[], &[]);
    check("6e1fd1a0-* KEY1\n", &[], &[], &[]);
    check(&format!("{VM},!{VM} KEY1\n"), &[], &[], &[]);
    check(&format!("{VM},!* KEY1\n"), &[], &[], &[]);
    check("|1|c2FsdA==|aGFzaA== KEY1\n", &[], &[], &[]);
}

#[test]
fn what_may_be_revoked_is_revoked() {
    check(&format!("{VM} KEY1\n@revoked {VM} KEY1\n"), &[1], &[1], &[]);
    check("@revoked * KEY1\n", &[], &[1], &[]);
    check("@revoked 6e1fd1a0-* KEY1\n", &[], &[1], &[]);
    check("@revoked |1|c2FsdA==|aGFzaA== KEY1\n", &[], &[1], &[]);
    check(&format!("@revoked {OTHER} KEY1\n"), &[], &[], &[]);
}

#[test]
fn lines_that_cannot_be_read_spoil_no_other() {
    check(
        &format!(
            "{VM} ssh-dss AAAA\n{VM} KEY1\n{VM}\n@cert-authority * KEY2\n@odd * KEY3\n@revoked\n{VM} KEY4"
        ),
        &[1, 4],
        &[],
        &[1, 3, 4, 5, 6],
    );
    let mut bytes = b"\xFF\xFE\n".to_vec();
    bytes.extend_from_slice(format!("{VM} {}\n", key(1)).as_bytes());
    let found = lines::read(&bytes, VM);
    assert_eq!(found.keys, [key(1)]);
    assert_eq!(
        found.skipped[0].to_string(),
        "line 1 is skipped: it is not text"
    );
}

fn store() -> (TempDir, HostKeys) {
    let folder = tempfile::tempdir().unwrap();
    let store = HostKeys::at(folder.path().join("deep/known_hosts"));
    (folder, store)
}

fn keys(store: &HostKeys, vm: &str) -> Vec<PublicKey> {
    store.lookup(vm).unwrap().keys
}

#[test]
fn a_key_is_kept_under_the_vm_and_goes_with_it() {
    let (_folder, store) = store();
    assert_eq!(store.lookup(VM).unwrap(), KnownKeys::default());
    store.add(VM, &key(1)).unwrap();
    store.add(VM, &key(1)).unwrap();
    store.add(OTHER, &key(2)).unwrap();
    assert_eq!(keys(&store, VM), [key(1)]);
    assert_eq!(keys(&store, OTHER), [key(2)]);
    let text = fs::read_to_string(store.path()).unwrap();
    assert_eq!(text, format!("{VM} {}\n{OTHER} {}\n", key(1), key(2)));
    store.remove(VM).unwrap();
    assert!(keys(&store, VM).is_empty());
    assert_eq!(keys(&store, OTHER), [key(2)]);
    let mode = fs::metadata(store.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_revoked_key_stays_so() {
    let (_folder, store) = store();
    store.add(VM, &key(1)).unwrap();
    store.revoke(VM, &key(1)).unwrap();
    store.remove(VM).unwrap();
    assert_eq!(store.lookup(VM).unwrap().revoked, [key(1)]);
    let again = store.add(VM, &key(1));
    assert!(
        matches!(again, Err(HostKeysError::Revoked { .. })),
        "{again:?}"
    );
}

#[test]
fn a_key_is_accepted_by_its_fingerprint_alone() {
    let (_folder, store) = store();
    let print = key(1).fingerprint();
    let other = store.accept(VM, &key(2), print.as_str());
    assert!(matches!(other, Err(HostKeysError::OtherFingerprint { .. })));
    let empty = store.accept(VM, &key(2), "");
    assert!(matches!(empty, Err(HostKeysError::OtherFingerprint { .. })));
    assert!(keys(&store, VM).is_empty());
    store.accept(VM, &key(1), print.as_str()).unwrap();
    assert_eq!(keys(&store, VM), [key(1)]);
}

#[test]
fn an_accepted_key_takes_the_place_of_those_of_its_type() {
    let (_folder, store) = store();
    let rsa: PublicKey = {
        let mut blob = vec![0, 0, 0, 7];
        blob.extend_from_slice(b"ssh-rsa");
        PublicKey::from_wire(&blob).unwrap()
    };
    for old in [&key(1), &key(2), &rsa] {
        store.add(VM, old).unwrap();
        store.add(OTHER, old).unwrap();
    }
    let print = key(2).fingerprint();
    store.accept(VM, &key(2), print.as_str()).unwrap();
    assert_eq!(keys(&store, VM), [key(2), rsa.clone()]);
    assert_eq!(keys(&store, OTHER), [key(1), key(2), rsa]);
}

#[test]
fn what_cannot_be_read_is_kept() {
    let (_folder, store) = store();
    store.add(VM, &key(1)).unwrap();
    let mut bytes = b"# mine\nodd line\n\xFF\n".to_vec();
    bytes.extend_from_slice(format!("{OTHER},{VM} {}", key(3)).as_bytes());
    fs::write(store.path(), &bytes).unwrap();
    store.add(VM, &key(2)).unwrap();
    store.remove(VM).unwrap();
    let expect = [
        b"# mine\nodd line\n\xFF\n".to_vec(),
        format!("{OTHER} {}\n", key(3)).into(),
    ];
    assert_eq!(fs::read(store.path()).unwrap(), expect.concat());
}

#[test]
fn names_that_are_no_word_are_refused() {
    let (_folder, store) = store();
    for vm in [
        "",
        "a b",
        "*",
        "a,b",
        "@revoked",
        "|1|",
        "a\nb",
        &"a".repeat(129),
    ] {
        let added = store.add(vm, &key(1));
        assert!(matches!(added, Err(HostKeysError::Name { .. })), "{vm:?}");
    }
    assert!(!store.path().exists());
}

#[test]
fn no_writer_loses_what_another_one_wrote() {
    let (_folder, store) = store();
    thread::scope(|scope| {
        for writer in 0..4 {
            let store = store.clone();
            scope.spawn(move || {
                for number in 0..10 {
                    store.add(VM, &key(writer * 10 + number)).unwrap();
                }
            });
        }
    });
    assert_eq!(keys(&store, VM).len(), 40);
}

#[test]
fn a_link_stays_a_link() {
    let (folder, store) = store();
    let link = HostKeys::at(folder.path().join("link"));
    store.add(VM, &key(1)).unwrap();
    std::os::unix::fs::symlink(store.path(), link.path()).unwrap();
    link.add(VM, &key(2)).unwrap();
    assert!(link.path().is_symlink());
    assert_eq!(keys(&store, VM), [key(1), key(2)]);
}

#[test]
fn a_folder_or_a_huge_file_is_an_error() {
    let (folder, _) = store();
    let read = HostKeys::at(folder.path()).lookup(VM);
    assert!(matches!(read, Err(HostKeysError::Read { .. })), "{read:?}");
    let huge = folder.path().join("huge");
    fs::File::create(&huge).unwrap().set_len(17 << 20).unwrap();
    let read = HostKeys::at(&huge).lookup(VM);
    assert!(
        matches!(read, Err(HostKeysError::TooLong { .. })),
        "{read:?}"
    );
    assert!(
        HostKeys::at(Path::new("/proc/none/x"))
            .add(VM, &key(1))
            .is_err()
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_other_lines_survive(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = lines::read(&bytes, VM);
        let added = lines::with_line(bytes.clone(), &format!("{VM} {}", key(7)));
        let known = lines::read(&added, VM);
        prop_assert_eq!(known.keys.last(), Some(&key(7)));
        prop_assert!(lines::read(&lines::without(&added, VM, |_| true), VM).keys.is_empty());
    }
}
