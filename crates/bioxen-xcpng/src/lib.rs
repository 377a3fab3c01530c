//! Biological VMs inside XCP-ng: an XAPI client, SSH with pinned host keys, and the life of a guest.

mod ssh;
mod wait;

pub use ssh::{
    AGENT_COMMAND, AgentReader, AgentStream, AgentWriter, CommandCaps, CommandOutput, Control,
    Exit, ExpectedHostKey, Fingerprint, HostKeyRefused, HostKeys, HostKeysError, InvalidPublicKey,
    Kept, KnownKeys, LibraryError, PublicKey, Remote, SkippedLine, SshAuth, SshError, SshLimits,
    SshOptions, UploadError, Uploaded, Verdict, ensure_agent,
};
pub use wait::{Deadline, Overdue, SystemTimer, Timer};
