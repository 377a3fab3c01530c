//! Errors as people read them: what failed, why, and what to do.

use std::error::Error;

use bioxen_agent::daemon::DaemonError;
use bioxen_agent::{HelloError, LocalError, ProtocolError, Refused};
use bioxen_core::{
    IllegalTransition, ImageError, InvalidName, InvalidNumber, InvalidProcessCode, SpecError,
    UnknownOrganism, UnknownWord, VmError,
};
use bioxen_resources::StoreError;

/// An error, its cause, the cause of that, and so on.
pub(crate) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The first advice of an error and its causes.
pub(crate) fn hint_of(error: &(dyn Error + 'static)) -> Option<String> {
    chain(error).find_map(own_hint)
}

fn own_hint(error: &(dyn Error + 'static)) -> Option<String> {
    ask(error, VmError::hint)
        .or_else(|| ask(error, LocalError::hint))
        .or_else(|| ask(error, DaemonError::hint))
        .or_else(|| ask(error, ProtocolError::hint))
        .or_else(|| ask(error, HelloError::hint))
        .or_else(|| ask(error, |told: &Refused| told.hint().map(str::to_owned)))
        .or_else(|| ask(error, IllegalTransition::hint))
        .or_else(|| ask(error, ImageError::hint))
        .or_else(|| ask(error, InvalidName::hint))
        .or_else(|| ask(error, InvalidNumber::hint))
        .or_else(|| ask(error, InvalidProcessCode::hint))
        .or_else(|| ask(error, SpecError::hint))
        .or_else(|| ask(error, StoreError::hint))
        .or_else(|| ask(error, UnknownOrganism::hint))
        .or_else(|| ask(error, UnknownWord::hint))
}

fn ask<E: Error + 'static>(
    error: &(dyn Error + 'static),
    hint: impl FnOnce(&E) -> Option<String>,
) -> Option<String> {
    error.downcast_ref::<E>().and_then(hint)
}
