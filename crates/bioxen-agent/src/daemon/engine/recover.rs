//! From what was kept to VMs that go on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use bioxen_core::{BiologicalVm, Clock, VmError, VmImage};
use bioxen_hypervisor::package::PackageLibrary;
use bioxen_hypervisor::{BasicBiologicalVm, Hypervisor};
use bioxen_resources::{ImageStore, Monitor, MonitorConfig, StoreError, read_image_file};
use parking_lot::{Mutex, RwLock};

use super::slot::Slot;
use super::{DaemonError, DaemonOptions, Engine, Events};
use crate::daemon::keep::{Keep, KeptVm};
use crate::daemon::ops::Operations;
use crate::local::Place;

/// Opens what is kept and sets its VMs going.
///
/// A VM whose images are damaged is left as it is on the disk, and told; the others go on.
pub(super) fn open(
    options: DaemonOptions,
    place: Place,
    clock: Arc<dyn Clock>,
    wall: fn() -> SystemTime,
) -> Result<Engine, DaemonError> {
    let found = Keep::open(&place.folder()).map_err(DaemonError::keep)?;
    let images = ImageStore::open(&place.state().join("vms")).map_err(DaemonError::Images)?;
    if found.is_new {
        refuse_strangers(&images)?;
    }
    let hypervisor = Hypervisor::new(options.host.clone(), Arc::clone(&clock))
        .map_err(DaemonError::Hypervisor)?;
    let monitoring = MonitorConfig::every(options.monitor_every).map_err(DaemonError::Setting)?;
    let mut monitor = Monitor::new(monitoring, Arc::clone(&clock));
    monitor.start().map_err(DaemonError::Monitor)?;
    let library = PackageLibrary::new(Some(place.state()), &options.host.package_folders);
    let origin = wall();
    let origin = origin.checked_sub(clock.now()).unwrap_or(origin);
    let gap = u64::try_from(Events::MOST_WAITING).unwrap_or(u64::MAX);
    let next = match found.keep.last_event().get() {
        0 => 1,
        last => last + 1 + gap,
    };
    let engine = Engine {
        options,
        place,
        hypervisor,
        library,
        images,
        table: RwLock::new(BTreeMap::new()),
        keep: Mutex::new(found.keep),
        events: Mutex::new(Events {
            next,
            waiting: Vec::new(),
        }),
        operations: Operations::default(),
        monitor: Mutex::new(monitor),
        clock,
        wall,
        origin,
        closing: AtomicBool::new(false),
    };
    if found.cut_bytes > 0 {
        let text = format!(
            "{} bytes of a change that was never acknowledged were cut off",
            found.cut_bytes
        );
        tracing::warn!("{text}");
        engine.note(None, "recovered", &text);
    }
    engine.remove_orphans();
    let kept: Vec<KeptVm> = engine.keep.lock().vms().values().cloned().collect();
    for kept in kept {
        let id = kept.spec.id().clone();
        let revived = engine
            .revive(&kept)
            .and_then(|vm| Ok((vm.installed_packages()?, vm)));
        match revived {
            Ok((packages, vm)) => {
                let slot = Slot::default();
                slot.images.lock().packages = packages;
                engine.table.write().insert(id, Arc::new(slot));
                engine.watch(&vm);
            }
            Err(error) => {
                let text = format!("it cannot go on: {}", chain(&error));
                tracing::error!("VM {id} is left out: {text}");
                engine.note(Some(&id), "lost", &text);
            }
        }
    }
    engine.note(None, "started", "the daemon can be asked");
    tracing::info!(
        "{} VMs of {}",
        engine.ids().len(),
        engine.place.state().display()
    );
    if let Err(error) = engine.flush() {
        // The disk may be full: questions can be answered all the same, and it is tried again.
        tracing::error!("{}", chain(&error));
    }
    Ok(engine)
}

/// Without a journal nothing says which images are whose: a daemon that began a new one would take all of them for left-overs.
fn refuse_strangers(images: &ImageStore) -> Result<(), DaemonError> {
    let listing = images.list().map_err(DaemonError::Images)?;
    match listing.images.len() + listing.damaged.len() {
        0 => Ok(()),
        count => Err(DaemonError::NoJournal {
            folder: images.folder().to_owned(),
            count,
        }),
    }
}

impl Engine {
    /// Removes images that a kill left without an entry in the journal: those that are newer than the one that is named, and those of VMs that are gone.
    fn remove_orphans(&self) {
        let Ok(listing) = self.images.list() else {
            // Whoever needs an image tells what is wrong with the folder.
            return;
        };
        let keep = self.keep.lock();
        for image in &listing.images {
            let is_orphan = match keep.vms().get(&image.label.id) {
                Some(kept) => {
                    let named = number(Path::new(&kept.image));
                    named.is_some_and(|named| number(&image.path) > Some(named))
                }
                None => true,
            };
            if is_orphan {
                // What cannot be removed now is tried again at the next start.
                let _ = fs::remove_file(&image.path);
            }
        }
    }

    /// Makes a VM of what was kept of it, in the state in which it was.
    fn revive(&self, kept: &KeptVm) -> Result<BasicBiologicalVm, VmError> {
        let image = self.newest_image(kept)?;
        self.hypervisor.revive(&image, &kept.spec, kept.state)
    }

    /// The image that the journal names, or, when that is damaged, the one before.
    fn newest_image(&self, kept: &KeptVm) -> Result<VmImage, VmError> {
        let id = kept.spec.id();
        let named = read_image_file(&self.images.folder().join(&kept.image));
        let damage = match named {
            Ok(saved) => return Ok(saved.image),
            Err(damage) => damage,
        };
        let older = self.images.load_newest(id).map_err(lost)?;
        let time = older.saved.label.sim_time;
        let text = format!(
            "{damage}; it goes on from the image before, at {time}, and what was done since is lost"
        );
        tracing::error!("VM {id}: {text}");
        self.note(Some(id), "damaged", &text);
        Ok(older.saved.image)
    }
}

/// The number in the name of an image, greater for newer ones.
fn number(image: &Path) -> Option<u64> {
    let (_, number) = image.file_stem()?.to_str()?.rsplit_once('@')?;
    number.parse().ok()
}

fn lost(error: StoreError) -> VmError {
    super::backend("its images cannot be used", error)
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    let all: Vec<String> = causes.map(ToString::to_string).collect();
    all.join(": ")
}
