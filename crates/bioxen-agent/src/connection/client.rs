//! The end that asks.

use std::io::{Read, Write};

use super::end::{OperationEnd, RequestEnd, Stream, read_end, write_end};
use super::line::{Line, PIECE};
use super::receiver::Receiver;
use super::reply::{Collector, OverCap, Reply, ReplyCaps};
use crate::error::{HelloError, ProtocolError};
use crate::frame::{Frame, FrameKind, OpId};
use crate::hello::{
    AgentHello, ClientHello, Noise, ProtocolVersion, RequestLimits, read_agent, read_greeting,
    write_client,
};

/// The end of a connection that asks, one operation at a time.
///
/// It waits as long as its reader does: a deadline is a matter of the reader, whose error ends the connection.
///
/// ```no_run
/// use std::os::unix::net::UnixStream;
///
/// use bioxen_agent::{Client, ClientHello, Nonce, OpId};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (random, op) = ([1; 16], OpId::new([2; 16]).expect("not all zero"));
/// let stream = UnixStream::connect("/run/bioxen/agent.sock")?;
/// let hello = ClientHello::new("bioxen", "0.1.0", Nonce::new(random));
/// let mut client = Client::open(stream.try_clone()?, stream, &hello)?;
/// let reply = client.call(op, br#"{"verb": "list"}"#, b"")?;
/// client.close()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Client {
    line: Line,
    receiver: Receiver,
    agent: AgentHello,
    noise: Noise,
    caps: ReplyCaps,
}

impl Client {
    /// Says hello and waits for the hello of the agent.
    ///
    /// What the remote side prints before it, such as the greeting of a shell, is skipped and kept as [`noise`](Self::noise).
    ///
    /// # Errors
    ///
    /// There is no agent, it answers someone else, or it speaks another protocol.
    pub fn open(
        read: impl Read + Send + 'static,
        write: impl Write + Send + 'static,
        hello: &ClientHello,
    ) -> Result<Self, ProtocolError> {
        let line = Line::new(Box::new(write));
        let mut receiver = Receiver::new(Box::new(read));
        let sent = line.send_hello(&write_client(hello)?);
        // If the other side has gone, what it printed says more than that it cannot be written to.
        let (noise, payload) = receiver.hello(Noise::MAX)?;
        sent?;
        let greeting = read_greeting(&payload)?;
        if greeting.nonce != hello.nonce {
            return Err(ProtocolError::Hello(HelloError::WrongNonce {
                sent: hello.nonce,
                found: greeting.nonce,
            }));
        }
        ProtocolVersion::check(greeting.protocol)?;
        Ok(Self {
            line,
            receiver,
            agent: read_agent(&payload)?,
            noise,
            caps: ReplyCaps::default(),
        })
    }

    /// Takes more or less of replies than usual.
    #[must_use]
    pub fn with_caps(self, caps: ReplyCaps) -> Self {
        Self { caps, ..self }
    }

    /// What the agent said about itself.
    pub fn agent(&self) -> &AgentHello {
        &self.agent
    }

    /// What came before the hello of the agent.
    pub fn noise(&self) -> &Noise {
        &self.noise
    }

    /// A handle for other threads while [`call`](Self::call) waits.
    pub fn signals(&self) -> Signals {
        Signals {
            line: self.line.clone(),
        }
    }

    /// Asks for an operation and waits for its end.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::OutcomeUnknown`] if the request left and no end came: ask again under the same id, on a new connection.
    /// [`ProtocolError::NotBegun`], [`ProtocolError::OverLimit`] and [`ProtocolError::Broken`] if it did not leave.
    /// [`ProtocolError::OverCap`] if the reply is too long; then the operation is cancelled, and the connection can still be used.
    pub fn call(&mut self, op: OpId, request: &[u8], body: &[u8]) -> Result<Reply, ProtocolError> {
        self.line.check()?;
        let end = self.request_end(request, body)?;
        self.send(op, request, body)
            .map_err(|source| ProtocolError::NotBegun {
                op,
                source: Box::new(source),
            })?;
        let unknown = |source| ProtocolError::OutcomeUnknown {
            op,
            source: Box::new(source),
        };
        self.line
            .send(FrameKind::End, Some(op), &end)
            .map_err(unknown)?;
        let (end, collector) = self
            .collect(op)
            .map_err(|error| unknown(self.line.fail(error)))?;
        let Some(status) = end.status.known() else {
            return Err(unknown(ProtocolError::Lost));
        };
        collector
            .finish(status)
            .map_err(|OverCap { stream, cap }| ProtocolError::OverCap {
                op,
                stream,
                cap,
                status,
            })
    }

    /// Says goodbye; what was not answered is lost.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn close(self) -> Result<(), ProtocolError> {
        self.line.send_bye()
    }

    /// The end frame of a request, if the agent accepts so much.
    fn request_end(&self, request: &[u8], body: &[u8]) -> Result<Vec<u8>, ProtocolError> {
        let RequestLimits {
            request: most,
            body: most_body,
            operations: _,
        } = self.agent.limits;
        let mut end = RequestEnd::default();
        for (stream, bytes, limit) in [
            (Stream::Request, request, most),
            (Stream::Body, body, most_body),
        ] {
            let tally = end.streams.of_mut(stream);
            tally.add(bytes);
            if tally.bytes > limit {
                return Err(ProtocolError::OverLimit { stream, limit });
            }
        }
        write_end(&end)
    }

    fn send(&self, op: OpId, request: &[u8], body: &[u8]) -> Result<(), ProtocolError> {
        // An empty request too has a frame that begins it.
        let (first, rest) = request.split_at(request.len().min(PIECE));
        self.line.send(FrameKind::Request, Some(op), first)?;
        for piece in rest.chunks(PIECE) {
            self.line.send(FrameKind::Request, Some(op), piece)?;
        }
        for piece in body.chunks(PIECE) {
            self.line.send(FrameKind::Body, Some(op), piece)?;
        }
        Ok(())
    }

    /// Reads until the end of the operation, and checks that all of it arrived.
    fn collect(&mut self, op: OpId) -> Result<(OperationEnd, Collector), ProtocolError> {
        let mut collector = Collector::new(self.caps);
        loop {
            let frame = self.receiver.frame()?.ok_or(ProtocolError::Closed)?;
            let Frame {
                kind,
                op: of,
                payload,
            } = frame;
            match kind {
                FrameKind::Beat => {}
                FrameKind::Bye => return Err(ProtocolError::Left),
                FrameKind::Body | FrameKind::Answer | FrameKind::Stdout | FrameKind::Stderr
                    if of == Some(op) =>
                {
                    let over =
                        Stream::of(kind).is_some_and(|stream| collector.push(stream, &payload));
                    if over {
                        self.line.send(FrameKind::Cancel, Some(op), &[])?;
                    }
                }
                FrameKind::End if of == Some(op) => {
                    let end: OperationEnd = read_end(&payload)?;
                    collector.tallies().check(&end.streams)?;
                    return Ok((end, collector));
                }
                FrameKind::Hello
                | FrameKind::Request
                | FrameKind::Cancel
                | FrameKind::Body
                | FrameKind::Answer
                | FrameKind::Stdout
                | FrameKind::Stderr
                | FrameKind::End => return Err(ProtocolError::Unexpected { kind }),
            }
        }
    }
}

/// What can be said to an agent while an operation is waited for.
#[derive(Clone, Debug)]
pub struct Signals {
    line: Line,
}

impl Signals {
    /// Says that an operation is no longer wanted; it still ends, and [`Client::call`] returns then.
    ///
    /// An operation that has not begun, or has ended already, is not changed by it.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn cancel(&self, op: OpId) -> Result<(), ProtocolError> {
        self.line.send(FrameKind::Cancel, Some(op), &[])
    }

    /// Says that the client is alive.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn beat(&self) -> Result<(), ProtocolError> {
        self.line.send(FrameKind::Beat, None, &[])
    }
}
