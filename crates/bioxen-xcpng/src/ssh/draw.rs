//! Host keys that are drawn here and given to guests.

use bioxen_core::Secret;
use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, LineEnding, PrivateKey};

use super::key::PublicKey;

/// A pair of keys that nobody else has seen.
#[derive(Debug)]
pub(crate) struct HostKeyPair {
    /// The private key as OpenSSH writes it, without its frame and in one line, so that no reader or writer on its way has line breaks to change.
    pub(crate) private: Secret,
    pub(crate) public: PublicKey,
}

impl HostKeyPair {
    /// Draws a pair of type Ed25519.
    pub(crate) fn draw() -> Self {
        let reason = "keys of type Ed25519 are built in";
        let key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).expect(reason);
        let text = key.to_openssh(LineEnding::LF).expect(reason);
        // As long as it gets: what grows leaves copies.
        let mut line = String::with_capacity(text.len());
        line.extend(text.lines().filter(|line| !line.starts_with("-----")));
        let wire = key.public_key().to_bytes().expect(reason);
        Self {
            private: Secret::new(line),
            public: PublicKey::from_wire(&wire).expect("it begins with its type"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HostKeyPair;

    #[test]
    fn a_private_key_is_read_again_with_its_frame_and_its_lines() {
        let pair = HostKeyPair::draw();
        let line = pair.private.expose();
        assert!(line.bytes().all(|byte| byte.is_ascii_graphic()));
        let mut text = "-----BEGIN OPENSSH PRIVATE KEY-----\n".to_owned();
        for part in line.as_bytes().chunks(70) {
            text += str::from_utf8(part).expect("base64");
            text.push('\n');
        }
        text += "-----END OPENSSH PRIVATE KEY-----\n";
        let key = ssh_key::PrivateKey::from_openssh(&text).expect("it is one");
        let public = key.public_key().to_bytes().expect("a key");
        assert_eq!(public, pair.public.wire());
        assert_eq!(pair.public.kind(), "ssh-ed25519");
    }

    #[test]
    fn no_two_are_the_same_and_none_is_shown() {
        let (first, second) = (HostKeyPair::draw(), HostKeyPair::draw());
        assert_ne!(first.public, second.public);
        assert_ne!(first.private, second.private);
        assert!(!format!("{first:?}").contains(first.private.expose()));
    }
}
