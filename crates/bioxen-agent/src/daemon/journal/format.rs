//! The bytes of a journal, as functions of bytes alone.
//!
//! A file is a header and then batches. Layout, little endian:
//!
//! | field of the file header | type |
//! |---|---|
//! | magic `BIOXENJL` | 8 bytes |
//! | format version | u16 |
//! | zero | u16 |
//! | salt | u64 |
//! | CRC32C of the header before this field | u32 |
//!
//! | field of a batch | type |
//! |---|---|
//! | length of the payload, bytes | u32 |
//! | number, from 1 | u64 |
//! | CRC32C of the payload | u32 |
//! | CRC32C of the salt of the file and of the header of the batch before this field | u32 |
//! | payload: records, each its length (u32), its kind (u8) and its bytes | |
//!
//! Every version of the format begins with that file header, so that each can name any other.
//!
//! A batch is there as a whole or not at all.
//! A batch is written only when the one before it is on the disk for good, and so only the last one can be what a killed writer left.
//! A flawed batch therefore is cut off if no header of a batch with a greater number holds at any later byte, and is damage if one does.
//! The salt is another one for each file and is known to nobody who hands in records: neither what an older journal left in the blocks of a disk nor a record that was made to look like a batch is taken for one.
//! Damage that reaches from a batch to the end of the file cannot be told from a write that was cut short, nor can a file that somebody cut at the end of a batch from one that ends there.

use super::Record;
use super::error::{Flaw, Part};

/// Version of the format that is written and read.
pub(super) const VERSION: u16 = 1;

/// Bytes of the file header.
pub(super) const FILE_HEADER: usize = 24;

const MAGIC: &[u8; 8] = b"BIOXENJL";
const BATCH_HEADER: usize = 20;
const RECORD_HEADER: u64 = 5;

/// Most bytes of the records that are appended together, with their headers.
const MAX_BATCH: u64 = 256 << 20;

/// What a file holds, up to the end of its last whole batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) salt: u64,
    pub(super) records: Vec<Record>,
    /// Number of the batch that comes next.
    pub(super) next: u64,
    /// Bytes up to the end of the last whole batch.
    pub(super) whole: usize,
}

/// Why bytes are not a journal that this version can read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    NotAJournal,
    NewerVersion { found: u16 },
    Damaged { offset: usize, flaw: Flaw },
}

/// A record or a batch that may not be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong {
    pub(super) what: Part,
    pub(super) limit: u64,
}

/// The header of a file.
pub(super) fn encode_file_header(salt: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(FILE_HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&0_u16.to_le_bytes());
    header.extend_from_slice(&salt.to_le_bytes());
    let sum = crc32c::crc32c(&header);
    header.extend_from_slice(&sum.to_le_bytes());
    header
}

/// The bytes of a batch.
pub(super) fn encode_batch(salt: u64, number: u64, records: &[Record]) -> Result<Vec<u8>, TooLong> {
    let payload_len = payload_len(records)?;
    let mut bytes = vec![0; BATCH_HEADER];
    bytes.reserve_exact(usize::try_from(payload_len).expect("the records are in memory"));
    for Record {
        kind,
        bytes: record,
    } in records
    {
        let len = u32::try_from(record.len()).expect("at most Record::MAX_BYTES");
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes.push(*kind);
        bytes.extend_from_slice(record);
    }
    let (header, payload) = bytes.split_at_mut(BATCH_HEADER);
    let sums = BatchHeader {
        length: payload_len,
        number,
        payload_sum: crc32c::crc32c(payload),
    };
    header.copy_from_slice(&sums.encode(salt));
    Ok(bytes)
}

fn payload_len(records: &[Record]) -> Result<u32, TooLong> {
    let mut sum = 0_u64;
    for record in records {
        let length = len_of(&record.bytes);
        if length > Record::MAX_BYTES {
            return Err(TooLong {
                what: Part::Record,
                limit: Record::MAX_BYTES,
            });
        }
        sum += record_len(record);
    }
    match u32::try_from(sum) {
        Ok(length) if sum <= MAX_BATCH => Ok(length),
        _ => Err(TooLong {
            what: Part::Batch,
            limit: MAX_BATCH,
        }),
    }
}

/// Bytes that a record takes in a batch.
pub(super) fn record_len(record: &Record) -> u64 {
    RECORD_HEADER + len_of(&record.bytes)
}

/// Reads a whole file; nothing is allocated but copies of bytes that are there.
pub(super) fn decode(file: &[u8]) -> Result<Contents, Unreadable> {
    let mut contents = Contents {
        salt: decode_file_header(file)?,
        records: Vec::new(),
        next: 1,
        whole: FILE_HEADER,
    };
    while contents.whole < file.len() {
        let rest = &file[contents.whole..];
        let flaw = match decode_batch(contents.salt, contents.next, rest) {
            Ok((len, records)) => {
                contents.records.extend(records);
                contents.next += 1;
                contents.whole += len;
                continue;
            }
            Err(flaw) => flaw,
        };
        let may_be_cut_short = matches!(flaw, Flaw::BatchHeader | Flaw::Payload);
        if may_be_cut_short && !has_later_batch(contents.salt, contents.next, &rest[1..]) {
            break;
        }
        return Err(Unreadable::Damaged {
            offset: contents.whole,
            flaw,
        });
    }
    Ok(contents)
}

/// The salt.
fn decode_file_header(file: &[u8]) -> Result<u64, Unreadable> {
    let shared = file.len().min(MAGIC.len());
    if file[..shared] != MAGIC[..shared] {
        return Err(Unreadable::NotAJournal);
    }
    let damaged = Unreadable::Damaged {
        offset: 0,
        flaw: Flaw::FileHeader,
    };
    let Some((header, _)) = file.split_first_chunk::<FILE_HEADER>() else {
        return Err(damaged);
    };
    let mut reader = Reader(&header[MAGIC.len()..]);
    let (Some(version), Some(zero), Some(salt), Some(sum)) =
        (reader.u16(), reader.u16(), reader.u64(), reader.u32())
    else {
        return Err(damaged);
    };
    if crc32c::crc32c(&header[..FILE_HEADER - 4]) != sum {
        return Err(damaged);
    }
    match version {
        VERSION if zero == 0 => Ok(salt),
        0 | VERSION => Err(damaged),
        found => Err(Unreadable::NewerVersion { found }),
    }
}

/// The batch of that number at the start of these bytes, and its length.
fn decode_batch(salt: u64, number: u64, bytes: &[u8]) -> Result<(usize, Vec<Record>), Flaw> {
    let header = BatchHeader::decode(salt, bytes).ok_or(Flaw::BatchHeader)?;
    if header.number != number {
        return Err(Flaw::Number {
            expected: number,
            found: header.number,
        });
    }
    let payload = usize::try_from(header.length)
        .ok()
        .and_then(|length| bytes[BATCH_HEADER..].get(..length))
        .filter(|payload| crc32c::crc32c(payload) == header.payload_sum)
        .ok_or(Flaw::Payload)?;
    let records = decode_records(payload).ok_or(Flaw::Records)?;
    Ok((BATCH_HEADER + payload.len(), records))
}

fn decode_records(payload: &[u8]) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    let mut reader = Reader(payload);
    while !reader.0.is_empty() {
        let length = usize::try_from(reader.u32()?).ok()?;
        let [kind] = reader.array()?;
        let bytes = reader.take(length)?.to_vec();
        records.push(Record { kind, bytes });
    }
    Some(records)
}

/// Whether the header of a batch after this one holds anywhere in the bytes.
///
/// The number is looked at first: it leaves few places where a checksum is worth computing, and fewer still where one could hold by chance.
fn has_later_batch(salt: u64, number: u64, bytes: &[u8]) -> bool {
    let room = bytes.len() / BATCH_HEADER + 1;
    let last = number.saturating_add(u64::try_from(room).unwrap_or(u64::MAX));
    bytes.windows(BATCH_HEADER).any(|bytes| {
        BatchHeader::number(bytes).is_some_and(|found| number < found && found <= last)
            && BatchHeader::decode(salt, bytes).is_some()
    })
}

struct BatchHeader {
    length: u32,
    number: u64,
    payload_sum: u32,
}

impl BatchHeader {
    fn encode(&self, salt: u64) -> [u8; BATCH_HEADER] {
        let mut header = [0; BATCH_HEADER];
        header[..4].copy_from_slice(&self.length.to_le_bytes());
        header[4..12].copy_from_slice(&self.number.to_le_bytes());
        header[12..16].copy_from_slice(&self.payload_sum.to_le_bytes());
        let sum = header_sum(salt, &header[..16]);
        header[16..].copy_from_slice(&sum.to_le_bytes());
        header
    }

    /// The header at the start of these bytes, if its checksum holds.
    fn decode(salt: u64, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let header = Self {
            length: reader.u32()?,
            number: reader.u64()?,
            payload_sum: reader.u32()?,
        };
        let sum = reader.u32()?;
        (header_sum(salt, &bytes[..16]) == sum).then_some(header)
    }

    /// The number, whether or not the header holds.
    fn number(bytes: &[u8]) -> Option<u64> {
        Reader(bytes.get(4..)?).u64()
    }
}

fn header_sum(salt: u64, fields: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&salt.to_le_bytes()), fields)
}

pub(super) fn len_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a length in memory fits 64 bits")
}

/// Takes fields off the front of bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(part)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (part, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*part)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests;
