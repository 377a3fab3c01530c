//! Dates as the server writes them.

use std::fmt;

/// A point in time, UTC, to the second.
///
/// The server's word for "never" is the beginning of 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    unix_seconds: i64,
}

impl DateTime {
    /// The server's word for "never".
    pub const NEVER: Self = Self { unix_seconds: 0 };

    /// Seconds since the beginning of 1970.
    pub fn unix_seconds(self) -> i64 {
        self.unix_seconds
    }

    /// Whether it stands for "never".
    pub fn is_never(self) -> bool {
        self == Self::NEVER
    }

    /// Parses `20260821T02:00:23Z`, and the same with hyphens, without the `Z`, or with a fraction.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let (date, time) = text.split_once('T')?;
        let date = date.replace('-', "");
        if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let year: i64 = date[0..4].parse().ok()?;
        let month: i64 = date[4..6].parse().ok()?;
        let day: i64 = date[6..8].parse().ok()?;
        let time = match time.split_once('.') {
            Some((time, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => time,
            Some(_) => return None,
            None => time,
        };
        let mut parts = time.split(':');
        let mut part = |most: i64| {
            let part = parts.next()?;
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse()
                .ok()
                .filter(|number: &i64| digits && *number <= most)
        };
        let (hour, minute, second) = (part(23)?, part(59)?, part(60)?);
        if parts.next().is_some() || day < 1 || day > days_of_month(year, month)? {
            return None;
        }
        let days = days_before_year(year) + days_before_month(year, month)? + day - 1;
        Some(Self {
            unix_seconds: ((days * 24 + hour) * 60 + minute) * 60 + second,
        })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut days, seconds) = (
            self.unix_seconds.div_euclid(86_400),
            self.unix_seconds.rem_euclid(86_400),
        );
        let mut year = 1970 + days / 366;
        while days_before_year(year + 1) <= days {
            year += 1;
        }
        while days_before_year(year) > days {
            year -= 1;
        }
        days -= days_before_year(year);
        let mut month = 1;
        while let Some(length) = days_of_month(year, month)
            && days >= length
        {
            days -= length;
            month += 1;
        }
        write!(
            f,
            "{year:04}{month:02}{:02}T{:02}:{:02}:{:02}Z",
            days + 1,
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from the beginning of 1970 to the beginning of a year.
fn days_before_year(year: i64) -> i64 {
    let before = year - 1;
    let leaps = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (year - 1970) * 365 + leaps(before) - leaps(1969)
}

fn days_before_month(year: i64, month: i64) -> Option<i64> {
    (1..month)
        .map(|earlier| days_of_month(year, earlier))
        .sum::<Option<i64>>()
}

fn days_of_month(year: i64, month: i64) -> Option<i64> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap(year) => Some(29),
        2 => Some(28),
        _ => None,
    }
}
