use std::collections::BTreeSet;
use std::error::Error as _;

use bioxen_core::{GeneId, VmId, VmImage};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::{Request, VERBS, VmRequest};
use crate::message::testing::{altered, examples, request, row};
use crate::message::{Message, MessageError};

fn message(json: &str) -> Message {
    Message {
        json: json.as_bytes().to_vec(),
        body: Vec::new(),
    }
}

/// The message of an error and of its causes.
fn told(error: &MessageError) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[track_caller]
fn check_refused(json: &str, expect: &str) {
    let error = Request::decode(message(json)).expect_err("not a request");
    let told = told(&error);
    assert!(told.starts_with(expect), "{told}");
    assert!(!told.contains(char::is_control), "{told:?}");
}

#[test]
fn every_verb_is_on_the_list() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..2_000 {
        let request = request()
            .new_tree(&mut runner)
            .expect("a request")
            .current();
        assert!(VERBS.contains(&request.verb()), "{}", request.verb());
        seen.insert(request.verb());
    }
    assert_eq!(seen, BTreeSet::from(VERBS));
}

#[test]
fn every_verb_is_on_the_page_with_an_example_that_is_complete() {
    let mut seen = BTreeSet::new();
    for example in examples("verb") {
        let json = example.to_string().into_bytes();
        let verb = example["verb"].as_str().expect("a word");
        let body = match verb {
            "execute" => b"advance(1)".to_vec(),
            "restore" => b"an image".to_vec(),
            _ => Vec::new(),
        };
        let request = Request::decode(Message { json, body }).expect("a request");
        let again = request.encode().expect("short").json;
        let again: serde_json::Value = serde_json::from_slice(&again).expect("JSON");
        assert_eq!(again, example);
        let fields = example.as_object().expect("an object");
        let named = row(request.verb());
        for field in fields.keys().filter(|field| *field != "verb") {
            assert!(named.contains(&format!("`{field}`")), "{named}: {field}");
        }
        seen.insert(request.verb());
    }
    assert_eq!(seen, BTreeSet::from(VERBS));
}

#[test]
fn the_json_is_flat_and_short() {
    let request = Request::Vm {
        vm: VmId::new("cell-1").expect("a VM id"),
        ask: VmRequest::StartTranscription(vec![GeneId::new("dnaA").expect("a gene id")]),
    };
    let json = request.encode().expect("short").json;
    let expect = r#"{"verb":"start_transcription","vm":"cell-1","genes":["dnaA"]}"#;
    assert_eq!(String::from_utf8(json).as_deref(), Ok(expect));
}

#[test]
fn a_program_and_an_image_are_the_body() {
    let json = r#"{"verb":"execute","vm":"a","name":"p.star"}"#;
    let body = b"advance(1)".to_vec();
    let execute = Message {
        body,
        ..message(json)
    };
    let request = Request::decode(execute.clone()).expect("a request");
    assert_eq!(request.encode().expect("short"), execute);

    let mut bad = execute;
    bad.body = b"\xff".to_vec();
    let error = Request::decode(bad).expect_err("not UTF-8");
    assert!(told(&error).starts_with("the message cannot be read at body: invalid utf-8"));

    let json = r#"{"verb":"pause","vm":"a"}"#;
    let body = vec![0; 3];
    let error = Request::decode(Message {
        body,
        ..message(json)
    });
    let error = error.expect_err("pause has no body");
    assert_eq!(
        error.to_string(),
        "a body of 3 bytes does not go with pause"
    );
}

#[test]
fn unknown_fields_are_passed_over() {
    let json = r#"{"later":{"deep":[1,{"x":null}]},"verb":"pause","vm":"a","span_us":7,"z":1e9}"#;
    let request = Request::decode(message(json)).expect("a request");
    assert_eq!(request.verb(), "pause");
    assert_eq!(request.vm().map(VmId::as_str), Some("a"));
}

#[test]
fn unknown_verbs_are_named_with_the_nearest_known_one() {
    let error = Request::decode(message(r#"{"verb":"strat"}"#)).expect_err("not a verb");
    assert_eq!(error.to_string(), "unknown verb \"strat\"");
    assert_eq!(error.hint().as_deref(), Some("did you mean start?"));
    let error = Request::decode(message(r#"{"verb":"teleport","vm":5}"#)).expect_err("not a verb");
    assert_eq!(error.to_string(), "unknown verb \"teleport\"");
    assert_eq!(
        error.hint().as_deref(),
        Some("one side may be older than the other: compare their versions")
    );
    let long = format!(r#"{{"verb":"{}"}}"#, "\\n".repeat(10_000));
    let error = Request::decode(message(&long)).expect_err("not a verb");
    assert!(error.to_string().len() < 300 && !error.to_string().contains('\n'));
}

#[test]
fn wrong_values_are_named_by_their_field() {
    check_refused("", "the message cannot be read: EOF");
    check_refused("[]", "the message cannot be read");
    check_refused("{}", "the message lacks the field verb");
    check_refused(r#"{"verb":"pause"}"#, "the message lacks the field vm");
    check_refused(
        r#"{"verb":"pause","vm":5}"#,
        "the message cannot be read at vm: invalid type",
    );
    check_refused(
        r#"{"verb":"pause","vm":"a/b"}"#,
        "the message cannot be read at vm: VM id \"a/b\" contains '/'",
    );
    check_refused(
        r#"{"verb":"advance","vm":"a","span_us":-1}"#,
        "the message cannot be read at span_us: invalid value",
    );
    check_refused(
        r#"{"verb":"advance","vm":"a","span_us":1.5}"#,
        "the message cannot be read at span_us: invalid type",
    );
    check_refused(
        r#"{"verb":"start_transcription","vm":"a","genes":["x",
            "y","z z"]}"#,
        "the message cannot be read at genes[2]: gene id \"z z\" contains ' '",
    );
    check_refused(
        r#"{"verb":"manage_operons","vm":"a","operons":[],"action":"stop"}"#,
        "the message cannot be read at action: unknown variant `stop`, expected one of",
    );
    check_refused(
        r#"{"verb":"allocate","vm":"a","atp_hundredths":10001}"#,
        "the message cannot be read at atp_hundredths: ATP percent \"100.01\" is out of range",
    );
    check_refused(
        r#"{"verb":"allocate","vm":"a"}"#,
        "the message lacks the field atp_hundredths or ribosomes",
    );
    check_refused(
        r#"{"verb":"history","vm":"a","limit":0}"#,
        "the message cannot be read at limit: 0 entries are not within 1 to 10000",
    );
    check_refused(
        r#"{"verb":"create","spec":{"id":"a","organism":"syn3a","infrastructure":"basic"}}"#,
        "the message lacks the field spec.seed",
    );
    check_refused(
        r#"{"verb":"create","spec":{"id":"a","organism":"yeast"}}"#,
        "the message cannot be read at spec.organism: unknown variant `yeast`",
    );
    check_refused(
        r#"{"verb":"create","spec":{"id":"a","seed":7}}"#,
        "the message cannot be read at spec.seed: invalid type: integer `7`, expected a string",
    );
    check_refused(
        r#"{"verb":"create","spec":{"pacing":{"real_time":{"factor":0}}}}"#,
        "the message cannot be read at spec.pacing.real_time.factor: pace factor \"0\"",
    );
    check_refused(
        r#"{"verb":"execute","vm":"a","name":""}"#,
        "the message cannot be read at name or body: the process has no usable name",
    );
}

#[test]
fn what_is_too_long_is_refused_on_both_sides() {
    let gene = GeneId::new("a").expect("a gene id");
    let transcribe = |count| Request::Vm {
        vm: VmId::new("a").expect("a VM id"),
        ask: VmRequest::StartTranscription(vec![gene.clone(); count]),
    };
    let most = transcribe(10_000);
    assert_eq!(
        Request::decode(most.encode().expect("the most")).ok(),
        Some(most)
    );
    let error = transcribe(10_001).encode().expect_err("one more");
    assert_eq!(
        told(&error),
        "the message cannot be written: 10001 entries are more than 10000"
    );

    let genes = vec!["\"a\""; 10_001].join(",");
    check_refused(
        &format!(r#"{{"verb":"start_transcription","vm":"a","genes":[{genes}]}}"#),
        "the message cannot be read at genes[10000]: invalid length 10001",
    );
    let spaces = " ".repeat(Request::MAX_JSON);
    check_refused(
        &format!(r#"{{"verb":"list"}}{spaces}"#),
        "the JSON of the message has 1048591 bytes, more than 1048576",
    );
    let restore = Request::Vm {
        vm: VmId::new("a").expect("a VM id"),
        ask: VmRequest::Restore(VmImage::from_bytes(vec![0; Message::MAX_BODY + 1])),
    };
    assert_eq!(
        restore.encode().expect_err("one byte more").to_string(),
        "the body of the message has 268435457 bytes, more than 268435456"
    );
}

proptest! {
    #[test]
    fn requests_come_back_as_they_were(request in request()) {
        let message = request.encode().expect("short enough");
        prop_assert_eq!(Request::decode(message).expect("a request"), request);
    }

    #[test]
    fn foreign_bytes_are_refused_and_never_panic(
        json in vec(any::<u8>(), 0..200),
        body in vec(any::<u8>(), 0..20),
    ) {
        let read = Request::decode(Message { json, body });
        prop_assert!(read.is_err());
    }

    #[test]
    fn damaged_requests_never_panic(
        request in request(),
        at in any::<usize>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut message = request.encode().expect("short enough");
        let at = at % message.json.len();
        if cut {
            message.json.truncate(at);
        } else {
            message.json[at] = byte;
        }
        // Another value in a field may be a request, too.
        drop(Request::decode(message));
    }

    #[test]
    fn other_values_in_fields_never_panic(
        request in request(),
        place in any::<usize>(),
        value in any::<usize>(),
    ) {
        let mut message = request.encode().expect("short enough");
        message.json = altered(&message.json, place, value);
        if let Err(error) = Request::decode(message) {
            prop_assert!(!error.to_string().contains(char::is_control));
        }
    }
}
