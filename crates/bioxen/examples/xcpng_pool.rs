//! The guests of an XCP-ng pool: what they need is looked at, one is made, driven by its name, and removed.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use bioxen::agent::RemoteHypervisor;
use bioxen::config::{FileChoice, Request, Surroundings, load};
use bioxen::xcpng::xapi::PowerState;
use bioxen::xcpng::{CheckVerdict, PoolChannel, XcpngOptions, XcpngPool, examine};
use bioxen::{
    BiologicalVm, Infrastructure, Organism, Pacing, Seed, SimTime, VmId, VmSpec, pool_options,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(file), Some(state)) = (arguments.next(), arguments.next()) else {
        return Err("give the configuration file of a pool, and a folder for what is kept".into());
    };
    let reached = one_guest(&file, &state)?;
    writeln!(std::io::stdout(), "the cell was at {reached}")?;
    Ok(())
}

/// Makes one guest, advances its cell by a minute, and removes it.
pub(crate) fn one_guest(file: &Path, state: &Path) -> Result<SimTime, Box<dyn Error>> {
    let surroundings = Surroundings::of_process();
    let mut request = Request::new(surroundings.clone());
    request.file = FileChoice::Path(file.to_owned());
    let options = pool_options(&load(&request)?.config, state, &surroundings)?;
    look(options.clone())?;

    let spec = VmSpec::builder(VmId::new("cell-2")?, Organism::Syn3a, Seed::new(7))
        .infrastructure(Infrastructure::Xcpng)
        .pacing(Pacing::Manual)
        .build()?;
    let pool = XcpngPool::connect(options)?;
    let guest = pool.create(&spec, &[])?;
    let reached = by_name(&pool, spec.id());
    pool.destroy(&guest)?;

    // What a program that was killed left in the pool; `true` in place of `false` removes it.
    let garbage = pool.garbage(false)?;
    pool.close()?;
    match garbage.found.first() {
        Some(found) => Err(format!("{} was left", found.what).into()),
        None => reached,
    }
}

/// What `bioxen doctor --xcpng` looks at.
fn look(options: XcpngOptions) -> Result<(), Box<dyn Error>> {
    for check in examine(options, None) {
        if check.verdict == CheckVerdict::Failed {
            return Err(format!("{}: {}; {}", check.what, check.found, check.cure).into());
        }
    }
    Ok(())
}

/// What another program does that knows the name alone.
fn by_name(pool: &XcpngPool, id: &VmId) -> Result<SimTime, Box<dyn Error>> {
    let hypervisor = RemoteHypervisor::new(PoolChannel::new(pool.clone()));
    let mut vm = hypervisor.open(id)?;
    vm.start()?;
    let reached = vm.advance("1min".parse()?)?;
    let (guest, record) = pool.guest(id)?;
    if record.power_state != PowerState::Running {
        return Err(format!("VM {} was switched off", guest.uuid).into());
    }
    vm.stop()?;
    Ok(reached)
}
