//! A pool and its clients in virtual time: no socket, no thread, no clock.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{CancelToken, Secret};
use bioxen_testbed::TEMPLATE;
use bioxen_testbed::xapi::{
    Answer, Census, DataModel, Delivery, Fault, HostSpec, Plan, Pool, PoolSpec, TemplateSpec,
    Ticket,
};
use bioxen_xcpng::xapi::NameOrUuid;
use bioxen_xcpng::{
    CertificatePin, Deadline, Dial, Endpoint, PlainHttp, Reach, SshAuth, SshOptions, Timer,
    Transport, TransportError, TransportErrorKind, Trust, Xapi, XapiOptions, XcpngError,
    XcpngOptions, XcpngPool,
};
use parking_lot::Mutex;

/// Addresses of the hosts of the pool, the first master first.
pub(super) const HOSTS: [&str; 2] = ["127.0.0.1", "127.0.0.2"];

type Action = Box<dyn FnOnce(&mut Pool) + Send>;

/// A pool, and the time in it; clones are the same one.
#[derive(Clone)]
pub(super) struct World(Arc<Mutex<Inner>>);

struct Inner {
    pool: Pool,
    now: Duration,
    /// How far the clock on the wall is ahead.
    wall: Duration,
    /// Connections that are still to be refused.
    refuses: u32,
    /// Who is called off, and when.
    cancel: Option<(Duration, CancelToken)>,
    /// Calls that were run and whose answers did not arrive, by name.
    lost: BTreeMap<String, usize>,
    /// Calls that succeeded and whose answers arrived, by name.
    told: BTreeMap<String, usize>,
    /// Most sessions that were open at a time.
    most_sessions: usize,
    calls: u64,
    /// What happens at a time.
    later: Option<(Duration, Action)>,
    /// When the first fault was met.
    met_at: Option<Duration>,
    /// After so many calls another host is the master.
    master: Option<(u64, usize)>,
    /// After so many calls the client is cut off for good.
    dead_after: Option<u64>,
}

impl World {
    /// A pool of two hosts with one template.
    pub(super) fn new(model: &DataModel, seed: u64) -> Self {
        Self::with(model, seed, vec![TemplateSpec::new(TEMPLATE)])
    }

    /// A pool of two hosts with templates of choice.
    pub(super) fn with(model: &DataModel, seed: u64, templates: Vec<TemplateSpec>) -> Self {
        let spec = PoolSpec {
            seed,
            hosts: HOSTS
                .iter()
                .zip(["xcp-1", "xcp-2"])
                .map(|(address, name)| HostSpec::new(name, address))
                .collect(),
            templates,
            ..PoolSpec::default()
        };
        Self(Arc::new(Mutex::new(Inner {
            pool: Pool::with_model(&spec, model).expect("a pool"),
            now: Duration::ZERO,
            wall: Duration::ZERO,
            refuses: 0,
            cancel: None,
            lost: BTreeMap::new(),
            told: BTreeMap::new(),
            most_sessions: 0,
            calls: 0,
            later: None,
            met_at: None,
            master: None,
            dead_after: None,
        })))
    }

    /// What a client of it is told, but for its state folder.
    pub(super) fn options(&self, state: &std::path::Path) -> XcpngOptions {
        let url = format!("http://{}:80", HOSTS[0]);
        let xapi = XapiOptions::new(
            Endpoint::parse(&url, PlainHttp::AllowedLoudly).expect("a URL"),
            "root",
            Secret::new("password".to_owned()),
            Trust::Insecure,
        );
        // No guest is met here.
        let ssh = SshOptions::new("nobody", SshAuth::Password(Secret::new("none".to_owned())));
        XcpngOptions::new(xapi, ssh, NameOrUuid::from(TEMPLATE), state)
    }

    pub(super) fn connect(&self, options: XcpngOptions) -> Result<XcpngPool, XcpngError> {
        let dial = Box::new(self.clone());
        XcpngPool::connect_through(options, Arc::new(self.clone()), |options, timer| {
            let xapi = options.xapi.clone();
            Ok(Xapi::connect_through(xapi, dial, timer, &options.cancel)?)
        })
    }

    pub(super) fn pool<T>(&self, look: impl FnOnce(&mut Pool) -> T) -> T {
        look(&mut self.0.lock().pool)
    }

    pub(super) fn set_plan(&self, plan: Plan) {
        let mut inner = self.0.lock();
        inner.refuses = 0;
        inner.pool.set_plan(plan);
    }

    /// Raises a token once the time has come.
    pub(super) fn cancel_at(&self, at: Duration, token: CancelToken) {
        self.0.lock().cancel = Some((at, token));
    }

    /// Cuts all clients off after so many more calls; `None` lets them call.
    pub(super) fn dead_after(&self, calls: Option<u64>) {
        let mut inner = self.0.lock();
        inner.dead_after = calls.map(|more| inner.calls + more);
    }

    /// Has something happen after a time.
    pub(super) fn later(&self, span: Duration, action: impl FnOnce(&mut Pool) + Send + 'static) {
        let mut inner = self.0.lock();
        inner.later = Some((inner.now + span, Box::new(action)));
    }

    /// Makes another host the master after so many more calls.
    pub(super) fn master_after(&self, calls: u64, host: usize) {
        let mut inner = self.0.lock();
        inner.master = Some((inner.calls + calls, host));
    }

    /// How long ago the first fault was met.
    pub(super) fn since_met(&self) -> Option<Duration> {
        let inner = self.0.lock();
        Some(inner.now.saturating_sub(inner.met_at?))
    }

    pub(super) fn pass(&self, span: Duration) {
        self.0.lock().pass(span);
    }

    pub(super) fn jump_wall(&self, ahead: Duration) {
        self.0.lock().wall = ahead;
    }

    pub(super) fn census(&self) -> Census {
        self.0.lock().pool.census()
    }

    pub(super) fn most_sessions(&self) -> usize {
        self.0.lock().most_sessions
    }

    /// Sessions and tasks of which their clients cannot know by which name to find them again.
    pub(super) fn nameless(&self) -> (usize, usize) {
        let told = |call: &str| self.0.lock().told.get(call).copied().unwrap_or(0);
        let login = "session.login_with_password";
        let unnamed = told(login).saturating_sub(told("session.get_uuid"));
        let tasks = self.lost(|call| call.starts_with("Async."));
        (self.lost(|call| call == login) + unnamed, tasks)
    }

    /// Calls that were run and whose answers did not arrive.
    fn lost(&self, is: impl Fn(&str) -> bool) -> usize {
        let inner = self.0.lock();
        let lost = inner.lost.iter().filter(|(call, _)| is(call));
        lost.map(|(_, count)| count).sum()
    }
}

impl Inner {
    fn pass(&mut self, span: Duration) {
        self.now = self.now.saturating_add(span);
        self.pool.advance(self.now);
        if let Some((_, action)) = self.later.take_if(|(at, _)| *at <= self.now) {
            action(&mut self.pool);
        }
        if let Some((at, token)) = &self.cancel
            && *at <= self.now
        {
            token.cancel();
        }
    }

    /// Lets time pass, or less of it if a token is raised meanwhile.
    fn pass_unless(&mut self, span: Duration, cancel: &CancelToken) {
        let end = self.now.saturating_add(span);
        let first = self.raised_before(end);
        self.pass(first.saturating_sub(self.now));
        if !cancel.is_cancelled() {
            self.pass(end.saturating_sub(self.now));
        }
    }

    fn wait_for(&mut self, ticket: Ticket, end: Duration, cancel: &CancelToken) -> Option<Vec<u8>> {
        for until in [self.raised_before(end), end] {
            let (now, answer) = self.pool.wait_for(ticket, until);
            self.pass(now.saturating_sub(self.now));
            if answer.is_some() {
                return answer;
            }
            if cancel.is_cancelled() {
                break;
            }
        }
        self.pool.give_up(ticket);
        None
    }

    /// When a token is raised, or the end if that comes before.
    fn raised_before(&self, end: Duration) -> Duration {
        let raised = self.cancel.as_ref().map_or(end, |(at, _)| *at);
        raised.max(self.now).min(end)
    }

    fn post(
        &mut self,
        host: usize,
        fresh: bool,
        body: &[u8],
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<Vec<u8>, TransportError> {
        let unsent = |kind| Err(TransportError::new(kind, Reach::NotSent));
        let sent = |kind| Err(TransportError::new(kind, Reach::Unknown));
        let end = self.now.saturating_add(left(deadline, self));
        if cancel.is_cancelled() {
            return unsent(TransportErrorKind::Cancelled);
        }
        if self.dead_after.is_some_and(|most| self.calls >= most) {
            return unsent(TransportErrorKind::Tls);
        }
        if fresh {
            match self.pool.connect() {
                Some(Fault::WrongCertificate) => {
                    return unsent(TransportErrorKind::Certificate {
                        fingerprint: CertificatePin::of_der(b"another"),
                    });
                }
                Some(_) => return unsent(TransportErrorKind::Connect),
                None if self.refuses > 0 => {
                    self.refuses -= 1;
                    return unsent(TransportErrorKind::Connect);
                }
                None => {}
            }
        }
        self.calls += 1;
        self.pass(Duration::from_millis(1));
        if let Some((_, master)) = self.master.take_if(|(at, _)| self.calls >= *at) {
            self.pool.set_master(master);
        }
        let before = self.now;
        let handled = self.pool.handle(self.now, host, body);
        if !self.pool.plan().met().is_empty() {
            self.met_at.get_or_insert(before);
        }
        let Ok(exchange) = handled else {
            return sent(TransportErrorKind::Status { code: 500 });
        };
        self.most_sessions = self.most_sessions.max(self.pool.session_count());
        let ran = exchange.answer != Answer::Never;
        let answer = match exchange.answer {
            Answer::Now(answer) => Some(answer),
            Answer::Never => None,
            Answer::Later(ticket) => self.wait_for(ticket, end, cancel),
        };
        if ran && (exchange.delivery != Delivery::Whole || answer.is_none()) {
            *self.lost.entry(name_of(body)).or_default() += 1;
        }
        let waits = |world: &mut Self| {
            world.pass_unless(end.saturating_sub(world.now), cancel);
            match cancel.is_cancelled() {
                true => sent(TransportErrorKind::Cancelled),
                false => sent(TransportErrorKind::Overdue(deadline.overdue())),
            }
        };
        let Some(answer) = answer else {
            return match exchange.delivery {
                Delivery::Whole | Delivery::Silence => waits(self),
                Delivery::Refuse(more) => {
                    self.refuses = more;
                    sent(TransportErrorKind::Reset)
                }
                Delivery::Unavailable => sent(TransportErrorKind::Status { code: 503 }),
                _ => sent(TransportErrorKind::Reset),
            };
        };
        match exchange.delivery {
            Delivery::Whole => Ok(answer),
            Delivery::Silence => waits(self),
            Delivery::Reset => sent(TransportErrorKind::Reset),
            Delivery::Refuse(more) => {
                self.refuses = more;
                sent(TransportErrorKind::Reset)
            }
            Delivery::Drip => {
                let takes = Duration::from_secs(u64::try_from(answer.len()).unwrap_or(u64::MAX));
                if self.now.saturating_add(takes) >= end {
                    return waits(self);
                }
                self.pass_unless(takes, cancel);
                match cancel.is_cancelled() {
                    true => sent(TransportErrorKind::Cancelled),
                    false => Ok(answer),
                }
            }
            Delivery::Cut(_) => sent(TransportErrorKind::Cut),
            Delivery::Garbage => Ok(b"}{ this is not what you asked for".to_vec()),
            Delivery::Huge(_) => sent(TransportErrorKind::TooLong { limit: 1 << 26 }),
            Delivery::Unavailable => sent(TransportErrorKind::Status { code: 503 }),
        }
    }
}

/// What is left of a deadline, as its own clock has it.
fn left(deadline: Deadline, inner: &Inner) -> Duration {
    #[derive(Debug)]
    struct Now(Duration);
    impl Timer for Now {
        fn now(&self) -> Duration {
            self.0
        }
        fn wait(&self, _: Duration, _: &CancelToken) {}
    }
    deadline.left(&Now(inner.now)).unwrap_or(Duration::ZERO)
}

/// The name of a call.
fn name_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let after = text.split_once("<methodName>").map(|(_, after)| after);
    let name = after.and_then(|after| after.split_once("</methodName>"));
    name.map(|(name, _)| name.to_owned()).unwrap_or_default()
}

impl Timer for World {
    fn now(&self) -> Duration {
        self.0.lock().now
    }

    fn unix_millis(&self) -> u64 {
        let inner = self.0.lock();
        u64::try_from((inner.now + inner.wall).as_millis()).unwrap_or(u64::MAX)
    }

    fn wait(&self, span: Duration, cancel: &CancelToken) {
        let mut inner = self.0.lock();
        if cancel.is_cancelled() {
            return;
        }
        inner.pass_unless(span, cancel);
    }
}

impl Dial for World {
    fn open(&self, endpoint: &Endpoint) -> Result<Box<dyn Transport>, TransportError> {
        let host = HOSTS.iter().position(|host| *host == endpoint.host());
        let refused = || TransportError::new(TransportErrorKind::Connect, Reach::NotSent);
        Ok(Box::new(Line {
            world: self.clone(),
            host: host.ok_or_else(refused)?,
            fresh: true,
        }))
    }

    fn recognizes_servers(&self) -> bool {
        false
    }
}

/// A connection.
#[derive(Debug)]
struct Line {
    world: World,
    host: usize,
    fresh: bool,
}

impl Transport for Line {
    fn post(
        &mut self,
        body: &[u8],
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<Vec<u8>, TransportError> {
        let fresh = std::mem::take(&mut self.fresh);
        let mut inner = self.world.0.lock();
        let answer = inner.post(self.host, fresh, body, deadline, cancel);
        let success = |answer: &Vec<u8>| String::from_utf8_lossy(answer).contains(">Success<");
        if answer.as_ref().is_ok_and(success) {
            *inner.told.entry(name_of(body)).or_default() += 1;
        }
        self.fresh = answer.is_err();
        answer
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}
