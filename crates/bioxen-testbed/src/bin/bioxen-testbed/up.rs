//! A testbed from its start to its end.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use bioxen_testbed::{Testbed, TestbedError, TestbedSpec};

use crate::agent;
use crate::args::UpArgs;
use crate::config::ConfigFile;
use crate::failure::Failure;
use crate::signals::Signals;
use crate::watch::Watch;

/// Brings a testbed up, waits until it is told to end, and ends it.
pub(crate) fn run(args: &UpArgs) -> Result<(), Failure> {
    let signals = Signals::register().map_err(Failure::Signals)?;
    let mut config = ConfigFile::claim(&args.config)?;
    let agent = agent::find(args.agent.as_deref()).map_err(|failure| match signals.came() {
        // Whoever builds it got the signal too.
        Some(signal) => Failure::Ended { signal },
        None => failure,
    })?;
    let testbed = Testbed::start(spec(args, &agent)?)?;
    testbed.try_guest().map_err(Failure::Guest)?;
    let password = testbed.write_password().map_err(|source| {
        let error = TestbedError::Folder(source);
        Failure::Testbed(error)
    })?;
    let brought = args.no_agent.then_some(agent.as_path());
    let text = config.write(&testbed, &password, brought)?.to_owned();
    let path = config.path().to_owned();
    say(&greeting(args, &testbed, &path, &text));
    let count = watch(&testbed, &signals);
    tell(match count {
        0 => "ending".to_owned(),
        1 => "ending, with 1 VM".to_owned(),
        count => format!("ending, with {count} VMs"),
    });
    let folder = testbed.folder().to_owned();
    let ended = testbed.end();
    let removed = config.remove();
    ended?;
    let what = match removed? {
        true => format!("{} and {}", folder.display(), path.display()),
        false => {
            let (folder, path) = (folder.display(), path.display());
            format!("{folder}; {path} was changed and is left")
        }
    };
    tell(format!("ended: all guests are gone, and so are {what}"));
    Ok(())
}

fn spec(args: &UpArgs, agent: &Path) -> Result<TestbedSpec, Failure> {
    let of_guests = (!args.no_agent).then(|| agent.to_owned());
    let spec = match args.quick {
        true => TestbedSpec::quick(of_guests),
        false => TestbedSpec::demo(of_guests),
    };
    let mut spec = spec.with_hosts(args.hosts, args.memory.map(|memory| memory.0));
    spec.tls = !args.plain;
    spec.port = args.port;
    spec.pool.password = draw_password().map_err(Failure::Password)?;
    Ok(spec)
}

/// Others on this machine reach the pool too.
fn draw_password() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn greeting(args: &UpArgs, testbed: &Testbed, path: &Path, text: &str) -> String {
    let (url, hosts) = (testbed.url(), args.hosts);
    let path = path.display();
    let mut greeting = format!(
        "A pool is up at {url}, of {hosts} {}.\n\
         {path} has all that a client needs to know of it:\n\n{text}\n",
        if hosts == 1 { "host" } else { "hosts" },
    );
    if args.plain {
        greeting.push_str(
            "It speaks plain HTTP, which the command `bioxen` refuses; other clients begin with session.login_with_password.\n",
        );
    } else {
        let config = format!("--config {}", word(&path.to_string()));
        let vm = format!("--type xcpng {config}");
        greeting.push_str("In another terminal, in this folder:\n\n");
        for line in [
            format!("bioxen doctor --xcpng {config}"),
            format!("bioxen vm create cell-1 syn3a {vm} --start"),
            format!("echo \"advance(60); counts(['dnaA', 'ATP'])\" | bioxen vm exec cell-1 - {vm}"),
            format!("bioxen vm metrics cell-1 {vm}"),
            format!("bioxen vm ls {vm}"),
            format!("bioxen vm stop cell-1 {vm}"),
            format!("bioxen vm rm cell-1 --yes {vm}"),
            format!("bioxen gc {config}"),
        ] {
            let _ = writeln!(greeting, "  {line}");
        }
    }
    greeting.push_str("\nCtrl-C ends it, and removes all that is of it.\n");
    greeting
}

/// A path as a shell takes it.
fn word(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_=./,:+@%".contains(c);
    if path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// Tells what happens until a signal comes; the answer is the number of VMs that are left.
fn watch(testbed: &Testbed, signals: &Signals) -> usize {
    /// How late a signal may be seen.
    const LATE: Duration = Duration::from_millis(100);
    let mut watch = Watch::default();
    while signals.came().is_none() {
        let mut lines = Vec::new();
        testbed.server().wait_until(LATE, |pool| {
            lines = watch.look(pool.vms());
            !lines.is_empty() || signals.came().is_some()
        });
        lines.into_iter().for_each(tell);
    }
    watch.count()
}

/// For people on standard output, which may have been closed.
fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}

/// A line on standard error, which may have been closed.
fn tell(line: String) {
    let _ = writeln!(io::stderr(), "{line}");
}
