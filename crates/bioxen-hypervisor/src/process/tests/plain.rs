//! Programs with traps mean what they mean without.

use bioxen_core::ProcessFailureKind as Kind;
use starlark::environment::{Globals, LibraryExtension, Module};
use starlark::eval::Evaluator;
use starlark::syntax::{AstModule, Dialect, DialectTypes};

use super::{check, fails, run};

/// The text of the value of a program in plain Starlark, or nothing if it fails.
fn plain(source: &str) -> Option<String> {
    let dialect = Dialect {
        enable_top_level_stmt: true,
        enable_f_strings: true,
        enable_types: DialectTypes::ParseOnly,
        enable_keyword_only_arguments: true,
        ..Dialect::Standard
    };
    let globals = Globals::extended_by(&[
        LibraryExtension::Print,
        LibraryExtension::StructType,
        LibraryExtension::Json,
        LibraryExtension::Map,
        LibraryExtension::Filter,
        LibraryExtension::SetType,
    ]);
    Module::with_temp_heap(|module| {
        let ast = AstModule::parse("probe.star", source.to_owned(), &dialect).ok()?;
        let value = Evaluator::new(&module).eval_module(ast, &globals).ok()?;
        Some(value.to_repr())
    })
}

/// What every program of the table begins with.
const GIVEN: &str = "
l = [3, 1, 2]
t = (1, 'a', (2.5, None))
d = {'a': 1, 'b': [1, 2], (1, 2): 'pair'}
s = 'Grow, divide; grow'
n = 7
p = struct(name = 'x', values = l, twice = lambda x: x * 2)
log = []
def note(x):
    log.append(x)
    return x
def f(a, b = 2, *args, c = 3, **kwargs):
    return [a, b, args, c, kwargs]
";

/// Expressions, or statements with an expression at the end.
const SAME: &[&str] = &[
    "l + [4] + list(t)",
    "t + (1,) + ()",
    "s + '!' + \"'\" + 'x\\n' + r'\\n' + '''a\nb'''",
    "n + 1 - 2.5 * 3 / 4 // 1 % 5",
    "-n + +n - ~n",
    "(-n) * 2 if False else -(n + 1) * -2",
    "2 - (3 - 4) - (5 - (6 - 7))",
    "[n % 3, -n % 3, n // -2, n & 3, n | 8, n ^ 5, n << 4, n >> 1]",
    "'%s and %r, %d%%' % ('a', 'b', 3.7)",
    "'%s' % l",
    "'%s' % (l,)",
    "'%x %o %e' % (255, 8, 1.5)",
    "'{} {}'.format(1, l)",
    "'{a} {b!r} {{}}'.format(a = 1, b = 'x')",
    "'{1} {0}'.format(*l, **{})",
    "f'{n} {s!r} {l[0]} {{x}} {p.name} {s.upper()}'",
    "f\"{d['a']} {'quoted'} {n + 1}\"",
    "f'''{n}\n\"{s}\"\\\\ \\t'''",
    "l == [3, 1, 2], l == (3, 1, 2), t != t, d == dict(d)",
    "[1, [2, 3]] < [1, [2, 4]], (1, 'b') >= (1, 'a'), 'a' > 'B', 1 <= 1.5",
    "1 < n and n < 10 or l",
    "not l or not n == 7",
    "note(0) and note(1), note('') or note('x'), log",
    "[note(1) + note(2) * note(3), note([4]) + note([5]), log]",
    "(note(1) if note(0) else note(2)), log",
    "f(note(1), c = note(4), *[note(2), note(3)], **{'z': note(5)}), log",
    "3 in l, 4 not in l, [1] in [[1]], 'row' in s, (1, 2) in d, 'z' not in d, 2 in range(5)",
    "l[0], l[-1], l[1:], l[::-1], l[:2], l[0:3:2], s[2:5], t[2][0], s[-4:], range(10)[2:8:3]",
    "d['a'], d['b'][1], d[(1, 2)], d.get('a'), d.get('z', 5), d.get((1, 2))",
    "d.keys(), d.values(), d.items(), len(d)",
    "d.setdefault('q', []), d.pop('a'), d.pop('zz', None), d",
    "d.update({'a': 5}, c = 6), d.update([('k', 1)]), d",
    "d | {'a': 2}",
    "x = dict(d)\nx |= {'z': 1}\nx['a'] += 4\nx['b'] += [9]\n[x, d]",
    "x = l\nx += [1]\n[x, l]",
    "x = l\nx = x + [1]\n[x, l]",
    "x = n\nx *= 3\nx -= 1\nx %= 7\nx <<= 2\nx //= 3\nx |= 8\nx ^= 1\nx &= 15\nx >>= 1\nx",
    "x = 'a%s'\nx %= 1\nx += 'b'\nx *= 2\nx",
    "l.append(4), l.extend((5, 6)), l.insert(0, 9), l.remove(9), l.pop(), l.pop(0), l.index(2), l",
    "a = l.append\na(8)\nb = getattr(l, 'index')\n[l, b(8), getattr(p, 'none', 1), hasattr(l, 'append')]",
    "[m(s) for m in [len, str, repr, type]], list(map(str, l)), list(filter(lambda x: x > 1, l))",
    "list(map('-'.join, [['a', 'b'], ['c']]))",
    "', '.join(['a', 'b']), ''.join(()), '-'.join('abc'.elems())",
    "s.replace('row', 'R'), s.replace('', '.'), s.replace('o', '0', 1)",
    "s.split(', '), s.split(), s.rsplit(' ', 1), 'a\\nb'.splitlines(), s.partition(',')",
    "s.upper().lower().title().capitalize(), s.strip('Gw'), s.removeprefix('Grow')",
    "s.count('o'), s.find('z'), s.index('d'), s.startswith(('G', 'x')), s.endswith('w'), s.isalpha()",
    "list('aé'.elems()), list('aé'.codepoints())",
    "sorted(l), sorted(l, reverse = True), sorted(['b', 'A', 'c'], key = lambda x: x.lower())",
    "sorted([(1, 'b'), (0, 'a'), (1, 'a')], key = lambda x: x[0], reverse = True)",
    "max(l), min(l), max(1, 5, 3), min(l, key = lambda x: -x), max(['aa', 'b', 'cc'], key = len)",
    "reversed(l), enumerate(l, 1), zip(l, 'abc'.elems()), any([0, 1]), all([]), range(1, 9, 3)",
    "set([1, 2]) | set([2, 3]), set([1]) - set([1]), set([1, 2]) & set([2]), set([1]) ^ set([2])",
    "set([1]).union([5]), set(l).issubset(l), len(set('aab'.elems()))",
    "x = set(l)\nx.add(8)\nx.discard(1)\nx |= set([20])\nx -= set([2])\nsorted(x)",
    "int('12'), int('ff', 16), int(3.9), float('1.5'), str(1.0), bool([]), abs(-2), chr(97), ord('a')",
    "str(l), repr(s), str(t), repr(d), str(p.values), hash('abc'), type(l), type(p), dir(p)",
    "json.encode({'a': [1, None, 'x']}), json.decode('{\"k\": [1.5, true]}')",
    "p.name, p.values[0], p.twice(4), (p.twice)(5), [q.name for q in [p, p]]",
    "f(1), f(1, b = 4, z = 5), f(*l), (lambda a, b = 3, *c: (a, b, c))(1, 2, 3)",
    "[x * y for x in l for y in l if x < y if True], {k: v for k, v in zip('ab'.elems(), l)}",
    "[[i, j] for i, (j, _) in [(1, (2, 3))]], [x for x in [y for y in l]]",
    "[a, b], c = (1, 2), 3\n(x, y) = [c, a]\n(z,) = [b]\n[a, b, c, x, y, z]",
    "q = [0, [0]]\nq[0], q[1][0] = 1, 2\nq",
    "o = []\nfor i, x in enumerate(l):\n    if x == 1:\n        continue\n    elif x == 9:\n        break\n    else:\n        o.append((i, x))\no",
    "def g(x):\n    'doc'\n    if x <= 1: return 1\n    return g(x - 1) + g(x - 2)\n[g(i) for i in range(8)]",
    "def g(x: int, *, y: str = 'a') -> list:\n    z: int = x; return [z, y]\ng(1, y = 'b')",
    "def outer(a):\n    def inner(b):\n        return a + b\n    return inner\nouter(1)(2), outer([1])([2])",
    "((1)), (1,), (), [], {}, (l)[(0)], ((l))[-1], (p).name, (s).upper ( ), (l + l).index(1)",
    "(l # a.b (c\n  [0] # d\n), (p # e.f\n  . # g.h\n  name)",
    "1 if l else 2 if n else 3, [1 if x > 1 else 0 for x in l], (lambda: 1 if n else 2)()",
    "len(s) == 18 and s[0] == 'G' or fail('no')",
    "0x1f + 0o17 + 0b11, 1e3, .5, 1., 123456789012345678901234567890 - 1",
    "(n\n + 1), [\n 1,\n 2,\n], \\\n  n",
];

#[test]
fn what_programs_compute_is_what_they_compute_in_plain_starlark() {
    let mut different = Vec::new();
    for expression in SAME {
        let (statements, last) = expression.rsplit_once('\n').unwrap_or(("", expression));
        // A last line in the middle of something belongs to what is before it.
        let source = if last.starts_with([' ', ']', ')']) || expression.contains("'''") {
            format!("{GIVEN}result = ({expression})\n")
        } else {
            format!("{GIVEN}{statements}\nresult = ({last})\n")
        };
        let expected = plain(&format!("{source}result"));
        let found = run(&format!("{source}repr(result)"));
        let found_text = found
            .result_json
            .as_deref()
            .and_then(|json| serde_json::from_str::<String>(json).ok());
        if found_text != expected || expected.is_none() {
            different.push((expression, found_text, expected, found.stderr));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn errors_show_the_line_that_was_written() {
    let report = fails(
        "x = [1, 2]\n\ndef second(a):\n    # A comment.\n    return a.missing(  x[0] ) + 1 # here\n\ny = 'a' + f'{x}'; second(x)\n",
        Kind::Runtime,
        "Operation `.missing` not supported on type `list`",
    );
    assert_eq!(
        report.stderr,
        "Traceback (most recent call last):\n  \
         * probe.star:7, in <module>\n      y = 'a' + f'{x}'; second(x)\n  \
         * probe.star:5, in second\n      return a.missing(  x[0] ) + 1 # here\n\
         error: Operation `.missing` not supported on type `list`\n \
         --> probe.star:5:12\n  |\n5 |     return a.missing(  x[0] ) + 1 # here\n  |            ^^^^^^^^^^^^^^^^^^\n  |\n"
    );
    for (source, line, message) in [
        (
            "x = 1\nx + 'a'",
            2,
            "Operation `+` not supported for types `int` and `string`",
        ),
        (
            "x = 1\n[\n 1, x + [],\n]",
            3,
            "Operation `+` not supported for types `int` and `list`",
        ),
        ("d = {}\n\nd['a']", 3, "Key `\"a\"` was not found"),
        (
            "d = {}\nfor k in ['b']:\n    d[k]",
            3,
            "Key `\"b\"` was not found",
        ),
        ("\n\nf'{missing}'", 3, "Variable `missing` not found"),
        (
            "x = [2]\nx()",
            2,
            "Operation `call()` not supported on type `list`",
        ),
        (
            "if False:\n    pass\nelif 1 < 'a':\n    pass\n",
            3,
            "Operation `compare` not supported for types `int` and `string`",
        ),
    ] {
        let report = run(source);
        let failure = report.failure.expect("it fails");
        assert_eq!(failure.line, Some(line), "{source}\n{}", report.stderr);
        assert!(
            failure.message.starts_with(message),
            "{source}\n{}",
            report.stderr
        );
        // A span of several lines is drawn with underscores; the name of a trap has a letter behind two of them.
        let mut behind = report.stderr.split("__").skip(1);
        assert!(
            !behind.any(|text| text.starts_with(|c: char| c.is_ascii_lowercase())),
            "{}",
            report.stderr
        );
    }
}

#[test]
fn methods_of_what_calls_back_keep_their_place() {
    let report = run("def bad(x):\n    return x[5]\n\nsorted(\n    [[1], [2]],\n    key = bad)\n");
    let failure = report.failure.expect("it fails");
    assert_eq!(failure.line, Some(2), "{}", report.stderr);
    assert!(
        report.stderr.contains("* probe.star:4, in <module>"),
        "{}",
        report.stderr
    );
}

#[test]
fn names_of_traps_are_reserved() {
    for source in [
        "__add__ = 1",
        "def __method__(x):\n    pass",
        "[1 for __fits__ in [1]]",
        "def f(__slice__):\n    pass",
        "lambda *__equal__: 1",
        "x = __method__\n",
        "__slice__([], 1, 2, 3)",
    ] {
        let report = run(source);
        let failure = report.failure.expect("it is refused");
        assert_eq!(failure.kind, Kind::Syntax, "{source}");
        assert!(
            failure.message.ends_with("is reserved"),
            "{}",
            failure.message
        );
    }
    check("_x_ = 1\n_x_ + _x_", "2");
    check("__x__ = 1\n__x__", "1");
}
