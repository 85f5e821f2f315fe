//! A sum over what a row holds, by which a byte that rotted is noticed: SQLite itself sees only what is wrong with the
//! frame of a page. Every connection has it as the function `sum_of`, so that what reads and what writes a row add up the
//! same columns.

use ring::digest::{Context, SHA256};
use rusqlite::{Connection, functions::FunctionFlags, types::ValueRef};

/// Of an edit: everything but where it lies.
pub const EDIT: &str = "sum_of(id, counter, state, told, since, pos, resend, words, body, verdict)";

/// Of a document as the server has it. In which epoch it was replaced last may change without it.
pub const DOCUMENT: &str = "sum_of(kind, id, scopes, on_server, heads, confirmed)";

/// Of what is shown, where that is something else.
pub const SHOWN: &str = "sum_of(kind, id, shown)";

pub fn install(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("sum_of", -1, flags, |row| {
        let mut sum = Sum::default();
        (0..row.len()).for_each(|nth| sum.add(row.get_raw(nth)));
        Ok(sum.done())
    })
}

/// Of one value.
pub fn of(bytes: &[u8]) -> i64 {
    let mut sum = Sum::default();
    sum.add(ValueRef::Blob(bytes));
    sum.done()
}

/// What has none yet gets it.
pub fn fill(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(&format!(
        "UPDATE edit SET sum = {EDIT} WHERE sum IS NULL;
         UPDATE document SET sum = {DOCUMENT} WHERE sum IS NULL;
         UPDATE document SET shown_sum = {SHOWN} WHERE shown_sum IS NULL;"
    ))
}

/// SHA-256, cut to what SQLite holds as a number.
struct Sum(Context);

impl Default for Sum {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sum {
    /// With its kind and length, so that nothing moves from one column into the next.
    fn add(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.0.update(&[0]),
            ValueRef::Integer(number) => self.piece(1, &number.to_be_bytes()),
            ValueRef::Real(number) => self.piece(2, &number.to_bits().to_be_bytes()),
            ValueRef::Text(bytes) => self.piece(3, bytes),
            ValueRef::Blob(bytes) => self.piece(4, bytes),
        }
    }

    fn piece(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update(&[kind]);
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn done(self) -> i64 {
        let digest = self.0.finish();
        let mut first = [0; 8];
        first.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        i64::from_be_bytes(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_and_every_kind_of_value_counts_and_none_moves_into_the_next_column() {
        let conn = Connection::open_in_memory().expect("opens");
        install(&conn).expect("is there");
        let sum = |sql: &str| -> i64 { conn.query_row(sql, [], |row| row.get(0)).expect("a sum") };
        let all = [
            "SELECT sum_of('a', 'bc')",
            "SELECT sum_of('ab', 'c')",
            "SELECT sum_of('abc')",
            "SELECT sum_of('abc', NULL)",
            "SELECT sum_of(x'616263')",
            "SELECT sum_of(1)",
            "SELECT sum_of('1')",
            "SELECT sum_of(1.0)",
            "SELECT sum_of(NULL)",
            "SELECT sum_of()",
        ];
        for (nth, one) in all.iter().enumerate() {
            assert_eq!(sum(one), sum(one));
            assert!(all[..nth].iter().all(|other| sum(other) != sum(one)), "{one}");
        }
        assert_eq!(sum("SELECT sum_of(x'616263')"), of(b"abc"));
    }
}
