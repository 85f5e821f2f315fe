//! How much of a long piece of work is done, counted where it is done and told wherever somebody waits for it.

use std::sync::atomic::{AtomicU64, Ordering};

static DONE: AtomicU64 = AtomicU64::new(0);

/// So many documents, rows or entries more.
pub fn step(more: usize) {
    DONE.fetch_add(more as u64, Ordering::Relaxed);
}

/// Since the program began.
pub fn done() -> u64 {
    DONE.load(Ordering::Relaxed)
}
