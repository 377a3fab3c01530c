//! How programs end: values, errors, wall time, cancellation, panics.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{
    CancelToken, Clock, ProcessCode, ProcessFailureKind as Kind, ProcessLimits, ProcessReport,
};

use super::{Ticking, check, fails, limits, newborn, run, run_on};
use crate::package::Packages;

#[test]
fn values_become_json() {
    check("1 + 1", "2");
    check(
        "[1.0, float('nan'), float('inf'), True, None]",
        "[1.0,null,null,true,null]",
    );
    check(
        "{'a': (1, 'x\"y'), 'b': struct(c = 2)}",
        r#"{"a":[1,"x\"y"],"b":{"c":2}}"#,
    );
    check(
        "{1: 'one', 2.5: 'more', True: 'yes'}",
        r#"{"1":"one","2.5":"more","True":"yes"}"#,
    );
    check("set([1, 2])", "[1,2]");
    check("range(3)", "[0,1,2]");
    check(
        "[1 << 62, (1 << 62) + (1 << 62)]",
        "[4611686018427387904,9223372036854775808]",
    );
    check(
        "[2 * 3, 2.5 * 2, 'ab' * 2, 2 * [1], (1,) * 2]",
        r#"[6,5.0,"abab",[1,1],[1,1]]"#,
    );
    assert_eq!(run("x = 1").result_json, None);
}

#[test]
fn prints_go_to_stdout() {
    let report = run("for i in range(3):\n    print('line', i)\n");
    assert_eq!(report.stdout, "line 0\nline 1\nline 2\n");
    assert_eq!((report.success, report.stderr.as_str()), (true, ""));
    assert!(report.steps >= 3);
}

#[test]
fn annotated_functions_and_f_strings_are_accepted() {
    check(
        "def twice(x: int) -> int:\n    return 2 * x\nn = twice(2)\nf'{n} genes'",
        "\"4 genes\"",
    );
}

#[test]
fn errors_say_where_they_are() {
    let report = fails(
        "def read(name):\n    advance(1)\n    return counts([name])\n\nread('dnaZ')\n",
        Kind::UnknownGene,
        "the cell has no gene, pool or machine named \"dnaZ\"",
    );
    assert_eq!(report.failure.and_then(|failure| failure.line), Some(3));
    assert_eq!(
        report.stderr,
        "Traceback (most recent call last):\n  \
         * probe.star:5, in <module>\n      read('dnaZ')\n  \
         * probe.star:3, in read\n      return counts([name])\n\
         error: the cell has no gene, pool or machine named \"dnaZ\"\n \
         --> probe.star:3:12\n  |\n3 |     return counts([name])\n  |            ^^^^^^^^^^^^^^\n  |\n\
         hint: did you mean dnaA or dnaB or dnaC?\n"
    );
    assert_eq!(
        report.ended_at.seconds(),
        1.0,
        "the cell is where the failing call left it"
    );
}

#[test]
fn errors_of_the_language_have_a_kind() {
    let report = run("x = = 1");
    let failure = report.failure.expect("no program");
    assert_eq!((failure.kind, failure.line), (Kind::Syntax, Some(1)));
    assert!(report.stderr.contains("probe.star:1"), "{}", report.stderr);
    fails("fail('no')", Kind::Runtime, "fail: no");
    fails(
        "no_such_call(1)",
        Kind::Runtime,
        "Variable `no_such_call` not found",
    );
    fails(
        "lambda: 1",
        Kind::Runtime,
        "the result cannot be written as JSON: a value of type function has no JSON form",
    );
    fails(
        "{(1, 2): 1}",
        Kind::Runtime,
        "the result cannot be written as JSON: a key of type tuple has no JSON form",
    );
    fails(
        "load('growth', 'doubling_time')",
        Kind::UnknownPackage,
        "package \"growth\" is not installed in this VM",
    );
}

#[test]
fn a_panic_of_the_interpreter_is_a_failure_and_keeps_the_cell() {
    let (cell, report) = run_on(newborn(), "advance(2)\n__panic__(False)", &limits());
    let failure = report.failure.expect("it panicked");
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (Kind::Runtime, "the process panicked: injected")
    );
    let (cell, report) = run_on(cell, "advance(2)", &limits());
    assert!(report.success);
    assert_eq!(cell.time().seconds(), 4.0);
}

#[test]
fn a_panic_of_the_cell_is_the_panic_of_its_vm() {
    let run = || run_on(newborn(), "__panic__(True)", &limits());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
        .expect_err("there is no whole cell");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"injected\nmore"));
}

#[test]
fn wall_time_ends_a_program() {
    let limits = ProcessLimits {
        wall: Duration::from_millis(50),
        ..ProcessLimits::default()
    };
    for source in [
        "for i in range(10000000):\n    i + 1\n",
        "[i for i in range(10000000)]",
        "advance(1000000)",
    ] {
        let code = ProcessCode::new("probe.star", source).expect("a program");
        let clock: Arc<dyn Clock> = Arc::new(Ticking::default());
        let (cell, report) = super::super::run(
            newborn(),
            &Packages::new(),
            &code,
            &limits,
            &clock,
            &CancelToken::new(),
            None,
        );
        let failure = report.failure.expect("it takes longer");
        let line = if source.contains('\n') { 2 } else { 1 };
        assert_eq!(
            (failure.kind, failure.line),
            (Kind::TimeLimit, Some(line)),
            "{source}"
        );
        assert_eq!(failure.message, "the process ran longer than 0.05 s");
        assert_eq!(cell.time(), report.ended_at);
    }
}

#[test]
fn a_cancelled_program_ends() {
    let cancelled = |source: &str| -> ProcessReport {
        let code = ProcessCode::new("probe.star", source).expect("a program");
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new());
        let cancel = CancelToken::new();
        cancel.cancel();
        super::super::run(
            newborn(),
            &Packages::new(),
            &code,
            &ProcessLimits::default(),
            &clock,
            &cancel,
            None,
        )
        .1
    };
    for source in ["advance(1)", "x = 1", "[i for i in range(100000)]"] {
        let failure = cancelled(source).failure.expect("it was cancelled");
        assert_eq!(
            (failure.kind, failure.message.as_str()),
            (Kind::Cancelled, "the process was cancelled"),
            "{source}"
        );
    }
}

/// A clock that raises a cancel token after it was read a number of times.
#[derive(Debug)]
struct Canceller {
    token: CancelToken,
    reads: std::sync::atomic::AtomicU64,
}

impl Clock for Canceller {
    fn now(&self) -> Duration {
        if self
            .reads
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            == 20
        {
            self.token.cancel();
        }
        Duration::ZERO
    }
}

#[test]
fn an_advance_under_way_is_cancelled() {
    let code = ProcessCode::new("probe.star", "advance(100000)").expect("a program");
    let token = CancelToken::new();
    let clock: Arc<dyn Clock> = Arc::new(Canceller {
        token: token.clone(),
        reads: Default::default(),
    });
    let (cell, report) = super::super::run(
        newborn(),
        &Packages::new(),
        &code,
        &ProcessLimits::default(),
        &clock,
        &token,
        None,
    );
    assert_eq!(
        report.failure.map(|failure| failure.kind),
        Some(Kind::Cancelled)
    );
    assert!(
        cell.time().seconds() > 1.0 && cell.time().seconds() < 1000.0,
        "{}",
        cell.time()
    );
}

#[test]
fn tiny_limits_are_limits() {
    let nothing = ProcessLimits {
        wall: Duration::ZERO,
        steps: 0,
        heap_bytes: 0,
        output_bytes: 0,
    };
    let (_, report) = run_on(newborn(), "for i in range(3):\n    print(i)\n", &nothing);
    assert!(report.failure.is_some());
}
