//! Errors as people read them: what failed, why, and what to do.

use std::error::Error;
use std::fmt;

use bioxen_agent::{MessageError, ProtocolError, Refused};
use bioxen_config::{ConfigErrors, InvalidValue, SaveError, SecretError};
use bioxen_core::{
    IllegalTransition, ImageError, InvalidName, InvalidNumber, InvalidProcessCode, SpecError,
    UnknownOrganism, UnknownWord, VmError,
};
use bioxen_hypervisor::genome::{ParameterError, TableError, UnknownGene};
use bioxen_hypervisor::package::{BundleError, LibraryError};
use bioxen_hypervisor::{HypervisorError, InstallError};
use bioxen_resources::{ResourceError, SnapshotError, StoreError};

use crate::factory::CreateError;

/// Shows an error with its causes and its advice, each on a line of its own.
///
/// ```
/// use bioxen::{AtpPercent, VmError, explain};
///
/// let error = VmError::AtpExceeded { asked: AtpPercent::FULL, free: "37.5%".parse()? };
/// assert_eq!(
///     explain(&error).to_string(),
///     "100% of ATP was asked for and 37.5% is free\n  \
///      hint: ask for 37.5% or less, or lower the share of another VM",
/// );
/// # Ok::<(), bioxen::InvalidNumber>(())
/// ```
pub fn explain<'a>(error: &'a (dyn Error + 'static)) -> Explanation<'a> {
    Explanation { error }
}

/// An error that prints its whole chain; see [`explain`].
#[derive(Debug)]
pub struct Explanation<'a> {
    error: &'a (dyn Error + 'static),
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        for cause in chain(self.error).skip(1) {
            write!(f, "\n  because: {cause}")?;
        }
        // An error that passes its cause on as it is also passes on the advice: say it once.
        let mut said: Vec<String> = Vec::new();
        for hint in chain(self.error).filter_map(hint_of) {
            if !said.contains(&hint) {
                write!(f, "\n  hint: {hint}")?;
                said.push(hint);
            }
        }
        Ok(())
    }
}

/// An error, its cause, the cause of that, and so on.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The advice that an error of this workspace carries; `None` for errors of others.
pub fn hint_of(error: &(dyn Error + 'static)) -> Option<String> {
    ask(error, CreateError::hint)
        .or_else(|| ask(error, HypervisorError::hint))
        .or_else(|| ask(error, VmError::hint))
        .or_else(|| ask(error, IllegalTransition::hint))
        .or_else(|| ask(error, ImageError::hint))
        .or_else(|| ask(error, InvalidName::hint))
        .or_else(|| ask(error, InvalidNumber::hint))
        .or_else(|| ask(error, InvalidProcessCode::hint))
        .or_else(|| ask(error, SpecError::hint))
        .or_else(|| ask(error, UnknownOrganism::hint))
        .or_else(|| ask(error, UnknownWord::hint))
        .or_else(|| ask(error, TableError::hint))
        .or_else(|| ask(error, ParameterError::hint))
        .or_else(|| ask(error, UnknownGene::hint))
        .or_else(|| ask(error, LibraryError::hint))
        .or_else(|| ask(error, BundleError::hint))
        .or_else(|| ask(error, ConfigErrors::hint))
        .or_else(|| ask(error, InvalidValue::hint))
        .or_else(|| ask(error, SaveError::hint))
        .or_else(|| ask(error, SecretError::hint))
        .or_else(|| ask(error, ResourceError::hint))
        .or_else(|| ask(error, StoreError::hint))
        .or_else(|| {
            ask(error, |refused: &SnapshotError| {
                Some(refused.hint().to_owned())
            })
        })
        .or_else(|| ask(error, |refused: &InstallError| Some(refused.hint())))
        .or_else(|| ask(error, |refused: &Refused| refused.hint().map(str::to_owned)))
        .or_else(|| ask(error, ProtocolError::hint))
        .or_else(|| ask(error, MessageError::hint))
        .or_else(|| hint_of_pool(error))
}

/// The advice of what goes on between this side and a pool.
#[cfg(feature = "xcpng")]
fn hint_of_pool(error: &(dyn Error + 'static)) -> Option<String> {
    use bioxen_xcpng::{
        HostKeyRefused, HostKeysError, JournalError, SshError, TransportError, UploadError,
        XapiError, XcpngError,
    };

    ask(error, crate::pool::PoolConfigError::hint)
        .or_else(|| ask(error, XcpngError::hint))
        .or_else(|| ask(error, XapiError::hint))
        .or_else(|| ask(error, TransportError::hint))
        .or_else(|| ask(error, SshError::hint))
        .or_else(|| ask(error, HostKeysError::hint))
        .or_else(|| ask(error, UploadError::hint))
        .or_else(|| ask(error, |refused: &HostKeyRefused| Some(refused.hint())))
        .or_else(|| ask(error, |refused: &JournalError| Some(refused.hint())))
}

#[cfg(not(feature = "xcpng"))]
fn hint_of_pool(_: &(dyn Error + 'static)) -> Option<String> {
    None
}

fn ask<E: Error + 'static>(
    error: &(dyn Error + 'static),
    hint: fn(&E) -> Option<String>,
) -> Option<String> {
    error.downcast_ref::<E>().and_then(hint)
}

#[cfg(test)]
mod tests {
    use bioxen_core::{ImageError, VmError};

    use super::explain;

    #[test]
    fn causes_follow_and_advice_comes_last_and_once() {
        let error = VmError::Image(ImageError::NotAnImage);
        assert_eq!(
            explain(&error).to_string(),
            "the saved state cannot be used\n  \
             because: these bytes are not a BioXen image\n  \
             hint: give a file that was written by saving a VM",
        );
    }

    #[test]
    fn errors_of_others_have_no_advice() {
        let error = std::io::Error::other("disk on fire");
        assert_eq!(explain(&error).to_string(), "disk on fire");
    }
}
