//! Calls become bytes, and bytes become answers.

mod guard;

use std::fmt;
use std::io::Cursor;

use thiserror::Error;

use crate::value::Value;

pub(crate) use guard::BodyLimit;

/// A text format for calls and answers.
pub(crate) trait Codec: Send + Sync + fmt::Debug {
    /// A call.
    fn encode(&self, method: &str, params: &[Value]) -> Result<Vec<u8>, CodecError>;

    /// An answer.
    fn decode(&self, body: &[u8]) -> Result<Reply, CodecError>;

    /// A value that an answer carries as text, such as the result of a task.
    fn decode_fragment(&self, text: &str) -> Result<Value, CodecError>;
}

/// What an answer is, before it is known what it means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// A value.
    Value(Value),
    /// An XML-RPC fault, which XAPI itself never sends.
    Fault(Value),
}

/// Why a call cannot be written, or an answer cannot be read.
///
/// What is wrong is not quoted, since it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodecError {
    /// An answer is longer than answers may be.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The most, bytes.
        limit: usize,
    },
    /// An answer is not UTF-8.
    #[error("the answer is not UTF-8 after byte {at}")]
    NotUtf8 {
        /// How far it is.
        at: usize,
    },
    /// An answer declares entities or a document type, which no answer of XAPI does.
    #[error("the answer declares a document type or entities at byte {at}")]
    Declaration {
        /// Where.
        at: usize,
    },
    /// Arrays and structs of an answer are too deep in each other.
    #[error("the answer is nested deeper than {limit} levels")]
    TooDeep {
        /// The most.
        limit: usize,
    },
    /// An answer is not XML-RPC.
    #[error("the answer is not XML-RPC{}", place(*at))]
    Malformed {
        /// Where, bytes, if it is known.
        at: Option<usize>,
    },
    /// Text of a call has characters that XML cannot carry.
    #[error("argument {argument} has a control character")]
    ControlCharacter {
        /// Which argument, counted from 1, the session not among them.
        argument: usize,
    },
    /// A number of a call has no place in XAPI.
    #[error("argument {argument} is a number without a value")]
    NotANumber {
        /// Which argument, counted from 1, the session not among them.
        argument: usize,
    },
}

fn place(at: Option<usize>) -> String {
    at.map(|at| format!(" at byte {at}")).unwrap_or_default()
}

/// XML-RPC by the crate of that name, behind guards: by itself it recurses as deep as it is told, reads entities, and quotes what it cannot read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct XmlRpc {
    limit: BodyLimit,
}

impl XmlRpc {
    /// With the longest answer it takes.
    pub(crate) fn new(limit: BodyLimit) -> Self {
        Self { limit }
    }
}

impl Codec for XmlRpc {
    fn encode(&self, method: &str, params: &[Value]) -> Result<Vec<u8>, CodecError> {
        let mut request = xmlrpc::Request::new(method);
        for (at, param) in params.iter().enumerate() {
            request = request.arg(outgoing(param, at)?);
        }
        let mut body = Vec::new();
        request
            .write_as_xml(&mut body)
            .expect("a vector takes everything");
        // The crate writes a carriage return as it is, and its reader makes a line feed of it.
        // It writes none by itself.
        if body.contains(&b'\r') {
            body = body
                .split(|byte| *byte == b'\r')
                .collect::<Vec<_>>()
                .join(&b"&#13;"[..]);
        }
        Ok(body)
    }

    fn decode(&self, body: &[u8]) -> Result<Reply, CodecError> {
        let guarded = guard::guard(body, self.limit)?;
        let value = parse(guarded.text)?;
        let value = incoming(value, guarded.mark)?;
        Ok(if guarded.fault {
            Reply::Fault(value)
        } else {
            Reply::Value(value)
        })
    }

    fn decode_fragment(&self, text: &str) -> Result<Value, CodecError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Value::Text(String::new()));
        }
        let whole =
            format!("<methodResponse><params><param>{text}</param></params></methodResponse>");
        match self.decode(whole.as_bytes())? {
            Reply::Value(value) => Ok(value),
            Reply::Fault(_) => Err(CodecError::Malformed { at: None }),
        }
    }
}

/// An answer that is there already, as something to ask.
struct Canned(String);

impl xmlrpc::Transport for Canned {
    type Stream = Cursor<Vec<u8>>;

    fn transmit(
        self,
        _: &xmlrpc::Request<'_>,
    ) -> Result<Self::Stream, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Cursor::new(self.0.into_bytes()))
    }
}

/// Parses text that the guard let through.
fn parse(text: String) -> Result<xmlrpc::Value, CodecError> {
    xmlrpc::Request::new("")
        .call(Canned(text))
        // The crate's error quotes the text, so that nothing of it is kept.
        .map_err(|_| CodecError::Malformed { at: None })
}

fn outgoing(value: &Value, argument: usize) -> Result<xmlrpc::Value, CodecError> {
    let text = |text: &str| {
        if text.chars().all(is_xml) {
            Ok(text.to_owned())
        } else {
            Err(CodecError::ControlCharacter { argument })
        }
    };
    Ok(match value {
        Value::Text(plain) => xmlrpc::Value::String(text(plain)?),
        Value::Hidden(secret) => xmlrpc::Value::String(text(secret.expose())?),
        // Older servers take integers as text only.
        Value::Int(number) => xmlrpc::Value::String(number.to_string()),
        Value::Bool(yes) => xmlrpc::Value::Bool(*yes),
        Value::Double(number) if number.is_finite() => xmlrpc::Value::Double(*number),
        Value::Double(_) => return Err(CodecError::NotANumber { argument }),
        Value::Array(items) => xmlrpc::Value::Array(
            items
                .iter()
                .map(|item| outgoing(item, argument))
                .collect::<Result<_, _>>()?,
        ),
        Value::Struct(members) => xmlrpc::Value::Struct(
            members
                .iter()
                .map(|(name, member)| Ok((text(name)?, outgoing(member, argument)?)))
                .collect::<Result<_, CodecError>>()?,
        ),
    })
}

/// Whether XML 1.0 has a place for a character.
fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn incoming(value: xmlrpc::Value, mark: Option<char>) -> Result<Value, CodecError> {
    let unmarked = |text: String| match mark {
        Some(mark) if text.starts_with(mark) => text[mark.len_utf8()..].to_owned(),
        _ => text,
    };
    Ok(match value {
        xmlrpc::Value::String(text) => Value::Text(unmarked(text)),
        xmlrpc::Value::Int(number) => Value::Int(i64::from(number)),
        xmlrpc::Value::Int64(number) => Value::Int(number),
        xmlrpc::Value::Bool(yes) => Value::Bool(yes),
        xmlrpc::Value::Double(number) => Value::Double(number),
        xmlrpc::Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(|item| incoming(item, mark))
                .collect::<Result<_, _>>()?,
        ),
        xmlrpc::Value::Struct(members) => Value::Struct(
            members
                .into_iter()
                .map(|(name, member)| Ok((unmarked(name), incoming(member, mark)?)))
                .collect::<Result<_, CodecError>>()?,
        ),
        // XAPI has no value of these kinds; the guard makes text of dates.
        xmlrpc::Value::Nil | xmlrpc::Value::Base64(_) | xmlrpc::Value::DateTime(_) => {
            return Err(CodecError::Malformed { at: None });
        }
    })
}

#[cfg(test)]
mod tests;
