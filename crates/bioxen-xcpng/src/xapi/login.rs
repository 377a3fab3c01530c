//! Logging in: once for all threads, at the master, wherever that is.

use std::time::Duration;

use bioxen_core::Secret;
use parking_lot::MutexGuard;

use super::call::Bounds;
use super::host::HostRecord;
use super::session::{Session, Shared, State};
use crate::error::XapiError;
use crate::https::{Endpoint, Reach, TransportErrorKind};
use crate::value::Value;

/// How long the login of another thread is waited for before deadline and token are looked at.
const SLICE: Duration = Duration::from_millis(50);

impl Shared {
    /// The session, made if there is none, and who is asked.
    pub(super) fn session(&self, bounds: Bounds<'_>) -> Result<(Session, Endpoint), XapiError> {
        loop {
            let number = {
                let state = self.state.lock();
                if state.closed {
                    return Err(XapiError::Closed);
                }
                if let Some(session) = &state.session {
                    return Ok((session.clone(), state.target.clone()));
                }
                state.sessions
            };
            self.renew(number, bounds)?;
        }
    }

    /// Logs in unless another thread did since session `stale`.
    pub(super) fn renew(&self, stale: u64, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let _turn = self.login_turn(bounds)?;
        if self.is_newer(stale) {
            return Ok(());
        }
        self.log_in(bounds)
    }

    /// Logs in at a new master unless another thread logged in since session `stale`.
    pub(super) fn follow(
        &self,
        stale: u64,
        to: Endpoint,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let _turn = self.login_turn(bounds)?;
        if self.is_newer(stale) {
            return Ok(());
        }
        let old = {
            let mut state = self.state.lock();
            state.target = to;
            state.session.clone()
        };
        self.log_in(bounds)?;
        if let Some(old) = old {
            let at = self.state.lock().target.clone();
            self.leave(&at, &old.reference, bounds);
        }
        Ok(())
    }

    fn is_newer(&self, stale: u64) -> bool {
        let state = self.state.lock();
        state.sessions > stale && state.session.is_some()
    }

    fn login_turn(&self, bounds: Bounds<'_>) -> Result<MutexGuard<'_, ()>, XapiError> {
        loop {
            bounds.check(&*self.timer)?;
            if let Some(turn) = self.login.try_lock_for(SLICE) {
                return Ok(turn);
            }
        }
    }

    /// Asks another member from now on, if there is one.
    pub(super) fn turn_from(&self, target: &Endpoint) {
        let mut state = self.state.lock();
        let all = self.known(&state);
        if state.target == *target
            && let Some(at) = all.iter().position(|known| known == target)
        {
            state.target = all[(at + 1) % all.len()].clone();
        }
    }

    /// Asks a certain member from now on.
    pub(super) fn turn_to(&self, target: Endpoint) {
        self.state.lock().target = target;
    }

    /// All who may be asked, in an order that stays.
    fn known(&self, state: &State) -> Vec<Endpoint> {
        let members = state.members.iter();
        let members = members.filter_map(|host| state.target.at_host(host).ok());
        let mut once: Vec<Endpoint> = Vec::new();
        for known in self.options.endpoints.iter().cloned().chain(members) {
            if !once.contains(&known) {
                once.push(known);
            }
        }
        once
    }

    /// All who may be asked, the present one first.
    fn candidates(&self) -> Vec<Endpoint> {
        let state = self.state.lock();
        let mut all = self.known(&state);
        all.retain(|known| *known != state.target);
        all.insert(0, state.target.clone());
        all
    }

    fn log_in(&self, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let bounds = bounds.step("the login", self.options.limits.login, &*self.timer);
        if self.state.lock().closed {
            return Err(XapiError::Closed);
        }
        self.write_down()?;
        let done = self.log_in_somewhere(bounds);
        if done.is_err() && self.state.lock().session.is_none() {
            self.cross_out()?;
        }
        done
    }

    fn log_in_somewhere(&self, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let mut last = XapiError::NoEndpoint;
        for candidate in self.candidates() {
            match self.log_in_near(candidate, bounds) {
                Ok(()) => return Ok(()),
                Err(error) if is_out_of_reach(&error) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// Logs in at a server, or at the one it names.
    fn log_in_near(&self, first: Endpoint, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let mut asked = vec![first];
        loop {
            let at = &asked[asked.len() - 1];
            match self.log_in_at(at, bounds) {
                Ok(reference) => {
                    let at = at.clone();
                    return self.begin(reference, at, bounds);
                }
                Err(error) if error.is("HOST_IS_SLAVE") => {
                    let to = self.redirect(&error, at, &asked)?;
                    asked.push(to);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Logs in at a certain server; the try is repeated as other calls are that may be.
    fn log_in_at(&self, at: &Endpoint, bounds: Bounds<'_>) -> Result<Secret, XapiError> {
        const METHOD: &str = "session.login_with_password";
        let params = || {
            vec![
                Value::text(self.options.user.as_str()),
                Value::Hidden(self.options.password.clone()),
                Value::text("1.0"),
                Value::text(self.options.originator.as_str()),
            ]
        };
        let mut again = true;
        loop {
            let error = match self.once(at, METHOD, params(), true, bounds) {
                Ok(Value::Text(reference)) if !reference.is_empty() => {
                    return Ok(Secret::new(reference));
                }
                Ok(other) => {
                    return super::call::understand(METHOD, &other, |value| {
                        value.as_ref::<crate::value::Task>().map(|_| ())
                    })
                    .and(Err(XapiError::SessionLost));
                }
                Err(error) => error,
            };
            let lost = matches!(&error, XapiError::Transport { source, .. } if source.is_passing() && !is_out_of_reach(&error));
            if !(lost && again) {
                return Err(error);
            }
            again = false;
            let pause = self.jitter.lock().pause(1);
            if bounds.pause(pause, &*self.timer).is_err() {
                return Err(error);
            }
        }
    }

    /// Takes a session into use, and remembers the members of its pool.
    fn begin(&self, reference: Secret, at: Endpoint, bounds: Bounds<'_>) -> Result<(), XapiError> {
        self.write_session(&at, &reference, bounds)?;
        let members = self.members_at(&at, &reference, bounds);
        let closed = {
            let mut state = self.state.lock();
            state.sessions += 1;
            state.session = Some(Session {
                reference,
                number: state.sessions,
            });
            state.target = at;
            state.members.extend(members);
            state.closed
        };
        if closed {
            // Closed while this thread logged in.
            self.close()?;
            return Err(XapiError::Closed);
        }
        Ok(())
    }

    /// Addresses of all hosts of a pool; without them, a change of the master cannot be followed, and that is all.
    fn members_at(&self, at: &Endpoint, reference: &Secret, bounds: Bounds<'_>) -> Vec<String> {
        const METHOD: &str = "host.get_all_records";
        let session = Value::Hidden(reference.clone());
        self.once(at, METHOD, vec![session], true, bounds)
            .and_then(|records| {
                super::call::understand(METHOD, &records, |records| {
                    records.as_map(HostRecord::read)
                })
            })
            .map(|hosts| {
                hosts
                    .into_values()
                    .filter_map(|host| Some(at.at_host(&host.address).ok()?.host().to_owned()))
                    .collect()
            })
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "the members of the pool are not known");
                Vec::new()
            })
    }
}

/// Whether a server cannot be reached at all, so that another one may be asked.
fn is_out_of_reach(error: &XapiError) -> bool {
    matches!(
        error,
        XapiError::Transport { source, .. }
            if source.reach() == Reach::NotSent
                && !matches!(
                    source.kind(),
                    TransportErrorKind::Certificate { .. } | TransportErrorKind::Tls
                )
    )
}
