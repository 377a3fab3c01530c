//! Programs: from where they are to the cell, byte for byte.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use bioxen_agent::{Answer, VmRequest};
use bioxen_core::{ProcessCode, ProcessFailureKind, ProcessLimits, VmId};

use super::{done_if, expect, of};
use crate::agent::Agent;
use crate::args::CodeArgs;
use crate::failure::{Exit, Failure};
use crate::output::{Process, print};

/// The program of a command line.
pub(super) fn code(args: &CodeArgs) -> Result<ProcessCode, Failure> {
    match (&args.code, &args.file) {
        (Some(code), _) if code == "-" => read("stdin", io::stdin().lock()),
        (Some(code), _) => check("code", code.as_encoded_bytes()),
        (None, Some(file)) => {
            let name = name(file);
            match File::open(file) {
                Ok(open) => read(&name, open),
                Err(source) => Err(Failure::ReadCode { name, source }),
            }
        }
        (None, None) => check("code", b""),
    }
}

/// How a file is called in tracebacks.
fn name(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    let name = name.to_string_lossy().replace(char::is_control, " ");
    let end = name.floor_char_boundary(ProcessCode::MAX_NAME);
    name[..end].to_owned()
}

/// Reads one byte more than a program may have, so that a longer one is noticed.
fn read(name: &str, from: impl Read) -> Result<ProcessCode, Failure> {
    let mut bytes = Vec::new();
    let most = u64::try_from(ProcessCode::MAX_SOURCE).unwrap_or(u64::MAX);
    from.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| Failure::ReadCode {
            name: name.to_owned(),
            source,
        })?;
    check(name, &bytes)
}

fn check(name: &str, bytes: &[u8]) -> Result<ProcessCode, Failure> {
    let name_of = || name.to_owned();
    // A text that is too long may be cut in the middle of a character.
    let source = match std::str::from_utf8(bytes) {
        Ok(source) => source,
        Err(_) if bytes.len() > ProcessCode::MAX_SOURCE => {
            let length = bytes.len();
            let source = bioxen_core::InvalidProcessCode::TooLong { length };
            return Err(Failure::Code {
                name: name_of(),
                source,
            });
        }
        Err(_) => return Err(Failure::NotText { name: name_of() }),
    };
    ProcessCode::new(name, source).map_err(|source| Failure::Code {
        name: name_of(),
        source,
    })
}

/// Runs a program, for so long if that is given.
pub(super) fn run(
    agent: &mut Agent,
    id: VmId,
    code: ProcessCode,
    wall: Option<Duration>,
) -> Result<ExitCode, Failure> {
    let limits = wall.map(|wall| ProcessLimits {
        wall,
        ..ProcessLimits::default()
    });
    let answer = of(agent, &id, VmRequest::Execute { code, limits })?;
    let report = expect(answer, |answer| match answer {
        Answer::Process(report) => Some(report),
        _ => None,
    })?;
    print(report.success, &Process::of(&id, &report))?;
    let kind = report.failure.map(|failure| failure.kind);
    Ok(match kind {
        Some(ProcessFailureKind::TimeLimit) => Exit::TimeOut.into(),
        _ => done_if(report.success),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bioxen_core::ProcessCode;

    use super::{check, name, read};
    use crate::failure::Exit;

    #[test]
    fn text_of_every_kind_is_a_program() {
        let longest = "é".repeat(ProcessCode::MAX_SOURCE / 2);
        for text in [
            "",
            "-",
            "--x",
            "'\"`$(touch canary)`\\\n\r\t\u{1b}[0m",
            "細胞",
            &longest,
        ] {
            let code = read("stdin", text.as_bytes()).expect("it is text");
            assert_eq!(code.source(), text);
            assert_eq!(code.name(), "stdin");
        }
    }

    #[test]
    fn what_is_no_text_is_a_mistake_of_usage() {
        let cut = [&b"e".repeat(ProcessCode::MAX_SOURCE)[..], "é".as_bytes()].concat();
        for bytes in [b"\xff".as_slice(), b"a\0b", b"\xc3", b"\xed\xa0\x80", &cut] {
            let failure = read("stdin", bytes).expect_err("it is no text");
            assert_eq!(failure.exit(), Exit::Usage, "{failure}");
        }
        let failure = read("stdin", &cut[..]).expect_err("it is too long");
        assert!(std::error::Error::source(&failure).is_some(), "{failure}");
        assert!(check("code", b"1").is_ok());
    }

    #[test]
    fn files_have_names_that_can_be_shown() {
        assert_eq!(name(Path::new("/a/b.star")), "b.star");
        assert_eq!(name(Path::new("a\nb")), "a b");
        assert_eq!(name(Path::new("..")), "..");
        assert!(ProcessCode::new(&name(Path::new(&"é".repeat(300))), "").is_ok());
    }
}
