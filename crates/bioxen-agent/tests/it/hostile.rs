//! Programs that would hurt if a shell, a terminal or a parser of lines saw them arrive byte for byte.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, Stdio};

use bioxen_agent::{
    Client, ClientChannel, ClientHello, Nonce, OpId, RemoteHypervisor, Request, VmRequest,
};
use bioxen_core::{ProcessCode, VmId};

use crate::fake::{Seen, while_listening};
use crate::machine::{Ended, Machine};
use crate::slow;

/// Longest argument of a command that Linux takes, less the rest of its page, bytes.
const LONGEST_ARGUMENT: usize = 120 << 10;

/// Pieces that mean something to somebody.
const PIECES: [&str; 50] = [
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "`",
    "\\",
    "\\'",
    "\\\"",
    "$",
    "$(",
    ")",
    "${IFS}",
    "$((1+1))",
    "$'\\x41'",
    "; ",
    "&",
    "&&",
    "|",
    "||",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{b}",
    "\u{c}",
    "\u{7f}",
    "\u{1b}[2J",
    "\u{1b}]0;title\u{7}",
    "\u{8}",
    "\u{1}",
    "\u{1a}",
    "\u{4}",
    "#",
    "!",
    "!!",
    "*",
    "?",
    "~",
    "[a-z]",
    "{a,b}",
    "<",
    ">",
    ">>canary",
    "<<EOF\n",
    "%s%n",
    "\u{feff}",
    "\u{202e}",
    "\u{85}",
    "é",
    "細胞",
];

/// Lines that would make a file if a shell ran them.
const TRAPS: [&str; 25] = [
    "; touch canary",
    "'; touch canary; '",
    "\"; touch canary; \"",
    "' && touch canary && '",
    "$(touch canary)",
    "`touch canary`",
    "'$(touch canary)'",
    "\"$(touch canary)\"",
    "\"`touch canary`\"",
    "'`touch canary`'",
    "| touch canary",
    "|| touch canary",
    "& touch canary &",
    "\ntouch canary\n",
    "\rtouch canary\r",
    "'\ntouch canary\n'",
    "\\'; touch canary #",
    "'\\''; touch canary #",
    "EOF\ntouch canary\n",
    "> canary",
    "' > canary '",
    "<(touch canary)",
    "${x:=$(touch canary)}",
    "$'\\x3b touch canary'",
    "\u{ff1b} touch canary",
];

/// Words that a parser of command lines may take for its own.
const WORDS: [&str; 25] = [
    "-",
    "--",
    "---",
    "-h",
    "--help",
    "--version",
    "-V",
    "--vm-id",
    "--vm-id=other",
    "--code",
    "--code=x",
    "--file=/etc/passwd",
    "--state=/",
    "--state",
    "-c",
    "-o",
    "@file",
    "@/etc/passwd",
    "=",
    "+x",
    "/dev/stdin",
    "../../etc/passwd",
    "null",
    "{\"verb\":\"shut_down\"}",
    "",
];

/// 200 programs, the same in each run.
fn fixed() -> Vec<String> {
    let mut programs: Vec<String> = Vec::new();
    programs.extend(PIECES.map(|piece| format!("{piece}touch canary{piece}")));
    programs.extend(PIECES.map(|piece| format!("print('{piece}')\n# {piece}")));
    programs.extend(TRAPS.map(str::to_owned));
    programs.extend(TRAPS.map(|trap| format!("print(1) # {trap}")));
    programs.extend(WORDS.map(str::to_owned));
    programs.extend(PIECES[..21].iter().map(|piece| piece.repeat(1000)));
    programs.push("x".repeat(ProcessCode::MAX_SOURCE));
    programs.push("\u{1b}".repeat(ProcessCode::MAX_SOURCE));
    programs.push("é".repeat(ProcessCode::MAX_SOURCE / 2));
    programs.push("'\n".repeat(ProcessCode::MAX_SOURCE / 2));
    assert_eq!(programs.len(), 200);
    programs
}

/// A generator that is the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("small");
        usize::try_from(self.next() % end).expect("below the end")
    }

    /// A character of any kind but NUL.
    fn char(&mut self) -> char {
        let most = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000][self.below(5)];
        let code = u32::try_from(self.below(most)).expect("a code");
        match char::from_u32(code) {
            Some('\0') | None => '\'',
            Some(other) => other,
        }
    }

    fn program(&mut self) -> String {
        let parts = self.below(12);
        (0..parts)
            .map(|_| match self.below(4) {
                0 => TRAPS[self.below(TRAPS.len())].to_owned(),
                1 => PIECES[self.below(PIECES.len())].to_owned(),
                2 => WORDS[self.below(WORDS.len())].to_owned(),
                _ => self.char().to_string(),
            })
            .collect()
    }
}

/// A way for a program to come in.
#[derive(Clone, Copy, Debug)]
enum Way {
    Argument,
    Input,
    File,
}

const WAYS: [Way; 3] = [Way::Argument, Way::Input, Way::File];

/// Sends bytes in a way, if it is one for them.
fn send(machine: &Machine, way: Way, bytes: &[u8]) -> Option<Ended> {
    let execute = |words: &[&str]| {
        let words = [&["execute", "--vm-id", "cell"], words].concat();
        machine.command(&words)
    };
    match way {
        Way::Argument => {
            // These would be another way, or nothing that the system starts a program with.
            if bytes == b"-" || bytes.len() > LONGEST_ARGUMENT || bytes.contains(&0) {
                return None;
            }
            let mut command = execute(&["--code"]);
            command.arg(OsStr::from_bytes(bytes));
            Some(Ended::of(command))
        }
        Way::Input => Some(Ended::of_input(execute(&["--code", "-"]), bytes)),
        Way::File => {
            let file = machine.file("program $(touch canary) '.star");
            fs::write(&file, bytes).expect("room for it");
            let mut command = execute(&["--file"]);
            command.arg(&file);
            Some(Ended::of(command))
        }
    }
}

#[track_caller]
fn check_arrives(machine: &Machine, seen: &Seen, way: Way, program: &str) {
    let Some(ended) = send(machine, way, program.as_bytes()) else {
        return;
    };
    assert_eq!(ended.code, 0, "{way:?} {program:?}: {}", ended.stderr);
    let came = seen.take();
    assert!(
        came == [program.as_bytes()],
        "{way:?} {program:?}: {came:?}"
    );
    // And back.
    assert!(ended.json()["stdout"] == program, "{way:?} {program:?}");
}

/// Nothing but what the test itself made is there.
#[track_caller]
fn check_no_canary(machine: &Machine) {
    let folder = fs::read_dir(machine.folder()).expect("it is there");
    let names = folder.map(|entry| entry.expect("readable").file_name());
    let others: Vec<_> = names
        .filter(|name| name != "state" && !name.as_bytes().starts_with(b"program "))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn programs_arrive_byte_for_byte() {
    let machine = Machine::new();
    while_listening(&machine.place(), |seen| {
        for program in fixed() {
            for way in WAYS {
                check_arrives(&machine, seen, way, &program);
            }
        }
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        for number in 0..slow::cases(300, 10_000) {
            let program = random.program();
            check_arrives(&machine, seen, WAYS[number % WAYS.len()], &program);
        }
    });
    check_no_canary(&machine);
}

#[test]
fn what_is_no_text_is_refused_and_goes_nowhere() {
    let machine = Machine::new();
    let longer = b"x".repeat(ProcessCode::MAX_SOURCE + 1);
    let cut = [&longer[1..], "é".as_bytes()].concat();
    let none: [&[u8]; 9] = [
        b"\xff",
        b"print(1)\xfe",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\0",
        b"print('\0')",
        &longer,
        &cut,
    ];
    while_listening(&machine.place(), |seen| {
        for bytes in none {
            for way in WAYS {
                if let Some(ended) = send(&machine, way, bytes) {
                    assert_eq!(ended.code, 2, "{way:?} {:?}", ended.stderr);
                    assert_eq!(ended.json()["error"]["code"], "usage");
                }
            }
        }
        assert_eq!(seen.take(), Vec::<Vec<u8>>::new());
    });
    check_no_canary(&machine);
}

/// The relay, as SSH starts it: by a shell, with a constant line.
fn relay(machine: &Machine) -> Child {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "\"$BIOXEN_HYPERVISOR\" serve --stdio"])
        .env("BIOXEN_HYPERVISOR", env!("CARGO_BIN_EXE_bioxen_hypervisor"))
        .env("BIOXEN_STATE", machine.place().state())
        .current_dir(machine.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    shell.spawn().expect("a shell is there")
}

#[test]
fn programs_arrive_over_a_relay_too() {
    let machine = Machine::new();
    while_listening(&machine.place(), |seen| {
        let mut relay = relay(&machine);
        let write = relay.stdin.take().expect("it is piped");
        let read = relay.stdout.take().expect("it is piped");
        let hello = ClientHello::new("it", "0", Nonce::new([1; 16]));
        let client = Client::open(read, write, &hello).expect("a daemon answers");
        assert_eq!(client.noise().length(), 0, "the relay says nothing itself");
        let mut channel = ClientChannel::new(client, || OpId::new([1; 16]).expect("not zero"));
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let drawn: Vec<String> = (0..slow::cases(300, 10_000))
            .map(|_| random.program())
            .collect();
        for (number, program) in fixed().iter().chain(&drawn).enumerate() {
            let request = Request::Vm {
                vm: VmId::new("cell").expect("a name"),
                ask: VmRequest::Execute {
                    code: ProcessCode::new("hostile", program).expect("it is text"),
                    limits: None,
                },
            };
            let number = u128::try_from(number).expect("small") + 1;
            let op = OpId::new(number.to_be_bytes()).expect("not zero");
            let answer = channel.ask_as(op, &request).expect("an answer");
            assert_eq!(answer.kind(), "process");
            let came = seen.take();
            assert!(came == [program.as_bytes()], "{program:?}: {came:?}");
        }
        drop(channel);
        assert_eq!(relay.wait().expect("it is a child").code(), Some(0));
    });
    check_no_canary(&machine);
}

/// A literal of the language that has a text: only what cannot stand in one is escaped.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for char in text.chars() {
        match char {
            '\\' | '"' => literal.extend(['\\', char]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// Through everything: command, socket, journal, interpreter, and back.
#[test]
fn a_cell_answers_with_what_it_was_sent() {
    let machine = Machine::new();
    let _daemon = machine.daemon(&["--workers", "1"]);
    machine.json("start --type minimal_cell --vm-id cell --seed 1 --pacing manual");
    let check = |way: Way, text: &str| {
        let program = literal(text);
        let Some(ended) = send(&machine, way, program.as_bytes()) else {
            return;
        };
        assert_eq!(ended.code, 0, "{way:?} {text:?}: {}", ended.stderr);
        let result = ended.json()["result"].clone();
        assert!(result == text, "{way:?} {text:?}: {result}");
    };
    // Each program is in the journal for ever: a piece of the fixed ones is enough here, and short ones alone.
    let texts = fixed();
    let short = texts.iter().filter(|text| text.len() <= 4096).step_by(2);
    for (number, text) in short.enumerate() {
        check(WAYS[number % WAYS.len()], text);
    }
    let mut random = Random(0x1234_5678_9abc_def1);
    for number in 0..slow::cases(50, 300) {
        check(WAYS[number % WAYS.len()], &random.program());
    }
    check_no_canary(&machine);
    let daemon = machine.remote().expect("it runs");
    assert!(RemoteHypervisor::statuses(&daemon).is_ok());
}

#[test]
fn names_are_names_and_nothing_else() {
    let machine = Machine::new();
    for name in [
        "../x",
        "a/b",
        "a b",
        "$(touch canary)",
        "'; touch canary; '",
        "a\nb",
        "",
    ] {
        for words in [
            ["status", "--vm-id", name, "--timeout", "1s"],
            ["install", "--vm-id", "cell", "--package", name],
            ["start", "--type", name, "--vm-id", "cell"],
        ] {
            let ended = Ended::of(machine.command(&words));
            assert_eq!(ended.code, 2, "{words:?}: {}", ended.stderr);
            assert_eq!(ended.stdout, b"");
        }
    }
    check_no_canary(&machine);
    assert!(!machine.place().state().exists(), "no daemon was started");
}
