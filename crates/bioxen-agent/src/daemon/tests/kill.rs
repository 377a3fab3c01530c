//! A daemon that is killed again and again in the midst of its work.
//!
//! The daemon is this test program, started again with a variable that names its state folder.
//! `BIOXEN_KILLS` says how many kills there are.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use bioxen_core::{AtpPercent, ProcessCode, SimSpan, VmState};

use super::*;
use crate::connection::Client;
use crate::hello::{ClientHello, Nonce};
use crate::local::connect;
use crate::message::{Answer, Request, VmRequest};
use crate::remote::ClientChannel;

/// Names the state folder to the child.
pub(super) const STATE: &str = "BIOXEN_TEST_DAEMON";

/// Names the number of kills to the parent.
const KILLS: &str = "BIOXEN_KILLS";

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is how a test program talks to itself"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Not a test of its own: what the parent starts.
#[test]
fn child() {
    let Some(state) = variable(STATE) else { return };
    let options = DaemonOptions {
        // At every look of the timer, which has none to spare either.
        checkpoint_every: Duration::ZERO,
        ..options(Path::new(&state))
    };
    let daemon = Daemon::open(options, clock(), wall);
    let daemon = daemon.expect("it comes up");
    // On a line of its own: the harness has begun one.
    writeln!(std::io::stdout(), "\n{}", crate::READY).expect("the parent reads");
    daemon.serve().expect("all is kept");
}

fn start(state: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "daemon::tests::kill::child", "--nocapture"])
        .env(STATE, state)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let ready = lines
        .map(|line| line.expect("text"))
        .any(|line| line == crate::READY);
    assert!(ready, "the daemon ended before it was ready");
    child
}

fn channel(state: &Path) -> ClientChannel {
    let hello = ClientHello::new("test", "0", Nonce::new([5; 16]));
    let client: Client = connect(&Place::of(state), &hello).expect("it listens");
    ClientChannel::new(client, || unreachable!("ids are given"))
}

/// Numbers by xorshift.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// What a VM must be like.
#[derive(Clone, Debug, PartialEq)]
struct Expected {
    seconds: f64,
    atp: AtpPercent,
    state: VmState,
}

/// An operation, and what the VM is like once it is done.
struct Step {
    op: OpId,
    request: Request,
    after: Expected,
}

fn draw(name: &str, now: &Expected, draw: &mut Draw) -> Step {
    let mut after = now.clone();
    let ask = match (now.state, draw.below(10)) {
        (VmState::Created | VmState::Stopped, _) => {
            after.state = VmState::Running;
            VmRequest::Start
        }
        (VmState::Running, 0..=3) => {
            let seconds = 1 + draw.below(3);
            after.seconds += seconds as f64;
            VmRequest::Advance(SimSpan::from_micros(seconds * 1_000_000))
        }
        (VmState::Paused, _) => {
            after.state = VmState::Running;
            VmRequest::Resume
        }
        (_, 4..=5) => {
            after.seconds += 1.0;
            let code = ProcessCode::new("step.star", "advance(1); time()").expect("a program");
            VmRequest::Execute { code, limits: None }
        }
        (_, 7 | 8) => {
            let percent = 40 + draw.below(60);
            after.atp = format!("{percent}%").parse().expect("a share");
            VmRequest::Allocate(crate::Grant::Atp(after.atp))
        }
        (_, 6) => {
            after.state = VmState::Paused;
            VmRequest::Pause
        }
        _ => {
            after.state = VmState::Stopped;
            VmRequest::Stop
        }
    };
    Step {
        op: op(),
        request: Request::Vm { vm: id(name), ask },
        after,
    }
}

#[track_caller]
fn check(channel: &mut ClientChannel, name: &str, expected: &Expected) {
    let request = Request::Vm {
        vm: id(name),
        ask: VmRequest::Status,
    };
    match channel.ask_as(op(), &request).expect("an answer") {
        Answer::Status(status) => {
            let found = Expected {
                seconds: status.sim_time.seconds(),
                atp: status.quota.atp,
                state: status.state,
            };
            assert_eq!(&found, expected, "{name}");
        }
        other => panic!("{other:?}"),
    }
}

/// Every operation that was answered is there after a kill, and one that was cut off is done exactly once when it is asked for again.
#[test]
fn nothing_that_was_acknowledged_is_lost_and_nothing_is_done_twice() {
    let kills: u32 = variable(KILLS).map_or(200, |text| text.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path();
    let mut random = Draw(0x2545_f491_4f6c_dd1d);
    let mut model: BTreeMap<&str, Expected> = BTreeMap::new();
    let mut child = start(state);
    let mut line = channel(state);
    for (name, organism) in [("a", Organism::Syn3a), ("b", Organism::MinimalCell)] {
        let spec = spec(name, organism);
        let create = Request::Create {
            spec,
            packages: Vec::new(),
        };
        let answer = line.ask_as(op(), &create).expect("an answer");
        assert!(matches!(answer, Answer::Created(_)), "{answer:?}");
        let newborn = Expected {
            seconds: 0.0,
            atp: AtpPercent::FULL,
            state: VmState::Created,
        };
        model.insert(name, newborn);
    }
    let mut acknowledged = 0;
    for _ in 0..kills {
        let spins = random.below(5_000_000);
        let pending = thread::scope(|scope| {
            scope.spawn(|| {
                (0..spins).for_each(|_| std::hint::spin_loop());
                child.kill().expect("it runs");
                child.wait().expect("a child");
            });
            // Until the connection breaks.
            loop {
                let name = ["a", "b"][usize::from(random.below(2) == 0)];
                let step = draw(name, &model[name], &mut random);
                match line.ask_as(step.op, &step.request) {
                    Ok(Answer::Refused(refusal)) => panic!("{}", refusal.message()),
                    Ok(_) => {
                        acknowledged += 1;
                        model.insert(name, step.after);
                    }
                    Err(_) => break (name, step),
                }
            }
        });
        child = start(state);
        line = channel(state);
        let (name, step) = pending;
        for (other, expected) in &model {
            if *other != name {
                check(&mut line, other, expected);
            }
        }
        let answer = line.ask_as(step.op, &step.request).expect("an answer");
        assert!(!matches!(answer, Answer::Refused(_)), "{answer:?}");
        model.insert(name, step.after);
        check(&mut line, name, &model[name]);
    }
    child.kill().expect("it runs");
    child.wait().expect("a child");
    assert!(
        acknowledged > kills,
        "{acknowledged} operations were answered"
    );
}
