-- Text inside attachments, and searches that are kept as folders.

-- Messages whose attachments are still to be read, newest first.
CREATE TABLE attachment_wanted (
  message  INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
  date     INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0            -- counted before the work: what brings the program down is left alone
) STRICT;
CREATE INDEX attachment_wanted_by_date ON attachment_wanted (date);
INSERT INTO attachment_wanted (message, date)
SELECT id, date FROM message WHERE content IS NOT NULL AND attachments > 0;
CREATE TRIGGER attachment_wanted_on_insert AFTER INSERT ON message
WHEN NEW.content IS NOT NULL AND NEW.attachments > 0 BEGIN
  INSERT OR REPLACE INTO attachment_wanted (message, date) VALUES (NEW.id, NEW.date);
END;
CREATE TRIGGER attachment_wanted_on_update AFTER UPDATE OF content ON message
WHEN NEW.content IS NOT NULL AND NEW.attachments > 0 AND OLD.content IS NOT NEW.content BEGIN
  INSERT OR REPLACE INTO attachment_wanted (message, date) VALUES (NEW.id, NEW.date);
END;

-- What was read, or why it could not be.
CREATE TABLE attachment (
  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  part    INTEGER NOT NULL,                      -- model.Part.index
  name    TEXT    NOT NULL,
  words   BLOB,                                  -- its text in the content database; NULL: it could not be read
  problem TEXT    NOT NULL DEFAULT '',
  PRIMARY KEY (message, part)
) STRICT, WITHOUT ROWID;

-- The words of messages with those of their attachments. A message is in here or in `search`, so that every question
-- is still one to each index.
CREATE VIRTUAL TABLE search_file USING fts5 (
  subject, sender, recipients, body, files, attached,
  content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search_file (search_file, rank) VALUES ('automerge', 16);

CREATE TABLE saved_search (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  name  TEXT    NOT NULL,
  query TEXT    NOT NULL
) STRICT;
