//! Programs that ask a single operation for more than there is, by every way that the language has.

use bioxen_core::{ProcessFailureKind as Kind, ProcessLimits};

use super::{check, fails, fails_under, run};

/// A list, or a tuple, that holds itself so many times over that it has 2^60 elements.
const SHARED: &str =
    "a = [0]\nfor i in range(60):\n    a = [a, a]\nb = [0]\nfor i in range(60):\n    b = [b, b]\n";
const SHARED_TUPLE: &str = "a = (0,)\nfor i in range(60):\n    a = (a, a)\nb = (0,)\nfor i in range(60):\n    b = (b, b)\n";

const UNFOLDED: &str = "a value of 3530822107858468862 elements is longer than 10000000";
const NESTING: &str = "the value nests deeper than 1000 levels, or holds itself";

/// Programs must fail so, in a line after the given ones.
#[track_caller]
fn all_fail(given: &str, sources: &[&str], kind: Kind, message: &str) {
    for source in sources {
        let report = fails(&format!("{given}{source}\n"), kind, message);
        let line = report.failure.and_then(|failure| failure.line);
        let first = u32::try_from(given.lines().count()).expect("a short program") + 1;
        assert!(line.is_some_and(|line| line >= first), "{source}: {line:?}");
    }
}

#[test]
fn what_is_shared_is_not_unfolded() {
    let operations = [
        "a == b",
        "a != b",
        "[a] < [b]",
        "a <= b",
        "a > b",
        "a >= b",
        "a in [b]",
        "a not in (1, b)",
        "str(a)",
        "repr(a)",
        "print(1, a)",
        "fail(a)",
        "json.encode(a)",
        "encode = json.encode\nencode(a)",
        "'%s' % (a,)",
        "'%r %s' % (1, a)",
        "x = '%s'\nx %= (a,)",
        "'{}'.format(a)",
        "'{x}'.format(x = a)",
        "f'{a}'",
        "f'{[a]!r} and more'",
        "sorted([a, b])",
        "sorted([1, 2], key = lambda x: a if x == 1 else b)",
        "max(a, b)",
        "min([a, b])",
        "max([1, 2], key = lambda x: a if x == 1 else b)",
        "[b].index(a)",
        "[b].index(5)",
        "[b].remove(5)",
        "enumerate([], start = a)",
        "[b].remove(a)",
        "find = [1, b].index\nfind(a)",
        "getattr([1, b], 'index')(a)",
        "list(map(str, [a]))",
        "list(map([b].index, [a]))",
        "[str(x) for x in [a]]",
        "(lambda x: str(x))(a)",
        "advance(a)",
        "counts(a)",
        "counts([a])",
        "genes(filter = a)",
        "abs(a)",
        "range(a)",
        "'x'.join([a])",
        "'x'.count(a)",
        "'x'.startswith(a)",
        "[1].pop(a)",
        "[1].insert(a, 1)",
        "enumerate([], a)",
        "map(a, [])",
        "[1][a]",
        "[1][a:]",
        "'x'[::a]",
        "{}[a]",
        "a()",
        "[a][0]()",
        "struct(x = a).x()",
        "x = [1]\nx[a] = 1",
        "struct(x = a) == struct(x = b)",
        "{'k': a} == {'k': b}",
        "hash(a)",
        "print(json.encode, str(struct(x = a)))",
    ];
    let fails_as = |given: &str, operation: &str| {
        let report = run(&format!("{given}{operation}\n"));
        let failure = report
            .failure
            .unwrap_or_else(|| panic!("{operation} succeeded"));
        assert_eq!(
            failure.kind,
            Kind::Runtime,
            "{operation}: {}",
            failure.message
        );
        assert!(
            failure
                .message
                .ends_with("elements is longer than 10000000"),
            "{operation}: {}",
            failure.message
        );
    };
    for operation in operations {
        fails_as(SHARED, operation);
        fails_as(SHARED_TUPLE, operation);
    }
    all_fail(SHARED, &["str(a)"], Kind::Runtime, UNFOLDED);
    for operation in [
        "{a: 1}",
        "{k: 1 for k in [a]}",
        "{}.get(a)",
        "{}.pop(a)",
        "{}.setdefault(a)",
        "d = {}\nd[a] = 1",
        "dict([(a, 1)])",
        "{}.update([(a, 1)])",
        "set([a])",
        "set().add(a)",
        "set().union([a])",
        "a in {}",
        "a in set()",
        "({1: a}).pop(2)",
        "set([1]).remove(a)",
    ] {
        fails_as(SHARED_TUPLE, operation);
    }
}

#[test]
fn what_looks_at_no_content_is_not_refused() {
    check(
        &format!(
            "{SHARED}c = [a] + [b]\nc.append(a)\nd = {{'k': a}}\n[len(c), type(a), bool(a), len(list(a)), len(a * 2), a == 1, 1 in a, len(d.values()), len(a[0:1]), len(zip(a, b)), len(d['k']), [struct(x = a).x][0] == 1]"
        ),
        "[3,\"list\",true,2,4,false,false,1,1,2,2,false]",
    );
}

#[test]
fn what_holds_itself_or_nests_deep_is_not_visited() {
    let own = "a = []\na.append(a)\nb = []\nb.append(b)\n";
    let deep =
        "a = []\nfor i in range(2000):\n    a = [a]\nb = []\nfor i in range(2000):\n    b = [b]\n";
    let operations = [
        "str(a)",
        "json.encode(a)",
        "a == b",
        "a < b",
        "print(a)",
        "f'{a}'",
        "sorted([a, b])",
        "a in [b]",
    ];
    all_fail(own, &operations, Kind::Runtime, NESTING);
    all_fail(deep, &operations, Kind::Runtime, NESTING);
    let deep = "a = ()\nfor i in range(50000):\n    a = (a,)\n";
    all_fail(
        deep,
        &["{a: 1}", "a in {}", "set([a])"],
        Kind::Runtime,
        NESTING,
    );
    fails(
        &format!("{deep}[a]"),
        Kind::OutputLimit,
        "the result nests deeper than 100 levels, or holds itself",
    );
}

#[test]
fn large_texts_are_refused_before_they_are_made() {
    let limits = ProcessLimits {
        heap_bytes: 1 << 20,
        ..ProcessLimits::default()
    };
    let big = "big = 'a' * 100000\nlines = '\\n' * 100000\nmany = [big] * 1000\n";
    for source in [
        "','.join(many)",
        "''.join(['é' + big] * 11)",
        "big.join(['a'] * 1000)",
        "big.join(('b' * 1000).elems())",
        "join = big.join\njoin(['a'] * 1000)",
        "'%s' * 11 % tuple([big] * 11)",
        "('{} ' * 11).format(*[big] * 11)",
        "('{0} ' * 11).format(big)",
        "('{x} ' * 11).format(x = big)",
        "big.replace('a', 'aaaaaaaaaaaaa')",
        "big.replace('', 'aaaaaaaaaaaaa')",
        "f'{big}{big}{big}{big}{big}{big}{big}{big}{big}{big}{big}'",
        "str(many)",
        "repr([big] * 11)",
        "repr([lines] * 2)",
        "json.encode([lines] * 2)",
        "print(many)",
        "print(*many)",
        "big.split('a')",
        "lines.splitlines()",
        "list(big.elems())",
        "x = big\nfor i in range(11):\n    x += big\n",
        "json.decode('[' + '1,' * 30000 + '1]')",
        "fail(*many)",
    ] {
        fails_under(
            &limits,
            &format!("{big}{source}\n"),
            Kind::HeapLimit,
            "the values of the process take more than 1048576 bytes",
        );
    }
}

#[test]
fn comprehensions_and_callbacks_do_not_outgrow_the_heap() {
    let limits = ProcessLimits {
        heap_bytes: 2 << 20,
        ..ProcessLimits::default()
    };
    let given = "l = list(range(10000))\nd = {i: i for i in range(1000)}\ns = set(l[:1000])\nt = 'a' * 100000\nn = range(1000000)\n";
    let wide = format!("[[{}] for i in n]", "i, ".repeat(5_000));
    let wide_lambda = format!("list(map(lambda i: [{}], n))", "i, ".repeat(5_000));
    for source in [
        "[l[:] for i in n]",
        "[l + l for i in n]",
        "[tuple(l) for i in n]",
        "[sorted(l) for i in n]",
        "[reversed(l) for i in n]",
        "[zip(l, l) for i in n]",
        "[dict(d) for i in n]",
        "[d | d for i in n]",
        "[d.items() for i in n]",
        "[s | s for i in n]",
        "[s - set() for i in n]",
        "[set(s) for i in n]",
        "{i: t + t for i in n}",
        "[t.upper() for i in n]",
        "[f'{t}' for i in n]",
        "[t[1:] for i in n]",
        "[t.replace('b', 'c') + 'd' for i in n]",
        "[genes() for i in n]",
        "list(map(lambda i: l[:], n))",
        "list(map(lambda i: [l[:] for j in n], n))",
        "[json.decode('[1,2,3,4,5,6,7,8,9]' ) for i in n]",
        "[[i, i, i] for i in n]",
        wide.as_str(),
        wide_lambda.as_str(),
    ] {
        fails_under(
            &limits,
            &format!("{given}{source}"),
            Kind::HeapLimit,
            "the values of the process take more than 2097152 bytes",
        );
    }
}

#[test]
fn tables_and_arguments_do_not_outgrow_the_heap() {
    let limits = ProcessLimits {
        heap_bytes: 2 << 20,
        ..ProcessLimits::default()
    };
    for source in [
        "{(i, j): 0 for i in range(1000) for j in range(1000)}",
        "{1000 * i + j: 0 for i in range(1000) for j in range(1000)}",
        "r = range(100000)\n[(lambda *a: 0)(*r) for i in range(1000)]",
        "r = range(10000)\n[(lambda *a: 0)(*r) for i in range(1000)]",
        "print(*range(1000000))",
    ] {
        fails_under(
            &limits,
            source,
            Kind::HeapLimit,
            "the values of the process take more than 2097152 bytes",
        );
    }
}

#[test]
fn long_texts_are_not_compared_many_times() {
    let given =
        "s = 'a' * 3000000 + 'b'\nt = 'a' * 3000000 + 'c'\nl = [t] * 100000\nm = [s] * 100000\n";
    for source in [
        "s in l",
        "l == m",
        "l < m",
        "max([l, m])",
        "sorted(l + m)",
        "s.strip(t)",
    ] {
        let report = run(&format!("{given}{source}\n"));
        let failure = report.failure.expect("it is refused");
        assert!(
            failure
                .message
                .ends_with("elements is longer than 10000000"),
            "{source}: {}",
            failure.message
        );
    }
    for source in [
        "set(l)",
        "l.index(s)",
        "s.startswith(tuple(l))",
        "dict(zip(l, m))",
    ] {
        let report = run(&format!("{given}{source}\n"));
        assert!(!report.success, "{source}");
    }
    check(
        &format!("{given}[s == t, s < t, 'a' in l]"),
        "[false,true,false]",
    );
}

#[test]
fn integers_stay_small() {
    let digits = "9".repeat(5_000);
    for source in [
        "1 << 5000",
        "x = 1 << 64\nx << 1",
        "x = 1 << 64\nx <<= 1",
        "int('9' * 5000)",
        "json.decode('[' + '9' * 5000 + ']')",
        &digits,
    ] {
        fails(
            source,
            Kind::Runtime,
            "an integer is longer than 4096 digits or bits",
        );
    }
    check(
        "[1 << 10, len(str(1 << 4000)), int('9' * 30)]",
        "[1024,1205,999999999999999999999999999999]",
    );
}
