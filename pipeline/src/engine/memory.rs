//! A bound on what tasks in flight hold in memory.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes that tasks may hold at once.
///
/// Who wants some waits in line, so that a large task is not passed by small ones for ever; who wants
/// more than there is gets all of it, and runs alone. A task asks once and waits for nothing else
/// that another waiter could have, so the line always moves.
#[derive(Debug)]
pub(super) struct Memory {
    budget: u64,
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Debug)]
struct Line {
    free: u64,
    next: u64,
    served: u64,
}

/// A part of the memory, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    memory: &'a Memory,
    bytes: u64,
}

impl Memory {
    pub(super) fn new(budget: u64) -> Self {
        Self {
            budget,
            line: Mutex::new(Line {
                free: budget,
                next: 0,
                served: 0,
            }),
            moved: Condvar::new(),
        }
    }

    /// Waits for so many bytes.
    pub(super) fn hold(&self, bytes: u64) -> Held<'_> {
        let bytes = bytes.min(self.budget);
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let place = line.next;
        line.next += 1;
        while line.served != place || line.free < bytes {
            line = self.moved.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        line.served += 1;
        line.free -= bytes;
        drop(line);
        self.moved.notify_all();
        Held { memory: self, bytes }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut line = self.memory.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.free += self.bytes;
        drop(line);
        self.memory.moved.notify_all();
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
