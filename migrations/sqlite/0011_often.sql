-- Names have a place of their own in the search, so that what is meant by its name is found before what is only
-- mentioned. Filled from the documents.
DROP TABLE customer_search;
CREATE VIRTUAL TABLE customer_search USING fts5 (
    name, words, content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);
DROP TABLE product_search;
CREATE VIRTUAL TABLE product_search USING fts5 (
    name, words, content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);

-- Which products and which customer each order names, and in how many orders each stands: what is sold often is found
-- first. Written with the row of the order, so that nothing is counted when something is searched.
CREATE TABLE order_names (
    row INTEGER NOT NULL REFERENCES order_row (row) ON DELETE CASCADE,
    id BLOB NOT NULL,
    PRIMARY KEY (row, id)
) WITHOUT ROWID;
CREATE TABLE often (id BLOB PRIMARY KEY, orders INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER order_names_more AFTER INSERT ON order_names BEGIN
    INSERT INTO often VALUES (NEW.id, 1) ON CONFLICT (id) DO UPDATE SET orders = orders + 1;
END;
CREATE TRIGGER order_names_less AFTER DELETE ON order_names BEGIN
    UPDATE often SET orders = orders - 1 WHERE id = OLD.id;
    DELETE FROM often WHERE id = OLD.id AND orders < 1;
END;
