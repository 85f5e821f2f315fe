//! Search: the words under which a document is found, and the query for what a person typed.

use rusqlite::{Connection, OptionalExtension, params};

/// The words of one document, hashed to know when they changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = String::new();
        for part in parts {
            if !part.is_empty() {
                if !words.is_empty() {
                    words.push(' ');
                }
                words.push_str(part);
            }
        }
        Self(words)
    }

    /// FNV-1a.
    pub fn hash(&self) -> i64 {
        let hash = self.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hash.cast_signed()
    }
}

/// A list with its table of rows and its index.
#[derive(Clone, Copy)]
pub struct Index {
    pub old: &'static str,
    pub put: &'static str,
    pub drop: &'static str,
    pub wipe: &'static str,
}

macro_rules! index {
    ($rows:literal, $index:literal) => {
        Index {
            old: concat!("SELECT search FROM ", $rows, " WHERE row = ?1"),
            put: concat!("INSERT OR REPLACE INTO ", $index, " (rowid, words) VALUES (?1, ?2)"),
            drop: concat!("DELETE FROM ", $index, " WHERE rowid = ?1"),
            wipe: concat!("INSERT INTO ", $index, " (", $index, ") VALUES ('optimize')"),
        }
    };
}

pub const ORDERS: Index = index!("order_row", "order_search");
pub const CUSTOMERS: Index = index!("customer_row", "customer_search");
pub const PRODUCTS: Index = index!("product_row", "product_search");

impl Index {
    /// Before the row itself is written: the index is left alone when the words are the same.
    pub fn put(&self, conn: &Connection, row: i64, words: &Words) -> rusqlite::Result<()> {
        let old: Option<i64> =
            conn.prepare_cached(self.old)?.query_row([row], |row| row.get(0)).optional()?;
        if old == Some(words.hash()) {
            return Ok(());
        }
        conn.prepare_cached(self.put)?.execute(params![row, words.0]).map(drop)
    }

    /// Merges the index: what was dropped from it is then no longer in the file.
    pub fn wipe(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.prepare_cached(self.wipe)?.execute([]).map(drop)
    }

    pub fn drop(&self, conn: &Connection, row: i64) -> rusqlite::Result<()> {
        conn.prepare_cached(self.drop)?.execute([row]).map(drop)
    }
}

/// What was typed as a query: every word must begin a word of the document. `None` when nothing that can be
/// searched for was typed.
pub fn query(typed: &str) -> Option<String> {
    let mut query = String::new();
    for word in typed.split_whitespace() {
        let letters: Vec<&str> =
            word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        if !letters.is_empty() {
            if !query.is_empty() {
                query.push(' ');
            }
            query.push('"');
            query.push_str(&letters.join(" "));
            query.push_str("\"*");
        }
    }
    (!query.is_empty()).then_some(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_query_that_cannot_be_malformed() {
        for (typed, expected) in [
            ("oak ch", Some("\"oak\"* \"ch\"*")),
            ("T1-10", Some("\"T1 10\"*")),
            ("  \"NEAR( ", Some("\"NEAR\"*")),
            (" - \" ", None),
            ("", None),
        ] {
            assert_eq!(query(typed).as_deref(), expected, "{typed:?}");
        }
    }
}
