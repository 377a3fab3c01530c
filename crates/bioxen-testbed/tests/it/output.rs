//! What commands write and how they end arrives as it was.

use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::Duration;

use bioxen_core::CancelToken;
use bioxen_testbed::guests::Guest;
use bioxen_xcpng::{CommandCaps, CommandOutput, Deadline, Exit, Remote, SshError};

use crate::bed::{Bed, ok};

/// A guest with a connection to it.
struct Case {
    bed: Bed,
    remote: Remote,
    _guest: Guest,
}

impl Case {
    #[track_caller]
    fn new() -> Self {
        let bed = Bed::new();
        let guest = bed.guest();
        Self {
            remote: bed.connect(&guest),
            bed,
            _guest: guest,
        }
    }

    #[track_caller]
    fn run(&self, command: &str, stdin: &[u8]) -> CommandOutput {
        let output = self.bed.run(&self.remote, command, stdin);
        output.unwrap_or_else(|error| panic!("{command}: {error:?}"))
    }

    #[track_caller]
    fn check(&self, command: &str, stdin: &[u8], stdout: &[u8], exit: i32) {
        let output = self.run(command, stdin);
        // They may be long.
        assert!(
            output.stdout == stdout,
            "{command}: {} bytes and not {}",
            output.stdout.len(),
            stdout.len()
        );
        assert_eq!(output.exit, Exit::Status(exit), "{command}");
    }

    #[track_caller]
    fn signal(&self, command: &str, name: &str) {
        let exit = self.run(command, b"").exit;
        assert_eq!(exit, Exit::Signal(name.to_owned()), "{command}");
    }
}

const MIB: usize = 1 << 20;

fn counted(length: usize) -> Vec<u8> {
    let mut number = 0_u32;
    let mut bytes = Vec::with_capacity(length + 4);
    while bytes.len() < length {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[test]
fn bytes_are_bytes() {
    let case = Case::new();
    case.check("true", b"", b"", 0);
    case.check("printf x", b"", b"x", 0);
    case.check("printf 'a\\nb'", b"", b"a\nb", 0);
    case.check("printf '\\377\\376\\300\\200'", b"", b"\xFF\xFE\xC0\x80", 0);
    let all: Vec<u8> = (0..=255).collect();
    case.check("cat", &all, &all, 0);
    case.check("cat", b"", b"", 0);
    case.check("cat; printf end", b"in ", b"in end", 0);
    case.check(
        "head -c 10485760 /dev/zero | tr '\\0' l",
        b"",
        &vec![b'l'; 10 * MIB],
        0,
    );
    case.check(
        "for i in 1 2 3; do printf $i; sleep 0.2; done",
        b"",
        b"123",
        0,
    );
    let numbers: String = (0..3000).map(|number| format!("{number}\n")).collect();
    let count = "i=0; while [ $i -lt 3000 ]; do echo $i; echo $i >&2; i=$((i+1)); done";
    case.check(count, b"", numbers.as_bytes(), 0);
    assert_eq!(case.run(count, b"").stderr.head(), numbers.as_bytes());
}

#[test]
fn reading_and_writing_go_on_at_once() {
    let case = Case::new();
    let bytes = counted(8 * MIB + 1);
    case.check("cat", &bytes, &bytes, 0);
    case.check("wc -c", &bytes, b"8388609\n", 0);
    let output = case.run("tee /dev/stderr", &bytes);
    assert!(output.stdout == bytes);
    assert!(output.stderr.head() == &bytes[..MIB / 2]);
    assert!(output.stderr.tail() == &bytes[bytes.len() - MIB / 2..]);
    // Those that read nothing, or not all.
    case.check("exit 4", &bytes, b"", 4);
    case.check("head -c 3; exit 5", b"abcdef", b"abc", 5);
    case.check("exec <&-; printf x; sleep 0.2", &bytes, b"x", 0);
    // Those that say early that they write no more.
    case.check("exec >&- 2>&-; cat > /dev/null; exit 6", &bytes, b"", 6);
    let sum = "exec 3>sum >&- 2>&-; wc -c >&3; exit 7";
    case.check(&format!("cd; {sum}"), &bytes, b"", 7);
    case.check("cat ~/sum", b"", b"8388609\n", 0);
}

#[test]
fn as_much_as_the_caps_allow_and_no_more() {
    let case = Case::new();
    let both = "head -c 67108864 /dev/zero & head -c 67108864 /dev/zero >&2; wait";
    let output = case.run(both, b"");
    assert!(output.stdout == vec![0; 64 * MIB]);
    assert_eq!(output.stderr.left_out(), 63 << 20);
    let over = case
        .bed
        .run(&case.remote, "head -c 67108865 /dev/zero", b"");
    match over {
        Err(SshError::TooMuch { cap }) => assert_eq!(cap, 64 * MIB),
        other => panic!("{other:?}"),
    }
    // The connection is of use after that, also if the command would write for ever.
    let endless = case.bed.run(&case.remote, "cat /dev/zero", b"");
    assert!(matches!(endless, Err(SshError::TooMuch { .. })));
    let flood = case.run("head -c 8388608 /dev/zero >&2", b"");
    assert_eq!(flood.stderr.left_out(), 7 << 20);
    let full = case.run("head -c 1048576 /dev/zero >&2", b"");
    assert_eq!((full.stderr.head().len(), full.stderr.left_out()), (MIB, 0));
    let more = case.run("head -c 1048577 /dev/zero >&2", b"");
    assert_eq!(more.stderr.left_out(), 1);
    let caps = CommandCaps {
        stdout: 0,
        stderr: 0,
    };
    let none = CancelToken::new();
    let run = |command| {
        case.remote
            .execute_command(command, &mut std::io::empty(), caps, case.bed.long(), &none)
    };
    assert!(matches!(run("printf x"), Err(SshError::TooMuch { cap: 0 })));
    let quiet = run("printf x >&2").unwrap();
    assert_eq!((quiet.stderr.left_out(), quiet.exit), (1, Exit::Status(0)));
}

#[test]
fn exits_are_told_from_signals() {
    let case = Case::new();
    for code in [0, 1, 2, 126, 127, 255] {
        case.check(&format!("exit {code}"), b"", b"", code);
    }
    case.check("printf x; exit 255", b"", b"x", 255);
    case.check("/nowhere/program", b"", b"", 127);
    case.check("/dev/null", b"", b"", 126);
    for (number, name) in [
        (1, "HUP"),
        (6, "ABRT"),
        (9, "KILL"),
        (11, "SEGV"),
        (15, "TERM"),
    ] {
        case.signal(&format!("kill -{number} $$"), name);
    }
    case.signal("printf x; kill -9 $$", "KILL");
    // A shell that tells of a signal by a code is taken at its word.
    case.check("sh -c 'kill -9 $$'; exit $?", b"", b"", 137);
}

#[test]
fn a_command_line_has_no_nul() {
    let case = Case::new();
    let refused = case.bed.run(&case.remote, "echo \0", b"");
    assert!(matches!(refused, Err(SshError::Nul)), "{refused:?}");
}

#[test]
fn more_commands_than_the_guest_allows_wait_for_their_turn() {
    let bed = Bed::new();
    let mut plan = bed.plan("guest");
    plan.max_sessions = 3;
    let guest = ok(Guest::start(plan));
    // Four at a time, of which one is refused and asks again.
    let remote = bed.connect(&guest);
    thread::scope(|scope| {
        for number in 0..20 {
            let (bed, remote) = (&bed, &remote);
            scope.spawn(move || {
                let command = format!("sleep 0.05; cat; exit {number}");
                let input = number.to_string().into_bytes();
                let output = bed.run(remote, &command, &input).unwrap();
                assert_eq!(output.exit, Exit::Status(number));
                assert_eq!(output.stdout, input);
            });
        }
    });
}

#[test]
fn a_guest_that_takes_no_session_is_busy() {
    let bed = Bed::new();
    let mut plan = bed.plan("guest");
    plan.max_sessions = 0;
    let guest = ok(Guest::start(plan));
    let remote = bed.connect(&guest);
    let none = CancelToken::new();
    let deadline = Deadline::new("a session", Duration::from_millis(300), &*bed.timer);
    let mut stdin = std::io::empty();
    let caps = CommandCaps::default();
    let busy = remote.execute_command("true", &mut stdin, caps, deadline, &none);
    match busy {
        Err(error @ SshError::Busy { .. }) => assert!(error.is_transient()),
        other => panic!("{other:?}"),
    }
}

/// A stream and commands at once; what is written stops half-way when the guest stands still.
#[test]
fn a_stream_and_commands_share_a_connection() {
    let bed = Bed::new();
    let mut guest = bed.guest();
    let remote = bed.connect(&guest);
    let none = CancelToken::new();
    let stream = remote.agent("echo no >&2; cat", bed.long(), &none);
    let (mut reader, mut writer, control) = stream.unwrap().split();
    let bytes = counted(24 * MIB + 5);
    thread::scope(|scope| {
        let sent = bytes.as_slice();
        scope.spawn(move || {
            writer.write_all(sent).unwrap();
            // Its drop is the end of what the command reads.
            drop(writer);
        });
        let commands: Vec<_> = (1..4)
            .map(|number: usize| {
                let (bed, remote) = (&bed, &remote);
                scope.spawn(move || {
                    for _ in 0..3 {
                        let part = &sent[..number * MIB];
                        let output = bed.run(remote, "tee /dev/stderr", part).unwrap();
                        assert!(output.stdout == part);
                        assert_eq!(output.exit, Exit::Status(0));
                    }
                })
            })
            .collect();
        let mut read = vec![0; bytes.len()];
        let (first, rest) = read.split_at_mut(MIB);
        reader.read_exact(first).unwrap();
        guest.pause().unwrap();
        // What is on the way fills up meanwhile.
        bed.timer.wait(Duration::from_millis(200), &none);
        guest.unpause().unwrap();
        reader.read_exact(rest).unwrap();
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
        assert!(read == bytes);
        for command in commands {
            command.join().unwrap();
        }
    });
    assert_eq!(control.stderr().to_string(), "no\n");
    assert_eq!(control.exit(), Some(Exit::Status(0)));
}

#[test]
fn a_stream_whose_command_ends_says_so() {
    let bed = Bed::new();
    let guest = bed.guest();
    let remote = bed.connect(&guest);
    let none = CancelToken::new();
    let stream = remote.agent("echo gone >&2; exit 9", bed.long(), &none);
    let (mut reader, mut writer, control) = stream.unwrap().split();
    control.set_deadline(Some(bed.long()));
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap();
    assert!(read.is_empty());
    assert_eq!(control.stderr().to_string(), "gone\n");
    // Whoever writes more than fits on the way learns that nobody reads.
    let written = writer.write_all(&vec![0; 64 * MIB]).expect_err("an end");
    assert_eq!(written.kind(), ErrorKind::BrokenPipe, "{written:?}");
    assert_eq!(control.exit(), Some(Exit::Status(9)));
}
