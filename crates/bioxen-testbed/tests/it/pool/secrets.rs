//! No secret leaves its holder: not by logs, errors, files, the pool, or processes.
//!
//! The life is that of a process of its own, which is this test program started again: all that it logs is kept.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bioxen_core::{BiologicalVm, Organism, ProcessCode, Secret};
use bioxen_testbed::TestbedSpec;
use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::xapi::{Fault, Plan};
use bioxen_xcpng::{GuestHostKeys, SshAuth, XcpngPool, examine, plan_vm};

use super::bed::{Bed, spec};
use super::draw::variable;

/// Names the folder to the child in which it leaves what it said.
const FOLDER: &str = "BIOXEN_TEST_SECRETS";

/// The password of XAPI, and the passphrase of the key: 32 bytes each, in which escapes would show.
const PASSWORD: &str = "cAnArY%1\"&<>'\\/+ =xKq0Zb7Lw9Tr4e";
const PASSPHRASE: &str = "cAnArY%2\"&<>'\\/+ =mVd3Hs8Jf5Gu6y";

#[test]
fn child() {
    let Some(folder) = variable(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let log = fs::File::create(folder.join("log")).expect("a file");
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(log))
        .init();
    let mut said = String::new();
    let mut secrets: BTreeSet<String> = [PASSWORD, PASSPHRASE].map(str::to_owned).into();
    live(&mut said, &mut secrets);
    fs::write(folder.join("said"), said).expect("a file");
    let secrets: Vec<String> = secrets.into_iter().collect();
    fs::write(folder.join("secrets"), secrets.join("\n")).expect("a file");
}

/// Says an error in all ways in which it can be said.
fn say(said: &mut String, error: &(dyn std::error::Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        writeln!(said, "{error}\n{error:?}\n{error:#?}").expect("room");
        next = error.source();
    }
}

fn live(said: &mut String, secrets: &mut BTreeSet<String>) {
    let mut testbed = TestbedSpec::quick(Some(agent_binary(None).expect("an agent")));
    PASSWORD.clone_into(&mut testbed.pool.password);
    let bed = Bed::with(testbed);
    let key = bed.testbed.client_key().private().to_owned();
    let locked = Command::new("ssh-keygen")
        .args(["-q", "-p", "-P", "", "-N", PASSPHRASE, "-f"])
        .arg(&key)
        .stdin(Stdio::null())
        .status();
    assert!(locked.expect("ssh-keygen").success());
    let private = fs::read_to_string(&key).expect("a key");
    // Each line of it but the frame, which says that it is a key.
    let lines = private.lines().filter(|line| !line.contains("-----"));
    secrets.extend(lines.filter(|line| line.len() >= 32).map(str::to_owned));
    let options = || {
        let mut options = bed.options();
        options.ssh.auth = SshAuth::KeyMemory {
            private: Secret::new(private.clone()),
            passphrase: Some(Secret::new(PASSPHRASE.to_owned())),
        };
        options.limits.ready = Duration::from_secs(10);
        options.guest_host_keys = GuestHostKeys::Own;
        options
    };
    writeln!(said, "{:?}\n{:#?}", options(), options()).expect("room");
    // A life that goes well.
    let pool = XcpngPool::connect(options()).expect("a login");
    let mut vm = {
        let pool = pool.clone();
        plan_vm(
            move || Ok(pool.clone()),
            spec("cell-1", Organism::Syn3a),
            Vec::new(),
        )
    };
    vm.start().unwrap_or_else(|error| panic!("{error:?}"));
    let code = ProcessCode::new("look", "counts(['ATP'])").expect("short");
    let report = vm.execute_biological_process(&code).expect("it answers");
    writeln!(said, "{vm:?}\n{report:?}\n{pool:?}\n{:?}", pool.xapi()).expect("room");
    for (guest, record) in pool.guests().expect("no faults") {
        writeln!(said, "{guest:?}\n{record:#?}").expect("room");
    }
    processes(said);
    vm.stop().expect("it stops");
    files(said, bed.state.path());
    vm.destroy().expect("it goes");
    drop(vm);
    // Lives that do not, one of which has a server that repeats what it was told.
    for fault in [
        Fault::Garbage,
        Fault::Cut(30),
        Fault::Unavailable,
        Fault::ResetAfter,
        Fault::SessionInvalid,
        Fault::Error {
            code: "INTERNAL_ERROR".to_owned(),
            params: vec![PASSWORD.to_owned(), format!("root:{PASSWORD}@")],
        },
        Fault::Error {
            code: PASSWORD.to_owned(),
            params: vec![],
        },
    ] {
        for call in [
            "session.login_with_password",
            "VM.clone",
            "VM.add_to_xenstore_data",
            "session.logout",
        ] {
            let plan = Plan::none().from(call, 1, fault.clone());
            bed.testbed.server().pool(|pool| pool.set_plan(plan));
            match XcpngPool::connect(options()) {
                Err(error) => say(said, &error),
                Ok(pool) => {
                    match pool.create(&spec("cell-2", Organism::Syn3a), &[]) {
                        Err(error) => say(said, &error),
                        Ok(guest) => {
                            // What the pool has of it includes its private host key now.
                            let (guest, record) = pool.guest(&guest.id).expect("no faults");
                            writeln!(said, "{guest:?}\n{record:#?}").expect("room");
                            pool.destroy(&guest).expect("no faults");
                        }
                    }
                    if let Err(error) = pool.close() {
                        say(said, &error);
                    }
                }
            }
        }
    }
    bed.testbed
        .server()
        .pool(|pool| pool.set_plan(Plan::none()));
    // Wrong secrets, which are secrets too.
    let mut wrong = options();
    wrong.xapi.password = Secret::new(format!("{PASSWORD}!"));
    say(
        said,
        &XcpngPool::connect(wrong.clone()).expect_err("it is wrong"),
    );
    let mut wrong = options();
    wrong.ssh.auth = SshAuth::KeyMemory {
        private: Secret::new(private.clone()),
        passphrase: Some(Secret::new(format!("{PASSPHRASE}!"))),
    };
    let mut vm = plan_vm(
        move || XcpngPool::connect(wrong.clone()),
        spec("cell-3", Organism::Syn3a),
        Vec::new(),
    );
    say(said, &vm.start().expect_err("it is wrong"));
    drop(vm);
    writeln!(said, "{:?}", examine(options(), None)).expect("room");
    let pool = XcpngPool::connect(options()).expect("a login");
    writeln!(said, "{:?}", pool.garbage(true)).expect("room");
    files(said, bed.state.path());
    let mut given = 0;
    // Sessions are what opens the pool, for as long as they last.
    for request in bed.testbed.server().seen().requests {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        if request.call == "VM.add_to_xenstore_data" {
            let after = body.split("vm-data/bioxen-host-key").nth(1);
            let key = after.and_then(|text| text.split(['<', '>']).find(|part| part.len() > 200));
            let key = key.expect("a private key");
            // The frame before it and the public half are no secrets; the private half is here.
            secrets.insert(key[216..256].to_owned());
            secrets.insert(key.to_owned());
            given += 1;
        }
        if request.call.starts_with("session.login") {
            continue;
        }
        let reference = body.split("OpaqueRef:").nth(1);
        let end = reference.and_then(|text| text.split('<').next());
        secrets.insert(end.expect("a session").to_owned());
    }
    assert!(given > 3, "{given} host keys were given");
}

/// All that is in the files of a folder.
fn files(said: &mut String, folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        writeln!(said, "{}", path.display()).expect("room");
        if path.is_dir() {
            files(said, &path);
        } else {
            said.push_str(&String::from_utf8_lossy(&fs::read(&path).expect("a file")));
        }
    }
}

/// What processes show to others.
fn processes(said: &mut String) {
    for entry in fs::read_dir("/proc").expect("processes").flatten() {
        for what in ["cmdline", "environ"] {
            // Some are not ours, and some end meanwhile.
            if let Ok(text) = fs::read(entry.path().join(what)) {
                said.push_str(&String::from_utf8_lossy(&text));
            }
        }
    }
}

/// A text in all the ways in which it could be written down.
fn spellings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let each = |write: &dyn Fn(u8) -> String| bytes.iter().map(|&byte| write(byte)).collect();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut all: Vec<String> = vec![
        secret.to_owned(),
        each(&|byte| format!("{byte:02x}")),
        each(&|byte| format!("{byte:02X}")),
        each(&|byte| format!("{byte:02x}:")),
        each(&|byte| format!("{byte}, ")),
        each(&|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        }),
        serde_json::to_string(secret)
            .expect("text")
            .trim_matches('"')
            .to_owned(),
        format!("{secret:?}").trim_matches('"').to_owned(),
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
    ];
    // In base64 it depends on what comes before; what is the same in any case is looked for.
    for before in 0..3 {
        let shifted = [&vec![b'x'; before], bytes].concat();
        let text = base64(&shifted[..shifted.len() / 3 * 3]);
        let from = usize::from(before > 0) * 4;
        all.push(text[from..].to_owned());
        all.push(text[from..].replace('+', "-").replace('/', "_"));
    }
    all
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks_exact(3) {
        let word = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for shift in [18, 12, 6, 0] {
            let at = usize::try_from(word >> shift & 63).expect("small");
            text.push(char::from(LETTERS[at]));
        }
    }
    text
}

#[test]
fn a_text_is_found_in_all_its_spellings() {
    assert_eq!(base64(b"abcdef"), "YWJjZGVm");
    let spellings = spellings("a\"<b c");
    for spelling in [
        "a\"<b c",
        "61223c622063",
        "a%22%3Cb%20c",
        "a\\\"<b c",
        "a\"&lt;b c",
    ] {
        assert!(spellings.iter().any(|one| one == spelling), "{spelling}");
    }
}

#[test]
fn no_secret_leaves_its_holder() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "pool::secrets::child", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    let read = |name: &str| {
        let bytes = fs::read(folder.path().join(name)).expect("a file");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let places = [
        ("what it showed", shown),
        ("its log", read("log")),
        ("what was said", read("said")),
    ];
    let secrets = read("secrets");
    assert!(secrets.lines().count() > 6, "{}", secrets.lines().count());
    for (place, text) in &places {
        for secret in secrets.lines() {
            for spelling in spellings(secret) {
                // Around it, it is shown where it was found, and not what.
                if let Some(at) = text.find(&spelling) {
                    let from = text.floor_char_boundary(at.saturating_sub(300));
                    panic!("in {place}, after: {}", &text[from..at]);
                }
            }
        }
    }
    assert!(
        places[1].1.contains("TRACE") || places[1].1.contains("DEBUG"),
        "nothing is logged"
    );
}
