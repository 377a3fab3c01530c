//! Images of VMs: save, restore and fork.

use std::process::ExitCode;
use std::sync::Arc;

use bioxen::agent::{Inspection, draw_seed};
use bioxen::resources::{ImageLabel, read_image_file, write_image_file};
use bioxen::{BiologicalVm, Cell, CellModel, VmError, VmSpec, explain};

use super::{One, create, names, told};
use crate::args::vm::{ForkArgs, RestoreArgs, SaveArgs};
use crate::commands::run::check_place;
use crate::commands::snapshot::open_image;
use crate::commands::target::Target;
use crate::failure::{Failure, say};
use crate::measure::wall_time;

pub(super) fn save(target: &Target, args: &SaveArgs) -> Result<ExitCode, Failure> {
    check_place(&args.file)?;
    let One { vm, status, .. } = One::open(target, &args.vm)?;
    let (id, file) = (&status.id, args.file.display());
    if args.act.dry_run {
        let text = format!("would save {id} in {file}");
        return told(&args.act, "save", id, &text);
    }
    let image = vm.save()?;
    // The VM may go on: only the image knows when it was taken.
    let saved = open_image(&args.file, status.organism, &image)?;
    let label = ImageLabel {
        id: id.clone(),
        organism: status.organism,
        sim_time: saved.cell.time(),
        saved_at: wall_time(),
    };
    write_image_file(&args.file, &label, &image)?;
    let text = format!("saved {id} as it was at {} in {file}", label.sim_time);
    told(&args.act, "save", id, &text)
}

pub(super) fn restore(target: &Target, args: &RestoreArgs) -> Result<ExitCode, Failure> {
    let saved = read_image_file(&args.file)?;
    let One { mut vm, status, .. } = One::open(target, &args.vm)?;
    let (id, then) = (&status.id, saved.label.sim_time);
    if args.act.dry_run {
        let now = status.sim_time;
        let text = format!("would put {id} from {now} back to {then}");
        return told(&args.act, "restore", id, &text);
    }
    vm.restore(&saved.image)?;
    let text = format!("restored {id} as it was at {then}");
    told(&args.act, "restore", id, &text)
}

pub(super) fn fork(target: &Target, args: &ForkArgs) -> Result<ExitCode, Failure> {
    let One {
        session,
        vm,
        status,
    } = One::open(target, &args.vm)?;
    if args.act.dry_run {
        if names::is_there(&args.name, &session.hypervisor().statuses()?) {
            let id = args.name.clone();
            return Err(VmError::AlreadyExists { id }.into());
        }
        let text = format!("would fork {} as {}", status.id, args.name);
        return told(&args.act, "fork", &status.id, &text);
    }
    let seed = args.seed.unwrap_or_else(draw_seed);
    let Inspection {
        priority,
        elongation,
        ..
    } = vm.inspect()?;
    let model = Arc::new(CellModel::of(status.organism));
    let image = Cell::fork_image(&model, &vm.save()?, &args.name, seed);
    let image = image.map_err(VmError::from)?;
    let spec = VmSpec::builder(args.name.clone(), status.organism, seed)
        .atp(status.quota.atp)
        .ribosomes(status.quota.ribosomes)
        .ribosome_unit(status.quota.unit)
        .pacing(status.pacing)
        .priority(priority)
        .elongation(elongation)
        .build()?;
    let (mut twin, created) = session.hypervisor().create(&spec, &[])?;
    if let Err(refused) = twin.restore(&image) {
        // A newborn cell under that name is not what was asked for.
        if let Err(left) = twin.destroy() {
            say(&format!("note: {} is left: {}", twin.id(), explain(&left)));
        }
        return Err(refused.into());
    }
    create::advise(&created, args.seed.is_none());
    if args.start {
        twin.start()?;
    }
    let text = format!("forked {} as {}", status.id, args.name);
    told(&args.act, "fork", twin.id(), &text)
}
