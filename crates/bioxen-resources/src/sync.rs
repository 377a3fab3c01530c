//! What the monitor and its callers share: locks, channels and the thread.
//!
//! With `--cfg shuttle` they are those of a scheduler that tries many orders of events, so that the models in `monitor/models.rs` see the code of the monitor as it is.

#[cfg(not(shuttle))]
pub(crate) use self::real::{
    JoinHandle, Mutex, Receiver, RecvTimeoutError, Sender, bounded, spawn,
};
#[cfg(shuttle)]
pub(crate) use self::tried::{
    JoinHandle, Mutex, Receiver, RecvTimeoutError, Sender, bounded, spawn,
};

#[cfg(not(shuttle))]
mod real {
    use std::io;

    pub(crate) use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
    pub(crate) use parking_lot::Mutex;
    pub(crate) use std::thread::JoinHandle;

    /// A thread with a name; whoever asks for it joins it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the monitor owns its thread and joins it in `stop`"
    )]
    pub(crate) fn spawn(
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
    }
}

#[cfg(shuttle)]
mod tried;
