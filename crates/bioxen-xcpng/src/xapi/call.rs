//! One call: what is repeated, and what is not.

use std::time::Duration;

use bioxen_core::CancelToken;

use super::failure::{Failure, FailureClass};
use super::session::{Shared, Xapi};
use crate::codec::Reply;
use crate::error::{RedirectProblem, XapiError};
use crate::https::{Endpoint, Reach, Transport, TransportError, TransportErrorKind};
use crate::value::{Value, ValueError};
use crate::wait::{Deadline, Timer};

/// Whether a call may be done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing, or the second time changes nothing more.
    Harmless,
    /// No: if its answer is lost, its outcome is unknown.
    Never,
}

/// Until when something may take, and who may call it off.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// Until when.
    pub deadline: Deadline,
    /// Who may call it off.
    pub cancel: &'a CancelToken,
}

impl<'a> Bounds<'a> {
    /// A limit that someone may cut short.
    pub fn new(deadline: Deadline, cancel: &'a CancelToken) -> Self {
        Self { deadline, cancel }
    }

    /// Bounds of a step that begins now and is part of this.
    #[must_use]
    pub fn step(self, step: &'static str, limit: Duration, timer: &dyn Timer) -> Self {
        Self {
            deadline: Deadline::new(step, limit, timer).within(self.deadline),
            ..self
        }
    }

    /// Whether to go on, and for how long at most.
    ///
    /// # Errors
    ///
    /// [`XapiError::Cancelled`] or [`XapiError::Overdue`] if not.
    pub fn check(self, timer: &dyn Timer) -> Result<Duration, XapiError> {
        if self.cancel.is_cancelled() {
            return Err(XapiError::Cancelled);
        }
        Ok(self.deadline.left(timer)?)
    }

    /// Lets a span pass.
    ///
    /// # Errors
    ///
    /// [`XapiError::Cancelled`] or [`XapiError::Overdue`] if it did not pass as a whole, or nothing is left after it.
    pub fn pause(self, span: Duration, timer: &dyn Timer) -> Result<(), XapiError> {
        let left = self.check(timer)?;
        timer.wait(span.min(left), self.cancel);
        self.check(timer).map(drop)
    }
}

/// How often a call that may be repeated is tried.
const TRIES: u32 = 3;

impl Xapi {
    /// Makes a call with the session before its parameters.
    ///
    /// It logs in again if the session has ended, and asks the new master if there is one.
    /// Integers are sent as [text](Value::int); parameters that have defaults are better left out, since older servers count them.
    ///
    /// # Errors
    ///
    /// [`XapiError`]: [`OutcomeUnknown`](XapiError::OutcomeUnknown) if the call must not be repeated and no answer came.
    pub fn call(
        &self,
        method: &str,
        params: Vec<Value>,
        repeat: Repeat,
        bounds: Bounds<'_>,
    ) -> Result<Value, XapiError> {
        let limit = self.limits().call;
        self.shared.call(method, &params, repeat, limit, bounds)
    }

    /// Makes a call whose answer is nothing.
    pub(super) fn tell(
        &self,
        method: &str,
        params: Vec<Value>,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        self.call(method, params, Repeat::Harmless, bounds)
            .map(drop)
    }

    /// Makes a call that changes nothing, and reads the answer.
    pub(super) fn ask<T>(
        &self,
        method: &str,
        params: Vec<Value>,
        bounds: Bounds<'_>,
        read: impl FnOnce(&Value) -> Result<T, ValueError>,
    ) -> Result<T, XapiError> {
        let value = self.call(method, params, Repeat::Harmless, bounds)?;
        understand(method, &value, read)
    }
}

/// Reads an answer.
pub(super) fn understand<T>(
    method: &str,
    value: &Value,
    read: impl FnOnce(&Value) -> Result<T, ValueError>,
) -> Result<T, XapiError> {
    read(value).map_err(|source| XapiError::Value {
        call: method.to_owned(),
        source,
    })
}

impl Shared {
    /// Makes a call, each try no longer than `limit`.
    pub(super) fn call(
        &self,
        method: &str,
        params: &[Value],
        repeat: Repeat,
        limit: Duration,
        bounds: Bounds<'_>,
    ) -> Result<Value, XapiError> {
        let mut tries = 0;
        let mut logged_in_again = false;
        let mut asked: Vec<Endpoint> = Vec::new();
        // The master that does not answer, as far as is known.
        let mut silent: Option<Endpoint> = None;
        loop {
            bounds.check(&*self.timer)?;
            let (session, target) = self.session(bounds)?;
            let mut all = vec![Value::Hidden(session.reference.clone())];
            all.extend_from_slice(params);
            let step = bounds.step("the call", limit, &*self.timer);
            let harmless = repeat == Repeat::Harmless;
            let error = match self.once(&target, method, all, harmless, step) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            match error.failure().map(Failure::class) {
                Some(FailureClass::LogInAgain) if logged_in_again => {
                    return Err(XapiError::SessionLost);
                }
                Some(FailureClass::LogInAgain) => {
                    tracing::debug!(%target, "the session has ended");
                    logged_in_again = true;
                    self.renew(session.number, bounds)?;
                }
                Some(FailureClass::GoElsewhere) => {
                    asked.push(target.clone());
                    let to = self.redirect(&error, &target, &asked)?;
                    if silent.as_ref() == Some(&to) {
                        // It may be back, and the session with it.
                        asked.clear();
                        self.turn_to(to);
                    } else {
                        self.follow(session.number, to, bounds)?;
                    }
                }
                Some(_) => return Err(error),
                None => {
                    tries += 1;
                    let Some(pause) = self.pause_before_next(&error, harmless, tries) else {
                        return Err(error);
                    };
                    tracing::debug!(%error, method, tries, "trying again");
                    if let XapiError::Transport { source, .. } = &error
                        && source.reach() == Reach::NotSent
                    {
                        self.turn_from(&target);
                        silent = Some(target);
                    }
                    match bounds.pause(pause, &*self.timer) {
                        Ok(()) => {}
                        Err(XapiError::Cancelled) => return Err(XapiError::Cancelled),
                        Err(_) => return Err(error),
                    }
                }
            }
        }
    }

    /// How long to wait before a call is tried again, if it may be.
    pub(super) fn pause_before_next(
        &self,
        error: &XapiError,
        harmless: bool,
        tries: u32,
    ) -> Option<Duration> {
        let XapiError::Transport { source, .. } = error else {
            // An answer that cannot be read may be garbage of the way.
            let garbled = harmless && matches!(error, XapiError::Unreadable { .. });
            return (garbled && tries < TRIES).then(|| self.jitter.lock().pause(tries));
        };
        let again = source.is_passing() && tries < TRIES;
        // Of a call that must not be repeated, only errors of calls that did not leave come here.
        again.then(|| match source.kind() {
            TransportErrorKind::Stale => Duration::ZERO,
            _ => self.jitter.lock().pause(tries),
        })
    }

    /// Makes a call at a certain server, once.
    pub(super) fn once(
        &self,
        target: &Endpoint,
        method: &str,
        params: Vec<Value>,
        harmless: bool,
        bounds: Bounds<'_>,
    ) -> Result<Value, XapiError> {
        let unless_harmless = |error: XapiError| match harmless {
            true => error,
            false => error.unknown(method),
        };
        let body = self.codec.encode(method, &params);
        let body = body.map_err(|source| XapiError::Unwritable {
            call: method.to_owned(),
            source,
        })?;
        // It may hold the password.
        let body = zeroize::Zeroizing::new(body);
        let on_the_way = |error| XapiError::on_the_way(method, error, harmless);
        let mut transport = self.take_transport(target, harmless).map_err(on_the_way)?;
        let answer = transport
            .post(&body, bounds.deadline, bounds.cancel)
            .map_err(on_the_way)?;
        self.keep_transport(target, transport);
        let reply = self.codec.decode(&answer).map_err(|source| {
            unless_harmless(XapiError::Unreadable {
                call: method.to_owned(),
                source,
            })
        })?;
        let secrets: Vec<&str> = params
            .iter()
            .filter_map(|param| match param {
                Value::Hidden(secret) => Some(secret.expose()),
                _ => None,
            })
            // A server may repeat what it was told in an earlier call.
            .chain([self.options.password.expose()])
            .collect();
        match open(reply) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(failure)) => Err(XapiError::Failure {
                call: method.to_owned(),
                source: failure.without(&secrets, self.options.password.expose()),
            }),
            Err(source) => Err(unless_harmless(XapiError::Value {
                call: method.to_owned(),
                source,
            })),
        }
    }

    /// A connection for a call.
    ///
    /// One that was kept may be closed by the server just when it is used, and nobody knows then whether the call was done; a call that must not be repeated gets a new one.
    fn take_transport(
        &self,
        target: &Endpoint,
        harmless: bool,
    ) -> Result<Box<dyn Transport>, TransportError> {
        let kept = {
            let mut idle = self.idle.lock();
            let place = idle
                .iter()
                .rposition(|(endpoint, _)| endpoint == target)
                .filter(|_| harmless);
            place.map(|at| idle.swap_remove(at).1)
        };
        kept.map_or_else(|| self.dial.open(target), Ok)
    }

    fn keep_transport(&self, target: &Endpoint, transport: Box<dyn Transport>) {
        let mut idle = self.idle.lock();
        idle.retain(|(endpoint, _)| endpoint == target);
        if idle.len() < Xapi::MOST_IDLE {
            idle.push((target.clone(), transport));
        }
    }

    /// Whom a member sends elsewhere.
    pub(super) fn redirect(
        &self,
        error: &XapiError,
        from: &Endpoint,
        asked: &[Endpoint],
    ) -> Result<Endpoint, XapiError> {
        let address = error
            .failure()
            .and_then(|failure| failure.param(0))
            .unwrap_or_default();
        let refuse = |reason| XapiError::Redirect {
            address: address
                .chars()
                .filter(|c| !c.is_control())
                .take(100)
                .collect(),
            reason,
        };
        let to = from
            .at_host(address)
            .map_err(|error| refuse(RedirectProblem::Invalid(error)))?;
        if asked.contains(&to) {
            return Err(refuse(RedirectProblem::Loop));
        }
        if asked.len() > Self::MOST_HOPS {
            return Err(refuse(RedirectProblem::TooMany));
        }
        let known = self.state.lock().members.contains(to.host());
        if !known && !self.dial.recognizes_servers() {
            return Err(refuse(RedirectProblem::Unknown));
        }
        tracing::info!(%from, %to, "the master of the pool is another host");
        Ok(to)
    }

    /// How often in a row a master is looked for elsewhere.
    const MOST_HOPS: usize = 2;
}

/// Takes the envelope off an answer.
fn open(reply: Reply) -> Result<Result<Value, Failure>, ValueError> {
    let value = match reply {
        Reply::Value(value) => value,
        Reply::Fault(fault) => {
            let text = fault.as_record()?.text("faultString")?;
            return Ok(Err(Failure::new(["XML-RPC fault".to_owned(), text])));
        }
    };
    let Value::Struct(mut members) = value else {
        return value.as_record().map(|_| Ok(Value::text("")));
    };
    let envelope = Value::Struct(std::mem::take(&mut members));
    let record = envelope.as_record()?;
    let status = record.required("Status", |status| status.as_text().map(str::to_owned))?;
    match status.as_str() {
        "Success" => {
            record.required("Value", |_| Ok(()))?;
            let Value::Struct(mut members) = envelope else {
                return Ok(Ok(Value::text("")));
            };
            Ok(Ok(members.remove("Value").unwrap_or(Value::text(""))))
        }
        "Failure" => record
            .required("ErrorDescription", |description| {
                description.as_set(|item| item.as_text().map(str::to_owned))
            })
            .map(|description| Err(Failure::new(description))),
        _ => Err(ValueError {
            path: "Status".to_owned(),
            wanted: "Success or Failure",
            found: "another text",
        }),
    }
}

/// Pauses between tries, of random length so that many clients do not come back together.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    const SHORTEST: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(5);

    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Before the try after this many.
    pub(super) fn pause(&mut self, tries: u32) -> Duration {
        let most = (Self::SHORTEST * 5_u32.saturating_pow(tries)).min(Self::LONGEST);
        let spread = u64::try_from((most - Self::SHORTEST).as_millis()).unwrap_or(u64::MAX);
        Self::SHORTEST + Duration::from_millis(self.next() % spread.saturating_add(1))
    }

    /// SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2714064.2660195).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
