//! The daemon that runs, if one does.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bioxen_agent::{
    ClientChannel, EventNumber, Information, LocalError, PageSize, Place, ProtocolVersion,
    RemoteHypervisor,
};

use super::Check;
use crate::agent::find;
use crate::hints::hint_of;

const RESTART: &str = "stop the daemon and start it again";

pub(super) fn checks(place: &Place) -> Vec<Check> {
    let holder = holder(place);
    match find(place) {
        Ok(channel) => {
            let mut checks = vec![versions(&channel), private(place)];
            let daemon = RemoteHypervisor::new(channel);
            checks.push(socket(&daemon, holder));
            checks.push(journal(&daemon));
            checks
        }
        Err(LocalError::NotRunning { .. }) => vec![
            absent(holder),
            Check::ok("socket", "nobody listens; a command starts the daemon"),
            Check::warn(
                "journal",
                "not looked at: no daemon runs",
                "start one, then look again: bioxen_hypervisor list",
            ),
        ],
        Err(error) => {
            let cure = error.hint().or_else(|| hint_of(&error));
            let cure = cure.unwrap_or_else(|| "see what listens there".to_owned());
            vec![Check::fail("socket", error.to_string(), cure)]
        }
    }
}

/// Process number in the lock file.
fn holder(place: &Place) -> Option<u32> {
    let text = fs::read_to_string(place.lock()).ok()?;
    text.trim().parse().ok()
}

/// Without a daemon, a lock file is left over, unless its process is there and does not listen yet.
fn absent(holder: Option<u32>) -> Check {
    match holder {
        Some(pid) if is_daemon(pid) => Check::warn(
            "lock",
            format!("process {pid} may hold it and does not listen"),
            format!("look again in a moment; if it stays so, end process {pid}"),
        ),
        Some(_) | None => Check::ok("lock", "nobody holds it"),
    }
}

/// Whether a process is one of this program; where that cannot be seen, it is none.
fn is_daemon(pid: u32) -> bool {
    let ours = std::env::current_exe().ok();
    let theirs = fs::read_link(Path::new("/proc").join(pid.to_string()).join("exe")).ok();
    theirs.is_some() && theirs == ours
}

fn versions(channel: &ClientChannel) -> Check {
    let agent = channel.client().agent();
    let ours = env!("CARGO_PKG_VERSION");
    let (theirs, protocol) = (&agent.agent_version, agent.protocol);
    if theirs == ours && protocol == ProtocolVersion::CURRENT {
        return Check::ok("versions", format!("{ours}, protocol {protocol}"));
    }
    let found = format!(
        "the daemon has {theirs}, protocol {protocol}, and this program {ours}, protocol {}",
        ProtocolVersion::CURRENT
    );
    Check::warn("versions", found, RESTART)
}

/// Nobody else may even knock.
fn private(place: &Place) -> Check {
    const NAME: &str = "private";
    match fs::metadata(place.socket()).map(|socket| socket.mode() & 0o777) {
        Ok(0o600) => Check::ok(NAME, "the socket has mode 0600"),
        Ok(mode) => Check::fail(NAME, format!("the socket has mode {mode:04o}"), RESTART),
        Err(error) => Check::fail(NAME, format!("the socket is not there: {error}"), RESTART),
    }
}

fn socket(daemon: &RemoteHypervisor, holder: Option<u32>) -> Check {
    match daemon.information() {
        Ok(found) => answers(&found, holder),
        Err(error) => Check::fail("socket", error.to_string(), RESTART),
    }
}

fn answers(found: &Information, holder: Option<u32>) -> Check {
    let Information {
        pid,
        uptime,
        vms,
        threads,
        ..
    } = found;
    if holder.is_some_and(|holder| holder != *pid) {
        return Check::fail(
            "lock",
            format!("process {pid} answers, and the lock names another one"),
            RESTART,
        );
    }
    let seconds = uptime.as_secs();
    Check::ok(
        "socket",
        format!("process {pid} answers: {vms} VMs, {threads} threads, up {seconds} s"),
    )
}

/// Asks for something that only the journal has.
fn journal(daemon: &RemoteHypervisor) -> Check {
    let some = PageSize::new(1).expect("one is within the limits");
    match daemon.events(EventNumber::NONE, some) {
        Ok(_) => Check::ok("journal", "the daemon has read it"),
        Err(error) => Check::fail(
            "journal",
            error.to_string(),
            error.hint().unwrap_or_else(|| RESTART.to_owned()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bioxen_agent::{Information, ProtocolVersion};

    use super::super::Verdict;
    use super::{absent, answers};

    #[test]
    fn a_lock_that_is_left_over_is_no_matter() {
        assert_eq!(absent(None).verdict, Verdict::Ok);
        assert_eq!(absent(Some(u32::MAX)).verdict, Verdict::Ok);
        assert_eq!(absent(Some(std::process::id())).verdict, Verdict::Warn);
    }

    #[test]
    fn the_one_that_answers_holds_the_lock() {
        let found = Information {
            agent_version: "0.1.0".to_owned(),
            protocol: ProtocolVersion::CURRENT,
            pid: 7,
            state_folder: "/s".to_owned(),
            uptime: Duration::from_secs(60),
            vms: 2,
            threads: 4,
        };
        let check = answers(&found, Some(7));
        assert_eq!(check.verdict, Verdict::Ok);
        assert_eq!(check.found, "process 7 answers: 2 VMs, 4 threads, up 60 s");
        assert_eq!(answers(&found, None).verdict, Verdict::Ok);
        assert_eq!(answers(&found, Some(8)).verdict, Verdict::Fail);
    }
}
