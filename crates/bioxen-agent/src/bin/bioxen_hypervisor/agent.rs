//! Requests to the daemon of this machine, which is started if none runs.

use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use bioxen_agent::{
    Answer, ClientChannel, ClientHello, LocalError, Place, Request, connect, connect_or_start,
    draw_nonce, draw_op,
};
use bioxen_core::VmError;

use crate::failure::{Failure, is_unknown};

/// How long a daemon that a command started lives without VMs and without connections.
const IDLE: &str = "10min";

/// The daemon, as a command asks it.
pub(crate) struct Agent {
    place: Place,
    channel: ClientChannel,
    /// How long an answer is waited for, also over a second connection; as long as it takes if not given.
    limit: Option<Duration>,
}

impl Agent {
    /// Meets the daemon of a state folder, or starts it; that has the limit of an answer.
    pub(crate) fn meet(place: Place, limit: Option<Duration>) -> Result<Self, Failure> {
        let channel = within(limit, || meet(&place))?;
        Ok(Self {
            place,
            channel,
            limit,
        })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Asks and waits for the answer; a refusal is a failure.
    ///
    /// If the connection breaks on the way, it is asked once more under the same name over another one: what was done is not done twice.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Answer, Failure> {
        match within(self.limit, || self.call(request))? {
            Answer::Refused(refusal) => Err(VmError::from(refusal).into()),
            answer => Ok(answer),
        }
    }

    fn call(&mut self, request: &Request) -> Result<Answer, VmError> {
        let op = draw_op();
        match self.channel.ask_as(op, request) {
            Err(error) if is_unknown(&error) => {
                // If nobody can be met, what is known is still that the outcome is not.
                let Ok(channel) = meet(&self.place) else {
                    return Err(error);
                };
                self.channel = channel;
                self.channel.ask_as(op, request)
            }
            other => other,
        }
    }
}

/// What comes of waiting for the daemon; if that takes longer than a limit, the program ends.
fn within<T>(limit: Option<Duration>, wait: impl FnOnce() -> T) -> T {
    let Some(limit) = limit else {
        return wait();
    };
    let (over, news) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || leave_after(limit, &news));
        let waited = wait();
        drop(over);
        waited
    })
}

/// Ends the program with a time-out, unless there is news before.
#[expect(
    clippy::exit,
    reason = "the main thread waits for the daemon, and only its end frees it"
)]
fn leave_after(limit: Duration, news: &Receiver<()>) {
    if news.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
        let failure = Failure::TimeOut { limit };
        let _ = failure.report();
        std::process::exit(failure.exit() as i32);
    }
}

/// What this program says about itself.
fn hello() -> ClientHello {
    ClientHello::new("bioxen_hypervisor", env!("CARGO_PKG_VERSION"), draw_nonce())
}

/// Nobody starts a daemon in the folder of another user: its files would be in the way of the rightful one.
pub(crate) fn own(place: &Place) -> Result<(), Failure> {
    let state = place.state();
    let user = nix::unistd::geteuid().as_raw();
    match std::fs::metadata(state) {
        Ok(folder) if folder.uid() != user => Err(Failure::Owner {
            state: state.to_owned(),
            owner: folder.uid(),
            user,
        }),
        // What is wrong with it otherwise, the daemon says.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn meet(place: &Place) -> Result<ClientChannel, Failure> {
    match find(place) {
        // One that is ending says no hello: another one is started when it has left.
        Err(LocalError::NotRunning { .. } | LocalError::Hello { .. }) => own(place)?,
        other => return Ok(other?),
    }
    let program = std::env::current_exe().map_err(|source| Failure::Executable { source })?;
    let mut daemon = Command::new(program);
    daemon.arg("daemon").args(["--exit-when-idle", IDLE]);
    daemon.arg("--state").arg(place.state());
    daemon.arg("--log").arg(place.log());
    // The folder of the caller may be unmounted while the daemon lives.
    daemon.current_dir("/");
    let (client, _) = connect_or_start(place, &hello(), daemon)?;
    Ok(ClientChannel::new(client, draw_op))
}

/// Starts the daemon of a state folder if none runs, and leaves it.
pub(crate) fn rouse(place: &Place) -> Result<(), Failure> {
    // A goodbye that cannot be said is none to wait for.
    let _ = meet(place)?.into_client().close();
    Ok(())
}

/// Meets the daemon of a state folder if one runs.
pub(crate) fn find(place: &Place) -> Result<ClientChannel, LocalError> {
    let client = connect(place, &hello())?;
    Ok(ClientChannel::new(client, draw_op))
}
