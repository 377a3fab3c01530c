//! Guests with host keys of their own, which are known before the first contact and then leave the pool.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bioxen_agent::RemoteHypervisor;
use bioxen_core::{BiologicalVm, CancelToken, Organism, VmState};
use bioxen_testbed::TestbedSpec;
use bioxen_testbed::guests::{Fault, Proxy, agent_binary};
use bioxen_xcpng::value::{Ref, Value, Vm};
use bioxen_xcpng::xapi::{Bounds, NameOrUuid, VmRecord};
use bioxen_xcpng::{
    CheckVerdict, ExpectedHostKey, Guest, GuestHostKeys, PoolChannel, PublicKey, Remote, SshError,
    SystemTimer, Verdict, XcpngOptions, XcpngPool, examine,
};

use super::bed::{Bed, Told, spec};
use super::draw::told;
use crate::keys::{SERVICE, messages};

/// Where a guest finds its key.
const DATA: &str = "vm-data/bioxen-host-key";

/// Every guest its own key, and none of the template's is known.
fn own(bed: &Bed) -> XcpngOptions {
    let mut options = bed.options();
    options.guest_host_keys = GuestHostKeys::Own;
    options.host_keys = Vec::new();
    options
}

fn connect(options: XcpngOptions) -> XcpngPool {
    XcpngPool::connect(options).expect("a login")
}

fn make(pool: &XcpngPool, name: &str) -> Guest {
    let made = pool.create(&spec(name, Organism::Syn3a), &[]);
    made.expect("there is room")
}

/// The VM of a guest, as a user opens it.
fn open(pool: &XcpngPool, guest: &Guest) -> Box<dyn BiologicalVm> {
    let hypervisor = RemoteHypervisor::new(PoolChannel::new(pool.clone()));
    Box::new(hypervisor.open(&guest.id).expect("it is there"))
}

fn record(pool: &XcpngPool, guest: &Guest) -> (Ref<Vm>, VmRecord) {
    within(pool, |bounds| {
        let found = pool.xapi().vm_by_uuid(&guest.uuid, bounds);
        found.expect("it is read").expect("it is there")
    })
}

fn within<T>(pool: &XcpngPool, act: impl FnOnce(Bounds<'_>) -> T) -> T {
    let token = CancelToken::new();
    let xapi = pool.xapi();
    act(xapi.bounds("the test", Duration::from_secs(60), &token))
}

/// Whether the pool has the private key of a guest.
fn is_in_the_pool(pool: &XcpngPool, guest: &Guest) -> bool {
    record(pool, guest)
        .1
        .data_keys
        .iter()
        .any(|key| key == DATA)
}

/// The one key that is known of a guest.
#[track_caller]
fn known(pool: &XcpngPool, guest: &Guest) -> PublicKey {
    let known = pool.host_keys().lookup(guest.uuid.as_str());
    let mut keys = known.expect("it can be read").keys;
    assert_eq!(keys.len(), 1, "{keys:?}");
    keys.remove(0)
}

/// The private key in the folder of the guest that has a public one.
fn file_of(bed: &Bed, key: &PublicKey) -> PathBuf {
    let folders = fs::read_dir(bed.testbed.folder()).expect("a folder");
    let files = folders.map(|folder| folder.expect("it").path().join("host_ed25519_key"));
    let mut of_key = files.filter(|file| {
        fs::read_to_string(file.with_extension("pub"))
            .is_ok_and(|line| line.parse() == Ok(key.clone()))
    });
    of_key.next().expect("a guest has this key")
}

#[test]
fn a_guest_is_known_before_the_first_contact_and_its_key_leaves_the_pool() {
    let bed = Bed::up();
    let pool = connect(own(&bed));
    let guest = make(&pool, "cell-1");
    let key = known(&pool, &guest);
    assert_ne!(key.to_string(), bed.testbed.host_key());
    assert!(is_in_the_pool(&pool, &guest));
    let mut vm = open(&pool, &guest);
    vm.start()
        .unwrap_or_else(|error| panic!("{}", told(&error)));
    assert!(!is_in_the_pool(&pool, &guest));
    assert_eq!(known(&pool, &guest), key);
    // It is on the disk of the guest, as a private key should be.
    let file = fs::metadata(file_of(&bed, &key)).expect("it is there");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.permissions());
    assert_eq!(mode & 0o777, 0o600);
    for _ in 0..2 {
        vm.stop().expect("it runs");
        vm.start()
            .unwrap_or_else(|error| panic!("{}", told(&error)));
    }
    assert_eq!(known(&pool, &guest), key);
    vm.destroy().expect("it is ours");
    let rest = fs::read_to_string(pool.host_keys().path()).expect("it was written");
    assert_eq!(rest, "");
    drop((vm, pool));
    bed.assert_clean();
}

#[test]
fn a_guest_that_shows_the_key_of_another_is_refused_before_anything_is_said_of_the_user() {
    let bed = Bed::up();
    let pool = connect(own(&bed));
    let guests = ["cell-1", "cell-2"].map(|name| make(&pool, name));
    let mut vms = guests.each_ref().map(|guest| open(&pool, guest));
    for vm in &mut vms {
        vm.start()
            .unwrap_or_else(|error| panic!("{}", told(&error)));
    }
    let keys = guests.each_ref().map(|guest| known(&pool, guest));
    assert_ne!(keys[0], keys[1]);
    // The second guest at the address of the first.
    let views = bed.testbed.server().pool(|pool| pool.vms());
    let view = views.iter().find(|vm| vm.uuid == guests[1].uuid.as_str());
    let address = view.expect("it runs").addresses["0/ip"]
        .parse()
        .expect("an address");
    let at = std::net::SocketAddr::new(address, bed.testbed.ssh_port());
    let proxy = Proxy::start(at, Fault::None).expect("a proxy");
    let expected = ExpectedHostKey::Known {
        store: pool.host_keys().clone(),
        vm: guests[0].uuid.to_string(),
    };
    let (ssh, token) = (bed.options().ssh, CancelToken::new());
    let timer = Arc::new(SystemTimer::new());
    match Remote::connect(proxy.address(), &ssh, &expected, timer, &token) {
        Err(SshError::HostKey(refused)) => {
            assert_eq!(refused.verdict, Verdict::Changed);
            assert_eq!(refused.offered, keys[1]);
        }
        other => panic!("{other:?}"),
    }
    let (kinds, more) = messages(&proxy.finish());
    assert_eq!((kinds, more), (vec![20, 30, 21], SERVICE));
    // Its root has copied the key of the first, and the first is meant.
    vms[0].stop().expect("it runs");
    let (mine, other) = (file_of(&bed, &keys[0]), file_of(&bed, &keys[1]));
    for end in ["", "pub"] {
        fs::copy(other.with_extension(end), mine.with_extension(end)).expect("room");
    }
    let refused = told(&vms[0].start().expect_err("it is another one"));
    assert!(refused.contains("another one is known"), "{refused}");
    assert!(
        refused.contains(keys[1].fingerprint().as_str()),
        "{refused}"
    );
    for vm in &mut vms {
        vm.destroy().expect("it is ours");
    }
    drop((vms, pool));
    bed.assert_clean();
}

#[test]
fn a_start_that_fails_before_the_first_connection_leaves_the_key_for_the_next() {
    let bed = Bed::up();
    let pool = connect(own(&bed));
    let guest = make(&pool, "cell-1");
    let mut vm = open(&pool, &guest);
    bed.while_refused("VM_guest_metrics.get_record", "INTERNAL_ERROR", || {
        vm.start().expect_err("no address can be read");
    });
    assert!(is_in_the_pool(&pool, &guest));
    vm.start()
        .unwrap_or_else(|error| panic!("{}", told(&error)));
    assert!(!is_in_the_pool(&pool, &guest));
    vm.destroy().expect("it is ours");
    drop((vm, pool));
    bed.assert_clean();
}

#[test]
fn a_key_that_cannot_be_taken_back_is_told_and_taken_by_the_next_start() {
    let bed = Bed::up();
    let told = Arc::new(Told::default());
    let mut options = own(&bed);
    options.watcher = told.clone();
    let pool = connect(options);
    let guest = make(&pool, "cell-1");
    let mut vm = open(&pool, &guest);
    let take_back = "VM.remove_from_xenstore_data";
    bed.while_refused(take_back, "RBAC_PERMISSION_DENIED", || {
        vm.start().expect("the guest is there all the same");
    });
    assert!(
        told.has("stays in the pool until the next start"),
        "{told:?}"
    );
    assert!(is_in_the_pool(&pool, &guest));
    vm.stop().expect("it runs");
    vm.start().expect("it has its key");
    assert!(!is_in_the_pool(&pool, &guest));
    vm.destroy().expect("it is ours");
    drop((vm, pool));
    bed.assert_clean();
}

#[test]
fn snapshots_have_the_key_only_from_before_the_first_start() {
    let bed = Bed::up();
    let pool = connect(own(&bed));
    let guest = make(&pool, "cell-1");
    let snapshot = |name: &str| {
        within(&pool, |bounds| {
            let (vm, _) = record(&pool, &guest);
            let taken = pool.xapi().snapshot_vm(&vm, name, bounds);
            let taken = taken.expect("there is room");
            let record = pool.xapi().vm_record(&taken, bounds);
            (taken, record.expect("it is read").data_keys)
        })
    };
    let (early, keys) = snapshot("early");
    assert_eq!(keys, [DATA]);
    let mut vm = open(&pool, &guest);
    vm.start()
        .unwrap_or_else(|error| panic!("{}", told(&error)));
    let (_, keys) = snapshot("late");
    assert_eq!(keys, [""; 0]);
    // Back there, the disk has no key yet, and the pool has it.
    vm.stop().expect("it runs");
    drop(vm);
    within(&pool, |bounds| pool.xapi().revert_vm(&early, bounds)).expect("it is a snapshot");
    assert!(is_in_the_pool(&pool, &guest));
    let mut vm = open(&pool, &guest);
    vm.start()
        .unwrap_or_else(|error| panic!("{}", told(&error)));
    assert!(!is_in_the_pool(&pool, &guest));
    vm.destroy().expect("it is ours");
    drop((vm, pool));
    bed.assert_clean();
}

#[test]
fn a_clone_of_a_guest_that_was_not_started_has_not_its_key() {
    let bed = Bed::up();
    let pool = connect(own(&bed));
    let original = make(&pool, "cell-1");
    let (vm, _) = record(&pool, &original);
    within(&pool, |bounds| {
        let params = vec![Value::from(&vm), Value::Bool(true)];
        let repeat = bioxen_xcpng::xapi::Repeat::Harmless;
        pool.xapi()
            .call("VM.set_is_a_template", params, repeat, bounds)
    })
    .expect("it is halted");
    let key = known(&pool, &original);
    let state = tempfile::tempdir().expect("a folder");
    for kind in [GuestHostKeys::Own, GuestHostKeys::Template] {
        let mut options = bed.options();
        options.state = state.path().join(format!("{kind:?}"));
        options.template = NameOrUuid::from(original.uuid.as_str());
        options.guest_host_keys = kind;
        let other = connect(options);
        let clone = make(&other, "cell-2");
        assert_ne!(known(&other, &clone), key);
        assert_eq!(is_in_the_pool(&other, &clone), kind == GuestHostKeys::Own);
        let mut vm = open(&other, &clone);
        vm.start()
            .unwrap_or_else(|error| panic!("{}", told(&error)));
        vm.destroy().expect("it is ours");
    }
    assert_eq!(known(&pool, &original), key);
    pool.destroy(&original).expect("it is ours");
    drop(pool);
    bed.assert_clean();
}

#[test]
fn guests_of_both_kinds_work_under_either_setting() {
    let bed = Bed::up();
    let shared = || bed.options();
    let both = || {
        let mut options = own(&bed);
        options.host_keys = shared().host_keys;
        options
    };
    let first = make(&connect(shared()), "shared");
    let second = make(&connect(own(&bed)), "own");
    let key = known(&connect(shared()), &second);
    for options in [both(), shared(), own(&bed), shared()] {
        let pool = connect(options);
        for guest in [&first, &second] {
            let mut vm = open(&pool, guest);
            vm.start()
                .unwrap_or_else(|error| panic!("{}", told(&error)));
            assert_eq!(vm.status().expect("it runs").state, VmState::Running);
            vm.stop().expect("it runs");
        }
        // Nobody with the key of the template can pass for it.
        assert_eq!(known(&pool, &second), key);
        assert_eq!(known(&pool, &first).to_string(), bed.testbed.host_key());
    }
    // What was lost is accepted by its fingerprint, which the pool has.
    let pool = connect(shared());
    let store = pool.host_keys();
    store
        .remove(second.uuid.as_str())
        .expect("it can be written");
    let refused = open(&pool, &second).start().expect_err("it is not known");
    assert!(told(&refused).contains("no host key of VM"), "{refused}");
    let word = record(&pool, &second).1.other_config["bioxen:host-key"].clone();
    let (uuid, print) = word.split_once(' ').expect("two words");
    assert_eq!(uuid, second.uuid.as_str());
    pool.accept_host_key(&second, print).expect("it shows it");
    let mut vm = open(&pool, &second);
    vm.start()
        .unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!(known(&pool, &second), key);
    drop(vm);
    for guest in [&first, &second] {
        pool.destroy(guest).expect("it is ours");
    }
    drop(pool);
    bed.assert_clean();
}

#[test]
fn a_template_that_does_not_take_the_keys_is_told_by_the_doctor() {
    let agent = agent_binary(None).expect("an agent");
    let mut seen = BTreeSet::new();
    for takes in [true, false] {
        let mut testbed = TestbedSpec::quick(Some(agent.clone()));
        testbed.takes_host_keys = takes;
        let bed = Bed::with(testbed);
        let cell = spec("cell-1", Organism::Syn3a);
        for check in examine(own(&bed), Some(&cell)) {
            if check.what == "host keys" {
                assert_eq!(check.found, "each new guest gets its own");
            }
            if check.verdict == CheckVerdict::Failed {
                assert!(!takes, "{check:?}");
                assert!(check.cure.contains("bioxen-host-key.service"), "{check:?}");
                seen.insert(check.what);
            }
        }
        bed.assert_clean();
    }
    assert_eq!(seen, BTreeSet::from(["a guest"]));
}
