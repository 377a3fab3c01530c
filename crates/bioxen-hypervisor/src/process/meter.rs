//! What the operations of a program may still take, charged before they are done.

use std::cell::RefCell;

use bioxen_core::ProcessLimits;
use starlark::values::Heap;

use super::fault::Fault;
use super::limits::{Watch, check_heap, check_tables};

/// Bytes that are charged from one look at the heap to the next.
const BYTES_PER_LOOK: u64 = 64 << 10;
/// Elements that are visited from one look at the clock to the next: some milliseconds of computing.
const ELEMENTS_PER_LOOK: u64 = 100_000;
/// The part of the limit of the heap that is charged before tables are counted, which are not in the arena.
const COUNTED_PART: u64 = 4;

thread_local! {
    // The interpreter hands no value of ours to a trap, so the meter of a run lies beside it on its thread.
    static METER: RefCell<Option<Meter>> = const { RefCell::new(None) };
}

/// The charges of one run.
#[derive(Debug)]
struct Meter {
    limits: ProcessLimits,
    watch: Watch,
    bytes: u64,
    uncounted: u64,
    elements: u64,
}

/// Meters what this thread runs from here on.
pub(super) fn install(limits: &ProcessLimits, watch: &Watch) {
    METER.set(Some(Meter {
        limits: *limits,
        watch: watch.clone(),
        bytes: 0,
        uncounted: 0,
        elements: 0,
    }));
}

/// Stops if an operation that visits so many elements and allocates so many bytes, both at most, goes beyond a limit.
pub(super) fn charge(elements: u64, bytes: u64, heap: Heap<'_>) -> Result<(), Fault> {
    METER.with_borrow_mut(|meter| match meter {
        Some(meter) => meter.charge(elements, bytes, heap),
        None => Ok(()),
    })
}

/// Stops if the values, without their tables, are beyond their limit.
pub(super) fn look(heap: Heap<'_>) -> Result<(), Fault> {
    METER.with_borrow(|meter| match meter {
        Some(meter) => check_heap(heap, &meter.limits),
        None => Ok(()),
    })
}

impl Meter {
    fn charge(&mut self, elements: u64, bytes: u64, heap: Heap<'_>) -> Result<(), Fault> {
        self.elements = self.elements.saturating_add(elements).saturating_add(1);
        if self.elements > ELEMENTS_PER_LOOK {
            self.elements = 0;
            self.watch.check()?;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > BYTES_PER_LOOK {
            let allocated = u64::try_from(heap.allocated_bytes()).unwrap_or(u64::MAX);
            if allocated.saturating_add(bytes) > self.limits.heap_bytes {
                return Err(Fault::Heap {
                    limit: self.limits.heap_bytes,
                });
            }
            self.uncounted = self.uncounted.saturating_add(self.bytes);
            self.bytes = 0;
            if self.uncounted > self.limits.heap_bytes / COUNTED_PART {
                self.uncounted = 0;
                check_tables(heap, &self.limits)?;
            }
        }
        Ok(())
    }
}
