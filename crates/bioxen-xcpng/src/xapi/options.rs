//! What a connection is told.

use std::time::Duration;

use bioxen_core::Secret;

use crate::https::{Endpoint, HttpsLimits, Trust};
use crate::journal::Journal;

/// How to connect to a pool.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct XapiOptions {
    /// Addresses of the master, or of members who know it, in the order in which they are asked.
    pub endpoints: Vec<Endpoint>,
    /// The user.
    pub user: String,
    /// The user's password.
    pub password: Secret,
    /// How servers show who they are.
    pub trust: Trust,
    /// Who logs in, as the server's log and its limits on sessions see it.
    pub originator: String,
    /// Further hosts, names or addresses, that may be asked when a member says that one of them is the master now.
    pub known_members: Vec<String>,
    /// Limits.
    pub limits: XapiLimits,
    /// Where the jitter of pauses between tries begins; several programs should not have the same.
    pub jitter: u64,
    /// Where sessions and tasks are written down for as long as they are there, so that they can be ended when their program could not do it.
    pub(crate) journal: Option<Journal>,
}

impl XapiOptions {
    /// With usual limits.
    pub fn new(
        endpoint: Endpoint,
        user: impl Into<String>,
        password: Secret,
        trust: Trust,
    ) -> Self {
        Self {
            endpoints: vec![endpoint],
            user: user.into(),
            password,
            trust,
            originator: "bioxen".to_owned(),
            known_members: Vec::new(),
            limits: XapiLimits::default(),
            jitter: 0,
            journal: None,
        }
    }
}

/// Limits on time of steps; each has a part in the error that says it was overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XapiLimits {
    /// Of connections.
    pub https: HttpsLimits,
    /// For a login, which takes 5 s with a wrong password.
    pub login: Duration,
    /// For a call.
    pub call: Duration,
    /// For a clone.
    pub clone: Duration,
    /// For a full copy of all disks.
    pub copy: Duration,
    /// For the disks that a template asks for.
    pub provision: Duration,
    /// For a start, a resume or an unpause.
    pub start: Duration,
    /// For a shutdown, a reboot, a suspension or a pause.
    pub stop: Duration,
    /// For a snapshot, a checkpoint or a return to one.
    pub snapshot: Duration,
    /// For the removal of a VM or of a disk.
    pub destroy: Duration,
    /// For the end of a session.
    pub logout: Duration,
    /// What an operation in the background gets to end when it is asked to, at most a fifth of its own limit.
    pub settle: Duration,
}

impl Default for XapiLimits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            https: HttpsLimits::default(),
            login: seconds(15),
            call: seconds(30),
            clone: seconds(600),
            copy: seconds(3_600),
            provision: seconds(300),
            start: seconds(120),
            stop: seconds(60),
            snapshot: seconds(600),
            destroy: seconds(60),
            logout: seconds(5),
            settle: seconds(30),
        }
    }
}
