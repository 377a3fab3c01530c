//! Public keys of hosts, and their fingerprints.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::base64;

/// A public key: its type and its bytes, as OpenSSH writes them in one line.
///
/// ```
/// use bioxen_xcpng::PublicKey;
///
/// let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEOsIVAfQoWRXHOdm+Rx4zVkEhhVQcAUHmXlfU2dyrIL of a guest";
/// let key: PublicKey = line.parse()?;
/// assert_eq!(key.kind(), "ssh-ed25519");
/// assert!(key.fingerprint().as_str().starts_with("SHA256:"));
/// assert!(line.starts_with(&key.to_string()));
/// # Ok::<(), bioxen_xcpng::InvalidPublicKey>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    kind: String,
    blob: Vec<u8>,
}

/// Longest key that is read; one of RSA with 16,384 bits has 2 KiB.
const LONGEST: usize = 16 << 10;

impl PublicKey {
    /// A key as it goes over the wire; its first field is its type.
    ///
    /// # Errors
    ///
    /// [`InvalidPublicKey`] if there is no such field.
    pub fn from_wire(blob: &[u8]) -> Result<Self, InvalidPublicKey> {
        if blob.len() > LONGEST {
            return Err(InvalidPublicKey::TooLong);
        }
        let field = blob.split_first_chunk::<4>().and_then(|(length, rest)| {
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            rest.get(..length)
        });
        let kind = field
            .and_then(|field| str::from_utf8(field).ok())
            .filter(|kind| is_kind(kind))
            .ok_or(InvalidPublicKey::NoKind)?;
        Ok(Self {
            kind: kind.to_owned(),
            blob: blob.to_vec(),
        })
    }

    /// Its type, such as `ssh-ed25519`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its bytes on the wire.
    pub fn wire(&self) -> &[u8] {
        &self.blob
    }

    /// Its SHA-256 fingerprint, as `ssh-keygen -l` shows it.
    pub fn fingerprint(&self) -> Fingerprint {
        let digest = Sha256::digest(&self.blob);
        Fingerprint(format!("SHA256:{}", base64::encode(&digest)))
    }
}

fn is_kind(kind: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-.@_".contains(&byte);
    (1..=64).contains(&kind.len()) && kind.bytes().all(is_part)
}

impl FromStr for PublicKey {
    type Err = InvalidPublicKey;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let mut words = line.split_ascii_whitespace();
        let (Some(kind), Some(text)) = (words.next(), words.next()) else {
            return Err(InvalidPublicKey::NotTwoWords);
        };
        let blob = base64::decode(text).ok_or(InvalidPublicKey::NotBase64)?;
        let key = Self::from_wire(&blob)?;
        if key.kind != kind {
            return Err(InvalidPublicKey::OtherKind);
        }
        Ok(key)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, base64::encode_padded(&self.blob))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.kind, self.fingerprint())
    }
}

/// A short name of a key that nobody can make another key for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Its text, `SHA256:` and 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A line that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidPublicKey {
    /// It has not both a type and a key.
    #[error("a public key is a type and a key, such as `ssh-ed25519 AAAA...`")]
    NotTwoWords,
    /// The key is not written in base64.
    #[error("the key is not written in base64")]
    NotBase64,
    /// It does not begin with its type.
    #[error("the key does not begin with its type")]
    NoKind,
    /// It is of another type than the line says.
    #[error("the key is of another type than its line says")]
    OtherKind,
    /// It is longer than any key.
    #[error("the key is longer than any key")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::{InvalidPublicKey, PublicKey};

    /// Made by `ssh-keygen -t ed25519`, which printed the fingerprint too.
    const LINE: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEOsIVAfQoWRXHOdm+Rx4zVkEhhVQcAUHmXlfU2dyrIL";
    const PRINT: &str = "SHA256:/KHBk/+6xs87BS9WZ/kTgT2kNzRvYBGVI31fyO8CGwY";

    #[test]
    fn a_line_is_read_and_written() {
        let key: PublicKey = LINE.parse().unwrap();
        assert_eq!(key.to_string(), LINE);
        assert_eq!(key.kind(), "ssh-ed25519");
        assert_eq!(key.fingerprint().as_str(), PRINT);
        assert_eq!(PublicKey::from_wire(key.wire()), Ok(key.clone()));
        let with_comment: PublicKey = format!("  {LINE}\troot@guest\n").parse().unwrap();
        assert_eq!(with_comment, key);
    }

    #[track_caller]
    fn refuse(line: &str, expect: InvalidPublicKey) {
        assert_eq!(line.parse::<PublicKey>(), Err(expect), "{line}");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        refuse("", InvalidPublicKey::NotTwoWords);
        refuse("ssh-ed25519", InvalidPublicKey::NotTwoWords);
        refuse("ssh-ed25519 !", InvalidPublicKey::NotBase64);
        refuse("ssh-ed25519 AAAA", InvalidPublicKey::NoKind);
        refuse("ssh-ed25519 /////w==", InvalidPublicKey::NoKind);
        let key = LINE.split_once(' ').unwrap().1;
        refuse(&format!("ssh-rsa {key}"), InvalidPublicKey::OtherKind);
        refuse(
            &format!("ssh-rsa {}", "A".repeat(1 << 16)),
            InvalidPublicKey::TooLong,
        );
    }
}
