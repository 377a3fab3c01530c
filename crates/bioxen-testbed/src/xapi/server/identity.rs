//! Certificates of hosts.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

use super::ServerError;

/// A certificate with its key.
#[derive(Clone)]
pub struct Identity {
    certificate_pem: String,
    key_pem: String,
}

impl Identity {
    /// Makes a certificate that is signed by itself, for names and addresses.
    ///
    /// # Errors
    ///
    /// A name is none.
    pub fn self_signed(names: &[&str]) -> Result<Self, ServerError> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names)?;
        Ok(Self {
            certificate_pem: made.cert.pem(),
            key_pem: made.signing_key.serialize_pem(),
        })
    }

    /// Takes a certificate, with its chain if it has one, and its key.
    pub fn from_pem(certificate: &str, key: &str) -> Self {
        Self {
            certificate_pem: certificate.to_owned(),
            key_pem: key.to_owned(),
        }
    }

    /// The certificate in PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The SHA-256 fingerprint of the first certificate, in lower case without colons.
    ///
    /// # Errors
    ///
    /// The PEM has no certificate.
    pub fn fingerprint(&self) -> Result<String, ServerError> {
        let first = self.chain()?.into_iter().next();
        let first = first.ok_or_else(|| ServerError::Identity("no certificate".to_owned()))?;
        let digest = Sha256::digest(&first);
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, ServerError> {
        CertificateDer::pem_slice_iter(self.certificate_pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| ServerError::Identity(error.to_string()))
    }

    fn config(&self) -> Result<Arc<ServerConfig>, ServerError> {
        let wrong = |error: rustls::Error| ServerError::Identity(error.to_string());
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())
            .map_err(|error| ServerError::Identity(error.to_string()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(wrong)?
            .with_no_client_auth()
            .with_single_cert(self.chain()?, key)
            .map_err(wrong)?;
        Ok(Arc::new(config))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificate_pem", &self.certificate_pem)
            .finish_non_exhaustive()
    }
}

/// What a host shows, and what it shows where a wrong certificate is asked for.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    pub(super) right: Arc<ServerConfig>,
    pub(super) wrong: Arc<ServerConfig>,
}

impl Tls {
    pub(super) fn new(right: &Identity, wrong: &Identity) -> Result<Self, ServerError> {
        Ok(Self {
            right: right.config()?,
            wrong: wrong.config()?,
        })
    }
}
