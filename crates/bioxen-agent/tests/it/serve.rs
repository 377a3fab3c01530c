//! `serve --stdio`: what SSH starts.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::Arc;

use bioxen_agent::{
    AgentHello, Client, ClientChannel, ClientHello, Nonce, OpId, RemoteHypervisor, Request, Server,
};
use bioxen_core::{BiologicalVm, Organism, Pacing, ProcessCode, Seed, VmId, VmSpec};
use parking_lot::Mutex;

use crate::machine::{Ended, Machine};

fn ops() -> impl FnMut() -> OpId + Send {
    let mut number = 0_u128;
    move || {
        number += 1;
        OpId::new(number.to_be_bytes()).expect("not zero")
    }
}

#[test]
fn a_client_drives_cells_through_it_and_starts_the_daemon_by_it() {
    let machine = Machine::new();
    let mut child = machine
        .command(&["serve", "--stdio"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let (read, write) = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
    let hello = ClientHello::new("it", "0", Nonce::new([3; 16]));
    let client = Client::open(read, write, &hello).unwrap();
    assert_eq!(client.noise().length(), 0, "the relay says nothing itself");
    let remote = RemoteHypervisor::new(ClientChannel::new(client, ops()));
    let id = VmId::new("cell").unwrap();
    let spec = VmSpec::builder(id, Organism::MinimalCell, Seed::new(1)).pacing(Pacing::Manual);
    let (mut vm, _) = remote.create(&spec.build().unwrap(), &[]).unwrap();
    vm.start().unwrap();
    let code = ProcessCode::new("remote", "advance(30)").unwrap();
    assert!(vm.execute_biological_process(&code).unwrap().success);
    // A command beside it sees the same VM.
    assert_eq!(machine.json("status --vm-id cell")["sim_time_s"], 30.0);
    drop((vm, remote));
    let mut messages = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut messages)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{messages}");
    assert_eq!(messages, "");
}

#[test]
fn the_end_of_input_ends_it_after_the_answers() {
    let machine = Machine::new();
    let _daemon = machine.daemon(&["--workers", "1"]);
    let nothing = Ended::of(machine.command(&["serve", "--stdio"]));
    assert_eq!((nothing.code, nothing.stdout.len()), (0, 0), "{nothing:?}");

    // What a client sends before it knows that anybody answers.
    let recorded = recorded_request();
    let ended = Ended::of_input(machine.command(&["serve", "--stdio"]), &recorded);
    assert_eq!(ended.code, 0, "{ended:?}");
    let text = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.stdout.starts_with(b"\x8bBIOXEN"), "{text:?}");
    assert!(text.contains("\"answer\":\"vms\""), "{text:?}");
    assert!(text.contains("\"exit\":0"), "{text:?}");
}

/// What a client writes, kept on the way.
struct Recorded(UnixStream, Arc<Mutex<Vec<u8>>>);

impl Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.0.write(bytes)?;
        self.1.lock().extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Magic, hello and one request for a list, without a goodbye.
fn recorded_request() -> Vec<u8> {
    let (near, far) = UnixStream::pair().expect("two sockets");
    let tape = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let read = far.try_clone().expect("a socket has many handles");
            let hello = AgentHello::new("0.1.0");
            let mut server = Server::accept(read, far, &hello).expect("a client comes");
            // It goes away without an answer.
            let _ = server.receive();
        });
        let hello = ClientHello::new("it", "0", Nonce::new([3; 16]));
        let read = near.try_clone().expect("a socket has many handles");
        let recorded = Recorded(near, Arc::clone(&tape));
        let mut client = Client::open(read, recorded, &hello).expect("a server answers");
        let op = OpId::new([9; 16]).expect("not zero");
        let request = Request::List.encode().expect("it can be written");
        assert!(client.call(op, &request.json, &request.body).is_err());
    });
    std::mem::take(&mut *tape.lock())
}

#[test]
fn what_is_no_client_gets_nothing() {
    let machine = Machine::new();
    let _daemon = machine.daemon(&["--workers", "1"]);
    let ended = Ended::of_input(
        machine.command(&["serve", "--stdio"]),
        b"GET / HTTP/1.1\r\n\r\n",
    );
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.stdout, b"");
    assert_eq!(machine.json("list")["vms"], serde_json::json!([]));
}

#[test]
fn a_daemon_that_ends_ends_it() {
    let machine = Machine::new();
    let mut daemon = machine.daemon(&["--workers", "1"]);
    let mut child = machine
        .command(&["serve", "--stdio"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // Kept open: only the daemon can end it.
    let write = child.stdin.take().unwrap();
    let read = child.stdout.take().unwrap();
    let hello = ClientHello::new("it", "0", Nonce::new([3; 16]));
    let client = Client::open(read, write, &hello).unwrap();
    daemon.signal("TERM");
    assert_eq!(daemon.wait().0, Some(0));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(client);
}
