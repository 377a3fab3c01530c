//! The key by which guests know their user: it is on this side, and is looked at without any of them.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Check;
use crate::ssh::{PrivateKey, SshAuth, agent_keys};

const WHAT: &str = "SSH key";

/// Longest file of a key that is read.
const LONGEST: u64 = 64 << 10;

pub(super) fn ssh_key(auth: &SshAuth) -> Check {
    match auth {
        SshAuth::KeyFile { path, passphrase } => match read(path) {
            Ok((text, mode)) => judge(path, &text, mode, passphrase.is_some()),
            Err(error) => Check::stopped(
                WHAT,
                format!("{}: {error}", path.display()),
                "name the file that ssh-keygen made: xcpng_config.ssh_key_path",
            ),
        },
        SshAuth::Agent { socket } => held(socket),
        SshAuth::KeyMemory { .. } => Check::ok(WHAT, "given as text"),
        SshAuth::Password(_) => Check::ok(WHAT, "none: a password is used"),
    }
}

/// The text of a file and its permissions.
fn read(path: &Path) -> io::Result<(Vec<u8>, u32)> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok((text, about.permissions().mode()))
}

fn judge(path: &Path, text: &[u8], mode: u32, has_passphrase: bool) -> Check {
    let shown = path.display();
    let at = |what: &str| format!("{shown} {what}");
    let key = match PrivateKey::of(text) {
        PrivateKey::Locked if !has_passphrase => {
            return Check::stopped(
                WHAT,
                at("has a passphrase"),
                format!(
                    "load it into the agent of SSH, `ssh-add {shown}`, and leave ssh_key_path out"
                ),
            );
        }
        PrivateKey::Locked => "has a passphrase".to_owned(),
        PrivateKey::Open(Some(public)) => {
            format!("is {} {}", public.kind(), public.fingerprint())
        }
        PrivateKey::Open(None) => "is a private key".to_owned(),
        PrivateKey::Public => {
            return Check::stopped(
                WHAT,
                at("is the public key"),
                "name the file beside it, without .pub: xcpng_config.ssh_key_path",
            );
        }
        PrivateKey::Putty => {
            return Check::stopped(
                WHAT,
                at("is a key of PuTTY"),
                format!(
                    "write it in the form of OpenSSH: `puttygen {shown} -O private-openssh -o FILE`"
                ),
            );
        }
        PrivateKey::None => {
            return Check::stopped(
                WHAT,
                at("is no private key"),
                "name the file that ssh-keygen made: xcpng_config.ssh_key_path",
            );
        }
    };
    if mode & 0o077 != 0 {
        return Check::warning(
            WHAT,
            format!("{shown} {key}, and others may read it"),
            format!("`chmod 600 {shown}`"),
        );
    }
    Check::ok(WHAT, at(&key))
}

/// What the agent of SSH holds.
fn held(socket: &Path) -> Check {
    let shown = socket.display();
    match agent_keys(socket) {
        Ok(keys) if keys.is_empty() => Check::stopped(
            WHAT,
            format!("the agent at {shown} has no key"),
            "add one with `ssh-add`, or name a file: xcpng_config.ssh_key_path",
        ),
        Ok(keys) => {
            let keys: Vec<String> = keys
                .iter()
                .map(|key| format!("{} {}", key.kind(), key.fingerprint()))
                .collect();
            Check::ok(
                WHAT,
                format!("the agent at {shown} has {}", keys.join(", ")),
            )
        }
        Err(error) => Check::failed(WHAT, &error.into()),
    }
}
