//! Programs: those that go well, and those that fail.

use bioxen_core::{BiologicalVm, ProcessCode, ProcessFailureKind, ProcessReport};

pub(super) fn check(vm: &mut dyn BiologicalVm) {
    let report = run(vm, "print('α\\tβ')\nadvance(2)\n[1, 'two', None]");
    assert!(report.success, "{}", report.stderr);
    assert_eq!(report.result_json.as_deref(), Some("[1,\"two\",null]"));
    assert_eq!(report.stdout, "α\tβ\n");
    assert_eq!(report.ended_at.seconds() - report.started_at.seconds(), 2.0);
    assert!(report.steps > 0);

    // A program that fails is an answer; the cell is left where it failed.
    let report = run(vm, "advance(1)\ndef f():\n    fail('on purpose')\nf()");
    assert!(!report.success);
    assert_eq!(report.result_json, None);
    assert_eq!(report.ended_at.seconds() - report.started_at.seconds(), 1.0);
    assert_eq!(vm.status().expect("it answers").sim_time, report.ended_at);
    for word in ["Traceback", "program.star:3", "on purpose"] {
        assert!(report.stderr.contains(word), "{word}: {}", report.stderr);
    }
    let failure = report.failure.expect("why it failed");
    assert_eq!(failure.line, Some(3));

    for (source, expect) in [
        ("advance(", ProcessFailureKind::Syntax),
        ("counts(['no such thing'])", ProcessFailureKind::UnknownGene),
        ("1 // 0", ProcessFailureKind::Runtime),
        (
            "[[0] * 9000000 for _ in range(3)]",
            ProcessFailureKind::HeapLimit,
        ),
    ] {
        let report = run(vm, source);
        assert!(!report.success, "{source}");
        let failure = report.failure.expect("why it failed");
        assert_eq!(failure.kind, expect, "{source}: {failure}");
    }
}

fn run(vm: &mut dyn BiologicalVm, source: &str) -> ProcessReport {
    let code = ProcessCode::new("program.star", source).expect("short");
    vm.execute_biological_process(&code).expect("it is run")
}
