//! Sessions: who may call, and for how long.

use std::time::Duration;

use super::call::Request;
use super::job::Step;
use super::{Due, Pool};
use crate::xapi::failure::Failure;
use crate::xapi::value::Value;

/// What the database does not keep of a session.
#[derive(Clone, Debug)]
pub(super) struct SessionLife {
    user: String,
    originator: String,
    last_active: Duration,
}

impl Pool {
    /// Sessions of one originator and user.
    const SESSIONS_EACH: usize = 500;

    /// Whether a host answers anything at all, and is the master.
    pub(super) fn check_host(&self, host: usize) -> Result<(), Failure> {
        if let Some(failure) = self.hosts.get(host).and_then(|node| node.refuses.clone()) {
            return Err(failure);
        }
        if host != self.master {
            let master = self.hosts.get(self.master).map(|node| node.address.clone());
            return Err(Failure::new("HOST_IS_SLAVE", master));
        }
        Ok(())
    }

    pub(super) fn check_session(&mut self, host: usize, session: &str) -> Result<(), Failure> {
        self.check_host(host)?;
        match self.sessions.get_mut(session) {
            Some(life) => {
                life.last_active = self.now;
                let date = self.date();
                self.store.set("session", session, "last_active", date)
            }
            None => Err(Failure::session(session)),
        }
    }

    /// Ends the sessions that have been idle for too long.
    pub(super) fn expire_sessions(&mut self) {
        let limit = self.timings.session_idle;
        let now = self.now;
        let old: Vec<String> = self
            .sessions
            .iter()
            .filter(|(_, life)| now.saturating_sub(life.last_active) >= limit)
            .map(|(session, _)| session.clone())
            .collect();
        for session in old {
            self.end_session(&session);
        }
    }

    /// Ends a session, and the calls that wait for events in it.
    pub(super) fn end_session(&mut self, session: &str) {
        self.sessions.remove(session);
        let _ = self.store.remove("session", session);
        self.drop_event_waits(session);
    }

    pub(super) fn session_message(&mut self, request: &Request) -> Result<Step, Failure> {
        match request.name.as_str() {
            "login_with_password" => self.log_in(request),
            "logout" => {
                self.end_session(&request.session);
                Ok(Step::Done(Value::void()))
            }
            "change_password" => {
                if request.text(0) != self.password {
                    return Err(Failure::new(
                        "SESSION_AUTHENTICATION_FAILED",
                        [self.user.as_str(), "Authentication failure"],
                    ));
                }
                request.text(1).clone_into(&mut self.password);
                Ok(Step::Done(Value::void()))
            }
            "get_all_subject_identifiers" => Ok(Step::Done(Value::Set(Vec::new()))),
            _ => Err(Self::not_simulated(request)),
        }
    }

    fn log_in(&mut self, request: &Request) -> Result<Step, Failure> {
        let (user, password) = (request.text(0), request.text(1));
        if user != self.user || password != self.password {
            let failure = Failure::new(
                "SESSION_AUTHENTICATION_FAILED",
                [user, "Authentication failure"],
            );
            let ticket = self.ticket();
            self.due_in(self.timings.wrong_password, Due::Tell(ticket, failure));
            return Ok(Step::Later(ticket));
        }
        let originator = request.text(3);
        self.make_room_for_session(user, originator);
        let host = self
            .hosts
            .get(request.host)
            .map(|node| node.reference.clone());
        let fields = [
            ("this_host", Value::from(host.unwrap_or_default())),
            ("last_active", self.date()),
            ("validation_time", self.date()),
            ("pool", Value::Bool(false)),
            ("is_local_superuser", Value::Bool(true)),
            ("auth_user_name", Value::from(user)),
            ("originator", Value::from(originator)),
        ];
        let session = self.store.insert("session", fields)?;
        let life = SessionLife {
            user: user.to_owned(),
            originator: originator.to_owned(),
            last_active: self.now,
        };
        self.sessions.insert(session.clone(), life);
        Ok(Step::Done(Value::from(session)))
    }

    /// Ends the session that has been idle for longest, if there are too many of one kind.
    fn make_room_for_session(&mut self, user: &str, originator: &str) {
        let same: Vec<(Duration, String)> = self
            .sessions
            .iter()
            .filter(|(_, life)| life.user == user && life.originator == originator)
            .map(|(session, life)| (life.last_active, session.clone()))
            .collect();
        if same.len() >= Self::SESSIONS_EACH
            && let Some((_, oldest)) = same.into_iter().min()
        {
            self.end_session(&oldest);
        }
    }
}
