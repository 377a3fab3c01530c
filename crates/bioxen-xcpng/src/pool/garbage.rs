//! What programs that are gone left in a pool, by the journal and by the marks.

use std::fmt;

use bioxen_agent::OpId;
use bioxen_core::VmId;

use super::destroy::Stage;
use super::mark;
use super::{XcpngError, XcpngPool};
use crate::journal::{Intent, JournalError, Left, Note};
use crate::value::Uuid;
use crate::xapi::Bounds;

/// What was left, and what became of it.
#[derive(Debug, Default)]
pub struct Garbage {
    /// Each thing, in the order in which it was found.
    pub found: Vec<Found>,
    /// Journals that cannot be read; they are left alone.
    pub unreadable: Vec<JournalError>,
}

/// One thing that was left.
#[derive(Debug)]
pub struct Found {
    /// What it is.
    pub what: Leak,
    /// Why it could not be removed; `None` if it was, or if nobody asked for that.
    pub failed: Option<XcpngError>,
}

/// What can be left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leak {
    /// A VM that was being made, or was to be made: the journal has it, the pool perhaps.
    Unfinished {
        /// The biological VM that it was to be.
        vm_id: VmId,
        /// The name that it goes by in the pool.
        name: String,
    },
    /// A VM in which cells were computed.
    Computing {
        /// The name that it goes by in the pool.
        name: String,
    },
    /// A VM that was being destroyed, or disks of it.
    Undestroyed {
        /// The VM.
        vm: Uuid,
    },
    /// A disk that bears the mark of this installation and that no VM has.
    Disk {
        /// The disk.
        vdi: Uuid,
    },
    /// A VM in the making of which the journal knows nothing any more.
    Stray {
        /// The name that it goes by in the pool.
        name: String,
    },
    /// A record of an operation in the background, which may go on.
    Task {
        /// The record.
        task: String,
    },
    /// A session.
    Session {
        /// The session, if the journal has it.
        session: Option<Uuid>,
    },
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished { vm_id, name } => {
                write!(f, "the making of \"{vm_id}\", VM {name} with its disks")
            }
            Self::Computing { name } => {
                write!(f, "VM {name} with its disks, in which cells were computed")
            }
            Self::Undestroyed { vm } => write!(f, "the removal of VM {vm} and of its disks"),
            Self::Stray { name } => write!(f, "VM {name} with its disks, which was never finished"),
            Self::Task { task } => write!(f, "task {task}"),
            Self::Disk { vdi } => write!(f, "disk {vdi}, which no VM has"),
            Self::Session {
                session: Some(uuid),
            } => write!(f, "session {uuid}"),
            Self::Session { session: None } => f.write_str("a login"),
        }
    }
}

impl XcpngPool {
    /// Lists what programs of this installation left in the pool when they were ended, and removes it if `apply` says so.
    ///
    /// Programs that live are not disturbed, and what bears no mark of this installation is not touched.
    ///
    /// One thing nobody can find: a session or a task whose name did not arrive, since the answer to its call was lost or its program ended just then.
    /// The server ends such a session after a day without calls, and removes such a task about an hour after its end.
    /// What such a task makes is found.
    ///
    /// # Errors
    ///
    /// [`XcpngError`] if it cannot be listed; what cannot be removed is in the answer.
    pub fn garbage(&self, apply: bool) -> Result<Garbage, XcpngError> {
        let (left, unreadable) = self.shared.journal.left()?;
        let mut garbage = Garbage {
            found: Vec::new(),
            unreadable,
        };
        for left in left {
            if matches!(left.intent, Intent::Destroy { .. }) && !left.notes.contains(&Note::Begun) {
                // The VM is whole: its removal was called off by the end of its program.
                if apply {
                    left.entry.close()?;
                }
                continue;
            }
            let what = self.leak(&left);
            let failed = match apply {
                true => self.settle(left).err(),
                false => None,
            };
            garbage.found.push(Found { what, failed });
        }
        for (op, name) in self.strays()? {
            let what = Leak::Stray { name };
            let failed = match apply {
                true => self
                    .remove_unfinished(op, Stage::Making, self.removal())
                    .err(),
                false => None,
            };
            garbage.found.push(Found { what, failed });
        }
        for vdi in self.loose_disks()? {
            let what = Leak::Disk { vdi: vdi.clone() };
            let failed = match apply {
                true => self.remove_disk(&vdi, self.removal()).err(),
                false => None,
            };
            garbage.found.push(Found { what, failed });
        }
        Ok(garbage)
    }

    fn leak(&self, left: &Left) -> Leak {
        match &left.intent {
            Intent::Create { vm_id } => Leak::Unfinished {
                vm_id: vm_id.clone(),
                name: self.name_in_the_making(left.entry.op()),
            },
            Intent::Compute => Leak::Computing {
                name: self.name_in_the_making(left.entry.op()),
            },
            Intent::Destroy { vm } => Leak::Undestroyed { vm: vm.clone() },
            Intent::Task { task } => Leak::Task {
                task: task.to_string(),
            },
            Intent::Session => Leak::Session {
                session: left.notes.iter().find_map(|note| match note {
                    Note::Session(uuid) => Some(uuid.clone()),
                    _ => None,
                }),
            },
        }
    }

    /// Ends an operation whose program is gone.
    fn settle(&self, left: Left) -> Result<(), XcpngError> {
        let Left {
            mut entry,
            intent,
            notes,
        } = left;
        let bounds = self.removal();
        let disks: Vec<Uuid> = notes
            .iter()
            .filter_map(|note| match note {
                Note::Disk(uuid) => Some(uuid.clone()),
                _ => None,
            })
            .collect();
        match intent {
            Intent::Create { .. } | Intent::Compute => {
                // Those of a guest that computes are noted once they are marked.
                let stage = match intent {
                    Intent::Compute if !disks.is_empty() => Stage::Computing,
                    _ => Stage::Making,
                };
                self.remove_unfinished(entry.op(), stage, bounds)?;
                // The clone may have got its name for people already, and then it is whole: whoever made it was ended before he could say so.
                for disk in &disks {
                    self.remove_disk(disk, bounds)?;
                }
            }
            Intent::Destroy { vm } => match self.remove(&vm, &mut entry, &disks, &mut true, bounds)
            {
                // Another VM has taken its name since, or somebody took our mark off: it is not ours to remove.
                Err(XcpngError::NotOurs { .. }) | Ok(()) => {}
                Err(error) => return Err(error),
            },
            Intent::Task { task } => self.xapi().end_task(&task, bounds)?,
            Intent::Session => {
                for note in &notes {
                    if let Note::Session(uuid) = note {
                        self.xapi().end_session(uuid, bounds)?;
                    }
                }
            }
        }
        Ok(entry.close()?)
    }

    /// Time for the removal of one thing.
    fn removal(&self) -> Bounds<'_> {
        self.step("the removal", self.options().limits.destroy)
    }

    /// VMs that were in the making when it was over with their operation, such as a clone that came after all.
    fn strays(&self) -> Result<Vec<(OpId, String)>, XcpngError> {
        let bounds = self.step("reading the VMs of the pool", self.xapi().limits().call);
        let op_of = |name: &str| mark::op_of(self.shared.installation, name);
        let all = self
            .xapi()
            .vm_records(bounds, |record| op_of(&record.name_label).is_some())?;
        // The journal is looked at last: an operation is written down before its VM is there.
        let strays = all.into_iter().filter_map(|(_, record)| {
            let op = op_of(&record.name_label)?;
            (!self.shared.journal.has(op)).then_some((op, record.name_label))
        });
        Ok(strays.collect())
    }

    /// Disks of this installation that no VM has.
    fn loose_disks(&self) -> Result<Vec<Uuid>, XcpngError> {
        let bounds = self.step("reading the disks of the pool", self.xapi().limits().call);
        let installation = self.shared.installation;
        let loose = self.xapi().vdi_records(bounds, |record| {
            record.vbds.is_empty()
                && mark::is_ours(&record.other_config, installation, &record.uuid)
        })?;
        Ok(loose.into_iter().map(|(_, record)| record.uuid).collect())
    }
}
