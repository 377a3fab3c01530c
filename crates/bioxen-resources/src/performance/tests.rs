use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use bioxen_core::{BiologicalVm, VmError, VmId};
use proptest::prelude::*;

use super::{OperationMetrics, Outcome, PerformanceMonitor, Timed, Verb, open_metrics};
use husk::Husk;

mod husk;

fn monitor() -> (PerformanceMonitor, ManualClock) {
    let clock = ManualClock::new();
    let monitor = PerformanceMonitor::new(Arc::new(clock.clone()));
    (monitor, clock)
}

fn row(monitor: &PerformanceMonitor, operation: Verb) -> OperationMetrics {
    let mut rows = monitor.metrics().into_iter();
    rows.find(|row| row.operation == operation)
        .unwrap_or_else(|| panic!("{operation} was not called"))
}

#[test]
fn verbs_know_their_place_and_have_a_name_each() {
    for (place, verb) in Verb::ALL.into_iter().enumerate() {
        assert_eq!(verb.index(), place, "{verb}");
    }
    let names: BTreeSet<&str> = Verb::ALL.iter().map(|verb| verb.name()).collect();
    assert_eq!(names.len(), Verb::ALL.len());
}

#[test]
fn each_call_is_counted_under_its_own_verb() {
    let (monitor, clock) = monitor();
    let vm: Box<dyn BiologicalVm> = Box::new(Husk::new(clock));
    let mut vm: Box<dyn BiologicalVm> = Box::new(Timed::new(vm, monitor.clone()));
    let mut expected = Vec::new();
    for verb in Verb::ALL {
        let Some(answered) = husk::call(vm.as_mut(), verb) else {
            continue;
        };
        expected.push((verb, u64::from(answered), u64::from(!answered)));
    }
    assert_eq!(
        expected.len(),
        Verb::ALL.len() - 1,
        "all verbs of a VM but its creation"
    );
    let counted: Vec<_> = monitor
        .metrics()
        .iter()
        .map(|row| {
            // The husk takes as many milliseconds as the place of the verb says, so a time cannot be another verb's.
            let took = Duration::from_millis(u64::try_from(row.operation.index()).expect("few"));
            assert_eq!((row.total, row.min, row.max), (took, took, took));
            (row.operation, row.successes, row.failures)
        })
        .collect();
    assert_eq!(counted, expected);
}

#[test]
fn the_wrapper_passes_every_method_of_the_trait_on() {
    let methods = |text: &str, end: &str| -> BTreeSet<String> {
        text.lines()
            .take_while(|line| !line.starts_with(end))
            .filter_map(|line| line.strip_prefix("    fn "))
            .map(|rest| rest.split('(').next().unwrap_or_default().to_owned())
            .collect()
    };
    let of_trait = include_str!("../../../bioxen-core/src/vm.rs");
    let (_, of_trait) = of_trait
        .split_once("pub trait BiologicalVm")
        .expect("the trait");
    let of_wrapper = include_str!("timed.rs");
    let (_, of_wrapper) = of_wrapper
        .split_once("BiologicalVm for Timed<V>")
        .expect("its implementation");
    // A provided method that is not passed on would answer `Unsupported`, whatever the VM can do.
    assert_eq!(methods(of_wrapper, "}"), methods(of_trait, "}"));
}

#[test]
fn rows_are_exact_sums() {
    let (monitor, _) = monitor();
    for millis in 1..=100 {
        let outcome = match millis % 4 {
            0 => Outcome::Failure,
            _ => Outcome::Success,
        };
        monitor.record(Verb::Start, Duration::from_millis(millis), outcome);
    }
    let row = row(&monitor, Verb::Start);
    assert_eq!((row.calls, row.successes, row.failures), (100, 75, 25));
    assert_eq!(row.total, Duration::from_millis(5_050));
    assert_eq!(row.mean, Duration::from_micros(50_500));
    assert_eq!(row.min, Duration::from_millis(1));
    assert_eq!(row.max, Duration::from_millis(100));
    for (percentile, exact) in [(row.p50, 50), (row.p90, 90), (row.p99, 99)] {
        let exact = Duration::from_millis(exact);
        assert!(
            exact <= percentile && percentile <= exact + exact / 128,
            "{percentile:?} for {exact:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn percentiles_are_within_the_stated_error(
        nanos in prop::collection::vec((0_u32..46, any::<u64>()).prop_map(|(bits, n)| n % (1 << bits)), 1..300),
    ) {
        let (monitor, _) = monitor();
        let mut sorted = nanos.clone();
        sorted.sort_unstable();
        for nanos in nanos {
            monitor.record(Verb::Save, Duration::from_nanos(nanos), Outcome::Success);
        }
        let row = row(&monitor, Verb::Save);
        for (percentile, percent) in [(row.p50, 50), (row.p90, 90), (row.p99, 99)] {
            let rank = (sorted.len() * percent).div_ceil(100);
            let exact = sorted[rank - 1];
            let found = u64::try_from(percentile.as_nanos()).expect("below 2^46");
            prop_assert!(exact <= found, "p{percent}: {found} below {exact}");
            prop_assert!(found - exact <= exact / 128, "p{percent}: {found} above {exact}");
            prop_assert!(row.min <= percentile && percentile <= row.max);
        }
    }
}

#[test]
fn times_beyond_all_ranges_saturate() {
    let (monitor, _) = monitor();
    monitor.record(Verb::Advance, Duration::MAX, Outcome::Success);
    monitor.record(Verb::Advance, Duration::ZERO, Outcome::Success);
    let row = row(&monitor, Verb::Advance);
    assert_eq!(row.calls, 2);
    assert_eq!(row.min, Duration::ZERO);
    assert_eq!(row.max, Duration::from_nanos(u64::MAX));
    // The histogram ends near one day.
    assert!(row.p99 >= Duration::from_secs(86_400) && row.p99 < Duration::from_secs(90_000));
}

#[test]
fn threads_lose_no_call() {
    const THREADS: u64 = 4;
    const CALLS: u64 = 20_000;
    let (monitor, _) = monitor();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let monitor = monitor.clone();
            scope.spawn(move || {
                for call in 0..CALLS {
                    let verb = Verb::ALL[usize::from(call % 2 == 0)];
                    let answer = monitor.time(verb, || match (call + thread) % 4 {
                        0 => Err(()),
                        _ => Ok(()),
                    });
                    assert_eq!(answer.is_err(), (call + thread) % 4 == 0);
                    monitor.record(Verb::Usage, Duration::from_nanos(call), Outcome::Success);
                }
            });
        }
    });
    let summary = monitor.summary();
    assert_eq!(summary.calls, 2 * THREADS * CALLS);
    let failures: u64 = monitor.metrics().iter().map(|row| row.failures).sum();
    assert_eq!(failures, THREADS * CALLS / 4);
    let usage = row(&monitor, Verb::Usage);
    assert_eq!(usage.calls, THREADS * CALLS);
    let sum = THREADS * (CALLS * (CALLS - 1) / 2);
    assert_eq!(usage.total, Duration::from_nanos(sum));
}

#[test]
fn a_panic_is_a_failure() {
    let (monitor, clock) = monitor();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        monitor.time(Verb::Execute, || -> Result<(), VmError> {
            clock.advance(Duration::from_secs(1));
            panic!("a bug of the cell");
        })
    }));
    assert!(panicked.is_err());
    let row = row(&monitor, Verb::Execute);
    assert_eq!((row.calls, row.failures), (1, 1));
    assert_eq!(row.total, Duration::from_secs(1));
}

#[test]
fn the_summary_names_the_slowest_by_mean() {
    let (monitor, _) = monitor();
    assert_eq!(monitor.summary().success_rate, None);
    let calls = [
        (Verb::Start, 5),
        (Verb::Pause, 1),
        (Verb::Resume, 9),
        (Verb::Stop, 5),
        (Verb::Save, 7),
        (Verb::Restore, 8),
        (Verb::Advance, 2),
    ];
    for (verb, millis) in calls {
        monitor.record(verb, Duration::from_millis(millis), Outcome::Success);
    }
    // Often and fast is not slow, though its total is the greatest.
    for _ in 0..100 {
        monitor.record(Verb::Usage, Duration::from_millis(1), Outcome::Failure);
    }
    let summary = monitor.summary();
    let slowest: Vec<Verb> = summary.slowest.iter().map(|row| row.operation).collect();
    assert_eq!(
        slowest,
        [
            Verb::Resume,
            Verb::Restore,
            Verb::Save,
            Verb::Start,
            Verb::Stop
        ]
    );
    assert_eq!(summary.calls, 107);
    assert_eq!(summary.total, Duration::from_millis(137));
    assert_eq!(summary.success_rate, Some(7.0 / 107.0));
}

#[test]
fn reset_forgets_what_ended_and_counts_what_still_runs() {
    let (monitor, clock) = monitor();
    monitor.record(Verb::Start, Duration::from_secs(1), Outcome::Success);
    let answer = monitor.time(Verb::Save, || {
        clock.advance(Duration::from_secs(2));
        monitor.reset();
        assert_eq!(monitor.metrics(), []);
        clock.advance(Duration::from_secs(1));
        Ok::<u8, ()>(7)
    });
    assert_eq!(answer, Ok(7));
    let rows = monitor.metrics();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].operation, Verb::Save);
    assert_eq!(rows[0].total, Duration::from_secs(3));
}

#[test]
fn the_vm_inside_can_be_had() {
    let (monitor, clock) = monitor();
    let timed = Timed::new(Box::new(Husk::new(clock)), monitor);
    assert_eq!(timed.inner().id(), timed.id());
    assert_eq!(timed.monitor().metrics(), []);
    let mut husk: Box<Husk> = timed.into_inner();
    husk.start().expect("husks start");
}

#[test]
fn open_metrics_of_several_vms_is_one_text() {
    let names = [VmId::new("cell-1"), VmId::new("cell.2")].map(|id| id.expect("plain names"));
    let (first, _) = monitor();
    let (second, _) = monitor();
    first.record(Verb::Start, Duration::from_nanos(1), Outcome::Success);
    first.record(Verb::Start, Duration::from_secs(3), Outcome::Failure);
    second.record(Verb::Save, Duration::from_micros(1_500), Outcome::Success);
    let text = open_metrics(&[(&names[0], &first), (&names[1], &second)]);
    assert_eq!(text, include_str!("tests/two_vms.txt"));
}

#[test]
fn open_metrics_of_one_monitor_has_no_vm() {
    let (monitor, _) = monitor();
    assert_eq!(
        monitor.to_open_metrics(),
        include_str!("tests/no_calls.txt")
    );
    monitor.record(Verb::Stop, Duration::ZERO, Outcome::Failure);
    let text = monitor.to_open_metrics();
    let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        samples,
        [
            "bioxen_operations_total{operation=\"stop\",outcome=\"success\"} 0",
            "bioxen_operations_total{operation=\"stop\",outcome=\"failure\"} 1",
            "bioxen_operation_duration_seconds{operation=\"stop\",quantile=\"0.0\"} 0.0",
            "bioxen_operation_duration_seconds{operation=\"stop\",quantile=\"0.5\"} 0.0",
            "bioxen_operation_duration_seconds{operation=\"stop\",quantile=\"0.9\"} 0.0",
            "bioxen_operation_duration_seconds{operation=\"stop\",quantile=\"0.99\"} 0.0",
            "bioxen_operation_duration_seconds{operation=\"stop\",quantile=\"1.0\"} 0.0",
            "bioxen_operation_duration_seconds_count{operation=\"stop\"} 1",
            "bioxen_operation_duration_seconds_sum{operation=\"stop\"} 0.0",
        ]
    );
}

#[test]
fn rows_as_json_are_in_seconds() {
    let (monitor, _) = monitor();
    monitor.record(
        Verb::Execute,
        Duration::from_millis(1_500),
        Outcome::Success,
    );
    let json = serde_json::to_string_pretty(&monitor.summary()).expect("plain values");
    assert_eq!(json, include_str!("tests/summary.json").trim_end());
}
