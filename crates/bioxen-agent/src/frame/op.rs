//! Names of operations.

use std::fmt;
use std::num::NonZeroU128;
use std::str::FromStr;

use thiserror::Error;

/// Name of one operation, for ever: 16 bytes that are not all zero, shown as 32 hexadecimal digits.
///
/// The client draws it at random for each operation.
/// Whoever asks again under the same name asks for the result of the first time.
///
/// ```
/// use bioxen_agent::OpId;
///
/// let op = OpId::new([0xab; 16]).expect("not all zero");
/// assert_eq!(op.to_string(), "abababababababababababababababab");
/// assert_eq!(op.to_string().parse::<OpId>()?, op);
/// assert!(OpId::new([0; 16]).is_none());
/// # Ok::<(), bioxen_agent::InvalidOpId>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(NonZeroU128);

impl OpId {
    /// The operation of these bytes; none for all zeros, which stand for no operation.
    pub const fn new(bytes: [u8; 16]) -> Option<Self> {
        match NonZeroU128::new(u128::from_be_bytes(bytes)) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its bytes, in the order in which they are shown.
    pub const fn bytes(self) -> [u8; 16] {
        self.0.get().to_be_bytes()
    }
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpId({self})")
    }
}

impl FromStr for OpId {
    type Err = InvalidOpId;

    /// 32 hexadecimal digits, not all zero.
    fn from_str(text: &str) -> Result<Self, InvalidOpId> {
        parse_hex(text).and_then(Self::new).ok_or(InvalidOpId)
    }
}

/// A text that is not the name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the name of an operation is 32 hexadecimal digits, not all zero")]
pub struct InvalidOpId;

/// 16 bytes from 32 hexadecimal digits.
pub(crate) fn parse_hex(text: &str) -> Option<[u8; 16]> {
    // Signs are accepted by the standard library's parser and are not digits.
    let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let number = digits.then(|| u128::from_str_radix(text, 16).ok())??;
    Some(number.to_be_bytes())
}
