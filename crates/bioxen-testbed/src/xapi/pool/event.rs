//! Events: what changed since a token, and waiting for it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::call::Request;
use super::job::Step;
use super::{Due, Pool, Ticket};
use crate::xapi::failure::Failure;
use crate::xapi::store::Change;
use crate::xapi::value::Value;
use crate::xapi::wire;

/// A call that waits for events.
#[derive(Clone, Debug)]
pub(super) struct EventWait {
    session: String,
    subscriptions: Vec<Subscription>,
    since: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Subscription {
    All,
    Class(String),
    Object(String, String),
}

impl Pool {
    pub(super) fn event_message(&mut self, request: &Request) -> Result<Step, Failure> {
        match request.name.as_str() {
            "from" => self.events_from(request),
            "inject" => {
                let wanted = request.text(0);
                let class = self.class_named(wanted);
                let class = class
                    .ok_or_else(|| Failure::new("EVENT_SUBSCRIPTION_PARSE_FAILURE", [wanted]))?;
                let generation = self.store.touch(&class, request.text(1))?;
                Ok(Step::Done(Value::from(token(generation))))
            }
            "get_current_id" => {
                let generation = self.store.generation();
                Ok(Step::Done(Value::Int(
                    i64::try_from(generation).unwrap_or(i64::MAX),
                )))
            }
            _ => Err(Self::not_simulated(request)),
        }
    }

    fn events_from(&mut self, request: &Request) -> Result<Step, Failure> {
        let mut subscriptions = Vec::new();
        for item in request.arg(0).as_set() {
            subscriptions.push(self.subscription(item.as_text())?);
        }
        let given = request.text(1);
        let since = parse_token(given)
            .ok_or_else(|| Failure::new("EVENT_FROM_TOKEN_PARSE_FAILURE", [given]))?;
        let wait = EventWait {
            session: request.session.clone(),
            subscriptions,
            since,
        };
        if let Some(batch) = self.batch(&wait, false)? {
            return Ok(Step::Done(batch));
        }
        let seconds = request.arg(2).as_double();
        let span = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        let ticket = self.ticket();
        self.event_waits.insert(ticket, wait);
        self.due_in(span, Due::EventsOver(ticket));
        Ok(Step::Later(ticket))
    }

    /// Answers the waiting calls for which something has happened.
    pub(super) fn serve_event_waits(&mut self) {
        let generation = self.store.generation();
        for ticket in self.event_waits.keys().copied().collect::<Vec<_>>() {
            let Some(wait) = self.event_waits.get(&ticket) else {
                continue;
            };
            if wait.since == generation {
                continue;
            }
            let wait = wait.clone();
            match self.batch(&wait, false) {
                Ok(None) => continue,
                Ok(Some(batch)) => self.answers.insert(ticket, wire::success(&batch)),
                Err(failure) => self.answers.insert(ticket, wire::failure(&failure)),
            };
            self.event_waits.remove(&ticket);
        }
    }

    /// A call has waited for as long as it wanted: it gets what there is, such as nothing.
    pub(super) fn end_event_wait(&mut self, ticket: Ticket) {
        let Some(wait) = self.event_waits.remove(&ticket) else {
            return;
        };
        let body = match self.batch(&wait, true) {
            Ok(batch) => wire::success(&batch.unwrap_or_else(Value::void)),
            Err(failure) => wire::failure(&failure),
        };
        self.answers.insert(ticket, body);
    }

    /// Ends the waiting calls of a session that ended.
    pub(super) fn drop_event_waits(&mut self, session: &str) {
        let of_session = |wait: &EventWait| wait.session == session;
        let tickets: Vec<Ticket> = self
            .event_waits
            .iter()
            .filter(|(_, wait)| of_session(wait))
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in tickets {
            self.event_waits.remove(&ticket);
            let body = wire::failure(&Failure::session(session));
            self.answers.insert(ticket, body);
        }
    }

    /// What happened since the token of a call; `None` if that is nothing and an empty batch is not wanted.
    fn batch(&self, wait: &EventWait, empty: bool) -> Result<Option<Value>, Failure> {
        let mut events = Vec::new();
        let mut counts = BTreeMap::new();
        for class in self.store.model.classes.values() {
            if !class.events
                || !wait
                    .subscriptions
                    .iter()
                    .any(|sub| sub.may_match(&class.name))
            {
                continue;
            }
            let lower = class.name.to_ascii_lowercase();
            let count = self.store.all(&class.name).len();
            counts.insert(
                lower.clone(),
                Value::I4(i32::try_from(count).unwrap_or(i32::MAX)),
            );
            let changes = self
                .store
                .changes(&class.name, wait.since)
                .ok_or_else(|| Failure::plain("EVENTS_LOST"))?;
            for (at, change, reference) in changes {
                if wait
                    .subscriptions
                    .iter()
                    .any(|sub| sub.matches(&class.name, &reference))
                {
                    events.push((at, change, class.name.clone(), reference));
                }
            }
        }
        if events.is_empty() && !empty {
            return Ok(None);
        }
        events.sort_by_key(|(at, ..)| *at);
        let mut values = Vec::with_capacity(events.len());
        for (at, change, class, reference) in events {
            let mut event = BTreeMap::from([
                ("id".to_owned(), Value::from(at.to_string())),
                ("timestamp".to_owned(), Value::from("0.0")),
                ("class".to_owned(), Value::from(class.to_ascii_lowercase())),
                ("operation".to_owned(), Value::from(change.word())),
                ("ref".to_owned(), Value::from(reference.as_str())),
            ]);
            if change != Change::Del {
                let record = self.store.record(&class, &reference)?;
                event.insert("snapshot".to_owned(), record);
            }
            values.push(Value::Map(event));
        }
        Ok(Some(Value::map([
            ("events", Value::Set(values)),
            ("valid_ref_counts", Value::Map(counts)),
            ("token", Value::from(token(self.store.generation()))),
        ])))
    }

    fn subscription(&self, text: &str) -> Result<Subscription, Failure> {
        if text == "*" {
            return Ok(Subscription::All);
        }
        let wrong = || Failure::new("EVENT_SUBSCRIPTION_PARSE_FAILURE", [text]);
        let (class, object) = match text.split_once('/') {
            Some((class, object)) => (class, Some(object)),
            None => (text, None),
        };
        let class = self.class_named(class).ok_or_else(wrong)?;
        Ok(match object {
            Some(object) => Subscription::Object(class, object.to_owned()),
            None => Subscription::Class(class),
        })
    }

    /// A class by its name in any case.
    fn class_named(&self, name: &str) -> Option<String> {
        let mut names = self.store.model.classes.keys();
        names
            .find(|class| class.eq_ignore_ascii_case(name))
            .cloned()
    }
}

impl Subscription {
    fn may_match(&self, class: &str) -> bool {
        match self {
            Self::All => true,
            Self::Class(wanted) | Self::Object(wanted, _) => wanted == class,
        }
    }

    fn matches(&self, class: &str, reference: &str) -> bool {
        match self {
            Self::All => true,
            Self::Class(wanted) => wanted == class,
            Self::Object(wanted, object) => wanted == class && object == reference,
        }
    }
}

/// A token: two numbers, of which this server uses the first.
fn token(generation: u64) -> String {
    format!("{generation:020},{:020}", 0)
}

fn parse_token(text: &str) -> Option<u64> {
    if text.is_empty() {
        return Some(0);
    }
    let (first, second) = text.split_once(',')?;
    second.parse::<u64>().ok()?;
    first.parse().ok()
}
