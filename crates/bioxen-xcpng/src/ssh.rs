//! SSH to guests, with host keys that are known before the first contact.
//!
//! - [`HostKeys`] is the file of known keys, [`ExpectedHostKey`] is what one connection expects, and nobody authenticates to another key.
//! - [`Remote`] is a connection, whose steps have limits and can be called off.
//! - [`Remote::execute_command`] runs a command of an operator; [`Remote::agent`] is the stream for `bioxen_agent::Client`.
//! - [`ensure_agent`] brings the agent to a guest.
//!
//! What a user wrote goes to a guest as bytes of a stream and never as part of a command line.

mod agent;
mod auth;
mod base64;
mod channel;
mod command;
mod connect;
mod dial;
mod draw;
mod error;
mod exec;
mod expect;
mod hosts;
mod key;
mod link;
mod options;
mod output;
mod private;
mod upload;

pub use agent::{AgentReader, AgentStream, AgentWriter, Control};
pub(crate) use auth::agent_keys;
pub use command::AGENT_COMMAND;
pub use connect::Remote;
pub(crate) use draw::HostKeyPair;
pub use error::{LibraryError, SshError};
pub use exec::CommandCaps;
pub use expect::{ExpectedHostKey, HostKeyRefused, Verdict};
pub use hosts::{HostKeys, HostKeysError, KnownKeys, SkippedLine};
pub use key::{Fingerprint, InvalidPublicKey, PublicKey};
pub use options::{SshAuth, SshLimits, SshOptions};
pub use output::{CommandOutput, Exit};
pub(crate) use private::PrivateKey;
pub use upload::{UploadError, Uploaded, ensure_agent};
