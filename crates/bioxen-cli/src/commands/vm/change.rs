//! Grants and packages.

use std::process::ExitCode;

use bioxen::agent::Grant;
use bioxen::{BiologicalVm, InstallReport};

use super::{One, tell, told};
use crate::args::VmForm;
use crate::args::vm::{ActArgs, AllocateArgs, PackArgs};
use crate::commands::target::Target;
use crate::failure::{Failure, say};
use crate::output::vm as output;

pub(super) fn allocate(target: &Target, args: &AllocateArgs) -> Result<ExitCode, Failure> {
    let One { mut vm, status, .. } = One::open(target, &args.vm)?;
    let grant = Grant::of(args.atp, args.ribosomes);
    let grant = grant.expect("the command line asks for one of them");
    if args.act.dry_run {
        let mut quota = status.quota;
        quota.atp = args.atp.unwrap_or(quota.atp);
        quota.ribosomes = args.ribosomes.unwrap_or(quota.ribosomes);
        let (id, then, now) = (vm.id(), output::quota(&quota), output::quota(&status.quota));
        let line = format!("would grant {id} {then}; it has {now}");
        return told(&args.act, "allocate", id, &line);
    }
    let allocation = vm.allocate(grant)?;
    if let Some(notice) = &allocation.notice {
        say(&format!("note: {notice}"));
    }
    let id = vm.id();
    tell(
        &args.act,
        id,
        |out| output::write_allocation_json(id, &allocation, out),
        |out| output::write_allocation(id, &allocation, out),
    )
}

pub(super) fn install(target: &Target, args: &PackArgs) -> Result<ExitCode, Failure> {
    let One { mut vm, .. } = One::open(target, &args.vm)?;
    if args.act.dry_run {
        return would("install", &args.act, &args.package, &vm);
    }
    let report = vm.install_biological_package(&args.package)?;
    reported(&report, &args.act, &vm)
}

pub(super) fn uninstall(target: &Target, args: &PackArgs) -> Result<ExitCode, Failure> {
    let One { mut vm, .. } = One::open(target, &args.vm)?;
    if args.act.dry_run {
        return would("uninstall", &args.act, &args.package, &vm);
    }
    let report = vm.remove_biological_package(&args.package)?;
    reported(&report, &args.act, &vm)
}

fn would(
    verb: &str,
    args: &ActArgs,
    package: &bioxen::PackageName,
    vm: &dyn BiologicalVm,
) -> Result<ExitCode, Failure> {
    let line = format!("would {verb} {package} on {}", vm.id());
    told(args, verb, vm.id(), &line)
}

fn reported(
    report: &InstallReport,
    args: &ActArgs,
    vm: &dyn BiologicalVm,
) -> Result<ExitCode, Failure> {
    if !report.success && args.output == VmForm::Table {
        let message = report.stderr.clone();
        return Err(Failure::PackageRefused { message });
    }
    tell(
        args,
        vm.id(),
        |out| output::write_report_json(vm.id(), report, out),
        |out| writeln!(out, "{}", report.stdout.trim_end()),
    )?;
    Ok(match report.success {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
