//! Calls over HTTPS: where to, whom to trust, and bytes there and back.

mod client;
mod endpoint;
mod error;
mod reach;
mod trust;
mod wire;

use std::fmt;

use bioxen_core::CancelToken;

use crate::wait::Deadline;

pub use client::{HttpsDial, HttpsLimits};
pub use endpoint::{Endpoint, InvalidEndpoint, PlainHttp, Scheme};
pub use error::{Reach, TransportError, TransportErrorKind};
pub use trust::{CertificatePin, InvalidPin, Trust, TrustError};

/// A connection to one server, which answers one call after the other.
pub trait Transport: Send + fmt::Debug {
    /// Sends a call and waits for the answer, no longer than the deadline, and no longer than a second after `cancel` is raised.
    ///
    /// # Errors
    ///
    /// [`TransportError`], which says whether the call may have reached the server.
    fn post(
        &mut self,
        body: &[u8],
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<Vec<u8>, TransportError>;
}

/// Whoever opens connections: HTTPS, or a pool that a test makes up.
pub trait Dial: Send + Sync + fmt::Debug {
    /// A connection to an address; it may be opened as late as by the first call.
    ///
    /// # Errors
    ///
    /// [`TransportError`] if it is known already that there can be none.
    fn open(&self, endpoint: &Endpoint) -> Result<Box<dyn Transport>, TransportError>;

    /// Whether a server shows by itself that it is meant, wherever its address came from, before it is sent anything.
    fn recognizes_servers(&self) -> bool;
}

#[cfg(test)]
mod tests;
