use proptest::prelude::*;

use super::*;
use crate::error::FrameError;

fn op(number: u8) -> OpId {
    OpId::new([number; 16]).unwrap()
}

/// Frames, with a code where this version has no such kind.
#[derive(Clone, Debug)]
struct Piece {
    code: u8,
    op: Option<OpId>,
    payload: Vec<u8>,
}

fn encode(pieces: &[Piece]) -> Vec<u8> {
    let mut encoder = FrameEncoder::new();
    let mut bytes = Vec::new();
    for piece in pieces {
        encoder
            .encode_code(piece.code, piece.op, &piece.payload, &mut bytes)
            .unwrap();
    }
    bytes
}

fn expected(pieces: &[Piece]) -> Vec<Frame> {
    let known = pieces.iter().filter_map(|piece| {
        Some(Frame {
            kind: FrameKind::from_code(piece.code)?,
            op: piece.op,
            payload: piece.payload.clone(),
        })
    });
    known.collect()
}

/// All frames of the bytes, fed in slices that end at `cuts`.
fn decode(bytes: &[u8], cuts: &[usize]) -> Result<Vec<Frame>, FrameError> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    ends.push(bytes.len());
    ends.sort_unstable();
    let mut decoder = FrameDecoder::new();
    let mut frames = Vec::new();
    let mut start = 0;
    for end in ends {
        decoder.feed(&bytes[start..end]);
        start = end;
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame);
        }
    }
    decoder.finish()?;
    Ok(frames)
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let known = (0..FrameKind::ALL.len(), any::<[u8; 16]>()).prop_map(|(index, mut bytes)| {
        bytes[0] |= 1;
        let kind = FrameKind::ALL[index];
        (kind.code(), OpId::new(bytes).filter(|_| kind.has_op()))
    });
    let optional =
        (OPTIONAL..=u8::MAX, any::<[u8; 16]>()).prop_map(|(code, bytes)| (code, OpId::new(bytes)));
    let payload = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (0..=Frame::MAX_PAYLOAD, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
    ];
    let piece = (prop_oneof![4 => known, 1 => optional], payload)
        .prop_map(|((code, op), payload)| Piece { code, op, payload });
    prop::collection::vec(piece, 0..8)
}

proptest! {
    #[test]
    fn frames_come_back_however_they_are_cut(
        pieces in pieces(),
        cuts in prop::collection::vec(any::<usize>(), 0..40),
    ) {
        prop_assert_eq!(decode(&encode(&pieces), &cuts), Ok(expected(&pieces)));
    }

    #[test]
    fn an_end_inside_of_a_frame_is_seen(pieces in pieces(), end in any::<prop::sample::Index>()) {
        let bytes = encode(&pieces);
        prop_assume!(!bytes.is_empty());
        let end = end.index(bytes.len());
        let boundaries: Vec<usize> = (0..pieces.len()).map(|n| encode(&pieces[..n]).len()).collect();
        let last = boundaries.iter().rev().find(|start| **start <= end).unwrap();
        let decoded = decode(&bytes[..end], &[]);
        if *last == end {
            prop_assert!(decoded.is_ok());
        } else {
            prop_assert_eq!(decoded, Err(FrameError::Truncated { present: end - last }));
        }
    }

    #[test]
    fn any_bytes_are_frames_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        let whole = decode(&bytes, &[]);
        prop_assert_eq!(whole.is_ok(), bytes.is_empty());
        prop_assert_eq!(decode(&bytes, &cuts), whole);
    }

    #[test]
    fn op_ids_round_trip(bytes in any::<[u8; 16]>()) {
        if let Some(op) = OpId::new(bytes) {
            prop_assert_eq!(op.bytes(), bytes);
            prop_assert_eq!(op.to_string().parse(), Ok(op));
        }
    }
}

#[test]
fn every_bit_that_flips_is_seen_before_more_bytes_come() {
    let piece = |code, payload: &[u8]| Piece {
        code,
        op: Some(op(3)),
        payload: payload.to_vec(),
    };
    let pieces = [
        piece(2, b"first"),
        piece(4, b"{\"answer\": 1}"),
        piece(7, b""),
    ];
    let bytes = encode(&pieces);
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut decoder = FrameDecoder::new();
        decoder.feed(&damaged);
        let mut error = None;
        for _ in 0..pieces.len() {
            match decoder.next_frame() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(found) => {
                    error = Some(found);
                    break;
                }
            }
        }
        let sequence = match error {
            Some(
                FrameError::HeaderDamaged { sequence } | FrameError::PayloadDamaged { sequence },
            ) => sequence,
            other => panic!("bit {bit} gave {other:?}"),
        };
        let frame: usize = [0, 45, 98]
            .iter()
            .filter(|start| **start <= bit / 8)
            .count()
            - 1;
        assert_eq!(sequence, u64::try_from(frame).unwrap(), "bit {bit}");
        assert_eq!(decoder.next_frame(), Err(error.unwrap()));
        decoder.feed(&bytes);
        assert_eq!(decoder.next_frame(), Err(error.unwrap()));
        assert_eq!(decoder.finish(), Err(error.unwrap()));
    }
}

#[test]
fn frames_out_of_order_are_refused() {
    let beat = Piece {
        code: FrameKind::Beat.code(),
        op: None,
        payload: Vec::new(),
    };
    let bytes = encode(&[beat.clone(), beat.clone(), beat]);
    let (first, rest) = bytes.split_at(Frame::HEADER);
    let (second, third) = rest.split_at(Frame::HEADER);
    let repeated = decode(&[first, second, second, third].concat(), &[]);
    assert_eq!(
        repeated,
        Err(FrameError::Sequence {
            expected: 2,
            found: 1
        })
    );
    let missing = decode(&[first, third].concat(), &[]);
    assert_eq!(
        missing,
        Err(FrameError::Sequence {
            expected: 1,
            found: 2
        })
    );
    let late = decode(rest, &[]);
    assert_eq!(
        late,
        Err(FrameError::Sequence {
            expected: 0,
            found: 1
        })
    );
}

/// One frame with some header bytes replaced and its checksum made right again.
fn forged(start: usize, replacement: &[u8]) -> Vec<u8> {
    let mut bytes = encode(&[Piece {
        code: 4,
        op: Some(op(1)),
        payload: b"x".to_vec(),
    }]);
    bytes[start..start + replacement.len()].copy_from_slice(replacement);
    let sum = crc32c::crc32c(&bytes[..field::HEADER_SUM]);
    bytes[field::HEADER_SUM..Frame::HEADER].copy_from_slice(&sum.to_le_bytes());
    bytes
}

#[test]
fn fields_that_may_not_be_are_refused_by_name() {
    #[track_caller]
    fn check(start: usize, replacement: &[u8], error: FrameError, message: &str) {
        assert_eq!(decode(&forged(start, replacement), &[]), Err(error));
        assert_eq!(error.to_string(), message);
    }
    check(
        field::LENGTH,
        &1_048_577u32.to_le_bytes(),
        FrameError::TooLong { length: 1_048_577 },
        "a frame of 1048577 bytes, and the most is 1048576",
    );
    check(
        field::ZEROS,
        &[0, 1],
        FrameError::Reserved,
        "the reserved bytes of a frame are not zero",
    );
    check(
        field::KIND,
        &[0],
        FrameError::UnknownKind { code: 0 },
        "frames of kind 0 are not known",
    );
    check(
        field::KIND,
        &[0x7f],
        FrameError::UnknownKind { code: 0x7f },
        "frames of kind 127 are not known",
    );
    check(
        field::KIND,
        &[FrameKind::Beat.code()],
        FrameError::MisplacedOp {
            kind: FrameKind::Beat,
        },
        "a frame of kind beat names an operation",
    );
    check(
        field::OP,
        &[0; 16],
        FrameError::MisplacedOp {
            kind: FrameKind::Answer,
        },
        "a frame of kind answer names no operation",
    );
    check(
        field::PAYLOAD_SUM,
        &[0; 4],
        FrameError::PayloadDamaged { sequence: 0 },
        "the payload of frame 0 is damaged",
    );
    assert_eq!(decode(&forged(field::KIND, &[0x80]), &[]), Ok(Vec::new()));
}

#[test]
fn a_frame_that_may_not_be_is_not_made() {
    let mut encoder = FrameEncoder::new();
    let mut bytes = Vec::new();
    let long = vec![0; Frame::MAX_PAYLOAD + 1];
    let refused = encoder.encode(FrameKind::Body, Some(op(1)), &long, &mut bytes);
    assert_eq!(refused, Err(FrameError::TooLong { length: 1_048_577 }));
    let refused = encoder.encode(FrameKind::Request, None, b"", &mut bytes);
    assert_eq!(
        refused,
        Err(FrameError::MisplacedOp {
            kind: FrameKind::Request
        })
    );
    let refused = encoder.encode(FrameKind::Bye, Some(op(1)), b"", &mut bytes);
    assert_eq!(
        refused,
        Err(FrameError::MisplacedOp {
            kind: FrameKind::Bye
        })
    );
    assert!(bytes.is_empty());
    encoder
        .encode(FrameKind::Bye, None, b"", &mut bytes)
        .unwrap();
    assert_eq!(decode(&bytes, &[]).unwrap().len(), 1);
}

#[test]
fn a_promise_of_bytes_makes_no_room() {
    let bytes = encode(&[Piece {
        code: 3,
        op: Some(op(1)),
        payload: vec![7; Frame::MAX_PAYLOAD],
    }]);
    let mut decoder = FrameDecoder::new();
    decoder.feed(&bytes[..100]);
    assert_eq!(decoder.next_frame(), Ok(None));
    assert!(decoder.buffer.capacity() < 1_000);
}

/// The example of docs/reference/guest-protocol.md.
#[test]
fn the_bytes_of_a_frame() {
    let bytes = encode(&[
        Piece {
            code: 9,
            op: None,
            payload: Vec::new(),
        },
        Piece {
            code: 5,
            op: Some(op(0xab)),
            payload: b"Hi\n".to_vec(),
        },
    ]);
    let hex: Vec<String> = bytes[Frame::HEADER..]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(
        hex.join(" "),
        "03 00 00 00 05 00 00 00 01 00 00 00 00 00 00 00 \
         ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab ab \
         97 4b 98 fa 59 92 66 9f 48 69 0a"
    );
}

#[test]
fn op_ids_are_32_digits() {
    for text in ["", "0", "+bababababababababababababababab", "zz", "é"] {
        assert_eq!(text.parse::<OpId>(), Err(InvalidOpId), "{text}");
    }
    assert_eq!("0".repeat(32).parse::<OpId>(), Err(InvalidOpId));
    assert_eq!("AB".repeat(16).parse::<OpId>(), Ok(op(0xab)));
    assert_eq!(
        format!("{:?}", op(1)),
        "OpId(01010101010101010101010101010101)"
    );
}
