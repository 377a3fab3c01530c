//! Why there is no answer.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::trust::CertificatePin;
use crate::wait::Overdue;

/// Whether a call may have reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing of it left: it was not done.
    NotSent,
    /// Some of it left: it may have been done or not.
    Unknown,
}

/// Why there is no answer, and whether the call may have been done all the same.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    reach: Reach,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// Without a cause.
    pub fn new(kind: TransportErrorKind, reach: Reach) -> Self {
        Self {
            kind,
            reach,
            source: None,
        }
    }

    /// With a cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &TransportErrorKind {
        &self.kind
    }

    /// Whether the call may have reached the server.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether the next try may fare better.
    pub fn is_passing(&self) -> bool {
        match self.kind {
            TransportErrorKind::Resolve
            | TransportErrorKind::Connect
            | TransportErrorKind::Reset
            | TransportErrorKind::Stale
            | TransportErrorKind::Cut
            | TransportErrorKind::Status { .. }
            | TransportErrorKind::Protocol
            | TransportErrorKind::Overdue(_) => true,
            TransportErrorKind::Tls
            | TransportErrorKind::Certificate { .. }
            | TransportErrorKind::TooLong { .. }
            | TransportErrorKind::Cancelled => false,
        }
    }

    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        Some(match &self.kind {
            TransportErrorKind::Resolve => "check the name of the host".to_owned(),
            TransportErrorKind::Connect => {
                "check the address, and that the host is up and its toolstack runs".to_owned()
            }
            TransportErrorKind::Certificate { fingerprint } => format!(
                "if openssl x509 -noout -fingerprint -sha256 -in /etc/xensource/xapi-ssl.pem on the host gives the same, pin {fingerprint}"
            ),
            TransportErrorKind::Overdue(_) => "check the network, or raise the limit".to_owned(),
            TransportErrorKind::Status { code: 500..=599 } => {
                "check that the address is that of an XCP-ng host and that its toolstack runs"
                    .to_owned()
            }
            TransportErrorKind::Status { .. } | TransportErrorKind::Protocol => {
                "check that the address is that of an XCP-ng host".to_owned()
            }
            TransportErrorKind::TooLong { .. } => "raise the limit".to_owned(),
            TransportErrorKind::Tls
            | TransportErrorKind::Reset
            | TransportErrorKind::Stale
            | TransportErrorKind::Cut
            | TransportErrorKind::Cancelled => return None,
        })
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// What goes wrong on the way.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The name of the host has no address.
    #[error("the name of the host has no address")]
    Resolve,
    /// No connection came about.
    #[error("no connection to the server")]
    Connect,
    /// The two sides did not agree on TLS.
    #[error("no TLS with the server")]
    Tls,
    /// The certificate is not one to trust; nothing was sent.
    #[error("the certificate of the server is not trusted: SHA-256 {fingerprint}")]
    Certificate {
        /// The fingerprint of the one it showed.
        fingerprint: CertificatePin,
    },
    /// The connection broke.
    #[error("the connection broke")]
    Reset,
    /// A connection that was kept from an earlier call was closed before a byte of the answer.
    #[error("the server had closed the connection")]
    Stale,
    /// The answer ended early.
    #[error("the answer was cut off")]
    Cut,
    /// The server answered with another status than 200, which it gives to failed calls too.
    #[error("the server answered with HTTP status {code}")]
    Status {
        /// The status.
        code: u16,
    },
    /// The answer is not HTTP.
    #[error("the answer is not HTTP")]
    Protocol,
    /// The answer is longer than answers may be.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The most, bytes.
        limit: usize,
    },
    /// It took too long.
    #[error(transparent)]
    Overdue(Overdue),
    /// It was called off.
    #[error("the call was called off")]
    Cancelled,
}
