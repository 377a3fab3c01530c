//! VMs of a pool, by the verbs of local ones.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bioxen::xcpng::PublicKey;
use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::{TEMPLATE, Testbed, TestbedSpec};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::text;

/// A pool, and a folder with the configuration and the state of one person.
pub(crate) struct Lab {
    pub(crate) testbed: Testbed,
    folder: tempfile::TempDir,
}

impl Lab {
    pub(crate) fn new(change: impl FnOnce(&mut TestbedSpec)) -> Self {
        let agent = agent_binary(None).unwrap_or_else(|error| {
            panic!("{error}; {}", error.hint().unwrap_or_default());
        });
        let mut spec = TestbedSpec::quick(Some(agent));
        change(&mut spec);
        let lab = Self {
            testbed: Testbed::start(spec).expect("a testbed"),
            folder: tempfile::tempdir().expect("a folder"),
        };
        lab.write("password", &format!("{}\n", lab.testbed.login().1));
        let pin = lab.testbed.pin().expect("TLS").to_owned();
        lab.write("lab.yaml", &lab.config(&pin, lab.testbed.host_key()));
        lab
    }

    fn config(&self, pin: &str, host_key: &str) -> String {
        let bed = &self.testbed;
        format!(
            "vm_type: xcpng\nxcpng_config:\n  xapi_url: {}\n  username: {}\n  password_file: password\n  \
             ssh_user: {}\n  ssh_key_path: {}\n  ssh_port: {}\n  template_name: {TEMPLATE}\n  tls_pins: [{pin}]\n  \
             ssh_host_keys: [\"{host_key}\"]\n  guest_networks: [127.0.0.0/8]\n",
            bed.url(),
            bed.login().0,
            bed.ssh_user(),
            bed.client_key().private().display(),
            bed.ssh_port(),
        )
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("room");
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(self.path(name), private).expect("it is ours");
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bioxen"));
        command.current_dir(self.folder.path()).args(words);
        command.env("BIOXEN_STATE", self.path("state"));
        command.env("HOME", self.folder.path());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("it starts")
    }

    /// What `bioxen vm … --config lab.yaml` printed.
    #[track_caller]
    fn vm(&self, words: &[&str]) -> String {
        let words = [&["vm"], words, &["--config", "lab.yaml"]].concat();
        let output = self.run(&words);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
        text(&output.stdout)
    }

    #[track_caller]
    pub(crate) fn refused(&self, words: &[&str], code: i32, part: &str) {
        let output = self.run(words);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        assert!(said.contains(part), "{words:?}: {said}");
    }

    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        let census = self.testbed.server().pool(|pool| pool.census());
        assert!(census.is_clean(), "{census:#?}");
    }
}

#[test]
fn the_verbs_of_local_vms_drive_those_of_a_pool() {
    let lab = Lab::new(|_| {});
    assert_eq!(lab.vm(&["ls"]), "0 VMs\n");
    let made = lab.vm(&[
        "create", "cell-1", "syn3a", "--seed", "7", "--pacing", "manual", "--start",
    ]);
    assert_eq!(made, "created and started cell-1\n");
    let code = "advance(60)\ntime()";
    assert_eq!(lab.vm(&["exec", "cell-1", "--code", code]), "60.0\n");
    assert!(
        lab.vm(&["allocate", "cell-1", "--atp", "60"])
            .contains("60% of ATP")
    );
    lab.vm(&["pause", "cell-1"]);
    assert!(lab.vm(&["ls"]).contains("paused"));
    lab.vm(&["resume", "cell-1"]);
    assert!(lab.vm(&["metrics", "cell-1"]).contains("energy charge"));
    assert!(
        lab.vm(&["inspect", "cell-1"])
            .contains("\"infrastructure\": \"xcpng\"")
    );
    assert!(lab.vm(&["logs", "cell-1"]).contains("ATP 60%"));
    assert!(lab.vm(&["events"]).contains("paused"));
    assert!(lab.vm(&["info"]).contains("127.0.0.1"));
    lab.vm(&["save", "cell-1", "cell.bioxen"]);
    lab.vm(&["fork", "cell-1", "twin", "--seed", "8"]);
    lab.vm(&["exec", "cell-1", "--code", "advance(60)"]);
    lab.vm(&["restore", "cell-1", "cell.bioxen"]);
    assert_eq!(lab.vm(&["exec", "cell-1", "--code", "time()"]), "60.0\n");
    lab.vm(&["start", "twin"]);
    assert_eq!(lab.vm(&["exec", "twin", "--code", "time()"]), "60.0\n");
    lab.vm(&["stop", "cell-1", "twin"]);
    assert!(lab.vm(&["ls"]).contains("stopped"));
    lab.refused(
        &[
            "vm", "exec", "cell-1", "--code", "1", "--config", "lab.yaml",
        ],
        1,
        "start it first",
    );
    lab.vm(&["start", "cell-1"]);
    assert_eq!(lab.vm(&["exec", "cell-1", "--code", "time()"]), "60.0\n");
    lab.vm(&["kill", "cell-1"]);
    lab.vm(&["rm", "cell-1", "twin", "--yes"]);
    lab.assert_clean();
}

#[test]
fn whoever_is_not_known_is_told_nothing_and_has_a_code_of_his_own() {
    let lab = Lab::new(|_| {});
    let other = "0".repeat(64);
    lab.write("other.yaml", &lab.config(&other, lab.testbed.host_key()));
    lab.refused(
        &["vm", "ls", "--config", "other.yaml"],
        6,
        "is not among the pinned ones",
    );
    assert_eq!(lab.testbed.server().seen().request_count, 0);
    let pin = lab.testbed.pin().expect("TLS").to_owned();
    lab.write(
        "stranger.yaml",
        &lab.config(&pin, lab.testbed.client_key().public()),
    );
    let create = [
        "vm",
        "create",
        "cell-1",
        "syn3a",
        "--start",
        "--config",
        "stranger.yaml",
    ];
    lab.refused(&create, 6, "another one is known");
    lab.vm(&["rm", "cell-1", "--yes"]);
    lab.assert_clean();
}

#[test]
fn a_host_key_is_accepted_by_its_fingerprint_and_by_nothing_less() {
    let lab = Lab::new(|_| {});
    let pin = lab.testbed.pin().expect("TLS").to_owned();
    let config = lab.config(&pin, "KEY").replace("\"KEY\"", "");
    lab.write("lab.yaml", &config);
    let key: PublicKey = lab.testbed.host_key().parse().expect("a key");
    let print = key.fingerprint().to_string();
    let other = format!("SHA256:{}", "A".repeat(43));
    let trust = |fingerprint: &str| lab.vm(&["trust", "cell", "--fingerprint", fingerprint]);
    let refused = |words: &[&str], part: &str| {
        let words = [&["vm"], words, &["--config", "lab.yaml"]].concat();
        lab.refused(&words, 6, part);
    };

    lab.vm(&["create", "cell-1", "syn3a", "--pacing", "manual"]);
    refused(&["start", "cell-1"], "bioxen vm trust");
    let shown = lab.vm(&["trust", "cell-1"]);
    assert!(
        shown.contains(&print)
            && shown.contains("Nothing was accepted; none of it is known.")
            && shown.contains(&format!("bioxen vm trust cell-1 --fingerprint {print}"))
            && shown.contains("/etc/ssh/ssh_host_ed25519_key.pub")
            && shown.contains("runs now"),
        "{shown}"
    );
    refused(&["start", "cell-1"], "no host key of VM");
    let wrong = ["trust", "cell-1", "--fingerprint", &other];
    refused(&wrong, &format!("the host key has the fingerprint {print}"));
    refused(&["start", "cell-1"], "no host key of VM");

    assert_eq!(
        trust(&print),
        format!("accepted ssh-ed25519 {print} of cell-1\n")
    );
    lab.vm(&["start", "cell-1"]);
    let time = lab.vm(&["exec", "cell-1", "--code", "time()"]);
    assert_eq!(time, "0.0\n");
    assert!(lab.vm(&["trust", "cell-1"]).ends_with("which is known\n"));
    assert!(trust(&print).ends_with("was known already\n"));
    let json = lab.vm(&["trust", "cell-1", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["fingerprint"], print.as_str());
    assert_eq!(json["before"]["verdict"], "same");
    assert_eq!(json["accepted"], false);
    lab.refused(&["vm", "trust", "cell-1"], 2, "no XCP-ng pool is meant");
    lab.vm(&["rm", "cell-1", "--yes", "--force"]);
    lab.assert_clean();
}

#[test]
fn an_interrupted_start_is_undone() {
    // Its guest never reports an address.
    let lab = Lab::new(|spec| spec.pool.templates[0].guest.address_after = None);
    lab.vm(&["create", "cell-1", "syn3a"]);
    let child = lab
        .command(&["vm", "start", "cell-1", "--config", "lab.yaml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let is_on = lab
        .testbed
        .server()
        .wait_until(Duration::from_secs(60), |pool| {
            pool.vms()
                .iter()
                .any(|vm| vm.power_state == "Running" && vm.name.contains("cell-1"))
        });
    assert!(is_on);
    let pid = i32::try_from(child.id()).expect("a process");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("it runs");
    let output = child.wait_with_output().expect("it ends");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("switched off again"), "{said}");
    assert!(lab.vm(&["ls"]).contains("created"));
    lab.vm(&["rm", "cell-1", "--yes"]);
    lab.assert_clean();
}

#[track_caller]
fn check_a_signal_cancels_in_the_guest(lab: &Lab, signal: Signal, code: i32) {
    let simulated = || {
        let list: serde_json::Value =
            serde_json::from_str(&lab.vm(&["ls", "-o", "json"])).expect("JSON");
        list["vms"][0]["simulated_s"].as_f64().expect("a number")
    };
    let before = simulated();
    let endless = [
        "vm",
        "exec",
        "cell-1",
        "--timeout",
        "1h",
        "--code",
        "advance(100000 * 3600)",
    ];
    let mut command = lab.command(&endless);
    command.args(["--config", "lab.yaml"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    while simulated() <= before {
        std::thread::yield_now();
    }
    let pid = i32::try_from(child.id()).expect("a process");
    kill(Pid::from_raw(pid), signal).expect("it runs");
    let output = child.wait_with_output().expect("it ends");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(
        said.contains("interrupted: the process on cell-1 was cancelled at")
            && said.contains("of simulated time"),
        "{said}"
    );
    // It moves the cell no more, which is free for others.
    let at = simulated();
    let next = lab.vm(&["exec", "cell-1", "--code", "advance(1)"]);
    assert_eq!((next, simulated()), (format!("{:?}\n", at + 1.0), at + 1.0));
}

#[test]
fn an_interrupted_program_is_cancelled_in_its_guest() {
    let lab = Lab::new(|_| {});
    lab.vm(&[
        "create", "cell-1", "syn3a", "--seed", "7", "--pacing", "manual", "--start",
    ]);
    check_a_signal_cancels_in_the_guest(&lab, Signal::SIGINT, 130);
    check_a_signal_cancels_in_the_guest(&lab, Signal::SIGTERM, 143);
    lab.vm(&["rm", "cell-1", "--yes", "--force"]);
    lab.assert_clean();
}

#[test]
fn a_pool_is_examined_and_what_was_left_in_it_is_told() {
    let lab = Lab::new(|_| {});
    let examined = lab.run(&["doctor", "--xcpng", "--full", "--config", "lab.yaml"]);
    let told = text(&examined.stdout);
    assert_eq!(
        examined.status.code(),
        Some(0),
        "{told}{}",
        text(&examined.stderr)
    );
    assert!(
        !told.contains("failed") && told.contains("made, agent"),
        "{told}"
    );
    // A guest with a host key of its own is met, and no other key is known.
    let config = lab.config(lab.testbed.pin().expect("TLS"), "KEY");
    let own = config.replace("ssh_host_keys: [\"KEY\"]", "guest_host_keys: own");
    lab.write("own.yaml", &own);
    let examined = lab.run(&["doctor", "--xcpng", "--full", "--config", "own.yaml"]);
    let told = text(&examined.stdout);
    assert!(
        !told.contains("failed")
            && told.contains("each new guest gets its own")
            && told.contains("made, agent"),
        "{told}{}",
        text(&examined.stderr)
    );
    let collected = lab.run(&["gc", "--config", "lab.yaml"]);
    assert_eq!(text(&collected.stdout), "nothing was left\n");
    lab.assert_clean();
    lab.refused(
        &["vm", "ls", "--hypervisor", "lab"],
        4,
        "no hypervisor is named",
    );
    fs::create_dir_all(lab.path(".bioxen/hypervisors")).expect("room");
    fs::copy(
        lab.path("lab.yaml"),
        lab.path(".bioxen/hypervisors/lab.yaml"),
    )
    .expect("room");
    fs::copy(
        lab.path("password"),
        lab.path(".bioxen/hypervisors/password"),
    )
    .expect("room");
    let listed = lab.run(&["vm", "ls", "--hypervisor", "lab"]);
    assert_eq!(text(&listed.stdout), "0 VMs\n", "{}", text(&listed.stderr));
}
