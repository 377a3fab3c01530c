//! A pool of guests, each with one cell.
//!
//! Whatever is made in the pool bears a mark that names this installation and the very object, since a clone carries what its template bears.
//! Nothing without that mark is ever changed or removed.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bioxen_agent::{OpId, draw_op};
use bioxen_core::{CancelToken, Organism, VmId};

use crate::error::XapiError;
use crate::https::HttpsDial;
use crate::journal::Journal;
use crate::ssh::HostKeys;
use crate::value::{Ref, Uuid, Vm};
use crate::wait::{SystemTimer, Timer};
use crate::xapi::{Bounds, VmRecord, Xapi};

mod boot;
mod create;
mod destroy;
mod doctor;
mod error;
mod garbage;
mod host_key;
mod kept;
mod mark;
mod options;
mod stop;
mod trust;
mod worker;

pub(crate) use boot::Reachable;
pub use doctor::{Check, Verdict as CheckVerdict, examine};
pub use error::{FailureKind, Reached, XcpngError};
pub use garbage::{Found, Garbage, Leak};
pub(crate) use kept::planned_status;
pub use options::{GuestHostKeys, GuestLimits, Step, Watcher, XcpngOptions};
pub use trust::ShownHostKey;
pub(crate) use worker::Worker;

use self::mark::Mark;

/// A pool, with one session of XAPI for all that is done through it; clones share it.
#[derive(Clone, Debug)]
pub struct XcpngPool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: XcpngOptions,
    installation: OpId,
    journal: Journal,
    host_keys: HostKeys,
    xapi: Xapi,
}

/// A VM of the pool that has, or will have, a cell.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The biological VM.
    pub id: VmId,
    /// Organism of its cell.
    pub organism: Organism,
    /// The VM in the pool.
    pub uuid: Uuid,
    reference: Ref<Vm>,
    has_own_host_key: bool,
}

impl XcpngPool {
    /// Logs in.
    ///
    /// # Errors
    ///
    /// [`XcpngError`] if the state folder cannot be used, or if the login fails.
    pub fn connect(options: XcpngOptions) -> Result<Self, XcpngError> {
        let timer = Arc::new(SystemTimer::new());
        Self::connect_through(options, timer, |options, timer| {
            let xapi = options.xapi.clone();
            let trust = xapi.trust.clone();
            let dial = HttpsDial::new(trust, xapi.limits.https, Arc::clone(&timer));
            let dial = Box::new(dial.map_err(XapiError::from)?);
            Ok(Xapi::connect_through(xapi, dial, timer, &options.cancel)?)
        })
    }

    /// Logs in through a connection and a time of the caller's choice.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_through(
        mut options: XcpngOptions,
        timer: Arc<dyn Timer>,
        login: impl FnOnce(&XcpngOptions, Arc<dyn Timer>) -> Result<Xapi, XcpngError>,
    ) -> Result<Self, XcpngError> {
        let installation = installation(&options.state)?;
        options.xapi.originator = format!("bioxen/{installation}");
        let journal = Journal::open(&options.state.join("journal"))?;
        let host_keys = HostKeys::at(options.state.join("known_hosts"));
        options.xapi.journal = Some(journal.clone());
        let xapi = login(&options, timer)?;
        Ok(Self {
            shared: Arc::new(Shared {
                options,
                installation,
                journal,
                host_keys,
                xapi,
            }),
        })
    }

    /// The session, for what is not about guests.
    pub fn xapi(&self) -> &Xapi {
        &self.shared.xapi
    }

    /// What the pool was told.
    pub fn options(&self) -> &XcpngOptions {
        &self.shared.options
    }

    /// The file of known host keys.
    pub fn host_keys(&self) -> &HostKeys {
        &self.shared.host_keys
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// [`XcpngError`] if the server did not confirm it; it ends idle sessions after a day by itself.
    pub fn close(&self) -> Result<(), XcpngError> {
        Ok(self.shared.xapi.close()?)
    }

    /// All guests of this installation, by the names of their biological VMs, with what the pool says of them.
    ///
    /// # Errors
    ///
    /// [`XcpngError`] if they cannot be read.
    pub fn guests(&self) -> Result<Vec<(Guest, VmRecord)>, XcpngError> {
        let bounds = self.step("reading the VMs of the pool", self.xapi().limits().call);
        let ours = |record: &VmRecord| self.mark_of(record).is_some();
        let mut guests: Vec<_> = self
            .xapi()
            .vm_records(bounds, ours)?
            .into_iter()
            .filter_map(|(reference, record)| {
                let mark = self.mark_of(&record)?;
                let guest = Guest {
                    id: mark.id,
                    organism: mark.organism,
                    uuid: record.uuid.clone(),
                    reference,
                    has_own_host_key: mark::has_own_host_key(&record.other_config, &record.uuid),
                };
                Some((guest, record))
            })
            .collect();
        guests.sort_by(|(a, _), (b, _)| (&a.id, &a.uuid).cmp(&(&b.id, &b.uuid)));
        Ok(guests)
    }

    /// The guest of a biological VM.
    ///
    /// # Errors
    ///
    /// [`XcpngError::NotFound`] if this installation has none of that name, and [`XapiError::Ambiguous`] if it has several.
    pub fn guest(&self, id: &VmId) -> Result<(Guest, VmRecord), XcpngError> {
        let mut all = self.guests()?;
        all.retain(|(guest, _)| guest.id == *id);
        if all.len() > 1 {
            return Err(XcpngError::Xapi(XapiError::Ambiguous {
                what: "guest",
                name: format!("\"{id}\""),
                uuids: all.into_iter().map(|(guest, _)| guest.uuid).collect(),
            }));
        }
        all.pop()
            .ok_or_else(|| XcpngError::NotFound { id: id.clone() })
    }

    /// The mark of this installation on a VM that is a guest, or is about to be one.
    fn mark_of(&self, record: &VmRecord) -> Option<Mark> {
        // One that is being made is no guest yet, and one whose making was broken off never was.
        if record.is_a_snapshot
            || mark::op_of(self.shared.installation, &record.name_label).is_some()
        {
            return None;
        }
        Mark::read(&record.other_config, self.shared.installation, &record.uuid)
    }

    fn timer(&self) -> &dyn Timer {
        &**self.xapi().timer()
    }

    fn step(&self, what: &'static str, limit: Duration) -> Bounds<'_> {
        self.bounds(what, limit, &self.shared.options.cancel)
    }

    fn bounds<'a>(
        &self,
        what: &'static str,
        limit: Duration,
        cancel: &'a CancelToken,
    ) -> Bounds<'a> {
        self.xapi().bounds(what, limit, cancel)
    }

    /// Says that a step of several begins.
    fn tell(&self, number: u32, of: u32, what: &'static str, limit: Duration) {
        tracing::info!(number, of, what, "step");
        self.shared.options.watcher.step(&Step {
            number,
            of,
            what,
            limit,
        });
    }
}

/// The name of the installation that a state folder belongs to, drawn the first time.
fn installation(state: &Path) -> Result<OpId, XcpngError> {
    let path = state.join("installation");
    let of = |source| XcpngError::State {
        path: path.clone(),
        source,
    };
    fs::create_dir_all(state).map_err(of)?;
    loop {
        match fs::read_to_string(&path) {
            Ok(text) => {
                let name = text.trim().parse();
                return name.map_err(|_| {
                    of(std::io::Error::new(
                        std::io::ErrorKind::InvalidData,
                        "it is not the name of an installation",
                    ))
                });
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(of(error)),
        }
        // Whole under a name of its own first: whoever is second takes the name of the first.
        let drawn = draw_op();
        let new = state.join(format!("installation.{drawn}"));
        let written = fs::write(&new, format!("{drawn}\n")).and_then(|()| {
            fs::File::open(&new)?.sync_all()?;
            match fs::hard_link(&new, &path) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
                _ => Ok(()),
            }
        });
        let removed = fs::remove_file(&new);
        written.and(removed).map_err(of)?;
    }
}
