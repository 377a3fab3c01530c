//! What ends a program that takes too much.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{CancelToken, Clock, ProcessLimits};
use starlark::codemap::{CodeMapId, FileSpanRef, Span};
use starlark::eval::{BeforeStmtFuncDyn, Evaluator};
use starlark::values::Heap;

use super::fault::Fault;

/// Most calls inside calls.
pub(super) const MAX_CALL_DEPTH: usize = 200;
/// Most elements of one `range`, of one product of a text, list or tuple, or of a value with all that it holds.
pub(super) const MAX_ELEMENTS: u64 = 10_000_000;
/// Longest integer that is read from a text or shifted to the left, digits or bits.
pub(super) const LONGEST_INTEGER: usize = 4_096;
/// Deepest value that is compared, hashed or written, in levels.
pub(super) const MAX_VALUE_NESTING: usize = 1_000;
/// Most values of one table of `record`.
pub(super) const MAX_RECORDED: u64 = 1_000_000;

/// Statements from one look at the clock to the next.
const STATEMENTS_PER_LOOK: u32 = 16;
/// Steps from one count of all values to the next, at least.
const STEPS_PER_COUNT: u64 = 20_000;

/// The clock of one run: when it must end, and whether somebody ended it.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    clock: Arc<dyn Clock>,
    wall: Duration,
    deadline: Duration,
    cancel: CancelToken,
}

impl Watch {
    pub(super) fn start(clock: Arc<dyn Clock>, wall: Duration, cancel: CancelToken) -> Self {
        let deadline = clock.now().saturating_add(wall);
        Self {
            clock,
            wall,
            deadline,
            cancel,
        }
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.cancel.is_cancelled() {
            return Err(Fault::Cancelled);
        }
        if self.clock.now() > self.deadline {
            return Err(Fault::Time {
                limit_s: self.wall.as_secs_f64(),
            });
        }
        Ok(())
    }
}

/// Where the last statement began: errors from between statements do not know their place.
pub(super) type LastStatement = Rc<Cell<(CodeMapId, Span)>>;

/// Looks at memory, steps and clock before every statement.
///
/// The interpreter looks by itself only every 1,000 steps, and a statement can double the memory.
pub(super) struct Guard {
    limits: ProcessLimits,
    watch: Watch,
    last: LastStatement,
    until_look: u32,
    next_count: u64,
}

impl Guard {
    pub(super) fn new(limits: &ProcessLimits, watch: Watch, last: LastStatement) -> Self {
        Self {
            limits: *limits,
            watch,
            last,
            until_look: 0,
            next_count: STEPS_PER_COUNT,
        }
    }

    fn check(&mut self, eval: &Evaluator<'_, '_, '_>) -> Result<(), Fault> {
        let steps = eval.get_total_tick_count();
        if steps > self.limits.steps {
            return Err(Fault::Steps {
                limit: self.limits.steps,
            });
        }
        check_heap(eval.heap(), &self.limits)?;
        if self.until_look == 0 {
            self.until_look = STATEMENTS_PER_LOOK;
            self.watch.check()?;
        }
        self.until_look -= 1;
        if steps >= self.next_count {
            let values = check_tables(eval.heap(), &self.limits)?;
            // Counting takes time with the number of values: do it less often when there are many.
            self.next_count = steps.saturating_add(STEPS_PER_COUNT.max(values / 16));
        }
        Ok(())
    }
}

impl<'e> BeforeStmtFuncDyn<'e> for Guard {
    fn call<'v>(
        &mut self,
        span: FileSpanRef<'_>,
        _continued: bool,
        eval: &mut Evaluator<'v, '_, 'e>,
    ) -> starlark::Result<()> {
        self.last.set((span.file.id(), span.span));
        self.check(eval).map_err(Fault::raise)
    }
}

/// Whether the arena of values is within its limit.
pub(super) fn check_heap(heap: Heap<'_>, limits: &ProcessLimits) -> Result<(), Fault> {
    check_bytes(heap.allocated_bytes(), limits).map(|_| ())
}

/// Whether the values are within their limit together with the tables of dictionaries and sets, which are not in the
/// arena; answers how many bytes they take.
pub(super) fn check_tables(heap: Heap<'_>, limits: &ProcessLimits) -> Result<u64, Fault> {
    check_bytes(heap.allocated_summary().total_allocated_bytes(), limits)
}

fn check_bytes(bytes: usize, limits: &ProcessLimits) -> Result<u64, Fault> {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    if bytes > limits.heap_bytes {
        Err(Fault::Heap {
            limit: limits.heap_bytes,
        })
    } else {
        Ok(bytes)
    }
}
