//! The threads that judge. They stay: a thread of its own for every batch would begin with empty memory pages
//! each time.

use rayon::{
    ThreadPool, ThreadPoolBuilder,
    iter::{IntoParallelRefMutIterator, ParallelIterator},
};

/// Shares a hand: edits cost more or less, so whoever is done takes another share.
const SHARES: usize = 4;

pub struct Hands {
    /// `None`: the caller's own thread does all.
    pool: Option<ThreadPool>,
}

impl Hands {
    pub fn new(count: usize) -> Self {
        if count < 2 {
            return Self { pool: None };
        }
        let name = |nth| format!("judge-{nth}");
        let pool = ThreadPoolBuilder::new().num_threads(count).thread_name(name).build();
        let pool = pool.inspect_err(|error| tracing::warn!(%error, "one thread alone judges edits")).ok();
        Self { pool }
    }

    /// Into how many shares work is best divided.
    pub fn shares(&self) -> usize {
        self.pool.as_ref().map_or(1, |pool| pool.current_num_threads() * SHARES)
    }

    /// Does all of it, side by side; the answers in order.
    pub fn map<T: Send, R: Send>(&self, work: &mut [T], one: impl Fn(&mut T) -> R + Send + Sync) -> Vec<R> {
        match &self.pool {
            Some(pool) if work.len() > 1 => pool.install(|| work.par_iter_mut().map(one).collect()),
            _ => work.iter_mut().map(one).collect(),
        }
    }
}
