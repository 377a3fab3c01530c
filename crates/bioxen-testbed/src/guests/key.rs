//! Keys of clients and hosts, made by `ssh-keygen`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::GuestError;
use super::plan::KeyType;

/// A key pair of a client, in two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey {
    private: PathBuf,
    public: String,
}

impl ClientKey {
    /// Makes a pair of type Ed25519 in a folder.
    ///
    /// # Errors
    ///
    /// [`GuestError`] if `ssh-keygen` does not run or the folder cannot be written.
    pub fn make(folder: &Path) -> Result<Self, GuestError> {
        let private = folder.join("client_key");
        make(&private, KeyType::Ed25519)?;
        Ok(Self {
            public: public_line(&private)?,
            private,
        })
    }

    /// The file with the private key.
    pub fn private(&self) -> &Path {
        &self.private
    }

    /// The line of the public key.
    pub fn public(&self) -> &str {
        &self.public
    }
}

/// Makes a key, unless it is there.
pub(crate) fn make(path: &Path, kind: KeyType) -> Result<(), GuestError> {
    if path.exists() {
        return Ok(());
    }
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-N", "", "-C", "", "-t"]);
    keygen.args(match kind {
        KeyType::Ed25519 => ["ed25519"].as_slice(),
        KeyType::Rsa => &["rsa", "-b", "2048"],
        KeyType::Ecdsa => &["ecdsa", "-b", "256"],
    });
    let output = keygen.arg("-f").arg(path).stdin(Stdio::null()).output();
    let output = output.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => GuestError::Missing {
            program: "ssh-keygen",
            package: "openssh-client",
        },
        _ => GuestError::Run {
            program: "ssh-keygen",
            source,
        },
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(GuestError::Key { said })
}

/// The line of the public key beside a private one.
pub(crate) fn public_line(private: &Path) -> Result<String, GuestError> {
    let path = private.with_extension("pub");
    let line = fs::read_to_string(&path).map_err(GuestError::file(&path, "reading"))?;
    Ok(line.trim().to_owned())
}
