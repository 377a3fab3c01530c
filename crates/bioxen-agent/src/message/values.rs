//! Small values that only messages have.

use thiserror::Error;

/// A time on the wall, milliseconds since the beginning of 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(u64);

impl UnixMillis {
    /// A time on the wall.
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the beginning of 1970 in UTC.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Number of an event in the journal of an agent: 1, 2, 3 and so on, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventNumber(u64);

impl EventNumber {
    /// Before the first event.
    pub const NONE: Self = Self(0);

    /// The number of an event.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// How many entries of a long list one answer brings at most: 1 to 10,000.
///
/// ```
/// use bioxen_agent::PageSize;
///
/// assert_eq!(PageSize::new(100)?.get(), 100);
/// assert!(PageSize::new(0).is_err());
/// # Ok::<(), bioxen_agent::InvalidPageSize>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageSize(u32);

impl PageSize {
    /// The most entries.
    pub const MAX: Self = Self(10_000);

    /// A number of entries.
    ///
    /// # Errors
    ///
    /// [`InvalidPageSize`] if it is not within 1 to 10,000.
    pub const fn new(entries: u32) -> Result<Self, InvalidPageSize> {
        if entries >= 1 && entries <= Self::MAX.0 {
            Ok(Self(entries))
        } else {
            Err(InvalidPageSize { entries })
        }
    }

    /// The number of entries.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A number of entries that no answer brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{entries} entries are not within 1 to {}", PageSize::MAX.0)]
pub struct InvalidPageSize {
    /// The number.
    pub entries: u32,
}
