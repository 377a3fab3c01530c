//! A person looks at the host key of a guest, and accepts it.

use std::net::SocketAddr;

use super::{Guest, XcpngError, XcpngPool};
use crate::ssh::{PublicKey, Remote, Verdict};

/// Steps of a look at a host key.
const STEPS: u32 = 3;

/// A host key that a guest showed to who did not say who he is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownHostKey {
    /// Where.
    pub address: SocketAddr,
    /// The key.
    pub key: PublicKey,
    /// What was said to it before anything was accepted.
    pub verdict: Verdict,
    /// Keys of the guest that were known before.
    pub known: Vec<PublicKey>,
    /// Whether the guest was off, and was switched on for this.
    pub was_off: bool,
}

impl XcpngPool {
    /// Looks which host key a guest shows; nothing is accepted, and nothing is said about the user.
    ///
    /// A guest that is off is switched on, and stays on: its console is where a person sees the key by another way.
    ///
    /// # Errors
    ///
    /// [`XcpngError`] if it does not come to show one; a guest that was off is off again then.
    pub fn show_host_key(&self, guest: &Guest) -> Result<ShownHostKey, XcpngError> {
        let mut was_off = false;
        let shown = self.look_at_key(guest, &mut was_off);
        self.options().watcher.rest();
        if shown.is_err() && was_off {
            self.switch_off(guest)?;
        }
        shown
    }

    /// Makes the host key that a guest shows a known one, if it has the fingerprint that somebody compared; others of its type are forgotten.
    ///
    /// A guest that is off is switched on for that, and off again.
    ///
    /// # Errors
    ///
    /// [`HostKeysError::OtherFingerprint`](crate::HostKeysError::OtherFingerprint) if it has not, and as [`show_host_key`](Self::show_host_key).
    pub fn accept_host_key(
        &self,
        guest: &Guest,
        fingerprint: &str,
    ) -> Result<ShownHostKey, XcpngError> {
        let mut was_off = false;
        let accepted = self.look_at_key(guest, &mut was_off).and_then(|shown| {
            let vm = guest.uuid.as_str();
            self.shared.host_keys.accept(vm, &shown.key, fingerprint)?;
            Ok(shown)
        });
        self.options().watcher.rest();
        if was_off {
            self.switch_off(guest)?;
        }
        accepted
    }

    fn look_at_key(&self, guest: &Guest, was_off: &mut bool) -> Result<ShownHostKey, XcpngError> {
        let options = self.options();
        let limit = options.limits.ready;
        let bounds = self.step("the look at the host key", limit);
        let wait = self.power_on(guest, STEPS, was_off, bounds)?;
        let known = self.shared.host_keys.lookup(guest.uuid.as_str())?;
        let limits = options.ssh.limits;
        let (address, key) = self.reach_by(guest, &wait, limit, bounds, |address| {
            let limit = limits.tcp + limits.key_exchange;
            self.say(&wait, 3, "looking at the host key", limit);
            let (whole, cancel) = (bounds.deadline, bounds.cancel);
            let key = Remote::look(whole, address, &options.ssh, &known, self.timer(), cancel)?;
            Ok((address, key))
        })?;
        Ok(ShownHostKey {
            address,
            verdict: Verdict::on(&key, &known),
            key,
            known: known.keys,
            was_off: *was_off,
        })
    }
}
