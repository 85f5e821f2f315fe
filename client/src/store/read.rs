//! What the session reads, as of the last commit.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use waybill_shared::{
    customer::CustomerTerms,
    doc::{Doc, Hash},
    edit::{Edit, Verdict},
    erasure,
    id::{CustomerId, CustomerTermsId, EditId, OrderId},
    kind::{DocAddr, DocKind},
    money::{Amount, Currency},
    numbers::Number,
    protocol::frame::Names,
    rules::{Credit, Owed},
    scope::{Scope, Scopes},
    session::store::{EditState, Meta, Store, StoreError, StoredDoc, StoredEdit},
    settings::Settings,
    time::Timestamp,
};

use super::{
    rows::{self as lists, Listed, ProductRow},
    spare, sum,
    words::{DAMAGED_DOCUMENT, told, unreadable},
};

impl super::Store {
    /// What was read does not hold: it is to be looked at and mended.
    fn noted<T>(&self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        self.doubt.set(self.doubt.get() || read.is_err());
        read
    }

    /// Without those that are damaged: they are set aside, and the rest goes on.
    fn edits(&self, which: &str, params: impl Params) -> Result<Vec<StoredEdit>, StoreError> {
        let (edits, damaged) = self.noted(edits(&self.conn, which, params))?;
        self.doubt.set(self.doubt.get() || damaged);
        Ok(edits)
    }
}

impl Store for super::Store {
    fn meta(&self) -> Result<Meta, StoreError> {
        self.noted(meta(&self.conn))
    }

    fn names(&self) -> Result<Names, StoreError> {
        self.noted(names(&self.conn))
    }

    fn document(&self, addr: DocAddr) -> Result<Option<StoredDoc>, StoreError> {
        self.noted(document(&self.conn, addr, self.lenient.get()))
    }

    fn edit(&self, id: EditId) -> Result<Option<StoredEdit>, StoreError> {
        let mut found = self.edits("WHERE id = ?1", [Uuid::from(id).into_bytes()])?;
        Ok(found.pop())
    }

    fn pending(&self, after: u64, limit: usize) -> Result<Vec<StoredEdit>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let which = "WHERE state = 'pending' AND counter > ?1 ORDER BY counter LIMIT ?2";
        self.edits(which, params![whole(after), limit])
    }

    fn pending_on(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError> {
        self.edits(ON, on(addr, "pending"))
    }

    fn count_pending(&self) -> Result<u32, StoreError> {
        count_pending(&self.conn)
    }

    fn unsent_files(&self) -> Result<u32, StoreError> {
        self.count_unsent()
    }

    fn untold_discards(&self) -> Result<Vec<EditId>, StoreError> {
        let sql = "SELECT id FROM edit WHERE state = 'discarded' AND told = 0 ORDER BY counter";
        rows(&self.conn, sql, [], |row| Ok(EditId::new(uuid_at(row, 0)?)))
    }

    fn kept(&self) -> Result<Vec<StoredEdit>, StoreError> {
        self.edits("WHERE state IN ('accepted', 'rewritten') ORDER BY counter", [])
    }

    fn listed(&self) -> Result<Vec<StoredEdit>, StoreError> {
        self.edits("WHERE state = 'attention' ORDER BY counter", [])
    }

    fn to_resend(&self, after: u64, limit: usize) -> Result<Vec<StoredEdit>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let which = "WHERE resend = 1 AND counter > ?1 ORDER BY counter LIMIT ?2";
        self.edits(which, params![whole(after), limit])
    }

    fn heads(&self, scope: Scope) -> Result<Vec<(DocAddr, Vec<Hash>)>, StoreError> {
        let whole = if self.lenient.get() { format!("AND sum IS {}", sum::DOCUMENT) } else { String::new() };
        let sql = format!(
            "SELECT kind, id, heads FROM document \
            WHERE instr(' ' || scopes || ' ', ' ' || ?1 || ' ') AND on_server = 1 {whole} ORDER BY kind, id"
        );
        rows(&self.conn, &sql, [scope.to_string()], |row| {
            Ok((addr(row)?, hashes(&row.get::<_, Vec<u8>>(2)?)))
        })
    }

    fn in_scopes(&self, scopes: &Scopes) -> Result<Vec<(DocAddr, Scopes)>, StoreError> {
        if scopes.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT kind, id, scopes FROM document WHERE on_server = 1 ORDER BY kind, id";
        let all = rows(&self.conn, sql, [], |row| Ok((addr(row)?, row.get::<_, String>(2)?)))?;
        let mut inside = Vec::new();
        for (addr, held) in all {
            let held = held.parse().map_err(|error| unreadable("Who may see a document", error));
            let held: Scopes = self.noted(held)?;
            if held.meets(scopes) {
                inside.push((addr, held));
            }
        }
        Ok(inside)
    }

    fn listed_on(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError> {
        self.edits(ON, on(addr, "attention"))
    }

    fn all_concerning(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError> {
        // Which documents an edit is on stands apart from it only while it waits.
        let mut all = self.edits("ORDER BY counter", [])?;
        all.retain(|stored| erasure::concerns(&stored.edit).any(|doc| doc == addr));
        Ok(all)
    }

    fn stale(&self) -> Result<Vec<DocAddr>, StoreError> {
        let sql = "SELECT kind, id FROM document \
            WHERE epoch < (SELECT epoch FROM revision) AND on_server = 1 ORDER BY kind, id";
        rows(&self.conn, sql, [], addr)
    }

    fn credit(&self, customer: CustomerId, except: OrderId) -> Result<Option<Credit>, StoreError> {
        let terms = DocAddr::from(CustomerTermsId::of(customer));
        let Some(terms) = shown::<CustomerTerms>(&self.conn, terms)? else { return Ok(None) };
        let sql = "SELECT id, owed, currency FROM order_row WHERE customer = ?1 AND owed <> 0";
        let owed = rows(&self.conn, sql, [Uuid::from(customer).into_bytes()], |row| {
            let currency: Currency = lists::parsed(row, "currency")?;
            let amount = Amount::from_minor(row.get("owed")?, currency.places());
            Ok((lists::id(row, "id")?, Owed { amount, currency }))
        })?;
        Ok(Some(Credit::new(&terms.fields, settings(&self.conn)?.fields.currency, owed, except)))
    }

    fn numbered(&self, number: &Number, besides: DocAddr) -> Result<Option<String>, StoreError> {
        let list = lists::ALL.iter().find(|list| list.kind == number.kind);
        let Some((table, column)) = list.and_then(|list| Some((list.table, list.numbered?))) else {
            return Ok(None);
        };
        // Without blanks and in small letters a number is what its key is.
        let sql = format!(
            "SELECT name FROM {table} WHERE lower(trim({column}, char(32, 9, 13, 10))) = ?1 AND id <> ?2 LIMIT 1"
        );
        let mut found =
            rows(&self.conn, &sql, params![number.key, besides.id.into_bytes()], |row| row.get(0))?;
        Ok(found.pop())
    }

    fn barcoded(&self, barcode: &str, besides: DocAddr) -> Result<Option<String>, StoreError> {
        let sql = "SELECT name FROM product_row JOIN product_barcode USING (row) \
            WHERE barcode = ?1 AND id <> ?2 AND NOT retired ORDER BY row LIMIT 1";
        let known = params![barcode.trim(), besides.id.into_bytes()];
        Ok(rows(&self.conn, sql, known, |row| row.get(0))?.pop())
    }

    fn without_price(&self, currency: Currency) -> Result<usize, StoreError> {
        let sql = "SELECT * FROM product_row WHERE NOT retired";
        let products = rows(&self.conn, sql, [], |row| ProductRow::read(&self.conn, row))?;
        let prices = products.iter().map(|row| &row.priced.prices).filter(|prices| !prices.is_empty());
        Ok(prices.filter(|prices| prices.values().all(|price| price.currency != currency)).count())
    }
}

pub fn meta(conn: &Connection) -> Result<Meta, StoreError> {
    spare::read(conn, spare::META).map(Option::unwrap_or_default)
}

pub fn names(conn: &Connection) -> Result<Names, StoreError> {
    let names: Option<Names> = spare::read(conn, spare::NAMES)?;
    Ok(names.unwrap_or_else(|| Names {
        version: 0,
        since: 0,
        people: Vec::new(),
        devices: Vec::new(),
        here: Vec::new(),
        encrypt: false,
    }))
}

pub fn settings(conn: &Connection) -> Result<Settings, StoreError> {
    Ok(shown(conn, waybill_shared::id::SettingsId::ONLY.into())?.unwrap_or_default())
}

/// `lenient`: as if what rotted were not there, to make it again from the rest.
pub fn document(conn: &Connection, addr: DocAddr, lenient: bool) -> Result<Option<StoredDoc>, StoreError> {
    let sql = format!(
        "SELECT scopes, confirmed, shown, sum IS {}, shown_sum IS {} FROM document WHERE kind = ?1 AND id = ?2",
        sum::DOCUMENT,
        sum::SHOWN
    );
    // What holds of it: its scopes with what is confirmed, and what is shown.
    type Sound = (Option<(String, Vec<u8>)>, Option<Option<Vec<u8>>>);
    let found: Option<Sound> = prepare(conn, &sql)?
        .query_row(params![u8::from(addr.kind), addr.id.into_bytes()], |row| {
            let confirmed = if row.get(3)? { Some((row.get(0)?, row.get(1)?)) } else { None };
            Ok((confirmed, if row.get(4)? { Some(row.get(2)?) } else { None }))
        })
        .optional()
        .map_err(told)?;
    match found {
        None => Ok(None),
        Some((Some((scopes, confirmed)), shown)) if shown.is_some() || lenient => {
            let scopes = scopes.parse().map_err(|error| unreadable("Who may see a document", error))?;
            Ok(Some(StoredDoc { scopes, confirmed, shown: shown.flatten() }))
        }
        Some((None, _)) if lenient => Ok(None),
        Some(_) => Err(StoreError(DAMAGED_DOCUMENT.to_owned())),
    }
}

/// The document as it is shown, read into its struct.
pub fn shown<T: DeserializeOwned>(conn: &Connection, addr: DocAddr) -> Result<Option<T>, StoreError> {
    let Some(stored) = document(conn, addr, false)? else { return Ok(None) };
    loaded(addr, stored.shown.as_deref().unwrap_or(&stored.confirmed)).map(Some)
}

/// The document without what waits to be accepted.
pub fn confirmed<T: DeserializeOwned>(conn: &Connection, addr: DocAddr) -> Result<Option<T>, StoreError> {
    let Some(stored) = document(conn, addr, false)? else { return Ok(None) };
    loaded(addr, &stored.confirmed).map(Some)
}

fn loaded<T: DeserializeOwned>(addr: DocAddr, saved: &[u8]) -> Result<T, StoreError> {
    Doc::load(addr.kind, saved).and_then(|doc| doc.read()).map_err(|error| unreadable("A document", error))
}

pub fn count_pending(conn: &Connection) -> Result<u32, StoreError> {
    prepare(conn, "SELECT count(*) FROM edit WHERE state = 'pending'")?
        .query_row([], |row| row.get(0))
        .map_err(told)
}

/// Edits in a state on a document, in the order of their counters; with what `on` gives.
const ON: &str = "WHERE state = ?3 AND row IN (SELECT edit FROM edit_part WHERE kind = ?1 AND id = ?2) \
    ORDER BY counter";

fn on(addr: DocAddr, state: &str) -> (u8, [u8; 16], &str) {
    (addr.kind.into(), addr.id.into_bytes(), state)
}

/// Entries that wait on this document, of those that are whole.
pub fn waiting_on(conn: &Connection, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError> {
    edits(conn, ON, on(addr, "pending")).map(|(whole, _)| whole)
}

/// Those that are whole, and whether there are others.
pub fn edits(
    conn: &Connection,
    which: &str,
    params: impl Params,
) -> Result<(Vec<StoredEdit>, bool), StoreError> {
    let sql = format!(
        "SELECT sum IS {}, body, state, verdict, told, since, pos, resend, words FROM edit {which}",
        sum::EDIT
    );
    let found = rows(conn, &sql, params, |row| if row.get(0)? { edit(row).map(Some) } else { Ok(None) })?;
    let all = found.len();
    let whole: Vec<StoredEdit> = found.into_iter().flatten().collect::<Result<_, _>>()?;
    let damaged = whole.len() < all;
    Ok((whole, damaged))
}

/// Of a row that holds what was written; a later version may have written what does not read here.
fn edit(row: &Row<'_>) -> rusqlite::Result<Result<StoredEdit, StoreError>> {
    let body: Vec<u8> = row.get(1)?;
    let state: String = row.get(2)?;
    let verdict: Option<Vec<u8>> = row.get(3)?;
    let (told, since, pos, resend, words) =
        (row.get(4)?, row.get(5)?, row.get::<_, Option<i64>>(6)?, row.get(7)?, row.get(8)?);
    Ok(read_edit(&body, &state, verdict.as_deref(), told).map(|(edit, state)| StoredEdit {
        edit,
        state,
        since: Timestamp::from_unix_ms(since),
        pos: pos.map(i64::cast_unsigned),
        resend,
        words,
    }))
}

fn read_edit(
    body: &[u8],
    state: &str,
    verdict: Option<&[u8]>,
    told: bool,
) -> Result<(Edit, EditState), StoreError> {
    let edit: Edit = ciborium::from_reader(body).map_err(|error| unreadable("An entry", error))?;
    let state = match (state, verdict) {
        ("pending", _) => EditState::Pending,
        ("accepted", _) => EditState::Accepted,
        ("rewritten", _) => EditState::Rewritten,
        ("discarded", _) => EditState::Discarded { told },
        ("attention", Some(verdict)) => {
            let verdict: Verdict = ciborium::from_reader(verdict)
                .map_err(|error| unreadable("What the server said of an entry", error))?;
            EditState::Attention { verdict }
        }
        (other, _) => return Err(unreadable("How an entry stands", other)),
    };
    Ok((edit, state))
}

pub fn prepare<'c>(conn: &'c Connection, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
    conn.prepare_cached(sql).map_err(told)
}

pub fn rows<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    prepare(conn, sql)?.query_map(params, read).and_then(Iterator::collect).map_err(told)
}

/// SQLite's whole numbers have a sign; nothing of ours counts that far.
pub fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn uuid_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

pub fn addr(row: &Row<'_>) -> rusqlite::Result<DocAddr> {
    let kind = DocKind::from(row.get::<_, u8>(0)?);
    Ok(DocAddr::new(kind, uuid_at(row, 1)?))
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks_exact(32).filter_map(|chunk| chunk.try_into().ok().map(Hash)).collect()
}
