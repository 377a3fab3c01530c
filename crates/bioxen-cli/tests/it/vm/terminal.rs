//! What a person sees and types at a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use super::lab::{Lab, send};

/// A terminal of 80 by 24, seen from the person's side and from the program's.
struct Terminal {
    person: File,
    program: File,
    seen: String,
}

impl Terminal {
    fn open() -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&person).expect("it is ours");
        unlockpt(&person).expect("it is ours");
        let name = ptsname(&person, Vec::new()).expect("it has a name");
        let program = File::options()
            .read(true)
            .write(true)
            .custom_flags(OpenptFlags::NOCTTY.bits().cast_signed())
            .open(name.to_str().expect("a plain name"))
            .expect("it can be opened");
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&program, size).expect("it has a size");
        Self {
            person: person.into(),
            program,
            seen: String::new(),
        }
    }

    fn spawn(&self, lab: &Lab, words: &[&str]) -> Child {
        let end = || Stdio::from(self.program.try_clone().expect("another handle"));
        let mut command = lab.command(words);
        command.stdin(end()).stdout(end()).stderr(end());
        command.spawn().expect("the command starts")
    }

    /// Reads until a text was seen.
    #[track_caller]
    fn see(&mut self, text: &str) {
        let mut bytes = [0; 4096];
        while !self.seen.contains(text) {
            let n = self.person.read(&mut bytes).expect("the terminal is open");
            self.seen.push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
    }

    fn press(&mut self, keys: &str) {
        self.person
            .write_all(keys.as_bytes())
            .expect("the terminal is open");
    }

    /// Whether lines are edited and echoed, as a shell needs it.
    fn is_plain(&self) -> bool {
        let modes = tcgetattr(&self.program).expect("a terminal").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }
}

const LEAVE_ALTERNATE_SCREEN: &str = "\u{1b}[?1049l";

#[track_caller]
fn check_leaves(lab: &Lab, keys: &str) {
    let mut terminal = Terminal::open();
    let mut child = terminal.spawn(lab, &["top", "--interval", "50ms"]);
    terminal.see("cell-1");
    assert!(!terminal.is_plain(), "keys come one by one");
    terminal.press(keys);
    terminal.see(LEAVE_ALTERNATE_SCREEN);
    assert_eq!(child.wait().expect("a child").code(), Some(0), "{keys:?}");
    assert!(terminal.is_plain(), "{keys:?}");
}

#[test]
fn the_live_view_gives_the_terminal_back() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing manual --start");
    check_leaves(&lab, "q");
    check_leaves(&lab, "\u{1b}");
    check_leaves(&lab, "\u{3}");
    let mut terminal = Terminal::open();
    let mut child = terminal.spawn(&lab, &["top"]);
    terminal.see("cell-1");
    send(&child.id().to_string(), "TERM");
    terminal.see(LEAVE_ALTERNATE_SCREEN);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(terminal.is_plain());
}

#[test]
fn the_live_view_says_when_the_daemon_is_gone() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing manual --start");
    let mut terminal = Terminal::open();
    let mut child = terminal.spawn(&lab, &["top", "--interval", "50ms"]);
    terminal.see("cell-1");
    lab.kill_daemon();
    terminal.see("NOT CURRENT");
    terminal.press("q");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_removal_is_asked_for() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing manual");
    let mut terminal = Terminal::open();
    let mut child = terminal.spawn(&lab, &["vm", "rm", "cell-1"]);
    terminal.see("remove? [y/N]");
    assert!(
        terminal
            .seen
            .contains("cell-1, a cell of syn3a, created, at 0s"),
        "{}",
        terminal.seen
    );
    terminal.press("n\n");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(lab.done("vm ls -q"), "cell-1\n");
    let mut terminal = Terminal::open();
    let mut child = terminal.spawn(&lab, &["vm", "rm", "cell-1"]);
    terminal.see("remove? [y/N]");
    terminal.press("y\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(lab.done("vm ls -q"), "");
}
