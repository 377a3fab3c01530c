//! `--process`: a program drives each cell.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use bioxen::{BasicBiologicalVm, BiologicalVm, ProcessCode, ProcessReport};

use crate::args::RunForm;
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::output::sink::Sink;

/// A program that was read.
#[derive(Debug)]
pub(super) struct Program {
    code: ProcessCode,
}

impl Program {
    /// Reads a file, or standard input for `-`.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
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

    pub(super) fn name(&self) -> &str {
        self.code.name()
    }

    /// Runs the program against each cell in turn, until interrupted.
    ///
    /// What it prints goes where the results go; JSON has it inside.
    pub(super) fn drive(
        &self,
        vms: &mut [BasicBiologicalVm],
        form: RunForm,
        interrupt: &Interrupt,
        results: &mut Sink,
    ) -> Result<Vec<ProcessReport>, Failure> {
        let mut reports = Vec::with_capacity(vms.len());
        for vm in vms {
            if interrupt.is_raised() {
                break;
            }
            let other = vm.hypervisor().open(vm.id())?;
            let report =
                interrupt.while_busy(other, || vm.execute_biological_process(&self.code))?;
            if form == RunForm::Table {
                write_output(&report, results).map_err(|source| results.failed(source))?;
            }
            if !report.success && !interrupt.is_raised() {
                let id = vm.id();
                say(&format!(
                    "error: the process failed on {id} at {} of simulated time\n{}",
                    report.ended_at,
                    report.stderr.trim_end()
                ));
            }
            reports.push(report);
        }
        Ok(reports)
    }
}

/// What the program printed, then its result.
fn write_output(report: &ProcessReport, results: &mut Sink) -> io::Result<()> {
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
