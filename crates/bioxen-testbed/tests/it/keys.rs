//! Only a host key that is known is authenticated to.

use bioxen_testbed::guests::{Fault, Guest, KeyType, Proxy};
use bioxen_xcpng::{ExpectedHostKey, HostKeys, PublicKey, SshError, Verdict};

use crate::bed::{Bed, VM, ok};

const OTHER_VM: &str = "0f2c3e77-1111-2222-3333-444455556666";

/// Messages of a client before its packets are encrypted, and how many bytes follow.
pub(crate) fn messages(sent: &[u8]) -> (Vec<u8>, usize) {
    /// After it everything is encrypted.
    const NEW_KEYS: u8 = 21;
    let end = sent
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a banner");
    assert!(sent.starts_with(b"SSH-2.0-"));
    let mut rest = &sent[end + 1..];
    let mut kinds = Vec::new();
    while let Some((length, packet)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).expect("a length");
        kinds.push(packet[1]);
        rest = &packet[length..];
        if kinds.last() == Some(&NEW_KEYS) {
            break;
        }
    }
    (kinds, rest.len())
}

/// Length of the request for the service of authentication, as it is encrypted.
pub(crate) const SERVICE: usize = 44;

/// Connects to a guest whose keys are known in some way.
///
/// A client that says nothing more than that it will authenticate has not said who it is, nor signed anything.
#[track_caller]
fn check(types: &[KeyType], expect: Verdict, know: impl FnOnce(&HostKeys, &[PublicKey])) {
    let bed = Bed::new();
    let mut plan = bed.plan("guest");
    plan.host_keys = types.to_vec();
    let guest = ok(Guest::start(plan));
    let keys: Vec<PublicKey> = guest
        .host_keys()
        .iter()
        .map(|line| line.parse().expect("a key"))
        .collect();
    let store = HostKeys::at(bed.folder.path().join("known_hosts"));
    know(&store, &keys);
    let proxy = Proxy::start(guest.address(), Fault::None).expect("a proxy");
    let expected = ExpectedHostKey::Known {
        store,
        vm: VM.to_owned(),
    };
    let connected = bed.try_connect(proxy.address(), &expected);
    match &connected {
        Ok(remote) => assert!(keys.contains(remote.host_key())),
        Err(SshError::HostKey(refused)) => {
            assert_eq!(refused.verdict, expect);
            assert_eq!(refused.vm, VM);
            assert!(keys.contains(&refused.offered));
        }
        Err(error) => panic!("{error:?}"),
    }
    let is_connected = connected.is_ok();
    drop(connected);
    assert_eq!(is_connected, expect == Verdict::Same);
    let (kinds, more) = messages(&proxy.finish());
    assert_eq!(kinds, [20, 30, 21]);
    // One packet asks for the service of authentication, and names nobody.
    assert!(more >= SERVICE);
    assert_eq!(
        more > SERVICE,
        is_connected,
        "{more} bytes after the key exchange"
    );
}

/// A key of another host.
fn stranger(bed: &Bed) -> PublicKey {
    bed.key.public().parse().expect("a key")
}

const ED: [KeyType; 1] = [KeyType::Ed25519];
const BOTH: [KeyType; 2] = [KeyType::Ed25519, KeyType::Rsa];

#[test]
fn the_same() {
    check(&ED, Verdict::Same, |store, keys| {
        store.add(VM, &keys[0]).unwrap();
    });
}

#[test]
fn changed() {
    check(&ED, Verdict::Changed, |store, _| {
        store.add(VM, &stranger(&Bed::new())).unwrap();
    });
}

#[test]
fn unknown() {
    check(&ED, Verdict::Unknown, |_, _| {});
}

#[test]
fn of_a_type_of_which_none_is_known() {
    check(&[KeyType::Ecdsa], Verdict::OtherType, |store, _| {
        store.add(VM, &stranger(&Bed::new())).unwrap();
    });
}

#[test]
fn of_a_type_that_the_guest_would_not_offer_first() {
    check(&BOTH, Verdict::Same, |store, keys| {
        assert_eq!(keys[1].kind(), "ssh-rsa");
        store.add(VM, &keys[1]).unwrap();
    });
}

#[test]
fn revoked() {
    check(&ED, Verdict::Revoked, |store, keys| {
        store.add(VM, &keys[0]).unwrap();
        store.revoke(VM, &keys[0]).unwrap();
    });
}

#[test]
fn of_another_vm_that_had_the_address_before() {
    // The VM is known, and its address is now that of this guest.
    check(&ED, Verdict::Changed, |store, keys| {
        store.add(VM, &stranger(&Bed::new())).unwrap();
        store.add(OTHER_VM, &keys[0]).unwrap();
    });
}

#[test]
fn of_another_vm_whose_name_is_alike() {
    check(&ED, Verdict::Unknown, |store, keys| {
        let name = &VM[..VM.len() - 1];
        store.add(name, &keys[0]).unwrap();
        store.add(&format!("{VM}0"), &keys[0]).unwrap();
        let text = std::fs::read_to_string(store.path()).unwrap();
        let wild = format!("{text}* {0}\n{name}* {0}\n[{VM}]:22 {0}\n", keys[0]);
        std::fs::write(store.path(), wild).unwrap();
    });
}

#[test]
fn a_key_is_accepted_and_then_known() {
    let bed = Bed::new();
    let guest = bed.guest();
    let store = HostKeys::at(bed.folder.path().join("known_hosts"));
    let expected = ExpectedHostKey::Known {
        store: store.clone(),
        vm: VM.to_owned(),
    };
    let refused = match bed.try_connect(guest.address(), &expected) {
        Err(SshError::HostKey(refused)) => refused,
        other => panic!("{other:?}"),
    };
    let print = refused.fingerprint();
    assert!(refused.to_string().contains(print.as_str()));
    store.accept(VM, &refused.offered, print.as_str()).unwrap();
    bed.try_connect(guest.address(), &expected).unwrap();
    store.remove(VM).unwrap();
    let again = bed.try_connect(guest.address(), &expected);
    assert!(matches!(again, Err(SshError::HostKey(_))), "{again:?}");
}
