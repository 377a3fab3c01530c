//! What is watched, and when: all of the monitor but its thread.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{Probe, VmId};

use super::{Counters, MonitorConfig};
use crate::alert::{Alert, Watchdog};
use crate::error::MonitorError;
use crate::history::{History, Reading};

/// VMs with what was read of them.
pub(super) struct Watch {
    config: MonitorConfig,
    vms: BTreeMap<VmId, Watched>,
    /// When the next readings are due.
    due: Duration,
    pub(super) counters: Counters,
}

struct Watched {
    probe: Arc<dyn Probe>,
    history: History,
    watchdog: Watchdog,
}

impl Watch {
    pub(super) fn new(config: MonitorConfig, now: Duration) -> Self {
        Self {
            config,
            vms: BTreeMap::new(),
            due: now,
            counters: Counters::default(),
        }
    }

    /// Readings are due from now on.
    pub(super) fn begin(&mut self, now: Duration) {
        self.due = now;
    }

    pub(super) fn add(&mut self, probe: Arc<dyn Probe>) -> Result<(), MonitorError> {
        let vm = probe.id().clone();
        if self.vms.contains_key(&vm) {
            return Err(MonitorError::Watched { vm });
        }
        let watched = Watched {
            probe,
            history: History::new(self.config.history),
            watchdog: Watchdog::new(vm.clone(), self.config.alerts),
        };
        self.vms.insert(vm, watched);
        Ok(())
    }

    pub(super) fn remove(&mut self, vm: &VmId) -> Result<Vec<Reading>, MonitorError> {
        let watched = self.vms.remove(vm);
        let watched = watched.ok_or_else(|| MonitorError::NotWatched { vm: vm.clone() })?;
        Ok(watched.history.iter().cloned().collect())
    }

    pub(super) fn names(&self) -> Vec<VmId> {
        self.vms.keys().cloned().collect()
    }

    pub(super) fn history(&self, vm: &VmId) -> Result<Vec<Reading>, MonitorError> {
        let watched = self.vms.get(vm);
        let watched = watched.ok_or_else(|| MonitorError::NotWatched { vm: vm.clone() })?;
        Ok(watched.history.iter().cloned().collect())
    }

    /// How long nothing is due.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        self.due
            .saturating_sub(now)
            .max(MonitorConfig::SHORTEST_INTERVAL)
    }

    /// Reads every VM if that is due; rounds that were missed are not made up for.
    pub(super) fn look(&mut self, now: Duration) -> Vec<Alert> {
        let mut alerts = Vec::new();
        if now < self.due {
            return alerts;
        }
        self.due = now.saturating_add(self.config.interval());
        self.counters.rounds += 1;
        for watched in self.vms.values_mut() {
            let Ok(usage) = catch_unwind(AssertUnwindSafe(|| watched.probe.usage())) else {
                self.counters.panics += 1;
                continue;
            };
            let last = watched
                .history
                .latest()
                .map(|reading| reading.usage.sim_time);
            // A VM that is paused, gone or between two slices says nothing new: its last reading stands.
            let Some(usage) = usage.filter(|usage| Some(usage.sim_time) != last) else {
                self.counters.silent += 1;
                continue;
            };
            self.counters.readings += 1;
            let reading = Reading {
                taken_at: now,
                usage,
            };
            alerts.extend(watched.watchdog.observe(&reading));
            watched.history.push(reading);
        }
        alerts
    }
}
