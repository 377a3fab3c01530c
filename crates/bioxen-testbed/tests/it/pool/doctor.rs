//! What stands between a configuration and a guest is told, each with its cure.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bioxen_testbed::TestbedSpec;
use bioxen_xcpng::xapi::Repeat;
use bioxen_xcpng::{Check, CheckVerdict, PublicKey, SshAuth, XcpngOptions, examine};

use super::bed::Bed;
use crate::auth::{KeyAgent, keygen};

/// What is said of one thing.
#[track_caller]
fn check(options: XcpngOptions, what: &str, verdict: CheckVerdict, found: &str, cure: &str) {
    let checks = examine(options, None);
    let is_it = |check: &&Check| check.what == what;
    let check = checks.iter().find(is_it).expect("it is looked at");
    assert_eq!(check.verdict, verdict, "{check:?}");
    assert!(check.found.contains(found), "{check:?}");
    assert!(check.cure.contains(cure), "{check:?}");
    assert_eq!(
        check.cure.is_empty(),
        verdict == CheckVerdict::Ok,
        "{check:?}"
    );
}

fn with_auth(bed: &Bed, auth: SshAuth) -> XcpngOptions {
    let mut options = bed.options();
    options.ssh.auth = auth;
    options
}

#[track_caller]
fn check_file(bed: &Bed, path: &Path, verdict: CheckVerdict, found: &str, cure: &str) {
    let auth = SshAuth::KeyFile {
        path: path.to_owned(),
        passphrase: None,
    };
    check(with_auth(bed, auth), "SSH key", verdict, found, cure);
}

fn bed() -> Bed {
    Bed::with(TestbedSpec::quick(None))
}

#[test]
fn the_file_of_a_key_is_looked_at() {
    let bed = bed();
    let key = bed.testbed.client_key();
    let public: PublicKey = key.public().parse().expect("a key");
    let print = public.fingerprint().to_string();
    let (ok, failed) = (CheckVerdict::Ok, CheckVerdict::Failed);
    check_file(&bed, key.private(), ok, &print, "");

    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    fs::copy(key.private(), &copy).expect("room");
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(&copy, open).expect("it is ours");
    check_file(
        &bed,
        &copy,
        CheckVerdict::Warning,
        "others may read it",
        "chmod 600",
    );
    let locked = folder.path().join("locked");
    fs::copy(key.private(), &locked).expect("room");
    keygen(&["-q", "-p", "-P", "", "-N", "a phrase"], &locked);
    check_file(&bed, &locked, failed, "has a passphrase", "ssh-add");
    let public = key.private().with_extension("pub");
    check_file(&bed, &public, failed, "is the public key", "without .pub");
    let name = "xcpng_config.ssh_key_path";
    check_file(&bed, folder.path(), failed, "directory", name);
    check_file(
        &bed,
        Path::new("/nowhere/key"),
        failed,
        "No such file",
        name,
    );
    let other = folder.path().join("other");
    fs::write(&other, "a password").expect("room");
    check_file(&bed, &other, failed, "is no private key", name);
}

#[test]
fn the_keys_of_an_agent_are_looked_at() {
    let bed = bed();
    let folder = tempfile::tempdir().expect("a folder");
    let agent = KeyAgent::start(folder.path());
    let options = |socket: &Path| {
        let socket = socket.to_owned();
        with_auth(&bed, SshAuth::Agent { socket })
    };
    let failed = CheckVerdict::Failed;
    let empty = options(&agent.socket);
    check(empty, "SSH key", failed, "has no key", "ssh-add");
    agent.add(bed.testbed.client_key().private());
    let public: PublicKey = bed.testbed.client_key().public().parse().expect("a key");
    let print = public.fingerprint().to_string();
    let one = options(&agent.socket);
    check(one, "SSH key", CheckVerdict::Ok, &print, "");
    let none = options(&folder.path().join("none"));
    check(none, "SSH key", failed, "gives no key", "ssh-add -l");
}

#[test]
fn a_key_is_looked_at_also_if_the_pool_cannot_be() {
    let bed = bed();
    let mut options = bed.options();
    options.xapi.user = "nobody".to_owned();
    let checks = examine(options, None);
    let told: Vec<_> = checks
        .iter()
        .map(|check| (check.what, check.verdict))
        .collect();
    assert_eq!(
        told,
        [
            ("SSH key", CheckVerdict::Ok),
            ("XAPI", CheckVerdict::Failed)
        ]
    );
}

#[test]
fn the_host_is_looked_for_in_the_pool() {
    let bed = bed();
    check(bed.options(), "host", CheckVerdict::Ok, "XAPI chooses", "");
    let named = |name: &str| {
        let mut options = bed.options();
        options.host = Some(name.to_owned());
        options
    };
    let pool = bed.connect();
    let token = bioxen_core::CancelToken::new();
    let limit = std::time::Duration::from_secs(60);
    let bounds = pool.xapi().bounds("the test", limit, &token);
    let hosts = pool.xapi().hosts(bounds);
    let (reference, host) = hosts.expect("they are read").remove(0);
    let name = host.name_label.as_str();
    check(named(name), "host", CheckVerdict::Ok, name, "");
    check(
        named(host.uuid.as_str()),
        "host",
        CheckVerdict::Ok,
        name,
        "",
    );
    let failed = CheckVerdict::Failed;
    check(named("nowhere"), "host", failed, "nowhere", name);
    let disable = pool.xapi().call(
        "host.disable",
        vec![(&reference).into()],
        Repeat::Never,
        bounds,
    );
    disable.expect("it is enabled");
    let warning = CheckVerdict::Warning;
    check(named(name), "host", warning, "takes no VMs", "host-enable");
}
