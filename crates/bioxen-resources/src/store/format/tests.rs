use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use bioxen_core::{ImageError, Organism, SimTime, VmId, VmImage};
use proptest::prelude::*;

use super::{
    ImageLabel, LARGEST_IMAGE, check_len, decode, decode_header, encode, len_of, time_of_millis,
};

fn label() -> ImageLabel {
    ImageLabel {
        id: VmId::new("cell-1").expect("a plain name"),
        organism: Organism::MinimalCell,
        sim_time: SimTime::from_micros(6_300_000_000),
        saved_at: SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_942_800_123),
    }
}

fn image() -> VmImage {
    VmImage::from_bytes(b"a cell, a cell, a cell, a cell".to_vec())
}

fn file() -> Vec<u8> {
    encode(&label(), &image()).expect("a small image")
}

/// Places of the fields of [`label`]'s header, whose texts have 2, 6 and 12 bytes.
const VERSION: usize = 8;
const KIND: usize = 13;
const ID: usize = 16;
const ORGANISM: usize = 23;
const SAVED_AT: usize = 43;
const IMAGE_LEN: usize = 51;
const BODY_LEN: usize = 59;
const HEADER_LEN: usize = 75;

/// The file with some bytes of its header changed by someone who knows the checksum.
fn forged(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = file();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    let crc = crc32fast::hash(&file[..HEADER_LEN - 4]);
    file[HEADER_LEN - 4..HEADER_LEN].copy_from_slice(&crc.to_le_bytes());
    file
}

/// The file with another body, announced as it is.
fn with_body(body: &[u8], image_len: u64) -> Vec<u8> {
    let mut fields = Vec::new();
    fields.extend_from_slice(&image_len.to_le_bytes());
    fields.extend_from_slice(&len_of(body).to_le_bytes());
    fields.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    let mut file = forged(IMAGE_LEN, &fields);
    file.truncate(HEADER_LEN);
    file.extend_from_slice(body);
    file
}

#[track_caller]
fn check_refused(file: &[u8], expect: &str) {
    let error = decode(file).expect_err("not a good file");
    let mut lines = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(next) = cause {
        lines.push(next.to_string());
        cause = next.source();
    }
    assert_eq!(lines.join("; "), expect);
}

#[test]
fn a_file_of_version_1_is_read_forever() {
    let file = include_bytes!("tests/version_1.bioxen");
    let (label, image) = decode(file).expect("written by version 1");
    assert_eq!((label, image), (self::label(), self::image()));
}

#[test]
fn the_header_is_laid_out_as_documented() {
    let file = file();
    let mut expected = Vec::new();
    expected.extend_from_slice(b"BIOXENIF\x01\x00\x4b\x00\x02vm\x06cell-1\x0cminimal_cell");
    expected.extend_from_slice(&6_300_000_000_u64.to_le_bytes());
    expected.extend_from_slice(&1_795_942_800_123_i64.to_le_bytes());
    expected.extend_from_slice(&30_u64.to_le_bytes());
    expected.extend_from_slice(&len_of(&file[HEADER_LEN..]).to_le_bytes());
    expected.extend_from_slice(&crc32fast::hash(&file[HEADER_LEN..]).to_le_bytes());
    expected.extend_from_slice(&crc32fast::hash(&expected).to_le_bytes());
    assert_eq!(file[..HEADER_LEN], expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        bytes in prop::collection::vec(any::<u8>(), 0..2_000),
        times in 0_usize..200,
        id in "[A-Za-z0-9_-][A-Za-z0-9._-]{0,62}",
        organism in prop::sample::select(Organism::ALL.to_vec()),
        micros in any::<u64>(),
        millis in -4_000_000_000_000_i64..4_000_000_000_000,
    ) {
        let label = ImageLabel {
            id: VmId::new(&id).expect("by the rule"),
            organism,
            sim_time: SimTime::from_micros(micros),
            saved_at: time_of_millis(millis).expect("within centuries of 1970"),
        };
        let image = VmImage::from_bytes(bytes.repeat(times));
        let file = encode(&label, &image).expect("below the limit");
        prop_assert_eq!(&decode_header(&file).expect("whole").label, &label);
        prop_assert_eq!(decode(&file).expect("whole"), (label, image));
    }

    #[test]
    fn any_bytes_are_answered_with_an_error(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        like_a_file in any::<bool>(),
    ) {
        if like_a_file {
            let start = file();
            let shared = bytes.len().min(12);
            bytes[..shared].copy_from_slice(&start[..shared]);
        }
        prop_assert!(decode(&bytes).is_err());
    }

    #[test]
    fn any_body_with_the_right_checksum_is_answered(
        body in prop::collection::vec(any::<u8>(), 0..300),
        frame in any::<bool>(),
        announced in 0_u64..100_000,
    ) {
        let magic: &[u8] = if frame { b"\x28\xb5\x2f\xfd" } else { b"" };
        let body = [magic, &body].concat();
        match decode(&with_body(&body, announced)) {
            Ok((_, image)) => prop_assert_eq!(len_of(image.as_bytes()), announced),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn every_bit_counts() {
    let whole = file();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            assert!(decode(&damaged).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn every_length_but_the_right_one_is_refused() {
    let whole = file();
    for len in 0..whole.len() {
        let error = decode(&whole[..len]).expect_err("cut");
        assert!(
            matches!(error, ImageError::Truncated { .. }),
            "{len}: {error}"
        );
    }
    let longer = [whole.as_slice(), b"x"].concat();
    check_refused(
        &longer,
        &format!(
            "image has {} bytes where {} are announced",
            longer.len(),
            whole.len()
        ),
    );
}

#[test]
fn refusals_say_what_is_wrong() {
    check_refused(
        b"PK\x03\x04 something else",
        "these bytes are not a BioXen image",
    );
    // An image as the engine makes it, without the header of a file.
    check_refused(b"BIOXENVM\x01\x00", "these bytes are not a BioXen image");
    check_refused(
        &forged(VERSION, &[2, 0]),
        "image has format 2, newer than 1",
    );
    check_refused(
        &forged(VERSION + 2, &[0xff, 0xff]),
        "image body cannot be read; the header has an impossible length of 65535 bytes",
    );
    check_refused(
        &forged(KIND, b"ox"),
        "image body cannot be read; the file holds \"ox\", not a VM",
    );
    check_refused(
        &forged(ID, b"cell 1"),
        "image body cannot be read; VM id \"cell 1\" contains ' '",
    );
    check_refused(
        &forged(ORGANISM, b"minimal_bell"),
        "image body cannot be read; unknown organism \"minimal_bell\"",
    );
    check_refused(
        &forged(ORGANISM, b"\xffinimal_cell"),
        "image body cannot be read; a text in the header is not UTF-8",
    );
}

#[test]
fn sizes_are_checked_before_anything_is_decoded() {
    check_refused(
        &forged(IMAGE_LEN, &(LARGEST_IMAGE + 1).to_le_bytes()),
        "image of 67108865 bytes is larger than 67108864 bytes",
    );
    let header = decode_header(&forged(BODY_LEN, &u64::MAX.to_le_bytes())).expect("it holds");
    let error = check_len(&header, 100).expect_err("no file is that long");
    assert_eq!(
        error.to_string(),
        format!("image has 100 bytes where {} are announced", u64::MAX)
    );
    // 16 MiB of zeros in a few hundred bytes: reading stops one byte beyond what is announced.
    let zeros = crate::store::body::compress(&vec![0; 16 << 20]);
    assert!(zeros.len() < 20_000, "{} bytes", zeros.len());
    check_refused(
        &with_body(&zeros, 1_000),
        "image has 1001 bytes where 1000 are announced",
    );
    check_refused(
        &with_body(&zeros, (16 << 20) + 1),
        "image has 16777216 bytes where 16777217 are announced",
    );
}

#[test]
fn frames_that_are_not_ours_are_refused() {
    let frame = crate::store::body::compress(b"one");
    check_refused(
        &with_body(&[frame.as_slice(), b"more"].concat(), 3),
        "image body cannot be read; 4 bytes follow the zstd frame",
    );
    let mut wrong = frame.clone();
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    let error = decode(&with_body(&wrong, 3)).expect_err("its own checksum is wrong");
    assert!(matches!(error, ImageError::Corrupt { .. }), "{error}");
    // A window of 2^30 bytes.
    let greedy = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00];
    let error = decode(&with_body(&greedy, 0)).expect_err("too much memory");
    let cause = error.source().expect("what the decoder said");
    assert_eq!(cause.to_string(), "the zstd frame cannot be read");
}

#[test]
fn an_image_beyond_the_limit_is_not_written() {
    let len = usize::try_from(LARGEST_IMAGE).expect("64 MiB") + 1;
    let image = VmImage::from_bytes(vec![0; len]);
    let error = encode(&label(), &image).expect_err("one byte too many");
    assert_eq!(
        error.to_string(),
        "image of 67108865 bytes is larger than 67108864 bytes"
    );
}

#[test]
fn times_of_saving_are_kept_to_the_millisecond() {
    let mut label = label();
    for (saved, kept) in [
        (Duration::from_nanos(1_999_999), Duration::from_millis(1)),
        (
            Duration::from_secs(86_400 * 365 * 400),
            Duration::from_secs(86_400 * 365 * 400),
        ),
    ] {
        for sign in [1, -1] {
            let at = |distance| match sign {
                1 => SystemTime::UNIX_EPOCH + distance,
                _ => SystemTime::UNIX_EPOCH - distance,
            };
            label.saved_at = at(saved);
            let file = encode(&label, &image()).expect("a small image");
            assert_eq!(decode(&file).expect("whole").0.saved_at, at(kept));
        }
    }
    // A time that the system cannot count is refused, not invented; where it can, it is read.
    let first = forged(SAVED_AT, &i64::MIN.to_le_bytes());
    assert_eq!(decode(&first).is_ok(), time_of_millis(i64::MIN).is_some());
}
