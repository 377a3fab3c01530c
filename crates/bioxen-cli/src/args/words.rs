//! Words on the command line that become values, or are refused with advice.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use bioxen::genome::{ModelClass, RegulationClass};
use bioxen::{Organism, PaceFactor, Pacing, hint_of};
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// Why a word on the command line is refused, with advice.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl Error for Refused {}

pub(super) fn typed<T>(text: &str) -> Result<T, Refused>
where
    T: FromStr,
    T::Err: Error + 'static,
{
    text.parse::<T>().map_err(|error| Refused {
        message: error.to_string(),
        hint: hint_of(&error),
    })
}

/// An organism whose genes are transcribed by operon.
pub(super) fn with_operons(text: &str) -> Result<Organism, Refused> {
    let organism = typed(text)?;
    match organism {
        Organism::Ecoli => Ok(organism),
        Organism::Syn3a | Organism::MinimalCell => Err(Refused {
            message: format!("the genes of {organism} are transcribed one by one, not by operon"),
            hint: Some(format!(
                "use {}, or bioxen genes {organism}",
                Organism::Ecoli
            )),
        }),
    }
}

/// `real`, a factor such as `60x`, `unpaced` or `manual`.
pub(super) fn pacing(text: &str) -> Result<Pacing, Refused> {
    match text {
        "real" => return Ok(Pacing::default()),
        "unpaced" => return Ok(Pacing::Unpaced),
        "manual" => return Ok(Pacing::Manual),
        _ => {}
    }
    let factor = text.strip_suffix('x').ok_or_else(|| Refused {
        message: format!("unknown pacing {text:?}"),
        hint: Some("use real, a factor such as 60x, unpaced or manual".to_owned()),
    })?;
    let factor = typed::<PaceFactor>(factor)?;
    Ok(Pacing::RealTime { factor })
}

/// A place for a picture: it is not mixed with the results on standard output.
pub(super) fn picture(text: &str) -> Result<PathBuf, Refused> {
    match text {
        "-" | "" => Err(Refused {
            message: "a picture needs a file".to_owned(),
            hint: Some("give a name such as cells.svg".to_owned()),
        }),
        path => Ok(path.into()),
    }
}

pub(super) fn threads(text: &str) -> Result<usize, Refused> {
    const MOST: usize = 1024;
    match text.parse() {
        Ok(threads) if (1..=MOST).contains(&threads) => Ok(threads),
        _ => Err(Refused {
            message: "not a number of threads".to_owned(),
            hint: Some(format!("give a whole number from 1 to {MOST}")),
        }),
    }
}

/// Gives the list of classes and the nearest one to a misspelled class.
pub(super) fn classes() -> impl TypedValueParser<Value = ModelClass> {
    PossibleValuesParser::new(ModelClass::ALL.map(ModelClass::as_str))
        .try_map(|word| word.parse::<ModelClass>())
}

/// As [`classes`], for operons.
pub(super) fn regulation_classes() -> impl TypedValueParser<Value = RegulationClass> {
    PossibleValuesParser::new(RegulationClass::ALL.map(RegulationClass::as_str))
        .try_map(|word| word.parse::<RegulationClass>())
}
