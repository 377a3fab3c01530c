//! What became of each of several VMs.

use std::io::Write;
use std::process::ExitCode;

use bioxen::explain;
use serde_json::{Value, json};

use crate::args::VmForm;
use crate::args::vm::ActArgs;
use crate::failure::{Failure, PARTIAL};
use crate::output::json::pretty;
use crate::output::sink::{Extent, Sink};

/// Tells each outcome as it comes, and keeps what the exit code needs.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    args: &'a ActArgs,
    sink: Sink,
    entries: Vec<Value>,
    done: usize,
    codes: Vec<u8>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(args: &'a ActArgs) -> Result<Self, Failure> {
        Ok(Self {
            args,
            sink: Sink::open(None)?,
            entries: Vec::new(),
            done: 0,
            codes: Vec::new(),
        })
    }

    /// One VM, by its name: what was done with it, in words that read before the name, or why it was not done.
    pub(super) fn add(
        &mut self,
        name: &str,
        outcome: Result<&str, Failure>,
    ) -> Result<(), Failure> {
        match &outcome {
            Ok(_) => self.done += 1,
            Err(failure) => {
                failure.tell();
                self.codes.push(failure.code());
            }
        }
        if self.args.output == VmForm::Json {
            self.entries.push(match outcome {
                Ok(did) => json!({ "vm": name, "ok": true, "did": did }),
                Err(failure) => {
                    let (code, hint) = (failure.code(), failure.hint());
                    let message = explain(&failure).to_string();
                    json!({ "vm": name, "ok": false, "exit_code": code, "message": message, "hint": hint })
                }
            });
            return Ok(());
        }
        let Ok(did) = outcome else { return Ok(()) };
        let written = if self.args.quiet {
            writeln!(self.sink, "{name}")
        } else {
            writeln!(self.sink, "{did} {name}")
        };
        let written = written.and_then(|()| self.sink.flush());
        written.map_err(|source| self.sink.failed(source))
    }

    /// The exit code: of several VMs of which some failed 9, otherwise the greatest of the codes.
    pub(super) fn finish(mut self) -> Result<ExitCode, Failure> {
        if self.args.output == VmForm::Json {
            let entries = std::mem::take(&mut self.entries);
            let written = pretty(json!({ "vms": entries }), &mut self.sink);
            written.map_err(|source| self.sink.failed(source))?;
        }
        self.sink.finish(Extent::Whole)?;
        Ok(ExitCode::from(worst(self.done, &self.codes)))
    }
}

fn worst(done: usize, codes: &[u8]) -> u8 {
    match codes.iter().max() {
        None => 0,
        Some(_) if done > 0 => PARTIAL,
        Some(worst) => *worst,
    }
}

#[cfg(test)]
mod tests {
    use super::worst;

    #[test]
    fn some_of_several_is_partial_and_all_is_the_worst() {
        assert_eq!(worst(2, &[]), 0);
        assert_eq!(worst(0, &[3]), 3);
        assert_eq!(worst(0, &[1, 3, 1]), 3);
        assert_eq!(worst(1, &[1]), 9);
    }
}
