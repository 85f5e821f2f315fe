//! Work that the window does not wait for: done on a thread of its own, and taken when it is there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use egui::Context;

/// What comes of it. Each result is taken once, whoever holds a copy of this.
#[derive(Debug)]
pub struct Later<T>(Arc<Mutex<State<T>>>);

#[derive(Debug)]
enum State<T> {
    Working,
    Done(T),
    Broken,
    Taken,
}

/// The work ended by a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl<T> Clone for Later<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + 'static> Later<T> {
    pub fn start(ctx: &Context, work: impl FnOnce() -> T + Send + 'static) -> Self {
        let later = Self(Arc::new(Mutex::new(State::Working)));
        let (result, ctx) = (later.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("waybill-errand".into()).spawn(move || {
            result.set(catch_unwind(AssertUnwindSafe(work)).map_or(State::Broken, State::Done));
            ctx.request_repaint();
        });
        if thread.is_err() {
            later.set(State::Broken);
        }
        later
    }

    pub fn take(&self) -> Option<Result<T, Broken>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Taken) {
            State::Done(value) => Some(Ok(value)),
            State::Broken => Some(Err(Broken)),
            before @ (State::Working | State::Taken) => {
                *state = before;
                None
            }
        }
    }

    fn set(&self, to: State<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T: Send + 'static>(later: &Later<T>) -> Result<T, Broken> {
        loop {
            match later.take() {
                Some(result) => return result,
                None => std::thread::yield_now(),
            }
        }
    }

    #[test]
    fn work_comes_back_once_and_a_defect_in_it_ends_nothing_else() {
        let ctx = Context::default();
        let later = Later::start(&ctx, || 7);
        assert_eq!(wait(&later), Ok(7));
        assert_eq!(later.take(), None);
        assert_eq!(wait(&Later::start(&ctx, || -> u8 { panic!("a defect") })), Err(Broken));
    }
}
