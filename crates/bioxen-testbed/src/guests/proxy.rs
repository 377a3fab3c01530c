//! A network that does what networks do.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};

/// What happens to a connection on its way; it concerns what the server says, and all else passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing.
    None,
    /// After so many bytes nothing more comes, and the connection stays.
    Silence {
        /// Bytes that come.
        after: usize,
    },
    /// Each piece comes so much later.
    Delay(Duration),
    /// After so many bytes, each further one takes so long.
    Drip {
        /// Bytes that come as they are.
        after: usize,
        /// Time for each byte after them.
        each: Duration,
    },
    /// After so many bytes the connection ends.
    Cut {
        /// Bytes that come.
        after: usize,
    },
    /// The connection is taken and reset at once.
    Reset,
}

/// Faults to come, in the order of connections; clones are the same ones.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Mutex<Sequence>>);

#[derive(Debug)]
struct Sequence {
    next: VecDeque<Fault>,
    then: Fault,
}

impl Faults {
    /// The same one for all connections.
    pub fn all(fault: Fault) -> Self {
        Self(Arc::new(Mutex::new(Sequence {
            next: VecDeque::new(),
            then: fault,
        })))
    }

    /// Replaces them: the next connections meet these, and all after them another one.
    pub fn set(&self, next: impl IntoIterator<Item = Fault>, then: Fault) {
        *self.lock() = Sequence {
            next: next.into_iter().collect(),
            then,
        };
    }

    fn next(&self) -> Fault {
        let mut sequence = self.lock();
        let then = sequence.then;
        sequence.next.pop_front().unwrap_or(then)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Sequence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A proxy of TCP between a client and one server, with a fault.
///
/// A drop ends its connections and its threads.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    faults: Faults,
    ended: AtomicBool,
    taken: AtomicUsize,
    /// Bytes that clients sent.
    sent: Mutex<Vec<u8>>,
    /// Number of bytes that clients got.
    passed: AtomicUsize,
    lines: Mutex<Lines>,
}

/// What has to end with the proxy.
#[derive(Debug, Default)]
struct Lines {
    sockets: Vec<TcpStream>,
    /// Dropping one wakes a thread that lets time pass.
    stops: Vec<SyncSender<()>>,
    threads: Vec<JoinHandle<()>>,
}

const PIECE: usize = 16 << 10;

impl Proxy {
    /// A proxy at an address of its own.
    ///
    /// # Errors
    ///
    /// The system gives no address or no thread.
    pub fn start(server: SocketAddr, fault: Fault) -> io::Result<Self> {
        let any = (Ipv4Addr::LOCALHOST, 0);
        Self::start_at(any.into(), server, Faults::all(fault))
    }

    /// A proxy at an address of choice, whose connections meet the faults that are set at their time.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_at(at: SocketAddr, server: SocketAddr, faults: Faults) -> io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server,
            faults,
            ended: AtomicBool::new(false),
            taken: AtomicUsize::new(0),
            sent: Mutex::default(),
            passed: AtomicUsize::new(0),
            lines: Mutex::default(),
        });
        let of_thread = Arc::clone(&shared);
        let thread = spawn("proxy", move || take(&listener, &of_thread))?;
        Ok(Self {
            address,
            shared,
            thread: Some(thread),
        })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that were taken so far.
    pub fn taken(&self) -> usize {
        self.shared.taken.load(Ordering::Acquire)
    }

    /// Number of bytes that clients got so far.
    pub fn passed(&self) -> usize {
        self.shared.passed.load(Ordering::Acquire)
    }

    /// Ends the proxy; says what clients sent, up to a mebibyte of it.
    pub fn finish(mut self) -> Vec<u8> {
        self.end();
        let sent = self.shared.sent.lock();
        std::mem::take(&mut *sent.unwrap_or_else(PoisonError::into_inner))
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.shared.ended.store(true, Ordering::Release);
        // It waits for a connection.
        let _ = TcpStream::connect(self.address);
        let _ = thread.join();
        let Lines {
            sockets,
            stops,
            threads,
        } = std::mem::take(&mut *self.shared.lines());
        drop(stops);
        for socket in sockets {
            let _ = socket.shutdown(Shutdown::Both);
        }
        for thread in threads {
            let _ = thread.join();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the drop of the proxy ends its threads and waits for them"
)]
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(run)
}

fn take(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((client, _)) = listener.accept() {
        if shared.ended.load(Ordering::Acquire) {
            return;
        }
        shared.taken.fetch_add(1, Ordering::AcqRel);
        let fault = shared.faults.next();
        if fault == Fault::Reset {
            reset(client);
            continue;
        }
        // A connection that cannot be passed on ends; the client sees that.
        let _ = pass(client, fault, shared);
    }
}

/// Ends a connection so that the other side is told of a reset.
fn reset(client: TcpStream) {
    let at_once = nix::libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // If it is refused, the connection ends in the usual way.
    let _ = setsockopt(&client, sockopt::Linger, &at_once);
    drop(client);
}

fn pass(client: TcpStream, fault: Fault, shared: &Arc<Shared>) -> io::Result<()> {
    let server = TcpStream::connect(shared.server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (stop, stopped) = sync_channel(1);
    let (from, into) = (client.try_clone()?, server.try_clone()?);
    let (back_from, back_into) = (server.try_clone()?, client.try_clone()?);
    let (forth_shared, back_shared) = (Arc::clone(shared), Arc::clone(shared));
    let mut lines = shared.lines();
    lines.sockets.extend([client, server]);
    lines.stops.push(stop);
    lines.threads.push(spawn("proxy-requests", move || {
        forth(from, into, &forth_shared);
    })?);
    lines.threads.push(spawn("proxy-replies", move || {
        back(back_from, back_into, fault, &back_shared, &stopped);
    })?);
    Ok(())
}

fn forth(mut from: TcpStream, mut into: TcpStream, shared: &Shared) {
    /// Bytes that are kept.
    const KEPT: usize = 1 << 20;
    let mut piece = vec![0; PIECE];
    let mut takes = true;
    while let Ok(length @ 1..) = from.read(&mut piece) {
        let bytes = &piece[..length];
        let mut sent = shared.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(sent.len()).min(length);
        sent.extend_from_slice(&bytes[..room]);
        drop(sent);
        // What is sent to a server that takes no more counts as sent.
        takes = takes && into.write_all(bytes).is_ok();
    }
    let _ = into.shutdown(Shutdown::Write);
}

fn back(
    mut from: TcpStream,
    mut into: TcpStream,
    fault: Fault,
    shared: &Shared,
    stopped: &Receiver<()>,
) {
    let mut piece = vec![0; PIECE];
    let mut passed = 0;
    while let Ok(length @ 1..) = from.read(&mut piece) {
        let bytes = &piece[..length];
        shared.passed.fetch_add(length, Ordering::AcqRel);
        if give(&mut into, bytes, passed, fault, stopped).is_none() {
            break;
        }
        passed += length;
    }
    match fault {
        // The connection stays until the proxy ends it.
        Fault::Silence { .. } => drop(stopped.recv()),
        Fault::Cut { .. } => {
            let _ = into.shutdown(Shutdown::Both);
        }
        _ => {
            let _ = into.shutdown(Shutdown::Write);
        }
    }
}

/// Passes bytes on as the fault wants it; `None` if no more are to follow.
fn give(
    into: &mut TcpStream,
    bytes: &[u8],
    passed: usize,
    fault: Fault,
    stopped: &Receiver<()>,
) -> Option<()> {
    let whole = |after: usize| bytes.split_at(after.saturating_sub(passed).min(bytes.len()));
    match fault {
        Fault::None | Fault::Reset => into.write_all(bytes).ok(),
        Fault::Delay(span) => {
            pause(span, stopped)?;
            into.write_all(bytes).ok()
        }
        Fault::Silence { after } | Fault::Cut { after } => {
            let (now, rest) = whole(after);
            into.write_all(now).ok()?;
            rest.is_empty().then_some(())
        }
        Fault::Drip { after, each } => {
            let (now, rest) = whole(after);
            into.write_all(now).ok()?;
            for byte in rest {
                pause(each, stopped)?;
                into.write_all(&[*byte]).ok()?;
            }
            Some(())
        }
    }
}

/// Lets a span pass; `None` if the proxy ends meanwhile.
fn pause(span: Duration, stopped: &Receiver<()>) -> Option<()> {
    (stopped.recv_timeout(span) == Err(RecvTimeoutError::Timeout)).then_some(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::time::Duration;

    use super::{Fault, Proxy};

    /// What a client gets of a server that says `hello` after it heard something.
    fn hear(fault: Fault) -> (std::io::Result<usize>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap(), fault).unwrap();
        let mut client = TcpStream::connect(proxy.address()).unwrap();
        client.write_all(b"?").unwrap();
        if fault != Fault::Reset {
            let (mut server, _) = listener.accept().unwrap();
            server.read_exact(&mut [0]).unwrap();
            server.write_all(b"hello").unwrap();
            server.shutdown(Shutdown::Write).unwrap();
            assert_eq!(proxy.taken(), 1);
        }
        let mut heard = Vec::new();
        if let Fault::Silence { after } = fault {
            heard.resize(after, 0);
            client.read_exact(&mut heard).unwrap();
            client.set_nonblocking(true).unwrap();
            return (client.read(&mut [0]), heard);
        }
        let read = client.read_to_end(&mut heard);
        let sent = proxy.finish();
        assert!(fault == Fault::Reset || sent == b"?");
        (read, heard)
    }

    #[test]
    fn each_fault_does_what_it_says() {
        let millisecond = Duration::from_millis(1);
        assert_eq!(hear(Fault::None).1, b"hello");
        assert_eq!(hear(Fault::Delay(millisecond)).1, b"hello");
        let drip = Fault::Drip {
            after: 2,
            each: millisecond,
        };
        assert_eq!(hear(drip).1, b"hello");
        assert_eq!(hear(Fault::Cut { after: 3 }).1, b"hel");
        let (read, heard) = hear(Fault::Silence { after: 2 });
        assert_eq!(heard, b"he");
        let kind = read.unwrap_err().kind();
        assert_eq!(kind, std::io::ErrorKind::WouldBlock);
        assert!(hear(Fault::Reset).1.is_empty());
    }
}
