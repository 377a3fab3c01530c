//! A daemon whose disk is full: a small file system in memory, in a name space of its own.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

use bioxen_core::{BiologicalVm, SimSpan};

use super::kill::STATE;
use super::serving::agent;
use super::*;

/// Runs the daemon on a file system of 400 KiB, again and again, until this is dropped.
struct Island {
    shell: Child,
    place: Place,
}

impl Drop for Island {
    fn drop(&mut self) {
        // What it runs dies with it: it is the first process of its own name space.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

impl Island {
    /// `None` where this user may not make name spaces.
    fn new(folder: &Path) -> Option<Self> {
        let program = std::env::current_exe().expect("this program");
        let script = "mount -t tmpfs -o size=400k none \"$BIOXEN_TEST_DAEMON\" || exit 1
            while :; do \"$0\" --exact daemon::tests::kill::child --nocapture; done";
        let shell = Command::new("unshare")
            .args([
                "--mount",
                "--pid",
                "--fork",
                "--kill-child=KILL",
                "sh",
                "-c",
                script,
            ])
            .arg(program)
            .env(STATE, folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut island = Self {
            shell,
            place: Place::of(folder),
        };
        // The shell is the child of `unshare`, and its files are seen through it.
        loop {
            if island.shell.try_wait().expect("a child").is_some() {
                return None;
            }
            let children = format!("/proc/{0}/task/{0}/children", island.shell.id());
            let shell = fs::read_to_string(children).unwrap_or_default();
            let state = format!("/proc/{}/root{}", shell.trim(), folder.display());
            island.place = Place::of(Path::new(&state));
            if island.answers() {
                return Some(island);
            }
            thread::yield_now();
        }
    }

    fn answers(&self) -> bool {
        std::os::unix::net::UnixStream::connect(self.place.socket()).is_ok()
    }

    /// Kills the daemon, and waits for the next one.
    fn kill(&self) {
        let number = fs::read_to_string(self.place.lock()).expect("a lock");
        // The number is that of the name space; the shell there knows it.
        let shell = self.place.state().components().nth(2).expect("a process");
        let killed = Command::new("nsenter")
            .args(["--mount", "--pid", "--target"])
            .arg(shell.as_os_str())
            .args(["kill", "-KILL", number.trim()])
            .status()
            .expect("it starts");
        assert!(killed.success());
        while self.answers() {
            thread::yield_now();
        }
        while !self.answers() {
            thread::yield_now();
        }
    }

    /// Leaves no room.
    fn fill(&self) {
        let mut file = File::create(self.ballast()).expect("there is room");
        while file.write_all(&[0; 512]).is_ok() {}
        while file.write_all(&[0]).is_ok() {}
    }

    fn ballast(&self) -> PathBuf {
        self.place.state().join("ballast")
    }
}

#[test]
fn what_finds_no_room_is_refused_and_taken_back_and_what_was_acknowledged_survives() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(island) = Island::new(folder.path()) else {
        let message = "NOT TESTED: a full disk, since this user may not mount file systems";
        writeln!(std::io::stderr(), "{message}").expect("somebody reads");
        return;
    };
    let second = SimSpan::from_micros(1_000_000);
    let connection = agent(&island.place);
    let (mut vm, _) = connection
        .create(&spec("cell", Organism::Syn3a), &[])
        .expect("there is room");
    vm.start().expect("it was just created");
    let reached = vm.advance(second).expect("there is room");
    let before = vm.save().expect("it is there");

    let mut fresh: Vec<_> = (0..14)
        .map(|n| {
            let spec = spec(&format!("fresh-{n}"), Organism::Syn3a);
            connection.create(&spec, &[]).expect("there is room").0
        })
        .collect();
    let newborn = fresh.iter().map(|vm| vm.save().expect("it is there"));
    let newborn: Vec<_> = newborn.collect();

    island.fill();
    // A start needs so little that the first of them still fit into the last page of the journal.
    let refused: Vec<bool> = fresh.iter_mut().map(|vm| vm.start().is_err()).collect();
    assert!(refused[13], "{refused:?}");
    for ((vm, newborn), refused) in fresh.iter().zip(&newborn).zip(&refused) {
        let state = vm.status().expect("an answer").state;
        assert_eq!(state != bioxen_core::VmState::Running, *refused);
        assert_eq!(&vm.save().expect("it is there"), newborn);
    }
    let refused = vm.advance(second).expect_err("there is no room");
    let words = chain(&refused);
    assert!(
        words.contains("could not be brought to the disk"),
        "{words}"
    );
    vm.pause().expect_err("there is no room");
    connection
        .create(&spec("other", Organism::Syn3a), &[])
        .expect_err("there is no room");
    assert_eq!(vm.save().expect("it is there"), before, "it was taken back");
    let statuses = connection.statuses().expect("an answer");
    assert_eq!(statuses.len(), 15);
    assert_eq!(statuses[0].state, bioxen_core::VmState::Running);

    island.kill();
    let connection = agent(&island.place);
    let mut vm = connection.open(&id("cell")).expect("it was acknowledged");
    assert_eq!(vm.status().expect("an answer").sim_time, reached);
    vm.advance(second).expect_err("there is still no room");

    fs::remove_file(island.ballast()).expect("it is there");
    let mut fresh = connection
        .open(&id("fresh-13"))
        .expect("it was acknowledged");
    fresh.start().expect("there is room again");
    let later = vm.advance(second).expect("there is room again");
    assert_eq!(later.seconds(), 2.0);
    island.kill();
    let vm = agent(&island.place).open(&id("cell")).expect("it is kept");
    assert_eq!(vm.status().expect("an answer").sim_time, later);
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    let all: Vec<String> = causes.map(ToString::to_string).collect();
    all.join(": ")
}
