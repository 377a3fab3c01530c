//! The listener of one host, and the threads of its connections.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{Builder, JoinHandle};

use parking_lot::{Condvar, Mutex};

use super::connection::Connection;
use super::identity::Tls;
use super::{ServerError, Shared};
use crate::xapi::fault::Fault;

/// A listener with its threads.
#[derive(Debug)]
pub(super) struct Listener {
    address: SocketAddr,
    gate: Arc<Gate>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the connections of a host share.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// Connections that are to be refused.
    refuse: AtomicU32,
    open: Mutex<BTreeMap<u64, TcpStream>>,
    closed: Condvar,
}

impl Gate {
    /// Refuses so many connections more.
    pub(super) fn refuse(&self, connections: u32) {
        self.refuse.fetch_add(connections, Ordering::SeqCst);
    }

    fn refuses(&self) -> bool {
        let take = |left: u32| left.checked_sub(1);
        self.refuse
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
            .is_ok()
    }

    fn enter(&self, number: u64, stream: TcpStream) {
        self.open.lock().insert(number, stream);
    }

    fn leave(&self, number: u64) {
        self.open.lock().remove(&number);
        self.closed.notify_all();
    }

    fn cut_all(&self) {
        for stream in self.open.lock().values() {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.closed.notify_all();
    }
}

/// The address at which a host listens: its own if it is one of the loopback network.
pub(super) fn own_address(text: &str) -> IpAddr {
    match text.parse() {
        Ok(address @ IpAddr::V4(v4)) if v4.is_loopback() => address,
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}

/// Binds all hosts to one port.
pub(super) fn bind(addresses: &[IpAddr], port: u16) -> io::Result<Vec<TcpListener>> {
    /// A free port of one address may be taken at another.
    const TRIES: usize = 20;
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        match bind_once(addresses, port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 => last = error,
            result => return result,
        }
    }
    Err(last)
}

fn bind_once(addresses: &[IpAddr], port: u16) -> io::Result<Vec<TcpListener>> {
    let mut sockets: Vec<TcpListener> = Vec::new();
    let mut common = port;
    for (at, address) in addresses.iter().enumerate() {
        let again = addresses[..at].contains(address);
        let wanted = if again { 0 } else { common };
        let socket = TcpListener::bind((*address, wanted))?;
        if at == 0 {
            common = socket.local_addr()?.port();
        }
        sockets.push(socket);
    }
    Ok(sockets)
}

impl Listener {
    #[expect(
        clippy::disallowed_methods,
        reason = "the thread is joined when the server is dropped"
    )]
    pub(super) fn start(
        host: usize,
        socket: TcpListener,
        tls: Option<Tls>,
        shared: Arc<Shared>,
    ) -> Result<Self, ServerError> {
        let address = socket.local_addr().map_err(ServerError::Listen)?;
        let gate = Arc::new(Gate::default());
        let thread = {
            let (gate, shared) = (Arc::clone(&gate), Arc::clone(&shared));
            Builder::new()
                .name(format!("xapi-host-{host}"))
                .spawn(move || accept(&socket, host, tls.as_ref(), &gate, &shared))
                .map_err(ServerError::Thread)?
        };
        Ok(Self {
            address,
            gate,
            shared,
            thread: Some(thread),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts all connections and joins the threads, once the server stops.
    pub(super) fn stop(&mut self) {
        debug_assert!(self.shared.stops());
        self.gate.cut_all();
        // The thread waits for a connection, and gets one.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "threads of connections are joined before this one ends"
)]
fn accept(
    socket: &TcpListener,
    host: usize,
    tls: Option<&Tls>,
    gate: &Arc<Gate>,
    shared: &Arc<Shared>,
) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    while let Ok((stream, _)) = socket.accept() {
        if shared.stops() {
            break;
        }
        let fault = shared.pool.lock().connect();
        let refused = gate.refuses();
        let number = {
            let mut seen = shared.seen.lock();
            if refused || matches!(fault, Some(Fault::Refuse { .. })) {
                seen.refused += 1;
            }
            seen.connections += 1;
            seen.connections
        };
        if let Some(Fault::Refuse { connections }) = fault {
            gate.refuse(connections.saturating_sub(1));
            super::deliver::reset(&stream);
            continue;
        }
        if refused {
            super::deliver::reset(&stream);
            continue;
        }
        let config = tls.map(|tls| match fault {
            Some(Fault::WrongCertificate) => Arc::clone(&tls.wrong),
            _ => Arc::clone(&tls.right),
        });
        let Ok(copy) = stream.try_clone() else {
            continue;
        };
        wait_for_room(gate, shared);
        gate.enter(number, copy);
        let connection = Connection::new(host, number, Arc::clone(shared), Arc::clone(gate));
        let spawned = Builder::new()
            .name(format!("xapi-connection-{number}"))
            .spawn(move || connection.run(stream, config));
        match spawned {
            Ok(thread) => threads.push(thread),
            Err(_) => gate.leave(number),
        }
        threads.retain(|thread| !thread.is_finished());
        if shared.stops() {
            gate.cut_all();
        }
    }
    gate.cut_all();
    for thread in threads {
        // A panic was told by the thread itself.
        let _ = thread.join();
    }
}

/// Holds back until there are few enough connections.
fn wait_for_room(gate: &Gate, shared: &Shared) {
    let mut open = gate.open.lock();
    while open.len() >= shared.connections && !shared.stops() {
        gate.closed.wait(&mut open);
    }
}

/// Marks a connection as closed when its thread ends, however it does.
pub(super) struct Leave<'g> {
    pub(super) gate: &'g Gate,
    pub(super) number: u64,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.gate.leave(self.number);
    }
}
