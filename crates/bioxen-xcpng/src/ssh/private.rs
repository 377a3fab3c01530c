//! Files of private keys, as far as they tell what they are without their secret.

use super::base64;
use super::key::PublicKey;

/// What the text of a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PrivateKey {
    /// A private key, with its public one where the file has that in the open.
    Open(Option<PublicKey>),
    /// A private key under a passphrase.
    Locked,
    /// A public key.
    Public,
    /// A private key in the form of PuTTY, which the SSH library does not read.
    Putty,
    /// Something else, or a damaged key.
    None,
}

impl PrivateKey {
    /// What a text is; the secret part is not looked at.
    pub(crate) fn of(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let text = text.trim_start();
        if text.starts_with("PuTTY-User-Key-File-") {
            return Self::Putty;
        }
        if text.starts_with("---- BEGIN SSH2 PUBLIC KEY") || text.parse::<PublicKey>().is_ok() {
            return Self::Public;
        }
        let Some((kind, body)) = pem(text) else {
            return Self::None;
        };
        match kind {
            "OPENSSH PRIVATE KEY" => openssh(body).unwrap_or(Self::None),
            "ENCRYPTED PRIVATE KEY" => Self::Locked,
            "RSA PRIVATE KEY" | "EC PRIVATE KEY" if body.contains("Proc-Type: 4,ENCRYPTED") => {
                Self::Locked
            }
            "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "PRIVATE KEY" => Self::Open(None),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::Public,
            _ => Self::None,
        }
    }
}

/// The kind of the first block of a PEM text, and what is in it.
fn pem(text: &str) -> Option<(&str, &str)> {
    let (kind, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let (body, end) = rest.split_once("-----END ")?;
    end.starts_with(kind).then_some((kind, body))
}

/// The form of OpenSSH: which cipher, which derivation of its key, how many keys, and their public parts.
fn openssh(body: &str) -> Option<PrivateKey> {
    let text: String = body.split_ascii_whitespace().collect();
    let bytes = base64::decode(&text)?;
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = field(rest)?;
    let (_derivation, rest) = field(rest)?;
    let (_options, rest) = field(rest)?;
    let (_count, rest) = rest.split_first_chunk::<4>()?;
    let (public, rest) = field(rest)?;
    let (_secret, _) = field(rest)?;
    let public = PublicKey::from_wire(public).ok()?;
    Some(match cipher {
        b"none" => PrivateKey::Open(Some(public)),
        _ => PrivateKey::Locked,
    })
}

/// Bytes after their length.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::PrivateKey;

    /// What `ssh-keygen` makes.
    fn made(folder: &Path, name: &str, words: &[&str]) -> (Vec<u8>, String) {
        let path = folder.join(name);
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-C", "a test", "-f"]).arg(&path);
        assert!(command.args(words).status().unwrap().success());
        let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
        (std::fs::read(&path).unwrap(), public)
    }

    #[test]
    fn keys_of_openssh_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let keygen = |name: &str, words: &[&str]| made(folder.path(), name, words);
        for kind in ["ed25519", "ecdsa"] {
            let (private, public) = keygen(kind, &["-t", kind, "-N", ""]);
            let open = PrivateKey::Open(Some(public.parse().unwrap()));
            assert_eq!(PrivateKey::of(&private), open);
            assert_eq!(PrivateKey::of(public.as_bytes()), PrivateKey::Public);
            // Its end was lost.
            let half = &private[..private.len() / 2];
            assert_eq!(PrivateKey::of(half), PrivateKey::None);
        }
        let (locked, _) = keygen("locked", &["-t", "ed25519", "-N", "a phrase"]);
        assert_eq!(PrivateKey::of(&locked), PrivateKey::Locked);
        let (pem, _) = keygen("pem", &["-t", "ecdsa", "-m", "PEM", "-N", ""]);
        assert_eq!(PrivateKey::of(&pem), PrivateKey::Open(None));
        let (pem, _) = keygen(
            "pem-locked",
            &["-t", "ecdsa", "-m", "PEM", "-N", "a phrase"],
        );
        assert_eq!(PrivateKey::of(&pem), PrivateKey::Locked);
        let (pkcs8, _) = keygen("pkcs8", &["-t", "ecdsa", "-m", "PKCS8", "-N", ""]);
        assert_eq!(PrivateKey::of(&pkcs8), PrivateKey::Open(None));
        let (pkcs8, _) = keygen(
            "pkcs8-locked",
            &["-t", "ecdsa", "-m", "PKCS8", "-N", "a phrase"],
        );
        assert_eq!(PrivateKey::of(&pkcs8), PrivateKey::Locked);
    }

    #[test]
    fn what_is_no_key_is_told() {
        let putty = b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n";
        assert_eq!(PrivateKey::of(putty), PrivateKey::Putty);
        for other in [
            "",
            "password\n",
            "\u{0}\u{ff}",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(
                PrivateKey::of(other.as_bytes()),
                PrivateKey::None,
                "{other}"
            );
        }
    }
}
