//! The processes of a guest.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::error::GuestError;

/// Where Debian and others have it; it has to be started by its full path.
const SSHD: &str = "/usr/sbin/sshd";

/// The first process of a guest.
///
/// It obeys words on its standard input, and its end, which comes at the latest with that of the process that made the guest, is the end of all others.
/// It sends signals to all processes that it can see, so it first makes sure that these are its own.
const FIRST: &str = r#"
test "$$" = 1 || { echo "no namespace of its own" >&2; exit 97; }
if test "$1" = root; then
    mount -t tmpfs -o mode=755 guest /run && mkdir -m 755 /run/sshd || exit 98
fi
{ "$2" -D -e -f "$3" < /dev/null >&2; echo "guest: the server has ended" >&2; } &
while read -r word; do
    case "$word" in
        pause) kill -s STOP -- -1 ;;
        go) kill -s CONT -- -1 ;;
        end) kill -s CONT -- -1; kill -s TERM -- -1 ;;
    esac
    echo "$word"
done
exit 0
"#;

/// All processes of a guest.
#[derive(Debug)]
pub(super) struct Processes {
    child: Child,
    words: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What the first process is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// All others stand still.
    Pause,
    /// They go on.
    Go,
    /// They are asked to end.
    End,
}

impl Processes {
    pub(super) fn start(config: &Path) -> Result<(Self, ChildStderr), GuestError> {
        if !Path::new(SSHD).is_file() {
            return Err(GuestError::Missing {
                program: SSHD,
                package: "openssh-server",
            });
        }
        let is_root = nix::unistd::geteuid().is_root();
        let mut unshare = Command::new("unshare");
        if !is_root {
            unshare.args(["--user", "--map-current-user"]);
        }
        unshare
            .args(["--mount", "--mount-proc", "--pid", "--fork"])
            .args(["--kill-child=KILL", "sh", "-c", FIRST, "guest"])
            .arg(if is_root { "root" } else { "user" })
            .arg(SSHD)
            .arg(config)
            .env_remove("BIOXEN_STATE")
            .env_remove("BIOXEN_PACKAGE_PATH")
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = unshare.spawn().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => GuestError::Missing {
                program: "unshare",
                package: "util-linux",
            },
            _ => GuestError::Run {
                program: "unshare",
                source,
            },
        })?;
        let words = child.stdin.take();
        let (Some(answers), Some(log)) = (child.stdout.take(), child.stderr.take()) else {
            let source = io::ErrorKind::BrokenPipe.into();
            let program = "unshare";
            return Err(GuestError::Run { program, source });
        };
        let processes = Self {
            child,
            words,
            answers: BufReader::new(answers),
        };
        Ok((processes, log))
    }

    /// Says a word and waits until it is done; the first process itself never stands still.
    pub(super) fn say(&mut self, word: Word) -> io::Result<()> {
        let word = match word {
            Word::Pause => "pause\n",
            Word::Go => "go\n",
            Word::End => "end\n",
        };
        let Some(words) = &mut self.words else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        words.write_all(word.as_bytes())?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        if answer == word {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    /// Ends all processes and waits until they have ended.
    pub(super) fn kill(&mut self) -> io::Result<ExitStatus> {
        /// What ends on its own ends at once.
        const LIMIT: Duration = Duration::from_secs(10);
        const PAUSE: Duration = Duration::from_millis(5);
        drop(self.words.take());
        let mut waited = Duration::ZERO;
        while waited < LIMIT {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::park_timeout(PAUSE);
            waited += PAUSE;
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.kill();
    }
}
