-- What there is one row of, a second time, on other pages of the file: what rotted in one place is taken from the other.
-- `sum` is of the body, which is the same in both.
CREATE TABLE spare (what TEXT PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
