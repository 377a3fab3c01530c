//! Which address a guest is met at, and what is said of one that is not ready, in virtual time.
//!
//! Nobody listens at these addresses: what is said of them tells which ones were tried.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{BiologicalVm, Organism};
use bioxen_testbed::TEMPLATE;
use bioxen_testbed::xapi::{Addresses, DataModel, GuestSpec, NoGuests, TemplateSpec};
use bioxen_xcpng::xapi::AddressFilter;
use bioxen_xcpng::{Step, Watcher, XcpngOptions, plan_vm};
use parking_lot::Mutex;

use super::bed::spec;
use super::draw::told;
use super::world::World;

/// What a person is told.
#[derive(Clone, Debug, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Watcher for Notes {
    fn step(&self, _: &Step) {}

    fn rest(&self) {}

    fn note(&self, text: &str) {
        self.0.lock().push(text.to_owned());
    }
}

/// Networks as `key=value` parts.
fn networks(text: &str) -> Addresses {
    let parts = text.split(';').filter(|part| !part.is_empty());
    Addresses(
        parts
            .map(|part| part.split_once('=').expect("key and value"))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
    )
}

fn template(stale: Option<&str>, tools: bool) -> TemplateSpec {
    let mut template = TemplateSpec::new(TEMPLATE);
    template.stale_address = stale.map(str::to_owned);
    if !tools {
        template.guest = GuestSpec {
            drivers_after: None,
            address_after: None,
            ..GuestSpec::default()
        };
    }
    template
}

/// Starts a guest, which never becomes ready; what is said then, and what a person is told.
fn start(world: &World, change: impl FnOnce(&mut XcpngOptions)) -> (String, Vec<String>) {
    let state = tempfile::tempdir().expect("a folder");
    let notes = Notes::default();
    let mut options = world.options(state.path());
    options.addresses = AddressFilter {
        allow_loopback: true,
        ..AddressFilter::default()
    };
    options.ssh.port = 1;
    options.limits.ready = Duration::from_secs(150);
    options.watcher = Arc::new(notes.clone());
    change(&mut options);
    let pool = world.connect(options).expect("a login");
    let mut vm = plan_vm(
        move || Ok(pool.clone()),
        spec("cell-1", Organism::Syn3a),
        Vec::new(),
    );
    let failed = vm.start().expect_err("nobody listens");
    let said = told(&failed);
    drop(vm);
    let census = world.census();
    assert!(census.is_clean(), "{said}: {census:#?}");
    let notes = notes.0.lock().clone();
    (said, notes)
}

/// A guest that reports these networks: what is said of it has this in it.
#[track_caller]
fn check(model: &DataModel, shape: &str, expect: &str) {
    let world = World::with(model, 1, vec![template(None, true)]);
    let guests = NoGuests {
        others: networks(shape),
        ..NoGuests::default()
    };
    world.pool(|pool| pool.set_guests(guests));
    let (said, _) = start(&world, |options| {
        options.limits.ready = Duration::from_secs(25)
    });
    assert!(said.contains(expect), "{shape}: {said}");
}

const NONE: &str = "it reported no address of use";

/// What a guest reports, and the last address that is tried of it.
const SHAPES: &[(&str, &str)] = &[
    ("0/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/ip=127.9.0.1;0/ipv4/0=127.9.0.1", "127.9.0.1:1"),
    ("0/ipv4/0=127.9.0.1", "127.9.0.1:1"),
    ("1/ip=127.9.0.1", "127.9.0.1:1"),
    ("7/ipv4/3=127.9.0.1", "127.9.0.1:1"),
    ("0/ip=169.254.1.1;1/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/ipv6/0=fe80::1;0/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/ipv6/0=fe80::1%eth0;0/ipv4/0=127.9.0.1", "127.9.0.1:1"),
    ("0/ip=224.0.0.1;0/ipv4/1=127.9.0.1", "127.9.0.1:1"),
    ("0/ip=0.0.0.0;2/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/ip=255.255.255.255;2/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/ip=what;2/ip=127.9.0.1", "127.9.0.1:1"),
    ("x/ip=127.6.6.6;2/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/ip/0=127.6.6.6;2/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/mac=02:00:00:00:00:01;0/ip=127.9.0.1", "127.9.0.1:1"),
    ("0/ip=127.9.0.1\n127.9.0.2", "127.9.0.2:1"),
    ("0/ip=127.9.0.1 127.9.0.2", "127.9.0.2:1"),
    ("0/ip=127.9.0.1;1/ip=127.9.0.2", "127.9.0.2:1"),
    ("0/ipv4/0=127.9.0.1;0/ipv4/1=127.9.0.2", "127.9.0.2:1"),
    ("9/ip=127.9.0.1;10/ip=127.9.0.2", "127.9.0.2:1"),
    ("0/ipv4/9=127.9.0.1;0/ipv4/10=127.9.0.2", "127.9.0.2:1"),
    ("0/ipv6/0=::ffff:127.9.0.1", "127.9.0.1:1"),
    ("0/ipv6/0=::1", "[::1]:1"),
    ("0/ipv6/0=::1;0/ipv6/1=fe80::1", "[::1]:1"),
    ("0/ip=169.254.1.1;0/ipv6/0=::1", "[::1]:1"),
    ("0/ip=", NONE),
    ("0/ip= ", NONE),
    ("0/ip=169.254.1.1", NONE),
    ("0/ip=224.0.0.1", NONE),
    ("0/ip=0.0.0.0", NONE),
    ("0/ip=255.255.255.255", NONE),
    ("0/ipv6/0=fe80::1", NONE),
    ("0/ipv6/0=ff02::1", NONE),
    ("0/ipv6/0=::", NONE),
    ("0/ip=what", NONE),
    ("0/ip=127.9.0.1/8", NONE),
    ("0/ip=127.9.0.1:22", NONE),
    ("0/ip=127.9.0", NONE),
    ("0/ip=0127.9.0.1", NONE),
    ("0/mac=02:00:00:00:00:01", NONE),
    ("ip=127.9.0.1", NONE),
    ("0/IP=127.9.0.1", NONE),
    ("/ip=127.9.0.1", NONE),
    ("0/ipv4=127.9.0.1", NONE),
    ("-1/ip=127.9.0.1", NONE),
    ("99999999999/ip=127.9.0.1", NONE),
    ("0/ip=;rm -rf /=x", NONE),
    ("", NONE),
];

#[test]
fn the_right_address_or_the_right_message() {
    let model = DataModel::new().expect("a data model");
    for (shape, expect) in SHAPES {
        check(&model, shape, expect);
    }
}

#[test]
fn a_guest_without_tools() {
    let model = DataModel::new().expect("a data model");
    let world = World::with(&model, 1, vec![template(None, false)]);
    let (said, notes) = start(&world, |_| {});
    assert!(
        said.contains("the guest was not ready after 150 s: no guest tools were seen"),
        "{said}"
    );
    // A person is told while there is still time.
    let told = notes
        .iter()
        .filter(|note| note.contains("no guest tools were seen after 60 s"));
    assert_eq!(told.count(), 1, "{notes:?}");
}

#[test]
fn an_address_that_the_template_left_is_not_tried() {
    let model = DataModel::new().expect("a data model");
    for (tools, expect) in [(false, "no guest tools were seen"), (true, "127.0.0.1:1")] {
        let world = World::with(&model, 1, vec![template(Some("127.6.6.6"), tools)]);
        let (said, _) = start(&world, |_| {});
        assert!(said.contains(expect), "{said}");
    }
}

#[test]
fn an_address_that_changes_while_the_guest_starts() {
    let model = DataModel::new().expect("a data model");
    let world = World::with(&model, 1, vec![template(None, true)]);
    world.later(Duration::from_secs(60), |pool| {
        let uuid = pool
            .vms()
            .into_iter()
            .find(|vm| vm.power_state == "Running");
        let uuid = uuid.expect("it runs").uuid;
        assert!(pool.move_guest(&uuid, Addresses::ipv4("127.9.0.2")));
    });
    let (said, _) = start(&world, |_| {});
    assert!(said.contains("it cannot be used at 127.9.0.2:1"), "{said}");
}

#[test]
fn templates_of_a_name() {
    let model = DataModel::new().expect("a data model");
    let other = || TemplateSpec::new("other");
    for (templates, expect) in [
        (
            vec![other()],
            "there is no template \"bioxen-bio-template\"",
        ),
        (
            vec![template(None, true), other()],
            "it cannot be used at 127.0.0.1:1",
        ),
        (
            vec![template(None, true), template(None, true)],
            "there are 2 of template \"bioxen-bio-template\": ",
        ),
    ] {
        let world = World::with(&model, 1, templates);
        let (said, _) = start(&world, |_| {});
        assert!(said.contains(expect), "{said}");
    }
}

#[test]
fn two_guests_of_a_name_are_told_apart_by_nobody() {
    let model = DataModel::new().expect("a data model");
    let world = World::new(&model, 1);
    let state = tempfile::tempdir().expect("a folder");
    let pool = world.connect(world.options(state.path())).expect("a login");
    let first = pool
        .create(&spec("cell-1", Organism::Syn3a), &[])
        .expect("room");
    let second = pool
        .create(&spec("cell-2", Organism::Syn3a), &[])
        .expect("room");
    let again = pool.create(&spec("cell-1", Organism::Syn3a), &[]);
    let again = again.expect_err("there is one").to_string();
    assert_eq!(again, "the pool has a VM named \"cell-1\" already");
    let token = pool.options().cancel.clone();
    let bounds = pool
        .xapi()
        .bounds("the test", Duration::from_secs(60), &token);
    let found = pool
        .xapi()
        .vm_by_uuid(&second.uuid, bounds)
        .expect("no faults");
    let (vm, _) = found.expect("it is there");
    let xapi = pool.xapi();
    xapi.remove_from_vm_config(&vm, "bioxen:vm", bounds)
        .expect("no faults");
    xapi.add_to_vm_config(&vm, "bioxen:vm", "cell-1", bounds)
        .expect("no faults");
    let refused = pool
        .guest(&first.id)
        .expect_err("there are two")
        .to_string();
    assert!(
        refused.starts_with("there are 2 of guest \"cell-1\": "),
        "{refused}"
    );
    for guest in [&first, &second] {
        assert!(refused.contains(guest.uuid.as_str()), "{refused}");
        pool.destroy(guest).expect("no faults");
    }
    pool.close().expect("no faults");
    assert!(world.census().is_clean());
}
