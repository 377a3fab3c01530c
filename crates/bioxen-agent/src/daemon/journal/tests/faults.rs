//! Every call fails in turn, and the power goes at every moment: what was acknowledged is there, and nothing else.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::simulated::{Fault, SimulatedDisk};
use super::{record, records_of};
use crate::daemon::journal::{Journal, JournalError, NAME, PARTIAL, Record};

const FOLDER: &str = "state";

fn path() -> PathBuf {
    Path::new(FOLDER).join(NAME)
}

fn partial() -> PathBuf {
    Path::new(FOLDER).join(PARTIAL)
}

fn open(disk: &SimulatedDisk) -> Result<(Journal<SimulatedDisk>, Vec<Record>), JournalError> {
    let (journal, opened) = Journal::open(Path::new(FOLDER), disk.clone())?;
    Ok((journal, opened.records))
}

/// What an owner does in its life.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// As many records in one batch.
    Append(u8),
    /// Leaves the first half away.
    Rewrite,
    /// The process ends without a word, and another one begins.
    KilledAndOpened,
}

const STEPS: [Step; 13] = [
    Step::Append(2),
    Step::Append(1),
    Step::Rewrite,
    Step::Append(1),
    Step::KilledAndOpened,
    Step::Append(3),
    Step::Append(1),
    Step::KilledAndOpened,
    Step::Rewrite,
    Step::KilledAndOpened,
    Step::Rewrite,
    Step::Append(1),
    Step::Append(2),
];

/// An owner, and what it may find when it is started again.
struct Owner {
    disk: SimulatedDisk,
    journal: Option<Journal<SimulatedDisk>>,
    /// What was acknowledged.
    certain: Vec<Record>,
    /// What may be there instead, by a call that neither succeeded nor failed for certain.
    doubtful: Vec<Vec<Record>>,
    appended: u8,
}

impl Owner {
    fn new(disk: SimulatedDisk) -> Self {
        Self {
            disk,
            journal: None,
            certain: Vec::new(),
            doubtful: Vec::new(),
            appended: 0,
        }
    }

    /// Opens the journal; once more if that failed.
    fn open(&mut self) {
        for _ in 0..3 {
            if !self.disk.has_power() {
                return;
            }
            if let Ok((journal, records)) = open(&self.disk) {
                self.check(&records);
                self.journal = Some(journal);
                self.certain = records;
                self.doubtful.clear();
                return;
            }
        }
        assert!(!self.disk.has_power(), "faults come once");
    }

    fn step(&mut self, step: Step) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        let was_broken = journal.broken.is_some();
        let (done, then) = match step {
            Step::Append(count) => {
                let batch: Vec<Record> = (0..count)
                    .map(|_| {
                        self.appended += 1;
                        record(self.appended, usize::from(self.appended) * 3 % 14)
                    })
                    .collect();
                let done = journal.append(&batch);
                if was_broken {
                    assert!(matches!(done, Err(JournalError::Broken { .. })));
                    return;
                }
                (done, [self.certain.clone(), batch].concat())
            }
            Step::Rewrite => {
                let kept = self.certain[self.certain.len() / 2..].to_vec();
                (journal.rewrite(kept.clone()), kept)
            }
            Step::KilledAndOpened => {
                self.journal = None;
                return self.open();
            }
        };
        match done {
            Ok(()) => {
                self.certain = then;
                self.doubtful.clear();
            }
            Err(JournalError::Broken { .. }) => self.doubtful.push(then),
            Err(_) if !self.disk.has_power() => self.doubtful.push(then),
            Err(_) => {}
        }
    }

    #[track_caller]
    fn check(&self, found: &[Record]) {
        let is_allowed = found == self.certain || self.doubtful.iter().any(|then| then == found);
        assert!(
            is_allowed,
            "{:?} is there, {:?} was acknowledged, and {:?} may be there",
            records_of(found),
            records_of(&self.certain),
            self.doubtful
                .iter()
                .map(|then| records_of(then))
                .collect::<Vec<_>>(),
        );
    }

    /// Whatever happens now, what is there afterwards is right, stays there, and can be appended to.
    #[track_caller]
    fn check_all_ends(&self) -> usize {
        let power_cuts = self.disk.after_power_cut(&path());
        let mut ends = power_cuts.len();
        for after in power_cuts {
            self.check_reopened(&after);
        }
        if self.disk.has_power() {
            let killed = self.disk.after_kill();
            let found = self.check_reopened(&killed);
            // What a process was told is there when the power goes, though no process wrote it anew.
            let killed = self.disk.after_kill();
            let (_journal, again) = open(&killed).expect("no fault is left");
            assert_eq!(records_of(&again), records_of(&found));
            for after in killed.after_power_cut(&path()) {
                let (_journal, again) = open(&after).expect("no fault is left");
                assert_eq!(records_of(&again), records_of(&found));
                ends += 1;
            }
        }
        ends
    }

    #[track_caller]
    fn check_reopened(&self, disk: &SimulatedDisk) -> Vec<Record> {
        let (mut journal, found) = open(disk).expect("no fault is left");
        self.check(&found);
        let more = record(200, 9);
        journal
            .append(std::slice::from_ref(&more))
            .expect("no fault is left");
        let expect = [found.clone(), vec![more]].concat();
        for after in disk.after_power_cut(&path()) {
            let (_journal, again) = open(&after).expect("no fault is left");
            assert_eq!(records_of(&again), records_of(&expect));
        }
        found
    }
}

/// Lives a life with these faults, and says how many ends of it were looked at.
#[track_caller]
fn check_life(faults: &[(u64, Fault)]) -> usize {
    let disk = SimulatedDisk::failing(faults.iter().copied());
    let first = faults.iter().map(|(call, _)| *call).min().unwrap_or(0);
    let mut owner = Owner::new(disk.clone());
    let mut ends = 0;
    owner.open();
    if disk.calls() >= first {
        ends += owner.check_all_ends();
    }
    for step in STEPS {
        if !disk.has_power() {
            break;
        }
        owner.step(step);
        if disk.calls() >= first {
            ends += owner.check_all_ends();
        }
    }
    ends
}

/// How many calls a life without faults makes.
fn calls() -> u64 {
    let disk = SimulatedDisk::new();
    let mut owner = Owner::new(disk.clone());
    owner.open();
    STEPS.into_iter().for_each(|step| owner.step(step));
    disk.calls()
}

#[test]
fn a_life_without_faults_ends_well_at_any_time() {
    assert!(check_life(&[]) > STEPS.len());
}

#[test]
fn any_call_may_fail() {
    let faults = [
        Fault::Refuse(ErrorKind::StorageFull),
        Fault::Partly(1),
        Fault::Partly(22),
        Fault::Partly(usize::MAX),
        Fault::Forget,
    ];
    let calls = calls();
    assert!(calls > 50, "{calls}");
    for call in 1..=calls {
        for fault in faults {
            check_life(&[(call, fault)]);
        }
    }
}

#[test]
fn any_two_calls_may_fail() {
    let calls = calls();
    for first in 1..=calls {
        for second in first + 1..=calls {
            check_life(&[(first, Fault::Partly(22)), (second, Fault::Partly(22))]);
        }
    }
}

#[test]
fn the_power_may_go_at_any_call() {
    let ends: usize = (1..=calls())
        .map(|call| check_life(&[(call, Fault::PowerCut)]))
        .sum();
    assert!(ends > 1_000, "{ends}");
}

#[test]
fn the_power_may_go_after_any_call_that_failed() {
    let calls = calls();
    for failed in 1..=calls {
        for fault in [Fault::Partly(22), Fault::Forget] {
            for cut in failed + 1..=calls {
                check_life(&[(failed, fault), (cut, Fault::PowerCut)]);
            }
        }
    }
}

fn journal() -> (SimulatedDisk, Journal<SimulatedDisk>) {
    let disk = SimulatedDisk::new();
    let (mut journal, _) = open(&disk).expect("there are no faults");
    journal
        .append(&[record(1, 10)])
        .expect("there are no faults");
    (disk, journal)
}

#[test]
fn a_write_that_failed_leaves_no_trace() {
    let (disk, mut journal) = journal();
    let before = (disk.bytes(&path()), journal.bytes());
    disk.fail_after(0, Fault::Partly(30));
    let error = journal.append(&[record(2, 10)]).unwrap_err();
    assert!(matches!(error, JournalError::Io { .. }), "{error}");
    assert_eq!((disk.bytes(&path()), journal.bytes()), before);
    journal.append(&[record(3, 10)]).expect("it is usable");
    let (_, found) = open(&disk.after_kill()).expect("whole");
    assert_eq!(found, [record(1, 10), record(3, 10)]);
}

#[test]
fn a_sync_that_failed_breaks_the_journal_until_it_is_written_anew() {
    let (disk, mut journal) = journal();
    disk.fail_after(1, Fault::Forget);
    let error = journal.append(&[record(2, 10)]).unwrap_err();
    assert!(matches!(error, JournalError::Broken { .. }), "{error}");
    let calls = disk.calls();
    for batch in [&[record(3, 10)][..], &[]] {
        let error = journal.append(batch).unwrap_err();
        assert!(matches!(error, JournalError::Broken { .. }), "{error}");
    }
    assert_eq!(disk.calls(), calls, "the disk is left alone");

    disk.fail_after(2, Fault::Partly(10));
    let error = journal.rewrite([record(1, 10)]).unwrap_err();
    assert!(matches!(error, JournalError::Io { .. }), "{error}");
    let error = journal.append(&[record(3, 10)]).unwrap_err();
    assert!(matches!(error, JournalError::Broken { .. }), "{error}");

    journal.rewrite([record(1, 10)]).expect("there is no fault");
    journal.append(&[record(4, 10)]).expect("it is cured");
    for after in disk.after_power_cut(&path()) {
        let (_, found) = open(&after).expect("whole");
        assert_eq!(found, [record(1, 10), record(4, 10)]);
    }
}

#[test]
fn a_file_that_cannot_be_cut_back_breaks_the_journal() {
    let (disk, mut journal) = journal();
    disk.fail_after(0, Fault::Partly(30));
    disk.fail_after(1, Fault::Refuse(ErrorKind::Other));
    let error = journal.append(&[record(2, 10)]).unwrap_err();
    assert!(matches!(error, JournalError::Broken { .. }), "{error}");
    let (_, found) = open(&disk.after_kill()).expect("the rest is cut off");
    assert_eq!(found, [record(1, 10)]);
}

#[test]
fn a_rewrite_that_failed_leaves_the_old_journal_and_no_other_file() {
    let (disk, mut journal) = journal();
    let before = disk.bytes(&path());
    // Create, header, batch, sync, rename.
    for call in 1..=5 {
        disk.fail_after(call, Fault::Refuse(ErrorKind::StorageFull));
        let error = journal.rewrite([record(9, 10)]).unwrap_err();
        assert!(matches!(error, JournalError::Io { .. }), "{error}");
        assert_eq!(disk.bytes(&path()), before);
        assert_eq!(disk.bytes(&partial()), None);
    }
    disk.fail_after(6, Fault::Refuse(ErrorKind::Other));
    let error = journal.rewrite([record(9, 10)]).unwrap_err();
    assert!(matches!(error, JournalError::Broken { .. }), "{error}");
}

#[test]
fn what_a_writer_left_that_was_killed_is_removed() {
    let disk = SimulatedDisk::new();
    let (mut journal, _) = open(&disk).expect("there are no faults");
    disk.fail_after(4, Fault::PowerCut);
    journal.rewrite([record(9, 10)]).unwrap_err();
    let disk = disk.after_kill();
    assert!(disk.bytes(&partial()).is_some());
    let (_, found) = open(&disk).expect("whole");
    assert_eq!(found, []);
    assert_eq!(disk.bytes(&partial()), None);
}
