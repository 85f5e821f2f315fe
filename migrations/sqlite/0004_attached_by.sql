-- Which entries of this device attach a content, and whether the server has it by each of them: one entry that is given
-- up does not take along what another one attaches.
CREATE TABLE attachment_by (
    content BLOB NOT NULL REFERENCES attachment (content) ON DELETE CASCADE,
    edit BLOB NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (content, edit)
) WITHOUT ROWID;
CREATE INDEX attachment_by_unsent ON attachment_by (content) WHERE NOT sent;
CREATE INDEX attachment_by_edit ON attachment_by (edit);
INSERT INTO attachment_by SELECT content, edit, sent FROM attachment WHERE edit IS NOT NULL;
DROP INDEX attachment_unsent;
ALTER TABLE attachment DROP COLUMN edit;
ALTER TABLE attachment DROP COLUMN sent;
-- When it was asked for last, the server did not have it.
ALTER TABLE attachment ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
