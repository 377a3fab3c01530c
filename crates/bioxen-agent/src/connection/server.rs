//! The end that answers.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::sync::Arc;

use parking_lot::Mutex;

use super::end::{
    EndStatus, OperationEnd, RequestEnd, Stream, Tallies, WireStatus, read_end, write_end,
};
use super::line::{Line, PIECE};
use super::receiver::Receiver;
use crate::error::ProtocolError;
use crate::frame::{Frame, FrameKind, OpId};
use crate::hello::{
    AgentHello, ClientHello, ProtocolVersion, RequestLimits, read_client, read_greeting,
    write_agent,
};

/// The end of a connection that answers: one thread receives, and any thread answers through its [`Responder`].
///
/// A client that does not read makes responders wait: whoever owns the stream frees them by shutting it down.
#[derive(Debug)]
pub struct Server {
    line: Line,
    receiver: Receiver,
    client: ClientHello,
    limits: RequestLimits,
    in_flight: InFlight,
    partial: Option<Partial>,
    /// Operation that was cancelled before its request was complete.
    cancelled: Option<OpId>,
    ended: bool,
}

type InFlight = Arc<Mutex<BTreeSet<OpId>>>;

/// What a client wants.
#[derive(Debug)]
#[non_exhaustive]
pub enum Incoming {
    /// An operation, complete and as it was sent.
    Request {
        /// What is asked for.
        request: Vec<u8>,
        /// The bulk that goes with it.
        body: Vec<u8>,
        /// How it is answered.
        responder: Responder,
    },
    /// An operation is no longer wanted.
    ///
    /// It may have ended already, as the two can cross, or never have been: neither is an error.
    Cancel(OpId),
    /// The client is alive.
    Beat,
    /// The client will send nothing more, on purpose.
    Bye,
    /// The client sends nothing more.
    Eof,
}

/// A request in the making.
#[derive(Debug)]
struct Partial {
    op: OpId,
    request: Vec<u8>,
    body: Vec<u8>,
    tallies: Tallies,
    cancelled: bool,
}

impl Server {
    /// Waits for the hello of a client, and answers it.
    ///
    /// A client of another major version is told the version of this side, and then refused.
    ///
    /// # Errors
    ///
    /// The stream does not begin with a hello, or the client speaks another protocol.
    pub fn accept(
        read: impl Read + Send + 'static,
        write: impl Write + Send + 'static,
        hello: &AgentHello,
    ) -> Result<Self, ProtocolError> {
        let line = Line::new(Box::new(write));
        let mut receiver = Receiver::new(Box::new(read));
        let (_, payload) = receiver.hello(0)?;
        let greeting = read_greeting(&payload)?;
        let answer = write_agent(hello, greeting.nonce)?;
        if let Err(refused) = ProtocolVersion::check(greeting.protocol) {
            line.send_hello(&answer)?;
            return Err(refused.into());
        }
        let client = read_client(&payload)?;
        line.send_hello(&answer)?;
        Ok(Self {
            line,
            receiver,
            client,
            limits: hello.limits,
            in_flight: InFlight::default(),
            partial: None,
            cancelled: None,
            ended: false,
        })
    }

    /// What the client said about itself.
    pub fn client(&self) -> &ClientHello {
        &self.client
    }

    /// Waits for what the client wants next.
    ///
    /// After [`Incoming::Bye`] and [`Incoming::Eof`] it is [`Incoming::Eof`] for ever; operations can still be answered.
    /// A request that was not complete by then is dropped, and was not begun.
    ///
    /// # Errors
    ///
    /// What came is damaged, out of place or over a limit; the connection is broken then, also for responders.
    pub fn receive(&mut self) -> Result<Incoming, ProtocolError> {
        self.line.check()?;
        if let Some(op) = self.cancelled.take() {
            return Ok(Incoming::Cancel(op));
        }
        while !self.ended {
            let received = self.receiver.frame().and_then(|frame| self.take(frame));
            if let Some(incoming) = received.map_err(|error| self.line.fail(error))? {
                return Ok(incoming);
            }
        }
        Ok(Incoming::Eof)
    }

    /// Says goodbye; operations that run can no longer be answered.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn close(self) -> Result<(), ProtocolError> {
        self.line.send_bye()
    }

    /// What a frame amounts to, if it completes something.
    fn take(&mut self, frame: Option<Frame>) -> Result<Option<Incoming>, ProtocolError> {
        let Some(Frame { kind, op, payload }) = frame else {
            self.end();
            return Ok(Some(Incoming::Eof));
        };
        match (kind, op) {
            (FrameKind::Request, Some(op)) => self.take_request(op, &payload)?,
            (FrameKind::Body, Some(op)) => self.take_body(op, &payload)?,
            (FrameKind::End, Some(op)) => return self.take_end(op, &payload).map(Some),
            (FrameKind::Cancel, Some(op)) => match &mut self.partial {
                Some(partial) if partial.op == op => partial.cancelled = true,
                _ => return Ok(Some(Incoming::Cancel(op))),
            },
            (FrameKind::Beat, _) => return Ok(Some(Incoming::Beat)),
            (FrameKind::Bye, _) => {
                self.end();
                return Ok(Some(Incoming::Bye));
            }
            _ => return Err(ProtocolError::Unexpected { kind }),
        }
        Ok(None)
    }

    fn end(&mut self) {
        self.ended = true;
        self.partial = None;
    }

    /// The first piece of a request begins it; pieces of two requests are not mixed.
    fn take_request(&mut self, op: OpId, piece: &[u8]) -> Result<(), ProtocolError> {
        let kind = FrameKind::Request;
        if self.partial.is_none() {
            self.partial = Some(self.begin(op)?);
        }
        match &mut self.partial {
            Some(partial) if partial.op == op && partial.body.is_empty() => {
                let tally = partial.tallies.of_mut(Stream::Request);
                tally.add(piece);
                check_limit(Stream::Request, tally.bytes, self.limits.request)?;
                partial.request.extend_from_slice(piece);
                Ok(())
            }
            _ => Err(ProtocolError::Unexpected { kind }),
        }
    }

    fn take_body(&mut self, op: OpId, piece: &[u8]) -> Result<(), ProtocolError> {
        let kind = FrameKind::Body;
        match &mut self.partial {
            Some(partial) if partial.op == op => {
                let tally = partial.tallies.of_mut(Stream::Body);
                tally.add(piece);
                check_limit(Stream::Body, tally.bytes, self.limits.body)?;
                partial.body.extend_from_slice(piece);
                Ok(())
            }
            _ => Err(ProtocolError::Unexpected { kind }),
        }
    }

    fn take_end(&mut self, op: OpId, payload: &[u8]) -> Result<Incoming, ProtocolError> {
        let kind = FrameKind::End;
        let partial = self.partial.take().filter(|partial| partial.op == op);
        let partial = partial.ok_or(ProtocolError::Unexpected { kind })?;
        let end: RequestEnd = read_end(payload)?;
        partial.tallies.check(&end.streams)?;
        self.cancelled = partial.cancelled.then_some(op);
        self.in_flight.lock().insert(op);
        Ok(Incoming::Request {
            request: partial.request,
            body: partial.body,
            responder: Responder {
                op,
                line: self.line.clone(),
                in_flight: Arc::clone(&self.in_flight),
                tallies: Mutex::default(),
                ended: false,
            },
        })
    }

    fn begin(&self, op: OpId) -> Result<Partial, ProtocolError> {
        let in_flight = self.in_flight.lock();
        if in_flight.contains(&op) {
            return Err(ProtocolError::InFlight { op });
        }
        let limit = self.limits.operations;
        if u64::try_from(in_flight.len()).unwrap_or(u64::MAX) >= u64::from(limit) {
            return Err(ProtocolError::TooManyOperations { limit });
        }
        Ok(Partial {
            op,
            request: Vec::new(),
            body: Vec::new(),
            tallies: Tallies::default(),
            cancelled: false,
        })
    }
}

fn check_limit(stream: Stream, bytes: u64, limit: u64) -> Result<(), ProtocolError> {
    if bytes > limit {
        return Err(ProtocolError::OverLimit { stream, limit });
    }
    Ok(())
}

/// How one operation is answered, from any thread.
///
/// Pieces can be sent in any order and from several threads at once.
/// One that is dropped without [`end`](Self::end) tells the client that the outcome is unknown.
#[derive(Debug)]
#[must_use = "dropping it tells the client that the outcome is unknown"]
pub struct Responder {
    op: OpId,
    line: Line,
    in_flight: InFlight,
    tallies: Mutex<Tallies>,
    ended: bool,
}

impl Responder {
    /// The operation that it answers.
    pub fn op(&self) -> OpId {
        self.op
    }

    /// Sends a piece of the answer.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn answer(&self, bytes: &[u8]) -> Result<(), ProtocolError> {
        self.send(Stream::Answer, bytes)
    }

    /// Sends a piece of the bulk that goes with the answer.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn body(&self, bytes: &[u8]) -> Result<(), ProtocolError> {
        self.send(Stream::Body, bytes)
    }

    /// Sends a piece of standard output.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn stdout(&self, bytes: &[u8]) -> Result<(), ProtocolError> {
        self.send(Stream::Stdout, bytes)
    }

    /// Sends a piece of standard error.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn stderr(&self, bytes: &[u8]) -> Result<(), ProtocolError> {
        self.send(Stream::Stderr, bytes)
    }

    /// Says that the agent is alive, which a client may want to know during a long operation.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now.
    pub fn beat(&self) -> Result<(), ProtocolError> {
        self.line.send(FrameKind::Beat, None, &[])
    }

    /// Ends the operation.
    ///
    /// # Errors
    ///
    /// The connection was broken, or breaks now; the client may not know of the end then.
    pub fn end(mut self, status: EndStatus) -> Result<(), ProtocolError> {
        self.finish(status.into())
    }

    /// The lock is held while a piece is sent, so that it is counted in the order of the wire.
    fn send(&self, stream: Stream, bytes: &[u8]) -> Result<(), ProtocolError> {
        bytes.chunks(PIECE).try_for_each(|piece| {
            let mut tallies = self.tallies.lock();
            tallies.of_mut(stream).add(piece);
            self.line.send(stream.kind(), Some(self.op), piece)
        })
    }

    fn finish(&mut self, status: WireStatus) -> Result<(), ProtocolError> {
        self.ended = true;
        // Before the client sees the end and may ask again.
        self.in_flight.lock().remove(&self.op);
        let end = OperationEnd {
            status,
            streams: *self.tallies.lock(),
        };
        self.line
            .send(FrameKind::End, Some(self.op), &write_end(&end)?)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if !self.ended {
            // If this fails, the connection is broken and tells the client as much.
            let _ = self.finish(WireStatus::Unknown);
        }
    }
}
