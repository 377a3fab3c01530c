//! Watching and steering cells while they run.

use std::sync::Arc;

use bioxen::config::Config;
use bioxen::resources::{BioResourceManager, Monitor, MonitorConfig, Recommendation, TablePolicy};
use bioxen::{
    BasicBiologicalVm, BiologicalVm, Hypervisor, Organism, SimSpan, SystemClock, VmError, explain,
};

use crate::args::RunArgs;
use crate::failure::{Failure, say};

/// Looks of the optimizer are so far apart unless the configuration says otherwise, simulated time.
const DEFAULT_INTERVAL: SimSpan = SimSpan::from_micros(30_000_000);

/// Readings for alerts are so far apart unless told otherwise, ms on the wall.
const DEFAULT_MONITOR_MS: u64 = 1_000;

/// Grants that follow the rules of the table, each cell by itself.
///
/// Looks come at simulated times, so that the same run takes the same decisions.
pub(super) struct Steering {
    pub(super) interval: SimSpan,
    cells: Vec<(BioResourceManager<BasicBiologicalVm>, TablePolicy)>,
}

impl Steering {
    /// `None` if nobody wants it.
    pub(super) fn new(
        args: &RunArgs,
        config: &Config,
        hypervisor: &Hypervisor,
        vms: &[BasicBiologicalVm],
    ) -> Result<Option<Self>, VmError> {
        let by_growth = config.biological_settings.growth_optimization
            && vms.iter().all(|vm| vm.organism() == Organism::Ecoli);
        if !args.optimize && !by_growth {
            return Ok(None);
        }
        let interval = config.performance.optimization_interval;
        let interval = interval.map(|time| {
            let micros = u64::try_from(time.duration().as_micros()).unwrap_or(u64::MAX);
            SimSpan::from_micros(micros)
        });
        let cells = vms.iter().map(|vm| {
            let handle = hypervisor.open(vm.id())?;
            Ok((
                BioResourceManager::new(Box::new(handle)),
                TablePolicy::default(),
            ))
        });
        Ok(Some(Self {
            interval: interval.unwrap_or(DEFAULT_INTERVAL),
            cells: cells.collect::<Result<_, VmError>>()?,
        }))
    }

    /// Looks at every cell once and tells what is changed. A cell that can no longer be steered is let alone.
    pub(super) fn look(&mut self) {
        self.cells.retain_mut(|(manager, policy)| {
            let decided = manager.optimize(policy);
            match decided {
                Ok(Some(decision)) => say(&format!("{}: {decision}", manager.vm().id())),
                Ok(None) => {}
                Err(error) => {
                    say(&format!("warning: {}", explain(&error)));
                    return false;
                }
            }
            true
        });
    }
}

/// Tells alerts while it is kept, `None` if nobody wants it. It reads by the clock on the wall.
pub(super) fn monitor(
    args: &RunArgs,
    config: &Config,
    vms: &[BasicBiologicalVm],
) -> Result<Option<Monitor>, Failure> {
    let interval = match args.monitor {
        Some(interval) => interval.duration(),
        None if config.performance.enable_monitoring => {
            std::time::Duration::from_millis(DEFAULT_MONITOR_MS)
        }
        None => return Ok(None),
    };
    let config = MonitorConfig::every(interval)?;
    let mut monitor = Monitor::new(config, Arc::new(SystemClock::new()));
    monitor.on_alert(|alert| say(&format!("alert: {alert}")));
    for vm in vms {
        monitor.watch(vm.probe())?;
    }
    monitor.start()?;
    Ok(Some(monitor))
}

/// Says of which cells too few of the genes that they need are active.
pub(super) fn note_genes(config: &Config, hypervisor: &Hypervisor, vms: &[BasicBiologicalVm]) {
    if !config.biological_settings.genome_optimization {
        return;
    }
    for vm in vms {
        let all = hypervisor
            .open(vm.id())
            .map(|handle| BioResourceManager::new(Box::new(handle)).recommendations());
        // A cell that cannot be read is lost, which is told with the results of the others.
        let Ok(Ok(all)) = all else { continue };
        for recommendation in all {
            if matches!(recommendation, Recommendation::GenesInactive { .. }) {
                say(&format!("note: {}: {recommendation}", vm.id()));
            }
        }
    }
}
