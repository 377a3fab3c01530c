//! Which host key a connection expects, and what it says to the one that is offered.

use std::fmt;

use thiserror::Error;

use super::hosts::{HostKeys, HostKeysError, KnownKeys};
use super::key::{Fingerprint, PublicKey};

/// What is known of the host key before the first contact.
#[derive(Clone, Debug)]
pub enum ExpectedHostKey {
    /// What the file says for a VM.
    Known {
        /// The file.
        store: HostKeys,
        /// UUID of the VM, under which its keys are kept whatever its address is.
        vm: String,
    },
    /// This key and no other, such as one that was put into the guest when it was made.
    Given {
        /// The key.
        key: PublicKey,
        /// UUID of the VM, for messages.
        vm: String,
    },
}

impl ExpectedHostKey {
    pub(super) fn vm(&self) -> &str {
        match self {
            Self::Known { vm, .. } | Self::Given { vm, .. } => vm,
        }
    }

    /// What is known now; the file is read once for a connection.
    pub(super) fn keys(&self) -> Result<KnownKeys, HostKeysError> {
        match self {
            Self::Known { store, vm } => store.lookup(vm),
            Self::Given { key, .. } => Ok(KnownKeys {
                keys: vec![key.clone()],
                ..KnownKeys::default()
            }),
        }
    }
}

/// Signature methods for host keys, the best first, with the type of the key.
const METHODS: [(&str, &str); 6] = [
    ("ssh-ed25519", "ssh-ed25519"),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
    ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"),
    ("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "ssh-rsa"),
    ("rsa-sha2-256", "ssh-rsa"),
];

/// Methods to ask for: first those of types that are known.
///
/// Otherwise a guest with several keys would show one that nobody knows.
pub(super) fn method_preference(known: &KnownKeys) -> String {
    let is_known = |kind: &str| known.keys.iter().any(|key| key.kind() == kind);
    let (mut first, rest): (Vec<_>, Vec<_>) = METHODS.iter().partition(|(_, kind)| is_known(kind));
    first.extend(rest);
    let names: Vec<&str> = first.iter().map(|(method, _)| *method).collect();
    names.join(",")
}

/// What is said to a key that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one that is known.
    Same,
    /// Nothing is known.
    Unknown,
    /// Another key of this type is known.
    Changed,
    /// Only keys of other types are known.
    OtherType,
    /// It is known as one that must not be used.
    Revoked,
}

impl Verdict {
    /// Compares a key with what is known.
    pub fn on(offered: &PublicKey, known: &KnownKeys) -> Self {
        if known.revoked.contains(offered) {
            Self::Revoked
        } else if known.keys.contains(offered) {
            Self::Same
        } else if known.keys.is_empty() {
            Self::Unknown
        } else if known.keys.iter().any(|key| key.kind() == offered.kind()) {
            Self::Changed
        } else {
            Self::OtherType
        }
    }
}

/// A host key that nobody authenticated to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct HostKeyRefused {
    /// UUID of the VM.
    pub vm: String,
    /// What is wrong; never [`Verdict::Same`].
    pub verdict: Verdict,
    /// The key that was offered.
    pub offered: PublicKey,
}

impl HostKeyRefused {
    /// Fingerprint of the key that was offered.
    pub fn fingerprint(&self) -> Fingerprint {
        self.offered.fingerprint()
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self.verdict {
            Verdict::Same | Verdict::Unknown => {
                "`bioxen vm trust VM` says how to compare the fingerprint, and accepts it; the key of a template goes into xcpng_config.ssh_host_keys"
            }
            Verdict::Changed | Verdict::OtherType => {
                "somebody may be in between, or the guest has new keys; `bioxen vm trust VM` says how to find out, and accepts the new one in place of the old one; a guest with a key of its own needs bioxen-host-key.service in its template"
            }
            Verdict::Revoked => "give the guest a new host key",
        }
        .to_owned()
    }
}

impl fmt::Display for HostKeyRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            vm,
            verdict,
            offered,
        } = self;
        let (kind, print) = (offered.kind(), self.fingerprint());
        match verdict {
            Verdict::Same => write!(f, "the host key {print} of VM {vm} is known"),
            Verdict::Unknown => {
                write!(
                    f,
                    "no host key of VM {vm} is known; it offers {kind} {print}"
                )
            }
            Verdict::Changed => write!(
                f,
                "VM {vm} offers the host key {kind} {print}, and another one is known"
            ),
            Verdict::OtherType => write!(
                f,
                "VM {vm} offers the host key {kind} {print}, and only keys of other types are known"
            ),
            Verdict::Revoked => write!(f, "the host key {kind} {print} of VM {vm} is revoked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HostKeyRefused, KnownKeys, PublicKey, Verdict, method_preference};

    fn key(kind: &str, number: u8) -> PublicKey {
        let length = u32::try_from(kind.len()).unwrap();
        let mut blob = length.to_be_bytes().to_vec();
        blob.extend_from_slice(kind.as_bytes());
        blob.push(number);
        PublicKey::from_wire(&blob).unwrap()
    }

    fn ed(number: u8) -> PublicKey {
        key("ssh-ed25519", number)
    }

    #[track_caller]
    fn check(keys: &[PublicKey], revoked: &[PublicKey], offered: &PublicKey, expect: Verdict) {
        let known = KnownKeys {
            keys: keys.to_vec(),
            revoked: revoked.to_vec(),
            ..KnownKeys::default()
        };
        assert_eq!(Verdict::on(offered, &known), expect);
    }

    #[test]
    fn only_a_known_key_is_the_same() {
        check(&[], &[], &ed(1), Verdict::Unknown);
        check(&[ed(1)], &[], &ed(1), Verdict::Same);
        check(&[ed(2), ed(1)], &[], &ed(1), Verdict::Same);
        check(&[ed(2)], &[], &ed(1), Verdict::Changed);
        check(&[key("ssh-rsa", 1)], &[], &ed(1), Verdict::OtherType);
        check(&[key("ssh-rsa", 1), ed(2)], &[], &ed(1), Verdict::Changed);
        check(&[ed(1)], &[ed(1)], &ed(1), Verdict::Revoked);
        check(&[], &[ed(1)], &ed(1), Verdict::Revoked);
        check(&[ed(1)], &[ed(2)], &ed(1), Verdict::Same);
    }

    #[test]
    fn known_types_are_asked_for_first() {
        let prefer = |keys: &[PublicKey]| {
            let known = KnownKeys {
                keys: keys.to_vec(),
                ..KnownKeys::default()
            };
            method_preference(&known)
        };
        let rest = "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521";
        let rsa = "rsa-sha2-512,rsa-sha2-256";
        assert_eq!(prefer(&[]), format!("ssh-ed25519,{rest},{rsa}"));
        assert_eq!(
            prefer(&[key("ssh-rsa", 1)]),
            format!("{rsa},ssh-ed25519,{rest}")
        );
    }

    #[test]
    fn a_refusal_has_fingerprint_and_advice() {
        for verdict in [
            Verdict::Unknown,
            Verdict::Changed,
            Verdict::OtherType,
            Verdict::Revoked,
        ] {
            let refused = HostKeyRefused {
                vm: "7e0c".to_owned(),
                verdict,
                offered: ed(1),
            };
            let line = refused.to_string();
            assert!(
                line.contains("VM 7e0c") && line.contains("SHA256:"),
                "{line}"
            );
            assert!(!refused.hint().is_empty());
        }
    }
}
