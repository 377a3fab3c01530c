use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bioxen_core::testing::ManualClock;

use super::*;
use crate::alert::{AlertChange, AlertKind};
use crate::fake::{FakeProbe, id};

const TEN: Duration = Duration::from_secs(10);

fn monitor() -> (Monitor, ManualClock) {
    let clock = ManualClock::new();
    let config = MonitorConfig::every(TEN).expect("above 1 ms");
    (Monitor::new(config, Arc::new(clock.clone())), clock)
}

fn times(monitor: &Monitor, vm: &str) -> Vec<u64> {
    let history = monitor.history(&id(vm)).expect("it is watched");
    history.iter().map(|r| r.taken_at.as_secs()).collect()
}

#[test]
fn readings_come_at_the_interval_of_the_clock_that_was_given() {
    let (mut monitor, clock) = monitor();
    let probe = FakeProbe::new("cell");
    monitor.watch(probe.clone()).expect("the first");
    monitor.start().expect("a thread");
    monitor.settle();
    assert_eq!(monitor.counters().silent, 1, "nothing is published yet");
    for second in 1..=30 {
        probe.publish(second, 50.0, 50.0);
        clock.advance(Duration::from_secs(1));
        monitor.settle();
    }
    assert_eq!(times(&monitor, "cell"), [10, 20, 30]);
    monitor.stop();
    clock.advance(TEN);
    assert_eq!(times(&monitor, "cell"), [10, 20, 30], "kept after the end");
}

#[test]
fn one_thread_watches_many_and_keeps_the_last_hundred_of_each() {
    let (mut monitor, clock) = monitor();
    let probes: Vec<_> = (0..200)
        .map(|n| FakeProbe::new(&format!("cell-{n}")))
        .collect();
    for probe in &probes {
        monitor.watch(probe.clone()).expect("another name");
    }
    monitor.start().expect("a thread");
    for second in 1..=150 {
        for probe in &probes {
            probe.publish(second, 50.0, 50.0);
        }
        clock.advance(TEN);
        monitor.settle();
    }
    assert_eq!(monitor.counters().readings, 150 * 200);
    for n in [0, 199] {
        let times = times(&monitor, &format!("cell-{n}"));
        assert_eq!((times.len(), times[0], times[99]), (100, 510, 1500));
    }
}

#[test]
fn alerts_come_out_once_and_those_that_nobody_takes_are_counted() {
    let clock = ManualClock::new();
    let config = MonitorConfig {
        waiting_alerts: NonZeroUsize::new(3).expect("not 0"),
        ..MonitorConfig::every(TEN).expect("above 1 ms")
    };
    let mut monitor = Monitor::new(config, Arc::new(clock.clone()));
    let probe = FakeProbe::new("cell");
    monitor.watch(probe.clone()).expect("the first");
    let told = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&told);
    monitor.on_alert(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    monitor.start().expect("a thread");
    for second in 1..=10 {
        let atp = if second % 2 == 1 { 10.0 } else { 60.0 };
        probe.publish(second, atp, 95.0);
        clock.advance(TEN);
        monitor.settle();
    }
    let seen: Vec<_> = monitor
        .alerts()
        .try_iter()
        .map(|a| (a.kind, a.change))
        .collect();
    assert_eq!(
        seen,
        [
            (AlertKind::LowAtp, AlertChange::Raised),
            (AlertKind::HighRibosomeUtilization, AlertChange::Raised),
            (AlertKind::LowAtp, AlertChange::Cleared),
        ]
    );
    assert_eq!(told.load(Ordering::Relaxed), 11);
    assert_eq!(monitor.counters().dropped_alerts, 8);
}

#[test]
fn a_panic_of_a_probe_or_a_callback_is_counted_and_ends_nothing() {
    let (mut monitor, clock) = monitor();
    let (bad, good) = (FakeProbe::new("bad"), FakeProbe::new("good"));
    *bad.panics.lock() = true;
    monitor.watch(bad).expect("the first");
    monitor.watch(good.clone()).expect("another name");
    monitor.on_alert(|_| panic!("a callback that fails"));
    monitor.start().expect("a thread");
    monitor.settle();
    for second in 1..=3 {
        let atp = if second % 2 == 1 { 10.0 } else { 60.0 };
        good.publish(second, atp, 50.0);
        clock.advance(TEN);
        monitor.settle();
    }
    assert_eq!(monitor.counters().panics, 4 + 3);
    assert_eq!(times(&monitor, "good"), [10, 20, 30]);
    assert!(monitor.is_running());
    assert_eq!(monitor.alerts().len(), 3, "alerts come out all the same");
}

#[test]
fn starting_and_stopping_again_and_again_changes_nothing() {
    let (mut monitor, clock) = monitor();
    let probe = FakeProbe::new("cell");
    monitor.watch(probe.clone()).expect("the first");
    monitor.stop();
    for second in 1..=20 {
        monitor.start().expect("a thread");
        monitor.start().expect("it runs already");
        monitor.settle();
        probe.publish(second, 50.0, 50.0);
        clock.advance(TEN);
        monitor.settle();
        monitor.stop();
        monitor.stop();
        assert!(!monitor.is_running());
        monitor.settle();
    }
    assert_eq!(times(&monitor, "cell").len(), 20);
}

#[test]
fn a_watched_name_is_watched_once_and_given_back() {
    let (monitor, _) = monitor();
    monitor.watch(FakeProbe::new("a")).expect("the first");
    monitor.watch(FakeProbe::new("b")).expect("another name");
    let error = monitor.watch(FakeProbe::new("a")).expect_err("twice");
    assert_eq!(error.to_string(), "VM \"a\" is watched already");
    assert_eq!(monitor.watched(), [id("a"), id("b")]);
    assert!(monitor.unwatch(&id("a")).expect("it is there").is_empty());
    let error = monitor.unwatch(&id("a")).expect_err("it is gone");
    assert_eq!(error.to_string(), "VM \"a\" is not watched");
    assert!(monitor.history(&id("a")).is_err());
}

#[test]
fn drops_watches_and_looks_from_many_threads_leave_nothing_hanging() {
    for round in 0..200 {
        let (mut monitor, clock) = monitor();
        monitor.start().expect("a thread");
        std::thread::scope(|scope| {
            let monitor = &monitor;
            for n in 0..3 {
                let clock = clock.clone();
                scope.spawn(move || {
                    let name = format!("cell-{n}");
                    let probe = FakeProbe::new(&name);
                    probe.publish(round + 1, 10.0, 95.0);
                    monitor.watch(probe).expect("its own name");
                    clock.advance(TEN);
                    monitor.settle();
                    let readings = monitor.history(&id(&name)).expect("it is watched");
                    assert!(readings.len() <= 1);
                    monitor.unwatch(&id(&name)).expect("it is there");
                });
            }
        });
        if round % 2 == 0 {
            monitor.stop();
        }
        // Dropped while its thread waits for the next reading, or after it.
    }
}

#[test]
fn an_interval_below_a_millisecond_is_refused() {
    let error = MonitorConfig::every(Duration::from_micros(999)).expect_err("too short");
    assert_eq!(
        error.to_string(),
        "monitoring interval cannot be 999µs: allowed is 1 ms or more"
    );
    assert!(MonitorConfig::every(MonitorConfig::SHORTEST_INTERVAL).is_ok());
    assert_eq!(MonitorConfig::default().interval(), Duration::from_secs(30));
}
