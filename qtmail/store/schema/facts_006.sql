-- How the user wants to see one message, and finding the others of its thread.

-- 'colours': 'light' or 'dark'; 'form': 'text', 'simple' or 'html'; 'charset': a label; 'pictures': 'shown'
CREATE TABLE view_choice (
  message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  what    TEXT    NOT NULL,
  value   TEXT    NOT NULL,
  PRIMARY KEY (message, what)
) STRICT, WITHOUT ROWID;

-- The first of refs is what began the thread (RFC 5322, 3.6.4); a reply that names one only, names that one.
CREATE INDEX message_by_root ON message (substr(refs, 1, instr(refs || ' ', ' ') - 1)) WHERE refs <> '';
