//! Whether this machine can run VMs: each condition, what was found, and what to do about it.

mod folder;
mod running;
mod system;

use std::io::{self, Write};
use std::process::ExitCode;

use bioxen_agent::Place;
use serde::Serialize;

use crate::args::DoctorForm;
use crate::clock::wall;
use crate::failure::{Exit, Failure};
use crate::output;

/// How a check ended, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One condition.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    cure: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            verdict: Verdict::Ok,
            found: found.into(),
            cure: None,
        }
    }

    fn warn(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warn,
            cure: Some(cure.into()),
            ..Self::ok(name, found)
        }
    }

    fn fail(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fail,
            ..Self::warn(name, found, cure)
        }
    }
}

#[derive(Serialize)]
struct Examined<'a> {
    state: String,
    checks: &'a [Check],
}

/// Checks everything and tells it.
pub(crate) fn run(place: &Place, form: DoctorForm) -> Result<ExitCode, Failure> {
    let mut checks = folder::checks(place);
    checks.extend(running::checks(place));
    checks.push(system::clock(place, wall()));
    checks.push(system::open_files());
    let healthy = checks.iter().all(|check| check.verdict < Verdict::Fail);
    match form {
        DoctorForm::Json => {
            let state = place.state().display().to_string();
            let checks = &checks;
            output::print(healthy, &Examined { state, checks })?;
        }
        DoctorForm::Table => {
            let table = table(place, &checks);
            let mut out = io::stdout().lock();
            out.write_all(table.as_bytes())
                .and_then(|()| out.flush())
                .map_err(|source| Failure::Stdout { source })?;
        }
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        Exit::Failed.into()
    })
}

fn table(place: &Place, checks: &[Check]) -> String {
    let mut table = format!("state folder {}\n", place.state().display());
    for check in checks {
        let Check {
            name,
            verdict,
            found,
            cure,
        } = check;
        table.push_str(&format!("{:<5} {name:<12} {found}\n", verdict.as_str()));
        if let Some(cure) = cure {
            table.push_str(&format!("{:<18} cure: {cure}\n", ""));
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bioxen_agent::Place;

    use super::{Check, table};

    #[test]
    fn a_cure_is_below_what_was_found() {
        let checks = [
            Check::ok("socket", "it answers"),
            Check::fail("permissions", "mode 0755", "chmod 700 /s"),
        ];
        let expect = "state folder /s\n\
                      ok    socket       it answers\n\
                      fail  permissions  mode 0755\n                   cure: chmod 700 /s\n";
        assert_eq!(table(&Place::of(Path::new("/s")), &checks), expect);
    }
}
