//! Where a server is.

use std::fmt;
use std::net::Ipv6Addr;

use thiserror::Error;

/// Whether calls may go over plain HTTP, password and all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// No.
    #[default]
    Refused,
    /// Yes, with a warning: everybody on the way reads the password.
    AllowedLoudly,
}

/// How an endpoint is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Over TLS.
    Https,
    /// In the open.
    Http,
}

impl Scheme {
    /// Its word in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// Where a server is: scheme, host and port.
///
/// ```
/// use bioxen_xcpng::{Endpoint, PlainHttp};
///
/// let endpoint = Endpoint::parse("https://xcp1.example.com/", PlainHttp::Refused)?;
/// assert_eq!(endpoint.to_string(), "https://xcp1.example.com:443");
/// let bare = Endpoint::parse("[2001:db8::1]:8443", PlainHttp::Refused)?;
/// assert_eq!(bare.to_string(), "https://[2001:db8::1]:8443");
/// assert!(Endpoint::parse("http://xcp1.example.com", PlainHttp::Refused).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Endpoint {
    /// Parses a URL, or a host with or without a port, which is taken for HTTPS.
    ///
    /// # Errors
    ///
    /// [`InvalidEndpoint`] if it is something else, or plain HTTP without leave.
    pub fn parse(text: &str, plain: PlainHttp) -> Result<Self, InvalidEndpoint> {
        let (scheme, rest) = match text.split_once("://") {
            None => (Scheme::Https, text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some(_) => return Err(InvalidEndpoint::Scheme),
        };
        if scheme == Scheme::Http && plain == PlainHttp::Refused {
            return Err(InvalidEndpoint::PlainHttp);
        }
        if rest.contains('@') {
            // The text after it is not shown: it follows a password.
            return Err(InvalidEndpoint::User);
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(InvalidEndpoint::Path);
        }
        let (host, port) = split(authority)?;
        let endpoint = Self {
            scheme,
            host: host_name(host)?,
            port: match port {
                None => scheme.port(),
                Some(port) => port
                    .parse()
                    .ok()
                    .filter(|number| *number != 0 && port.bytes().all(|b| b.is_ascii_digit()))
                    .ok_or(InvalidEndpoint::Port)?,
            },
        };
        if scheme == Scheme::Http {
            tracing::warn!(%endpoint, "calls go over plain HTTP, and with them the password");
        }
        Ok(endpoint)
    }

    /// The same scheme and port at another host, which is a name or an address without brackets.
    ///
    /// # Errors
    ///
    /// [`InvalidEndpoint`] if it is neither.
    pub fn at_host(&self, host: &str) -> Result<Self, InvalidEndpoint> {
        Ok(Self {
            host: host_name(host)?,
            ..self.clone()
        })
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, in lower case, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, port) = (self.scheme.as_str(), self.port);
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{port}", self.host)
        } else {
            write!(f, "{scheme}://{}:{port}", self.host)
        }
    }
}

/// Splits host and port; the host loses its brackets.
fn split(authority: &str) -> Result<(&str, Option<&str>), InvalidEndpoint> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(InvalidEndpoint::Host)?;
        return match rest.strip_prefix(':') {
            None if rest.is_empty() => Ok((host, None)),
            None => Err(InvalidEndpoint::Host),
            Some(port) => Ok((host, Some(port))),
        };
    }
    match authority.split_once(':') {
        None => Ok((authority, None)),
        // More than one colon: an IPv6 address without brackets.
        Some((_, rest)) if rest.contains(':') => Ok((authority, None)),
        Some((host, port)) => Ok((host, Some(port))),
    }
}

/// Checks a host and brings it to one form.
fn host_name(host: &str) -> Result<String, InvalidEndpoint> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Ok(address.to_string());
    }
    let fits = (1..=253).contains(&bare.len())
        && bare.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        });
    if !fits {
        return Err(InvalidEndpoint::Host);
    }
    Ok(bare.to_ascii_lowercase())
}

/// Why a text is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It has another scheme.
    #[error("the scheme of an XAPI address is https")]
    Scheme,
    /// It is plain HTTP, and nobody allowed that.
    #[error("plain HTTP would show the password to everybody on the way")]
    PlainHttp,
    /// It has a user in it.
    #[error("an XAPI address has no user and no password in it")]
    User,
    /// It has a path, a query or a fragment.
    #[error("an XAPI address ends after host and port")]
    Path,
    /// Its host is neither a name nor an address.
    #[error("the host of an XAPI address is a name or an IP address")]
    Host,
    /// Its port is none.
    #[error("the port of an XAPI address is a number from 1 to 65535")]
    Port,
}

impl InvalidEndpoint {
    /// What to do about it, where there is something to do.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Self::Scheme | Self::Path | Self::Host | Self::Port => {
                Some("write it as https://host or https://host:port")
            }
            Self::PlainHttp => Some("use https; every XCP-ng host has it"),
            Self::User => Some("give user and password as settings of their own"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, PlainHttp};

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let shown = match Endpoint::parse(text, PlainHttp::Refused) {
            Ok(endpoint) => endpoint.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expect);
    }

    #[test]
    fn addresses() {
        check("https://xcp1", "https://xcp1:443");
        check(
            "HTTPS://XCP1.Example.COM:8443/",
            "https://xcp1.example.com:8443",
        );
        check("xcp1", "https://xcp1:443");
        check("10.0.0.1:444", "https://10.0.0.1:444");
        check("2001:DB8::0:1", "https://[2001:db8::1]:443");
        check("https://[::1]", "https://[::1]:443");
        check("https://[::1]:444", "https://[::1]:444");
        check("ftp://xcp1", "the scheme of an XAPI address is https");
        check(
            "http://xcp1",
            "plain HTTP would show the password to everybody on the way",
        );
        check(
            "https://root:hunter2@xcp1",
            "an XAPI address has no user and no password in it",
        );
        for path in ["https://xcp1/RPC2", "https://xcp1?x", "https://xcp1#x"] {
            check(path, "an XAPI address ends after host and port");
        }
        for port in ["xcp1:0", "xcp1:65536", "xcp1:", "xcp1:+1", "xcp1:x"] {
            check(
                port,
                "the port of an XAPI address is a number from 1 to 65535",
            );
        }
        let long = "a".repeat(64);
        for host in [
            "", "https://", "a b", "a..b", "-a", "a\r\nb", "[::1", "[::1]x", "[x]y", "\u{e4}",
            &long,
        ] {
            check(
                host,
                "the host of an XAPI address is a name or an IP address",
            );
        }
    }

    #[test]
    fn a_redirect_keeps_scheme_and_port() {
        let first = Endpoint::parse("https://xcp1:444", PlainHttp::Refused).expect("it is one");
        for (host, expect) in [
            ("10.0.0.2", "https://10.0.0.2:444"),
            ("2001:db8::2", "https://[2001:db8::2]:444"),
            ("XCP2", "https://xcp2:444"),
        ] {
            assert_eq!(first.at_host(host).expect("it is one").to_string(), expect);
        }
        for host in ["xcp2:80", "xcp2/", "root@xcp2", "", "http://xcp2"] {
            assert!(first.at_host(host).is_err(), "{host}");
        }
        let plain = Endpoint::parse("http://xcp1", PlainHttp::AllowedLoudly).expect("it is one");
        assert_eq!(plain.to_string(), "http://xcp1:80");
    }
}
