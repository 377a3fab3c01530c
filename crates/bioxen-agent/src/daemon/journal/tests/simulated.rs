//! A disk in memory, whose calls fail when a test says so and whose power can be cut.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::daemon::journal::Disk;

/// A handle to the disk; clones are the same disk.
#[derive(Clone, Debug, Default)]
pub(super) struct SimulatedDisk(Rc<RefCell<State>>);

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing is done.
    Refuse(io::ErrorKind),
    /// A write does so many bytes of it; other calls do nothing.
    Partly(usize),
    /// A sync fails, and the system forgets what it had to write as if it were written.
    Forget,
    /// The power goes: what the call was to do may be done in part, and no other call does anything.
    PowerCut,
}

#[derive(Clone, Debug, Default)]
struct State {
    files: Vec<SimulatedFile>,
    /// Names as programs see them.
    names: BTreeMap<PathBuf, usize>,
    /// Names on the disk, and after each change that is not there yet.
    durable_names: BTreeMap<PathBuf, usize>,
    pending_names: Vec<BTreeMap<PathBuf, usize>>,
    calls: u64,
    faults: BTreeMap<u64, Fault>,
    has_power: bool,
    noise: u64,
}

#[derive(Clone, Debug, Default)]
struct SimulatedFile {
    /// What programs see.
    cached: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                file.resize(file.len().max(end), 0);
                file[*at..end].copy_from_slice(bytes);
            }
            Self::Cut { length } => file.resize(*length, 0),
        }
    }

    /// What may be there of it when the power goes while it is done, the whole of it left out.
    fn parts(&self) -> Vec<Self> {
        match self {
            Self::Cut { .. } => Vec::new(),
            Self::Write { at, bytes } => (0..bytes.len())
                .flat_map(|middle| {
                    let (begin, end) = bytes.split_at(middle);
                    let zeros = |bytes: &[u8]| vec![0; bytes.len()];
                    // The begin alone; the length with one half of the bytes and not the other.
                    [
                        begin.to_vec(),
                        [begin.to_vec(), zeros(end)].concat(),
                        [zeros(begin), end.to_vec()].concat(),
                    ]
                })
                .map(|bytes| Self::Write { at: *at, bytes })
                .collect(),
        }
    }
}

impl SimulatedFile {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.cached);
        self.pending.push(change);
    }

    /// What the disk may have when the power goes.
    fn after_power_cut(&self) -> Vec<Vec<u8>> {
        let with = |changes: &mut dyn Iterator<Item = &Change>| {
            let mut bytes = self.durable.clone();
            changes.for_each(|change| change.apply(&mut bytes));
            bytes
        };
        let pending = &self.pending;
        let mut outcomes = vec![with(&mut pending.iter())];
        for (done, change) in pending.iter().enumerate() {
            let before = &pending[..done];
            outcomes.push(with(&mut before.iter()));
            for part in change.parts() {
                outcomes.push(with(&mut before.iter().chain([&part])));
            }
            // Later ones may get there first.
            let after = &pending[done + 1..];
            outcomes.push(with(&mut before.iter().chain(after)));
            if let Some((last, between)) = after.split_last() {
                for part in last.parts() {
                    outcomes.push(with(&mut before.iter().chain(between).chain([&part])));
                }
            }
        }
        outcomes.sort();
        outcomes.dedup();
        outcomes
    }
}

impl SimulatedDisk {
    pub(super) fn new() -> Self {
        let disk = Self::default();
        disk.0.borrow_mut().has_power = true;
        disk
    }

    /// The calls of those numbers fail, counted from 1.
    pub(super) fn failing(faults: impl IntoIterator<Item = (u64, Fault)>) -> Self {
        let disk = Self::new();
        disk.0.borrow_mut().faults = faults.into_iter().collect();
        disk
    }

    /// Makes the call fail that comes after so many others.
    pub(super) fn fail_after(&self, calls: u64, fault: Fault) {
        let mut state = self.0.borrow_mut();
        let number = state.calls + calls + 1;
        state.faults.insert(number, fault);
    }

    pub(super) fn calls(&self) -> u64 {
        self.0.borrow().calls
    }

    pub(super) fn has_power(&self) -> bool {
        self.0.borrow().has_power
    }

    /// What a program sees that is started after the one before was killed.
    pub(super) fn after_kill(&self) -> Self {
        let mut state = self.0.borrow().clone();
        state.faults.clear();
        state.has_power = true;
        Self(Rc::new(RefCell::new(state)))
    }

    /// All that a machine may have when it gets its power back; `path` is the file to look at closely.
    pub(super) fn after_power_cut(&self, path: &Path) -> Vec<Self> {
        let state = self.0.borrow();
        let all_names = [&state.durable_names]
            .into_iter()
            .chain(&state.pending_names);
        let mut outcomes = Vec::new();
        for names in all_names {
            let contents = match names.get(path) {
                Some(file) => state.files[*file].after_power_cut(),
                None => vec![Vec::new()],
            };
            for bytes in contents {
                let mut after = Self::new().0.take();
                for (name, file) in names {
                    let is_looked_at = name == path;
                    let durable = match is_looked_at {
                        true => bytes.clone(),
                        false => state.files[*file].durable.clone(),
                    };
                    after.names.insert(name.clone(), after.files.len());
                    after.files.push(SimulatedFile {
                        cached: durable.clone(),
                        durable,
                        pending: Vec::new(),
                    });
                }
                after.durable_names.clone_from(&after.names);
                after.noise = state.noise;
                outcomes.push(Self(Rc::new(RefCell::new(after))));
            }
        }
        outcomes
    }

    /// The bytes of a file as programs see them.
    pub(super) fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.0.borrow();
        let file = state.names.get(path)?;
        Some(state.files[*file].cached.clone())
    }

    /// Counts a call, and says how it fails.
    fn call(&self) -> Option<Fault> {
        let mut state = self.0.borrow_mut();
        if !state.has_power {
            return Some(Fault::Refuse(io::ErrorKind::Other));
        }
        state.calls += 1;
        let number = state.calls;
        let fault = state.faults.remove(&number);
        if fault == Some(Fault::PowerCut) {
            state.has_power = false;
        }
        fault
    }

    /// A call that fails without doing anything, or is done.
    fn call_or_refuse(&self) -> io::Result<()> {
        self.call().map_or(Ok(()), |fault| Err(told(fault)))
    }

    /// A call whose effect may be there when the power goes.
    fn call_that_changes(&self, change: impl FnOnce(&mut State)) -> io::Result<()> {
        let fault = self.call();
        if matches!(fault, None | Some(Fault::PowerCut)) {
            change(&mut self.0.borrow_mut());
        }
        fault.map_or(Ok(()), |fault| Err(told(fault)))
    }
}

fn told(fault: Fault) -> io::Error {
    match fault {
        Fault::Refuse(kind) => kind.into(),
        Fault::Partly(_) => io::ErrorKind::StorageFull.into(),
        Fault::Forget | Fault::PowerCut => io::ErrorKind::Other.into(),
    }
}

impl State {
    fn change_names(&mut self, change: impl FnOnce(&mut BTreeMap<PathBuf, usize>)) {
        change(&mut self.names);
        self.pending_names.push(self.names.clone());
    }
}

impl Disk for SimulatedDisk {
    type File = usize;

    fn open(&self, path: &Path) -> io::Result<usize> {
        self.call_or_refuse()?;
        let file = self.0.borrow().names.get(path).copied();
        file.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn create(&self, path: &Path) -> io::Result<usize> {
        assert_eq!(self.bytes(path), None, "it is new");
        let number = self.0.borrow().files.len();
        self.call_that_changes(|state| {
            state.files.push(SimulatedFile::default());
            state.change_names(|names| {
                names.insert(path.to_owned(), number);
            });
        })?;
        Ok(number)
    }

    fn length(&self, file: &usize) -> io::Result<u64> {
        self.call_or_refuse()?;
        let length = self.0.borrow().files[*file].cached.len();
        Ok(u64::try_from(length).expect("it fits"))
    }

    fn read(&self, file: &mut usize, most: u64) -> io::Result<Vec<u8>> {
        self.call_or_refuse()?;
        let mut bytes = self.0.borrow().files[*file].cached.clone();
        bytes.truncate(usize::try_from(most).expect("it fits"));
        Ok(bytes)
    }

    fn write(&self, file: &mut usize, bytes: &[u8]) -> io::Result<()> {
        let fault = self.call();
        let done = match fault {
            None | Some(Fault::PowerCut) => bytes.len(),
            Some(Fault::Partly(most)) => most.min(bytes.len() - 1),
            Some(Fault::Refuse(_) | Fault::Forget) => 0,
        };
        let mut state = self.0.borrow_mut();
        let file = &mut state.files[*file];
        let at = file.cached.len();
        let bytes = bytes[..done].to_vec();
        file.change(Change::Write { at, bytes });
        fault.map_or(Ok(()), |fault| Err(told(fault)))
    }

    fn sync(&self, file: &mut usize) -> io::Result<()> {
        let fault = self.call();
        let mut state = self.0.borrow_mut();
        let file = &mut state.files[*file];
        match fault {
            None => {
                let SimulatedFile {
                    durable, pending, ..
                } = file;
                pending.drain(..).for_each(|change| change.apply(durable));
                Ok(())
            }
            Some(fault) => {
                if fault == Fault::Forget {
                    file.pending.clear();
                }
                Err(told(fault))
            }
        }
    }

    fn cut(&self, file: &mut usize, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).expect("it fits");
        self.call_that_changes(|state| state.files[*file].change(Change::Cut { length }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call_that_changes(|state| {
            state.change_names(|names| {
                let file = names.remove(from).expect("it is there");
                names.insert(to.to_owned(), file);
            });
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call_that_changes(|state| {
            if state.names.contains_key(path) {
                state.change_names(|names| {
                    names.remove(path);
                });
            }
        })
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        self.call_or_refuse()?;
        let mut state = self.0.borrow_mut();
        state.durable_names = state.names.clone();
        state.pending_names.clear();
        Ok(())
    }

    fn noise(&self) -> u64 {
        let mut state = self.0.borrow_mut();
        state.noise += 1;
        state.noise
    }
}
