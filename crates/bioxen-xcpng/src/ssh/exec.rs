//! Commands of operators.

use std::io::Read;

use bioxen_agent::Excerpt;
use bioxen_core::CancelToken;

use super::channel::{Running, Source};
use super::connect::Remote;
use super::dial::remaining;
use super::error::SshError;
use super::link::{Failed, State};
use super::output::CommandOutput;
use crate::wait::Deadline;

/// How much of what a command writes is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandCaps {
    /// Bytes of standard output; a command that writes more is given up.
    pub stdout: usize,
    /// Bytes of standard error that are kept, half of them from its beginning and half from its end.
    pub stderr: usize,
}

impl Default for CommandCaps {
    /// 64 MiB and 1 MiB.
    fn default() -> Self {
        Self {
            stdout: 64 << 20,
            stderr: 1 << 20,
        }
    }
}

/// Bytes that are asked for at once.
const PIECE: usize = 64 << 10;

/// Bytes that fit into one packet.
const PACKET: usize = 32_000;

impl Remote {
    /// Runs a command in the guest, gives it what to read, and waits for its end.
    ///
    /// The command is a line for the shell of the user there: nothing that a user of BioXen wrote belongs into it.
    /// Reading, writing and errors go on at the same time; `stdin` itself should not make wait.
    /// A server that closes the channel and says nothing about the end of the command cannot be told from exit code 0.
    ///
    /// # Errors
    ///
    /// [`SshError`]; a command that was begun may then go on in the guest.
    pub fn execute_command(
        &self,
        command: &str,
        stdin: &mut dyn Read,
        caps: CommandCaps,
        deadline: Deadline,
        cancel: &CancelToken,
    ) -> Result<CommandOutput, SshError> {
        let link = &self.link;
        let running = Running::start(link, command, deadline, cancel)?;
        let mut input = Input::new(stdin);
        let mut output = Output {
            stdout: Vec::new(),
            stderr: Excerpt::default(),
            piece: vec![0; PIECE],
            caps,
        };
        loop {
            input.refill()?;
            let mut state = link.lock();
            let moved = input.write(&running, &mut state).and_then(|wrote| {
                let read = output.read(&running, &mut state)?;
                Ok(wrote || read)
            });
            let moved = moved.map_err(|failed| failed.at(link.address, deadline.step()))?;
            if output.stdout.len() > caps.stdout {
                return Err(SshError::TooMuch { cap: caps.stdout });
            }
            if moved {
                remaining(link.address, deadline, &*link.timer, cancel)?;
                continue;
            }
            let exit = running.exit(&mut state);
            match exit.map_err(|failed| failed.at(link.address, deadline.step()))? {
                Some(exit) => {
                    return Ok(CommandOutput {
                        stdout: output.stdout,
                        stderr: output.stderr.finish(caps.stderr),
                        exit,
                    });
                }
                None => {
                    link.sweep(&mut state);
                    link.wait(&mut state, Some(deadline), cancel, deadline.step())?;
                }
            }
        }
    }
}

/// What a command reads.
struct Input<'a> {
    from: &'a mut dyn Read,
    piece: Vec<u8>,
    taken: usize,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Bytes,
    End,
    Done,
}

impl<'a> Input<'a> {
    fn new(from: &'a mut dyn Read) -> Self {
        Self {
            from,
            piece: Vec::new(),
            taken: 0,
            phase: Phase::Bytes,
        }
    }

    fn refill(&mut self) -> Result<(), SshError> {
        if self.phase != Phase::Bytes || self.taken < self.piece.len() {
            return Ok(());
        }
        self.piece.resize(PACKET, 0);
        self.taken = 0;
        let length = loop {
            match self.from.read(&mut self.piece) {
                Ok(length) => break length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => return Err(SshError::Input { source }),
            }
        };
        self.piece.truncate(length);
        if length == 0 {
            self.phase = Phase::End;
        }
        Ok(())
    }

    /// Says whether something was written.
    fn write(&mut self, running: &Running, state: &mut State) -> Result<bool, Failed> {
        match self.phase {
            Phase::Bytes => match running.write(state, &self.piece[self.taken..])? {
                Some(length) => {
                    self.taken = self.piece.len().min(self.taken + length);
                    Ok(true)
                }
                None => {
                    // A command that has ended reads no more.
                    if running.is_over(state)? {
                        self.phase = Phase::Done;
                    }
                    Ok(false)
                }
            },
            Phase::End => Ok(running.send_end(state)?.is_some_and(|()| {
                self.phase = Phase::Done;
                true
            })),
            Phase::Done => Ok(false),
        }
    }
}

/// What a command writes.
struct Output {
    stdout: Vec<u8>,
    stderr: Excerpt,
    piece: Vec<u8>,
    caps: CommandCaps,
}

impl Output {
    /// Says whether something was read.
    fn read(&mut self, running: &Running, state: &mut State) -> Result<bool, Failed> {
        let mut moved = false;
        if let Some(length) = running.read(state, Source::Out, &mut self.piece)? {
            self.stdout.extend_from_slice(&self.piece[..length]);
            moved |= length > 0;
        }
        if let Some(length) = running.read(state, Source::Err, &mut self.piece)? {
            self.stderr.push(&self.piece[..length], self.caps.stderr);
            moved |= length > 0;
        }
        Ok(moved)
    }
}
