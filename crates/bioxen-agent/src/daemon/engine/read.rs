//! Questions.

use std::time::Duration;

use bioxen_core::{BiologicalVm, VmError, VmId};

use super::{Engine, unix};
use crate::hello::ProtocolVersion;
use crate::message::{Answer, EventNumber, Information, Inspection, PageSize, Reading, VmRequest};

impl Engine {
    /// Answers a question about one VM; it waits while a process has the cell, if the cell must be asked.
    pub(super) fn read(&self, id: &VmId, ask: &VmRequest) -> Result<Answer, VmError> {
        let vm = self.vm(id)?;
        Ok(match ask {
            VmRequest::Packages => Answer::Packages(vm.installed_packages()?),
            VmRequest::Metrics => Answer::Metrics(Box::new(vm.biological_metrics()?)),
            VmRequest::Usage => Answer::Usage(Box::new(vm.resource_usage()?)),
            VmRequest::Available => Answer::Available(vm.available_resources()?),
            VmRequest::Save => Answer::Image(vm.save()?),
            VmRequest::EssentialGenes => Answer::Genes(vm.essential_genes()?),
            VmRequest::PlasmidCount => Answer::Plasmids(vm.plasmid_count()?),
            VmRequest::Inspect => Answer::Inspection(Box::new(self.inspect(&vm)?)),
            VmRequest::History(limit) => Answer::History(self.history(id, *limit)),
            _ => Answer::Status(Box::new(vm.status()?)),
        })
    }

    /// Waits for nobody: a VM can be looked at while a process has its cell.
    fn inspect(&self, vm: &dyn BiologicalVm) -> Result<Inspection, VmError> {
        let kept = self.kept(vm.id())?;
        let packages = self.slot(vm.id())?.images.lock().packages.clone();
        Ok(Inspection {
            status: vm.status()?,
            priority: kept.spec.priority(),
            elongation: kept.spec.elongation(),
            created_at: kept.created_at,
            usage: vm.probe().usage(),
            packages,
        })
    }

    fn history(&self, id: &VmId, limit: PageSize) -> Vec<Reading> {
        let readings = self.monitor.lock().history(id).unwrap_or_default();
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let skipped = readings.len().saturating_sub(limit);
        let readings = readings.into_iter().skip(skipped);
        readings
            .map(|reading| Reading {
                taken_at: unix(self.origin + reading.taken_at),
                usage: reading.usage,
            })
            .collect()
    }

    pub(super) fn events_since(&self, since: EventNumber, limit: PageSize) -> Answer {
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let keep = self.keep.lock();
        let events = self.events.lock();
        let all = keep.events().chain(&events.waiting);
        let wanted = all.filter(|event| event.number > since).take(limit);
        Answer::Events(wanted.cloned().collect())
    }

    pub(super) fn information(&self) -> Information {
        let config = self.hypervisor.config();
        Information {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: ProtocolVersion::CURRENT,
            pid: std::process::id(),
            state_folder: self.place.state().display().to_string(),
            uptime: self.uptime(),
            vms: u32::try_from(self.table.read().len()).unwrap_or(u32::MAX),
            threads: u32::try_from(config.workers).unwrap_or(u32::MAX),
        }
    }

    fn uptime(&self) -> Duration {
        (self.wall)()
            .duration_since(self.origin)
            .unwrap_or_default()
    }
}
