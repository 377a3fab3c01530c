//! How a client shows who it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use bioxen_core::{CancelToken, Secret};
use bioxen_testbed::guests::Guest;
use bioxen_xcpng::{Remote, SshAuth, SshError};

use crate::bed::{Bed, expect};

/// What nobody may see.
const PASSPHRASE: &str = "canary-7f3a91c2";

fn secret() -> Option<Secret> {
    Some(Secret::new(PASSPHRASE.to_owned()))
}

/// Tries one way; what it says of it has no secret.
#[track_caller]
fn connect(bed: &Bed, guest: &Guest, auth: SshAuth) -> Result<Remote, SshError> {
    let mut options = bed.options();
    options.auth = auth;
    let timer = Arc::clone(&bed.timer);
    let made = Remote::connect(
        guest.address(),
        &options,
        &expect(guest),
        timer,
        &CancelToken::new(),
    );
    let shown = match &made {
        Ok(remote) => format!("{options:?} {remote:?}"),
        Err(error) => format!("{options:?} {error:?} {error} {:?}", error.hint()),
    };
    assert!(!shown.contains(PASSPHRASE), "{shown}");
    assert!(!shown.contains("PRIVATE KEY"), "{shown}");
    made
}

fn file(path: &Path, passphrase: Option<Secret>) -> SshAuth {
    let path = path.to_owned();
    SshAuth::KeyFile { path, passphrase }
}

fn memory(path: &Path, passphrase: Option<Secret>) -> SshAuth {
    let private = Secret::new(fs::read_to_string(path).expect("a key"));
    SshAuth::KeyMemory {
        private,
        passphrase,
    }
}

pub(crate) fn keygen(words: &[&str], path: &Path) {
    let status = Command::new("ssh-keygen")
        .args(words)
        .arg("-f")
        .arg(path)
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("ssh-keygen").success());
}

#[test]
fn keys_with_and_without_a_passphrase() {
    let bed = Bed::new();
    let guest = bed.guest();
    let plain = bed.key.private();
    let locked = bed.folder.path().join("locked");
    fs::copy(plain, &locked).unwrap();
    keygen(&["-q", "-p", "-P", "", "-N", PASSPHRASE], &locked);
    for auth in [
        file(plain, None),
        file(&locked, secret()),
        memory(plain, None),
        memory(&locked, secret()),
    ] {
        connect(&bed, &guest, auth).unwrap();
    }
    let other = Some(Secret::new("other".to_owned()));
    for auth in [
        file(&locked, None),
        file(&locked, other.clone()),
        memory(&locked, None),
        memory(&locked, other),
        file(Path::new("/nowhere/key"), None),
    ] {
        let error = connect(&bed, &guest, auth).expect_err("no key");
        assert!(matches!(error, SshError::Key { .. }), "{error:?}");
        assert!(!error.is_transient());
    }
}

#[test]
fn a_key_or_password_that_the_guest_does_not_know() {
    let bed = Bed::new();
    let guest = bed.guest();
    let stranger = bed.folder.path().join("stranger");
    keygen(&["-q", "-t", "ed25519", "-N", ""], &stranger);
    let password = SshAuth::Password(Secret::new(PASSPHRASE.to_owned()));
    for auth in [file(&stranger, None), memory(&stranger, None), password] {
        let error = connect(&bed, &guest, auth).expect_err("a stranger");
        assert!(matches!(error, SshError::Auth { .. }), "{error:?}");
        assert!(!error.is_transient());
    }
}

/// An `ssh-agent`, which ends with this.
pub(crate) struct KeyAgent {
    child: Child,
    pub(crate) socket: PathBuf,
}

impl KeyAgent {
    pub(crate) fn start(folder: &Path) -> Self {
        let socket = folder.join("agent.sock");
        let mut child = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(&socket)
            .stdout(Stdio::piped())
            .spawn()
            .expect("ssh-agent");
        // It says where it listens once it does.
        let mut stdout = std::io::BufReader::new(child.stdout.take().expect("it is piped"));
        std::io::BufRead::read_line(&mut stdout, &mut String::new()).expect("a line");
        Self { child, socket }
    }

    pub(crate) fn add(&self, key: &Path) {
        let added = Command::new("ssh-add")
            .arg("-q")
            .arg(key)
            .env("SSH_AUTH_SOCK", &self.socket)
            .status();
        assert!(added.expect("ssh-add").success());
    }
}

impl Drop for KeyAgent {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn keys_of_an_agent_are_tried_in_turn() {
    let bed = Bed::new();
    let guest = bed.guest();
    let agent = KeyAgent::start(bed.folder.path());
    let auth = || SshAuth::Agent {
        socket: agent.socket.clone(),
    };
    let empty = connect(&bed, &guest, auth()).expect_err("no keys");
    assert!(matches!(empty, SshError::KeyAgent { .. }), "{empty:?}");
    let stranger = bed.folder.path().join("stranger");
    keygen(&["-q", "-t", "ed25519", "-N", ""], &stranger);
    agent.add(&stranger);
    let other = connect(&bed, &guest, auth()).expect_err("a stranger");
    assert!(matches!(other, SshError::Auth { .. }), "{other:?}");
    agent.add(bed.key.private());
    connect(&bed, &guest, auth()).unwrap();
    let socket = bed.folder.path().join("none");
    let none = connect(&bed, &guest, SshAuth::Agent { socket }).expect_err("no agent");
    assert!(matches!(none, SshError::KeyAgent { .. }), "{none:?}");
}
