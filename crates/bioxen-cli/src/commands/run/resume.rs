//! Cells that go on from an image, and cells that are put away.

use std::path::{Path, PathBuf};

use bioxen::resources::{
    ImageLabel, SavedVm, StoreError, check_image_place, read_image_file, write_image_file,
};
use bioxen::{
    BasicBiologicalVm, BiologicalVm, Organism, SavedCell, SimSpan, SimTime, VmId, VmImage,
    VmSpecBuilder,
};

use super::on_a_step;
use crate::args::RunArgs;
use crate::commands::snapshot::open_image;
use crate::failure::{Failure, say};
use crate::measure::wall_time;

/// A cell that goes on.
pub(super) struct Resumed {
    path: PathBuf,
    image: VmImage,
    pub(super) saved: SavedCell,
}

impl Resumed {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let SavedVm { label, image, .. } = read_image_file(path)?;
        let saved = open_image(path, label.organism, &image)?;
        Ok(Self {
            path: path.to_owned(),
            image,
            saved,
        })
    }

    pub(super) fn id(&self) -> VmId {
        self.saved.vm.clone()
    }

    /// The grants that the cell had.
    pub(super) fn spec(&self, spec: VmSpecBuilder) -> VmSpecBuilder {
        let quota = self.saved.cell.quota();
        spec.atp(quota.atp)
            .ribosomes(quota.ribosomes)
            .ribosome_unit(quota.unit)
    }

    /// Puts the cell into a new VM, with the grants that were asked for beside it.
    pub(super) fn put_into(
        &self,
        vm: &mut BasicBiologicalVm,
        args: &RunArgs,
    ) -> Result<(), Failure> {
        vm.restore(&self.image)?;
        if let Some(atp) = args.atp {
            vm.allocate_atp(atp).map(drop)?;
        }
        if let Some(units) = args.ribosomes {
            vm.allocate_ribosomes(units).map(drop)?;
        }
        Ok(())
    }

    /// Where the cell is, and how often it has divided.
    pub(super) fn start(&self) -> (SimTime, u32) {
        (self.saved.cell.time(), self.saved.cell.generation())
    }
}

/// The organism that was named, or that of the image; both must agree.
pub(super) fn organism(args: &RunArgs, resumed: Option<&Resumed>) -> Result<Organism, Failure> {
    let found = resumed.map(|resumed| resumed.saved.cell.model().organism());
    match (args.organism, found, resumed) {
        (Some(asked), Some(found), Some(resumed)) if asked != found => {
            Err(Failure::OtherOrganism {
                path: resumed.path.clone(),
                found,
                asked,
            })
        }
        (Some(organism), _, _) | (None, Some(organism), _) => Ok(organism),
        (None, None, _) => unreachable!("the command line asks for one of them"),
    }
}

/// Refuses a place for the image that cannot be written, before the run.
pub(in crate::commands) fn check_place(path: &Path) -> Result<(), Failure> {
    check_image_place(path).map_err(|refused| match refused {
        StoreError::Io { source, .. } => Failure::Write {
            path: path.to_owned(),
            source,
        },
        other => other.into(),
    })
}

/// Writes the one cell of a run to an image file.
pub(super) fn save(path: &Path, vms: &[BasicBiologicalVm]) -> Result<(), Failure> {
    for vm in vms {
        let label = ImageLabel {
            id: vm.id().clone(),
            organism: vm.organism(),
            sim_time: vm.status()?.sim_time,
            saved_at: wall_time(),
        };
        write_image_file(path, &label, &vm.save()?)?;
    }
    Ok(())
}

/// Images that are written on the way, so that a run that is killed can go on from the last of them.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// Simulated time from one to the next.
    pub(super) every: SimSpan,
    path: PathBuf,
}

impl Checkpoints {
    /// `None` if nobody wants them.
    pub(super) fn new(args: &RunArgs) -> Result<Option<Self>, Failure> {
        let (Some(every), Some(path)) = (args.checkpoint_every, &args.save) else {
            return Ok(None);
        };
        if !on_a_step(every) {
            return Err(Failure::CheckpointInterval { every });
        }
        let path = path.clone();
        Ok(Some(Self { every, path }))
    }

    /// Puts the newest image in the place of the one before. The run does not end when that fails: it is told, and tried again at the next one.
    pub(super) fn write(&self, vms: &[BasicBiologicalVm]) {
        if let Err(failure) = save(&self.path, vms) {
            say(&format!(
                "warning: no checkpoint: {}",
                bioxen::explain(&failure)
            ));
        }
    }
}
