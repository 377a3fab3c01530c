//! A client for tests, which plays in virtual time and has all calls go through the bytes of the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use super::pool::{Answer, Pool};
use super::spec::{PoolSpec, TemplateSpec};
use super::wire::{Arg, read_call};

/// A pool with someone who calls it.
pub(crate) struct Player {
    pub(crate) pool: Pool,
    pub(crate) now: Duration,
    pub(crate) session: String,
}

/// A failure: the code, then its parameters.
pub(crate) type Refused = Vec<String>;

pub(crate) fn text(content: &str) -> Arg {
    Arg::Text(content.to_owned())
}

pub(crate) fn record<const N: usize>(members: [(&str, Arg); N]) -> Arg {
    Arg::Struct(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// A call as a client writes it.
pub(crate) fn call_bytes(name: &str, args: &[Arg]) -> Vec<u8> {
    let mut xml =
        format!("<?xml version=\"1.0\"?><methodCall><methodName>{name}</methodName><params>");
    for arg in args {
        xml.push_str("<param>");
        write(&mut xml, arg);
        xml.push_str("</param>");
    }
    xml.push_str("</params></methodCall>");
    xml.into_bytes()
}

/// An answer as a client reads it.
pub(crate) fn read_answer(body: &[u8]) -> Result<Arg, Refused> {
    let xml = String::from_utf8(body.to_vec()).unwrap();
    assert!(
        xml.starts_with("<?xml version=\"1.0\"?><methodResponse>"),
        "{xml}"
    );
    assert!(!xml.contains('\n'), "{xml}");
    let call = xml
        .replace("<methodResponse>", "<methodCall><methodName>x</methodName>")
        .replace("</methodResponse>", "</methodCall>");
    let mut args = read_call(call.as_bytes()).unwrap().args;
    assert_eq!(args.len(), 1);
    let answer = args.remove(0);
    let Arg::Struct(members) = &answer else {
        return Ok(answer);
    };
    let member = |name: &str| {
        members
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, arg)| arg)
    };
    match member("Status").unwrap() {
        Arg::Text(status) if status == "Success" => Ok(member("Value").unwrap().clone()),
        Arg::Text(status) if status == "Failure" => Err(texts(member("ErrorDescription").unwrap())),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn texts(arg: &Arg) -> Vec<String> {
    match arg {
        Arg::Array(items) => items.iter().map(|item| as_text(item).to_owned()).collect(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn as_text(arg: &Arg) -> &str {
    match arg {
        Arg::Text(text) | Arg::Date(text) => text,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn members(arg: &Arg) -> BTreeMap<String, Arg> {
    match arg {
        Arg::Struct(members) => members.iter().cloned().collect(),
        other => panic!("{other:?}"),
    }
}

impl Player {
    /// A pool with the template `gold`, and a session.
    pub(crate) fn new() -> Self {
        Self::with(&PoolSpec::with_template(TemplateSpec {
            tags: vec!["golden".to_owned()],
            stale_address: Some("10.0.0.9".to_owned()),
            ..TemplateSpec::new("gold")
        }))
    }

    pub(crate) fn with(spec: &PoolSpec) -> Self {
        let mut player = Self {
            pool: Pool::new(spec).unwrap(),
            now: Duration::ZERO,
            session: String::new(),
        };
        player.log_in("tests");
        player
    }

    pub(crate) fn log_in(&mut self, originator: &str) -> String {
        let args = ["root", "password", "1.0", originator].map(text);
        let session = self.raw(0, "session.login_with_password", &args).unwrap();
        self.session = as_text(&session).to_owned();
        self.session.clone()
    }

    /// A call without a session put first.
    pub(crate) fn raw(&mut self, host: usize, name: &str, args: &[Arg]) -> Result<Arg, Refused> {
        let exchange = self
            .pool
            .handle(self.now, host, &call_bytes(name, args))
            .unwrap();
        let body = match exchange.answer {
            Answer::Now(body) => body,
            Answer::Later(ticket) => {
                let (now, body) = self.pool.wait_for(ticket, Duration::MAX);
                self.now = self.now.max(now);
                body.expect("someone answers")
            }
            Answer::Never => panic!("no answer to {name}"),
        };
        read_answer(&body)
    }

    pub(crate) fn call(&mut self, name: &str, args: &[Arg]) -> Result<Arg, Refused> {
        let all: Vec<Arg> = [text(&self.session.clone())]
            .into_iter()
            .chain(args.iter().cloned())
            .collect();
        self.raw(0, name, &all)
    }

    /// A call that succeeds, with texts only.
    #[track_caller]
    pub(crate) fn get(&mut self, name: &str, args: &[&str]) -> Arg {
        let args: Vec<Arg> = args.iter().map(|arg| text(arg)).collect();
        self.call(name, &args).unwrap()
    }

    #[track_caller]
    pub(crate) fn get_text(&mut self, name: &str, args: &[&str]) -> String {
        as_text(&self.get(name, args)).to_owned()
    }

    #[track_caller]
    pub(crate) fn get_texts(&mut self, name: &str, args: &[&str]) -> Vec<String> {
        texts(&self.get(name, args))
    }

    /// A call that fails, with texts only.
    #[track_caller]
    pub(crate) fn refused(&mut self, name: &str, args: &[&str]) -> Refused {
        let args: Vec<Arg> = args.iter().map(|arg| text(arg)).collect();
        self.call(name, &args).unwrap_err()
    }

    pub(crate) fn pass_to(&mut self, at: Duration) {
        self.now = self.now.max(at);
        self.pool.advance(self.now);
    }

    pub(crate) fn pass(&mut self, seconds: f64) {
        self.pass_to(self.now + Duration::from_secs_f64(seconds));
    }

    /// The only VM of a name.
    #[track_caller]
    pub(crate) fn vm(&mut self, name: &str) -> String {
        let found = self.get_texts("VM.get_by_name_label", &[name]);
        assert_eq!(found.len(), 1, "{name}");
        found[0].clone()
    }

    /// A VM made of the template `gold`.
    #[track_caller]
    pub(crate) fn new_vm(&mut self, name: &str) -> String {
        let gold = self.vm("gold");
        let vm = self.get_text("VM.clone", &[&gold, name]);
        self.get("VM.provision", &[&vm]);
        vm
    }

    #[track_caller]
    pub(crate) fn start(&mut self, vm: &str) {
        let no = Arg::Bool(false);
        self.call("VM.start", &[text(vm), no.clone(), no]).unwrap();
    }

    /// Disks of a VM.
    #[track_caller]
    pub(crate) fn disks(&mut self, vm: &str) -> Vec<String> {
        let mut disks = Vec::new();
        for vbd in self.get_texts("VM.get_VBDs", &[vm]) {
            if self.get_text("VBD.get_type", &[&vbd]) == "Disk" {
                disks.push(self.get_text("VBD.get_VDI", &[&vbd]));
            }
        }
        disks
    }
}

fn write(xml: &mut String, arg: &Arg) {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let inner = match arg {
        Arg::Text(text) => escape(text),
        Arg::Int(number) => format!("<i8>{number}</i8>"),
        Arg::Bool(flag) => format!("<boolean>{}</boolean>", u8::from(*flag)),
        Arg::Double(number) => format!("<double>{number}</double>"),
        Arg::Date(date) => format!("<dateTime.iso8601>{date}</dateTime.iso8601>"),
        Arg::Base64 => "<base64>AA==</base64>".to_owned(),
        Arg::Nil => "<nil/>".to_owned(),
        Arg::Array(items) => {
            let mut inner = "<array><data>".to_owned();
            items.iter().for_each(|item| write(&mut inner, item));
            inner + "</data></array>"
        }
        Arg::Struct(members) => {
            let mut inner = "<struct>".to_owned();
            for (name, item) in members {
                inner.push_str(&format!("<member><name>{}</name>", escape(name)));
                write(&mut inner, item);
                inner.push_str("</member>");
            }
            inner + "</struct>"
        }
    };
    xml.push_str(&format!("<value>{inner}</value>"));
}
