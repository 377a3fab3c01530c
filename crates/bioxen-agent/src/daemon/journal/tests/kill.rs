//! A writer that is killed at any moment has lost nothing that it acknowledged, and wrote nothing twice.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{Journal, NAME, OsDisk, PARTIAL, Record, fs, open, variable};

const FOLDER: &str = "BIOXEN_TEST_JOURNAL";

/// How often a writer is killed, if not 100 times.
const KILLS: &str = "BIOXEN_TEST_KILLS";

/// Up to which batch the journal was summed up, in eight bytes.
const SUMMARY: u8 = 0;

/// A batch is two records, of its number many times and once.
const BEGIN: u8 = 1;
const END: u8 = 2;

/// Bytes after which the child writes its journal anew.
const LARGE: u64 = 8_000_000;

/// No batch is longer that has no megabytes.
const SMALL_BATCH: u64 = 1_000;

fn batch(number: u64) -> [Record; 2] {
    let record = |kind, times| Record {
        kind,
        bytes: number.to_le_bytes().repeat(times),
    };
    // A write of megabytes is one that a kill can cut short.
    let times = match number % 5 {
        0 => 400_000,
        _ => 10,
    };
    [record(BEGIN, times), record(END, 1)]
}

/// The number of the last batch, after looking at each record.
fn last_batch(records: &[Record]) -> u64 {
    let (mut last, rest) = match records.split_first() {
        Some((summary, rest)) if summary.kind == SUMMARY => {
            let number = summary.bytes[..].try_into().expect("eight bytes");
            (u64::from_le_bytes(number), rest)
        }
        _ => (0, records),
    };
    let (batches, half) = rest.as_chunks::<2>();
    assert_eq!(half, [], "half a batch");
    for found in batches {
        last += 1;
        assert!(*found == batch(last), "batch {last} is another one");
    }
    last
}

/// The child: appends one batch after another and says so, until it is killed.
fn append_without_end(folder: &Path) {
    let (mut journal, opened) = open(folder);
    for number in last_batch(&opened.records) + 1.. {
        journal.append(&batch(number)).expect("there is room");
        // On a line of its own: the harness has begun one.
        if writeln!(std::io::stdout(), "\nappended {number}").is_err() {
            // The parent is gone.
            return;
        }
        if journal.bytes() > LARGE {
            let summary = Record {
                kind: SUMMARY,
                bytes: (number - 1).to_le_bytes().to_vec(),
            };
            let records = [summary].into_iter().chain(batch(number));
            journal.rewrite(records).expect("there is room");
        }
    }
}

fn spawn(folder: &Path) -> (Child, Lines<BufReader<ChildStdout>>) {
    let this = std::env::current_exe().expect("a test binary has a path");
    let test = "daemon::journal::tests::kill::a_killed_writer_loses_nothing";
    let mut child = Command::new(this)
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this binary runs");
    let stdout = child.stdout.take().expect("it is piped");
    (child, BufReader::new(stdout).lines())
}

/// The number of a line that acknowledges a batch.
fn acknowledged(line: &str) -> Option<u64> {
    line.strip_prefix("appended ")?.parse().ok()
}

#[test]
fn a_killed_writer_loses_nothing() {
    // The child is this test too, told so by a variable.
    if let Some(folder) = variable(FOLDER) {
        return append_without_end(Path::new(&folder));
    }
    let kills = variable(KILLS).map_or(100, |kills| {
        let kills = kills.into_string().expect("a number");
        kills.parse::<u64>().expect("a number")
    });
    let folder = super::folder();
    let partial = folder.path().join(PARTIAL);
    let journal = folder.path().join(NAME);
    drop(open(folder.path()));
    let mut random: u64 = 0x2545_f491_4f6c_dd1d;
    let (mut last, mut rewrites_cut_short, mut batches_cut_short) = (0, 0, 0);
    for kill in 0..kills {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (mut child, mut lines) = spawn(folder.path());
        for _ in 0..=random % 3 {
            let mut numbers = lines.by_ref().map_while(Result::ok);
            let number = numbers.find_map(|line| acknowledged(&line));
            last = number.expect("it appends until it is killed");
        }
        let assert_runs = |child: &mut Child| {
            assert_eq!(child.try_wait().expect("our child"), None, "it runs");
        };
        match kill % 4 {
            // While the journal is written anew.
            0 => {
                while !partial.exists() {
                    assert_runs(&mut child);
                }
            }
            // While a batch is written, when there is some of it and not all.
            1 => {
                let length = || fs::metadata(&journal).expect("it is there").len();
                let mut before = length();
                loop {
                    assert_runs(&mut child);
                    let now = length();
                    if now > before + SMALL_BATCH {
                        break;
                    }
                    before = now;
                }
            }
            // Somewhere in the next batch or two.
            _ => {
                for _ in 0..(random >> 8) % 1_000_000 {
                    std::hint::spin_loop();
                }
            }
        }
        child.kill().expect("our child");
        child.wait().expect("our child");
        // What it said before it was killed counts too.
        for line in lines.map_while(Result::ok) {
            last = acknowledged(&line).unwrap_or(last);
        }

        rewrites_cut_short += u64::from(partial.exists());
        let (_journal, opened) =
            Journal::open(folder.path(), OsDisk).expect("a kill does no damage");
        batches_cut_short += u64::from(opened.cut_bytes > 0);
        let found = last_batch(&opened.records);
        // What was acknowledged is there; at most one more was about to be.
        assert!(
            (last..=last + 1).contains(&found),
            "{found} after {last} was acknowledged, kill {kill}"
        );
        last = found;
    }
    assert!(rewrites_cut_short > 0, "no kill fell into a rewrite");
    assert!(batches_cut_short > 0, "no kill fell into a batch");
}
