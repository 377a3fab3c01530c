//! Whom to trust.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// How a server shows that it is the one that is meant.
#[derive(Clone, Debug)]
pub enum Trust {
    /// By one of these certificates; name, dates and issuer do not matter then.
    ///
    /// This is for the certificates that hosts make for themselves; there is one for each member of a pool.
    Pins(BTreeSet<CertificatePin>),
    /// By a certificate of an authority whose certificate is in this PEM text.
    CaBundle(Vec<u8>),
    /// By a certificate of an authority whose certificate is in this PEM file.
    CaFile(PathBuf),
    /// By a certificate of an authority that the system trusts.
    SystemRoots,
    /// By nothing: whoever is in between reads the password. There is a warning for each server.
    Insecure,
}

impl Trust {
    /// By one certificate.
    pub fn pin(pin: CertificatePin) -> Self {
        Self::Pins([pin].into())
    }

    /// What TLS needs to know.
    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, TrustError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let policy = match self {
            Self::Pins(pins) if pins.is_empty() => return Err(TrustError::Nothing),
            Self::Pins(pins) => Policy::Pins(pins.clone()),
            Self::CaBundle(pem) => Policy::Authorities(authorities(certificates(pem)?, &provider)?),
            Self::CaFile(path) => {
                let pem = std::fs::read(path).map_err(|source| TrustError::File {
                    path: path.clone(),
                    source: Arc::new(source),
                })?;
                Policy::Authorities(authorities(certificates(&pem)?, &provider)?)
            }
            Self::SystemRoots => {
                // What cannot be read of the many is left out, as long as there are others.
                let roots = rustls_native_certs::load_native_certs().certs;
                Policy::Authorities(authorities(roots, &provider)?)
            }
            Self::Insecure => Policy::Anybody,
        };
        let verifier = Verifier {
            policy,
            provider: Arc::clone(&provider),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has both versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| TrustError::Pem)
}

fn authorities(
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, TrustError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err(TrustError::Nothing);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|_| TrustError::Nothing)
}

/// Why there is nobody to trust.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// There is no pin or no usable certificate.
    #[error("there is no certificate to trust")]
    Nothing,
    /// A text is not PEM.
    #[error("the certificates are not PEM")]
    Pem,
    /// A file cannot be read.
    #[error("the file of certificates {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<std::io::Error>,
    },
}

impl TrustError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing => Some(
                "give a certificate, or the SHA-256 pin of the host's own; on Debian the system's are in package ca-certificates"
                    .to_owned(),
            ),
            Self::Pem => Some("a PEM file has lines that say BEGIN CERTIFICATE".to_owned()),
            Self::File { .. } => None,
        }
    }
}

/// The SHA-256 of a certificate.
///
/// ```
/// use bioxen_xcpng::CertificatePin;
///
/// let pin = "sha256:00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"
///     .parse::<CertificatePin>()?;
/// assert!(pin.to_string().starts_with("00:11:22:33:"));
/// assert_eq!(pin.to_string().parse::<CertificatePin>()?, pin);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificatePin([u8; 32]);

impl CertificatePin {
    /// The one of a certificate in DER form.
    pub fn of_der(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// The one of the first certificate of a PEM text, such as [`Xapi::host_certificate`](crate::Xapi::host_certificate) gives.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if there is none.
    pub fn of_pem(pem: &[u8]) -> Result<Self, TrustError> {
        certificates(pem)?
            .first()
            .map(|certificate| Self::of_der(certificate))
            .ok_or(TrustError::Nothing)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for CertificatePin {
    type Err = InvalidPin;

    fn from_str(text: &str) -> Result<Self, InvalidPin> {
        let digits = match text.split_at_checked(7) {
            Some((prefix, digits)) if prefix.eq_ignore_ascii_case("sha256:") => digits,
            _ => text,
        };
        let mut bytes = [0; 32];
        let pairs: Vec<&[u8]> = match digits.len() {
            64 => digits.as_bytes().chunks(2).collect(),
            95 => digits.as_bytes().split(|byte| *byte == b':').collect(),
            _ => return Err(InvalidPin),
        };
        if pairs.len() != bytes.len() {
            return Err(InvalidPin);
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let [high, low] = pair else {
                return Err(InvalidPin);
            };
            let digit = |digit: u8| {
                char::from(digit)
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
                    .ok_or(InvalidPin)
            };
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a pin is the SHA-256 of a certificate, 64 hexadecimal digits with or without colons")]
pub struct InvalidPin;

/// What a certificate is measured by.
#[derive(Debug)]
enum Policy {
    Pins(BTreeSet<CertificatePin>),
    Authorities(Arc<WebPkiServerVerifier>),
    Anybody,
}

/// Judges certificates; the signatures of the handshake are checked whatever the policy is, so that a certificate is of use only to the holder of its key.
#[derive(Debug)]
struct Verifier {
    policy: Policy,
    provider: Arc<CryptoProvider>,
}

/// What a refused certificate was, on its way through the TLS library.
#[derive(Clone, Debug, Error)]
#[error("{reason}")]
pub(super) struct RefusedCertificate {
    pub(super) fingerprint: CertificatePin,
    reason: String,
}

impl RefusedCertificate {
    /// Finds it in an error of the TLS library.
    pub(super) fn of(error: &rustls::Error) -> Option<&Self> {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
                inner.downcast_ref()
            }
            _ => None,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let fingerprint = CertificatePin::of_der(leaf);
        let reason = match &self.policy {
            Policy::Anybody => return Ok(ServerCertVerified::assertion()),
            Policy::Pins(pins) if pins.contains(&fingerprint) => {
                return Ok(ServerCertVerified::assertion());
            }
            Policy::Pins(_) => "it is not among the pinned ones".to_owned(),
            Policy::Authorities(authorities) => {
                match authorities.verify_server_cert(leaf, intermediates, name, ocsp, now) {
                    Ok(verified) => return Ok(verified),
                    Err(error) => error.to_string(),
                }
            }
        };
        let refused = RefusedCertificate {
            fingerprint,
            reason,
        };
        Err(rustls::Error::InvalidCertificate(CertificateError::Other(
            OtherError(Arc::new(refused)),
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::{CertificatePin, Trust};

    #[test]
    fn pins_are_written_in_several_ways() {
        let plain = "0123456789abcdef".repeat(4);
        let colons = plain
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).to_uppercase())
            .collect::<Vec<_>>()
            .join(":");
        let pin: CertificatePin = plain.parse().expect("it is one");
        assert_eq!(pin.to_string(), colons);
        for text in [
            &colons,
            &colons.to_lowercase(),
            &format!("SHA256:{colons}"),
            &format!("sha256:{plain}"),
        ] {
            assert_eq!(text.parse(), Ok(pin), "{text}");
        }
        let spaced = colons.replace(':', " ");
        let odd = format!("{}:0", &colons[..93]);
        let sign = format!("+1{}", &plain[2..]);
        for text in [
            "",
            "sha256:",
            &plain[1..],
            &spaced,
            &odd,
            &sign,
            &"\u{e4}".repeat(32),
        ] {
            assert!(text.parse::<CertificatePin>().is_err(), "{text}");
        }
    }

    #[test]
    fn nobody_is_trusted_by_accident() {
        assert!(Trust::Pins([].into()).tls().is_err());
        assert!(Trust::CaBundle(Vec::new()).tls().is_err());
        assert!(
            Trust::CaBundle(
                b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----".to_vec()
            )
            .tls()
            .is_err()
        );
        assert!(Trust::CaFile("/nonexistent/ca.pem".into()).tls().is_err());
    }
}
