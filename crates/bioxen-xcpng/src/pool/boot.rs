//! A guest is brought up: running, an address, a connection, and an agent that answers our nonce.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bioxen_agent::{Client, ClientHello, ProtocolError, draw_nonce};

use super::error::{Reached, XcpngError};
use super::{Guest, XcpngPool};
use crate::error::XapiError;
use crate::ssh::{AGENT_COMMAND, Control, ExpectedHostKey, Remote, SshError, ensure_agent};
use crate::value::{GuestMetrics, Ref};
use crate::wait::Deadline;
use crate::xapi::{Bounds, PowerState};

/// Steps of a start.
const STEPS: u32 = 5;

/// An agent that answers, and the connection that it answers over.
#[derive(Debug)]
pub(crate) struct Reachable {
    pub(crate) client: Client,
    pub(crate) control: Control,
    /// It ends when the last stream over it does; kept for whoever asks about it.
    pub(crate) remote: Remote,
}

impl XcpngPool {
    /// Starts a guest, and waits until its agent answers.
    ///
    /// A guest that runs already is reached.
    ///
    /// # Errors
    ///
    /// [`XcpngError::NotReady`] with how far it came, or what refused it; the guest is left as it is then.
    pub(crate) fn boot(&self, guest: &Guest) -> Result<Reachable, XcpngError> {
        self.boot_from(guest, &mut false)
    }

    /// As [`boot`](Self::boot), and says whether it was this call that switched the guest on, also when it fails.
    pub(crate) fn boot_from(
        &self,
        guest: &Guest,
        was_off: &mut bool,
    ) -> Result<Reachable, XcpngError> {
        let booted = self.bring_up(guest, was_off);
        self.options().watcher.rest();
        booted
    }

    fn bring_up(&self, guest: &Guest, was_off: &mut bool) -> Result<Reachable, XcpngError> {
        let limit = self.options().limits.ready;
        let bounds = self.step("the start of the guest", limit);
        let wait = self.power_on(guest, STEPS, was_off, bounds)?;
        self.reach(guest, &wait, limit, bounds)
    }

    /// Has the VM of a guest run, as the first of several steps.
    pub(super) fn power_on(
        &self,
        guest: &Guest,
        steps: u32,
        was_off: &mut bool,
        bounds: Bounds<'_>,
    ) -> Result<Waiting, XcpngError> {
        let (xapi, vm) = (self.xapi(), &guest.reference);
        self.know_named_host_keys(guest)?;
        self.tell(1, steps, "starting the VM", xapi.limits().start);
        let before = xapi
            .guest_metrics(vm, bounds)?
            .map(|(reference, _)| reference);
        let mut stale = None;
        match xapi.vm_status(vm, bounds)? {
            PowerState::Halted => {
                *was_off = true;
                self.switch_on(guest, was_off, bounds)?;
                // The clone carries what the guest of its template reported, until it reports itself.
                stale = before;
            }
            PowerState::Suspended => xapi.resume_vm(vm, bounds)?,
            PowerState::Paused => xapi.unpause_vm(vm, bounds)?,
            PowerState::Running => {}
        }
        Ok(Waiting {
            stale,
            steps: Some(steps),
            told: Cell::new(1),
            takes_key_back: Cell::new(true),
        })
    }

    /// Reaches the agent of a guest that runs.
    pub(crate) fn reconnect(
        &self,
        guest: &Guest,
        limit: Duration,
    ) -> Result<Reachable, XcpngError> {
        let bounds = self.step("reaching the guest", limit);
        let state = self.xapi().vm_status(&guest.reference, bounds)?;
        if state != PowerState::Running {
            return Err(XcpngError::Power {
                uuid: guest.uuid.clone(),
                state,
            });
        }
        let wait = Waiting {
            stale: None,
            steps: None,
            told: Cell::new(0),
            takes_key_back: Cell::new(false),
        };
        self.reach(guest, &wait, limit, bounds)
    }

    /// Where XAPI says, or on the host that is named.
    fn switch_on(
        &self,
        guest: &Guest,
        was_off: &mut bool,
        bounds: Bounds<'_>,
    ) -> Result<(), XcpngError> {
        let xapi = self.xapi();
        let started = match &self.options().host {
            None => xapi.start_vm(&guest.reference, bounds),
            Some(name) => {
                let (host, _) = xapi.find_host(name, bounds)?;
                xapi.start_vm_on(&guest.reference, &host, bounds)
            }
        };
        match started {
            // Whether it runs tells whether it was done.
            Err(unknown) if unknown.is_outcome_unknown() => {
                let state = xapi.vm_status(&guest.reference, bounds)?;
                match state {
                    PowerState::Running => Ok(()),
                    _ => Err(unknown.into()),
                }
            }
            // Another program was quicker.
            Err(error)
                if error
                    .failure()
                    .and_then(|failure| failure.actual_power_state())
                    .is_some_and(|state| state.eq_ignore_ascii_case("running")) =>
            {
                *was_off = false;
                Ok(())
            }
            started => Ok(started?),
        }
    }

    /// Tries the addresses of a guest until its agent answers.
    fn reach(
        &self,
        guest: &Guest,
        wait: &Waiting,
        limit: Duration,
        bounds: Bounds<'_>,
    ) -> Result<Reachable, XcpngError> {
        self.reach_by(guest, wait, limit, bounds, |address| {
            self.try_address(guest, address, wait, bounds)
        })
    }

    /// Tries something at the addresses of a guest until it goes well.
    ///
    /// They are read anew for each try, since a guest may get another one while it starts.
    pub(super) fn reach_by<T>(
        &self,
        guest: &Guest,
        wait: &Waiting,
        limit: Duration,
        bounds: Bounds<'_>,
        attempt: impl Fn(SocketAddr) -> Result<T, XcpngError>,
    ) -> Result<T, XcpngError> {
        let timer = self.timer();
        let mut progress = Progress::default();
        let mut pause = FIRST_PAUSE;
        self.say(wait, 2, "waiting for its address", limit);
        loop {
            let mut untrusted = None;
            for address in self.addresses(guest, wait, &mut progress, bounds)? {
                progress.reached = Reached::Address(address);
                if bounds.deadline.left(timer).is_err() {
                    break;
                }
                match attempt(address) {
                    Ok(done) => return Ok(done),
                    Err(passing) if is_passing(&passing) => {
                        tracing::debug!(%address, error = %passing, "not yet");
                        progress.last = Some(Box::new(passing));
                    }
                    // Another address may be the guest's own: what answers here may be somebody in between.
                    Err(refused @ XcpngError::Ssh(SshError::HostKey(_))) => {
                        untrusted = Some(refused);
                    }
                    Err(lasting) => return Err(lasting),
                }
            }
            if let Some(refused) = untrusted {
                return Err(refused);
            }
            if progress.warn_of_no_tools(limit, timer.now()) {
                let note =
                    "no guest tools were seen after 60 s; without them XAPI learns no address";
                self.shared.options.watcher.note(note);
            }
            let is_over = match bounds.deadline.left(timer) {
                Ok(left) => {
                    timer.wait(pause.min(left), bounds.cancel);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    false
                }
                Err(_) => true,
            };
            if bounds.cancel.is_cancelled() {
                return Err(XcpngError::Cancelled);
            }
            if is_over {
                return Err(XcpngError::NotReady {
                    limit,
                    reached: progress.reached,
                    last: progress.last,
                });
            }
        }
    }

    /// What the guest reports now, without what was there before it started.
    fn addresses(
        &self,
        guest: &Guest,
        wait: &Waiting,
        progress: &mut Progress,
        bounds: Bounds<'_>,
    ) -> Result<Vec<SocketAddr>, XcpngError> {
        let metrics = match self.xapi().guest_metrics(&guest.reference, bounds) {
            // Time is up: what was learned before says more.
            Err(XapiError::Overdue(_)) => return Ok(Vec::new()),
            metrics => metrics?,
        };
        let Some((reference, record)) = metrics else {
            return Ok(Vec::new());
        };
        if wait.stale.as_ref() == Some(&reference) {
            return Ok(Vec::new());
        }
        if record.pv_drivers_detected || !record.networks.is_empty() {
            progress.tools_seen = true;
            if progress.reached == Reached::NoTools {
                progress.reached = Reached::NoAddress;
            }
        }
        let port = self.options().ssh.port;
        let found: Vec<IpAddr> = self.options().addresses.choose(&record.networks);
        Ok(found
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect())
    }

    fn try_address(
        &self,
        guest: &Guest,
        address: SocketAddr,
        wait: &Waiting,
        bounds: Bounds<'_>,
    ) -> Result<Reachable, XcpngError> {
        let options = self.options();
        let cancel = bounds.cancel;
        let limits = options.ssh.limits;
        self.say(
            wait,
            3,
            "connecting by SSH",
            limits.tcp + limits.key_exchange + limits.auth,
        );
        let expected = ExpectedHostKey::Known {
            store: self.shared.host_keys.clone(),
            vm: guest.uuid.to_string(),
        };
        let timer = self.xapi().timer().clone();
        let whole = Some(bounds.deadline);
        let ssh = &options.ssh;
        let remote = Remote::connect_within(whole, address, ssh, &expected, timer, cancel)?;
        if wait.takes_key_back.take() {
            self.take_back_host_key(guest);
        }
        let step = |what, limit| Deadline::new(what, limit, self.timer()).within(bounds.deadline);
        if let Some(agent) = &options.agent {
            let limit = options.limits.upload;
            self.say(wait, 4, "bringing the agent", limit);
            ensure_agent(&remote, agent, step("bringing the agent", limit), cancel)?;
        }
        let limit = options.limits.hello;
        self.say(wait, 5, "meeting the agent", limit);
        let deadline = step("the hello of the agent", limit);
        let stream = remote.agent(AGENT_COMMAND, deadline, cancel)?;
        let (reader, writer, control) = stream.split();
        control.set_deadline(Some(deadline));
        let hello = ClientHello::new("bioxen-xcpng", env!("CARGO_PKG_VERSION"), draw_nonce());
        let client = Client::open(reader, writer, &hello).map_err(|source| XcpngError::Hello {
            source,
            stderr: control.stderr().first_line(),
        })?;
        control.set_deadline(None);
        Ok(Reachable {
            client,
            control,
            remote,
        })
    }

    /// Says that a step begins, the first time: it is tried again for each address.
    pub(super) fn say(&self, wait: &Waiting, number: u32, what: &'static str, limit: Duration) {
        if let Some(of) = wait.steps
            && wait.told.replace(wait.told.get().max(number)) < number
        {
            self.tell(number, of, what, limit);
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long a guest may take before a person is told that it seems to have no guest tools.
const TOOLS: Duration = Duration::from_secs(60);

/// What is waited for.
pub(super) struct Waiting {
    /// What was reported before the start, and is not believed.
    stale: Option<Ref<GuestMetrics>>,
    /// Of how many steps this is a part, where somebody is told.
    steps: Option<u32>,
    /// The last step that was told.
    told: Cell<u32>,
    /// Whether the first connection is the time to take the host key back from the pool.
    takes_key_back: Cell<bool>,
}

/// How far it came.
struct Progress {
    reached: Reached,
    tools_seen: bool,
    warned: bool,
    begun: Option<Duration>,
    last: Option<Box<XcpngError>>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            reached: Reached::NoTools,
            tools_seen: false,
            warned: false,
            begun: None,
            last: None,
        }
    }
}

impl Progress {
    /// Whether it is time to say that there are no tools: once.
    fn warn_of_no_tools(&mut self, limit: Duration, now: Duration) -> bool {
        let begun = *self.begun.get_or_insert(now);
        let is_late = now.saturating_sub(begun) >= TOOLS.min(limit / 2);
        let warn = is_late && !self.tools_seen && !self.warned;
        self.warned |= warn;
        warn
    }
}

/// Whether a later try may go better: a guest that starts refuses connections, and has no agent yet.
fn is_passing(error: &XcpngError) -> bool {
    match error {
        XcpngError::Ssh(SshError::TimedOut { .. }) => true,
        XcpngError::Ssh(error) => error.is_transient(),
        XcpngError::Hello { source, .. } => !matches!(
            source,
            ProtocolError::Hello(bioxen_agent::HelloError::UnsupportedVersion { .. })
        ),
        _ => false,
    }
}
