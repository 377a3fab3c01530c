//! A connection to a pool: one session, shared by all who hold the handle.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use bioxen_core::{CancelToken, Secret};
use parking_lot::Mutex;

use super::call::{Bounds, Jitter};
use super::options::{XapiLimits, XapiOptions};
use super::own::Written;
use crate::codec::{Codec, XmlRpc};
use crate::error::XapiError;
use crate::https::{Dial, Endpoint, HttpsDial, Transport};
use crate::wait::{Deadline, Timer};

/// A connection to a pool.
///
/// Clones share one session, which ends with [`close`](Self::close) or with the last of them.
/// Calls of several threads run beside each other.
#[derive(Clone)]
pub struct Xapi {
    pub(super) shared: Arc<Shared>,
}

/// What clones share.
pub(super) struct Shared {
    pub(super) options: XapiOptions,
    pub(super) dial: Box<dyn Dial>,
    pub(super) timer: Arc<dyn Timer>,
    pub(super) codec: Box<dyn Codec>,
    pub(super) jitter: Mutex<Jitter>,
    pub(super) state: Mutex<State>,
    /// Held by the one who logs in for all; never while `state` is.
    pub(super) login: Mutex<()>,
    /// What is written down of the sessions.
    pub(super) written: Mutex<Written>,
    /// Connections that nobody uses just now.
    pub(super) idle: Mutex<Vec<(Endpoint, Box<dyn Transport>)>>,
}

/// What changes.
pub(super) struct State {
    pub(super) session: Option<Session>,
    /// Who is asked.
    pub(super) target: Endpoint,
    /// Hosts of the pool.
    pub(super) members: BTreeSet<String>,
    pub(super) closed: bool,
    /// How many sessions there were.
    pub(super) sessions: u64,
}

/// A session.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) reference: Secret,
    /// Which one it is, counted from 1.
    pub(super) number: u64,
}

impl Xapi {
    /// How many connections are kept for later calls.
    pub(super) const MOST_IDLE: usize = 4;

    /// Logs in over HTTPS.
    ///
    /// To be able to call it off, give an [`HttpsDial`] to [`connect_through`](Self::connect_through).
    ///
    /// # Errors
    ///
    /// [`XapiError`] if there is nobody to trust, or if the login fails.
    pub fn connect(options: XapiOptions, timer: Arc<dyn Timer>) -> Result<Self, XapiError> {
        let dial = HttpsDial::new(
            options.trust.clone(),
            options.limits.https,
            Arc::clone(&timer),
        )?;
        Self::connect_through(options, Box::new(dial), timer, &CancelToken::new())
    }

    /// Logs in through connections of the caller's choice; the trust of the options is not asked.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the login fails.
    pub fn connect_through(
        options: XapiOptions,
        dial: Box<dyn Dial>,
        timer: Arc<dyn Timer>,
        cancel: &CancelToken,
    ) -> Result<Self, XapiError> {
        let target = options
            .endpoints
            .first()
            .ok_or(XapiError::NoEndpoint)?
            .clone();
        let members = options
            .endpoints
            .iter()
            .map(|endpoint| endpoint.host().to_owned())
            .chain(options.known_members.iter().filter_map(|host| {
                // In the form in which endpoints have it.
                Some(target.at_host(host).ok()?.host().to_owned())
            }))
            .collect();
        let xapi = Self {
            shared: Arc::new(Shared {
                dial,
                codec: Box::new(XmlRpc::new(options.limits.https.body)),
                jitter: Mutex::new(Jitter::new(options.jitter)),
                state: Mutex::new(State {
                    session: None,
                    target,
                    members,
                    closed: false,
                    sessions: 0,
                }),
                login: Mutex::new(()),
                written: Mutex::new(Written::default()),
                idle: Mutex::new(Vec::new()),
                options,
                timer,
            }),
        };
        let whole = xapi.bounds("the login", xapi.limits().login, cancel);
        xapi.shared.renew(0, whole)?;
        Ok(xapi)
    }

    /// Ends the session; later calls of all clones are refused.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server did not confirm it; it ends idle sessions after a day by itself.
    pub fn close(&self) -> Result<(), XapiError> {
        self.shared.close()
    }

    /// Limits of steps.
    pub fn limits(&self) -> &XapiLimits {
        &self.shared.options.limits
    }

    /// The clock that is asked.
    pub fn timer(&self) -> &Arc<dyn Timer> {
        &self.shared.timer
    }

    /// Who is asked: the master of the pool, as far as is known.
    pub fn endpoint(&self) -> Endpoint {
        self.shared.state.lock().target.clone()
    }

    /// Hosts that may be asked when one of them is the master.
    pub fn members(&self) -> Vec<String> {
        self.shared.state.lock().members.iter().cloned().collect()
    }

    /// A limit that begins now.
    pub fn bounds<'a>(
        &self,
        step: &'static str,
        limit: std::time::Duration,
        cancel: &'a CancelToken,
    ) -> Bounds<'a> {
        Bounds {
            deadline: Deadline::new(step, limit, &*self.shared.timer),
            cancel,
        }
    }
}

impl Shared {
    pub(super) fn close(&self) -> Result<(), XapiError> {
        // Whoever logs in just now finds the flag afterwards.
        let (session, target) = {
            let mut state = self.state.lock();
            state.closed = true;
            (state.session.take(), state.target.clone())
        };
        let Some(session) = session else {
            self.idle.lock().clear();
            return self.cross_out();
        };
        let token = CancelToken::new();
        let bounds = Bounds {
            deadline: Deadline::new("the logout", self.options.limits.logout, &*self.timer),
            cancel: &token,
        };
        let done = self.log_out(target, &session.reference, bounds);
        self.idle.lock().clear();
        if let Err(error) = done {
            // What is left is in the journal.
            self.written.lock().entry = None;
            return Err(error);
        }
        self.cross_out()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the session is left to the server");
        }
    }
}

impl fmt::Debug for Xapi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xapi")
            .field("endpoint", &self.endpoint())
            .field("user", &self.shared.options.user)
            .finish_non_exhaustive()
    }
}
