//! Requests of HTTP/1.1, read as the server reads them.

use std::io::{self, BufRead, Read};

/// Longest request line with headers.
const LONGEST_HEAD: usize = 32 * 1024;
/// Longest body; what is longer is not read.
pub(super) const LONGEST_BODY: usize = 300 * 1024;

/// A request line with headers.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    pub(super) method: String,
    pub(super) path: String,
    /// Whether the connection stays open after the answer.
    pub(super) keeps: bool,
    pub(super) length: Length,
}

/// What a request says of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// So many bytes.
    Bytes(usize),
    /// Nothing.
    Unknown,
    /// It comes in chunks, or its length is unreadable.
    Unusable,
}

/// Reads the head of the next request; `None` if the client is done.
pub(super) fn read_head(stream: &mut impl BufRead) -> io::Result<Option<Head>> {
    let mut bytes = Vec::new();
    loop {
        let room = LONGEST_HEAD.saturating_sub(bytes.len());
        let limit = u64::try_from(room).unwrap_or(u64::MAX);
        let before = bytes.len();
        stream.by_ref().take(limit).read_until(b'\n', &mut bytes)?;
        let line = &bytes[before..];
        if line.is_empty() && before == 0 {
            return Ok(None);
        }
        if !line.ends_with(b"\n") {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if line == b"\r\n" || line == b"\n" {
            if before == 0 {
                // Empty lines before a request are skipped.
                bytes.clear();
                continue;
            }
            break;
        }
    }
    Ok(Some(parse(bytes)))
}

fn parse(bytes: Vec<u8>) -> Head {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or("").split(' ');
    let mut word = || words.next().unwrap_or("").to_owned();
    let (method, path, version) = (word(), word(), word());
    let mut keeps = version != "HTTP/1.0";
    let mut length = Length::Unknown;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "content-length" => {
                length = match (length, value.parse()) {
                    (Length::Unknown, Ok(bytes)) => Length::Bytes(bytes),
                    _ => Length::Unusable,
                };
            }
            "transfer-encoding" => length = Length::Unusable,
            "connection" => keeps = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    Head {
        bytes,
        method,
        path,
        keeps,
        length,
    }
}

/// The head of an answer with a body of XML.
pub(super) fn answer_head(length: u64, keeps: bool) -> Vec<u8> {
    let connection = if keeps { "keep-alive" } else { "close" };
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\ncontent-type: text/xml\r\nconnection: {connection}\r\ncache-control: no-cache, no-store\r\n\r\n"
    )
    .into_bytes()
}

/// An answer with a page, after which the connection is closed.
pub(super) fn page(status: &str, text: &str) -> Vec<u8> {
    let body = format!(
        "<html><body><h1>HTTP {status}</h1>{text}<hr/><address>XAPI</address></body></html>"
    );
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-type: text/html\r\nconnection: close\r\ncache-control: no-cache, no-store\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads a body of which the length is known.
pub(super) fn read_body(stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}
