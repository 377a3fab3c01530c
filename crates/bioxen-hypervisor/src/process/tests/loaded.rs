//! Functions of packages in programs.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{
    CancelToken, Clock, Organism, ProcessCode, ProcessFailureKind as Kind, ProcessLimits,
    ProcessReport,
};

use super::organisms::newborn_of;
use super::{Ticking, limits, newborn, run_with};
use crate::cell::Cell;
use crate::package::{Package, PackageLibrary, Packages};
use crate::process::{FileProblem, functions_of};

/// Packages that are built in.
pub(super) fn built_in(names: &[&str]) -> Packages {
    let library = PackageLibrary::built_in();
    let found = names.iter().map(|name| {
        let package = library.find(name).expect("it is built in").package;
        (package.name.clone(), Arc::new(package))
    });
    found.collect()
}

/// A package `own` with functions of one file, which defines all of them.
fn own(functions: &[&str], text: &str) -> Packages {
    let mut manifest =
        "name: own\nversion: 1.0.0\nkind: analysis\nlicense: CC0-1.0\ndescription: Of a test.\n\
         sources: [{reference: none, kind: assumption}]\nparts:\n  functions:\n"
            .to_owned();
    for name in functions {
        manifest.push_str(&format!(
            "    - {{name: {name}, file: own.star, description: Of a test.}}\n"
        ));
    }
    let package = Package::read(&manifest, &mut |name| match name {
        "own.star" => Ok(text.to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    });
    let package = package.expect("it is in order");
    [(package.name.clone(), Arc::new(package))].into()
}

#[track_caller]
fn value_in(packages: &Packages, cell: Box<Cell>, source: &str) -> serde_json::Value {
    let (_, report) = run_with(packages, cell, source, &ProcessLimits::default());
    assert!(report.success, "{source}\n{}", report.stderr);
    serde_json::from_str(report.result_json.as_deref().unwrap_or("null")).expect("JSON")
}

#[track_caller]
fn fails_in(packages: &Packages, source: &str, kind: Kind, message: &str) -> ProcessReport {
    let (_, report) = run_with(packages, newborn(), source, &limits());
    let failure = report.failure.as_ref().expect("it fails");
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (kind, message),
        "{}",
        report.stderr
    );
    report
}

#[test]
fn growth_measures_each_organism() {
    let packages = built_in(&["growth"]);
    // Reference doubling times, min, and how far a newborn may be from them.
    for (organism, reference) in [
        (Organism::Syn3a, 105.0),
        (Organism::Ecoli, 44.0),
        (Organism::MinimalCell, 90.0),
    ] {
        let value = value_in(
            &packages,
            newborn_of(organism),
            "load('growth', 'doubling_time', 'phase', over = 'measure')\n\
             advance(120)\n[doubling_time(), phase(), over(seconds = 60), time()]",
        );
        let number = |n: usize| value[n].as_f64().expect("a number");
        for minutes in [number(0), number(2)] {
            assert!(
                (0.5..2.0).contains(&(minutes / reference)),
                "{organism}: {value}"
            );
        }
        assert_eq!((&value[1], number(3)), (&"exponential".into(), 180.0));
    }
}

#[test]
fn burden_weighs_genes_by_their_protein() {
    let packages = built_in(&["burden"]);
    let source = "load('burden', 'mass_fraction', 'expected_growth', 'spending')\n\
         used = spending(20)\n\
         [mass_fraction(['tuf']), expected_growth(['tuf']), used['atp_per_s'], used['ribosomes_at_work']]";
    for organism in [Organism::Syn3a, Organism::MinimalCell] {
        let value = value_in(&packages, newborn_of(organism), source);
        let fraction = value[0].as_f64().expect("a number");
        assert!((0.001..0.2).contains(&fraction), "{organism}: {value}");
        let growth = value[1].as_f64().expect("a number");
        assert!((growth - (1.0 - fraction / 0.48)).abs() < 1e-12);
        assert!(value[2].as_object().is_some_and(|causes| causes.len() > 5));
        assert!(value[3].as_f64().is_some_and(|n| n > 1.0), "{value}");
    }
    // A foreign gene has no protein yet, and then some.
    let mut cell = newborn_of(Organism::Ecoli);
    let reporter = PackageLibrary::built_in()
        .find("gfp_reporter")
        .expect("it is built in");
    for construct in reporter.package.constructs() {
        cell.install(&construct).expect("it fits");
    }
    let value = value_in(
        &packages,
        cell,
        "load('burden', 'mass_fraction', 'expected_growth')\n\
         before = mass_fraction(['gfpmut3b'])\nadvance(300)\n\
         [before, mass_fraction(['gfpmut3b']), expected_growth(['gfpmut3b'])]",
    );
    assert_eq!(value[0], 0.0);
    let after = value[1].as_f64().expect("a number");
    assert!((1e-4..0.1).contains(&after), "{value}");
    assert!(value[2].as_f64().is_some_and(|growth| growth < 1.0));
}

#[test]
fn what_cannot_be_loaded_is_refused_before_the_cell_moves() {
    let packages = built_in(&["growth", "burden"]);
    #[track_caller]
    fn check(packages: &Packages, load: &str, message: &str, hint: &str) {
        let source = format!("advance(5)\n{load}\n");
        let report = fails_in(packages, &source, Kind::UnknownPackage, message);
        assert_eq!(report.ended_at.seconds(), 0.0, "nothing ran");
        assert_eq!(report.failure.and_then(|failure| failure.line), Some(2));
        assert!(
            report.stderr.ends_with(&format!("hint: {hint}\n")),
            "{}",
            report.stderr
        );
    }
    check(
        &packages,
        "load('growht', 'phase')",
        "package \"growht\" is not installed in this VM",
        "did you mean growth?",
    );
    check(
        &Packages::new(),
        "load('growth', 'phase')",
        "package \"growth\" is not installed in this VM",
        "install it before the program runs: as in bioxen run --package growth",
    );
    check(
        &packages,
        "load('growth', 'phase', 'doubling_tim')",
        "package \"growth\" has no function \"doubling_tim\"",
        "did you mean doubling_time?",
    );
    // What a file defines for itself is not loaded.
    check(
        &packages,
        "load('growth', 'sum_of')",
        "package \"growth\" has no function \"sum_of\"",
        "it has doubling_time, phase, measure",
    );
    check(
        &packages,
        "load('../growth', 'phase')",
        "package \"../growth\" is not installed in this VM",
        "did you mean growth?",
    );
}

#[test]
fn a_program_cannot_load_the_functions_of_genes() {
    let library = PackageLibrary::built_in();
    let toggle = library.find("toggle_switch").expect("it is built in");
    let mut cell = newborn_of(Organism::Ecoli);
    for construct in toggle.package.constructs() {
        cell.install(&construct).expect("it fits");
    }
    let source = "load('toggle_switch', 'state')";
    let (_, report) = run_with(&Packages::new(), cell, source, &limits());
    assert_eq!(
        report.failure.map(|failure| failure.message).as_deref(),
        Some("package \"toggle_switch\" brings genes and no functions")
    );
}

#[test]
fn a_traceback_names_file_and_line_of_the_package_and_the_line_of_the_program() {
    let packages = own(
        &["look"],
        "STEP = 2\n\ndef look(name):\n    advance(STEP)\n    return inner(name)\n\n\
         def inner(name):\n    return counts([name])\n",
    );
    let source = "load('own', 'look')\n\nlook('dnaZ')\n";
    let message = "the cell has no gene, pool or machine named \"dnaZ\"";
    let report = fails_in(&packages, source, Kind::UnknownGene, message);
    assert_eq!(report.failure.and_then(|failure| failure.line), Some(3));
    assert_eq!(report.ended_at.seconds(), 2.0);
    assert_eq!(
        report.stderr,
        "Traceback (most recent call last):\n  \
         * probe.star:3, in <module>\n      look('dnaZ')\n  \
         * own/own.star:5, in look\n      return inner(name)\n  \
         * own/own.star:8, in inner\n      return counts([name])\n\
         error: the cell has no gene, pool or machine named \"dnaZ\"\n \
         --> own/own.star:8:12\n  |\n8 |     return counts([name])\n  |            ^^^^^^^^^^^^^^\n  |\n\
         hint: did you mean dnaA or dnaB or dnaC?\n"
    );
}

#[test]
fn functions_of_packages_are_under_the_limits_of_the_program() {
    let packages = own(
        &["spin", "grow", "talk", "wait", "deep"],
        "def spin():\n    for i in range(10000000):\n        pass\n\n\
         def grow():\n    s = 'a'\n    for i in range(60):\n        s += s\n\n\
         def talk():\n    for i in range(5000):\n        print('words')\n\n\
         def wait():\n    advance(1e9)\n\n\
         def deep(n):\n    return deep(n + 1)\n",
    );
    let fails = |name: &str, kind, message: &str| {
        let source = format!(
            "load('own', f = '{name}')\nf({})",
            if name == "deep" { "0" } else { "" }
        );
        fails_in(&packages, &source, kind, message)
    };
    let report = fails(
        "spin",
        Kind::StepLimit,
        "the process took more than 100000 steps",
    );
    assert!(
        (100_001..=101_000).contains(&report.steps),
        "{}",
        report.steps
    );
    fails(
        "grow",
        Kind::HeapLimit,
        "the values of the process take more than 16777216 bytes",
    );
    fails(
        "talk",
        Kind::OutputLimit,
        "the process gave out more than 10000 bytes",
    );
    fails("deep", Kind::Runtime, "calls nest deeper than 200 levels");
    let code = ProcessCode::new("probe.star", "load('own', 'wait')\nwait()").expect("a program");
    let clock: Arc<dyn Clock> = Arc::new(Ticking::default());
    let limits = ProcessLimits {
        wall: Duration::from_millis(50),
        ..limits()
    };
    let cancel = CancelToken::new();
    let (_, report) =
        crate::process::run(newborn(), &packages, &code, &limits, &clock, &cancel, None);
    let failure = report.failure.expect("it would run for years");
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (Kind::TimeLimit, "the process ran longer than 0.05 s")
    );
}

/// A package has the built-in calls, whatever the program calls its own.
#[test]
fn names_of_program_and_package_are_apart() {
    let packages = own(
        &["now", "rate", "table"],
        "TABLE = {'a': [1, 2]}\n\ndef now(): return time()\ndef rate(x = 3): return helper(x)\n\
         def helper(x): return x * 2\ndef table(): return TABLE\n",
    );
    let source = "load('own', 'now', 'table', double = 'rate')\n\
         def time(): return -1\ndef helper(x): return 'mine'\nTABLE = 'mine'\n\
         [now(), time(), double(), double(x = 4), table(), helper(1), TABLE, [f() for f in [now, double]]]";
    assert_eq!(
        value_in(&packages, newborn(), source).to_string(),
        "[0.0,-1,6,8,{\"a\":[1,2]},\"mine\",\"mine\",[0.0,6]]"
    );
    // What a package binds is the same for all, so it cannot be changed.
    let source = "load('own', 'table')\ntable()['b'] = 1";
    fails_in(&packages, source, Kind::Runtime, "Immutable");
}

#[test]
fn a_program_with_a_package_leaves_the_cell_of_one_without() {
    let plain = "advance_until(lambda: get_biological_status()['energy_charge'] < 0, limit = 60, every = 10)";
    let (without, _) = run_with(&Packages::new(), newborn(), plain, &limits());
    let source = "load('growth', 'measure')\nmeasure(60)";
    let (with, report) = run_with(&built_in(&["growth"]), newborn(), source, &limits());
    assert!(report.success, "{}", report.stderr);
    assert_eq!(with.fingerprint(), without.fingerprint());
    let (_, again) = run_with(&built_in(&["growth"]), newborn(), source, &limits());
    assert_eq!(again, report);
}

#[test]
fn a_file_defines_functions_and_constants_and_does_nothing() {
    #[track_caller]
    fn check(text: &str, line: u32, what: &str) {
        let problem = functions_of("f.star", text).expect_err("it is not in order");
        assert_eq!(
            (problem.line, problem.what.as_str()),
            (Some(line), what),
            "{text}"
        );
    }
    let only =
        |what: &str| format!("the top of a file holds functions and constants, and no {what}");
    check("X = 1\nadvance(5)\n", 2, &only("call"));
    check("X = 1\nX = 2\n", 2, &only("second value of a name"));
    check("X = [1]\nX += [2]\n", 2, &only("change of a constant"));
    check("for i in [1]:\n    pass\n", 1, &only("loop"));
    check("if True:\n    pass\n", 1, &only("condition"));
    check("f = lambda: 1\n", 1, &only("lambda"));
    check("X = [i for i in [1]]\n", 1, &only("comprehension"));
    check(
        "def f(): pass\nX = [f]\n",
        2,
        &only("name that is no constant above"),
    );
    check(
        "def f(): pass\ndef g(x = f): pass\n",
        2,
        &only("name that is no constant above"),
    );
    check(
        "def g(x = [1]): pass\n",
        1,
        &only("default that is computed"),
    );
    check(
        "A, B = 1, 2\n",
        1,
        &only("assignment to several names or to a part"),
    );
    let load = functions_of("f.star", "\nload('growth', 'phase')\n");
    assert_eq!(
        load,
        Err(FileProblem {
            line: Some(2),
            what: only("load"),
            hint: Some("load it in the program".to_owned()),
        })
    );
    check(
        "def f():\n    return nothing\n",
        2,
        "Variable `nothing` not found",
    );
    check(
        "def f(:\n",
        1,
        "Parse error: unexpected symbol ':', expected identifier",
    );
    // Constants are computed within limits.
    let too_much = functions_of("f.star", "X = 'a' * 10000000\n").expect_err("10 MB");
    assert_eq!(
        too_much.what,
        "the values of the process take more than 4194304 bytes"
    );
    let mut nested = "X0 = []\n".to_owned();
    for n in 1..30_000 {
        nested.push_str(&format!("X{n} = [X{}]\n", n - 1));
    }
    let nested = functions_of("f.star", &nested).expect_err("no stack for it");
    assert_eq!(
        nested.what,
        "the value nests deeper than 1000 levels, or holds itself"
    );
    let text = "\"\"\"What it is.\"\"\"\nA = -1.5\nB = {'a': [A, 2 * A], True: None}\ndef _own(): pass\n\
         def f(x, y = A, *args, z = -2, **more): return B['a']\n";
    assert_eq!(functions_of("f.star", text), Ok(vec!["f".to_owned()]));
}
