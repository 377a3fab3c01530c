use std::error::Error as StdError;

use bioxen_core::{
    AtpPercent, GeneId, IllegalTransition, ImageError, Operation, Organism, RibosomeCount, VmError,
    VmEvent, VmId, VmState,
};
use proptest::prelude::{any, prop_assert_eq, proptest};
use thiserror::Error;

use super::{Refusal, fault::CODES};
use crate::message::testing::{row, text};
use crate::message::{Answer, Message, Request};

/// What an agent sends to a client.
fn sent(refusal: Refusal) -> Refusal {
    let message = Answer::Refused(refusal.clone()).encode().expect("short");
    match Answer::decode(message).expect("an answer") {
        Answer::Refused(read) => {
            assert_eq!(read, refusal);
            read
        }
        other => panic!("{other:?}"),
    }
}

fn chain(error: &dyn StdError) -> Vec<String> {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    std::iter::once(error.to_string())
        .chain(causes.map(ToString::to_string))
        .collect()
}

fn id() -> VmId {
    VmId::new("cell-1").expect("a VM id")
}

fn images() -> Vec<ImageError> {
    vec![
        ImageError::NotAnImage,
        ImageError::Truncated {
            expected: u64::MAX,
            found: 7,
        },
        ImageError::Corrupt {
            expected: u32::MAX,
            found: 0,
        },
        ImageError::NewerVersion {
            found: 9,
            supported: 1,
        },
        ImageError::WrongOrganism {
            expected: Organism::Syn3a,
            found: Organism::Ecoli,
        },
        ImageError::TooLarge { size: 9, limit: 8 },
        ImageError::GenomeMismatch {
            expected: "a".to_owned(),
            found: "b".to_owned(),
        },
        ImageError::IdentityMismatch {
            expected: "a".to_owned(),
            found: "b".to_owned(),
        },
        ImageError::Decode {
            source: Box::new(Outer {
                source: "the inner cause".into(),
            }),
        },
    ]
}

#[derive(Debug, Error)]
#[error("the outer cause")]
struct Outer {
    source: Box<dyn StdError + Send + Sync>,
}

/// Every variant that has data.
///
/// `VmError` may grow, so that no `match` here can break the build when it does; `CODES` is checked against this list instead.
fn errors() -> Vec<VmError> {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let name = || "x\n\"y".to_owned();
    let mut all = vec![
        VmError::NotFound { id: id() },
        VmError::AlreadyExists { id: id() },
        VmError::AtpExceeded {
            asked: AtpPercent::FULL,
            free: AtpPercent::from_hundredths(1).expect("within 100%"),
        },
        VmError::RibosomesExceeded {
            asked: RibosomeCount::new(1),
            free: RibosomeCount::new(2),
            capacity: RibosomeCount::new(u32::MAX),
        },
        VmError::AtpAboveLimit {
            asked: AtpPercent::FULL,
            limit: AtpPercent::ZERO,
        },
        VmError::RibosomesAboveLimit {
            asked: RibosomeCount::new(1),
            limit: RibosomeCount::new(2),
        },
        VmError::UnknownGene {
            name: name(),
            nearest: names(&["dnaA", "dnaN"]),
        },
        VmError::UnknownGene {
            name: name(),
            nearest: Vec::new(),
        },
        VmError::UnknownOperon {
            name: name(),
            nearest: names(&["lacZYA"]),
        },
        VmError::UnknownInducer {
            name: "IPGT".to_owned(),
            known: names(&["IPTG", "arabinose"]),
        },
        VmError::UnknownMedium {
            name: name(),
            known: names(&["rich"]),
        },
        VmError::NotExpressed {
            gene: GeneId::new("dnaA").expect("a gene id"),
            reason: "it is a pseudogene".to_owned(),
        },
        VmError::WorkerPanicked {
            id: id(),
            message: "left != right\n  left: 1".to_owned(),
        },
        VmError::Cancelled,
    ];
    for from in VmState::ALL {
        all.extend(VmEvent::ALL.map(|event| VmError::from(IllegalTransition { from, event })));
        all.extend(
            ["advance", "run a process", "run a batch"].map(|operation| VmError::NotRunning {
                id: id(),
                state: from,
                operation,
            }),
        );
    }
    for organism in Organism::ALL {
        all.extend(Operation::ALL.map(|operation| VmError::Unsupported {
            organism,
            operation,
        }));
    }
    all.extend(images().into_iter().map(VmError::Image));
    all
}

#[test]
fn every_error_comes_back_as_the_same_error() {
    let mut codes = vec!["backend", "bad_request"];
    for error in errors() {
        let refusal = sent(Refusal::new(&error));
        assert_eq!(refusal.message(), error.to_string());
        assert_eq!(refusal.hint(), error.hint().as_deref());
        codes.push(refusal.code());
        let back = VmError::from(refusal);
        assert_eq!(
            std::mem::discriminant(&back),
            std::mem::discriminant(&error)
        );
        assert_eq!(chain(&back), chain(&error));
        assert_eq!(back.hint(), error.hint());
        if let VmError::Image(ImageError::Decode { .. }) = error {
            // A source is a box of anything: its type does not travel, its words do.
            continue;
        }
        assert_eq!(format!("{back:?}"), format!("{error:?}"));
    }
    codes.sort_unstable();
    codes.dedup();
    let mut known = CODES.to_vec();
    known.sort_unstable();
    assert_eq!(codes, known);
}

#[test]
fn every_code_is_on_the_page_with_its_data() {
    #[track_caller]
    fn check(word: &str, data: &serde_json::Value) {
        let named = row(word);
        for field in data.as_object().into_iter().flat_map(|data| data.keys()) {
            assert!(named.contains(&format!("`{field}`")), "{named}: {field}");
        }
    }
    for code in CODES {
        check(code, &serde_json::Value::Null);
    }
    for error in errors() {
        let refused = Answer::Refused(Refusal::new(&error)).encode();
        let json = refused.expect("short").json;
        let answer: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        let (code, data) = (&answer["value"]["code"], &answer["value"]["data"]);
        let code = code.as_str().expect("a word");
        match (code, data) {
            ("image", serde_json::Value::String(word)) => check(word, data),
            ("image", serde_json::Value::Object(fault)) => {
                fault.iter().for_each(|(word, data)| check(word, data));
            }
            _ => check(code, data),
        }
    }
}

#[test]
fn what_failed_below_a_vm_is_told_with_its_causes_and_its_advice() {
    let error = VmError::Backend {
        context: "the package cannot be installed",
        source: Box::new(Outer {
            source: "the inner\u{1b}[31m cause".into(),
        }),
    };
    let refusal = sent(Refusal::new(&error).or_hint(Some("remove gfp first")));
    assert_eq!(refusal.code(), "backend");
    let back = VmError::from(refusal);
    assert_eq!(
        chain(&back),
        [
            "the agent could not do it",
            "the package cannot be installed",
            "the outer cause",
            "the inner [31m cause",
        ]
    );
    let VmError::Backend { source, .. } = back else {
        panic!("{back:?}");
    };
    let told = source.downcast_ref::<super::Refused>();
    let hint = told.and_then(super::Refused::hint);
    assert_eq!(hint, Some("remove gfp first"));
}

#[test]
fn advice_that_is_there_is_kept() {
    let refusal = Refusal::new(&VmError::NotFound { id: id() }).or_hint(Some("other"));
    assert_eq!(refusal.hint(), Some("list the VMs to see their names"));
    let refusal = Refusal::new(&VmError::Cancelled).or_hint(None);
    assert_eq!(refusal.hint(), None);
}

#[test]
fn a_request_that_was_not_understood_says_so() {
    let json = br#"{"verb":"strat"}"#.to_vec();
    let body = Vec::new();
    let error = Request::decode(Message { json, body }).expect_err("not a verb");
    let back = VmError::from(sent(Refusal::bad_request(&error)));
    assert_eq!(
        chain(&back),
        [
            "the agent did not understand the request",
            "unknown verb \"strat\""
        ]
    );
}

#[test]
fn what_only_a_newer_agent_says_is_kept_in_words() {
    let read = |json: &str| {
        let json = json.as_bytes().to_vec();
        let body = Vec::new();
        match Answer::decode(Message { json, body }) {
            Ok(Answer::Refused(refusal)) => Ok(VmError::from(refusal)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(chain(&error)),
        }
    };
    let newer = read(
        r#"{"answer":"refused","value":{"code":"too_hot","data":{"celsius":90},"message":"the host is hot","hint":"wait","causes":["a fan stopped"]}}"#,
    );
    assert_eq!(
        chain(&newer.expect("a refusal")),
        [
            "the agent could not do it",
            "the host is hot",
            "a fan stopped"
        ]
    );
    let operation = read(
        r#"{"answer":"refused","value":{"code":"not_running","data":{"id":"a","state":"paused","operation":"dance","later":1},"message":"","hint":null,"causes":[]}}"#,
    );
    assert_eq!(
        operation.expect("a refusal").to_string(),
        "cannot do that on VM \"a\", which is in state paused"
    );
    let wrong = read(
        r#"{"answer":"refused","value":{"code":"not_found","data":{"id":"a/b"},"message":"","hint":null,"causes":[]}}"#,
    );
    let told = wrong.expect_err("not a VM id").join(": ");
    assert!(told.contains("VM id \"a/b\" contains '/'"), "{told}");
}

#[test]
fn endless_texts_are_cut() {
    let long = "ü".repeat(1 << 20);
    let refusal = sent(Refusal::new(&VmError::WorkerPanicked {
        id: id(),
        message: long,
    }));
    assert!(refusal.message().len() <= 64 << 10);
}

proptest! {
    #[test]
    fn any_text_travels(name in text(), cause in text(), code in any::<u32>()) {
        let gene = VmError::UnknownGene { name: name.clone(), nearest: vec![cause.clone()] };
        let back = VmError::from(sent(Refusal::new(&gene)));
        prop_assert_eq!(format!("{back:?}"), format!("{gene:?}"));
        let error = VmError::Image(ImageError::Corrupt { expected: code, found: code });
        let back = VmError::from(sent(Refusal::new(&error)));
        prop_assert_eq!(format!("{back:?}"), format!("{error:?}"));
    }
}
