//! Addresses of XAPI hosts.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use super::InvalidValue;

/// The address of a host that is spoken to over TLS: `https://host` or `https://host:port`.
///
/// ```
/// use bioxen_config::Url;
///
/// let url: Url = "https://xcp.example.org:8443/".parse()?;
/// assert_eq!((url.host(), url.port()), ("xcp.example.org", 8443));
/// assert_eq!(url.to_string(), "https://xcp.example.org:8443");
/// assert!("http://xcp.example.org".parse::<Url>().is_err());
/// # Ok::<(), bioxen_config::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url {
    host: String,
    port: u16,
}

const ALLOWED: &str = "an address such as https://xcp.example.org or https://10.0.0.5:8443";

const TLS_PORT: u16 = 443;

impl Url {
    /// The host: a name, or an address of IPv4, or of IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 443 unless given.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Url {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        // What stands before an @ may be a password, which no message repeats.
        if text.contains('@') {
            let hint = "give the user as username and the password as password_file";
            return Err(InvalidValue {
                found: "an address with a user in it".to_owned(),
                allowed: ALLOWED,
                hint: Some(hint.to_owned()),
            });
        }
        let refuse = |hint: Option<String>| InvalidValue::new(text, ALLOWED, hint);
        let Some((scheme, rest)) = text.split_once("://") else {
            let hint = host_and_port(text).map(|_| format!("did you mean https://{text}?"));
            return Err(refuse(hint));
        };
        if !scheme.eq_ignore_ascii_case("https") {
            let hint = match scheme {
                "http" => "the password would travel in the clear: use https".to_owned(),
                _ => format!("the scheme {scheme:?} is none of XAPI: use https"),
            };
            return Err(refuse(Some(hint)));
        }
        let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !path.is_empty() {
            let hint = format!("leave out the path: https://{address}");
            return Err(refuse(Some(hint)));
        }
        let (host, port) = host_and_port(address).ok_or_else(|| {
            let hint = if address.is_empty() {
                "the host is missing"
            } else {
                "the host or port cannot be read"
            };
            refuse(Some(hint.to_owned()))
        })?;
        Ok(Self { host, port })
    }
}

fn host_and_port(address: &str) -> Option<(String, u16)> {
    let end = match address.strip_prefix('[') {
        Some(inside) => inside.find(']')? + 2,
        None => address.find(':').unwrap_or(address.len()),
    };
    let (host, port) = address.split_at_checked(end)?;
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
        None if port.is_empty() => TLS_PORT,
        None => return None,
    };
    let sound = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(inside) => inside.parse::<Ipv6Addr>().is_ok(),
        None => is_name(host),
    };
    (sound && port > 0).then(|| (host.to_ascii_lowercase(), port))
}

/// Whether a name of a host, or an address of IPv4, which has the same form.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            TLS_PORT => f.pad(&format!("https://{}", self.host)),
            port => f.pad(&format!("https://{}:{port}", self.host)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn addresses_round_trip_and_others_are_refused_with_a_cure() {
        for text in [
            "https://a",
            "https://a.b:1",
            "https://[::1]:8443",
            "https://10.0.0.5",
        ] {
            assert_eq!(text.parse::<Url>().unwrap().to_string(), text);
        }
        assert_eq!(
            "HTTPS://A.B:443/".parse::<Url>().unwrap().to_string(),
            "https://a.b"
        );
        #[track_caller]
        fn check(text: &str, hint: &str) {
            let refused = text.parse::<Url>().unwrap_err();
            assert_eq!(refused.hint().unwrap_or_default(), hint, "{text}");
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
        }
        check("xcp.example.org", "did you mean https://xcp.example.org?");
        check(
            "http://a",
            "the password would travel in the clear: use https",
        );
        check("ftp://a", "the scheme \"ftp\" is none of XAPI: use https");
        check("https://", "the host is missing");
        check("https://a b", "the host or port cannot be read");
        check("https://a:99999", "the host or port cannot be read");
        check("https://a:0", "the host or port cannot be read");
        check("https://[::1", "the host or port cannot be read");
        check("https://a/api?x", "leave out the path: https://a");
        check(
            "https://root:hunter2@a",
            "give the user as username and the password as password_file",
        );
        check("", "");
    }
}
