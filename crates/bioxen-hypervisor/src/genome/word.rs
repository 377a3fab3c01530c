//! Words of a table column that name one of a closed set of things.

use thiserror::Error;

/// A word outside the closed set of its column.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} is not a {what}")]
pub struct UnknownWord {
    /// What was read.
    pub found: String,
    /// What the word should have named, for example `strand`.
    pub what: &'static str,
    /// Every word that would have been accepted.
    pub allowed: &'static [&'static str],
}

impl UnknownWord {
    /// Advice for a person: the accepted words.
    pub fn hint(&self) -> String {
        format!("use {}", self.allowed.join(", "))
    }
}

/// Gives an enum its words: `ALL`, `as_str`, `Display` and `FromStr`, which round-trip.
macro_rules! words {
    ($name:ident, $what:literal, { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word that the tables use for this value.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::genome::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::genome::UnknownWord {
                        found: $crate::genome::error::shorten(word),
                        what: $what,
                        allowed: &[$($word),+],
                    }),
                }
            }
        }
    };
}

pub(super) use words;
