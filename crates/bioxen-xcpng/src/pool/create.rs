//! A guest is made: a clone of the template becomes a VM that is halted and knows which cell it will have.

use std::time::Duration;

use bioxen_agent::{OpId, draw_op};
use bioxen_core::{CancelToken, PackageName, VmSpec};

use super::destroy::Stage;
use super::mark::{self, OWNER};
use super::{Guest, XcpngError, XcpngPool};
use crate::journal::{Entry, Intent, Note};
use crate::value::{Network, Ref, Sr, Uuid, Vdi, Vm};
use crate::xapi::{Bounds, NewVif, VdiRecord, VmRecord};

/// Steps of making a guest.
const STEPS: u32 = 5;

impl XcpngPool {
    /// Makes a guest for a cell; the VM is halted, and the cell begins with the first start.
    ///
    /// If that fails, what was made is removed.
    ///
    /// # Errors
    ///
    /// [`XcpngError::AlreadyExists`], or what went wrong; [`XcpngError::Left`] if what was made could not be removed.
    pub fn create(&self, spec: &VmSpec, packages: &[PackageName]) -> Result<Guest, XcpngError> {
        let whole = self.making();
        let intent = Intent::Create {
            vm_id: spec.id().clone(),
        };
        // Written down before it is looked: of two programs that come at the same time, at least one sees the other.
        let mut entry = self.shared.journal.begin(draw_op(), &intent)?;
        let source = self.look_first(&entry, &intent, spec, whole);
        let source = match source {
            Ok(source) => source,
            Err(refused) => {
                self.options().watcher.rest();
                entry.close()?;
                return Err(refused);
            }
        };
        let mut cloned = None;
        let made = self.make(&mut entry, &source, &mut cloned, spec, packages, whole);
        self.options().watcher.rest();
        match made {
            Ok(guest) => {
                entry.close()?;
                tracing::info!(vm = %guest.id, uuid = %guest.uuid, "guest made");
                Ok(guest)
            }
            Err(failed) => Err(self.unmake(entry, cloned.as_ref(), failed)),
        }
    }

    /// Time for the making of a guest.
    pub(super) fn making(&self) -> Bounds<'_> {
        let mut limit = self.options().limits.create;
        if self.options().storage.is_some() {
            // All disks are copied, and not only referred to.
            limit += self.xapi().limits().copy;
        }
        self.step("making the guest", limit)
    }

    /// Whether the name is free, and what the guest is made of: what is only read comes first, so that there is nothing to undo if it fails.
    fn look_first(
        &self,
        entry: &Entry,
        intent: &Intent,
        spec: &VmSpec,
        bounds: Bounds<'_>,
    ) -> Result<Source, XcpngError> {
        let is_there = self.shared.journal.is_shared(entry, intent)
            || self
                .guests()?
                .iter()
                .any(|(guest, _)| guest.id == *spec.id());
        if is_there {
            return Err(XcpngError::AlreadyExists {
                id: spec.id().clone(),
            });
        }
        self.source(bounds)
    }

    /// What a guest is made of.
    pub(super) fn source(&self, bounds: Bounds<'_>) -> Result<Source, XcpngError> {
        let (xapi, options) = (self.xapi(), self.options());
        self.tell(1, STEPS, "finding the template", xapi.limits().call);
        let (template, _) = xapi.find_template(&options.template, bounds)?;
        let network = match &options.network {
            Some(name) => Some(xapi.find_network(name, bounds)?.0),
            None => None,
        };
        let storage = match &options.storage {
            Some(name) => Some(xapi.find_sr(name, bounds)?.0),
            None => None,
        };
        Ok(Source {
            template,
            network,
            storage,
        })
    }

    fn make(
        &self,
        entry: &mut Entry,
        source: &Source,
        cloned: &mut Option<Uuid>,
        spec: &VmSpec,
        packages: &[PackageName],
        bounds: Bounds<'_>,
    ) -> Result<Guest, XcpngError> {
        let xapi = self.xapi();
        let limits = xapi.limits();
        self.tell(2, STEPS, "cloning it", limits.clone);
        let (reference, record) = self.clone_template(source, entry, bounds)?;
        let uuid = record.uuid.clone();
        *cloned = Some(uuid.clone());

        self.tell(3, STEPS, "marking the clone", limits.call);
        let guest = Guest {
            id: spec.id().clone(),
            organism: spec.organism(),
            uuid,
            reference,
            has_own_host_key: self.gives_own_host_keys(),
        };
        self.mark(&guest, &record, spec, packages, bounds)?;
        self.fit_out(&guest, &record, source, entry, bounds)?;

        // The name that people see comes last: who sees it, sees a whole guest.
        let vm = &guest.reference;
        let description = format!("BioXen: a cell of {}", guest.organism);
        xapi.set_vm_description(vm, &description, bounds)?;
        let name = mark::public_name(guest.organism, &guest.id);
        xapi.set_vm_name(vm, &name, bounds)?;
        Ok(guest)
    }

    /// Makes a clone a VM of the size that is wanted, with its disks written down and its host keys known.
    pub(super) fn fit_out(
        &self,
        guest: &Guest,
        record: &VmRecord,
        source: &Source,
        entry: &mut Entry,
        bounds: Bounds<'_>,
    ) -> Result<(), XcpngError> {
        let (xapi, options) = (self.xapi(), self.options());
        let limits = xapi.limits();
        let resources = "giving it memory, processors and a network";
        self.tell(4, STEPS, resources, limits.call);
        let vm = &guest.reference;
        if let Some(bytes) = options.memory {
            let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
            xapi.set_vm_memory(vm, bytes, bounds)?;
        }
        if let Some(count) = options.vcpus {
            xapi.set_vm_vcpus(vm, count, bounds)?;
        }
        if let Some(network) = &source.network {
            for vif in &record.vifs {
                xapi.destroy_vif(vif, bounds)?;
            }
            xapi.create_vif(&NewVif::new(vm.clone(), network.clone()), bounds)?;
        }

        self.tell(5, STEPS, "making it a VM", limits.provision);
        xapi.provision_vm(vm, bounds)?;
        for disk in self.mark_disks(&guest.reference, bounds)? {
            entry.note(Note::Disk(disk))?;
        }
        self.provide_host_key(guest, record, bounds)
    }

    /// Clones the template under a name that carries the operation; if it is not known whether that was done, that name tells.
    pub(super) fn clone_template(
        &self,
        source: &Source,
        entry: &mut Entry,
        bounds: Bounds<'_>,
    ) -> Result<(Ref<Vm>, VmRecord), XcpngError> {
        let xapi = self.xapi();
        let name = self.name_in_the_making(entry.op());
        let template = &source.template;
        let made = match &source.storage {
            None => xapi.clone_vm(template, &name, bounds),
            Some(storage) => xapi.copy_vm(template, &name, Some(storage), bounds),
        };
        let reference = match made {
            Ok(reference) => reference,
            Err(unknown) if unknown.is_outcome_unknown() => {
                match self.look_for_clone(template, &name, bounds) {
                    Ok(Some(reference)) => reference,
                    Ok(None) | Err(_) => return Err(unknown.into()),
                }
            }
            Err(refused) => return Err(refused.into()),
        };
        let record = xapi.vm_record(&reference, bounds)?;
        entry.note(Note::Cloned(record.uuid.clone()))?;
        Ok((reference, record))
    }

    /// The clone that came about although nobody said so, once the template is not being cloned any more.
    fn look_for_clone(
        &self,
        template: &Ref<Vm>,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<Option<Ref<Vm>>, XcpngError> {
        let timer = self.timer();
        loop {
            let record = self.xapi().vm_record(template, bounds)?;
            let mut operations = record.current_operations.values();
            if !operations.any(|operation| operation == "clone" || operation == "copy") {
                break;
            }
            let left = bounds.deadline.left(timer)?;
            timer.wait(left.min(Duration::from_secs(1)), bounds.cancel);
        }
        let mut found = self.xapi().vms_by_name(name, bounds)?;
        let one = found.pop().filter(|_| found.is_empty());
        Ok(one.map(|(reference, _)| reference))
    }

    pub(super) fn name_in_the_making(&self, op: OpId) -> String {
        mark::name_in_the_making(self.shared.installation, op)
    }

    /// Marks the disks of a VM that nobody else uses as ones that go with it.
    pub(super) fn mark_disks(
        &self,
        vm: &Ref<Vm>,
        bounds: Bounds<'_>,
    ) -> Result<Vec<Uuid>, XcpngError> {
        let mut marked = Vec::new();
        for (vdi, record) in self.own_disks(vm, bounds)? {
            self.mark_disk(&vdi, &record, bounds)?;
            marked.push(record.uuid);
        }
        Ok(marked)
    }

    /// Marks one disk, whatever mark it carries.
    pub(super) fn mark_disk(
        &self,
        vdi: &Ref<Vdi>,
        record: &VdiRecord,
        bounds: Bounds<'_>,
    ) -> Result<(), XcpngError> {
        let word = mark::owner(self.shared.installation, &record.uuid);
        if record.other_config.contains_key(OWNER) {
            let mut words = record.other_config.clone();
            words.insert(OWNER.to_owned(), word);
            return Ok(self.xapi().set_vdi_config(vdi, &words, bounds)?);
        }
        Ok(self.xapi().add_to_vdi_config(vdi, OWNER, &word, bounds)?)
    }

    /// Removes what a failed operation made, and answers the failure.
    pub(super) fn unmake(
        &self,
        mut entry: Entry,
        cloned: Option<&Uuid>,
        failed: XcpngError,
    ) -> XcpngError {
        self.shared
            .options
            .watcher
            .note(match failed.is_cancelled() {
                true => "called off: what was made is removed",
                false => "it failed: what was made is removed",
            });
        // Calling off the making does not call off the removal.
        let token = CancelToken::new();
        let bounds = self.bounds(
            "removing what was made",
            self.options().limits.destroy,
            &token,
        );
        let unknown = failed.is_outcome_unknown();
        let removed = self
            .remove_unfinished(entry.op(), Stage::Making, bounds)
            .and_then(|any| {
                // It may have its name for people already, without anybody having heard so.
                match cloned.filter(|_| !any) {
                    Some(uuid) => match self.remove(uuid, &mut entry, &[], &mut true, bounds) {
                        Ok(()) => Ok(true),
                        Err(XcpngError::NotOurs { .. }) => Ok(false),
                        Err(error) => Err(error),
                    },
                    None => Ok(any),
                }
            });
        match removed {
            // A clone that may still come is nothing to be sure of: the journal keeps it.
            Ok(false) if unknown => failed,
            Ok(_) => match entry.close() {
                Ok(()) => failed,
                Err(error) => XcpngError::Left {
                    left: format!("nothing in the pool, but {error}"),
                    source: Box::new(failed),
                },
            },
            Err(error) => XcpngError::Left {
                left: format!(
                    "a VM named {}: {error}",
                    self.name_in_the_making(entry.op())
                ),
                source: Box::new(failed),
            },
        }
    }
}

/// What a guest is made of.
pub(super) struct Source {
    template: Ref<Vm>,
    network: Option<Ref<Network>>,
    storage: Option<Ref<Sr>>,
}
