-- Photos and papers by the SHA-256 of their content. Where `edit` attached it here it is sent to the server; without,
-- it was fetched to be looked at. Not whole: it is being fetched.
CREATE TABLE attachment (
    content BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    edit BLOB,
    sent INTEGER NOT NULL DEFAULT 0,
    -- The server does not take it: kept, and not offered again.
    stuck INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX attachment_unsent ON attachment (at) WHERE edit IS NOT NULL AND NOT sent;

CREATE TABLE attachment_chunk (
    row INTEGER PRIMARY KEY,
    content BLOB NOT NULL REFERENCES attachment (content) ON DELETE CASCADE,
    nth INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (content, nth)
);

-- The documents on this device that it was looked at from, or attached to: with the last of them it goes.
CREATE TABLE attachment_of (
    content BLOB NOT NULL REFERENCES attachment (content) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (content, kind, id)
) WITHOUT ROWID;
CREATE INDEX attachment_of_document ON attachment_of (kind, id);
