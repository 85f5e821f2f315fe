-- A sum over what a row holds, by which a byte that rotted is noticed. Each is made by the function that every connection
-- of the program has, and not by SQLite; rows from before get theirs at the upgrade.
ALTER TABLE edit ADD COLUMN sum INTEGER;
-- Of what the server has, and of what is shown beside it.
ALTER TABLE document ADD COLUMN sum INTEGER;
ALTER TABLE document ADD COLUMN shown_sum INTEGER;

-- Entries that are not what was entered any more, as they were found: no column says what it may hold. `docs` is what the
-- entry worked on, as far as that is known: one byte of kind and sixteen of id each. `struck`: its user has read of it.
CREATE TABLE damaged_edit (
    nth INTEGER PRIMARY KEY AUTOINCREMENT,
    found INTEGER NOT NULL,
    struck INTEGER NOT NULL DEFAULT 0,
    docs BLOB NOT NULL,
    id, counter, state, told, since, pos, resend, words, body, verdict
);
CREATE INDEX damaged_edit_id ON damaged_edit (id);
