//! Amounts of memory.

use std::fmt;
use std::str::FromStr;

use super::InvalidValue;
use super::scaled::{NotWhole, number_and_unit, times};

/// An amount of memory, bytes: `512MB`, `1.5GB` or `2GiB`.
///
/// MB is 1 000 000 bytes and MiB 1 048 576, as the standard IEC 80000-13 has them.
///
/// ```
/// use bioxen_config::Size;
///
/// let size: Size = "512MB".parse()?;
/// assert_eq!(size.bytes(), 512_000_000);
/// assert_eq!(size.to_string(), "512MB");
/// assert_eq!("2 GiB".parse::<Size>()?.bytes(), 1 << 31);
/// assert!("512".parse::<Size>().is_err());
/// # Ok::<(), bioxen_config::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

/// Units by size, those that are written first before others of the same size.
const UNITS: [(&str, u64); 11] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("KB", 1_000),
    ("bytes", 1),
    ("B", 1),
];

const ALLOWED: &str = "a size with its unit, such as 512MB or 2GiB";

impl Size {
    /// A number of bytes.
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = InvalidValue;

    /// Digits, with a point and up to nine digits after it, and a unit.
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let refuse = |hint| InvalidValue::new(text, ALLOWED, hint);
        let (number, unit) = number_and_unit(text);
        let Some((_, bytes)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(refuse(meant(number, unit)));
        };
        match times(number, 9, *bytes) {
            Ok(bytes) => Ok(Self(bytes)),
            Err(NotWhole::Fraction) => {
                Err(refuse(Some("it is no whole number of bytes".to_owned())))
            }
            Err(NotWhole::NoNumber) => Err(refuse(None)),
        }
    }
}

/// What somebody meant who wrote another unit.
fn meant(number: &str, unit: &str) -> Option<String> {
    if number.is_empty() {
        return None;
    }
    let letter = match unit
        .to_ascii_lowercase()
        .trim_end_matches('b')
        .trim_end_matches('i')
    {
        "k" => 'K',
        "m" => 'M',
        "g" => 'G',
        "t" => 'T',
        "" => return Some(format!("did you mean {number}MB, or {number}B?")),
        _ => return None,
    };
    Some(format!(
        "did you mean {number}{letter}B or {number}{letter}iB?"
    ))
}

impl fmt::Display for Size {
    /// In the largest unit that it is a whole number of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let best = UNITS
            .iter()
            .find(|(_, bytes)| self.0 >= *bytes && self.0.is_multiple_of(*bytes));
        match best {
            Some(("bytes", _)) | None => f.pad(&format!("{}B", self.0)),
            Some((unit, bytes)) => f.pad(&format!("{}{unit}", self.0 / bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Size;

    #[test]
    fn sizes_are_read_with_their_unit_alone() {
        let said: Vec<String> = [
            "512M",
            "512mb",
            "512",
            "MB",
            "1.0.0MB",
            "1.5B",
            "-1MB",
            "99999999TB",
            "1GIB",
            "",
            "1 EB",
        ]
        .iter()
        .map(|text| {
            let error = text.parse::<Size>().unwrap_err();
            format!("{text}: {}", error.hint().unwrap_or_default())
        })
        .collect();
        assert_eq!(
            said,
            [
                "512M: did you mean 512MB or 512MiB?",
                "512mb: did you mean 512MB or 512MiB?",
                "512: did you mean 512MB, or 512B?",
                "MB: ",
                "1.0.0MB: ",
                "1.5B: it is no whole number of bytes",
                "-1MB: ",
                "99999999TB: ",
                "1GIB: did you mean 1GB or 1GiB?",
                ": ",
                "1 EB: ",
            ]
        );
        assert_eq!("1.5 GB".parse::<Size>().unwrap().to_string(), "1500MB");
        assert_eq!("0B".parse::<Size>().unwrap().to_string(), "0B");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_what_it_was(bytes in any::<u64>()) {
            let size = Size::new(bytes);
            prop_assert_eq!(size.to_string().parse::<Size>().unwrap(), size);
        }
    }
}
