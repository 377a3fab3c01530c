//! Sessions, seen from outside: written down for as long as they are open, so that one that was left behind can be ended.

use std::sync::Arc;

use bioxen_agent::draw_op;
use bioxen_core::Secret;

use super::call::{Bounds, understand};
use super::session::{Shared, Xapi};
use crate::error::XapiError;
use crate::https::Endpoint;
use crate::journal::{Entry, Intent, JournalError, Note};
use crate::value::{Uuid, Value};

/// What is written down of the sessions of a connection.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// It ends with the last session.
    pub(super) entry: Option<Entry>,
    /// Whether an earlier session may be open still.
    pub(super) left_behind: bool,
}

const GET_UUID: &str = "session.get_uuid";
const LOGOUT: &str = "session.logout";

impl Shared {
    /// Writes down that there will be a session.
    pub(super) fn write_down(&self) -> Result<(), XapiError> {
        let mut written = self.written.lock();
        if written.entry.is_none()
            && let Some(journal) = &self.options.journal
        {
            let entry = journal.begin(draw_op(), &Intent::Session);
            written.entry = Some(entry.map_err(unwritten)?);
        }
        Ok(())
    }

    /// Writes down which session it is: its lasting name opens nothing, unlike the reference that goes with every call.
    pub(super) fn write_session(
        &self,
        at: &Endpoint,
        reference: &Secret,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        if self.options.journal.is_none() {
            return Ok(());
        }
        let own = Value::Hidden(reference.clone());
        let noted = self
            .insist(at, GET_UUID, &[own.clone(), own], bounds)
            .and_then(|value| understand(GET_UUID, &value, Value::as_uuid))
            .and_then(|uuid| match &mut self.written.lock().entry {
                Some(entry) => entry.note(Note::Session(uuid)).map_err(unwritten),
                None => Ok(()),
            });
        noted.inspect_err(|_| {
            // A session that nobody could find again is not used.
            if let Err(open) = self.log_out(at.clone(), reference, bounds) {
                tracing::warn!(error = %open, "a session is left to the server");
            }
        })
    }

    /// Ends a session of a master that is one no longer, at the new one.
    pub(super) fn leave(&self, at: &Endpoint, reference: &Secret, bounds: Bounds<'_>) {
        if let Err(error) = self.log_out(at.clone(), reference, bounds) {
            tracing::debug!(%error, "the session at the old master may be open");
            self.written.lock().left_behind = true;
        }
    }

    /// Crosses out what was written down, for no session is open any more.
    pub(super) fn cross_out(&self) -> Result<(), XapiError> {
        let mut written = self.written.lock();
        match written.entry.take() {
            Some(entry) if !written.left_behind => entry.close().map_err(unwritten),
            _ => Ok(()),
        }
    }

    /// Ends a session; one that has ended is ended already.
    pub(super) fn log_out(
        &self,
        mut at: Endpoint,
        reference: &Secret,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let session = [Value::Hidden(reference.clone())];
        let mut asked = Vec::new();
        loop {
            let done = self.insist(&at, LOGOUT, &session, bounds);
            match done {
                Err(error) if error.is("SESSION_INVALID") => return Ok(()),
                Err(error) if error.is("HOST_IS_SLAVE") => {
                    asked.push(at.clone());
                    at = self.redirect(&error, &at, &asked)?;
                }
                done => return done.map(drop),
            }
        }
    }

    /// Makes a call that may be repeated at a certain server, again if that did not answer.
    fn insist(
        &self,
        at: &Endpoint,
        method: &str,
        params: &[Value],
        bounds: Bounds<'_>,
    ) -> Result<Value, XapiError> {
        let mut tries = 0;
        loop {
            let error = match self.once(at, method, params.to_vec(), true, bounds) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            tries += 1;
            let Some(pause) = self.pause_before_next(&error, true, tries) else {
                return Err(error);
            };
            if bounds.pause(pause, &*self.timer).is_err() {
                return Err(error);
            }
        }
    }
}

fn unwritten(error: JournalError) -> XapiError {
    XapiError::Journal(Arc::new(error))
}

impl Xapi {
    /// The lasting name of this session. It opens nothing, unlike the reference that goes with every call.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn session_uuid(&self, bounds: Bounds<'_>) -> Result<Uuid, XapiError> {
        let (session, _) = self.shared.session(bounds)?;
        let own = Value::Hidden(session.reference);
        self.ask(GET_UUID, vec![own], bounds, Value::as_uuid)
    }

    /// Ends another session of the same user; `false` if it has ended already.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn end_session(&self, uuid: &Uuid, bounds: Bounds<'_>) -> Result<bool, XapiError> {
        let params = vec![Value::text(uuid.as_str())];
        let reference = match self.ask("session.get_by_uuid", params, bounds, |value| {
            value.as_text().map(str::to_owned)
        }) {
            Ok(reference) => Secret::new(reference),
            Err(error) if error.is("UUID_INVALID") || error.is("HANDLE_INVALID") => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let (_, target) = self.shared.session(bounds)?;
        self.shared.log_out(target, &reference, bounds)?;
        Ok(true)
    }
}
