//! What must not be seen is not seen: at every level of tracing, in every error, in every `Debug`.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;

use super::script::{Answer, Script, broken, chain, failure, soon, text};
use crate::error::XapiError;
use crate::https::{Reach, TransportErrorKind};
use crate::xapi::Repeat;

/// What was traced.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl io::Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Traced {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn show(seen: &mut String, error: &XapiError) {
    let hint = error.hint();
    writeln!(seen, "{error} {error:?} {} {hint:?}", chain(error)).expect("text takes text");
}

#[test]
fn secrets_are_seen_nowhere() {
    let traced = Traced::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(traced.clone())
        .finish();
    let mut seen = String::new();
    tracing::subscriber::with_default(subscriber, || {
        let words = "canary-password OpaqueRef:canary-session-1 OpaqueRef:canary-session-2";
        let answers = vec![
            failure("SESSION_INVALID OpaqueRef:canary-session-1"),
            failure(&format!("INTERNAL_ERROR {words}")),
            failure(&format!("{words} x")),
            Some(Answer::Raw(format!("<html>{words}"))),
            Some(Answer::Raw(format!(
                "<methodResponse><params><param><value>{words}</value></param></params></methodResponse>"
            ))),
            Some(Answer::Raw(format!(
                "<methodResponse><params><param><value><int>{words}</int></value></param></params></methodResponse>"
            ))),
            text(format!(
                "<struct><member><name>x</name><value>{words}</value></member></struct>"
            )),
            broken(TransportErrorKind::Reset, Reach::Unknown),
            broken(TransportErrorKind::Connect, Reach::NotSent),
            Some(Answer::Silence),
        ];
        for answer in answers {
            for repeat in [Repeat::Harmless, Repeat::Never] {
                let answer = answer.clone();
                let script = Script::new(move |call| match call.method.as_str() {
                    "x.y" => answer.clone(),
                    "session.logout" => failure("INTERNAL_ERROR OpaqueRef:canary-session-1"),
                    _ => None,
                });
                let xapi = script.connect();
                let got = soon(&xapi, |bounds| xapi.call("x.y", vec![], repeat, bounds));
                if let Err(error) = got {
                    show(&mut seen, &error);
                }
                writeln!(seen, "{xapi:?} {:?}", Script::options()).expect("text takes text");
            }
        }
        let script = Script::new(|call| match call.method.as_str() {
            "session.login_with_password" => {
                failure("SESSION_AUTHENTICATION_FAILED root canary-password")
            }
            _ => None,
        });
        let error = script
            .try_connect(Script::options())
            .expect_err("it is wrong");
        show(&mut seen, &error);
    });
    seen.push_str(&String::from_utf8_lossy(&traced.0.lock()));
    // Something was seen: the test would otherwise see nothing of interest.
    assert!(seen.contains("the session has ended"), "{seen}");
    assert!(seen.contains("the session is left to the server"));
    // The session that a call was not made with cannot be told from other text.
    let seen = seen
        .replace("OpaqueRef:canary-session-2", "")
        .replace("canary-session-2", "");
    for line in seen.lines() {
        assert!(!line.contains("canary"), "{line}");
    }
}
