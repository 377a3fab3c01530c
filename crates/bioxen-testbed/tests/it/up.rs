//! The command `bioxen-testbed`, from outside.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use bioxen_agent::draw_seed;
use bioxen_config::{Config, FileChoice, Request, Surroundings, load};
use bioxen_core::{BiologicalVm, CancelToken, Organism, Pacing, VmId, VmSpec, VmState};
use bioxen_testbed::guests::agent_binary;
use bioxen_xcpng::xapi::{AddressFilter, NameOrUuid};
use bioxen_xcpng::{
    Endpoint, PlainHttp, SshAuth, SshOptions, SystemTimer, Timer, Trust, XapiOptions, XcpngOptions,
    XcpngPool, plan_vm,
};

/// The command, in a folder of its own.
fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bioxen-testbed"));
    command
        .arg("up")
        .args(line.split_whitespace())
        .current_dir(folder)
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A testbed that is up.
struct Up {
    child: Child,
    here: tempfile::TempDir,
    greeting: String,
}

impl Up {
    #[track_caller]
    fn start(line: &str) -> Self {
        let here = tempfile::Builder::new().prefix("up-").tempdir();
        let here = here.expect("a folder");
        let agent = agent_binary(None).expect("the agent is built");
        let line = format!("--quick --agent {} {line}", agent.display());
        let mut child = command(here.path(), &line).spawn().expect("the command");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C ends it") {
            let length = stdout.read_line(&mut greeting).expect("a line");
            assert_ne!(length, 0, "{greeting}{:?}", child.wait_with_output());
        }
        Self {
            child,
            here,
            greeting,
        }
    }

    fn file(&self) -> PathBuf {
        self.here.path().join("bioxen_testbed.yaml")
    }

    fn config(&self) -> Config {
        let mut request = Request::new(Surroundings::nowhere());
        request.file = FileChoice::Path(self.file());
        match load(&request) {
            Ok(loaded) => loaded.config,
            Err(errors) => panic!("{errors:?}"),
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill is on every machine").success());
    }

    #[track_caller]
    fn wait(self) -> (Output, tempfile::TempDir) {
        let output = self.child.wait_with_output().expect("a child");
        (output, self.here)
    }
}

/// What the command writes is all that a client needs.
pub(crate) fn options(config: &Config, state: &Path) -> XcpngOptions {
    let asked = config.xcpng_config.as_ref().expect("the section");
    let url = format!(
        "https://{}:{}",
        asked.xapi_url.host(),
        asked.xapi_url.port()
    );
    let password = asked.password.resolve(&Surroundings::nowhere());
    let pins = asked.tls_pins.iter().map(|pin| pin.parse().expect("a pin"));
    let xapi = XapiOptions::new(
        Endpoint::parse(&url, PlainHttp::Refused).expect("a URL"),
        asked.username.clone(),
        password.expect("a file with a password"),
        Trust::Pins(pins.collect()),
    );
    let auth = SshAuth::KeyFile {
        path: asked.ssh_key_path.clone().expect("a key"),
        passphrase: None,
    };
    let mut ssh = SshOptions::new(asked.ssh_user.clone(), auth);
    ssh.port = asked.ssh_port.expect("a port");
    let template = asked.template_name.clone().expect("a template");
    let mut options = XcpngOptions::new(xapi, ssh, NameOrUuid::from(template.as_str()), state);
    options.agent = asked.agent_path.clone();
    let networks = asked.guest_networks.iter();
    options.addresses = AddressFilter {
        cidrs: networks
            .map(|range| range.parse().expect("a range"))
            .collect(),
        allow_loopback: true,
        ..AddressFilter::default()
    };
    let keys = asked.ssh_host_keys.iter();
    options.host_keys = keys.map(|key| key.parse().expect("a key")).collect();
    options
}

/// Processes that have a folder in their command line or their environment.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    let texts = entries.filter_map(|entry| {
        // It may have ended meanwhile.
        let mut text = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        text.extend(std::fs::read(entry.path().join("environ")).unwrap_or_default());
        let text = String::from_utf8_lossy(&text).replace('\0', " ");
        text.contains(&folder).then_some(text)
    });
    texts.collect()
}

/// Waits until all processes of a folder are gone.
#[track_caller]
fn assert_ends(folder: &Path) {
    let timer = SystemTimer::new();
    let limit = timer.now() + Duration::from_secs(10);
    loop {
        let left = processes_of(folder);
        if left.is_empty() {
            return;
        }
        assert!(timer.now() < limit, "{left:#?}");
        timer.wait(Duration::from_millis(20), &CancelToken::new());
    }
}

/// Lives the life of a VM up to its start, and answers where its guest listens.
fn start_a_vm(up: &Up) -> (Box<dyn BiologicalVm>, std::net::SocketAddr) {
    let options = options(&up.config(), &up.here.path().join("client"));
    let port = options.ssh.port;
    let id = VmId::new("cell-1").expect("a plain name");
    let spec = VmSpec::builder(id, Organism::Syn3a, draw_seed()).pacing(Pacing::Manual);
    let spec = spec.build().expect("no rule is broken");
    let mut vm = plan_vm(
        move || XcpngPool::connect(options.clone()),
        spec,
        Vec::new(),
    );
    vm.start().expect("it starts");
    assert_eq!(vm.status().expect("it runs").state, VmState::Running);
    let known = up.here.path().join("client/known_hosts");
    assert!(known.exists(), "the guest was met");
    let guests = processes_of(up.here.path());
    let config = guests.iter().find_map(|text| {
        let mut words = text.split_whitespace();
        words.find(|word| word.ends_with("/sshd_config"))
    });
    let config = std::fs::read_to_string(config.expect("a server")).expect("its configuration");
    let line = config
        .lines()
        .find_map(|line| line.strip_prefix("ListenAddress "));
    let address: std::net::SocketAddr = line.expect("an address").parse().expect("an address");
    assert_eq!(address.port(), port);
    (Box::new(vm), address)
}

#[test]
fn a_testbed_is_used_by_what_it_wrote_and_leaves_nothing() {
    let up = Up::start("");
    let file = std::fs::metadata(up.file()).expect("the configuration");
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(up.file()).expect("the configuration");
    assert!(up.greeting.contains(&text), "{}", up.greeting);
    let config = up.config();
    let url = &config.xcpng_config.as_ref().expect("the section").xapi_url;
    let xapi = (url.host().to_owned(), url.port());
    let (mut vm, guest) = start_a_vm(&up);
    assert!(TcpListener::bind(guest).is_err(), "the guest listens");
    vm.biological_metrics().expect("it answers");
    vm.stop().expect("it stops");
    vm.destroy().expect("it goes");
    drop(vm);
    // One that runs when the testbed ends.
    let (vm, guest) = start_a_vm(&up);
    up.signal("TERM");
    let (output, here) = up.wait();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(processes_of(here.path()), Vec::<String>::new());
    TcpListener::bind(guest).expect("the guest listens no more");
    TcpListener::bind((xapi.0.as_str(), xapi.1)).expect("the pool listens no more");
    drop(vm);
    std::fs::remove_dir_all(here.path().join("client")).expect("the folder of the client");
    let left: Vec<_> = std::fs::read_dir(here.path()).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
    let lines: Vec<&str> = stderr.lines().collect();
    for line in [
        "started: VM bioxen-syn3a-cell-1",
        "stopped: VM bioxen-syn3a-cell-1",
        "removed: VM bioxen-syn3a-cell-1",
        "ending, with 1 VM",
    ] {
        assert!(lines.contains(&line), "{line}: {stderr}");
    }
    assert!(stderr.contains("made: VM bioxen-op-"), "{stderr}");
}

#[test]
fn no_guest_outlives_a_command_that_is_killed_and_the_next_one_takes_over() {
    let up = Up::start("--no-agent --hosts 1");
    assert!(
        up.config()
            .xcpng_config
            .is_some_and(|asked| asked.agent_path.is_some())
    );
    let (vm, guest) = start_a_vm(&up);
    up.signal("KILL");
    let file = up.file();
    let (output, here) = up.wait();
    assert!(!output.status.success());
    assert_ends(here.path());
    TcpListener::bind(guest).expect("the guest listens no more");
    drop(vm);
    assert!(file.exists(), "nobody was there to remove it");
    let mut next = command(here.path(), "--quick --agent /bin/true")
        .spawn()
        .expect("the command");
    let mut stdout = BufReader::new(next.stdout.take().expect("it is piped"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    assert!(line.starts_with("A pool is up"), "{line}");
    let second = command(here.path(), "--quick --agent /bin/true")
        .output()
        .expect("the command");
    check_refused(
        &second,
        "bioxen_testbed.yaml is that of a testbed that runs",
    );
    let sent = Command::new("kill")
        .args(["-s", "INT", &next.id().to_string()])
        .status();
    assert!(sent.expect("kill is on every machine").success());
    assert!(next.wait().expect("a child").success());
    assert!(!file.exists());
}

#[track_caller]
fn check_refused(output: &Output, message: &str) {
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    let first = stderr.lines().next().unwrap_or_default();
    assert_eq!(first, format!("error: {message}"));
    assert!(stderr.contains("\n  hint: "), "{stderr}");
}

#[test]
fn what_stands_in_the_way_is_said_with_its_cure_and_left_alone() {
    let here = tempfile::tempdir().expect("a folder");
    let run = |line: &str| command(here.path(), line).output().expect("the command");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let busy = run(&format!("--quick --agent /bin/true --port {port}"));
    check_refused(&busy, "the simulated host cannot listen");
    let agent = run("--agent /nowhere/agent");
    check_refused(&agent, "there is no agent for guests at /nowhere/agent");
    let folder = run("--config nowhere/bed.yaml");
    check_refused(&folder, "nowhere/bed.yaml cannot be written");
    assert_eq!(std::fs::read_dir(here.path()).expect("a folder").count(), 0);
    std::fs::write(here.path().join("bioxen_testbed.yaml"), "mine: true\n").expect("room");
    let exists = run("");
    check_refused(
        &exists,
        "bioxen_testbed.yaml is there already, and no testbed wrote it",
    );
    let text = std::fs::read_to_string(here.path().join("bioxen_testbed.yaml"));
    assert_eq!(text.expect("it is there"), "mine: true\n");
    assert_eq!(run("--hosts 12").status.code(), Some(2));
}
