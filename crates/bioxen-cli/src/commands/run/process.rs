//! `--process`: a program drives each cell.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use bioxen::{
    BasicBiologicalVm, BiologicalVm, ProcessCode, ProcessFailureKind, ProcessLimits, ProcessReport,
    VmError, VmId,
};

use super::engine::{Engine, InOrder};
use crate::args::RunForm;
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::output::sink::Sink;
use crate::report::Losses;

/// A program that was read.
#[derive(Debug)]
pub(in crate::commands) struct Program {
    code: ProcessCode,
}

impl Program {
    /// Reads a file, or standard input for `-`.
    pub(in crate::commands) fn read(path: &Path) -> Result<Self, Failure> {
        let stdin = path == Path::new("-");
        let name = if stdin {
            "<stdin>".to_owned()
        } else {
            path.display().to_string()
        };
        let source = if stdin {
            text_of(&mut io::stdin().lock())
        } else {
            File::open(path).and_then(|mut file| text_of(&mut file))
        };
        let source = source.map_err(|source| Failure::ReadProcess {
            name: name.clone(),
            source,
        })?;
        let code =
            ProcessCode::new(&name, &source).map_err(|source| Failure::Process { name, source })?;
        Ok(Self { code })
    }

    pub(in crate::commands) fn into_code(self) -> ProcessCode {
        self.code
    }

    pub(super) fn name(&self) -> &str {
        self.code.name()
    }

    /// Runs the program against each cell, on several threads or in guests, until interrupted.
    ///
    /// What it prints goes where the results go, in the order of the cells; JSON has it inside.
    /// A cell that was not begun before the interrupt has no answer.
    pub(super) fn drive(
        &self,
        engine: &mut Engine,
        vms: &mut [BasicBiologicalVm],
        limits: ProcessLimits,
        interrupt: &Interrupt,
        answers: &mut Answers<'_>,
    ) -> Result<(), Failure> {
        let guests = match engine {
            Engine::Here { threads, .. } => {
                return self.drive_here(vms, *threads, interrupt, answers);
            }
            Engine::Guests(guests) => guests,
        };
        let numbers: BTreeMap<VmId, usize> =
            vms.iter().map(|vm| vm.id().clone()).zip(0..).collect();
        let (mut ordered, mut taken) = (InOrder::default(), Ok(()));
        guests.execute(vms, &self.code, limits, &mut |id, answer| {
            for (id, answer) in ordered.push(numbers[&id], (id, answer)) {
                if taken.is_ok() {
                    taken = answers.take(id, answer);
                }
            }
            // Without a reader the other programs are of no use.
            if taken.is_err() {
                interrupt.token().cancel();
            }
        })?;
        taken?;
        for (id, answer) in ordered.into_rest() {
            answers.take(id, answer)?;
        }
        answers.sum_up();
        Ok(())
    }

    fn drive_here(
        &self,
        vms: &mut [BasicBiologicalVm],
        threads: usize,
        interrupt: &Interrupt,
        answers: &mut Answers<'_>,
    ) -> Result<(), Failure> {
        let threads = threads.min(vms.len());
        let queue: Queue<'_> = Mutex::new(Box::new(vms.iter_mut().enumerate()));
        let (sender, receiver) = sync_channel(threads);
        thread::scope(|scope| {
            for number in 1..=threads {
                let (queue, sender) = (&queue, sender.clone());
                let started = thread::Builder::new()
                    .name(format!("bioxen-process-{number}"))
                    .spawn_scoped(scope, move || self.work(queue, interrupt, &sender));
                if let Err(source) = started {
                    interrupt.token().cancel();
                    return Err(Failure::Thread { source });
                }
            }
            drop(sender);
            // Without a reader the other programs are of no use.
            answers
                .gather(receiver)
                .inspect_err(|_| interrupt.token().cancel())
        })
    }

    fn work(&self, queue: &Queue<'_>, interrupt: &Interrupt, sender: &SyncSender<Answer>) {
        while !interrupt.is_raised() {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, vm)) = next else { return };
            let answer = vm.execute_with(&self.code, interrupt.token());
            if sender.send((number, vm.id().clone(), answer)).is_err() {
                return;
            }
        }
    }
}

/// Cells that wait for a thread, with their numbers from 0.
type Queue<'a> = Mutex<Box<dyn Iterator<Item = (usize, &'a mut BasicBiologicalVm)> + Send + 'a>>;

/// Number and name of a cell, and what the program answered there.
type Answer = (usize, VmId, Result<ProcessReport, VmError>);

/// What the program answered on each cell.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    form: RunForm,
    results: &'a mut Sink,
    reports: BTreeMap<VmId, ProcessReport>,
    lost: Losses,
    /// Cells on which the program failed by itself.
    failed: usize,
}

impl<'a> Answers<'a> {
    pub(super) fn new(form: RunForm, results: &'a mut Sink) -> Self {
        Self {
            form,
            results,
            reports: BTreeMap::new(),
            lost: Losses::new(),
            failed: 0,
        }
    }

    /// Where the results go.
    pub(super) fn results(&mut self) -> &mut Sink {
        self.results
    }

    /// The answers, the cells on which the program failed, and the cells that were lost.
    pub(super) fn into_parts(self) -> (BTreeMap<VmId, ProcessReport>, usize, Losses) {
        (self.reports, self.failed, self.lost)
    }

    /// Takes answers in the order of the cells, whatever the order in which they come.
    fn gather(&mut self, answers: impl IntoIterator<Item = Answer>) -> Result<(), Failure> {
        let mut ordered = InOrder::default();
        for (number, id, answer) in answers {
            for (id, answer) in ordered.push(number, (id, answer)) {
                self.take(id, answer)?;
            }
        }
        self.sum_up();
        Ok(())
    }

    fn sum_up(&self) {
        if self.failed > 1 {
            say(&format!(
                "error: the process failed on {} more of {} cells; -o json has each failure",
                self.failed - 1,
                self.reports.len() + self.lost.len(),
            ));
        }
    }

    fn take(&mut self, id: VmId, answer: Result<ProcessReport, VmError>) -> Result<(), Failure> {
        let report = match answer {
            Ok(report) => report,
            Err(error) => {
                self.lost.insert(id, error);
                return Ok(());
            }
        };
        if self.form == RunForm::Table {
            write_output(&report, self.results).map_err(|source| self.results.failed(source))?;
        }
        if let Some(failure) = &report.failure
            && failure.kind != ProcessFailureKind::Cancelled
        {
            if self.failed == 0 {
                say(&format!(
                    "error: the process failed on {id} at {} of simulated time\n{}",
                    report.ended_at,
                    report.stderr.trim_end()
                ));
            }
            self.failed += 1;
        }
        self.reports.insert(id, report);
        Ok(())
    }
}

/// What the program printed, then its result.
pub(in crate::commands) fn write_output(
    report: &ProcessReport,
    results: &mut Sink,
) -> io::Result<()> {
    results.write_all(report.stdout.as_bytes())?;
    if !report.stdout.is_empty() && !report.stdout.ends_with('\n') {
        writeln!(results)?;
    }
    if let Some(result) = &report.result_json {
        writeln!(results, "{result}")?;
    }
    results.flush()
}

/// A text that is not much longer than a process may be.
fn text_of(source: &mut dyn Read) -> io::Result<String> {
    let most = u64::try_from(ProcessCode::MAX_SOURCE).map_or(u64::MAX, |most| most + 1);
    let mut bytes = Vec::new();
    source.take(most).read_to_end(&mut bytes)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // A character that the limit cut in two is no reason to speak of characters.
        Err(refused) if refused.as_bytes().len() > ProcessCode::MAX_SOURCE => {
            Ok(String::from_utf8_lossy(refused.as_bytes()).into_owned())
        }
        Err(_) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is not text in UTF-8",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn text_is_read_and_bytes_are_refused() {
        assert_eq!(text_of(&mut "advance(1)".as_bytes()).unwrap(), "advance(1)");
        let refused = text_of(&mut [0xff_u8, 0xfe].as_slice()).unwrap_err();
        assert_eq!(refused.to_string(), "it is not text in UTF-8");
    }

    #[test]
    fn an_endless_text_is_cut() {
        let mut endless = std::io::repeat(b'#');
        assert_eq!(text_of(&mut endless).unwrap().len(), (1 << 20) + 1);
    }
}
