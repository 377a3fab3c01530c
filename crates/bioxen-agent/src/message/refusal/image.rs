//! The data of a refused image: an `ImageError` whose cause is words.

use bioxen_core::{ImageError, Organism};
use serde::{Deserialize, Serialize};

use super::{Refused, clip};
use crate::message::wire;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ImageFault {
    NotAnImage,
    Truncated {
        expected: u64,
        found: u64,
    },
    Corrupt {
        expected: u32,
        found: u32,
    },
    NewerVersion {
        found: u16,
        supported: u16,
    },
    WrongOrganism {
        #[serde(with = "wire")]
        expected: Organism,
        #[serde(with = "wire")]
        found: Organism,
    },
    TooLarge {
        size: u64,
        limit: u64,
    },
    GenomeMismatch {
        expected: String,
        found: String,
    },
    IdentityMismatch {
        expected: String,
        found: String,
    },
    Decode,
}

impl ImageFault {
    /// `None` for a variant that is not known here.
    pub(super) fn of(error: &ImageError) -> Option<Self> {
        Some(match error {
            ImageError::NotAnImage => Self::NotAnImage,
            ImageError::Truncated { expected, found } => Self::Truncated {
                expected: *expected,
                found: *found,
            },
            ImageError::Corrupt { expected, found } => Self::Corrupt {
                expected: *expected,
                found: *found,
            },
            ImageError::NewerVersion { found, supported } => Self::NewerVersion {
                found: *found,
                supported: *supported,
            },
            ImageError::WrongOrganism { expected, found } => Self::WrongOrganism {
                expected: *expected,
                found: *found,
            },
            ImageError::TooLarge { size, limit } => Self::TooLarge {
                size: *size,
                limit: *limit,
            },
            ImageError::GenomeMismatch { expected, found } => Self::GenomeMismatch {
                expected: clip(expected),
                found: clip(found),
            },
            ImageError::IdentityMismatch { expected, found } => Self::IdentityMismatch {
                expected: clip(expected),
                found: clip(found),
            },
            ImageError::Decode { .. } => Self::Decode,
            _ => return None,
        })
    }

    pub(super) fn into_error(self, causes: &[String]) -> ImageError {
        match self {
            Self::NotAnImage => ImageError::NotAnImage,
            Self::Truncated { expected, found } => ImageError::Truncated { expected, found },
            Self::Corrupt { expected, found } => ImageError::Corrupt { expected, found },
            Self::NewerVersion { found, supported } => {
                ImageError::NewerVersion { found, supported }
            }
            Self::WrongOrganism { expected, found } => {
                ImageError::WrongOrganism { expected, found }
            }
            Self::TooLarge { size, limit } => ImageError::TooLarge { size, limit },
            Self::GenomeMismatch { expected, found } => {
                ImageError::GenomeMismatch { expected, found }
            }
            Self::IdentityMismatch { expected, found } => {
                ImageError::IdentityMismatch { expected, found }
            }
            Self::Decode => ImageError::Decode {
                source: match Refused::of_causes(causes) {
                    Some(cause) => Box::new(cause),
                    None => "the agent did not say why".into(),
                },
            },
        }
    }
}
