//! How a client shows who it is.

use std::path::Path;

use bioxen_core::Secret;
use ssh2::{Agent, Session};

use super::connect::Raw;
use super::error::{LibraryError, SshError};
use super::key::PublicKey;
use super::options::{SshAuth, SshOptions};
use crate::wait::Deadline;

pub(super) fn authenticate(
    raw: &mut Raw<'_>,
    options: &SshOptions,
    deadline: Deadline,
) -> Result<(), SshError> {
    let user = &options.user;
    let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    match &options.auth {
        SshAuth::KeyFile { path, passphrase } => {
            let passphrase = text(passphrase);
            attempt(raw, user, "a key file", path, deadline, |session| {
                session.userauth_pubkey_file(user, None, path, passphrase.as_deref())
            })
        }
        SshAuth::KeyMemory {
            private,
            passphrase,
        } => {
            let passphrase = text(passphrase);
            let from = Path::new("in memory");
            attempt(raw, user, "a key", from, deadline, |session| {
                let private = private.expose();
                session.userauth_pubkey_memory(user, None, private, passphrase.as_deref())
            })
        }
        SshAuth::Agent { socket } => with_agent(raw, user, socket, deadline),
        SshAuth::Password(password) => {
            let from = Path::new("of a password");
            attempt(raw, user, "a password", from, deadline, |session| {
                session.userauth_password(user, password.expose())
            })
        }
    }
}

fn attempt(
    raw: &mut Raw<'_>,
    user: &str,
    with: &'static str,
    from: &Path,
    deadline: Deadline,
    call: impl FnMut(&mut Session) -> Result<(), ssh2::Error>,
) -> Result<(), SshError> {
    let address = raw.address;
    let outcome = raw.outcome(deadline, call)?;
    outcome.map_err(|source| classify(address, user, with, from, deadline.step(), source))?;
    if raw.session.authenticated() {
        return Ok(());
    }
    let source = LibraryError::of(&ssh2::Error::unknown());
    Err(SshError::Auth {
        address,
        user: user.to_owned(),
        with,
        source,
    })
}

fn classify(
    address: std::net::SocketAddr,
    user: &str,
    with: &'static str,
    from: &Path,
    step: &'static str,
    source: LibraryError,
) -> SshError {
    if source.is_cut() {
        SshError::Cut {
            address,
            step,
            source,
        }
    } else if source.is_key() {
        SshError::Key {
            from: from.to_owned(),
            source,
        }
    } else {
        SshError::Auth {
            address,
            user: user.to_owned(),
            with,
            source,
        }
    }
}

/// Tries each key that an agent holds.
///
/// The agent is a program of this user on this machine, and is waited for.
fn with_agent(
    raw: &mut Raw<'_>,
    user: &str,
    socket: &Path,
    deadline: Deadline,
) -> Result<(), SshError> {
    let address = raw.address;
    let no_agent = |error: &ssh2::Error| no_agent(socket, error);
    let agent = ask_agent(&raw.session, socket).map_err(|error| no_agent(&error))?;
    let identities = agent.identities().map_err(|error| no_agent(&error))?;
    let mut last = ssh2::Error::unknown();
    let mut refusal = LibraryError::of(&last);
    for identity in &identities {
        match raw.outcome(deadline, |_| agent.userauth(user, identity))? {
            Ok(()) if raw.session.authenticated() => return Ok(()),
            Ok(()) => {}
            Err(error) if error.is_refused_user() => refusal = error,
            Err(source) => {
                let with = "a key of the agent";
                return Err(classify(
                    address,
                    user,
                    with,
                    socket,
                    deadline.step(),
                    source,
                ));
            }
        }
    }
    if identities.is_empty() {
        last = ssh2::Error::new(ssh2::ErrorCode::Session(-42), "the agent has no keys");
        return Err(no_agent(&last));
    }
    Err(SshError::Auth {
        address,
        user: user.to_owned(),
        with: "the keys of the agent",
        source: refusal,
    })
}

/// The public parts of the keys that an agent holds, as far as they are of a kind that is known.
pub(crate) fn agent_keys(socket: &Path) -> Result<Vec<PublicKey>, SshError> {
    let session = Session::new().map_err(|error| no_agent(socket, &error))?;
    let identities = ask_agent(&session, socket).and_then(|agent| agent.identities());
    let identities = identities.map_err(|error| no_agent(socket, &error))?;
    let keys = identities.iter();
    Ok(keys
        .filter_map(|key| PublicKey::from_wire(key.blob()).ok())
        .collect())
}

/// An agent that has told which keys it holds.
fn ask_agent(session: &Session, socket: &Path) -> Result<Agent, ssh2::Error> {
    let mut agent = session.agent()?;
    agent.set_identity_path(socket)?;
    agent.connect()?;
    agent.list_identities()?;
    Ok(agent)
}

fn no_agent(socket: &Path, error: &ssh2::Error) -> SshError {
    SshError::KeyAgent {
        socket: socket.to_owned(),
        source: LibraryError::of(error),
    }
}
