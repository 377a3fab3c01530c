use std::time::Duration;

use bioxen_core::CancelToken;

use super::script::{Answer, Call, Script, broken, chain, failure, record, set, text};
use crate::https::{Reach, TransportErrorKind};
use crate::value::{Ref, Vm};
use crate::xapi::Xapi;

fn vm() -> Ref<Vm> {
    Ref::new("OpaqueRef:vm").expect("it names something")
}

/// A task, as XML inside of `<value>`.
fn task(status: &str, result: &str, error: &[&str]) -> String {
    record(&[
        ("status", status),
        ("progress", "<double>0.5</double>"),
        ("type", "&lt;none/&gt;"),
        ("result", result),
        ("error_info", &set(error)),
    ])
}

fn pending() -> Option<Answer> {
    text(task("pending", "", &[]))
}

fn success() -> Option<Answer> {
    text(task(
        "success",
        "&lt;value&gt;OpaqueRef:clone&lt;/value&gt;",
        &[],
    ))
}

/// A pool whose task is told by `look`; the start of it works.
fn pool(
    mut look: impl FnMut(&Call) -> Option<Answer> + Send + 'static,
) -> impl FnMut(&Call) -> Option<Answer> + Send + 'static {
    move |call| match call.method.as_str() {
        "Async.VM.clone" | "Async.VM.hard_shutdown" => {
            look(call).or_else(|| text("OpaqueRef:task"))
        }
        _ => look(call),
    }
}

struct Met {
    script: Script,
    got: String,
    took: Duration,
}

impl Met {
    /// Calls that begin with `task.`.
    fn of_task(&self) -> String {
        let words: Vec<String> = self
            .script
            .calls()
            .into_iter()
            .filter_map(|call| call.method.strip_prefix("task.").map(str::to_owned))
            .collect();
        words.join(" ")
    }

    fn count(&self, method: &str) -> usize {
        self.script.count(method)
    }
}

fn clone_within(
    limit: Duration,
    token: &CancelToken,
    look: impl FnMut(&Call) -> Option<Answer> + Send + 'static,
) -> Met {
    let script = Script::new(pool(look));
    let xapi = script.connect();
    let begin = script.now();
    let bounds = xapi.bounds("the whole", limit, token);
    let got = match xapi.clone_vm(&vm(), "cell", bounds) {
        Ok(clone) => clone.to_string(),
        Err(error) => chain(&error),
    };
    let took = script.now() - begin;
    Met { script, got, took }
}

fn clone(look: impl FnMut(&Call) -> Option<Answer> + Send + 'static) -> Met {
    clone_within(Duration::from_secs(3_600), &CancelToken::new(), look)
}

fn looks(list: Vec<Option<Answer>>) -> impl FnMut(&Call) -> Option<Answer> + Send + 'static {
    move |call| match call.method.as_str() {
        "task.get_record" => list.get(call.earlier).or(list.last()).cloned().flatten(),
        _ => None,
    }
}

#[test]
fn a_task_is_followed_to_its_end_and_removed() {
    let met = clone(looks(vec![pending(), pending(), success()]));
    assert_eq!(met.got, "OpaqueRef:clone");
    assert_eq!(met.of_task(), "get_record get_record get_record destroy");
    let start = met
        .script
        .calls()
        .into_iter()
        .find(|call| call.method == "Async.VM.clone");
    assert_eq!(
        start.expect("it was called").params,
        ["OpaqueRef:vm", "cell"]
    );
}

#[test]
fn results_come_in_several_forms() {
    for (result, got) in [
        (
            "&lt;value&gt;OpaqueRef:clone&lt;/value&gt;",
            "OpaqueRef:clone",
        ),
        (
            "&lt;value&gt;&lt;string&gt;OpaqueRef:clone&lt;/string&gt;&lt;/value&gt;",
            "OpaqueRef:clone",
        ),
        (
            "",
            "the outcome of VM.clone is unknown: VM.clone gave something unexpected: the answer should be a reference and is the reference of nothing",
        ),
        (
            "&lt;value&gt;&lt;/value&gt;",
            "the outcome of VM.clone is unknown: VM.clone gave something unexpected: the answer should be a reference and is the reference of nothing",
        ),
        (
            "OpaqueRef:clone",
            "the outcome of VM.clone is unknown: the answer to VM.clone cannot be read: the answer is not XML-RPC",
        ),
    ] {
        let met = clone(looks(vec![text(task("success", result, &[]))]));
        assert_eq!(met.got, got);
        assert_eq!(met.of_task(), "get_record destroy");
    }
    for result in ["", "&lt;value&gt;&lt;/value&gt;", "&lt;value/&gt;"] {
        let script = Script::new(pool(looks(vec![text(task("success", result, &[]))])));
        let xapi = script.connect();
        let done = super::script::soon(&xapi, |bounds| xapi.hard_shutdown_vm(&vm(), bounds));
        done.expect("nothing is the result");
    }
}

#[test]
fn a_task_that_fails_says_why() {
    let met = clone(looks(vec![
        pending(),
        text(task("failure", "", &["SR_FULL", "1", "2"])),
    ]));
    assert_eq!(met.got, "VM.clone was refused: XAPI answered SR_FULL: 1, 2");
    assert_eq!(met.of_task(), "get_record get_record destroy");
    let met = clone(looks(vec![text(task("failure", "", &[]))]));
    assert_eq!(
        met.got,
        "VM.clone was refused: XAPI answered a failure without a code"
    );
    let met = clone(looks(vec![text(task("cancelled", "", &[]))]));
    assert_eq!(
        met.got,
        "VM.clone was refused: XAPI answered TASK_CANCELLED"
    );
    let met = clone(|call| match call.method.as_str() {
        "Async.VM.clone" => failure("VM_BAD_POWER_STATE r halted running"),
        _ => None,
    });
    assert_eq!(
        met.got,
        "Async.VM.clone was refused: XAPI answered VM_BAD_POWER_STATE: r, halted, running"
    );
    assert_eq!(met.of_task(), "");
}

#[test]
fn a_long_task_is_not_looked_at_more_than_needed() {
    let met = clone(move |call| match call.method.as_str() {
        "task.get_record" if call.earlier < 100 => pending(),
        "task.get_record" => success(),
        _ => None,
    });
    assert_eq!(met.got, "OpaqueRef:clone");
    assert!(
        met.took > Duration::from_secs(190) && met.took < Duration::from_secs(205),
        "{:?}",
        met.took
    );
    // A short one is seen soon.
    let met = clone(looks(vec![success()]));
    assert_eq!(met.took, Duration::from_millis(25));
}

#[test]
fn a_task_for_ever_is_asked_to_end_before_the_limit() {
    let met = clone(looks(vec![pending()]));
    assert_eq!(
        met.got,
        "the outcome of VM.clone is unknown: the clone was not over after 600 s"
    );
    assert!(met.took <= Duration::from_secs(600), "{:?}", met.took);
    assert_eq!(met.count("task.cancel"), 1);
    assert!(met.of_task().ends_with("get_record destroy"));

    let met = clone(|call| match call.method.as_str() {
        "task.get_record" => match call.earlier {
            0..400 => pending(),
            _ => text(task("cancelled", "", &["TASK_CANCELLED", "r"])),
        },
        _ => None,
    });
    assert_eq!(met.got, "the clone was not over after 600 s");
    assert_eq!(met.count("task.destroy"), 1);
}

#[test]
fn the_limit_of_the_whole_is_the_limit_of_the_task() {
    let limit = Duration::from_secs(10);
    let met = clone_within(limit, &CancelToken::new(), looks(vec![pending()]));
    assert_eq!(
        met.got,
        "the outcome of VM.clone is unknown: the whole was not over after 10 s"
    );
    assert!(met.took <= limit, "{:?}", met.took);
    assert_eq!(met.of_task().matches("cancel").count(), 1);
    assert!(met.of_task().ends_with("destroy"));
}

/// After the task is asked to end, it says this.
#[track_caller]
fn check_late(end: Option<Answer>, got: &str) {
    let mut asked = false;
    let met = clone_within(
        Duration::from_secs(10),
        &CancelToken::new(),
        move |call| match call.method.as_str() {
            "task.cancel" => {
                asked = true;
                None
            }
            "task.get_record" if asked => end.clone(),
            "task.get_record" => pending(),
            _ => None,
        },
    );
    assert_eq!(met.got, got);
    assert!(met.took <= Duration::from_secs(10), "{:?}", met.took);
}

#[test]
fn what_a_task_says_at_its_end_counts() {
    check_late(success(), "OpaqueRef:clone");
    check_late(
        text(task("cancelled", "", &["TASK_CANCELLED", "r"])),
        "the whole was not over after 10 s",
    );
    check_late(
        text(task("failure", "", &["SR_FULL"])),
        "VM.clone was refused: XAPI answered SR_FULL",
    );
    check_late(
        text(task("cancelling", "", &[])),
        "the outcome of VM.clone is unknown: the whole was not over after 10 s",
    );
    check_late(
        failure("HANDLE_INVALID task r"),
        "the outcome of VM.clone is unknown: the whole was not over after 10 s",
    );
    check_late(
        Some(Answer::Silence),
        "the outcome of VM.clone is unknown: the whole was not over after 10 s",
    );
}

#[test]
fn a_raised_token_ends_a_task_within_a_second() {
    for (end, got) in [
        (
            pending(),
            "the outcome of VM.clone is unknown: it was called off",
        ),
        (
            text(task("cancelled", "", &["TASK_CANCELLED"])),
            "it was called off",
        ),
        (success(), "OpaqueRef:clone"),
        (
            Some(Answer::Silence),
            "the outcome of VM.clone is unknown: it was called off",
        ),
    ] {
        let token = CancelToken::new();
        let raised = token.clone();
        let met = clone_within(Duration::from_secs(3_600), &token, move |call| {
            match call.method.as_str() {
                "task.get_record" if call.earlier == 3 => {
                    raised.cancel();
                    pending()
                }
                "task.get_record" if call.earlier < 3 => pending(),
                "task.get_record" => end.clone(),
                _ => None,
            }
        });
        assert_eq!(met.got, got);
        // The looks before took 0.2 + 0.3 + 0.45 + 0.675 s.
        assert!(
            met.took < Duration::from_millis(1_625 + 1_000),
            "{:?}",
            met.took
        );
        assert_eq!(met.count("task.cancel"), 1);
    }
}

#[test]
fn a_task_that_is_lost_is_an_outcome_that_is_unknown() {
    let met = clone(looks(vec![pending(), failure("HANDLE_INVALID task r")]));
    assert_eq!(
        met.got,
        "the outcome of VM.clone is unknown: the server no longer knows of the operation"
    );
    assert_eq!(met.of_task(), "get_record get_record");
    let met = clone(|call| match call.method.as_str() {
        "Async.VM.clone" => broken(TransportErrorKind::Reset, Reach::Unknown),
        _ => None,
    });
    assert_eq!(
        met.got,
        "the outcome of Async.VM.clone is unknown: Async.VM.clone got no answer: the connection broke"
    );
    assert_eq!(met.count("Async.VM.clone"), 1);
    let met = clone(|call| match call.method.as_str() {
        "Async.VM.clone" => text("OpaqueRef:NULL"),
        _ => None,
    });
    assert!(
        met.got.starts_with("the outcome of VM.clone is unknown: "),
        "{}",
        met.got
    );
}

#[test]
fn a_broken_line_does_not_end_a_task() {
    let met = clone(|call| match call.method.as_str() {
        "task.get_record" if call.earlier < 7 => broken(TransportErrorKind::Reset, Reach::Unknown),
        "task.get_record" => success(),
        _ => None,
    });
    assert_eq!(met.got, "OpaqueRef:clone");
    assert!(met.of_task().ends_with("get_record destroy"));
    assert_eq!(met.count("task.cancel"), 0);
}

#[test]
fn a_session_that_ends_meanwhile_does_not_end_a_task() {
    let met = clone(|call| match call.method.as_str() {
        "task.get_record" if call.session.ends_with("-1") => failure("SESSION_INVALID r"),
        "task.get_record" => success(),
        _ => None,
    });
    assert_eq!(met.got, "OpaqueRef:clone");
    assert_eq!(met.count("Async.VM.clone"), 1);
}

#[test]
fn a_task_that_cannot_be_removed_is_left() {
    for destroy in [
        failure("HANDLE_INVALID task r"),
        failure("SOMETHING_NEW"),
        Some(Answer::Silence),
    ] {
        let met = clone(move |call| match call.method.as_str() {
            "task.get_record" => success(),
            "task.destroy" => destroy.clone(),
            _ => None,
        });
        assert_eq!(met.got, "OpaqueRef:clone");
        assert!(met.took <= Duration::from_secs(6), "{:?}", met.took);
    }
}

#[test]
fn a_task_is_removed_when_a_panic_passes() {
    let script = Script::new(pool(|call| match call.method.as_str() {
        "task.get_record" if call.earlier == 1 => panic!("a bug of the test"),
        "task.get_record" => pending(),
        _ => None,
    }));
    let xapi: Xapi = script.connect();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let token = CancelToken::new();
        let bounds = xapi.bounds("the whole", Duration::from_secs(60), &token);
        xapi.clone_vm(&vm(), "cell", bounds)
    }));
    assert!(caught.is_err());
    assert_eq!(script.count("task.destroy"), 1);
}
