//! A cell in a guest of an XCP-ng pool, as a configuration file says.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use bioxen::config::{FileChoice, Request, Surroundings, load};
use bioxen::xcpng::{XcpngPool, plan_vm};
use bioxen::{
    AtpPercent, BiologicalVm, Infrastructure, InstalledPackage, Organism, PackageName, ProcessCode,
    ProcessReport, Seed, VmId, VmSpec, explain, plan_configured_vm, pool_options,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(file), Some(state)) = (arguments.next(), arguments.next()) else {
        return Err("give the configuration file of a pool, and a folder for what is kept".into());
    };
    let mut out = std::io::stdout();
    match one_cell(&file, &state) {
        Ok(report) => writeln!(out, "{}: {:?}", report.ended_at, report.result_json)?,
        Err(error) => {
            writeln!(out, "{}", explain(&*error))?;
            return Err("the cell did not live to its end".into());
        }
    }
    writeln!(out, "{:?}", with_packages(&file, &state)?)?;
    Ok(())
}

/// Makes a guest, runs a program against its cell, and removes the guest again.
pub(crate) fn one_cell(file: &Path, state: &Path) -> Result<ProcessReport, Box<dyn Error>> {
    let mut request = Request::new(Surroundings::of_process());
    request.file = FileChoice::Path(file.to_owned());
    request.organism = Some(Organism::Syn3a);
    let config = load(&request)?.config;
    let id = VmId::new("cell-1")?;
    let mut vm = plan_configured_vm(&config, id, Seed::new(7), state, &request.surroundings)?;
    // Nothing was sent until here: the first start logs in, clones, boots and meets the agent.
    vm.start()?;
    let report = drive(&mut vm);
    vm.destroy()?;
    report
}

/// What would be the same for a VM of this process.
fn drive(vm: &mut dyn BiologicalVm) -> Result<ProcessReport, Box<dyn Error>> {
    let _ = vm.allocate_atp(AtpPercent::new(60.0)?)?;
    let code = ProcessCode::new("look.star", "advance(60)\ncounts(['dnaA', 'ATP'])")?;
    vm.execute_biological_process(&code)?;
    // Off and on again: the cell is on the disk of its guest.
    vm.stop()?;
    vm.start()?;
    Ok(vm.execute_biological_process(&code)?)
}

/// The file says where the pool is, and the program what the cell is.
pub(crate) fn with_packages(
    file: &Path,
    state: &Path,
) -> Result<Vec<InstalledPackage>, Box<dyn Error>> {
    let mut request = Request::new(Surroundings::of_process());
    request.file = FileChoice::Path(file.to_owned());
    let options = pool_options(&load(&request)?.config, state, &request.surroundings)?;
    let spec = VmSpec::builder(VmId::new("carrier")?, Organism::Ecoli, Seed::new(7))
        .infrastructure(Infrastructure::Xcpng)
        .build()?;
    let packages = vec![PackageName::new("pbr322")?];
    let mut vm = plan_vm(move || XcpngPool::connect(options.clone()), spec, packages);
    vm.start()?;
    let installed = vm.installed_packages();
    vm.destroy()?;
    Ok(installed?)
}
