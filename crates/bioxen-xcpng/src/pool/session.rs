//! A session of XAPI that is written down, so that it can be ended when its program could not do it.

use std::sync::Arc;

use bioxen_agent::draw_op;
use parking_lot::Mutex;

use super::{XcpngError, XcpngOptions};
use crate::journal::{Entry, Intent, Journal, Note};
use crate::wait::Timer;
use crate::xapi::Xapi;

/// A session, and the entry of the journal that ends with it.
#[derive(Debug)]
pub(super) struct Noted {
    xapi: Xapi,
    entry: Mutex<Option<Entry>>,
}

impl Noted {
    pub(super) fn login(
        options: &XcpngOptions,
        journal: &Journal,
        timer: Arc<dyn Timer>,
        login: impl FnOnce(&XcpngOptions, Arc<dyn Timer>) -> Result<Xapi, XcpngError>,
    ) -> Result<Self, XcpngError> {
        let mut entry = journal.begin(draw_op(), &Intent::Session)?;
        let xapi = match login(options, timer) {
            Ok(xapi) => xapi,
            Err(refused) => {
                entry.close()?;
                return Err(refused);
            }
        };
        let bounds = xapi.bounds("the login", xapi.limits().login, &options.cancel);
        entry.note(Note::Session(xapi.session_uuid(bounds)?))?;
        Ok(Self {
            xapi,
            entry: Mutex::new(Some(entry)),
        })
    }

    pub(super) fn get(&self) -> &Xapi {
        &self.xapi
    }

    pub(super) fn close(&self) -> Result<(), XcpngError> {
        self.xapi.close()?;
        if let Some(entry) = self.entry.lock().take() {
            entry.close()?;
        }
        Ok(())
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        if self.entry.lock().is_some()
            && let Err(error) = self.close()
        {
            // What is left is in the journal.
            tracing::warn!(%error, "the session was not ended");
        }
    }
}
