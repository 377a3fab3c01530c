//! Biological VMs inside XCP-ng: an XAPI client, SSH with pinned host keys, and the life of a guest.
//!
//! [`Xapi`] is one session with a pool: typed calls, operations in the background, events.
//! It repeats what may be repeated and nothing else; when an answer is lost, the outcome is [unknown](XapiError::OutcomeUnknown), and never a guess.
//! Every step has a limit, which the error names, and a call that is called off returns within a second.
//! Nothing is sent to a server before it has shown by its certificate that it is the one that is meant.
//!
//! Connections come through [`Dial`], and time through [`Timer`], so that a pool can be made up, and its time with it.
//!
//! ```
//! use bioxen_core::Secret;
//! use bioxen_xcpng::{CertificatePin, Endpoint, PlainHttp, Trust, XapiOptions};
//!
//! // A host makes its certificate by itself, so that it is known by its SHA-256.
//! let pin = "40:6C:2A:0F:1B:77:5A:0E:31:C4:9D:58:66:12:AF:03:9B:E8:70:2D:55:14:CC:61:8F:3E:A9:07:D4:B2:1C:90"
//!     .parse::<CertificatePin>()?;
//! let endpoint = Endpoint::parse("https://xcp1.example.com", PlainHttp::Refused)?;
//! let mut options = XapiOptions::new(
//!     endpoint,
//!     "root",
//!     Secret::new("not shown".to_owned()),
//!     Trust::pin(pin),
//! );
//! options.originator = "bioxen/laptop".to_owned();
//! assert!(!format!("{options:?}").contains("not shown"));
//! // `Xapi::connect(options, Arc::new(SystemTimer::new()))` logs in.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codec;
pub mod https;
pub mod value;
pub mod xapi;

mod ssh;

mod channel;
mod ensemble;
mod journal;
mod pool;

mod error;
mod wait;

pub use channel::{PoolChannel, XcpngBiologicalVm, plan_vm};
pub use codec::CodecError;
pub use ensemble::{Computed, Ensemble, Job, Outcome, Work};
pub use error::{RedirectProblem, XapiError};
pub use https::{
    CertificatePin, Dial, Endpoint, HttpsDial, HttpsLimits, InvalidEndpoint, InvalidPin, PlainHttp,
    Reach, Transport, TransportError, TransportErrorKind, Trust, TrustError,
};
pub use journal::JournalError;
pub use pool::{
    Check, CheckVerdict, FailureKind, Found, Garbage, Guest, GuestHostKeys, GuestLimits, Leak,
    Reached, ShownHostKey, Step, Watcher, XcpngError, XcpngOptions, XcpngPool, examine,
};
pub use ssh::{
    AGENT_COMMAND, AgentReader, AgentStream, AgentWriter, CommandCaps, CommandOutput, Control,
    Exit, ExpectedHostKey, Fingerprint, HostKeyRefused, HostKeys, HostKeysError, InvalidPublicKey,
    KnownKeys, LibraryError, PublicKey, Remote, SkippedLine, SshAuth, SshError, SshLimits,
    SshOptions, UploadError, Uploaded, Verdict, ensure_agent,
};
pub use wait::{Deadline, Overdue, SystemTimer, Timer};
pub use xapi::{Xapi, XapiLimits, XapiOptions};
