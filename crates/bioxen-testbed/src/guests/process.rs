//! The processes of a guest.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::error::GuestError;
use super::plan::Isolation;

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

/// The first process of a guest where there are no namespaces.
///
/// Its processes are the group of the server, their children, which the server gives a title in place of an environment, and those that have the state folder of the guest in their environment.
const PLAIN: &str = r#"
test "$1" = user || mkdir -p /run/sshd
setsid sh -c '"$0" -D -e -f "$1" < /dev/null >&2; echo "guest: the server has ended" >&2' "$2" "$3" &
group="$!"
state="$4"
others() {
    server=" "
    for stat in /proc/[0-9]*/stat; do
        read -r line < "$stat" || continue
        set -- ${line##*) }
        test "$3" != "$group" || server="$server${line%% *} "
    done 2> /dev/null
    for folder in /proc/[0-9]*; do
        read -r line < "$folder/stat" || continue
        set -- ${line##*) }
        case "$server" in *" $2 "*) echo "${folder#/proc/}"; continue ;; esac
        if grep -qzxF "BIOXEN_STATE=$state" "$folder/environ"; then
            echo "${folder#/proc/}"
        fi
    done 2> /dev/null
}
send() {
    processes="$(others)"
    kill -s "$1" -- "-$group" 2> /dev/null
    for process in $processes; do
        kill -s "$1" "$process" 2> /dev/null
    done
}
while read -r word; do
    case "$word" in
        pause) send STOP ;;
        go) send CONT ;;
        end) send CONT; send TERM ;;
    esac
    echo "$word"
done
send KILL
# Those that were just being made.
while test -n "$(others)"; do
    send KILL
done
wait
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
    /// Starts a server, whose log is what comes back with it.
    pub(super) fn start(
        config: &Path,
        state: &Path,
        isolation: Isolation,
    ) -> Result<(Self, ChildStderr), GuestError> {
        if !Path::new(SSHD).is_file() {
            return Err(GuestError::Missing {
                program: SSHD,
                package: "openssh-server",
            });
        }
        let is_root = nix::unistd::geteuid().is_root();
        let is_plain = isolation == Isolation::Plain || !has_namespaces(is_root);
        let mut first = if is_plain {
            Command::new("sh")
        } else {
            let mut first = unshare(is_root);
            first.arg("sh");
            first
        };
        first
            .args(["-c", if is_plain { PLAIN } else { FIRST }, "guest"])
            .arg(if is_root { "root" } else { "user" })
            .arg(SSHD)
            .arg(config)
            .arg(state)
            .env_remove("BIOXEN_STATE")
            .env_remove("BIOXEN_PACKAGE_PATH")
            .env_remove("XDG_STATE_HOME")
            // Ctrl-C in the terminal of this process is not meant for it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let program = "the first process";
        let mut child = first
            .spawn()
            .map_err(|source| GuestError::Run { program, source })?;
        let words = child.stdin.take();
        let (Some(answers), Some(log)) = (child.stdout.take(), child.stderr.take()) else {
            let source = io::ErrorKind::BrokenPipe.into();
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

/// A command that goes on in namespaces of its own.
fn unshare(is_root: bool) -> Command {
    let mut unshare = Command::new("unshare");
    if !is_root {
        unshare.args(["--user", "--map-current-user"]);
    }
    unshare.args(["--mount", "--mount-proc", "--pid", "--fork"]);
    unshare.arg("--kill-child=KILL");
    unshare
}

/// Whether this system gives them, which those in a container may not.
fn has_namespaces(is_root: bool) -> bool {
    let status = unshare(is_root)
        .arg("true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

impl Drop for Processes {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.kill();
    }
}
