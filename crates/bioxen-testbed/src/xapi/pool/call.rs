//! From a call to its answer: the checks in the order of the server.

use super::job::Step;
use super::{Answer, Pool};
use crate::xapi::failure::Failure;
use crate::xapi::fault::Fault;
use crate::xapi::model::Kind;
use crate::xapi::value::Value;
use crate::xapi::wire::{self, Arg, Call};

/// A call that passed the checks on its form.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) host: usize,
    pub(super) session: String,
    pub(super) class: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    /// One for every parameter, with the defaults for those left out.
    pub(super) args: Vec<Value>,
    pub(super) is_async: bool,
}

impl Request {
    pub(super) fn arg(&self, at: usize) -> &Value {
        const NOTHING: &Value = &Value::Bool(false);
        self.args.get(at).unwrap_or(NOTHING)
    }

    pub(super) fn text(&self, at: usize) -> &str {
        self.arg(at).as_text()
    }

    /// The call as tasks are named.
    pub(super) fn label(&self) -> String {
        let mode = if self.is_async { "Async." } else { "" };
        format!("{mode}{}.{}", self.class, self.name)
    }
}

impl Pool {
    pub(super) fn answer(&mut self, host: usize, call: &Call, fault: Option<&Fault>) -> Answer {
        if call.name == "system.listMethods" {
            let methods = Value::texts(self.store.model.list_methods());
            return Answer::Now(wire::bare(&methods));
        }
        let request = match self.check(host, call) {
            Ok(request) => request,
            Err(failure) => return Answer::Now(wire::failure(&failure)),
        };
        if request.is_async || self.is_work(&request) {
            return self.start_job(request, fault);
        }
        let answer = match self.begin(&request, "") {
            Ok(Step::Done(value)) => Answer::Now(wire::success(&value)),
            Ok(Step::Later(ticket)) => Answer::Later(ticket),
            Ok(Step::Work { .. }) => {
                let failure = Failure::internal("work outside of a task");
                Answer::Now(wire::failure(&failure))
            }
            Err(failure) => Answer::Now(wire::failure(&failure)),
        };
        // A job is slow by itself.
        self.delay(answer, fault)
    }

    fn check(&mut self, host: usize, call: &Call) -> Result<Request, Failure> {
        let plain = call.name.strip_prefix("Async.");
        let is_async = plain.is_some();
        let name = plain.unwrap_or(&call.name);
        let message = self
            .store
            .model
            .call(name)
            .filter(|message| !is_async || message.call() == name);
        let Some(message) = message else {
            if let Some(first) = call.args.first() {
                let session = session_of(first)?;
                self.check_session(host, &session)?;
            }
            return Err(Failure::new("MESSAGE_METHOD_UNKNOWN", [name]));
        };
        let without_session = usize::from(message.takes_session);
        let mismatch = || {
            let received = i64::try_from(call.args.len()).unwrap_or(i64::MAX)
                - if message.takes_session { 1 } else { 0 };
            Failure::new(
                "MESSAGE_PARAMETER_COUNT_MISMATCH",
                [
                    message.call(),
                    message.required().to_string(),
                    received.to_string(),
                ],
            )
        };
        let Some(given) = call.args.get(without_session..) else {
            return Err(mismatch());
        };
        let has_defaults = message.required() < message.params.len();
        if given.len() < message.required() || (given.len() > message.params.len() && !has_defaults)
        {
            return Err(mismatch());
        }
        let session = match call.args.first() {
            Some(first) if message.takes_session => Some(session_of(first)?),
            _ => None,
        };
        let mut args = Vec::with_capacity(message.params.len());
        for (at, param) in message.params.iter().enumerate() {
            args.push(match (given.get(at), &param.default) {
                (Some(arg), _) => wire::decode(arg, &param.kind, &self.store.model)?,
                (None, Some(default)) => default.clone(),
                (None, None) => return Err(mismatch()),
            });
        }
        let request = Request {
            host,
            session: session.clone().unwrap_or_default(),
            class: message.class.clone(),
            name: message.name.clone(),
            kind: message.kind.clone(),
            args,
            is_async,
        };
        let (internal, removed, asynchronous) =
            (message.pool_internal, message.removed, message.is_async);
        match &session {
            Some(session) => self.check_session(host, session)?,
            None => self.check_host(host)?,
        }
        if internal {
            return Err(Failure::internal(format!(
                "{}.{} may only be called by a host of the pool",
                request.class, request.name
            )));
        }
        if removed {
            return Err(Failure::plain("MESSAGE_REMOVED"));
        }
        if is_async && !asynchronous {
            return Err(Failure::new(
                "Fault",
                [format!(
                    "no asynchronous form of {}.{}",
                    request.class, request.name
                )],
            ));
        }
        Ok(request)
    }
}

/// The reference of a session, which must be text.
fn session_of(arg: &Arg) -> Result<String, Failure> {
    match arg {
        Arg::Text(text) => Ok(text.clone()),
        _ => Err(Failure::internal(
            "Failure(\"Expected string, got another type as the session\")",
        )),
    }
}
