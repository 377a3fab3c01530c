//! One connection: request after request.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Shared;
use super::deliver::{After, deliver, drain};
use super::http::{self, Head, LONGEST_BODY, Length};
use super::listener::{Gate, Leave};
use super::seen::SeenRequest;
use crate::xapi::fault::Delivery;
use crate::xapi::pool::{Answer, Exchange};
use crate::xapi::wire;

/// How long a client may go on sending after its last answer.
const LINGER: Duration = Duration::from_millis(500);

/// One connection of a host.
pub(super) struct Connection {
    host: usize,
    number: u64,
    shared: Arc<Shared>,
    gate: Arc<Gate>,
}

/// The bytes of a connection, plain or not.
pub(super) trait Line: Read + Write {}

impl<T: Read + Write> Line for T {}

impl Connection {
    pub(super) fn new(host: usize, number: u64, shared: Arc<Shared>, gate: Arc<Gate>) -> Self {
        Self {
            host,
            number,
            shared,
            gate,
        }
    }

    /// Serves the connection to its end.
    pub(super) fn run(&self, stream: TcpStream, tls: Option<Arc<ServerConfig>>) {
        let _leave = Leave {
            gate: &self.gate,
            number: self.number,
        };
        let _ = stream.set_nodelay(true);
        let Ok(raw) = stream.try_clone() else {
            return;
        };
        let line: Box<dyn Line> = match tls {
            None => Box::new(stream),
            Some(config) => match ServerConnection::new(config) {
                Ok(connection) => Box::new(StreamOwned::new(connection, stream)),
                Err(_) => return,
            },
        };
        let end = self.serve(&mut BufReader::new(line), &raw);
        // However the client or a fault ends it: it is the end. A reset is made by closing only.
        if !matches!(end, Ok(After::Reset)) {
            let _ = raw.shutdown(Shutdown::Both);
        }
    }

    fn serve(&self, line: &mut BufReader<Box<dyn Line>>, raw: &TcpStream) -> io::Result<After> {
        while let Some(head) = http::read_head(line)? {
            let keeps = head.keeps;
            match self.answer(line, raw, head)? {
                After::Next if keeps => {}
                After::Next | After::Close => {
                    raw.shutdown(Shutdown::Write)?;
                    raw.set_read_timeout(Some(LINGER))?;
                    drain(line.get_mut())?;
                    break;
                }
                After::Reset => return Ok(After::Reset),
            }
        }
        Ok(After::Close)
    }

    fn answer(
        &self,
        line: &mut BufReader<Box<dyn Line>>,
        raw: &TcpStream,
        head: Head,
    ) -> io::Result<After> {
        let refuse = |line: &mut BufReader<Box<dyn Line>>, status: &str, text: &str| {
            let out = line.get_mut();
            out.write_all(&http::page(status, text))?;
            out.flush()?;
            Ok(After::Close)
        };
        match (head.method.as_str(), head.length) {
            ("GET" | "HEAD", _) => return refuse(line, "404 Not Found", "No such page."),
            ("POST", Length::Bytes(length)) if length <= LONGEST_BODY => {}
            ("POST", _) => {
                return refuse(line, "500 Internal Error", "The body cannot be read.");
            }
            _ => return refuse(line, "501 Method Not Implemented", "Unknown method."),
        }
        let Length::Bytes(length) = head.length else {
            return Ok(After::Close);
        };
        let body = http::read_body(line, length)?;
        let call = wire::read_call(&body).map(|call| call.name);
        self.shared.seen.lock().add(SeenRequest {
            host: self.host,
            connection: self.number,
            call: call.unwrap_or_default(),
            head: head.bytes,
            body: body.clone(),
        });
        if head.path.starts_with("/jsonrpc") {
            return refuse(line, "404 Not Found", "Only XML-RPC is simulated.");
        }
        let exchange = {
            let mut pool = self.shared.pool.lock();
            let exchange = pool.handle(self.shared.time.now(), self.host, &body);
            self.shared.changed.notify_all();
            exchange
        };
        let Exchange { answer, delivery } = match exchange {
            Ok(exchange) => exchange,
            Err(malformed) => {
                let text = malformed.to_string().replace('<', "&lt;");
                return refuse(line, "500 Internal Error", &text);
            }
        };
        // What is not answered need not be waited for.
        let body = match (&delivery, answer) {
            (_, Answer::Now(body)) => body,
            (Delivery::Reset | Delivery::Silence | Delivery::Refuse(_), _) => Vec::new(),
            (Delivery::Unavailable, Answer::Never) => Vec::new(),
            (_, Answer::Later(ticket)) => match self.wait(ticket) {
                Some(body) => body,
                None => return Ok(After::Close),
            },
            (_, Answer::Never) => {
                return deliver(
                    line.get_mut(),
                    raw,
                    &[],
                    Delivery::Silence,
                    head.keeps,
                    self,
                );
            }
        };
        deliver(line.get_mut(), raw, &body, delivery, head.keeps, self)
    }

    /// Waits for an answer; `None` if the server stops.
    fn wait(&self, ticket: crate::xapi::pool::Ticket) -> Option<Vec<u8>> {
        let mut pool = self.shared.pool.lock();
        loop {
            if let Some(body) = pool.take(ticket) {
                return Some(body);
            }
            if self.shared.stops() {
                pool.give_up(ticket);
                return None;
            }
            self.shared.changed.wait(&mut pool);
        }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }
}
