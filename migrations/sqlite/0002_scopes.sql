-- Who may see a document is a small set derived from its content: its scopes, one after the other with a blank
-- between. None: the server has not got it, or it left the scopes of this device and goes when nothing entered on it
-- waits any more. A file from before is loaded anew.
ALTER TABLE document RENAME COLUMN scope TO scopes;
UPDATE document SET scopes = '';
-- Lists are shown to each person by these, without reading the documents.
CREATE INDEX document_scopes ON document (scopes);
