//! Whole cells in files.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bioxen_agent::{Answer, VmRequest};
use bioxen_core::{VmError, VmId, VmImage};
use bioxen_hypervisor::{Cell, CellModel};
use bioxen_resources::{ImageLabel, check_image_place, read_image_file, write_image_file};

use super::{expect, of, status};
use crate::agent::Agent;
use crate::clock::wall;
use crate::failure::Failure;
use crate::output::{Saved, print};

/// Writes a cell to a file.
pub(super) fn save(
    agent: &mut Agent,
    id: &VmId,
    out: Option<PathBuf>,
) -> Result<ExitCode, Failure> {
    let status = status(agent, id)?;
    let file = match out {
        Some(file) => file,
        None => kept(&agent.place().state().join("snapshots"), id)?,
    };
    check_image_place(&file)?;
    let image = expect(of(agent, id, VmRequest::Save)?, |answer| match answer {
        Answer::Image(image) => Some(image),
        _ => None,
    })?;
    // The VM may go on: only the image knows when it was taken.
    let model = Arc::new(CellModel::of(status.organism));
    let saved = Cell::read_image(&model, &image).map_err(VmError::Image)?;
    let label = ImageLabel {
        id: id.clone(),
        organism: status.organism,
        sim_time: saved.cell.time(),
        saved_at: wall(),
    };
    write_image_file(&file, &label, &image)?;
    let saved = Saved {
        vm_id: id,
        file: file.display().to_string(),
        organism: label.organism,
        sim_time_s: label.sim_time.seconds(),
        image_bytes: image.as_bytes().len(),
    };
    print(true, &saved)?;
    Ok(ExitCode::SUCCESS)
}

/// Where the snapshot of a VM is that is given no place.
fn kept(folder: &Path, id: &VmId) -> Result<PathBuf, Failure> {
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.map_err(|source| Failure::Folder {
        path: folder.to_owned(),
        source,
    })?;
    Ok(folder.join(format!("{id}.bioxen")))
}

/// Reads a cell from a file.
pub(super) fn read(file: &Path) -> Result<VmImage, Failure> {
    Ok(read_image_file(file)?.image)
}
