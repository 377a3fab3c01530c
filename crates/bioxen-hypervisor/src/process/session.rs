//! The cell that a program runs against, and what the program did to it.

use std::cell::RefCell;
use std::sync::Arc;

use bioxen_core::{Operation, Organism, ProcessLimits, SimSpan, SimTime};
use starlark::values::Heap;

use super::fault::Fault;
use super::limits::{Watch, check_heap};
use crate::cell::{COUPLING_STEP, Cell, Species};
use crate::crew::Tether;

/// Coupling steps from one look at the clock, and one publication of readings, to the next: under a millisecond of
/// computing.
const STEPS_PER_LOOK: u32 = 16;

/// One cell for the time of one run.
pub(super) struct Session {
    pub(super) cell: Box<Cell>,
    watch: Watch,
    limits: ProcessLimits,
    /// To the VM of the cell, if it is that of a VM.
    tether: Option<Arc<Tether>>,
    /// How far the program asked the cell to go. The cell is less than one coupling step behind, so that many short
    /// advances go as far as one long one.
    target: SimTime,
    /// Raised while the cell moves.
    pub(super) in_step: bool,
    ribosome_seconds: f64,
    since: Reading,
}

/// What `budget` subtracts.
struct Reading {
    time: SimTime,
    spent: Vec<(&'static str, u64)>,
    regenerated: u64,
    granted: u64,
    ribosome_seconds: f64,
}

/// What was used from one call of `budget` to the next.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) span: SimSpan,
    /// ATP-equivalents by cause.
    pub(super) spent: Vec<(&'static str, u64)>,
    /// ATP regenerated, and ATP that the quota let regenerate.
    pub(super) regenerated: u64,
    pub(super) granted: u64,
    /// Ribosomes at work, summed over time, s.
    pub(super) ribosome_seconds: f64,
}

thread_local! {
    // The interpreter hands no value of ours to a builtin, so the session of a run lies beside it on its thread.
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// Runs `f` on the session of this thread; what it needs must be computed without another call of the program.
pub(super) fn with_session<R>(
    f: impl FnOnce(&mut Session) -> Result<R, Fault>,
) -> starlark::Result<R> {
    SESSION.with_borrow_mut(|session| {
        f(session
            .as_mut()
            .expect("a program runs only while a session is installed"))
        .map_err(Fault::raise)
    })
}

impl Session {
    pub(super) fn new(
        cell: Box<Cell>,
        watch: Watch,
        limits: &ProcessLimits,
        tether: Option<Arc<Tether>>,
    ) -> Self {
        let since = Reading::of(&cell, 0.0);
        Self {
            target: cell.time(),
            cell,
            watch,
            limits: *limits,
            tether,
            in_step: false,
            ribosome_seconds: 0.0,
            since,
        }
    }

    /// Lies on this thread from here on.
    pub(super) fn install(self) {
        SESSION.set(Some(self));
    }

    /// Leaves this thread.
    pub(super) fn uninstall() -> Self {
        SESSION
            .take()
            .expect("a session is uninstalled once, by the thread that installed it")
    }

    /// The cell, unless it is in the middle of a step.
    pub(super) fn into_cell(self) -> Option<Box<Cell>> {
        (!self.in_step).then_some(self.cell)
    }

    /// Moves the cell by whole coupling steps, as far as they end within the time asked for so far.
    ///
    /// While the VM of the cell is paused, it waits.
    pub(super) fn advance(&mut self, span: SimSpan) -> Result<(), Fault> {
        let target = self.target.saturating_add(span);
        while self.is_before(target) {
            self.watch.check()?;
            if let (false, Some(tether)) = (self.run(target), &self.tether) {
                tether.wait(&self.cell);
            }
        }
        self.target = target;
        Ok(())
    }

    fn is_before(&self, target: SimTime) -> bool {
        self.cell.time().saturating_add(COUPLING_STEP) <= target
    }

    /// Moves the cell until it is time for a look at the clock; false if simulated time stands still for it.
    fn run(&mut self, target: SimTime) -> bool {
        let tether = self.tether.clone();
        let passage = tether.as_ref().map(|tether| tether.passage(&self.cell));
        let mut passes = true;
        for _ in 0..STEPS_PER_LOOK {
            if !self.is_before(target) {
                break;
            }
            if let Some(passage) = &passage {
                passes = passage.admits(&mut self.cell);
                if !passes {
                    break;
                }
            }
            self.in_step = true;
            self.cell.step();
            self.in_step = false;
            if let Some(passage) = &passage {
                passage.observe(&self.cell);
            }
            let (at_work, _) = self.cell.sample_machines();
            self.ribosome_seconds += f64::from(at_work) * COUPLING_STEP.seconds();
        }
        if let Some(passage) = passage {
            passage.end(&self.cell);
        }
        passes
    }

    /// Whether the arena of values is within its limit, for calls that a comprehension repeats without a statement.
    pub(super) fn check_heap(&self, heap: Heap<'_>) -> Result<(), Fault> {
        check_heap(heap, &self.limits)
    }

    /// Whether the cell was given the genes of a package.
    pub(super) fn has_construct(&self, package: &str) -> bool {
        let mut constructs = self.cell.constructs().iter();
        constructs.any(|construct| construct.name == package)
    }

    pub(super) fn organism(&self) -> Organism {
        self.cell.model().organism()
    }

    /// Refuses what the organism of the cell does not offer.
    pub(super) fn check_supported(&self, operation: Operation) -> Result<(), Fault> {
        Ok(self.organism().require(operation)?)
    }

    /// How far the program asked the cell to go.
    pub(super) fn target(&self) -> SimTime {
        self.target
    }

    pub(super) fn species(&self, name: &str) -> Result<Species, Fault> {
        self.cell
            .find_species(name)?
            .ok_or_else(|| Fault::UnknownSpecies {
                name: shorten(name),
                nearest: self.cell.nearest_species(name),
            })
    }

    /// What was used since the last call, or since the start of the program.
    pub(super) fn budget(&mut self) -> Budget {
        let now = Reading::of(&self.cell, self.ribosome_seconds);
        let last = std::mem::replace(
            &mut self.since,
            Reading::of(&self.cell, self.ribosome_seconds),
        );
        Budget {
            span: now.time.since(last.time).unwrap_or(SimSpan::ZERO),
            spent: now
                .spent
                .iter()
                .zip(&last.spent)
                .map(|(&(cause, now), &(_, last))| (cause, now.saturating_sub(last)))
                .collect(),
            regenerated: now.regenerated.saturating_sub(last.regenerated),
            granted: now.granted.saturating_sub(last.granted),
            ribosome_seconds: now.ribosome_seconds - last.ribosome_seconds,
        }
    }
}

impl Reading {
    fn of(cell: &Cell, ribosome_seconds: f64) -> Self {
        let (regenerated, granted) = cell.regenerated_and_granted();
        Self {
            time: cell.time(),
            spent: cell.spent_by_cause(),
            regenerated,
            granted,
            ribosome_seconds,
        }
    }
}

/// Cuts text of the program to a length that fits on one line of a message.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
