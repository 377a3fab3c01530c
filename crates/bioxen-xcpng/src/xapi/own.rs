//! The session itself, seen from outside, so that one that was left behind can be ended.

use super::call::Bounds;
use super::session::Xapi;
use crate::error::XapiError;
use crate::value::{Uuid, Value};

impl Xapi {
    /// The lasting name of this session. It opens nothing, unlike the reference that goes with every call.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn session_uuid(&self, bounds: Bounds<'_>) -> Result<Uuid, XapiError> {
        let (session, _) = self.shared.session(bounds)?;
        let own = Value::Hidden(session.reference);
        self.ask("session.get_uuid", vec![own], bounds, Value::as_uuid)
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
            Ok(reference) => bioxen_core::Secret::new(reference),
            Err(error) if error.is("UUID_INVALID") || error.is("HANDLE_INVALID") => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let (_, target) = self.shared.session(bounds)?;
        let session = vec![Value::Hidden(reference)];
        match self
            .shared
            .once(&target, "session.logout", session, true, bounds)
        {
            Err(error) if error.is("SESSION_INVALID") => Ok(false),
            done => done.map(|_| true),
        }
    }
}
