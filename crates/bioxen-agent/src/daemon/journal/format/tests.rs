use proptest::prelude::*;

use super::*;

const SALT: u64 = 0x0123_4567_89ab_cdef;

fn record(kind: u8, bytes: &[u8]) -> Record {
    Record {
        kind,
        bytes: bytes.to_vec(),
    }
}

/// A file and where each of its batches begins.
fn file(batches: &[Vec<Record>]) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = encode_file_header(SALT);
    let mut starts = Vec::new();
    for (number, batch) in (1..).zip(batches) {
        starts.push(bytes.len());
        bytes.extend(encode_batch(SALT, number, batch).expect("short enough"));
    }
    (bytes, starts)
}

fn batches() -> impl Strategy<Value = Vec<Vec<Record>>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    let record = (any::<u8>(), bytes).prop_map(|(kind, bytes)| Record { kind, bytes });
    prop::collection::vec(prop::collection::vec(record, 1..4), 1..5)
}

fn example() -> Vec<Vec<Record>> {
    vec![
        vec![record(1, b"created"), record(2, &[0; 30])],
        vec![record(3, b"")],
        vec![record(1, &[0xff; 25]), record(0, b"x")],
    ]
}

#[track_caller]
fn check_cut(file: &[u8], whole: &[Vec<Record>], end: usize) {
    let contents = decode(file).expect("only the end is not whole");
    assert_eq!(contents.records, whole.concat());
    assert_eq!(contents.whole, end);
    assert_eq!(contents.next, u64::try_from(whole.len()).unwrap() + 1);
}

#[track_caller]
fn check_damaged(file: &[u8], offset: usize, flaw: Flaw) {
    assert_eq!(
        decode(file),
        Err(Unreadable::Damaged { offset, flaw }),
        "{file:?}"
    );
}

#[test]
fn the_bytes_are_those_of_format_1() {
    let (bytes, _) = file(&[vec![record(7, b"ab"), record(8, b"")]]);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        concat!(
            "42494f58454e4a4c",
            "0100",
            "0000",
            "efcdab8967452301",
            "90fa1fff",
            "0c000000",
            "0100000000000000",
            "5c059046",
            "75ec8c2a",
            "0200000007",
            "6162",
            "0000000008",
        )
    );
}

#[test]
fn a_file_cut_anywhere_gives_the_batches_before() {
    let batches = example();
    let (bytes, starts) = file(&batches);
    for len in 0..FILE_HEADER {
        check_damaged(&bytes[..len], 0, Flaw::FileHeader);
    }
    for len in FILE_HEADER..=bytes.len() {
        let mut ends = starts[1..].to_vec();
        ends.push(bytes.len());
        let whole = ends.iter().filter(|end| **end <= len).count();
        let end = whole.checked_sub(1).map_or(FILE_HEADER, |last| ends[last]);
        check_cut(&bytes[..len], &batches[..whole], end);
    }
}

#[test]
fn each_bit_of_the_last_batch_is_guarded() {
    let batches = example();
    let (bytes, starts) = file(&batches);
    for bit in starts[2] * 8..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        check_cut(&bytes, &batches[..2], starts[2]);
    }
}

#[test]
fn each_bit_before_the_last_batch_is_guarded() {
    let (bytes, starts) = file(&example());
    for bit in 0..starts[2] * 8 {
        let at = bit / 8;
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (bit % 8);
        if at < MAGIC.len() {
            assert_eq!(decode(&bytes), Err(Unreadable::NotAJournal));
        } else if at < FILE_HEADER {
            check_damaged(&bytes, 0, Flaw::FileHeader);
        } else {
            let start = *starts.iter().rfind(|start| **start <= at).unwrap();
            let flaw = if at - start < BATCH_HEADER {
                Flaw::BatchHeader
            } else {
                Flaw::Payload
            };
            check_damaged(&bytes, start, flaw);
        }
    }
}

#[test]
fn a_power_failure_may_leave_zeros_for_the_last_batch_in_any_part() {
    let batches = example();
    let (bytes, starts) = file(&batches);
    let last = starts[2]..bytes.len();
    for from in last.clone() {
        for to in from + 1..=last.end {
            let mut zeroed = bytes.clone();
            zeroed[from..to].fill(0);
            if zeroed != bytes {
                check_cut(&zeroed, &batches[..2], starts[2]);
            }
        }
    }
    // Room that was made and never filled.
    let mut longer = bytes.clone();
    longer.resize(bytes.len() + 100, 0);
    check_cut(&longer, &batches, bytes.len());
}

#[test]
fn a_missing_or_repeated_batch_is_damage() {
    let (bytes, starts) = file(&example());
    let missing = [&bytes[..starts[1]], &bytes[starts[2]..]].concat();
    let number = |expected, found| Flaw::Number { expected, found };
    check_damaged(&missing, starts[1], number(2, 3));

    let repeated = [&bytes[..starts[2]], &bytes[starts[1]..]].concat();
    check_damaged(&repeated, starts[2], number(3, 2));
}

#[test]
fn damage_is_found_though_the_last_batch_is_cut_short_too() {
    let (mut bytes, starts) = file(&example());
    bytes[starts[1]] ^= 1;
    bytes.truncate(starts[2] + BATCH_HEADER);
    check_damaged(&bytes, starts[1], Flaw::BatchHeader);
    // Nothing tells that there was a third one.
    bytes.truncate(starts[2] + BATCH_HEADER - 1);
    check_cut(&bytes, &example()[..1], starts[1]);
}

#[test]
fn batches_of_other_files_are_none_of_this_one() {
    let batches = example();
    // As a record, and as what is left of an older journal on the disk.
    let alien = encode_batch(SALT ^ 1, 3, &batches[0]).unwrap();
    let batch = encode_batch(SALT, 2, &[record(1, &alien)]).unwrap();
    let (first, _) = file(&batches[..1]);
    let torn = [&first[..], &batch[..batch.len() - 1]].concat();
    check_cut(&torn, &batches[..1], first.len());

    let older = encode_batch(SALT ^ 1, 2, &batches[1]).unwrap();
    let left = [&first[..], &older, &alien].concat();
    check_cut(&left, &batches[..1], first.len());
}

#[test]
fn records_must_fill_their_batch() {
    for payload in [&[1][..], &[1, 0, 0, 0, 9], &[0xff, 0xff, 0xff, 0xff, 9, 1]] {
        let header = BatchHeader {
            length: u32::try_from(payload.len()).unwrap(),
            number: 1,
            payload_sum: crc32c::crc32c(payload),
        };
        let header = header.encode(SALT);
        let bytes = [&encode_file_header(SALT)[..], &header, payload].concat();
        check_damaged(&bytes, FILE_HEADER, Flaw::Records);
    }
}

#[test]
fn other_versions_are_named() {
    let with_version = |version: u16| {
        let mut header = encode_file_header(SALT);
        header[8..10].copy_from_slice(&version.to_le_bytes());
        let sum = crc32c::crc32c(&header[..FILE_HEADER - 4]);
        header[FILE_HEADER - 4..].copy_from_slice(&sum.to_le_bytes());
        // The rest is for that version alone.
        header.extend_from_slice(&[0xaa; 50]);
        decode(&header)
    };
    assert_eq!(with_version(2), Err(Unreadable::NewerVersion { found: 2 }));
    assert_eq!(
        with_version(0),
        Err(Unreadable::Damaged {
            offset: 0,
            flaw: Flaw::FileHeader
        })
    );
}

#[test]
fn what_is_too_long_is_not_written() {
    let longest = usize::try_from(Record::MAX_BYTES).unwrap();
    let too_long = |records: &[Record]| encode_batch(SALT, 1, records).unwrap_err();
    let mut records = vec![Record {
        kind: 1,
        bytes: vec![0; longest + 1],
    }];
    assert_eq!(
        too_long(&records),
        TooLong {
            what: Part::Record,
            limit: Record::MAX_BYTES
        }
    );
    records[0].bytes.pop();
    records.push(records[0].clone());
    assert_eq!(
        too_long(&records),
        TooLong {
            what: Part::Batch,
            limit: MAX_BATCH
        }
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(batches in batches()) {
        let (bytes, _) = file(&batches);
        check_cut(&bytes, &batches, bytes.len());
    }

    #[test]
    fn any_flip_and_any_cut_leaves_whole_batches_or_is_told(
        batches in batches(),
        cut in any::<prop::sample::Index>(),
        flip in any::<prop::sample::Index>(),
        bit in 0..8,
    ) {
        let (mut bytes, _) = file(&batches);
        bytes.truncate(cut.index(bytes.len()) + 1);
        let at = flip.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(contents) = decode(&bytes) {
            let whole = usize::try_from(contents.next).unwrap() - 1;
            prop_assert_eq!(contents.records, batches[..whole].concat());
            prop_assert!(contents.whole <= at, "what was flipped is cut off");
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(rest in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&rest);
        let bytes = [&encode_file_header(SALT)[..], &rest].concat();
        let contents = decode(&bytes).expect("chance makes no batch");
        prop_assert_eq!(contents.whole, FILE_HEADER);
    }
}
