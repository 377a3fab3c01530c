//! How programs end: limits, errors, cancellation.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{CancelToken, Clock, ProcessCode, ProcessFailureKind as Kind, ProcessLimits, ProcessReport};

use super::{Ticking, check, fails, fails_under, newborn, run, run_on};

fn limits() -> ProcessLimits {
    ProcessLimits { steps: 100_000, heap_bytes: 16 << 20, output_bytes: 10_000, ..ProcessLimits::default() }
}

#[test]
fn values_become_json() {
    check("1 + 1", "2");
    check("[1.0, float('nan'), float('inf'), True, None]", "[1.0,null,null,true,null]");
    check("{'a': (1, 'x\"y'), 'b': struct(c = 2)}", r#"{"a":[1,"x\"y"],"b":{"c":2}}"#);
    check("{1: 'one', 2.5: 'more', True: 'yes'}", r#"{"1":"one","2.5":"more","True":"yes"}"#);
    check("set([1, 2])", "[1,2]");
    check("range(3)", "[0,1,2]");
    check("[1 << 62, (1 << 62) + (1 << 62)]", "[4611686018427387904,9223372036854775808]");
    check("[2 * 3, 2.5 * 2, 'ab' * 2, 2 * [1], (1,) * 2]", r#"[6,5.0,"abab",[1,1],[1,1]]"#);
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
    check("def twice(x: int) -> int:\n    return 2 * x\nn = twice(2)\nf'{n} genes'", "\"4 genes\"");
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
    assert_eq!(report.ended_at.seconds(), 1.0, "the cell is where the failing call left it");
}

#[test]
fn errors_of_the_language_have_a_kind() {
    let report = run("x = = 1");
    let failure = report.failure.expect("no program");
    assert_eq!((failure.kind, failure.line), (Kind::Syntax, Some(1)));
    assert!(report.stderr.contains("probe.star:1"), "{}", report.stderr);
    fails("fail('no')", Kind::Runtime, "fail: no");
    fails("no_such_call(1)", Kind::Runtime, "Variable `no_such_call` not found");
    fails("lambda: 1", Kind::Runtime, "the result cannot be written as JSON: a value of type function has no JSON form");
    fails("{(1, 2): 1}", Kind::Runtime, "the result cannot be written as JSON: a key of type tuple has no JSON form");
    fails(
        "load('growth', 'doubling_time')",
        Kind::Unsupported,
        "package \"growth\" cannot be loaded: this version has no packages",
    );
}

#[test]
fn steps_end_a_program() {
    for source in ["for i in range(10000000):\n    pass\n", "def f():\n    for i in range(10000000):\n        pass\nf()"] {
        let report = fails_under(&limits(), source, Kind::StepLimit, "the process took more than 100000 steps");
        assert!((100_001..=101_000).contains(&report.steps), "{}", report.steps);
    }
    let comprehension = "[i for i in range(10000000)]";
    fails_under(&limits(), comprehension, Kind::StepLimit, "the process took more than 100000 steps");
}

#[test]
fn memory_ends_a_program() {
    let limits = ProcessLimits { steps: 10_000_000, heap_bytes: 2 << 20, ..limits() };
    let message = "the values of the process take more than 2097152 bytes";
    for source in [
        "s = 'a'\nfor i in range(60):\n    s += s\n",
        "l = [1]\nfor i in range(60):\n    l.extend(l)\n",
        "l = []\nfor i in range(10000000):\n    l.append([i])\n",
        "d = {}\nfor i in range(10000000):\n    d[i] = i\n",
    ] {
        let report = fails_under(&limits, source, Kind::HeapLimit, message);
        assert_eq!(report.failure.and_then(|failure| failure.line), Some(3));
    }
    // The last value counts too, and tables that are not in the arena.
    fails_under(&limits, "list(range(1000000))", Kind::HeapLimit, message);
    fails_under(&limits, "d = {i: i for i in range(80000)}\nlen(d)", Kind::HeapLimit, message);
}

#[test]
fn single_calls_are_bounded() {
    fails("max(range(2000000000))", Kind::Runtime, "a range of 2000000000 elements is longer than 10000000");
    fails("range(-2000000000, 2000000000)", Kind::Runtime, &format!("a range of {} elements is longer than 10000000", u64::MAX));
    fails("'a' * 1000000000", Kind::Runtime, "a product of 1000000000 elements is longer than 10000000");
    fails("1000000000 * [0]", Kind::Runtime, "a product of 1000000000 elements is longer than 10000000");
    fails("'é' * 6000000", Kind::Runtime, "a product of 12000000 elements is longer than 10000000");
    fails("x = 3\nfor i in range(40):\n    x = x * x\n", Kind::Runtime, "integers beyond 64 bits are not multiplied");
    check("[list(range(5, 0, -2)), 'a' * -1]", "[[5,3,1],\"\"]");
    fails("range(0, 1, 0)", Kind::Runtime, "step of range is 0, and must be another integer");
}

#[test]
fn products_in_place_are_bounded_and_mean_the_same() {
    check("x = 2\nx *= 1 + 2\nt = {'a': [1, 2]}\nt['a'] *= 2\ndef f(n):\n    for i in range(3): n *= (\n        2)\n    return n\n[x, t, f(1)]", "[6,{\"a\":[1,2,1,2]},8]");
    let report = fails("s = 'ab'\ns *= 1000000000", Kind::Runtime, "a product of 2000000000 elements is longer than 10000000");
    assert_eq!(report.failure.and_then(|failure| failure.line), Some(2));
    fails("a = [1]\na[int('0')] *= 2", Kind::Unsupported, "*= is not offered: its target makes a call; give the target a name first");
    let limits = ProcessLimits { heap_bytes: 2 << 20, ..limits() };
    let message = "the values of the process take more than 2097152 bytes";
    for repeated in ["[list(range(100000)) for i in range(999)]", "[[0] * 100000 for i in range(999)]"] {
        fails_under(&limits, repeated, Kind::HeapLimit, message);
    }
}

#[test]
fn a_panic_of_the_interpreter_is_a_failure_and_keeps_the_cell() {
    let (cell, report) = run_on(newborn(), "advance(2)\n__panic__(False)", &limits());
    let failure = report.failure.expect("it panicked");
    assert_eq!((failure.kind, failure.message.as_str()), (Kind::Runtime, "the process panicked: injected"));
    let (cell, report) = run_on(cell, "advance(2)", &limits());
    assert!(report.success);
    assert_eq!(cell.time().seconds(), 4.0);
}

#[test]
fn a_panic_of_the_cell_is_the_panic_of_its_vm() {
    let run = || run_on(newborn(), "__panic__(True)", &limits());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).expect_err("there is no whole cell");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"injected\nmore"));
}

#[test]
fn output_ends_a_program() {
    let message = "the process gave out more than 10000 bytes";
    let report = fails_under(&limits(), "for i in range(1000):\n    print('x' * 99)\n", Kind::OutputLimit, message);
    assert_eq!(report.stdout.len(), 10_000);
    fails_under(&limits(), "'x' * 10000", Kind::OutputLimit, message);
    fails_under(&limits(), "print('x' * 6000)\n'x' * 6000", Kind::OutputLimit, message);
    fails_under(&limits(), "a = [0]\nfor i in range(60):\n    a = [a, a]\na", Kind::OutputLimit, message);
    fails(
        "x = []\nx.append(x)\nx",
        Kind::OutputLimit,
        "the result nests deeper than 100 levels, or holds itself",
    );
}

#[test]
fn depth_ends_a_program() {
    let message = "calls nest deeper than 200 levels";
    for source in [
        "def f(n):\n    return f(n + 1)\nf(0)",
        "def f(n):\n    return max([n, n], key = lambda x: f(n + 1))\nf(0)",
        "def f():\n    return advance_until(f, 5)\nf()",
    ] {
        let report = fails(source, Kind::Runtime, message);
        assert!(report.stderr.contains("hint: use a loop instead of recursion"), "{}", report.stderr);
    }
    check("def f(n):\n    return n if n == 150 else f(n + 1)\nf(0)", "150");
}

#[test]
fn a_source_nests_only_so_deep() {
    let wrap = |open: &str, n: usize, close: &str| format!("x = 1\ny = {}1{}", open.repeat(n), close.repeat(n));
    for source in [
        wrap("(", 100_000, ")"),
        wrap("[", 1_000, "]"),
        wrap("not ", 1_000, ""),
        wrap("-", 1_000, ""),
        wrap("", 1_000, " + 1"),
        wrap("lambda: ", 1_000, ""),
        wrap("1 if 1 else ", 1_000, ""),
        wrap("", 1_000, "[0]"),
        wrap("", 1_000, ".a"),
    ] {
        let report = fails(&source, Kind::Syntax, "the source nests deeper than 1000 levels in line 2");
        assert_eq!(report.failure.and_then(|failure| failure.line), Some(2));
    }
    let chain = format!("if 1:\n    pass\n{}", "elif 2:\n    pass\n".repeat(1_000));
    fails(&chain, Kind::Syntax, "the source nests deeper than 1000 levels in line 1998");
}

#[test]
fn deep_and_long_sources_run() {
    let wrap = |open: &str, n: usize, close: &str| format!("{}1{}", open.repeat(n), close.repeat(n));
    for source in [wrap("(", 900, ")"), wrap("not ", 900, ""), wrap("", 900, " + 1"), wrap("1 if 1 else ", 400, "")] {
        let report = run(&source);
        assert!(report.success, "{}", report.stderr);
    }
    let chain = format!("if 0:\n    pass\n{}", "elif 0:\n    pass\n".repeat(900));
    assert!(run(&chain).success);
    let long = format!("x = [{}]\nlen(x)", "-1, ".repeat(20_000));
    check(&long, "20000");
    check(&format!("{}len('''{}''')", "x = 1 + 2 # ((((\n".repeat(2_000), "(".repeat(2_000)), "2000");
}

#[test]
fn wall_time_ends_a_program() {
    let limits = ProcessLimits { wall: Duration::from_millis(50), ..ProcessLimits::default() };
    for source in ["for i in range(10000000):\n    i + 1\n", "[i for i in range(10000000)]", "advance(1000000)"] {
        let code = ProcessCode::new("probe.star", source).expect("a program");
        let clock: Arc<dyn Clock> = Arc::new(Ticking::default());
        let (cell, report) = super::super::run(newborn(), &code, &limits, &clock, &CancelToken::new());
        let failure = report.failure.expect("it takes longer");
        let line = if source.contains('\n') { 2 } else { 1 };
        assert_eq!((failure.kind, failure.line), (Kind::TimeLimit, Some(line)), "{source}");
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
        super::super::run(newborn(), &code, &ProcessLimits::default(), &clock, &cancel).1
    };
    for source in ["advance(1)", "x = 1", "[i for i in range(100000)]"] {
        let failure = cancelled(source).failure.expect("it was cancelled");
        assert_eq!((failure.kind, failure.message.as_str()), (Kind::Cancelled, "the process was cancelled"), "{source}");
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
        if self.reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 20 {
            self.token.cancel();
        }
        Duration::ZERO
    }
}

#[test]
fn an_advance_under_way_is_cancelled() {
    let code = ProcessCode::new("probe.star", "advance(100000)").expect("a program");
    let token = CancelToken::new();
    let clock: Arc<dyn Clock> = Arc::new(Canceller { token: token.clone(), reads: Default::default() });
    let (cell, report) = super::super::run(newborn(), &code, &ProcessLimits::default(), &clock, &token);
    assert_eq!(report.failure.map(|failure| failure.kind), Some(Kind::Cancelled));
    assert!(cell.time().seconds() > 1.0 && cell.time().seconds() < 1000.0, "{}", cell.time());
}

#[test]
fn tiny_limits_are_limits() {
    let nothing = ProcessLimits { wall: Duration::ZERO, steps: 0, heap_bytes: 0, output_bytes: 0 };
    let (_, report) = run_on(newborn(), "for i in range(3):\n    print(i)\n", &nothing);
    assert!(report.failure.is_some());
}
