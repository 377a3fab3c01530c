//! A writer that is killed at any moment leaves a whole image, old or new.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{ImageStore, fs, id, image, label};
use crate::store::name::FileName;

const FOLDER: &str = "BIOXEN_TEST_STORE";
const ROUNDS: u64 = 50;

/// Lengths differ, so that half an image cannot pass for another one.
fn len(number: u64) -> usize {
    50_000 + 10_000 * usize::try_from(number % 7).expect("below 7")
}

/// The child: saves one image after another and says so, until it is killed.
fn save_without_end(folder: &Path) {
    let store = ImageStore::open(folder).expect("it is made by the parent");
    let newest = store.load_newest(&id("cell")).expect("saved by the parent");
    let first = newest.saved.label.sim_time.micros() / 60_000_000 + 1;
    for number in first.. {
        store
            .save(&label("cell", number), &image(number, len(number)))
            .expect("there is room");
        // On a line of its own: the harness has begun one.
        if writeln!(std::io::stdout(), "\nsaved {number}").is_err() {
            // The parent is gone.
            return;
        }
    }
}

fn spawn(folder: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let this = std::env::current_exe().expect("a test binary has a path");
    let test = "store::tests::kill::a_killed_writer_leaves_a_whole_image";
    let mut child = Command::new(this)
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this binary runs");
    let stdout = child.stdout.take().expect("it is piped");
    (child, BufReader::new(stdout).lines())
}

/// The number of a line that acknowledges an image.
fn acknowledged(line: &str) -> Option<u64> {
    line.strip_prefix("saved ")?.parse().ok()
}

fn partial_files(folder: &Path) -> usize {
    fs::read_dir(folder)
        .expect("the folder is there")
        .filter(|entry| {
            let name = entry.as_ref().expect("readable").file_name();
            FileName::of(&name) == FileName::Partial
        })
        .count()
}

#[test]
fn a_killed_writer_leaves_a_whole_image() {
    // The child is this test too, told so by a variable.
    if let Some(folder) = super::variable(FOLDER) {
        return save_without_end(Path::new(&folder));
    }
    let (folder, store) = super::store();
    store
        .save(&label("cell", 1), &image(1, len(1)))
        .expect("there is room");
    let mut last = 1;
    let mut random: u64 = 0x2545_f491_4f6c_dd1d;
    let mut cut_short = 0;
    for round in 0..ROUNDS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (mut child, mut lines) = spawn(folder.path());
        for _ in 0..=random % 3 {
            let mut numbers = lines.by_ref().map_while(Result::ok);
            let number = numbers.find_map(|line| acknowledged(&line));
            last = number.expect("it saves until it is killed");
        }
        if round % 2 == 0 {
            // Somewhere in the next save or two.
            for _ in 0..(random >> 8) % 2_000_000 {
                std::hint::spin_loop();
            }
        } else {
            // While a file is partly written.
            while partial_files(folder.path()) == 0 {
                assert_eq!(child.try_wait().expect("our child"), None, "it runs");
            }
        }
        child.kill().expect("our child");
        child.wait().expect("our child");
        // What it said before it was killed counts too.
        for line in lines.map_while(Result::ok) {
            last = acknowledged(&line).unwrap_or(last);
        }

        cut_short += partial_files(folder.path());
        let store = ImageStore::open(folder.path()).expect("what is left is removed");
        assert_eq!(partial_files(folder.path()), 0, "round {round}");
        let listing = store.list().expect("readable");
        assert!(listing.damaged.is_empty(), "{:?}", listing.damaged);
        // A third one is there if it was killed before it could remove the oldest.
        assert!(listing.images.len() <= 3, "{:?}", listing.images);
        for listed in &listing.images {
            let saved = super::read_image_file(&listed.path).expect("whole");
            let number = saved.label.sim_time.micros() / 60_000_000;
            assert_eq!(saved.label, label("cell", number));
            assert_eq!(saved.image, image(number, len(number)));
        }
        let newest = listing.images.first().expect("there is always one");
        let newest = newest.label.sim_time.micros() / 60_000_000;
        // What was acknowledged is there; at most one more was about to be.
        assert!(
            (last..=last + 1).contains(&newest),
            "{newest} after {last} was acknowledged"
        );
        last = newest;
    }
    assert!(cut_short > 0, "no kill fell into a save");
}
