//! What users write reaches the agent byte for byte, and no shell sees it.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use bioxen_agent::{Client, ClientHello, EndStatus, OpId, ReplyCaps, draw_nonce};
use bioxen_core::CancelToken;
use bioxen_testbed::guests::Guest;
use bioxen_xcpng::AGENT_COMMAND;

use crate::bed::Bed;
use crate::child;

/// Texts that would do something if a shell read them.
const COMMANDS: [&str; 10] = [
    "touch canary",
    "$(touch canary)",
    "`touch canary`",
    "; touch canary;",
    "& touch canary &",
    "| touch canary",
    "\ntouch canary\n",
    "${IFS}touch${IFS}canary",
    "> canary",
    "-oProxyCommand=touch canary",
];

/// What is put around them, to end what they might be in.
const AROUND: [(&str, &str); 20] = [
    ("", ""),
    ("'", "'"),
    ("\"", "\""),
    ("';", ";'"),
    ("\";", ";\""),
    ("\\'", "\\'"),
    ("\\", "\\"),
    ("$'\\n", "'"),
    ("-", ""),
    ("--", "--"),
    ("\0", "\0"),
    ("\u{1}", "\u{1b}[2J"),
    ("\r", "\r\n"),
    ("EOF\n", "\nEOF\n"),
    ("#", "\n"),
    ("~", "*"),
    ("\u{202e}", "\u{feff}"),
    ("%s%n", "%"),
    ("{", ",}"),
    ("((", "))"),
];

/// Bytes that are no text.
fn fixed() -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    for (before, after) in AROUND {
        for command in COMMANDS {
            texts.push(format!("{before}{command}{after}").into_bytes());
        }
    }
    texts.push(Vec::new());
    texts.push((0..=255).collect());
    texts.push(b"\xFF\xFE\xC0\x80$(touch canary)\xFF".to_vec());
    texts.push("$(touch canary)".repeat(70_000).into_bytes());
    texts
}

/// Pieces of the fixed texts and other bytes, one after the other.
fn random(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).unwrap_or_default() % below
    };
    let mut bytes = Vec::new();
    for _ in 0..=draw(8) {
        match draw(3) {
            0 => bytes.extend_from_slice(COMMANDS[draw(COMMANDS.len())].as_bytes()),
            1 => bytes.extend_from_slice(AROUND[draw(AROUND.len())].0.as_bytes()),
            _ => bytes.push(u8::try_from(draw(256)).unwrap_or_default()),
        }
    }
    bytes
}

/// How many random texts are tried.
fn count() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a variable decides about slow tests"
    )]
    let slow = std::env::var_os("BIOXEN_SLOW_TESTS").is_some();
    if slow { 10_000 } else { 300 }
}

/// A guest whose agent answers what it is asked, after a greeting of its shell.
fn guest(bed: &Bed) -> Guest {
    let guest = bed.guest();
    let agent = guest.home().join(".bioxen/bin/bioxen_hypervisor");
    std::fs::write(&agent, child::echo_script()).expect("a file");
    std::fs::set_permissions(&agent, PermissionsExt::from_mode(0o700)).expect("a file");
    guest
}

#[test]
fn no_text_of_a_user_is_part_of_a_command() {
    let bed = Bed::new();
    let guest = guest(&bed);
    let remote = bed.connect(&guest);
    let stream = remote.agent(AGENT_COMMAND, bed.long(), &CancelToken::new());
    let (reader, writer, control) = stream.unwrap().split();
    control.set_deadline(Some(bed.long()));
    let hello = ClientHello::new("$(touch canary)", "'; touch canary;'", draw_nonce());
    let client = Client::open(reader, writer, &hello);
    let mut client = client.unwrap_or_else(|error| panic!("{error:?} {}", control.stderr()));
    control.set_deadline(None);
    assert!(client.noise().length() > 0, "a test program greets first");
    client = client.with_caps(ReplyCaps::default());
    let mut lines = BTreeSet::new();
    let texts = fixed().into_iter().chain((0..count()).map(random));
    for (number, text) in (1_u128..).zip(texts) {
        let op = OpId::new(number.to_be_bytes()).expect("not zero");
        let reply = client.call(op, &text, &text);
        let reply = reply.unwrap_or_else(|error| panic!("{number}: {error:?}"));
        assert_eq!(reply.status, EndStatus::Exit(0));
        assert!(reply.answer == text && reply.body == text, "{number}");
        let seen = reply.stderr.to_string();
        lines.extend(seen.lines().map(str::to_owned));
    }
    client.close().unwrap();
    let seen: Vec<&String> = lines.iter().collect();
    assert!(lines.iter().any(|line| line.contains("a_part_is_played")));
    // The canary is in no command line of a process of the guest, and no file was made of it.
    assert!(
        !lines.iter().any(|line| line.contains("canary")),
        "{seen:?}"
    );
    assert!(!guest.home().join("canary").exists());
    assert!(!std::path::Path::new("canary").exists());
    assert!(!std::path::Path::new("/canary").exists());
}
