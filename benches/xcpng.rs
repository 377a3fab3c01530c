//! What does a cell cost that lives in a guest of a pool?
//!
//! `agent over SSH`: questions to the agent of a guest over a channel that is open, one syn3A VM, manual pacing.
//! `XAPI`: a call on a connection that is kept, over TLS, with its answer read; a login with its logout.
//! `SSH`: a connection to its authentication.
//! Then it prints how long the upload of an agent of 20 MiB takes beside `ssh … cat`, what a whole start asks of XAPI, what an idle minute asks, and what it costs to have an ensemble computed in a guest.
//!
//! The pool is a testbed on loopback with its shortest times, so that what is measured is this side, `sshd` and the agent.
//! The agent is `bioxen_hypervisor` of the same build: `cargo build --release -p bioxen-agent --features daemon`.
#![allow(
    missing_docs,
    clippy::print_stdout,
    reason = "criterion's macros make undocumented functions, and figures are the result"
)]

use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bioxen_agent::{
    Client, ClientChannel, ClientHello, RemoteHypervisor, draw_nonce, draw_op, draw_seed,
};
use bioxen_core::testing::ManualClock;
use bioxen_core::{
    BiologicalVm, CancelToken, Goal, Organism, Pacing, Secret, SimSpan, SimTime, VmId, VmSpec,
};
use bioxen_hypervisor::{Hypervisor, HypervisorConfig};
use bioxen_testbed::guests::{Guest, GuestPlan, Loopback, agent_binary};
use bioxen_testbed::{TEMPLATE, Testbed, TestbedSpec};
use bioxen_xcpng::xapi::{AddressFilter, NameOrUuid};
use bioxen_xcpng::{
    AGENT_COMMAND, CertificatePin, Deadline, Endpoint, Ensemble, ExpectedHostKey, Job, PlainHttp,
    Remote, SshAuth, SshOptions, SystemTimer, Timer, Trust, Uploaded, Work, Xapi, XapiOptions,
    XcpngOptions, XcpngPool, ensure_agent, plan_vm,
};
use criterion::{Criterion, criterion_group, criterion_main};

/// A testbed, and what a client of it needs.
struct Bed {
    testbed: Testbed,
    state: tempfile::TempDir,
    timer: Arc<dyn Timer>,
    cancel: CancelToken,
}

const LONG: Duration = Duration::from_secs(120);

impl Bed {
    fn up() -> Self {
        let agent = agent_binary(None).unwrap_or_else(|error| {
            panic!("{error}; {}", error.hint().unwrap_or_default());
        });
        Self {
            testbed: Testbed::start(TestbedSpec::quick(Some(agent))).expect("a testbed"),
            state: tempfile::tempdir().expect("a folder"),
            timer: Arc::new(SystemTimer::new()),
            cancel: CancelToken::new(),
        }
    }

    fn xapi(&self) -> XapiOptions {
        let (user, password) = self.testbed.login();
        let pins = self.testbed.pins().iter();
        let pins = pins.map(|pin| pin.parse::<CertificatePin>().expect("a pin"));
        XapiOptions::new(
            Endpoint::parse(&self.testbed.url(), PlainHttp::Refused).expect("a URL"),
            user,
            Secret::new(password.to_owned()),
            Trust::Pins(pins.collect()),
        )
    }

    fn ssh(&self) -> SshOptions {
        let auth = SshAuth::KeyFile {
            path: self.testbed.client_key().private().to_owned(),
            passphrase: None,
        };
        let mut ssh = SshOptions::new(self.testbed.ssh_user(), auth);
        ssh.port = self.testbed.ssh_port();
        ssh
    }

    fn options(&self) -> XcpngOptions {
        let template = NameOrUuid::from(TEMPLATE);
        let mut options = XcpngOptions::new(self.xapi(), self.ssh(), template, self.state.path());
        options.addresses = AddressFilter {
            allow_loopback: true,
            ..AddressFilter::default()
        };
        options.host_keys = vec![self.testbed.host_key().parse().expect("a key")];
        options
    }

    fn guest(&self, name: &str, with_agent: bool) -> Guest {
        let address = Loopback::new().expect("a network").address();
        let folder = self.state.path().join(name);
        let key = self.testbed.client_key().public();
        let mut plan = GuestPlan::new(folder, address.expect("an address"), key);
        if with_agent {
            plan = plan.with_agent(agent_binary(None).expect("it is there"));
        }
        Guest::start(plan).expect("a guest")
    }

    fn remote(&self, guest: &Guest) -> Remote {
        let expected = ExpectedHostKey::Given {
            key: guest.host_keys()[0].parse().expect("a key"),
            vm: "bench".to_owned(),
        };
        let timer = Arc::clone(&self.timer);
        Remote::connect(guest.address(), &self.ssh(), &expected, timer, &self.cancel)
            .expect("a guest that listens")
    }

    fn deadline(&self) -> Deadline {
        Deadline::new("a step of a bench", LONG, &*self.timer)
    }

    fn timed<T>(&self, work: impl FnOnce() -> T) -> (f64, T) {
        let begun = self.timer.now();
        let result = work();
        ((self.timer.now() - begun).as_secs_f64(), result)
    }
}

fn spec(name: &str) -> VmSpec {
    spec_of(name, Organism::Syn3a)
}

fn spec_of(name: &str, organism: Organism) -> VmSpec {
    let id = VmId::new(name).expect("a plain name");
    VmSpec::builder(id, organism, draw_seed())
        .pacing(Pacing::Manual)
        .build()
        .expect("valid specification")
}

fn requests(c: &mut Criterion) {
    let bed = Bed::up();
    let guest = bed.guest("asked", true);
    let remote = bed.remote(&guest);
    let stream = remote.agent(AGENT_COMMAND, bed.deadline(), &bed.cancel);
    let (reader, writer, _control) = stream.expect("an agent").split();
    let hello = ClientHello::new("bench", "0", draw_nonce());
    let client = Client::open(reader, writer, &hello).expect("a hello");
    let agent = RemoteHypervisor::new(ClientChannel::new(client, draw_op));
    let (mut vm, _) = agent.create(&spec("asked"), &[]).expect("a new name");
    vm.start().expect("it was just created");
    vm.advance(SimSpan::from_micros(60_000_000))
        .expect("it runs");
    let mut group = c.benchmark_group("agent over SSH");
    group.bench_function("status of a VM", |b| {
        b.iter(|| vm.status().expect("an answer"))
    });
    group.bench_function("metrics of a VM", |b| {
        b.iter(|| vm.biological_metrics().expect("an answer"))
    });
    group.finish();
}

fn xapi(c: &mut Criterion) {
    let bed = Bed::up();
    let timer = || Arc::clone(&bed.timer);
    let xapi = Xapi::connect(bed.xapi(), timer()).expect("a login");
    let bounds = || xapi.bounds("a call of a bench", LONG, &bed.cancel);
    let (template, _) = xapi
        .find_template(&NameOrUuid::from(TEMPLATE), bounds())
        .expect("the template");
    let mut group = c.benchmark_group("XAPI");
    group.bench_function("VM.get_record", |b| {
        b.iter(|| xapi.vm_record(&template, bounds()).expect("a record"))
    });
    group.sample_size(20);
    group.bench_function("login and logout, a connection of its own", |b| {
        b.iter(|| {
            let other = Xapi::connect(bed.xapi(), timer()).expect("a login");
            other.close().expect("a logout");
        })
    });
    group.finish();
}

fn ssh(c: &mut Criterion) {
    let bed = Bed::up();
    let guest = bed.guest("met", false);
    let mut group = c.benchmark_group("SSH");
    group.sample_size(10);
    group.bench_function("connection, host key and authentication", |b| {
        b.iter(|| bed.remote(&guest))
    });
    group.finish();
}

/// Rounds of what is printed; the median counts.
const ROUNDS: u8 = 7;

fn upload(_: &mut Criterion) {
    const BYTES: usize = 20 << 20;
    let bed = Bed::up();
    let guest = bed.guest("bare", false);
    let remote = bed.remote(&guest);
    let agent = bed.state.path().join("agent");
    let (mut sent, mut alike, mut same) = (vec![], vec![], vec![]);
    let (mut cat, mut nothing) = (vec![], vec![]);
    let known = bed.state.path().join("known");
    let address = guest.address();
    let line = format!(
        "[{}]:{} {}\n",
        address.ip(),
        address.port(),
        guest.host_keys()[0]
    );
    fs::write(&known, line).expect("room");
    for round in 0..ROUNDS {
        let ensure = |bytes: &[u8], took: &mut Vec<f64>, expected| {
            fs::write(&agent, bytes).expect("room");
            let ensure = || ensure_agent(&remote, &agent, bed.deadline(), &bed.cancel);
            let (time, outcome) = bed.timed(ensure);
            assert_eq!(outcome.expect("room"), expected);
            took.push(time);
        };
        // The guest has none, or one of another length.
        let other = bytes(BYTES + usize::from(round), round);
        ensure(&other, &mut sent, Uploaded::Uploaded);
        ensure(&other, &mut same, Uploaded::Same);
        let alike_in_length = bytes(other.len(), round + ROUNDS);
        ensure(&alike_in_length, &mut alike, Uploaded::Uploaded);
        let ssh = |command: &str, input: Stdio| {
            let key = bed.testbed.client_key().private();
            openssh(
                key,
                &known,
                address,
                &bed.testbed.ssh_user(),
                command,
                input,
            );
        };
        let file = fs::File::open(&agent).expect("it was written");
        cat.push(bed.timed(|| ssh("cat > other", file.into())).0);
        nothing.push(bed.timed(|| ssh("true", Stdio::null())).0);
    }
    let (sent, cat) = (median(sent), median(cat));
    let alone = cat - median(nothing);
    let speed = |took: f64| alone / took * 100.0;
    let alike = median(alike);
    println!(
        "upload of 20 MiB: {:.0} ms, {:.0}% of the speed of cat; where the guest has another one of this length {:.0} ms, {:.0}%; `ssh cat` {:.0} ms, {:.0} ms of it for the bytes",
        sent * 1e3,
        speed(sent),
        alike * 1e3,
        speed(alike),
        cat * 1e3,
        alone * 1e3,
    );
    println!(
        "upload that the checksum spares: {:.1} ms",
        median(same) * 1e3
    );
}

/// Bytes that compression does not shrink, others in each round.
fn bytes(length: usize, round: u8) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ u64::from(round);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn openssh(key: &Path, known: &Path, address: SocketAddr, user: &str, command: &str, input: Stdio) {
    let status = Command::new("ssh")
        .args([
            "-F",
            "none",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "BatchMode=yes",
        ])
        .arg("-o")
        .arg(format!("UserKnownHostsFile={}", known.display()))
        .arg("-i")
        .arg(key)
        .args(["-p", &address.port().to_string(), "-l", user])
        .args([&address.ip().to_string(), command])
        .stdin(input)
        .status();
    assert!(status.expect("ssh is on this machine").success());
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn start(_: &mut Criterion) {
    let bed = Bed::up();
    let mut took = Vec::new();
    let mut asked = (0, 0);
    for round in 0..ROUNDS {
        let before = bed.testbed.server().seen();
        let options = bed.options();
        let connect = move || XcpngPool::connect(options.clone());
        let mut vm = plan_vm(connect, spec(&format!("cell-{round}")), Vec::new());
        took.push(bed.timed(|| vm.start().expect("it starts")).0);
        let after = bed.testbed.server().seen();
        let login = "session.login_with_password";
        asked = (
            after.request_count - before.request_count,
            after.calls(login) - before.calls(login),
        );
        if round + 1 == ROUNDS {
            idle(&bed);
        }
        vm.destroy().expect("it goes");
    }
    let (requests, logins) = asked;
    println!(
        "a whole start, from nothing to an agent that answers: {:.0} ms, {requests} requests to XAPI, {logins} of them logins",
        median(took) * 1e3
    );
}

/// A VM runs, and nobody asks anything of it.
fn idle(bed: &Bed) {
    const SPAN: Duration = Duration::from_secs(60);
    let before = bed.testbed.server().seen().request_count;
    bed.timer.wait(SPAN, &bed.cancel);
    let asked = bed.testbed.server().seen().request_count - before;
    println!("requests to XAPI in a minute in which a VM idles: {asked}");
}

/// Cells of an ensemble in one guest, and here, with as many threads; they go there and back each ten simulated minutes.
fn ensemble(_: &mut Criterion) {
    const CELLS: u32 = 24;
    const STRETCHES: u64 = 6;
    let stretch = |n: u64| SimTime::from_micros((n + 1) * 600_000_000);
    let bed = Bed::up();
    let pool = XcpngPool::connect(bed.options()).expect("a login");
    for organism in [Organism::Syn3a, Organism::Ecoli] {
        let up = Ensemble::bring_up(&pool, organism, NonZeroU32::MIN);
        let mut ensemble = up.expect("a guest");
        let config = HypervisorConfig {
            workers: ensemble.threads(),
            ..HypervisorConfig::default()
        };
        let host = Hypervisor::new(config, Arc::new(ManualClock::new())).expect("valid settings");
        let specs: Vec<VmSpec> = (0..CELLS)
            .map(|n| spec_of(&format!("{organism}-{n}"), organism))
            .collect();
        let mut jobs: Vec<Job> = Vec::new();
        let mut ids = Vec::new();
        for spec in &specs {
            let mut vm = host.create(spec).expect("a new name");
            vm.start().expect("it was just created");
            ids.push(vm.id().clone());
            jobs.push(Job {
                spec: spec.clone(),
                image: vm.save().expect("it is there"),
                work: run_to(stretch(0)),
            });
        }
        let (here, ()) = bed.timed(|| {
            for n in 0..STRETCHES {
                let goal = Goal::Until(stretch(n));
                let watch = &mut |_: &_| ControlFlow::Continue(());
                host.run_batch(&ids, goal, watch).expect("they run");
            }
        });
        let (there, bytes) = bed.timed(|| {
            for n in 0..STRETCHES {
                let mut back = Vec::new();
                ensemble.compute(jobs.clone(), &mut |id, computed| {
                    back.push((id, computed.expect("it was computed").image));
                });
                for job in &mut jobs {
                    let place = back.iter().position(|(id, _)| id == job.spec.id());
                    job.image = back.swap_remove(place.expect("it came back")).1;
                    job.work = run_to(stretch(n + 1));
                }
            }
            jobs[0].image.as_bytes().len()
        });
        println!(
            "{CELLS} cells of {organism} for an hour, {} threads: here {here:.2} s, in one guest {there:.2} s, {:.2} times that; an image has {} kB",
            ensemble.threads(),
            there / here,
            bytes / 1000
        );
        ensemble.end().expect("it goes");
    }
}

fn run_to(until: SimTime) -> Work {
    Work::Run {
        goal: Goal::Until(until),
        sampling: None,
    }
}

criterion_group!(benches, requests, xapi, ssh, upload, start, ensemble);
criterion_main!(benches);
