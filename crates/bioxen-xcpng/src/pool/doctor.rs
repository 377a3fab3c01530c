//! What stands between a configuration and a guest, looked at one by one.

use std::fmt;

use bioxen_core::VmSpec;

use super::{XcpngError, XcpngOptions, XcpngPool};
use crate::xapi::TestReport;

mod key;

use self::key::ssh_key;

/// One thing that was looked at.
#[derive(Debug)]
pub struct Check {
    /// What.
    pub what: &'static str,
    /// What was found, in one line.
    pub found: String,
    /// How that is.
    pub verdict: Verdict,
    /// What to do about it; empty if there is nothing to do.
    pub cure: String,
}

/// How something that was looked at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and might not always.
    Warning,
    /// It stands in the way.
    Failed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        })
    }
}

impl Check {
    fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self {
            what,
            found: found.into(),
            verdict: Verdict::Ok,
            cure: String::new(),
        }
    }

    fn warning(what: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            what,
            found: found.into(),
            verdict: Verdict::Warning,
            cure: cure.into(),
        }
    }

    fn failed(what: &'static str, error: &XcpngError) -> Self {
        Self::stopped(what, chain(error), error.hint().unwrap_or_default())
    }

    fn stopped(what: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            what,
            found: found.into(),
            verdict: Verdict::Failed,
            cure: cure.into(),
        }
    }
}

/// Connects to a pool and looks at all that guests need; what cannot be looked at for an earlier failure is left out.
///
/// With a specification it also makes a guest of it, brings it up, and removes it again.
pub fn examine(options: XcpngOptions, full: Option<&VmSpec>) -> Vec<Check> {
    // It is here, and is looked at even if the pool cannot be.
    let mut checks = vec![ssh_key(&options.ssh.auth)];
    let pool = match XcpngPool::connect(options) {
        Ok(pool) => pool,
        Err(error) => {
            checks.push(Check::failed("XAPI", &error));
            return checks;
        }
    };
    let all: [fn(&XcpngPool) -> Check; 8] = [
        connection, template, storage, network, host, memory, host_keys, agent,
    ];
    checks.extend(all.iter().map(|check| check(&pool)));
    checks.push(left(&pool));
    if let Some(spec) = full
        && checks.iter().all(|check| check.verdict != Verdict::Failed)
    {
        checks.push(guest(&pool, spec));
    }
    if let Err(error) = pool.close() {
        checks.push(Check::failed("logout", &error));
    }
    checks
}

fn connection(pool: &XcpngPool) -> Check {
    let what = "XAPI";
    let bounds = pool.step("the look at the pool", pool.xapi().limits().call);
    match pool.xapi().test_connection(bounds) {
        Ok(report) => {
            let (major, minor) = report.api_version;
            let TestReport {
                endpoint,
                pool,
                product,
                hosts,
                ..
            } = report;
            Check::ok(
                what,
                format!("{endpoint}: pool {pool:?}, {product}, API {major}.{minor}, {hosts} hosts"),
            )
        }
        Err(error) => Check::failed(what, &error.into()),
    }
}

fn template(pool: &XcpngPool) -> Check {
    let what = "template";
    let bounds = pool.step("the look at the template", pool.xapi().limits().call);
    let (vm, record) = match pool.xapi().find_template(&pool.options().template, bounds) {
        Ok(found) => found,
        Err(error) => return Check::failed(what, &error.into()),
    };
    let found = format!("{} {:?}", record.uuid, record.name_label);
    let disks = match pool.own_disks(&vm, bounds) {
        Ok(disks) => disks.len(),
        Err(error) => return Check::failed(what, &error),
    };
    if disks == 0 {
        let cure = "make the template of a VM with an installed system, see the guide for XCP-ng";
        return Check::warning(what, format!("{found} has no disk of its own"), cure);
    }
    Check::ok(what, format!("{found}, {disks} disks"))
}

fn storage(pool: &XcpngPool) -> Check {
    let what = "storage";
    let bounds = pool.step("the look at the storage", pool.xapi().limits().call);
    let found = match &pool.options().storage {
        Some(name) => pool.xapi().find_sr(name, bounds).map(Some),
        None => pool.xapi().default_sr(bounds),
    };
    match found {
        Ok(Some((_, sr))) => {
            let free = sr.physical_size - sr.physical_utilisation;
            if sr.physical_size > 0 && free < LITTLE {
                let cure = "free some of it, or name another one: xcpng_config.storage_repository";
                let found = format!("{:?} has {} MiB left", sr.name_label, free >> 20);
                return Check::warning(what, found, cure);
            }
            Check::ok(what, format!("{:?}", sr.name_label))
        }
        // Clones are made where the disks of the template are.
        Ok(None) => Check::ok(what, "that of the template; the pool has no default"),
        Err(error) => Check::failed(what, &error.into()),
    }
}

/// Less room than this for disks is little, bytes.
const LITTLE: i64 = 2 << 30;

fn network(pool: &XcpngPool) -> Check {
    let what = "network";
    let bounds = pool.step("the look at the network", pool.xapi().limits().call);
    match &pool.options().network {
        Some(name) => match pool.xapi().find_network(name, bounds) {
            Ok((_, network)) => Check::ok(what, format!("{:?}", network.name_label)),
            Err(error) => Check::failed(what, &error.into()),
        },
        None => match pool.xapi().find_template(&pool.options().template, bounds) {
            Ok((_, record)) if record.vifs.is_empty() => Check::warning(
                what,
                "the template has no network card",
                "name a network: xcpng_config.network",
            ),
            Ok(_) => Check::ok(what, "that of the template"),
            Err(error) => Check::failed(what, &error.into()),
        },
    }
}

fn host(pool: &XcpngPool) -> Check {
    let what = "host";
    let Some(name) = &pool.options().host else {
        return Check::ok(what, "the one that XAPI chooses");
    };
    let bounds = pool.step("the look at the host", pool.xapi().limits().call);
    match pool.xapi().find_host(name, bounds) {
        Ok((_, record)) if record.enabled => Check::ok(what, format!("{:?}", record.name_label)),
        Ok((_, record)) => Check::warning(
            what,
            format!("{:?} takes no VMs", record.name_label),
            "enable it with `xe host-enable`, or name another one: xcpng_config.host",
        ),
        Err(error) => {
            let there = pool.xapi().hosts(bounds).unwrap_or_default();
            let names: Vec<_> = there.iter().map(|(_, host)| &*host.name_label).collect();
            let cure = format!("name one of {}: xcpng_config.host", names.join(", "));
            Check::stopped(what, chain(&error.into()), cure)
        }
    }
}

fn memory(pool: &XcpngPool) -> Check {
    let what = "memory";
    let bounds = pool.step("the look at the hosts", pool.xapi().limits().call);
    let hosts = match pool.xapi().hosts(bounds) {
        Ok(hosts) => hosts,
        Err(error) => return Check::failed(what, &error.into()),
    };
    let mut most = 0;
    for (host, record) in hosts.iter().filter(|(_, record)| record.enabled) {
        match pool.xapi().host_free_memory(host, bounds) {
            Ok(free) => most = most.max(free),
            Err(error) => {
                tracing::warn!(host = %record.name_label, %error, "its memory is not known");
            }
        }
    }
    let wanted = pool.options().memory.unwrap_or_default();
    let found = format!(
        "{} hosts, {} MiB free on one of them",
        hosts.len(),
        most >> 20
    );
    if u64::try_from(most).unwrap_or(0) < wanted {
        let cure = format!(
            "a guest needs {} MiB: lower xcpng_config.vm_memory, or shut VMs down",
            wanted >> 20
        );
        return Check::warning(what, found, cure);
    }
    Check::ok(what, found)
}

fn host_keys(pool: &XcpngPool) -> Check {
    let what = "host keys";
    if pool.gives_own_host_keys() {
        return Check::ok(what, "each new guest gets its own");
    }
    let keys = &pool.options().host_keys;
    if keys.is_empty() {
        let cure = "give each new guest a key of its own: xcpng_config.guest_host_keys; or name the host keys of the template: xcpng_config.ssh_host_keys; without either every guest is refused until its key is accepted with `bioxen vm trust`";
        return Check::warning(what, "none is known for new guests", cure);
    }
    let prints: Vec<String> = keys
        .iter()
        .map(|key| format!("{} {}", key.kind(), key.fingerprint()))
        .collect();
    Check::ok(what, prints.join(", "))
}

fn agent(pool: &XcpngPool) -> Check {
    let what = "agent";
    match &pool.options().agent {
        None => Check::ok(what, "that of the template"),
        Some(path) => match std::fs::metadata(path) {
            Ok(file) if file.is_file() => Check::ok(
                what,
                format!(
                    "{} is brought to guests ({} KiB)",
                    path.display(),
                    file.len() >> 10
                ),
            ),
            Ok(_) => Check::warning(
                what,
                format!("{} is no file", path.display()),
                "name the program bioxen_hypervisor: xcpng_config.agent_path",
            ),
            Err(error) => Check::stopped(
                what,
                format!("{}: {error}", path.display()),
                "name the program bioxen_hypervisor: xcpng_config.agent_path",
            ),
        },
    }
}

fn left(pool: &XcpngPool) -> Check {
    let what = "left behind";
    match pool.garbage(false) {
        Ok(garbage) if garbage.found.is_empty() && garbage.unreadable.is_empty() => {
            Check::ok(what, "nothing")
        }
        Ok(garbage) => Check::warning(
            what,
            format!("{} things", garbage.found.len() + garbage.unreadable.len()),
            "`bioxen gc` lists them, `bioxen gc --apply` removes them",
        ),
        Err(error) => Check::failed(what, &error),
    }
}

/// Makes a guest, brings it up, and removes it.
fn guest(pool: &XcpngPool, spec: &VmSpec) -> Check {
    let what = "a guest";
    let guest = match pool.create(spec, &[]) {
        Ok(guest) => guest,
        Err(error) => return Check::failed(what, &error),
    };
    let booted = pool.boot(&guest);
    let version = booted.map(|reached| {
        let version = reached.client.agent().agent_version.clone();
        format!("{} answers at {}", version, reached.remote.address())
    });
    match (version, pool.undo_create(&guest)) {
        (Ok(found), Ok(())) => Check::ok(what, format!("made, agent {found}, removed")),
        (Err(error), Ok(())) | (Ok(_), Err(error)) => Check::failed(what, &error),
        (Err(error), Err(left)) => Check::failed(
            what,
            &XcpngError::Left {
                left: format!("VM {}: {left}", guest.uuid),
                source: Box::new(error),
            },
        ),
    }
}

/// An error with its causes, in one line.
fn chain(error: &XcpngError) -> String {
    let mut line = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}
