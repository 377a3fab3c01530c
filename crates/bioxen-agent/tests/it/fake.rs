//! Something in the place of a daemon that keeps the bytes of programs as they come out of the socket.

use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bioxen_agent::{
    AgentHello, Answer, EndStatus, Incoming, Message, Place, Request, Server, VmRequest,
};
use bioxen_core::{ProcessReport, SimTime};
use parking_lot::Mutex;

/// What came in, in this order.
#[derive(Default)]
pub(crate) struct Seen {
    programs: Mutex<Vec<Vec<u8>>>,
    over: AtomicBool,
}

impl Seen {
    /// The programs since the last time.
    pub(crate) fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.programs.lock())
    }
}

/// Ends the listening, also when the test fails.
struct Ender<'a> {
    place: &'a Place,
    seen: &'a Seen,
}

impl Drop for Ender<'_> {
    fn drop(&mut self) {
        self.seen.over.store(true, Ordering::Release);
        // It looks at the flag when somebody comes.
        let _ = UnixStream::connect(self.place.socket());
    }
}

/// Does something while programs that are sent to a place are kept.
pub(crate) fn while_listening(place: &Place, work: impl FnOnce(&Seen)) {
    place.make().expect("a folder for the socket");
    let listener = UnixListener::bind(place.socket()).expect("nobody else listens");
    let seen = Seen::default();
    thread::scope(|scope| {
        let _ender = Ender { place, seen: &seen };
        scope.spawn(|| {
            while let Ok((stream, _)) = listener.accept() {
                if seen.over.load(Ordering::Acquire) {
                    return;
                }
                attend(stream, &seen);
            }
        });
        work(&seen);
    });
}

/// Answers one client until it leaves; what is no program is no matter of this.
fn attend(stream: UnixStream, seen: &Seen) {
    let read = stream.try_clone().expect("a socket has many handles");
    let hello = AgentHello::new(env!("CARGO_PKG_VERSION"));
    let Ok(mut server) = Server::accept(read, stream, &hello) else {
        return;
    };
    while let Ok(Incoming::Request {
        request,
        body,
        responder,
    }) = server.receive()
    {
        let message = Message {
            json: request,
            body,
        };
        let ask = match Request::decode(message).expect("requests can be read") {
            Request::Vm { ask, .. } => ask,
            other => panic!("{other:?} is of no VM"),
        };
        let VmRequest::Execute { code, .. } = ask else {
            panic!("{ask:?} is no program");
        };
        seen.programs.lock().push(code.source().as_bytes().to_vec());
        let answer = Answer::Process(Box::new(ProcessReport {
            success: true,
            result_json: None,
            stdout: code.source().to_owned(),
            stderr: String::new(),
            failure: None,
            started_at: SimTime::ZERO,
            ended_at: SimTime::ZERO,
            steps: 0,
        }));
        let Message { json, body } = answer.encode().expect("it can be written");
        let sent = responder
            .answer(&json)
            .and_then(|()| responder.body(&body))
            .and_then(|()| responder.end(EndStatus::Exit(0)));
        if sent.is_err() {
            return;
        }
    }
}
