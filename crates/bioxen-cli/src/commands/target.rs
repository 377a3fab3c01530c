//! Whose VMs a command means: those of a daemon, or those of a pool.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bioxen::config::{Config, FileChoice, Surroundings, VmType, load};
use bioxen::xcpng::{XcpngOptions, XcpngPool};
use bioxen::{Organism, pool_options};

use super::config as settings;
use super::state::state_folder;
use crate::args::{TargetArgs, WantedArgs};
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::output::steps::Steps;

/// Whose VMs are meant.
#[derive(Debug)]
pub(super) struct Target {
    state: Option<PathBuf>,
    config: Option<Config>,
    pool: Option<Pool>,
}

/// A pool, and who calls off what is done in it.
#[derive(Debug)]
struct Pool {
    options: Box<XcpngOptions>,
    interrupt: Interrupt,
}

impl Target {
    /// What the arguments mean; of a pool nothing is asked yet.
    ///
    /// A configuration for another organism than that of a new VM is refused.
    pub(super) fn of(args: &TargetArgs, organism: Option<Organism>) -> Result<Self, Failure> {
        let config = configuration(args, organism)?;
        let vm_type = args.vm_type.or(config.vm_type).unwrap_or(VmType::Basic);
        let pool = match vm_type {
            VmType::Xcpng => Some(Pool::of(&config, args.state.as_deref())?),
            VmType::Basic => None,
        };
        Ok(Self {
            state: args.state.clone(),
            config: Some(config),
            pool,
        })
    }

    /// The folder that was named for the state.
    pub(super) fn state(&self) -> Option<&Path> {
        self.state.as_deref()
    }

    /// The configuration that was named or found; none for a daemon, unless one was named.
    pub(super) fn config(&self) -> Option<&Config> {
        self.config.as_ref()
    }

    /// How the pool is met, if one is meant.
    pub(super) fn pool(&self) -> Option<&XcpngOptions> {
        self.pool.as_ref().map(|pool| &*pool.options)
    }

    /// Meets the pool that is meant.
    pub(super) fn connect(&self) -> Result<XcpngPool, Failure> {
        let options = self.pool().ok_or(Failure::NoPool)?;
        Ok(XcpngPool::connect(options.clone())?)
    }

    /// What a command ends with: one that was interrupted has undone what it began.
    pub(super) fn conclude(&self, done: Result<ExitCode, Failure>) -> Result<ExitCode, Failure> {
        let Some(Pool { interrupt, .. }) = &self.pool else {
            return done;
        };
        if !interrupt.is_raised() {
            return done;
        }
        match done {
            Ok(code) if code == ExitCode::SUCCESS => return Ok(code),
            Ok(_) => {}
            Err(failure) if failure.is_cancelled() => {
                say("interrupted");
            }
            Err(failure) => failure.tell(),
        }
        Ok(interrupt.exit_code())
    }
}

impl Pool {
    fn of(config: &Config, state: Option<&Path>) -> Result<Self, Failure> {
        let mut options = options_of(config, state)?;
        // What was made is removed before the command ends, however often it is told to.
        let interrupt = Interrupt::watch_patiently()?;
        options.cancel = interrupt.token().clone();
        options.watcher = Arc::new(Steps::new());
        Ok(Self {
            options: Box::new(options),
            interrupt,
        })
    }
}

/// The configuration that is named, or the one that is found if a pool is meant; a VM of a daemon outlives the folder that the person is in.
fn configuration(args: &TargetArgs, organism: Option<Organism>) -> Result<Config, Failure> {
    let wanted = WantedArgs {
        organism,
        vm_type: args.vm_type,
        strict: false,
        set: Vec::new(),
    };
    let named = named(args.hypervisor.as_deref(), args.config.as_deref())?;
    let mut request = settings::request(named.as_deref(), &wanted);
    if named.is_none() && args.vm_type != Some(VmType::Xcpng) {
        request.file = FileChoice::None;
        request.surroundings.environment.clear();
    }
    let loaded = load(&request)?;
    settings::warn(&loaded);
    Ok(loaded.config)
}

/// How the pool of a configuration is met; nothing is sent yet.
pub(super) fn options_of(config: &Config, state: Option<&Path>) -> Result<XcpngOptions, Failure> {
    let state = state_folder(state).ok_or(Failure::NoState)?;
    Ok(pool_options(config, &state, &Surroundings::of_process())?)
}

/// The file of the configuration that is named, by its name or as a file.
pub(super) fn named(
    hypervisor: Option<&str>,
    config: Option<&Path>,
) -> Result<Option<PathBuf>, Failure> {
    match hypervisor {
        Some(name) => by_name(name).map(Some),
        None => Ok(config.map(Path::to_owned)),
    }
}

/// The file of a configuration in the folder of the user.
fn by_name(name: &str) -> Result<PathBuf, Failure> {
    let home = Surroundings::of_process().home;
    let folder = home.map(|home| home.join(".bioxen/hypervisors"));
    let folder = folder.ok_or(Failure::NoState)?;
    let is_plain = !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
    let found = ["yaml", "json"]
        .iter()
        .map(|extension| folder.join(format!("{name}.{extension}")))
        .find(|path| is_plain && path.is_file());
    found.ok_or_else(|| {
        let mut known: Vec<String> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let extension = path.extension()?;
                let is_one = extension == "yaml" || extension == "json";
                is_one.then(|| path.file_stem()?.to_str().map(str::to_owned))?
            })
            .collect();
        known.sort();
        Failure::NoHypervisor {
            name: name.to_owned(),
            folder,
            known,
        }
    })
}
