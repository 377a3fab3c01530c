//! What a program may use, and how it ends when it asks for more.

use bioxen_core::{ProcessFailureKind as Kind, ProcessLimits};

use super::{check, fails, fails_under, limits, run};

#[test]
fn steps_end_a_program() {
    for source in [
        "for i in range(10000000):\n    pass\n",
        "def f():\n    for i in range(10000000):\n        pass\nf()",
    ] {
        let report = fails_under(
            &limits(),
            source,
            Kind::StepLimit,
            "the process took more than 100000 steps",
        );
        assert!(
            (100_001..=101_000).contains(&report.steps),
            "{}",
            report.steps
        );
    }
    let comprehension = "[i for i in range(10000000)]";
    fails_under(
        &limits(),
        comprehension,
        Kind::StepLimit,
        "the process took more than 100000 steps",
    );
}

#[test]
fn memory_ends_a_program() {
    let limits = ProcessLimits {
        steps: 10_000_000,
        heap_bytes: 1 << 20,
        ..limits()
    };
    let message = "the values of the process take more than 1048576 bytes";
    for source in [
        "s = 'a'\nfor i in range(60):\n    s += s\n",
        "l = [1]\nfor i in range(60):\n    l.extend(l)\n",
        "l = []\nfor i in range(10000000):\n    l.append([i])\n",
        "d = {}\nfor i in range(10000000):\n    d[i] = i\n",
    ] {
        let report = fails_under(&limits, source, Kind::HeapLimit, message);
        assert_eq!(report.failure.and_then(|failure| failure.line), Some(3));
    }
}

#[test]
fn the_last_value_counts_and_so_do_tables() {
    let limits = ProcessLimits {
        heap_bytes: 1 << 20,
        ..limits()
    };
    let message = "the values of the process take more than 1048576 bytes";
    fails_under(&limits, "list(range(500000))", Kind::HeapLimit, message);
    fails_under(
        &limits,
        "d = {i: i for i in range(40000)}\nlen(d)",
        Kind::HeapLimit,
        message,
    );
}

#[test]
fn single_calls_are_bounded() {
    fails(
        "max(range(2000000000))",
        Kind::Runtime,
        "a range of 2000000000 elements is longer than 10000000",
    );
    fails(
        "range(-2000000000, 2000000000)",
        Kind::Runtime,
        &format!("a range of {} elements is longer than 10000000", u64::MAX),
    );
    fails(
        "'a' * 1000000000",
        Kind::Runtime,
        "a product of 1000000000 elements is longer than 10000000",
    );
    fails(
        "1000000000 * [0]",
        Kind::Runtime,
        "a product of 1000000000 elements is longer than 10000000",
    );
    fails(
        "'é' * 6000000",
        Kind::Runtime,
        "a product of 12000000 elements is longer than 10000000",
    );
    fails(
        "x = 3\nfor i in range(40):\n    x = x * x\n",
        Kind::Runtime,
        "integers beyond 64 bits are not multiplied",
    );
    check("[list(range(5, 0, -2)), 'a' * -1]", "[[5,3,1],\"\"]");
    fails(
        "range(0, 1, 0)",
        Kind::Runtime,
        "step of range is 0, and must be another integer",
    );
}

#[test]
fn products_in_place_are_bounded_and_mean_the_same() {
    check(
        "x = 2; x *= 3; x *= 4 # twice\nt = {'*=': 1}; t['*='] *= 5\n[x, t]",
        "[24,{\"*=\":5}]",
    );
    check(
        "x = 2\nx *= 1 + 2\nt = {'a': [1, 2]}\nt['a'] *= 2\ndef f(n):\n    for i in range(3): n *= (\n        2)\n    return n\n[x, t, f(1)]",
        "[6,{\"a\":[1,2,1,2]},8]",
    );
    let report = fails(
        "s = 'ab'\ns *= 1000000000",
        Kind::Runtime,
        "a product of 2000000000 elements is longer than 10000000",
    );
    assert_eq!(report.failure.and_then(|failure| failure.line), Some(2));
    fails(
        "a = [1]\na[int('0')] *= 2",
        Kind::Unsupported,
        "*= is not offered: its target makes a call; give the target a name first",
    );
    let limits = ProcessLimits {
        heap_bytes: 1 << 20,
        ..limits()
    };
    let message = "the values of the process take more than 1048576 bytes";
    for repeated in [
        "[list(range(100000)) for i in range(999)]",
        "[[0] * 100000 for i in range(999)]",
    ] {
        fails_under(&limits, repeated, Kind::HeapLimit, message);
    }
}

#[test]
fn output_ends_a_program() {
    let message = "the process gave out more than 10000 bytes";
    let report = fails_under(
        &limits(),
        "for i in range(1000):\n    print('x' * 99)\n",
        Kind::OutputLimit,
        message,
    );
    assert_eq!(report.stdout.len(), 10_000);
    fails_under(&limits(), "'x' * 10000", Kind::OutputLimit, message);
    fails_under(
        &limits(),
        "print('x' * 6000)\n'x' * 6000",
        Kind::OutputLimit,
        message,
    );
    fails_under(
        &limits(),
        "a = [0]\nfor i in range(60):\n    a = [a, a]\na",
        Kind::OutputLimit,
        message,
    );
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
        assert!(
            report
                .stderr
                .contains("hint: use a loop instead of recursion"),
            "{}",
            report.stderr
        );
    }
    check(
        "def f(n):\n    return n if n == 150 else f(n + 1)\nf(0)",
        "150",
    );
}

#[test]
fn a_source_nests_only_so_deep() {
    let wrap = |open: &str, n: usize, close: &str| {
        format!("x = 1\ny = {}1{}", open.repeat(n), close.repeat(n))
    };
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
        let report = fails(
            &source,
            Kind::Syntax,
            "the source nests deeper than 1000 levels in line 2",
        );
        assert_eq!(report.failure.and_then(|failure| failure.line), Some(2));
    }
    let chain = format!("if 1:\n    pass\n{}", "elif 2:\n    pass\n".repeat(1_000));
    fails(
        &chain,
        Kind::Syntax,
        "the source nests deeper than 1000 levels in line 1998",
    );
}

#[test]
fn deep_and_long_sources_run() {
    let wrap =
        |open: &str, n: usize, close: &str| format!("{}1{}", open.repeat(n), close.repeat(n));
    for source in [
        wrap("(", 900, ")"),
        wrap("not ", 900, ""),
        wrap("", 900, " + 1"),
        wrap("1 if 1 else ", 400, ""),
    ] {
        let report = run(&source);
        assert!(report.success, "{}", report.stderr);
    }
    let chain = format!("if 0:\n    pass\n{}", "elif 0:\n    pass\n".repeat(900));
    assert!(run(&chain).success);
    let long = format!("x = [{}]\nlen(x)", "-1, ".repeat(20_000));
    check(&long, "20000");
    check(
        &format!(
            "{}len('''{}''')",
            "x = 1 + 2 # ((((\n".repeat(2_000),
            "(".repeat(2_000)
        ),
        "2000",
    );
}
