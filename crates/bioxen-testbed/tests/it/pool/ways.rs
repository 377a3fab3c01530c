//! Faults on the way to a guest: a whole life, whose connection by SSH breaks somewhere.
//!
//! `BIOXEN_FAULT_SEEDS` says how often each fault is tried, at other places each time; `BIOXEN_FAULT_CELL` prints how each ended.

use std::time::Duration;

use bioxen_core::{BiologicalVm, Organism, ProcessCode, VmError, VmState};
use bioxen_testbed::TestbedSpec;
use bioxen_testbed::guests::{Fault, Faults, agent_binary};
use bioxen_xcpng::{XcpngOptions, XcpngPool, plan_vm};

use super::bed::{Bed, spec};
use super::draw::{Draw, number, show, variable};

/// Bytes that a guest says in a life, about: the greeting, the keys by 1,200, the login by 2,200, the hello of the agent by 3,500, and answers then.
const PHASES: &[(&str, usize, usize)] = &[
    ("ssh-tcp", 0, 1),
    ("greeting", 1, 40),
    ("key-exchange", 40, 1_500),
    ("auth", 1_500, 2_200),
    ("hello", 2_200, 3_500),
    ("execute", 3_500, 8_000),
    ("save", 8_000, 14_000),
];

const FAULTS: &[&str] = &["reset", "silence", "cut", "drip"];

fn options(bed: &Bed) -> XcpngOptions {
    let mut options = bed.options();
    let seconds = Duration::from_secs;
    options.ssh.limits.key_exchange = seconds(4);
    options.ssh.limits.auth = seconds(4);
    let limits = &mut options.limits;
    limits.ready = seconds(12);
    limits.hello = seconds(4);
    limits.request = seconds(4);
    limits.computing = seconds(4);
    limits.reconnect = seconds(12);
    options
}

/// A whole life, and what was true in it.
fn live(bed: &Bed) -> Result<(), VmError> {
    let options = options(bed);
    let mut vm = plan_vm(
        move || XcpngPool::connect(options.clone()),
        spec("cell-1", Organism::Syn3a),
        Vec::new(),
    );
    vm.start()?;
    assert_eq!(bed.census().vms, ["bioxen-syn3a-cell-1"]);
    let code = ProcessCode::new("look", "advance(60)\ncounts(['ATP'])").expect("short");
    let report = vm.execute_biological_process(&code)?;
    // What breaks in between does not have it done twice.
    assert!(report.success, "{}", report.stderr);
    assert_eq!(report.ended_at.micros(), 60_000_000);
    vm.save()?;
    vm.stop()?;
    assert_eq!(vm.status()?.state, VmState::Stopped);
    vm.destroy()?;
    assert!(bed.census().vms.is_empty());
    Ok(())
}

fn play(bed: &Bed, way: &Faults, fault: &str, phase: &str, after: usize) {
    let fault = match fault {
        "reset" => Fault::Reset,
        "silence" => Fault::Silence { after },
        "cut" => Fault::Cut { after },
        "drip" => Fault::Drip {
            after,
            each: Duration::from_secs(1),
        },
        other => unreachable!("{other}"),
    };
    way.set([fault], Fault::None);
    let ended = live(bed);
    if variable("BIOXEN_FAULT_CELL").is_some() {
        show(&format!("{phase} {fault:?}: {ended:?}"));
    }
    way.set([], Fault::None);
    let pool = bed.connect();
    let garbage = pool.garbage(true).expect("no faults");
    assert!(
        garbage.found.iter().all(|found| found.failed.is_none()),
        "{phase} {fault:?}: {garbage:#?}"
    );
    for (guest, _) in pool.guests().expect("no faults") {
        pool.destroy(&guest).expect("no faults");
    }
    assert!(pool.garbage(false).expect("no faults").found.is_empty());
    pool.close().expect("no faults");
    bed.assert_clean();
}

#[test]
fn a_way_that_breaks_leaves_nothing() {
    let way = Faults::all(Fault::None);
    let agent = agent_binary(None).unwrap_or_else(|error| {
        panic!("{error}; {}", error.hint().unwrap_or_default());
    });
    let bed = Bed::with(TestbedSpec {
        way: Some(way.clone()),
        ..TestbedSpec::quick(Some(agent))
    });
    let seeds = number("BIOXEN_FAULT_SEEDS", 0);
    let mut draw = Draw::new(1);
    for round in 0..seeds.max(1) {
        for (at, (phase, from, to)) in PHASES.iter().enumerate() {
            for (which, fault) in FAULTS.iter().enumerate() {
                let span = u64::try_from(to - from).expect("small");
                let after = from + usize::try_from(draw.below(span)).expect("small");
                // The usual part has each fault, and each phase, at least once.
                let is_part = (at + which) % FAULTS.len() == 1;
                let makes_sense = *fault != "reset" || *phase == "ssh-tcp" || round > 0;
                if (seeds > 0 && makes_sense) || is_part {
                    play(&bed, &way, fault, phase, after);
                }
            }
        }
    }
}
