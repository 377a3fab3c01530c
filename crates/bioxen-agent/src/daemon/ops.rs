//! Operations under way: who asks for one a second time waits for the first.

use std::collections::BTreeSet;

use parking_lot::{Condvar, Mutex};

use crate::frame::OpId;

/// The operations that change something and are not over.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    running: Mutex<BTreeSet<OpId>>,
    ended: Condvar,
}

/// An operation that is under way until this is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct UnderWay<'a> {
    operations: &'a Operations,
    op: OpId,
}

impl Operations {
    /// Begins an operation, after the one of the same name, if that is under way; `None` if there are as many as there may be.
    pub(crate) fn begin(&self, op: OpId, most: usize) -> Option<UnderWay<'_>> {
        let mut running = self.running.lock();
        if running.len() >= most {
            return None;
        }
        while !running.insert(op) {
            self.ended.wait(&mut running);
        }
        Some(UnderWay {
            operations: self,
            op,
        })
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.operations.running.lock().remove(&self.op);
        self.operations.ended.notify_all();
    }
}
