//! Biological VMs inside XCP-ng: an XAPI client, SSH with pinned host keys, and the life of a guest.

mod codec;
pub mod https;
pub mod value;
pub mod xapi;

mod ssh;

mod channel;
mod journal;
mod pool;

mod error;
mod wait;

pub use channel::{PoolChannel, XcpngBiologicalVm, plan_vm};
pub use codec::CodecError;
pub use error::{RedirectProblem, XapiError};
pub use https::{
    CertificatePin, Dial, Endpoint, HttpsDial, HttpsLimits, InvalidEndpoint, InvalidPin, PlainHttp,
    Reach, Transport, TransportError, TransportErrorKind, Trust, TrustError,
};
pub use journal::JournalError;
pub use pool::{
    Check, CheckVerdict, Found, Garbage, Guest, GuestLimits, Leak, Reached, Step, Watcher,
    XcpngError, XcpngOptions, XcpngPool, examine,
};
pub use ssh::{
    AGENT_COMMAND, AgentReader, AgentStream, AgentWriter, CommandCaps, CommandOutput, Control,
    Exit, ExpectedHostKey, Fingerprint, HostKeyRefused, HostKeys, HostKeysError, InvalidPublicKey,
    Kept, KnownKeys, LibraryError, PublicKey, Remote, SkippedLine, SshAuth, SshError, SshLimits,
    SshOptions, UploadError, Uploaded, Verdict, ensure_agent,
};
pub use wait::{Deadline, Overdue, SystemTimer, Timer};
pub use xapi::{Xapi, XapiLimits, XapiOptions};
