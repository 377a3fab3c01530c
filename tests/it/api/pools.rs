//! The programs of the pages on XCP-ng, in a pool that a testbed stands in for.

use std::path::PathBuf;

use bioxen::xcpng::Exit;
use bioxen::xcpng::xapi::PowerState;
use bioxen::{PackagePlace, Secret, SimTime};
use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::{Testbed, TestbedSpec};

#[expect(dead_code, reason = "its main function is for who runs it alone")]
#[path = "../../../crates/bioxen/examples/xapi_and_ssh.rs"]
mod xapi_and_ssh;
#[expect(dead_code, reason = "its main function is for who runs it alone")]
#[path = "../../../crates/bioxen/examples/xcpng_pool.rs"]
mod xcpng_pool;
#[expect(dead_code, reason = "its main function is for who runs it alone")]
#[path = "../../../crates/bioxen/examples/xcpng_vm.rs"]
mod xcpng_vm;

/// A pool, and what a client of it has: a configuration file and a folder.
struct Bed {
    testbed: Testbed,
    file: PathBuf,
    state: tempfile::TempDir,
}

impl Bed {
    fn up() -> Self {
        let agent = agent_binary(None).unwrap_or_else(|error| {
            panic!("{error}; {}", error.hint().unwrap_or_default());
        });
        let testbed = Testbed::start(TestbedSpec::quick(Some(agent))).expect("a testbed");
        let state = tempfile::tempdir().expect("a folder");
        let password = testbed.write_password().expect("a file");
        let file = state.path().join("lab.yaml");
        // So that where a cell is does not hang on how fast this machine is.
        let pacing = "hypervisor:\n  pacing: manual\n";
        let config = testbed.client_config(&password, None) + pacing;
        std::fs::write(&file, config).expect("a file");
        Self {
            testbed,
            file,
            state,
        }
    }

    fn calls(&self, name: &str) -> usize {
        self.testbed.server().seen().calls(name)
    }

    /// Nothing of the program is left in the pool, and it has logged out.
    #[track_caller]
    fn assert_clean(&self) {
        let census = self.testbed.server().pool(|pool| pool.census());
        assert!(census.is_clean(), "{census:#?}");
    }
}

#[test]
fn a_vm_of_a_configuration() {
    let bed = Bed::up();
    let report = xcpng_vm::one_cell(&bed.file, bed.state.path()).expect("the pool is there");
    assert!(report.success, "{}", report.stderr);
    assert_eq!(report.ended_at.seconds(), 120.0, "it went on after a stop");
    let result = report.result_json.expect("a last expression");
    assert!(result.contains("\"dnaA\":"), "{result}");
    assert_eq!(bed.calls("VM.start"), 2);
    let installed = xcpng_vm::with_packages(&bed.file, bed.state.path());
    let installed = installed.expect("the pool is there");
    assert_eq!(installed.len(), 1);
    assert_eq!(installed[0].name, "pbr322");
    assert_eq!(installed[0].place, PackagePlace::Plasmid);
    bed.assert_clean();
}

#[test]
fn guests_of_a_pool() {
    let bed = Bed::up();
    let reached = xcpng_pool::one_guest(&bed.file, bed.state.path()).expect("the pool is there");
    assert_eq!(reached, SimTime::from_seconds(60.0).expect("a time"));
    assert_eq!(
        bed.calls("session.login_with_password"),
        2,
        "a look, and the pool"
    );
    bed.assert_clean();
}

#[test]
fn calls_of_xapi_and_a_command_by_ssh() {
    let bed = Bed::up();
    let testbed = &bed.testbed;
    let (user, password) = testbed.login();
    let pin = testbed.pin().expect("it is behind TLS");
    let key = testbed.client_key().private().to_owned();
    let mut options = xapi_and_ssh::by_hand(
        (&testbed.url(), pin),
        (user, Secret::new(password.to_owned())),
        (&testbed.ssh_user(), key),
        testbed.host_key(),
    )
    .expect("all of it is in order");
    options.ssh.port = testbed.ssh_port();
    options.addresses.allow_loopback = true;
    let (states, output) = xapi_and_ssh::one_life(&options).expect("the pool is there");
    let expect = [
        PowerState::Halted,
        PowerState::Suspended,
        PowerState::Running,
        PowerState::Halted,
    ];
    assert_eq!(states, expect);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "it's $HOME; exit 0"
    );
    assert_eq!(output.exit, Exit::Status(3));
    for call in ["session.login_with_password", "session.logout"] {
        assert_eq!(bed.calls(call), 1, "{call}");
    }
    for call in [
        "clone",
        "provision",
        "start",
        "snapshot",
        "suspend",
        "resume",
        "revert",
    ] {
        assert_eq!(bed.calls(&format!("VM.{call}")), 1, "{call}");
    }
    bed.assert_clean();
}
