//! One fault at one point of a life, over real TLS: what is reported is so, and one collection of garbage removes what is left.
//!
//! `BIOXEN_FAULT_SEEDS` says how often the whole matrix is played; without it, a part of it is.
//! `BIOXEN_FAULT_CELL` plays the cells whose name contains a text, and prints how each ended.

use std::collections::BTreeMap;
use std::time::Duration;

use bioxen_core::Organism;
use bioxen_testbed::xapi::{Fault, Plan, VmView};
use bioxen_xcpng::xapi::AddressFilter;
use bioxen_xcpng::{Guest, GuestHostKeys, XcpngError, XcpngOptions, XcpngPool};
use parking_lot::Mutex;

use super::bare::Bare;
use super::bed::spec;
use super::draw::{number, show, told, variable};

const PASSWORD: &str = "password";

/// Points of a life, and the call that each stands for.
const POINTS: &[(&str, &str)] = &[
    ("login", "session.login_with_password"),
    ("find-template", "VM.get_by_name_label"),
    ("clone", "VM.clone"),
    ("tag", "VM.add_to_other_config"),
    ("provision", "VM.provision"),
    ("cpu", "VM.set_VCPUs_at_startup"),
    ("disks", "VDI.add_to_other_config"),
    ("nic", "VIF.create"),
    ("host-key", "VM.add_to_xenstore_data"),
    ("start", "VM.start"),
    ("power-wait", "VM.get_power_state"),
    ("address-wait", "VM_guest_metrics.get_record"),
    ("snapshot", "VM.snapshot"),
    ("stop", "VM.clean_shutdown"),
    ("destroy-vm", "VM.destroy"),
    ("destroy-disks", "VDI.destroy"),
    ("logout", "session.logout"),
];

/// Calls that are made in the background.
const TASKS: &[&str] = &[
    "clone",
    "provision",
    "start",
    "snapshot",
    "stop",
    "destroy-vm",
    "destroy-disks",
];

const FAULTS: &[&str] = &[
    "refuse",
    "silence",
    "reset before",
    "reset after",
    "1 byte/s",
    "cut reply",
    "garbage",
    "65 MiB reply",
    "503",
    "API error",
    "SESSION_INVALID",
    "HOST_IS_SLAVE",
    "task pending for ever",
    "success after the limit",
    "wrong certificate",
    "cancel",
];

/// A point and a fault.
#[derive(Clone, Copy, Debug)]
struct Cell {
    point: &'static str,
    call: &'static str,
    fault: &'static str,
}

/// All pairs that make sense.
fn cells() -> Vec<Cell> {
    let connection = [("tcp", "refuse"), ("tls", "wrong certificate")];
    let mut all: Vec<Cell> = connection
        .map(|(point, fault)| Cell {
            point,
            call: "",
            fault,
        })
        .into();
    for &(point, call) in POINTS {
        for &fault in FAULTS {
            let makes_sense = match fault {
                // Only tasks are pending.
                "task pending for ever" => TASKS.contains(&point),
                // Before the login there is no session; after it, the end of the session is not called off.
                "SESSION_INVALID" => point != "login",
                "cancel" => point != "logout",
                _ => true,
            };
            if makes_sense {
                all.push(Cell { point, call, fault });
            }
        }
    }
    all
}

impl Cell {
    fn plan(self) -> Plan {
        let fault = match self.fault {
            "refuse" => Fault::Refuse { connections: 1 },
            "silence" | "cancel" => Fault::Silence,
            "reset before" | "wrong certificate" => Fault::ResetBefore,
            "reset after" => Fault::ResetAfter,
            "1 byte/s" => Fault::Drip,
            "cut reply" => Fault::Cut(40),
            "garbage" => Fault::Garbage,
            "65 MiB reply" => Fault::Huge(65 << 20),
            "503" => Fault::Unavailable,
            "API error" => Fault::Error {
                code: "INTERNAL_ERROR".to_owned(),
                params: vec!["on purpose".to_owned()],
            },
            "SESSION_INVALID" => Fault::SessionInvalid,
            "HOST_IS_SLAVE" => Fault::HostIsSlave {
                master: "127.0.0.2".to_owned(),
            },
            "task pending for ever" => Fault::TaskPending { done: false },
            "success after the limit" => Fault::Slow(Duration::from_millis(1_300)),
            other => unreachable!("{other}"),
        };
        match (self.call, self.fault) {
            ("", "refuse") => Plan::none().on_connection(1, 1, fault),
            ("", _) => Plan::none().on_connection(1, 1, Fault::WrongCertificate),
            // Another certificate is seen on a new connection: this one is broken for that.
            (call, "wrong certificate") => {
                let plan = Plan::none().on(call, 1, fault);
                plan.on_connection(2, 1, Fault::WrongCertificate)
            }
            (call, _) => Plan::none().on(call, 1, fault),
        }
    }
}

/// How a life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Done,
    Failed,
    Unknown,
}

fn view(bare: &Bare, guest: &Guest) -> Option<VmView> {
    let all = bare.server.pool(|pool| pool.vms());
    all.into_iter().find(|vm| vm.uuid == guest.uuid.as_str())
}

#[track_caller]
fn is_so(bare: &Bare, guest: &Guest, power: &str) {
    let view = view(bare, guest).expect("what was made is there");
    assert_eq!(
        (view.power_state.as_str(), view.is_template),
        (power, false)
    );
}

/// What a client does with a guest, as far as XAPI is concerned.
fn live(bare: &Bare, options: XcpngOptions) -> Result<(), XcpngError> {
    let second = Duration::from_secs(1);
    let token = options.cancel.clone();
    let pool = XcpngPool::connect(options)?;
    let guest = pool.create(&spec("cell-1", Organism::Syn3a), &[])?;
    is_so(bare, &guest, "Halted");
    let xapi = pool.xapi();
    let bounds = || xapi.bounds("the test", second * 4, &token);
    let found = xapi.vm_by_uuid(&guest.uuid, bounds())?;
    let (vm, _) = found.expect("it is there");
    xapi.start_vm(&vm, bounds())?;
    is_so(bare, &guest, "Running");
    xapi.vm_status(&vm, bounds())?;
    let filter = AddressFilter {
        allow_loopback: true,
        ..AddressFilter::default()
    };
    let address = xapi.bounds("the address", second, &token);
    while xapi.vm_ip(&vm, &filter, address)?.is_none() {}
    xapi.snapshot_vm(&vm, "by the way", bounds())?;
    assert_eq!(bare.census().snapshots, ["by the way"]);
    xapi.shutdown_vm(&vm, bounds())?;
    is_so(bare, &guest, "Halted");
    pool.destroy(&guest)?;
    assert_eq!(view(bare, &guest), None);
    let census = bare.census();
    assert!(
        census.disks.is_empty() && census.snapshots.is_empty(),
        "{census:#?}"
    );
    pool.close()
}

/// Plays a cell.
fn play(bare: &mut Bare, cell: Cell) -> (End, String) {
    bare.set_plan(cell.plan());
    let mut options = bare.options(bare.state.path(), PASSWORD);
    options.guest_host_keys = GuestHostKeys::Own;
    let token = options.cancel.clone();
    let result = std::thread::scope(|scope| {
        if cell.fault == "cancel" {
            let server = &bare.server;
            scope.spawn(move || {
                let met = |pool: &mut bioxen_testbed::xapi::Pool| !pool.plan().met().is_empty();
                assert!(server.wait_until(Duration::from_secs(20), met));
                token.cancel();
            });
        }
        live(bare, options)
    });
    let met = bare.set_plan(Plan::none());
    assert!(met > 0, "{cell:?} was not met");
    if cell.fault == "cancel" && TASKS.contains(&cell.point) {
        bare.lose_task();
    }
    let options = bare.options(bare.state.path(), PASSWORD);
    bare.settle(options, &format!("{cell:?}, which ended with {result:?}"));
    match result {
        Ok(()) => (End::Done, String::new()),
        Err(error) if error.is_outcome_unknown() => (End::Unknown, told(&error)),
        Err(error) => (End::Failed, told(&error)),
    }
}

#[test]
fn whatever_goes_wrong_is_told_and_nothing_is_left() {
    let all = cells();
    let wanted = variable("BIOXEN_FAULT_CELL");
    let part = match (variable("BIOXEN_FAULT_SEEDS"), &wanted) {
        (None, None) => 4,
        _ => 1,
    };
    let mut work = Vec::new();
    for seed in 0..number("BIOXEN_FAULT_SEEDS", 1) {
        for (at, cell) in all.iter().enumerate() {
            let name = format!("{} {}", cell.point, cell.fault);
            // The part of the matrix is spread over points and faults.
            let is_wanted = wanted.as_ref().is_none_or(|text| name.contains(text));
            if is_wanted && (at + at / 15) % part == 0 {
                work.push((seed, *cell));
            }
        }
    }
    let work = Mutex::new(work);
    let ends = Mutex::new(BTreeMap::<&str, BTreeMap<End, u32>>::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut bare = Bare::up(PASSWORD);
                while let Some((seed, cell)) = { work.lock().pop() } {
                    if variable("BIOXEN_FAULT_CELL").is_some() {
                        show(&format!("seed {seed}, {cell:?}"));
                    }
                    let (end, told) = play(&mut bare, cell);
                    if variable("BIOXEN_FAULT_CELL").is_some() {
                        show(&format!("{cell:?}: {end:?} {told}"));
                    }
                    let mut ends = ends.lock();
                    *ends.entry(cell.point).or_default().entry(end).or_default() += 1;
                }
            });
        }
    });
    let ends = ends.into_inner();
    if variable("BIOXEN_FAULT_SEEDS").is_some() {
        for (point, ends) in &ends {
            show(&format!("{point:16} {ends:?}"));
        }
    }
    let ended = |end: End| ends.values().any(|ends| ends.contains_key(&end));
    let all = wanted.is_some()
        || [End::Done, End::Failed, End::Unknown]
            .into_iter()
            .all(ended);
    assert!(all, "{ends:?}");
}
