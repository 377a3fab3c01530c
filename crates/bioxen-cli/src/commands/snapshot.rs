//! `bioxen snapshot`: images of cells as files.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use bioxen::resources::{
    ImageLabel, ImageStore, SavedVm, read_image_file, read_image_header, write_image_file,
};
use bioxen::{Cell, CellModel, Organism, SavedCell, VmImage, explain};

use super::state::state_folder;
use crate::args::{DiffArgs, ForkArgs, SnapshotArgs, SnapshotForm, SnapshotVerb};
use crate::failure::{Failure, say};
use crate::measure::wall_time;
use crate::output::sink::{Extent, Sink};
use crate::output::snapshot as output;

/// Folder of kept images in the state folder.
const IMAGES: &str = "images";

/// Does what was asked about images.
pub(crate) fn snapshot(args: &SnapshotArgs) -> Result<ExitCode, Failure> {
    let state = args.state.as_deref();
    let mut sink = Sink::open(None)?;
    let written = match &args.verb {
        SnapshotVerb::Inspect(args) => {
            let file = read_image_header(&args.image)?;
            let saved = opened(&args.image, &read_image_file(&args.image)?)?;
            match args.output {
                SnapshotForm::Table => output::write_inspect(&file, &saved, &mut sink),
                SnapshotForm::Json => output::write_inspect_json(&file, &saved, &mut sink),
            }
        }
        SnapshotVerb::Diff(args) => diff(args, &mut sink)?,
        SnapshotVerb::Fork(args) => writeln!(sink, "{}", fork(args)?),
        SnapshotVerb::Save(args) => {
            let saved = read_image_file(&args.image)?;
            // What cannot be restored is not kept.
            opened(&args.image, &saved)?;
            let kept = store(state)?.save(&saved.label, &saved.image)?;
            for error in &kept.not_removed {
                say(&format!("warning: {}", explain(error)));
            }
            writeln!(sink, "kept as {}", kept.path.display())
        }
        SnapshotVerb::Restore(args) => {
            let newest = store(state)?.load_newest(&args.id)?;
            for error in &newest.passed_over {
                say(&format!("warning: {}", explain(error)));
            }
            let SavedVm { label, image, .. } = &newest.saved;
            write_image_file(&args.out, label, image)?;
            let (time, out) = (label.sim_time, args.out.display());
            writeln!(sink, "VM {} as it was at {time}, in {out}", label.id)
        }
        SnapshotVerb::List(args) => {
            let listing = store(state)?.list()?;
            for error in &listing.damaged {
                say(&format!("warning: {}", explain(error)));
            }
            match args.output {
                SnapshotForm::Table => output::write_kept(&listing.images, &mut sink),
                SnapshotForm::Json => output::write_kept_json(&listing.images, &mut sink),
            }
        }
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}

fn diff(args: &DiffArgs, sink: &mut Sink) -> Result<std::io::Result<()>, Failure> {
    let before = opened(&args.before, &read_image_file(&args.before)?)?;
    let after = opened(&args.after, &read_image_file(&args.after)?)?;
    let diff = before.differences(&after);
    Ok(match args.output {
        SnapshotForm::Table => output::write_diff(&before, &after, &diff, args.top, sink),
        SnapshotForm::Json => output::write_diff_json(&before, &after, &diff, sink),
    })
}

fn fork(args: &ForkArgs) -> Result<String, Failure> {
    let SavedVm { label, image, .. } = read_image_file(&args.image)?;
    let model = Arc::new(CellModel::of(label.organism));
    let twin = Cell::fork_image(&model, &image, &args.id, args.seed);
    let twin = twin.map_err(|source| Failure::Image {
        path: args.image.clone(),
        source,
    })?;
    let forked = ImageLabel {
        id: args.id.clone(),
        saved_at: wall_time(),
        ..label
    };
    write_image_file(&args.out, &forked, &twin)?;
    let (id, seed, out) = (&args.id, args.seed, args.out.display());
    Ok(format!(
        "VM {id} with seed {seed}, forked from {}, in {out}",
        label.id
    ))
}

/// The cell of an image file.
fn opened(path: &Path, saved: &SavedVm) -> Result<SavedCell, Failure> {
    open_image(path, saved.label.organism, &saved.image)
}

/// The cell of an image that was read from a file.
pub(super) fn open_image(
    path: &Path,
    organism: Organism,
    image: &VmImage,
) -> Result<SavedCell, Failure> {
    Cell::read_image(&Arc::new(CellModel::of(organism)), image).map_err(|source| Failure::Image {
        path: path.to_owned(),
        source,
    })
}

/// The images that are kept in the state folder.
pub(super) fn store(state: Option<&Path>) -> Result<ImageStore, Failure> {
    let folder = state_folder(state).ok_or(Failure::NoState)?;
    Ok(ImageStore::open(&folder.join(IMAGES))?)
}
