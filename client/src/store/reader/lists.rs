//! Any list: one row of it, those that fit a condition, and those found by typing, as people mean them.

use rusqlite::{Params, Row, params};
use uuid::Uuid;
use waybill_shared::session::store::StoreError;

use super::Reader;
use crate::store::{
    read::rows,
    rows::{Listed, Ranked},
    search::{self, Typed},
};

/// What was found, and how well it fits what was typed: 0 is it, then its name fits less and less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    pub fit: u8,
    pub row: T,
}

/// What was typed stands elsewhere than in the name.
pub const ELSEWHERE: u8 = 6;

/// What is asked of a list that is ranked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    pub typed: String,
    pub with_retired: bool,
    pub from: usize,
    pub limit: usize,
}

impl ListQuery {
    pub fn typed(typed: &str, limit: usize) -> Self {
        Self { typed: typed.to_owned(), with_retired: false, from: 0, limit }
    }

    /// The words to search for, or none when everything is wanted; `None` when what was typed cannot be
    /// found in anything.
    fn words(&self) -> Option<Option<Typed>> {
        match search::query(&self.typed) {
            None if !self.typed.trim().is_empty() => None,
            words => Some(words),
        }
    }

    fn window(&self) -> (i64, i64) {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        (whole(self.limit), whole(self.from))
    }
}

impl Reader {
    /// The row of one document.
    pub(in crate::store) fn row<R: Listed>(&self, id: impl Into<Uuid>) -> Result<Option<R>, StoreError> {
        let sql = format!(
            "SELECT r.* FROM document d JOIN {} r ON r.row = d.row WHERE d.kind = ?1 AND d.id = ?2",
            R::TABLE
        );
        let which = params![u8::from(R::LIST.kind), id.into().into_bytes()];
        Ok(rows(self.conn()?, &sql, which, |row| R::read(&self.conn, row))?.pop())
    }

    /// Those rows of a list of which `which` holds, in its order.
    pub(super) fn listed<R: Listed>(&self, which: &str, params: impl Params) -> Result<Vec<R>, StoreError> {
        let sql = format!("SELECT * FROM {} {which}", R::TABLE);
        rows(self.conn()?, &sql, params, |row| R::read(&self.conn, row))
    }

    /// As people mean them: what was typed exactly, then as `Typed` says, what is ordered often before what is not. By
    /// name where nothing was typed.
    pub(super) fn ranked<R: Ranked>(&self, query: &ListQuery) -> Result<Vec<Found<R>>, StoreError> {
        let Some(words) = query.words() else { return Ok(Vec::new()) };
        let (limit, from) = query.window();
        let (table, index, meant) = (R::TABLE, R::INDEX, R::MEANT);
        let read = |row: &Row<'_>| Ok(Found { fit: row.get("fit")?, row: R::read(&self.conn, row)? });
        let Some(Typed { all, name: [begins, has, begun, holds, each] }) = words else {
            let sql = format!(
                "SELECT *, {ELSEWHERE} AS fit FROM {table} WHERE retired = 0 OR ?1 ORDER BY name COLLATE NOCASE, row \
                 LIMIT ?2 OFFSET ?3"
            );
            return rows(self.conn()?, &sql, params![query.with_retired, limit, from], read);
        };
        let fits = |words: &str| format!("l.row IN (SELECT rowid FROM {index} WHERE {index} MATCH {words})");
        // Only what is shown is read whole.
        let sql = format!(
            "SELECT r.*, fit FROM (SELECT l.row AS at, l.retired AS gone, coalesce(o.orders, 0) AS often, \
             CASE WHEN {meant} THEN 0 WHEN {} THEN 1 WHEN {} THEN 2 WHEN {} THEN 3 WHEN {} THEN 4 WHEN {} THEN 5 ELSE {ELSEWHERE} END AS fit \
             FROM {table} l LEFT JOIN often o ON o.id = l.id WHERE (l.retired = 0 OR ?1) AND {} \
             ORDER BY fit, gone, often DESC, l.name COLLATE NOCASE, l.row LIMIT ?9 OFFSET ?10) f \
             JOIN {table} r ON r.row = f.at ORDER BY fit, gone, often DESC, r.name COLLATE NOCASE, r.row",
            fits("?4"),
            fits("?5"),
            fits("?6"),
            fits("?7"),
            fits("?8"),
            fits("?2")
        );
        let typed = query.typed.trim();
        let params = params![query.with_retired, all, typed, begins, has, begun, holds, each, limit, from];
        rows(self.conn()?, &sql, params, read)
    }

    /// How many `ranked` would find.
    pub(super) fn count<R: Ranked>(&self, typed: &str, with_retired: bool) -> Result<usize, StoreError> {
        let (table, index) = (R::TABLE, R::INDEX);
        let query = ListQuery::typed(typed, 0);
        let Some(words) = query.words().map(|words| words.map(|typed| typed.all)) else { return Ok(0) };
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE (retired = 0 OR ?1) AND (?2 IS NULL OR row IN \
            (SELECT rowid FROM {index} WHERE {index} MATCH coalesce(?2, '\"\"')))"
        );
        let count: Vec<i64> = rows(self.conn()?, &sql, params![with_retired, words], |row| row.get(0))?;
        Ok(count.first().and_then(|count| usize::try_from(*count).ok()).unwrap_or(0))
    }
}
