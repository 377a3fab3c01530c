//! Lines of the file, as bytes: it has no I/O.

use std::fmt;

use super::KnownKeys;
use crate::ssh::key::PublicKey;

/// A line that says nothing about host keys, as far as we can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkippedLine {
    /// Its number, from 1.
    pub number: usize,
    /// Why it was skipped.
    pub why: &'static str,
}

impl fmt::Display for SkippedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is skipped: {}", self.number, self.why)
    }
}

/// What one line says.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    /// Nothing, or a comment.
    Empty,
    Known {
        hosts: &'a str,
        key: PublicKey,
    },
    Revoked {
        hosts: &'a str,
        key: PublicKey,
    },
}

impl<'a> Line<'a> {
    fn parse(line: &'a [u8]) -> Result<Self, &'static str> {
        let line = str::from_utf8(line).map_err(|_| "it is not text")?;
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with('#') {
            return Ok(Self::Empty);
        }
        let (mark, line) = match line.strip_prefix('@') {
            Some(line) => line
                .split_once([' ', '\t'])
                .map(|(mark, rest)| (Some(mark), rest.trim_ascii_start()))
                .ok_or("nothing follows its marker")?,
            None => (None, line),
        };
        let (hosts, key) = line.split_once([' ', '\t']).ok_or("it has no key")?;
        let key = key.parse().map_err(|_| "its key cannot be read")?;
        match mark {
            None => Ok(Self::Known { hosts, key }),
            Some("revoked") => Ok(Self::Revoked { hosts, key }),
            Some("cert-authority") => Err("certificates of hosts are not supported"),
            Some(_) => Err("its marker is not known"),
        }
    }
}

/// Whether hosts of a line name a VM itself.
fn names(hosts: &str, vm: &str) -> bool {
    // OpenSSH takes a line for nothing if it excludes the host.
    let excludes = |host: &str| {
        host.strip_prefix('!')
            .is_some_and(|host| host.eq_ignore_ascii_case(vm) || host.contains(['*', '?']))
    };
    hosts.split(',').any(|host| host.eq_ignore_ascii_case(vm)) && !hosts.split(',').any(excludes)
}

/// Whether hosts of a line may mean a VM; in doubt they do.
fn may_mean(hosts: &str, vm: &str) -> bool {
    let is_plain = |host: &str| !host.starts_with('|') && !host.contains(['*', '?', '!']);
    hosts
        .split(',')
        .any(|host| host.eq_ignore_ascii_case(vm) || !is_plain(host))
}

pub(super) fn read(bytes: &[u8], vm: &str) -> KnownKeys {
    let mut known = KnownKeys::default();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        match Line::parse(line) {
            Ok(Line::Known { hosts, key }) if names(hosts, vm) => known.keys.push(key),
            Ok(Line::Revoked { hosts, key }) if may_mean(hosts, vm) => known.revoked.push(key),
            Ok(_) => {}
            Err(why) => known.skipped.push(SkippedLine {
                number: index + 1,
                why,
            }),
        }
    }
    known
}

pub(super) fn with_line(mut bytes: Vec<u8>, line: &str) -> Vec<u8> {
    if bytes.last().is_some_and(|last| *last != b'\n') {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    bytes
}

/// All lines but what makes certain keys known for a VM.
pub(super) fn without(bytes: &[u8], vm: &str, which: impl Fn(&PublicKey) -> bool) -> Vec<u8> {
    let mut rest = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match Line::parse(line) {
            Ok(Line::Known { hosts, key }) if names(hosts, vm) && which(&key) => {
                let others: Vec<&str> = hosts
                    .split(',')
                    .filter(|host| !host.eq_ignore_ascii_case(vm))
                    .collect();
                if !others.is_empty() {
                    rest = with_line(rest, &format!("{} {key}", others.join(",")));
                }
            }
            _ => rest.extend_from_slice(line),
        }
    }
    rest
}
