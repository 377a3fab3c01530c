//! A client that is killed again and again in the midst of its work, beside others that live.
//!
//! The client is this test program, started again with variables that say where the pool is.
//! `BIOXEN_CLIENT_KILLS` says how many kills there are.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bioxen_core::{Organism, Secret};
use bioxen_testbed::TEMPLATE;
use bioxen_testbed::xapi::Plan;
use bioxen_xcpng::xapi::NameOrUuid;
use bioxen_xcpng::{
    Endpoint, PlainHttp, SshAuth, SshOptions, Trust, XapiOptions, XcpngOptions, XcpngPool,
};

use super::bare::Bare;
use super::bed::spec;
use super::draw::{Draw, number, variable};

/// Names URL, pin and state folder to the child, in lines.
const CLIENT: &str = "BIOXEN_TEST_CLIENT";

const PASSWORD: &str = "password";
const READY: &str = "a client begins";

/// Not a test of its own: what the parent starts.
#[test]
fn client() {
    let Some(told) = variable(CLIENT) else { return };
    let told: Vec<&str> = told.lines().collect();
    let [url, pins, state] = told[..] else {
        panic!("three lines");
    };
    let pins = pins.split(' ').map(|pin| pin.parse().expect("a pin"));
    let xapi = XapiOptions::new(
        Endpoint::parse(url, PlainHttp::Refused).expect("a URL"),
        "root",
        Secret::new(PASSWORD.to_owned()),
        Trust::Pins(pins.collect()),
    );
    let ssh = SshOptions::new("nobody", SshAuth::Password(Secret::new("none".to_owned())));
    let options =
        || XcpngOptions::new(xapi.clone(), ssh.clone(), NameOrUuid::from(TEMPLATE), state);
    writeln!(std::io::stdout(), "\n{READY}").expect("the parent reads");
    for life in 0.. {
        let pool = XcpngPool::connect(options()).expect("a login");
        let guest = pool
            .create(&spec(&format!("victim-{life}"), Organism::Syn3a), &[])
            .expect("no faults");
        let xapi = pool.xapi();
        let token = options().cancel;
        let bounds = || xapi.bounds("the test", Duration::from_secs(60), &token);
        let found = xapi.vm_by_uuid(&guest.uuid, bounds()).expect("no faults");
        let (vm, _) = found.expect("it is there");
        xapi.start_vm(&vm, bounds()).expect("no faults");
        xapi.shutdown_vm(&vm, bounds()).expect("no faults");
        pool.destroy(&guest).expect("no faults");
        pool.close().expect("no faults");
    }
}

fn start(bare: &Bare, state: &Path) -> Child {
    let url = bare.server.url(0).expect("a master");
    let told = format!("{url}\n{}\n{}", bare.pins(), state.display());
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "pool::killed::client", "--nocapture"])
        .env(CLIENT, told)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line == READY));
    assert!(ready, "the client ended before it began");
    child
}

#[test]
fn whoever_is_killed_leaves_nothing_that_is_not_found() {
    let kills = number("BIOXEN_CLIENT_KILLS", 30);
    let mut bare = Bare::up(PASSWORD);
    let mut draw = Draw::new(kills);
    let foreign = tempfile::tempdir().expect("a folder");
    // Who lives: one of the same installation, and one of another.
    let live = |state: &Path, name: &str| {
        let mut options = bare.options(state, PASSWORD);
        options.xapi.limits = bioxen_xcpng::XapiLimits::default();
        let pool = XcpngPool::connect(options).expect("a login");
        let guest = pool
            .create(&spec(name, Organism::Syn3a), &[])
            .expect("room");
        (pool, guest)
    };
    let (same, kept) = live(bare.state.path(), "kept-1");
    let (other, theirs) = live(foreign.path(), "kept-2");
    let mut found = 0;
    for kill in 0..kills {
        let mut child = start(&bare, bare.state.path());
        // A life has about a hundred calls.
        let calls = bare.server.request_count() + 1 + draw.below(110);
        let over = |_: &mut _| bare.server.request_count() >= calls;
        assert!(bare.server.wait_until(Duration::from_secs(60), over));
        // Not always just when a call comes in.
        let later = Duration::from_micros(draw.below(8_000));
        assert!(!bare.server.wait_until(later, |_| false));
        child.kill().expect("it lives");
        child.wait().expect("it ends");
        // What lives on makes guests meanwhile.
        let busy = match kill % 2 {
            0 => &same,
            _ => &other,
        };
        let making = busy.clone();
        let (garbage, made) = std::thread::scope(|scope| {
            let name = format!("busy-{kill}");
            let made = scope.spawn(move || making.create(&spec(&name, Organism::Syn3a), &[]));
            let garbage = same.garbage(true).expect("no faults");
            (garbage, made.join().expect("no panic"))
        });
        let made = made.expect("nobody disturbs it");
        let failed = garbage.found.iter().any(|found| found.failed.is_some());
        assert!(!failed && garbage.unreadable.is_empty(), "{garbage:#?}");
        found += garbage.found.len();
        // A guest whose making was over, or whose end was not begun, is no garbage: its client's list has it.
        for (guest, _) in same.guests().expect("no faults") {
            if guest.id.as_str().starts_with("victim") {
                same.destroy(&guest).expect("no faults");
            }
        }
        busy.destroy(&made).expect("it is whole");
        // What was under way on the server when the client was killed has an end by now.
        let again = same.garbage(false).expect("no faults");
        assert!(
            again.found.is_empty(),
            "kill {kill}: {again:#?} after {garbage:#?}"
        );
        let census = bare.census();
        assert_eq!(census.vms.len(), 2, "kill {kill}: {census:#?}");
        assert_eq!(census.disks.len(), 2, "kill {kill}: {census:#?}");
    }
    assert!(found > 0, "no kill left anything");
    same.destroy(&kept).expect("it is whole");
    other.destroy(&theirs).expect("it is whole");
    same.close().expect("no faults");
    other.close().expect("no faults");
    // A kill between an answer of the server and the line in the journal leaves one session or one task, which the server ends by itself.
    let census = bare.census();
    let kills = usize::try_from(kills).expect("it fits");
    assert!(
        census.vms.is_empty() && census.disks.is_empty(),
        "{census:#?}"
    );
    assert!(
        census.sessions.len() + census.tasks.len() <= kills,
        "{census:#?}"
    );
    bare.set_plan(Plan::none());
}
