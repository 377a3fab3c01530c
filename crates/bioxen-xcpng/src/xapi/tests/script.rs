//! A pool that answers as a test tells it, and a clock that runs when somebody waits.

use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{CancelToken, Secret};
use parking_lot::Mutex;

use crate::error::XapiError;
use crate::https::{
    Dial, Endpoint, PlainHttp, Reach, Transport, TransportError, TransportErrorKind, Trust,
};
use crate::value::Value;
use crate::wait::{Deadline, Timer};
use crate::xapi::{Bounds, Repeat, Xapi, XapiOptions};

/// Time that passes only when somebody waits.
#[derive(Debug, Default)]
pub(super) struct ManualTimer {
    now: Mutex<Duration>,
}

impl Timer for ManualTimer {
    fn now(&self) -> Duration {
        *self.now.lock()
    }

    fn wait(&self, span: Duration, cancel: &CancelToken) {
        if !cancel.is_cancelled() {
            *self.now.lock() += span;
        }
    }
}

/// A call as it came.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) host: String,
    pub(super) method: String,
    /// Parameters as text, without the session.
    pub(super) params: Vec<String>,
    pub(super) session: String,
    /// How many calls of this method there were before.
    pub(super) earlier: usize,
}

/// What a call gets.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// A value, as XML inside of `<value>`.
    Value(String),
    Failure(Vec<String>),
    Error(TransportErrorKind, Reach),
    /// Nothing, until the deadline.
    Silence,
    Raw(String),
}

pub(super) fn text(text: impl Into<String>) -> Option<Answer> {
    Some(Answer::Value(text.into()))
}

pub(super) fn failure(description: &str) -> Option<Answer> {
    let words = description.split_whitespace().map(str::to_owned);
    Some(Answer::Failure(words.collect()))
}

pub(super) fn broken(kind: TransportErrorKind, reach: Reach) -> Option<Answer> {
    Some(Answer::Error(kind, reach))
}

/// A record, as XML inside of `<value>`; values are XML too.
pub(super) fn record(members: &[(&str, &str)]) -> String {
    let members: String = members
        .iter()
        .map(|(name, value)| format!("<member><name>{name}</name><value>{value}</value></member>"))
        .collect();
    format!("<struct>{members}</struct>")
}

/// A set, as XML inside of `<value>`.
pub(super) fn set(items: &[&str]) -> String {
    let items: String = items
        .iter()
        .map(|item| format!("<value>{item}</value>"))
        .collect();
    format!("<array><data>{items}</data></array>")
}

type Handler = dyn FnMut(&Call) -> Option<Answer> + Send;

struct Inner {
    handler: Mutex<Box<Handler>>,
    calls: Mutex<Vec<Call>>,
    pins: bool,
    timer: Arc<ManualTimer>,
}

/// The pool.
#[derive(Clone)]
pub(super) struct Script {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

impl Script {
    /// A pool whose answers come from `handler`, and those that it has none for are the usual ones.
    pub(super) fn new(handler: impl FnMut(&Call) -> Option<Answer> + Send + 'static) -> Self {
        Self::with_pins(false, handler)
    }

    /// The same, with servers that show by themselves that they are meant.
    pub(super) fn with_pins(
        pins: bool,
        handler: impl FnMut(&Call) -> Option<Answer> + Send + 'static,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                handler: Mutex::new(Box::new(handler)),
                calls: Mutex::new(Vec::new()),
                pins,
                timer: Arc::new(ManualTimer::default()),
            }),
        }
    }

    pub(super) fn options() -> XapiOptions {
        let endpoint = Endpoint::parse("https://xcp1", PlainHttp::Refused).expect("it is one");
        let password = Secret::new("canary-password".to_owned());
        XapiOptions::new(endpoint, "root", password, Trust::Insecure)
    }

    pub(super) fn try_connect(&self, options: XapiOptions) -> Result<Xapi, XapiError> {
        let timer: Arc<dyn Timer> = Arc::clone(&self.inner.timer) as Arc<dyn Timer>;
        Xapi::connect_through(options, Box::new(self.clone()), timer, &CancelToken::new())
    }

    pub(super) fn connect(&self) -> Xapi {
        self.try_connect(Self::options()).expect("it logs in")
    }

    pub(super) fn now(&self) -> Duration {
        self.inner.timer.now()
    }

    pub(super) fn pass(&self, span: Duration, token: &CancelToken) {
        self.inner.timer.wait(span, token);
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.inner.calls.lock().clone()
    }

    /// Methods that were called, with the host before each where it is another one than `xcp1`; those of a login and its look-up of members are one word.
    pub(super) fn heard(&self) -> String {
        let words: Vec<String> = self
            .calls()
            .into_iter()
            .filter(|call| call.method != "host.get_all_records")
            .map(|call| {
                let method = match call.method.as_str() {
                    "session.login_with_password" => "login",
                    "session.logout" => "logout",
                    method => method,
                };
                match call.host.as_str() {
                    "xcp1" => method.to_owned(),
                    host => format!("{host}:{method}"),
                }
            })
            .collect();
        words.join(" ")
    }

    pub(super) fn count(&self, method: &str) -> usize {
        self.calls()
            .iter()
            .filter(|call| call.method == method)
            .count()
    }

    fn answer(&self, host: &str, body: &[u8]) -> (Answer, Call) {
        let mut call = parse(host, std::str::from_utf8(body).expect("calls are text"));
        let mut calls = self.inner.calls.lock();
        call.earlier = calls
            .iter()
            .filter(|earlier| earlier.method == call.method)
            .count();
        calls.push(call.clone());
        drop(calls);
        let told = (self.inner.handler.lock())(&call);
        (told.unwrap_or_else(|| usual(&call)), call)
    }
}

/// What a pool of one host answers.
fn usual(call: &Call) -> Answer {
    Answer::Value(match call.method.as_str() {
        "session.login_with_password" => format!("OpaqueRef:canary-session-{}", call.earlier + 1),
        "host.get_all_records" => record(&[("OpaqueRef:host-1", &host("xcp1"))]),
        _ => String::new(),
    })
}

/// A host, as XML inside of `<value>`.
pub(super) fn host(address: &str) -> String {
    record(&[
        ("uuid", "0b5e6cde-1e3a-4e22-9c1c-5b5f6a3c7d10"),
        ("name_label", "host"),
        ("address", address),
        ("API_version_major", "2"),
        ("API_version_minor", "21"),
        (
            "software_version",
            &record(&[("product_brand", "XCP-ng"), ("product_version", "8.3.0")]),
        ),
    ])
}

/// Takes a call apart, as far as these tests need it.
fn parse(host: &str, body: &str) -> Call {
    let between = |open: &str, close: &str| {
        let from = body.find(open).expect("it is there") + open.len();
        let to = body[from..].find(close).expect("it ends") + from;
        body[from..to].to_owned()
    };
    let method = between("<methodName>", "</methodName>");
    let mut params: Vec<String> = body
        .split("<param>")
        .skip(1)
        .map(|param| {
            let end = param.find("</param>").expect("it ends");
            param[..end]
                .replace(['\n', '\r'], "")
                .replace("<value><string>", "")
                .replace("</string></value>", "")
                .replace("&lt;", "<")
        })
        .collect();
    let session = match method.as_str() {
        "session.login_with_password" => String::new(),
        _ => params.remove(0),
    };
    Call {
        host: host.to_owned(),
        method,
        params,
        session,
        earlier: 0,
    }
}

impl Dial for Script {
    fn open(&self, endpoint: &Endpoint) -> Result<Box<dyn Transport>, TransportError> {
        Ok(Box::new(Line {
            script: self.clone(),
            host: endpoint.host().to_owned(),
        }))
    }

    fn recognizes_servers(&self) -> bool {
        self.inner.pins
    }
}

#[derive(Debug)]
struct Line {
    script: Script,
    host: String,
}

impl Transport for Line {
    fn post(
        &mut self,
        body: &[u8],
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<Vec<u8>, TransportError> {
        let timer = &*self.script.inner.timer;
        let overdue = |error, reach| TransportError::new(TransportErrorKind::Overdue(error), reach);
        let left = deadline
            .left(timer)
            .map_err(|error| overdue(error, Reach::NotSent))?;
        let (answer, _) = self.script.answer(&self.host, body);
        if cancel.is_cancelled() {
            return Err(TransportError::new(
                TransportErrorKind::Cancelled,
                Reach::Unknown,
            ));
        }
        let envelope = |members: &[(&str, &str)]| {
            format!(
                "<?xml version=\"1.0\"?><methodResponse><params><param><value>{}</value></param></params></methodResponse>",
                record(members)
            )
        };
        Ok(match answer {
            Answer::Value(value) => envelope(&[("Status", "Success"), ("Value", &value)]),
            Answer::Failure(words) => {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                envelope(&[("Status", "Failure"), ("ErrorDescription", &set(&words))])
            }
            Answer::Raw(body) => body,
            Answer::Error(kind, reach) => return Err(TransportError::new(kind, reach)),
            Answer::Silence => {
                timer.wait(left, cancel);
                return Err(overdue(deadline.overdue(), Reach::Unknown));
            }
        }
        .into_bytes())
    }
}

/// Runs something with a minute and a token that nobody raises.
pub(super) fn soon<T>(xapi: &Xapi, run: impl FnOnce(Bounds<'_>) -> T) -> T {
    let token = CancelToken::new();
    run(xapi.bounds("the test", Duration::from_secs(3_600), &token))
}

/// Calls one method without parameters.
pub(super) fn call(xapi: &Xapi, method: &str, repeat: Repeat) -> Result<Value, XapiError> {
    soon(xapi, |bounds| xapi.call(method, vec![], repeat, bounds))
}

/// An error and its causes on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut shown = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        shown = format!("{shown}: {cause}");
        next = cause.source();
    }
    shown
}
