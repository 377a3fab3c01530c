//! Calls that let simulated time pass.

use bioxen_core::{SimSpan, SimTime};
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::float::UnpackFloat;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::{Heap, Value};

use super::super::fault::Fault;
use super::super::limits::MAX_RECORDED;
use super::super::session::{Session, with_session};
use super::{Row, interval, span};
use crate::cell::Species;

#[starlark_module]
pub(super) fn run(globals: &mut GlobalsBuilder) {
    /// Runs the cell for a number of simulated seconds and returns the time.
    fn advance(seconds: UnpackFloat) -> starlark::Result<f64> {
        with_session(|session| {
            session.advance(span("advance", "seconds", seconds.0)?)?;
            Ok(session.cell.time().seconds())
        })
    }

    /// Runs the cell until `predicate()` is true, at most for `limit` seconds, and returns whether it is.
    fn advance_until<'v>(
        predicate: Value<'v>,
        limit: UnpackFloat,
        #[starlark(default = UnpackFloat(1.0))] every: UnpackFloat,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<bool> {
        let (end, every) = with_session(|session| {
            let limit = span("advance_until", "limit", limit.0)?;
            Ok((
                session.target().saturating_add(limit),
                interval("advance_until", every.0)?,
            ))
        })?;
        loop {
            // The predicate reads the cell itself: the session must be free while it runs.
            if eval.eval_function(predicate, &[], &[])?.to_bool() {
                return Ok(true);
            }
            let left = with_session(|session| {
                let left = left(session, end);
                session.advance(every.min(left))?;
                Ok(left)
            })?;
            if left == SimSpan::ZERO {
                return Ok(false);
            }
        }
    }

    /// Runs the cell for `duration` seconds and returns the molecules of `species` every so many seconds, by name, with
    /// the times under `time_s`. The first row is the cell as it is.
    fn record<'v>(
        every: UnpackFloat,
        species: UnpackListOrTuple<String>,
        duration: UnpackFloat,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let (times, columns) = with_session(|session| {
            let every = interval("record", every.0)?;
            let duration = span("record", "duration", duration.0)?;
            let names = species
                .items
                .iter()
                .map(|name| session.species(name))
                .collect::<Result<Vec<_>, _>>()?;
            check_size(duration, every, names.len())?;
            table(session, every, &names, duration)
        })?;
        let mut row = Row::new(heap).with("time_s", times);
        for (name, column) in species.items.iter().zip(columns) {
            row.push(name, column);
        }
        Ok(row.finish())
    }

    /// Simulated time, s.
    fn time() -> starlark::Result<f64> {
        with_session(|session| Ok(session.cell.time().seconds()))
    }

    /// Divisions so far.
    fn generation() -> starlark::Result<u32> {
        with_session(|session| Ok(session.cell.generation()))
    }
}

fn left(session: &Session, end: SimTime) -> SimSpan {
    end.since(session.target()).unwrap_or(SimSpan::ZERO)
}

fn check_size(duration: SimSpan, every: SimSpan, columns: usize) -> Result<(), Fault> {
    let rows = duration.micros() / every.micros() + 1;
    let asked = rows.saturating_mul(u64::try_from(columns).unwrap_or(u64::MAX).saturating_add(1));
    if asked > MAX_RECORDED {
        Err(Fault::RecordTooLong { asked })
    } else {
        Ok(())
    }
}

fn table(
    session: &mut Session,
    every: SimSpan,
    species: &[Species],
    duration: SimSpan,
) -> Result<(Vec<f64>, Vec<Vec<i64>>), Fault> {
    let end = session.target().saturating_add(duration);
    let mut times = Vec::new();
    let mut columns = vec![Vec::new(); species.len()];
    loop {
        times.push(session.cell.time().seconds());
        for (column, &species) in columns.iter_mut().zip(species) {
            column.push(session.cell.molecules_of(species));
        }
        let left = left(session, end);
        if left < every {
            session.advance(left)?;
            return Ok((times, columns));
        }
        session.advance(every)?;
    }
}
