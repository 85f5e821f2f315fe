//! One field of a document and its new value: what the history calls it, what stands there and what is to, and where.

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    act::RunError,
    doc::{DocError, Draft},
    edit::Context,
    history::Entry,
};

type Write<'a> = dyn Fn(&mut Draft<'_, '_>) -> Result<(), DocError> + 'a;

/// What setting a field comes to, on a document as it stands.
pub struct Setting<'a> {
    name: Cow<'static, str>,
    /// As the history says it.
    was: Option<String>,
    now: Option<String>,
    /// The value stands there already.
    stands: bool,
    write: Box<Write<'a>>,
}

impl<'a> Setting<'a> {
    /// One value at one place. It stands there already where value and words are the same: 19 and 19.0 are equal, and not
    /// written alike.
    pub fn one<T: PartialEq + Serialize + ?Sized>(
        name: impl Into<Cow<'static, str>>,
        place: [&'a str; 2],
        was: &T,
        now: &'a T,
        words: impl Fn(&T) -> String,
    ) -> Self {
        let write = move |draft: &mut Draft<'_, '_>| draft.set(&place, now);
        Self::of(name, words(was), words(now), was == now, write)
    }

    /// A text at one place.
    pub fn text(name: impl Into<Cow<'static, str>>, place: [&'a str; 2], was: &str, now: &'a str) -> Self {
        Self::one(name, place, was, now, str::to_owned)
    }

    /// What is written otherwise than as one value.
    pub fn of(
        name: impl Into<Cow<'static, str>>,
        was: String,
        now: String,
        stands: bool,
        write: impl Fn(&mut Draft<'_, '_>) -> Result<(), DocError> + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            stands: stands && was == now,
            was: Some(was),
            now: Some(now),
            write: Box::new(write),
        }
    }

    /// The history says nothing where there was nothing.
    #[must_use]
    pub fn or_nothing(mut self) -> Self {
        self.was = self.was.filter(|was| !was.is_empty());
        self.now = self.now.filter(|now| !now.is_empty());
        self
    }

    pub const fn stands(&self) -> bool {
        self.stands
    }

    /// The value, and the change of it into the history. Nothing where it stands there already.
    pub fn write(self, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.stands {
            return Ok(());
        }
        (self.write)(draft)?;
        Entry::new(ctx, &self.name, self.was, self.now).write(ctx, draft)
    }
}
