//! The monitor under a scheduler that draws the order of all events, so that races are found by search and not by luck.
//!
//! `cargo xtask test` tries 2,000 orders of each model; `BIOXEN_SCHEDULES=100000` tries as many as it says.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bioxen_core::testing::ManualClock;
use shuttle::thread;

use super::*;
use crate::fake::{FakeProbe, id};

const TEN: Duration = Duration::from_secs(10);

/// Tries a model in many orders of events, drawn evenly and with few switches between threads.
fn check(model: fn()) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the number of orders is asked for by whoever runs the tests"
    )]
    let orders = std::env::var("BIOXEN_SCHEDULES");
    let orders = orders.map_or(2_000, |text| text.parse().expect("a number of orders"));
    shuttle::check_random(model, orders / 2);
    shuttle::check_pct(model, orders / 2, 3);
}

fn monitor(waiting_alerts: usize) -> (Monitor, ManualClock) {
    let clock = ManualClock::new();
    let config = MonitorConfig {
        waiting_alerts: NonZeroUsize::new(waiting_alerts).expect("not 0"),
        ..MonitorConfig::every(TEN).expect("above 1 ms")
    };
    (Monitor::new(config, Arc::new(clock.clone())), clock)
}

/// A cell with little ATP and busy ribosomes, which raises two alerts at its first reading.
fn starving(name: &str) -> Arc<FakeProbe> {
    let probe = FakeProbe::new(name);
    probe.publish(1, 10.0, 95.0);
    probe
}

#[test]
fn each_vm_is_read_once_and_no_alert_is_lost_whoever_asks_meanwhile() {
    check(|| {
        let (mut monitor, clock) = monitor(3);
        let told = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&told);
        monitor.on_alert(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        monitor.start().expect("a thread");
        thread::scope(|scope| {
            let monitor = &monitor;
            for name in ["left", "right"] {
                let clock = clock.clone();
                scope.spawn(move || {
                    monitor.watch(starving(name)).expect("its own name");
                    clock.advance(TEN);
                    monitor.settle();
                    let readings = monitor.history(&id(name)).expect("it is watched");
                    assert_eq!(readings.len(), 1, "{name}");
                });
            }
        });
        monitor.stop();
        let taken = monitor.alerts().try_iter().count();
        let counters = monitor.counters();
        assert_eq!((taken, counters.dropped_alerts), (3, 1));
        assert_eq!(told.load(Ordering::SeqCst), 4);
        assert_eq!(counters.readings, 2);
    });
}

#[test]
fn starts_and_stops_from_two_owners_leave_one_thread_and_then_none() {
    check(|| {
        let (monitor, clock) = monitor(8);
        monitor.watch(starving("cell")).expect("the first");
        let monitor = Arc::new(Mutex::new(monitor));
        let owners: Vec<_> = (0..2)
            .map(|_| {
                let (monitor, clock) = (Arc::clone(&monitor), clock.clone());
                thread::spawn(move || {
                    monitor.lock().start().expect("a thread");
                    clock.advance(TEN);
                    monitor.lock().settle();
                    monitor.lock().stop();
                })
            })
            .collect();
        for owner in owners {
            owner.join().expect("it does not panic");
        }
        let mut monitor = monitor.lock();
        assert!(!monitor.is_running());
        assert_eq!(monitor.counters().panics, 0);
        monitor.start().expect("it can be started again");
        monitor.settle();
        monitor.stop();
        let readings = monitor.history(&id("cell")).expect("it is watched");
        assert_eq!(readings.len(), 1, "one state of the cell is one reading");
    });
}

#[test]
fn a_drop_in_the_midst_of_it_ends_the_thread_and_what_waits_for_it() {
    check(|| {
        let (mut monitor, clock) = monitor(1);
        monitor.watch(starving("cell")).expect("the first");
        monitor.start().expect("a thread");
        let shared = Arc::downgrade(&monitor.shared);
        let mover = thread::spawn(move || clock.advance(TEN));
        drop(monitor);
        mover.join().expect("it does not panic");
        assert!(shared.upgrade().is_none(), "the thread is gone");
    });
}

#[test]
fn vms_come_and_go_while_they_are_read() {
    check(|| {
        let (mut monitor, clock) = monitor(8);
        monitor.start().expect("a thread");
        thread::scope(|scope| {
            let monitor = &monitor;
            let looker = clock.clone();
            scope.spawn(move || {
                looker.advance(TEN);
                monitor.settle();
            });
            scope.spawn(move || {
                monitor.watch(starving("guest")).expect("the first");
                let readings = monitor.unwatch(&id("guest")).expect("it is there");
                assert!(readings.len() <= 1);
                monitor.watch(starving("guest")).expect("it was given back");
            });
        });
        clock.advance(TEN);
        monitor.settle();
        let readings = monitor.history(&id("guest")).expect("it is watched");
        assert_eq!(readings.len(), 1);
    });
}
