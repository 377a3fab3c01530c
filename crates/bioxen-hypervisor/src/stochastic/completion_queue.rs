//! Completions ordered by clock value.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

/// One chain that will be finished when its clock reaches `key`.
///
/// The derived order is total, so that equal keys leave the queue in the same order whatever the history of the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Completion {
    /// Clock value at completion, in ticks.
    pub(crate) key: u64,
    /// Ticks from start to completion; positive.
    pub(crate) duration: u64,
    /// What is being made or unmade.
    pub(crate) unit: u32,
}

/// A priority queue of [`Completion`]s, earliest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompletionQueue {
    heap: BinaryHeap<Reverse<Completion>>,
}

impl CompletionQueue {
    pub(crate) fn push(&mut self, completion: Completion) {
        self.heap.push(Reverse(completion));
    }

    pub(crate) fn next_key(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(c)| c.key)
    }

    pub(crate) fn pop(&mut self) -> Option<Completion> {
        self.heap.pop().map(|Reverse(c)| c)
    }

    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }

    /// All entries in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Completion> {
        self.heap.iter().map(|Reverse(c)| c)
    }

    /// All entries, earliest first.
    pub(crate) fn to_sorted(&self) -> Vec<Completion> {
        let mut entries: Vec<Completion> = self.iter().copied().collect();
        entries.sort_unstable();
        entries
    }
}

impl FromIterator<Completion> for CompletionQueue {
    fn from_iter<I: IntoIterator<Item = Completion>>(entries: I) -> Self {
        Self {
            heap: entries.into_iter().map(Reverse).collect(),
        }
    }
}
