//! The same over a pair of sockets, with what can go wrong on the way.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use bioxen_core::{
    BiologicalVm, Organism, Pacing, ProcessCode, Seed, SimSpan, SimTime, VmError, VmId, VmSpec,
};

use super::agent::FakeAgent;
use crate::connection::{Client, EndStatus, Incoming, Responder, Server};
use crate::error::ProtocolError;
use crate::frame::OpId;
use crate::hello::{AgentHello, ClientHello, Nonce};
use crate::message::{Answer, Message, MessageError, Refusal, Request, VmRequest};
use crate::remote::{AnswerError, Channel, ClientChannel, RemoteHypervisor};

fn op(number: u8) -> OpId {
    OpId::new([number; 16]).unwrap()
}

fn spec() -> VmSpec {
    VmSpec::builder(VmId::new("cell-1").unwrap(), Organism::Syn3a, Seed::new(1))
        .pacing(Pacing::Manual)
        .build()
        .unwrap()
}

/// Runs an agent, which is also given its end of the wire, and a client of it; operations are numbered 1, 2, 3.
fn connect(serve: impl FnOnce(Server, UnixStream) + Send, ask: impl FnOnce(ClientChannel)) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            let hello = AgentHello::new("0.1.0");
            let [read, write] = [theirs.try_clone().unwrap(), theirs.try_clone().unwrap()];
            serve(Server::accept(read, write, &hello).unwrap(), theirs);
        });
        let hello = ClientHello::new("bioxen", "0.1.0", Nonce::new([9; 16]));
        let client = Client::open(ours.try_clone().unwrap(), ours, &hello).unwrap();
        let mut number = 0;
        ask(ClientChannel::new(client, move || {
            number += 1;
            op(number)
        }));
    });
}

#[track_caller]
fn next(server: &mut Server) -> Option<(Result<Request, MessageError>, Responder)> {
    match server.receive().unwrap() {
        Incoming::Request {
            request,
            body,
            responder,
        } => {
            let json = request;
            Some((Request::decode(Message { json, body }), responder))
        }
        Incoming::Bye | Incoming::Eof => None,
        other => panic!("{other:?}"),
    }
}

fn send(responder: Responder, answer: &Answer) {
    let Message { json, body } = answer.encode().unwrap();
    responder.answer(&json).unwrap();
    responder.body(&body).unwrap();
    responder.end(EndStatus::Exit(0)).unwrap();
}

/// Answers until the client leaves, and an operation that it did already with the stored answer.
fn serve(agent: &mut FakeAgent, done: &mut BTreeMap<OpId, Answer>, mut server: Server) {
    while let Some((request, responder)) = next(&mut server) {
        let answer = done
            .entry(responder.op())
            .or_insert_with(|| match request {
                Ok(request) => agent.answer(request),
                Err(error) => Answer::Refused(Refusal::bad_request(&error)),
            })
            .clone();
        send(responder, &answer);
    }
}

fn chain(error: &dyn StdError) -> Vec<String> {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    std::iter::once(error.to_string())
        .chain(causes.map(ToString::to_string))
        .collect()
}

#[test]
fn a_vm_lives_at_the_other_end_of_a_connection() {
    let mut agent = FakeAgent::new();
    connect(
        |server, _| serve(&mut agent, &mut BTreeMap::new(), server),
        |channel| {
            let hypervisor = RemoteHypervisor::new(channel);
            let (mut vm, _) = hypervisor.create(&spec(), &[]).unwrap();
            vm.start().unwrap();
            let hour = SimSpan::from_micros(3_600_000_000);
            assert_eq!(vm.advance(hour).unwrap().seconds(), 3_600.0);
            let long = "#".repeat(ProcessCode::MAX_SOURCE);
            let code = ProcessCode::new("long.star", &long).unwrap();
            let report = vm.execute_biological_process(&code).unwrap();
            assert_eq!(report.stdout, long);
            let image = vm.save().unwrap();
            vm.restore(&image).unwrap();
            assert_eq!(
                vm.start().expect_err("it runs").to_string(),
                "a running VM cannot start"
            );
            vm.destroy().unwrap();
        },
    );
    assert_eq!(agent.asked.last(), Some(&"destroy"));
}

#[test]
fn an_unknown_outcome_is_settled_under_the_same_id() {
    let mut agent = FakeAgent::new();
    let mut done = BTreeMap::new();
    let advance = Request::Vm {
        vm: spec().id().clone(),
        ask: VmRequest::Advance(SimSpan::from_micros(7)),
    };
    let mut unsettled = None;
    connect(
        |mut server, wire| {
            // The third request is done, and the answer is lost with the connection.
            for _ in 0..2 {
                let (request, responder) = next(&mut server).unwrap();
                send(responder, &agent.answer(request.unwrap()));
            }
            let (request, responder) = next(&mut server).unwrap();
            done.insert(responder.op(), agent.answer(request.unwrap()));
            wire.shutdown(Shutdown::Both).unwrap();
        },
        |channel| {
            let hypervisor = RemoteHypervisor::new(channel);
            let (mut vm, _) = hypervisor.create(&spec(), &[]).unwrap();
            vm.start().unwrap();
            let error = vm.advance(SimSpan::from_micros(7)).expect_err("cut");
            assert_eq!(
                error.to_string(),
                "it is not known whether the agent did it"
            );
            let VmError::Backend { source, .. } = error else {
                panic!("{error:?}");
            };
            let source = source.downcast_ref::<ProtocolError>();
            let Some(ProtocolError::OutcomeUnknown { op, .. }) = source else {
                panic!("{source:?}");
            };
            unsettled = Some(*op);
            let later = vm.status().expect_err("the connection is gone");
            assert_eq!(later.to_string(), "the request did not reach the agent");
        },
    );
    connect(
        |server, _| serve(&mut agent, &mut done, server),
        |mut channel| {
            let op = unsettled.expect("named by the error");
            let answer = channel.ask_as(op, &advance).unwrap();
            assert_eq!(answer, Answer::Reached(SimTime::from_micros(7)));
        },
    );
    let advances = agent.asked.iter().filter(|verb| **verb == "advance");
    assert_eq!(advances.count(), 1);
}

#[test]
fn what_is_no_answer_is_told_with_the_operation() {
    connect(
        |mut server, _| {
            let (_, responder) = next(&mut server).unwrap();
            responder.answer(b"{\"answer\":7}").unwrap();
            responder.end(EndStatus::Exit(0)).unwrap();
            let (_, responder) = next(&mut server).unwrap();
            responder.stderr(b"\n  disk full\x1b[0m\nmore").unwrap();
            responder.end(EndStatus::Signal(9)).unwrap();
            let (_, responder) = next(&mut server).unwrap();
            responder.end(EndStatus::Cancelled).unwrap();
            assert!(next(&mut server).is_none());
        },
        |mut channel| {
            let error = channel.call(&Request::List).expect_err("not an answer");
            assert_eq!(
                chain(&error)[..3],
                [
                    "the agent gave an answer that cannot be read".to_owned(),
                    format!("the answer to operation {} cannot be read", op(1)),
                    "the message cannot be read at answer".to_owned(),
                ]
            );
            let error = channel.call(&Request::List).expect_err("no answer");
            let VmError::Backend { source, .. } = error else {
                panic!("{error:?}");
            };
            assert!(source.is::<AnswerError>());
            assert_eq!(
                source.to_string(),
                format!(
                    "operation {} ended with signal 9 and without an answer: disk full [0m",
                    op(2)
                )
            );
            let error = channel.call(&Request::List).expect_err("called off");
            assert!(matches!(error, VmError::Cancelled), "{error}");
        },
    );
}

#[test]
fn a_request_that_the_agent_cannot_read_is_refused_in_words() {
    connect(
        |server, _| serve(&mut FakeAgent::new(), &mut BTreeMap::new(), server),
        |channel| {
            let mut client = channel.into_client();
            let reply = client.call(op(1), br#"{"verb":"strat"}"#, b"").unwrap();
            let answer = Answer::decode(Message {
                json: reply.answer,
                body: reply.body,
            });
            let Ok(Answer::Refused(refusal)) = answer else {
                panic!("{answer:?}");
            };
            assert_eq!(refusal.code(), "bad_request");
            assert_eq!(refusal.hint(), Some("did you mean start?"));
        },
    );
}
