//! What a pool of guests is told.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::CancelToken;

use crate::ssh::{PublicKey, SshOptions};
use crate::xapi::{AddressFilter, NameOrUuid, XapiOptions};

/// Which host keys new guests have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GuestHostKeys {
    /// Those of the template: whoever is root in one guest can pass for another.
    #[default]
    Template,
    /// Each its own, which is drawn here, known before the first contact, and handed to the guest by XAPI; the template must take it.
    Own,
}

/// How guests are made and reached.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct XcpngOptions {
    /// The pool.
    pub xapi: XapiOptions,
    /// The guests.
    pub ssh: SshOptions,
    /// What guests are cloned from.
    pub template: NameOrUuid,
    /// Memory of a guest, bytes; `None` leaves that of the template.
    pub memory: Option<u64>,
    /// Virtual CPUs of a guest; `None` leaves those of the template.
    pub vcpus: Option<u32>,
    /// Where the disks of guests go in a full copy, by name or UUID; `None` clones them where those of the template are.
    pub storage: Option<String>,
    /// Network of guests, by name or UUID; `None` leaves that of the template.
    pub network: Option<String>,
    /// Host on which guests start, by name or UUID; `None` leaves it to XAPI.
    pub host: Option<String>,
    /// Which of the addresses that a guest reports are used.
    pub addresses: AddressFilter,
    /// Which host keys new guests have.
    pub guest_host_keys: GuestHostKeys,
    /// Host keys that guests of the template have; the first contact expects one of them.
    ///
    /// They do not count for a guest with a key of its own.
    pub host_keys: Vec<PublicKey>,
    /// Program of the agent that is brought to guests that lack it or have another one; `None` takes what the template has.
    pub agent: Option<PathBuf>,
    /// Folder with the name of this installation, its journal, and the host keys of its guests.
    pub state: PathBuf,
    /// Limits on time.
    pub limits: GuestLimits,
    /// Who calls operations off.
    pub cancel: CancelToken,
    /// Who is told of progress.
    pub watcher: Arc<dyn Watcher>,
}

impl XcpngOptions {
    /// Guests as their template makes them, with the usual limits.
    pub fn new(
        xapi: XapiOptions,
        ssh: SshOptions,
        template: NameOrUuid,
        state: impl Into<PathBuf>,
    ) -> Self {
        Self {
            xapi,
            ssh,
            template,
            memory: None,
            vcpus: None,
            storage: None,
            network: None,
            host: None,
            addresses: AddressFilter::default(),
            guest_host_keys: GuestHostKeys::default(),
            host_keys: Vec::new(),
            agent: None,
            state: state.into(),
            limits: GuestLimits::default(),
            cancel: CancelToken::new(),
            watcher: Arc::new(Nobody),
        }
    }
}

/// How long the steps in the life of a guest may take, beside those of XAPI and SSH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestLimits {
    /// For making a guest, from the template to a VM that is halted.
    pub create: Duration,
    /// For a start, from the call to a guest whose agent answers.
    pub ready: Duration,
    /// For the hello of an agent.
    pub hello: Duration,
    /// For bringing the agent to a guest.
    pub upload: Duration,
    /// For an answer that takes no computing.
    pub request: Duration,
    /// For an answer that takes as long as a cell is computed.
    pub computing: Duration,
    /// For the end of what an agent computes, once that was called off.
    pub cancel: Duration,
    /// For a connection to a guest of which it is only asked how it is.
    pub look: Duration,
    /// For a connection that replaces a broken one.
    pub reconnect: Duration,
    /// For the removal of a guest and of its disks.
    pub destroy: Duration,
}

impl Default for GuestLimits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            create: seconds(1_200),
            ready: seconds(300),
            hello: seconds(30),
            upload: seconds(300),
            request: seconds(60),
            computing: seconds(24 * 3_600),
            cancel: seconds(5),
            look: seconds(10),
            reconnect: seconds(60),
            destroy: seconds(300),
        }
    }
}

/// A step that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which one it is, counted from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
    /// What is done.
    pub what: &'static str,
    /// How long it may take.
    pub limit: Duration,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            of,
            what,
            limit,
        } = self;
        let seconds = limit.as_secs();
        write!(f, "step {number} of {of}: {what} (at most {seconds} s)")
    }
}

/// Who is told of steps; whoever is not interested in something leaves it out.
pub trait Watcher: Send + Sync + fmt::Debug {
    /// A step begins, and the one before it is over.
    fn step(&self, _step: &Step) {}

    /// The last step is over, or has failed.
    fn rest(&self) {}

    /// Something that a person should know.
    fn note(&self, _text: &str) {}
}

/// Who is not interested.
#[derive(Debug)]
struct Nobody;

impl Watcher for Nobody {}
