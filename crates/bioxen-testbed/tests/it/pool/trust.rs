//! A person accepts the host key of a guest.

use bioxen_core::Organism;
use bioxen_testbed::xapi::VmView;
use bioxen_xcpng::{HostKeysError, PublicKey, Verdict, XcpngError, XcpngPool};

use super::bed::{Bed, spec};

fn pool_without_keys(bed: &Bed) -> XcpngPool {
    let mut options = bed.options();
    options.host_keys.clear();
    XcpngPool::connect(options).expect("a login")
}

fn power_state(bed: &Bed) -> String {
    let vms = bed.testbed.server().pool(|pool| pool.vms());
    let is_guest = |vm: &&VmView| vm.name.contains("cell-1");
    let guest = vms.iter().find(is_guest).expect("it is there");
    guest.power_state.clone()
}

#[test]
fn a_key_that_changed_is_shown_and_takes_the_place_of_the_old_one() {
    let bed = Bed::up();
    let pool = pool_without_keys(&bed);
    let guest = pool.create(&spec("cell-1", Organism::Syn3a), &[]);
    let guest = guest.expect("it is made");
    let old: PublicKey = bed.testbed.client_key().public().parse().expect("a key");
    let own: PublicKey = bed.testbed.host_key().parse().expect("a key");
    let known = || pool.host_keys().lookup(guest.uuid.as_str());
    pool.host_keys()
        .add(guest.uuid.as_str(), &old)
        .expect("room");

    let wrong = old.fingerprint();
    let refused = pool.accept_host_key(&guest, wrong.as_str());
    let Err(XcpngError::HostKeys(HostKeysError::OtherFingerprint { has })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(has, own.fingerprint());
    assert_eq!(
        known().expect("it is read").keys,
        std::slice::from_ref(&old)
    );
    assert_eq!(power_state(&bed), "Halted", "it is off again");

    let shown = pool.show_host_key(&guest).expect("it shows one");
    assert_eq!((&shown.key, shown.verdict), (&own, Verdict::Changed));
    assert_eq!((&shown.known, shown.was_off), (&vec![old.clone()], true));
    assert_eq!(known().expect("it is read").keys, [old]);
    assert_eq!(
        power_state(&bed),
        "Running",
        "a person may look at its console"
    );

    let print = own.fingerprint();
    let accepted = pool.accept_host_key(&guest, print.as_str());
    assert!(!accepted.expect("it is the one").was_off);
    assert_eq!(known().expect("it is read").keys, [own]);
    assert_eq!(power_state(&bed), "Running");
    pool.destroy(&guest).expect("it goes");
    drop(pool);
    bed.assert_clean();
}
