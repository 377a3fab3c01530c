//! Calls about VMs.

mod config;
mod data;
mod find;
mod make;
mod power;

pub use config::MemoryLimits;
pub use find::NameOrUuid;
pub(super) use find::gone;
pub use make::NewVm;

use std::time::Duration;

use super::call::Bounds;
use super::session::Xapi;
use crate::error::XapiError;

/// Codes that say that another operation has the object just now.
pub(super) const BUSY: &[&str] = &[
    "OTHER_OPERATION_IN_PROGRESS",
    "TOO_BUSY",
    "TOO_MANY_PENDING_TASKS",
];

/// Codes that say that a guest does not answer: it has no agent, or not yet.
const NO_AGENT: &[&str] = &[
    "VM_LACKS_FEATURE",
    "VM_MISSING_PV_DRIVERS",
    "VM_OLD_PV_DRIVERS",
];

impl Xapi {
    /// How long to wait before something that was busy is asked for again.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// Does something that is refused while others are at it, until it is done or there is no time left; the last refusal is given then.
    ///
    /// A refusal of these codes means that it was not done.
    pub(super) fn patiently<T>(
        &self,
        codes: &[&[&str]],
        bounds: Bounds<'_>,
        mut attempt: impl FnMut(Bounds<'_>) -> Result<T, XapiError>,
    ) -> Result<T, XapiError> {
        let timer = &*self.shared.timer;
        loop {
            let error = match attempt(bounds) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let passing = error
                .failure()
                .is_some_and(|failure| codes.concat().contains(&failure.code.as_str()));
            // Without time for another try, the refusal says more than that time is up.
            let time = bounds
                .check(timer)
                .is_ok_and(|left| left > Self::PATIENCE * 2);
            if !(passing && time) {
                return Err(error);
            }
            tracing::debug!(%error, "waiting until it can be done");
            bounds.pause(Self::PATIENCE, timer)?;
        }
    }
}
