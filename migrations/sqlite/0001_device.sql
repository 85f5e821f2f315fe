-- The file on a device: documents, the edits made here, and what lists and search need of them.

-- One row each, as CBOR: what the session knows of the device, and the names of people and devices.
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL);
CREATE TABLE names (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL);

-- What only this program on this device knows: server, token, who works here now.
CREATE TABLE local (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

-- Counts up with every commit, so that whoever shows something knows when to look again. `epoch` counts the
-- times that every document had to be replaced.
CREATE TABLE revision (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, epoch INTEGER NOT NULL);
INSERT INTO revision VALUES (1, 0, 0);

-- `shown` is the document with the pending edits in it, where there are any. Small columns come first: a row
-- with its documents spans pages.
CREATE TABLE document (
    row INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    scope TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    on_server INTEGER NOT NULL,
    heads BLOB NOT NULL,
    confirmed BLOB NOT NULL,
    shown BLOB,
    UNIQUE (kind, id)
);
CREATE INDEX document_epoch ON document (epoch);

-- Every edit of this device and where it stands; accepted ones are kept for 30 days.
CREATE TABLE edit (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    counter INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'rewritten', 'attention', 'discarded')),
    told INTEGER NOT NULL,
    since INTEGER NOT NULL,
    pos INTEGER,
    resend INTEGER NOT NULL,
    words TEXT NOT NULL,
    body BLOB NOT NULL,
    verdict BLOB
);
CREATE INDEX edit_pending ON edit (counter) WHERE state = 'pending';
CREATE INDEX edit_attention ON edit (since) WHERE state = 'attention';
CREATE INDEX edit_kept ON edit (counter) WHERE state IN ('accepted', 'rewritten');
CREATE INDEX edit_untold ON edit (counter) WHERE state = 'discarded' AND told = 0;
CREATE INDEX edit_resend ON edit (counter) WHERE resend = 1;

-- Which documents an edit works on, as long as it is pending or needs attention.
CREATE TABLE edit_part (
    edit INTEGER NOT NULL REFERENCES edit (row) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (kind, id, edit)
) WITHOUT ROWID;
CREATE INDEX edit_part_edit ON edit_part (edit);

-- Rows of lists, one for each shown document, under its row number. Money is in the smallest coin of the
-- currency. `search` is a hash of the words in the search index, to leave it alone when they are the same.
CREATE TABLE order_row (
    row INTEGER PRIMARY KEY REFERENCES document (row) ON DELETE CASCADE,
    id BLOB NOT NULL,
    number TEXT NOT NULL,
    number_key TEXT NOT NULL,
    customer BLOB,
    customer_name TEXT NOT NULL,
    wanted TEXT,
    total INTEGER NOT NULL,
    open INTEGER NOT NULL,
    owed INTEGER NOT NULL,
    currency TEXT NOT NULL,
    state INTEGER NOT NULL,
    goods INTEGER NOT NULL,
    money INTEGER NOT NULL,
    priority TEXT NOT NULL,
    channel TEXT NOT NULL,
    location BLOB,
    driver BLOB,
    salesperson BLOB,
    created INTEGER NOT NULL,
    placed INTEGER,
    lines INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    search INTEGER NOT NULL
);
CREATE INDEX order_row_number ON order_row (number);
CREATE INDEX order_row_customer ON order_row (customer) WHERE customer IS NOT NULL;
CREATE INDEX order_row_created ON order_row (created);
CREATE VIRTUAL TABLE order_search USING fts5 (
    words, content = '', contentless_delete = 1, detail = full, prefix = '2 3',
    tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE customer_row (
    row INTEGER PRIMARY KEY REFERENCES document (row) ON DELETE CASCADE,
    id BLOB NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    customer_group TEXT NOT NULL,
    city TEXT NOT NULL,
    phone TEXT NOT NULL,
    retired INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    search INTEGER NOT NULL
);
CREATE INDEX customer_row_name ON customer_row (name COLLATE NOCASE);
CREATE INDEX customer_row_number ON customer_row (number);
CREATE VIRTUAL TABLE customer_search USING fts5 (
    words, content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);

-- The price that holds today is found when the row is read: `prices` is CBOR of all of them.
CREATE TABLE product_row (
    row INTEGER PRIMARY KEY REFERENCES document (row) ON DELETE CASCADE,
    id BLOB NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    unit TEXT NOT NULL,
    tax_class TEXT NOT NULL,
    retired INTEGER NOT NULL,
    prices BLOB NOT NULL,
    pending INTEGER NOT NULL,
    search INTEGER NOT NULL
);
CREATE INDEX product_row_name ON product_row (name COLLATE NOCASE);
CREATE INDEX product_row_number ON product_row (number);
CREATE TABLE product_barcode (
    barcode TEXT NOT NULL,
    row INTEGER NOT NULL REFERENCES product_row (row) ON DELETE CASCADE,
    PRIMARY KEY (barcode, row)
) WITHOUT ROWID;
CREATE INDEX product_barcode_row ON product_barcode (row);
CREATE VIRTUAL TABLE product_search USING fts5 (
    words, content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE location_row (
    row INTEGER PRIMARY KEY REFERENCES document (row) ON DELETE CASCADE,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    closed INTEGER NOT NULL,
    pending INTEGER NOT NULL
);
