//! `cargo xtask doctor`: which tools the workspace needs, and which of them this machine has.

use std::fmt::Write as _;
use std::path::Path;

use crate::failure::Failure;
use crate::invocation::Invocation;

/// What a tool is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Building and running.
    Build,
    /// Guests of a testbed, on top of building.
    Guests,
    /// `cargo xtask test`, on top of both.
    Test,
    /// Nothing depends on it; a step becomes faster or is added.
    Optional,
}

/// How a missing tool comes onto the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// A package of Debian or Ubuntu.
    Apt(&'static str),
    /// A component of the Rust toolchain.
    Component(&'static str),
    /// A crate with a binary.
    Crate(&'static str),
    /// An update of the toolchain.
    Toolchain,
}

/// A tool and the command that proves its presence.
#[derive(Debug, Clone, Copy)]
struct Need {
    tool: &'static str,
    program: &'static str,
    args: &'static str,
    purpose: Purpose,
    remedy: Remedy,
}

const NEEDS: [Need; 9] = [
    Need {
        tool: "rustc",
        program: "rustc",
        args: "--version",
        purpose: Purpose::Build,
        remedy: Remedy::Toolchain,
    },
    Need {
        tool: "C compiler and linker",
        program: "cc",
        args: "--version",
        purpose: Purpose::Build,
        remedy: Remedy::Apt("build-essential"),
    },
    Need {
        tool: "pkg-config",
        program: "pkg-config",
        args: "--version",
        purpose: Purpose::Build,
        remedy: Remedy::Apt("pkg-config"),
    },
    Need {
        tool: "OpenSSL headers",
        program: "pkg-config",
        args: "--modversion openssl",
        purpose: Purpose::Build,
        remedy: Remedy::Apt("libssl-dev"),
    },
    // `sshd -V` is refused by OpenSSH before 9.3, and the server must be started by its full path.
    Need {
        tool: "sshd",
        program: "ls",
        args: "/usr/sbin/sshd",
        purpose: Purpose::Guests,
        remedy: Remedy::Apt("openssh-server"),
    },
    Need {
        tool: "rustfmt",
        program: "cargo",
        args: "fmt --version",
        purpose: Purpose::Test,
        remedy: Remedy::Component("rustfmt"),
    },
    Need {
        tool: "clippy",
        program: "cargo",
        args: "clippy --version",
        purpose: Purpose::Test,
        remedy: Remedy::Component("clippy"),
    },
    Need {
        tool: "cargo-nextest",
        program: "cargo",
        args: "nextest --version",
        purpose: Purpose::Optional,
        remedy: Remedy::Crate("cargo-nextest"),
    },
    Need {
        tool: "cargo-deny",
        program: "cargo",
        args: "deny --version",
        purpose: Purpose::Optional,
        remedy: Remedy::Crate("cargo-deny"),
    },
];

/// What was found of one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Presence {
    /// It answered with this line.
    Found(String),
    /// It answered, but with a version below the one needed.
    TooOld(String),
    /// It did not answer.
    Absent,
}

#[derive(Debug, Clone)]
struct Finding {
    need: Need,
    presence: Presence,
}

impl Finding {
    fn is_met(&self) -> bool {
        matches!(self.presence, Presence::Found(_))
    }

    fn is_missing_for(&self, purpose: Purpose) -> bool {
        let wanted = match self.need.purpose {
            Purpose::Build => true,
            Purpose::Guests => matches!(purpose, Purpose::Guests | Purpose::Test),
            Purpose::Test => purpose == Purpose::Test,
            Purpose::Optional => false,
        };
        wanted && !self.is_met()
    }
}

/// The facts about the machine that decide how packages are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Host {
    debian: bool,
    root: bool,
}

impl Host {
    fn observe() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            debian: is_debian(&read("/etc/os-release")),
            root: is_root(&read("/proc/self/status")),
        }
    }
}

/// Prints what is present and what is missing.
pub(crate) fn run() -> Result<(), Failure> {
    let findings = examine();
    print!("{}", report(&findings));
    match missing(&findings, Purpose::Test, Host::observe()) {
        None => {
            println!("\nThis machine has everything that the workspace needs.");
            Ok(())
        }
        Some(failure) => Err(failure),
    }
}

/// Makes sure that the tools for `purpose` are there; as root on Debian or Ubuntu it installs
/// missing system packages when `install` is set, and says so first.
pub(crate) fn ensure(root: &Path, purpose: Purpose, install: bool) -> Result<(), Failure> {
    let host = Host::observe();
    let mut findings = examine();
    let packages = apt_packages(&findings, purpose);
    if install && host.debian && host.root && !packages.is_empty() {
        println!(
            "Installing the system packages that are missing: {}",
            packages.join(", ")
        );
        for command in apt_commands(&packages) {
            if !command.succeeds(root)? {
                return Err(Failure::Step {
                    step: "install system packages".to_owned(),
                    command: command.to_string(),
                });
            }
        }
        findings = examine();
    }
    missing(&findings, purpose, host).map_or(Ok(()), Err)
}

/// Whether an optional tool of this name answers.
pub(crate) fn has(tool: &str) -> bool {
    NEEDS.iter().filter(|need| need.tool == tool).any(|need| {
        Invocation::new(need.program, need.args)
            .first_line()
            .is_some()
    })
}

fn examine() -> Vec<Finding> {
    NEEDS
        .iter()
        .map(|&need| {
            let answer = Invocation::new(need.program, need.args).first_line();
            Finding {
                need,
                presence: judge(need.tool, answer),
            }
        })
        .collect()
}

fn judge(tool: &str, answer: Option<String>) -> Presence {
    match answer {
        None => Presence::Absent,
        Some(line) if tool == "rustc" && !is_new_enough(&line, env!("CARGO_PKG_RUST_VERSION")) => {
            Presence::TooOld(line)
        }
        Some(line) => Presence::Found(line),
    }
}

fn report(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (mark, detail) = match &finding.presence {
            Presence::Found(line) => ("ok", line.as_str()),
            Presence::TooOld(line) => ("too old", line.as_str()),
            Presence::Absent if finding.need.purpose == Purpose::Optional => {
                ("absent", "optional: `cargo xtask test` does without it")
            }
            Presence::Absent => ("missing", ""),
        };
        let line = format!("{mark:<8} {:<22} {detail}", finding.need.tool);
        writeln!(text, "{}", line.trim_end()).expect("a String can always be written to");
    }
    text
}

fn missing(findings: &[Finding], purpose: Purpose, host: Host) -> Option<Failure> {
    let tools: Vec<&'static str> = findings
        .iter()
        .filter(|finding| finding.is_missing_for(purpose))
        .map(|finding| finding.need.tool)
        .collect();
    (!tools.is_empty()).then(|| Failure::Missing {
        tools,
        remedies: remedies(findings, purpose, host),
    })
}

fn remedies(findings: &[Finding], purpose: Purpose, host: Host) -> Vec<String> {
    let mut lines = Vec::new();
    let packages = apt_packages(findings, purpose);
    if !packages.is_empty() {
        let sudo = if host.root { "" } else { "sudo " };
        let commands: Vec<String> = apt_commands(&packages)
            .iter()
            .map(|command| format!("{sudo}{command}"))
            .collect();
        lines.push(commands.join(" && "));
    }
    for finding in findings.iter().filter(|f| f.is_missing_for(purpose)) {
        match finding.need.remedy {
            Remedy::Apt(_) => {}
            Remedy::Component(name) => lines.push(format!("rustup component add {name}")),
            Remedy::Crate(name) => lines.push(format!("cargo install --locked {name}")),
            Remedy::Toolchain => lines.push("rustup update stable".to_owned()),
        }
    }
    lines
}

fn apt_packages(findings: &[Finding], purpose: Purpose) -> Vec<&'static str> {
    findings
        .iter()
        .filter(|finding| finding.is_missing_for(purpose))
        .filter_map(|finding| match finding.need.remedy {
            Remedy::Apt(package) => Some(package),
            Remedy::Component(_) | Remedy::Crate(_) | Remedy::Toolchain => None,
        })
        .collect()
}

fn apt_commands(packages: &[&str]) -> [Invocation; 2] {
    let install = format!("install -y {}", packages.join(" "));
    [
        Invocation::new("apt-get", "update"),
        Invocation::new("apt-get", &install),
    ]
}

/// Compares `rustc 1.95.0 (59807616e 2026-04-14)` with `1.95` or `1.95.1`.
fn is_new_enough(line: &str, wanted: &str) -> bool {
    let found = line.split_whitespace().nth(1).map(version);
    found.is_some_and(|found| found >= version(wanted))
}

/// The numbers of a version; missing and unreadable ones count as 0.
fn version(text: &str) -> [u32; 3] {
    let release = text.split('-').next().unwrap_or_default();
    let mut numbers = release.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

/// Reads the text of `/etc/os-release`.
fn is_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace())
        .any(|id| matches!(id, "debian" | "ubuntu"))
}

/// Reads the text of `/proc/self/status`: the second number of `Uid:` is the effective user.
fn is_root(status: &str) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .and_then(|ids| ids.split_whitespace().nth(1))
        == Some("0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATOR: Host = Host {
        debian: true,
        root: false,
    };
    const ROOT: Host = Host {
        debian: true,
        root: true,
    };

    /// Everything is there but the tools named.
    fn machine_without(absent: &[&str]) -> Vec<Finding> {
        NEEDS
            .iter()
            .map(|&need| {
                let answer = (!absent.contains(&need.tool)).then(|| "tool 9.9.9".to_owned());
                Finding {
                    need,
                    presence: judge(need.tool, answer),
                }
            })
            .collect()
    }

    #[track_caller]
    fn check_hint(absent: &[&str], purpose: Purpose, host: Host, expect: Option<&str>) {
        let failure = missing(&machine_without(absent), purpose, host);
        assert_eq!(failure.and_then(|f| f.hint()).as_deref(), expect);
    }

    #[test]
    fn one_line_installs_what_is_missing() {
        check_hint(&[], Purpose::Test, OPERATOR, None);
        check_hint(
            &["C compiler and linker"],
            Purpose::Build,
            OPERATOR,
            Some("install with `sudo apt-get update && sudo apt-get install -y build-essential`"),
        );
        check_hint(
            &["C compiler and linker", "sshd", "clippy"],
            Purpose::Test,
            ROOT,
            Some(
                "install with `apt-get update && apt-get install -y build-essential openssh-server` \
                 and `rustup component add clippy`",
            ),
        );
    }

    #[test]
    fn a_tool_is_missed_only_where_it_is_needed() {
        check_hint(&["rustfmt"], Purpose::Build, OPERATOR, None);
        check_hint(
            &["cargo-nextest", "cargo-deny"],
            Purpose::Test,
            OPERATOR,
            None,
        );
    }

    #[test]
    fn the_report_has_one_line_a_tool() {
        let text = report(&machine_without(&["clippy", "cargo-deny"]));
        assert_eq!(
            text,
            "ok       rustc                  tool 9.9.9\n\
             ok       C compiler and linker  tool 9.9.9\n\
             ok       pkg-config             tool 9.9.9\n\
             ok       OpenSSL headers        tool 9.9.9\n\
             ok       sshd                   tool 9.9.9\n\
             ok       rustfmt                tool 9.9.9\n\
             missing  clippy\n\
             ok       cargo-nextest          tool 9.9.9\n\
             absent   cargo-deny             optional: `cargo xtask test` does without it\n"
        );
    }

    #[test]
    fn rustc_versions_are_compared_as_numbers() {
        let line = "rustc 1.95.0 (59807616e 2026-04-14)";
        assert!(is_new_enough(line, "1.95"));
        assert!(is_new_enough(line, "1.9.9"));
        assert!(!is_new_enough(line, "1.95.1"));
        assert!(!is_new_enough(line, "1.100"));
        assert!(is_new_enough(
            "rustc 1.97.0-nightly (0123456 2026-05-01)",
            "1.95"
        ));
        assert!(!is_new_enough("", "1.95"));
        let old = judge("rustc", Some("rustc 1.60.0 (7737e0b5c)".to_owned()));
        assert!(matches!(old, Presence::TooOld(_)), "{old:?}");
    }

    #[test]
    fn debian_and_its_children_are_recognized() {
        assert!(is_debian("NAME=\"Debian GNU/Linux\"\nID=debian\n"));
        assert!(is_debian("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian("ID=fedora\nVARIANT_ID=debian\n"));
        assert!(!is_debian(""));
    }

    #[test]
    fn root_is_the_effective_user() {
        assert!(is_root("Name:\txtask\nUid:\t1000\t0\t0\t0\n"));
        assert!(!is_root("Name:\txtask\nUid:\t0\t1000\t0\t0\n"));
        assert!(!is_root(""));
    }
}
