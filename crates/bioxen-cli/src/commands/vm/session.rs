//! The connection to whoever owns the VMs.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bioxen::agent::{
    Answer, Channel, Client, ClientChannel, ClientHello, LocalError, Met, Place, ProtocolError,
    RemoteHypervisor, Request, UnderWay, connect, connect_or_start, draw_nonce, draw_op,
    may_be_answered_elsewhere,
};
use bioxen::xcpng::PoolChannel;
use bioxen::{CancelToken, VmError, explain};

use crate::commands::state::state_folder;
use crate::commands::target::Target;
use crate::failure::{Failure, say};

/// A daemon that was started by a command ends after this long without VMs and connections.
const IDLE: &str = "10min";

/// A connection to whoever owns the VMs.
#[derive(Debug)]
pub(crate) struct Session {
    hypervisor: RemoteHypervisor,
    way: Way,
}

/// To whom.
#[derive(Debug)]
enum Way {
    /// The daemon of a state folder, which was started if none ran.
    Daemon { place: Place, under_way: UnderWay },
    /// A pool, whose operations this token calls off.
    Pool(CancelToken),
}

impl Session {
    /// Meets the pool that is meant, or the daemon of a state folder, which is started if none runs.
    pub(in crate::commands) fn open(target: &Target) -> Result<Self, Failure> {
        if let Some(options) = target.pool() {
            let cancel = options.cancel.clone();
            return Ok(Self {
                hypervisor: RemoteHypervisor::new(PoolChannel::new(target.connect()?)),
                way: Way::Pool(cancel),
            });
        }
        let place = place(target.state())?;
        let (client, met) = meet(&place)?;
        if met == Met::Started {
            say(&format!(
                "note: started a daemon for {}",
                place.state().display()
            ));
        }
        Ok(Self::over(place, client, Loss::StartAnother))
    }

    /// As [`open`](Self::open), for who only watches: a daemon that somebody ended stays so.
    pub(super) fn open_to_watch(target: &Target) -> Result<Self, Failure> {
        let opened = Self::open(target)?;
        match opened.way {
            Way::Daemon { place, .. } => Self::at(place),
            Way::Pool(_) => Ok(opened),
        }
    }

    /// Meets the pool that is meant, or the daemon of a state folder if one runs.
    pub(super) fn running(target: &Target) -> Result<Self, Failure> {
        match target.pool() {
            Some(_) => Self::open(target),
            None => Self::at(place(target.state())?),
        }
    }

    fn at(place: Place) -> Result<Self, Failure> {
        let client = connect(&place, &hello())?;
        Ok(Self::over(place, client, Loss::GiveUp))
    }

    fn over(place: Place, client: Client, loss: Loss) -> Self {
        let under_way = UnderWay::default();
        let line = Line {
            place: place.clone(),
            channel: ClientChannel::new(client, draw_op).known_to(&under_way),
            under_way: under_way.clone(),
            loss,
        };
        Self {
            hypervisor: RemoteHypervisor::new(line),
            way: Way::Daemon { place, under_way },
        }
    }

    pub(crate) fn hypervisor(&self) -> &RemoteHypervisor {
        &self.hypervisor
    }

    /// Where the daemon is, if it is one.
    pub(in crate::commands) fn place(&self) -> Option<&Place> {
        match &self.way {
            Way::Daemon { place, .. } => Some(place),
            Way::Pool(_) => None,
        }
    }

    /// What calls off whatever is asked at any moment, from another thread.
    pub(super) fn canceller(&self) -> impl Fn() + Send + use<> {
        let way = match &self.way {
            Way::Daemon { under_way, .. } => Ok(under_way.clone()),
            Way::Pool(token) => Err(token.clone()),
        };
        move || match &way {
            Ok(under_way) => under_way.cancel(),
            Err(token) => token.cancel(),
        }
    }
}

/// Where the daemon of a state folder is; absolute, since the daemon has a folder of its own.
pub(crate) fn place(state: Option<&Path>) -> Result<Place, Failure> {
    let folder = state_folder(state).ok_or(Failure::NoState)?;
    let folder = std::path::absolute(&folder).map_err(|source| Failure::Write {
        path: folder,
        source,
    })?;
    Ok(Place::of(&folder))
}

/// A second connection, on which an answer that takes longer than this breaks the connection: see [`is_late`].
pub(crate) fn connect_within(place: &Place, limit: Duration) -> Result<ClientChannel, LocalError> {
    let socket = place.socket();
    let open = || {
        let stream = UnixStream::connect(&socket)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        Ok((stream.try_clone()?, stream))
    };
    match open() {
        Ok((read, write)) => match Client::open(read, write, &hello()) {
            Ok(client) => Ok(ClientChannel::new(client, draw_op)),
            Err(source) => Err(LocalError::Hello { socket, source }),
        },
        Err(source) => Err(LocalError::Connect { socket, source }),
    }
}

/// Whether a call failed because its answer did not come in time.
pub(crate) fn is_late(error: &VmError) -> bool {
    let VmError::Backend { source, .. } = error else {
        return false;
    };
    source.downcast_ref().is_some_and(is_read_late)
}

fn is_read_late(error: &ProtocolError) -> bool {
    match error {
        ProtocolError::Read { source } => {
            matches!(source.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
        }
        ProtocolError::OutcomeUnknown { source, .. }
        | ProtocolError::NotBegun { source, .. }
        | ProtocolError::Broken { source } => is_read_late(source),
        _ => false,
    }
}

/// Meets the daemon, or starts one.
fn meet(place: &Place) -> Result<(Client, Met), Failure> {
    Ok(connect_or_start(place, &hello(), program(place)?)?)
}

/// The command line of a daemon that ends when nobody needs it.
fn program(place: &Place) -> Result<Command, Failure> {
    let own = std::env::current_exe().map_err(|source| Failure::Program { source })?;
    let mut program = Command::new(own);
    program.arg("daemon").arg("--state").arg(place.state());
    program.args(["--exit-when-idle", IDLE]);
    program.arg("--log").arg(place.log());
    // It outlives this command, and shall not hold the folder that this command is in.
    program.current_dir(place.state());
    Ok(program)
}

pub(crate) fn hello() -> ClientHello {
    ClientHello::new("bioxen", env!("CARGO_PKG_VERSION"), draw_nonce())
}

/// A connection that is made anew when it breaks.
#[derive(Debug)]
struct Line {
    place: Place,
    channel: ClientChannel,
    under_way: UnderWay,
    loss: Loss,
}

/// What is done when the daemon is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    StartAnother,
    GiveUp,
}

impl Channel for Line {
    /// Asks, and asks a second time under the same id when the connection breaks: what was done is not done twice.
    fn call(&mut self, request: &Request) -> Result<Answer, VmError> {
        let op = draw_op();
        match self.channel.ask_as(op, request) {
            Err(error)
                if may_be_answered_elsewhere(&error) && !matches!(request, Request::ShutDown) =>
            {
                self.again(error)?;
                self.channel.ask_as(op, request)
            }
            first => first,
        }
    }
}

impl Line {
    /// Another connection, or why there is none.
    fn again(&mut self, broken: VmError) -> Result<(), VmError> {
        let met = match self.loss {
            Loss::StartAnother => meet(&self.place),
            Loss::GiveUp => match connect(&self.place, &hello()) {
                Ok(client) => Ok((client, Met::Running)),
                Err(source) => {
                    return Err(VmError::Backend {
                        context: "the daemon is gone",
                        source: Box::new(source),
                    });
                }
            },
        };
        match met {
            Ok((client, _)) => {
                self.channel = ClientChannel::new(client, draw_op).known_to(&self.under_way);
                say("note: the connection to the daemon broke and was made anew");
                Ok(())
            }
            Err(failure) => {
                say(&format!(
                    "note: the connection to the daemon broke, and there is no other: {}",
                    explain(&failure)
                ));
                Err(broken)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use bioxen::VmError;
    use bioxen::agent::{ProtocolError, draw_op};

    use super::{is_late, may_be_answered_elsewhere};

    #[test]
    fn an_answer_that_is_late_is_told_from_a_broken_connection() {
        let unknown = |kind: io::ErrorKind| VmError::Backend {
            context: "it is not known whether the agent did it",
            source: Box::new(ProtocolError::OutcomeUnknown {
                op: draw_op(),
                source: Box::new(ProtocolError::Read {
                    source: Arc::new(kind.into()),
                }),
            }),
        };
        assert!(is_late(&unknown(io::ErrorKind::WouldBlock)));
        assert!(!is_late(&unknown(io::ErrorKind::ConnectionReset)));
        assert!(may_be_answered_elsewhere(&unknown(
            io::ErrorKind::ConnectionReset
        )));
        assert!(!may_be_answered_elsewhere(&VmError::Cancelled) && !is_late(&VmError::Cancelled));
    }
}
