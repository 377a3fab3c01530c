//! Waiting for something to happen.

use std::time::Duration;

use super::address::AddressFilter;
use super::call::{Bounds, Repeat, understand};
use super::records::VmRecord;
use super::session::Xapi;
use crate::error::XapiError;
use crate::value::{Ref, Value, Vm};

impl Xapi {
    /// The longest wait for events in one call.
    const LONGEST_WAIT: Duration = Duration::from_secs(30);

    /// What the answer may take beyond the wait.
    const ANSWER: Duration = Duration::from_secs(10);

    /// The shortest time between two looks, however much happens.
    const BREATH: Duration = Duration::from_millis(250);

    /// Waits until a VM is as it should be, which `condition` tells from its record.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the VM cannot be read or time is up.
    pub fn wait_for_vm<T>(
        &self,
        vm: &Ref<Vm>,
        bounds: Bounds<'_>,
        mut condition: impl FnMut(&VmRecord) -> Option<T>,
    ) -> Result<T, XapiError> {
        self.wait_for(&[&format!("vm/{vm}")], bounds, || {
            Ok(condition(&self.vm_record(vm, bounds)?))
        })
    }

    /// Waits until a guest reports addresses of use; they are in order, best first.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read or time is up.
    pub fn wait_for_addresses(
        &self,
        vm: &Ref<Vm>,
        filter: &AddressFilter,
        bounds: Bounds<'_>,
    ) -> Result<Vec<std::net::IpAddr>, XapiError> {
        // The name of what the guest reports changes, so that it cannot be watched by it.
        let classes = [&format!("vm/{vm}"), "vm_guest_metrics"];
        self.wait_for(&classes, bounds, || {
            let found = self.guest_addresses(vm, filter, bounds)?;
            Ok((!found.is_empty()).then_some(found))
        })
    }

    /// Waits until `look` finds something; it is asked at first, and again when something happens to objects of these classes.
    ///
    /// Events say only that it is time to look: several changes come as one, and some are missed.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if `look` fails or time is up.
    pub fn wait_for<T>(
        &self,
        classes: &[&str],
        bounds: Bounds<'_>,
        mut look: impl FnMut() -> Result<Option<T>, XapiError>,
    ) -> Result<T, XapiError> {
        let timer = &*self.shared.timer;
        let mut token = String::new();
        loop {
            let left = bounds.check(timer)?;
            // Without a token the server tells of all there is, at once: only the token is of use.
            let wait = match token.is_empty() {
                true => Duration::ZERO,
                false => Self::LONGEST_WAIT.min(left.saturating_sub(left / 8)),
            };
            match self.events(classes, &token, wait, bounds) {
                // A wait without events ends in a look too, in case one was missed.
                Ok(batch) => {
                    token = batch;
                    if let Some(found) = look()? {
                        return Ok(found);
                    }
                    bounds.pause(Self::BREATH, timer)?;
                }
                Err(error)
                    if error.is("EVENTS_LOST") || error.is("EVENT_FROM_TOKEN_PARSE_FAILURE") =>
                {
                    token.clear();
                    bounds.pause(Self::BREATH, timer)?;
                }
                // The next wait may fare better; the deadline is the limit.
                Err(XapiError::Transport { source, .. }) if source.is_passing() => {
                    tracing::debug!(error = %source, "no events just now");
                    bounds.pause(Self::BREATH * 4, timer)?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until something happens, or for a while; what it was is not looked at, and the token of the next wait is given.
    fn events(
        &self,
        classes: &[&str],
        token: &str,
        wait: Duration,
        bounds: Bounds<'_>,
    ) -> Result<String, XapiError> {
        const METHOD: &str = "event.from";
        let params = [
            Value::texts(classes.iter().copied()),
            Value::text(token),
            Value::Double(wait.as_secs_f64()),
        ];
        let limit = wait + Self::ANSWER;
        let batch = self
            .shared
            .call(METHOD, &params, Repeat::Harmless, limit, bounds)?;
        understand(METHOD, &batch, |batch| {
            let token = batch.as_record()?.required("token", Value::as_text)?;
            Ok(token.to_owned())
        })
    }
}
