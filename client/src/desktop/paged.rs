//! Rows of a long list, read from the store in pages as they come into view.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

pub const PAGE: usize = 200;

#[derive(Debug)]
pub struct Paged<Row> {
    count: usize,
    pages: BTreeMap<usize, Vec<Row>>,
    missing: RefCell<BTreeSet<usize>>,
    looked_at: RefCell<BTreeSet<usize>>,
}

impl<Row> Default for Paged<Row> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<Row> Paged<Row> {
    pub fn new(count: usize) -> Self {
        Self { count, pages: BTreeMap::new(), missing: RefCell::default(), looked_at: RefCell::default() }
    }

    /// The list read anew: what was last looked at is asked for at once, so that nothing blinks.
    pub fn after(count: usize, before: &Self) -> Self {
        let paged = Self::new(count);
        let pages = count.div_ceil(PAGE);
        paged.missing.borrow_mut().extend(before.looked_at.borrow().iter().filter(|page| **page < pages));
        paged
    }

    /// A list that is small enough to be held whole.
    pub fn whole(rows: Vec<Row>) -> Self {
        let mut paged = Self::new(rows.len());
        let mut rows = rows.into_iter().peekable();
        for page in 0.. {
            if rows.peek().is_none() {
                break;
            }
            paged.pages.insert(page, rows.by_ref().take(PAGE).collect());
        }
        paged
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The row, or `None` for this moment, while its page is asked for.
    pub fn get(&self, index: usize) -> Option<&Row> {
        let page = index / PAGE;
        self.looked_at.borrow_mut().insert(page);
        match self.pages.get(&page) {
            Some(rows) => rows.get(index % PAGE),
            None => {
                self.missing.borrow_mut().insert(page);
                None
            }
        }
    }

    /// The pages that were looked at and are not here; to be read and put.
    pub fn take_missing(&self) -> BTreeSet<usize> {
        self.looked_at.borrow_mut().clear();
        self.missing.take()
    }

    /// Something was looked at that is not here yet.
    pub fn is_missing(&self) -> bool {
        !self.missing.borrow().is_empty()
    }

    pub fn put(&mut self, page: usize, rows: Vec<Row>) {
        self.pages.insert(page, rows);
    }

    /// Index of the first loaded row that fits.
    pub fn position(&self, fits: impl Fn(&Row) -> bool) -> Option<usize> {
        self.pages.iter().find_map(|(page, rows)| rows.iter().position(&fits).map(|at| page * PAGE + at))
    }
}

/// A row that was moved to before it was here, as from the first to the last of thousands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moved(Option<usize>);

impl Moved {
    /// What was moved to: in this pass, or in an earlier one and here since.
    pub fn take<Row, T>(
        &mut self,
        rows: &Paged<Row>,
        now: Option<usize>,
        of: impl FnOnce(&Row) -> T,
    ) -> Option<T> {
        let at = now.or(self.0).filter(|at| *at < rows.len())?;
        let found = rows.get(at).map(of);
        self.0 = found.is_none().then_some(at);
        found
    }
}
