//! What outlives the process: which VMs there are, which image each of them goes on from, what operations answered, and what happened.
//!
//! Everything goes through [`Keep::commit`]: it is in the journal, on the disk, before it is true here.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use bioxen_core::{VmId, VmSpec, VmState};

use super::journal::{Journal, JournalError, OsDisk, Record};
use crate::frame::OpId;
use crate::message::{Event, EventNumber, Message, UnixMillis};

mod record;

pub(crate) use record::RecordError;
use record::{decode, encode};

/// A VM as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeptVm {
    /// What was asked for when it was made.
    pub(crate) spec: VmSpec,
    pub(crate) created_at: UnixMillis,
    pub(crate) state: VmState,
    /// Name of the image file that it goes on from.
    pub(crate) image: String,
}

/// One thing that becomes true.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// A VM is so from now on.
    Vm(KeptVm),
    /// A VM is no more.
    Gone(VmId),
    /// An operation was done, with this answer.
    Done(OpId, Message),
    /// Something happened.
    Event(Event),
}

/// See the module.
pub(crate) struct Keep {
    journal: Journal<OsDisk>,
    vms: BTreeMap<VmId, KeptVm>,
    answers: Answers,
    events: VecDeque<Event>,
    /// Bytes of the journal when it was written anew last.
    rewritten: u64,
}

/// Answers to operations, the newest of them.
#[derive(Debug, Default)]
struct Answers {
    by_op: BTreeMap<OpId, Message>,
    order: VecDeque<OpId>,
    bytes: usize,
}

impl Answers {
    /// Most answers that are kept.
    const MOST: usize = 4096;
    /// Most bytes of them; the newest answer is kept in any case.
    const MOST_BYTES: usize = 64 << 20;

    fn insert(&mut self, op: OpId, answer: Message) {
        // It is the first answer under this name, or the one before was forgotten: otherwise that would have been given.
        self.bytes += size(&answer);
        self.order.push_back(op);
        self.by_op.insert(op, answer);
        while self.order.len() > Self::MOST
            || (self.bytes > Self::MOST_BYTES && self.order.len() > 1)
        {
            let oldest = self.order.pop_front();
            if let Some(answer) = oldest.and_then(|op| self.by_op.remove(&op)) {
                self.bytes -= size(&answer);
            }
        }
    }
}

fn size(answer: &Message) -> usize {
    answer.json.len() + answer.body.len()
}

/// What was found when the journal was opened.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) keep: Keep,
    /// Bytes of a change that was not acknowledged.
    pub(crate) cut_bytes: u64,
    /// Nothing was ever kept in it.
    pub(crate) is_new: bool,
}

impl Keep {
    /// Most events that are kept.
    const EVENTS: usize = 10_000;
    /// The journal is written anew when it is larger than this, and twice as large as after the last time.
    const REWRITE_ABOVE: u64 = 8 << 20;

    /// Reads the journal of a folder, or begins one.
    pub(crate) fn open(folder: &Path) -> Result<Found, KeepError> {
        let (journal, opened) = Journal::open(folder, OsDisk).map_err(KeepError::Journal)?;
        let mut keep = Self {
            journal,
            vms: BTreeMap::new(),
            answers: Answers::default(),
            events: VecDeque::new(),
            rewritten: 0,
        };
        let is_new = opened.records.is_empty();
        for record in opened.records {
            let change = decode(&record).map_err(KeepError::Record)?;
            keep.apply(change);
        }
        Ok(Found {
            keep,
            cut_bytes: opened.cut_bytes,
            is_new,
        })
    }

    pub(crate) fn vms(&self) -> &BTreeMap<VmId, KeptVm> {
        &self.vms
    }

    /// What an operation answered, if it was done and that is still known.
    pub(crate) fn answer(&self, op: OpId) -> Option<&Message> {
        self.answers.by_op.get(&op)
    }

    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter()
    }

    pub(crate) fn last_event(&self) -> EventNumber {
        self.events
            .back()
            .map_or(EventNumber::NONE, |last| last.number)
    }

    /// Makes changes true, all or none; when it answers, they are on the disk.
    pub(crate) fn commit(&mut self, changes: Vec<Change>) -> Result<(), JournalError> {
        let records: Vec<Record> = changes.iter().map(encode).collect();
        match self.journal.append(&records) {
            // The file cannot be trusted any more: all that is true is written to another one first.
            Err(JournalError::Broken { .. }) => {
                self.rewrite()?;
                self.journal.append(&records)?;
            }
            other => other?,
        }
        for change in changes {
            self.apply(change);
        }
        Ok(())
    }

    /// Writes the journal anew if it has grown much larger than what it has to hold.
    pub(crate) fn tidy(&mut self) -> Result<(), JournalError> {
        let limit = Self::REWRITE_ABOVE.max(self.rewritten.saturating_mul(2));
        if self.journal.bytes() > limit {
            self.rewrite()?;
        }
        Ok(())
    }

    fn rewrite(&mut self) -> Result<(), JournalError> {
        let vms = self.vms.values().cloned().map(Change::Vm);
        let answers = self.answers.order.iter().filter_map(|op| {
            let answer = self.answers.by_op.get(op)?;
            Some(Change::Done(*op, answer.clone()))
        });
        let events = self.events.iter().cloned().map(Change::Event);
        let all = vms.chain(answers).chain(events);
        self.journal.rewrite(all.map(|change| encode(&change)))?;
        self.rewritten = self.journal.bytes();
        Ok(())
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Vm(vm) => {
                self.vms.insert(vm.spec.id().clone(), vm);
            }
            Change::Gone(id) => {
                self.vms.remove(&id);
            }
            Change::Done(op, answer) => self.answers.insert(op, answer),
            Change::Event(event) => {
                self.events.push_back(event);
                if self.events.len() > Self::EVENTS {
                    self.events.pop_front();
                }
            }
        }
    }
}

impl std::fmt::Debug for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keep")
            .field("vms", &self.vms.len())
            .field("events", &self.events.len())
            .finish_non_exhaustive()
    }
}

/// Why what was kept cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    #[error("the journal of the daemon cannot be used")]
    Journal(#[source] JournalError),
    #[error("the journal of the daemon has an entry that cannot be read")]
    Record(#[source] RecordError),
}

impl KeepError {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Journal(error) => error.hint(),
            Self::Record(_) => {
                Some("it may be of a newer version of this program; nothing was changed".to_owned())
            }
        }
    }
}
