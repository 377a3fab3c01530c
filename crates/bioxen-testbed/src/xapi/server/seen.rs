//! What clients sent.

/// What a server has seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Connections that were accepted.
    pub connections: u64,
    /// Connections that were refused on purpose.
    pub refused: u64,
    /// Requests with a body, in their order; the oldest are dropped when they take too much memory.
    pub requests: Vec<SeenRequest>,
    /// All requests, also those that were dropped.
    pub request_count: u64,
    bytes: usize,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// The host that received it.
    pub host: usize,
    /// The number of its connection, from 1.
    pub connection: u64,
    /// The name of the call, or nothing if it is none.
    pub call: String,
    /// The request line and the headers.
    pub head: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    const BYTES_KEPT: usize = 64 << 20;

    /// Number of calls of a message, in all forms that are spelt with a dot.
    pub fn calls(&self, message: &str) -> usize {
        let is = |request: &&SeenRequest| {
            let call = request.call.as_str();
            call.strip_prefix("Async.").unwrap_or(call) == message
        };
        self.requests.iter().filter(is).count()
    }

    /// Whether some bytes came in any request.
    pub fn contains(&self, bytes: &[u8]) -> bool {
        let within = |hay: &[u8]| {
            !bytes.is_empty() && hay.windows(bytes.len()).any(|window| window == bytes)
        };
        let mut requests = self.requests.iter();
        requests.any(|request| within(&request.head) || within(&request.body))
    }

    pub(super) fn add(&mut self, request: SeenRequest) {
        self.request_count += 1;
        self.bytes += request.head.len() + request.body.len();
        self.requests.push(request);
        while self.bytes > Self::BYTES_KEPT && self.requests.len() > 1 {
            let oldest = self.requests.remove(0);
            self.bytes -= oldest.head.len() + oldest.body.len();
        }
    }
}
