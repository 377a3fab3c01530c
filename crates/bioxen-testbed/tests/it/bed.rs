//! What tests of guests have in common.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::CancelToken;
use bioxen_testbed::guests::{ClientKey, Guest, GuestError, GuestPlan, Loopback, agent_binary};
use bioxen_xcpng::{
    CommandCaps, CommandOutput, Deadline, ExpectedHostKey, Remote, SshAuth, SshError, SshOptions,
    SystemTimer, Timer,
};
use tempfile::TempDir;

/// UUID of the VM that a guest stands for.
pub(crate) const VM: &str = "6e1fd1a0-4c35-9c5b-2f0f-9d2e8a4f1b7c";

/// A folder, a network and a key for guests.
pub(crate) struct Bed {
    pub(crate) folder: TempDir,
    pub(crate) network: Loopback,
    pub(crate) key: ClientKey,
    pub(crate) timer: Arc<dyn Timer>,
}

impl Bed {
    #[track_caller]
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for files");
        let key = ok(ClientKey::make(folder.path()));
        Self {
            folder,
            network: ok(Loopback::new()),
            key,
            timer: Arc::new(SystemTimer::new()),
        }
    }

    #[track_caller]
    pub(crate) fn plan(&self, name: &str) -> GuestPlan {
        let folder = self.folder.path().join(name);
        GuestPlan::new(folder, ok(self.network.address()), self.key.public())
    }

    #[track_caller]
    pub(crate) fn guest(&self) -> Guest {
        ok(Guest::start(self.plan("guest")))
    }

    #[track_caller]
    pub(crate) fn guest_with_agent(&self) -> Guest {
        ok(Guest::start(
            self.plan("guest").with_agent(ok(agent_binary(None))),
        ))
    }

    pub(crate) fn options(&self) -> SshOptions {
        let key = SshAuth::KeyFile {
            path: self.key.private().to_owned(),
            passphrase: None,
        };
        let mut options = SshOptions::new(user(), key);
        // The machine may be busy: short limits are tested with a fake that is silent.
        options.limits.tcp = Duration::from_secs(20);
        options.limits.key_exchange = Duration::from_secs(60);
        options.limits.auth = Duration::from_secs(60);
        options
    }

    #[track_caller]
    pub(crate) fn connect(&self, guest: &Guest) -> Remote {
        let connected = self.try_connect(guest.address(), &expect(guest));
        connected.unwrap_or_else(|error| panic!("{error:?}\n{}", guest.log()))
    }

    pub(crate) fn try_connect(
        &self,
        address: SocketAddr,
        expected: &ExpectedHostKey,
    ) -> Result<Remote, SshError> {
        let timer = Arc::clone(&self.timer);
        Remote::connect(
            address,
            &self.options(),
            expected,
            timer,
            &CancelToken::new(),
        )
    }

    /// Time that is enough on a busy machine.
    pub(crate) fn long(&self) -> Deadline {
        Deadline::new("a test", Duration::from_secs(120), &*self.timer)
    }

    pub(crate) fn run(
        &self,
        remote: &Remote,
        command: &str,
        mut stdin: &[u8],
    ) -> Result<CommandOutput, SshError> {
        let caps = CommandCaps::default();
        remote.execute_command(command, &mut stdin, caps, self.long(), &CancelToken::new())
    }
}

/// The name of this user, who is the one of guests too.
pub(crate) fn user() -> String {
    let output = std::process::Command::new("id").arg("-un").output();
    let output = output.expect("id is on every machine");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The key that a guest has.
#[track_caller]
pub(crate) fn expect(guest: &Guest) -> ExpectedHostKey {
    ExpectedHostKey::Given {
        key: guest.host_keys()[0].parse().expect("a public key"),
        vm: VM.to_owned(),
    }
}

/// What is there, or a panic with what to do.
#[track_caller]
pub(crate) fn ok<T>(result: Result<T, GuestError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => {
            let hint = error.hint().unwrap_or_default();
            panic!("{error}; {hint} ({error:?})")
        }
    }
}
