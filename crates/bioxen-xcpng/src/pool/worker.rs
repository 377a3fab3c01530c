//! A guest in which cells of this program are computed; it has none of its own.

use bioxen_agent::draw_op;
use bioxen_core::{CancelToken, Organism, VmId};

use super::boot::Reachable;
use super::destroy::Stage;
use super::{Guest, XcpngError, XcpngPool};
use crate::journal::{Entry, Intent};
use crate::value::Uuid;

/// A guest in which cells of this program are computed.
///
/// It goes by the name of a VM in the making for as long as it lives.
/// So no list of guests has it, and if its program is ended, the garbage collection finds and removes it.
/// It is removed by [`end`](Self::end), or when it is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    pool: XcpngPool,
    guest: Guest,
    /// `None` once it is removed.
    entry: Option<Entry>,
}

impl XcpngPool {
    /// Makes and boots a guest for cells of this program, by a name for messages; if that fails, nothing of it is left.
    pub(crate) fn worker(
        &self,
        id: &VmId,
        organism: Organism,
    ) -> Result<(Worker, Reachable), XcpngError> {
        let mut entry = self.shared.journal.begin(draw_op(), &Intent::Compute)?;
        let mut cloned = None;
        let made = self
            .make_worker(id, organism, &mut entry, &mut cloned)
            .and_then(|guest| self.boot(&guest).map(|reached| (guest, reached)));
        self.options().watcher.rest();
        match made {
            Ok((guest, reached)) => {
                let worker = Worker {
                    pool: self.clone(),
                    guest,
                    entry: Some(entry),
                };
                Ok((worker, reached))
            }
            Err(failed) => Err(self.unmake(entry, cloned.as_ref(), failed)),
        }
    }

    fn make_worker(
        &self,
        id: &VmId,
        organism: Organism,
        entry: &mut Entry,
        cloned: &mut Option<Uuid>,
    ) -> Result<Guest, XcpngError> {
        let bounds = self.making();
        let source = self.source(bounds)?;
        let (reference, record) = self.clone_template(&source, entry, bounds)?;
        *cloned = Some(record.uuid.clone());
        let guest = Guest {
            id: id.clone(),
            organism,
            uuid: record.uuid.clone(),
            reference,
            has_own_host_key: self.gives_own_host_keys(),
        };
        self.fit_out(&guest, &record, &source, entry, bounds)?;
        let description = format!("BioXen: cells of {organism} that bioxen run computes");
        self.xapi()
            .set_vm_description(&guest.reference, &description, bounds)?;
        Ok(guest)
    }
}

impl Worker {
    pub(crate) fn guest(&self) -> &Guest {
        &self.guest
    }

    /// Removes the guest with its disks, also if the work in it was called off.
    pub(crate) fn end(mut self) -> Result<(), XcpngError> {
        self.remove()
    }

    fn remove(&mut self) -> Result<(), XcpngError> {
        let Some(entry) = self.entry.take() else {
            return Ok(());
        };
        let pool = &self.pool;
        let token = CancelToken::new();
        let bounds = pool.bounds("removing the guest", pool.options().limits.destroy, &token);
        // If this fails, the journal keeps the operation, for the garbage collection.
        let removed = pool
            .remove_unfinished(entry.op(), Stage::Computing, bounds)
            .and_then(|_| Ok(entry.close()?));
        removed.map_err(|error| XcpngError::Left {
            left: format!("{} with its disks, VM {}", self.guest.id, self.guest.uuid),
            source: Box::new(error),
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            // Nobody else hears of it.
            let watcher = &self.pool.options().watcher;
            watcher.note(&format!("{error}; {}", error.hint().unwrap_or_default()));
        }
    }
}
