-- What version 1 of the store wrote: one folder, two messages, one of them with its body.
-- The facts of one profile. Times are seconds since the epoch, UTC; flags are a sorted, space-separated list.
-- AUTOINCREMENT: an id is never given twice, because the journal and people's scripts remember it.

CREATE TABLE folder (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  account       TEXT    NOT NULL,              -- '' for local folders that belong to no account
  path          TEXT    NOT NULL,              -- decoded, '/' between levels
  wire_name     BLOB    NOT NULL DEFAULT x'',  -- exactly as the server named it; empty: local, or not created there yet
  role          TEXT    NOT NULL DEFAULT '',
  selectable    INTEGER NOT NULL DEFAULT 1,
  subscribed    INTEGER NOT NULL DEFAULT 1,
  uidvalidity   INTEGER NOT NULL DEFAULT 0,
  uidnext       INTEGER NOT NULL DEFAULT 0,    -- every UID below it is known here
  highestmodseq INTEGER NOT NULL DEFAULT 0,    -- flags are known up to here (RFC 7162); 0: never, or not offered
  server_total  INTEGER NOT NULL DEFAULT 0,    -- what STATUS or EXISTS last said
  total         INTEGER NOT NULL DEFAULT 0,    -- kept by the triggers below
  unread        INTEGER NOT NULL DEFAULT 0,
  verified_at   INTEGER,                       -- when its UID set was last proven equal to the server's
  gone_at       INTEGER                        -- deleted here or there; its rows are in grace
) STRICT;
CREATE UNIQUE INDEX folder_by_path ON folder (account, path) WHERE gone_at IS NULL;

CREATE TABLE message (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  content     BLOB,                            -- SHA-256 of the raw bytes; NULL: only the header is here yet
  header      BLOB    NOT NULL DEFAULT x'',    -- the fetched header fields, until the content is here
  message_id  TEXT    NOT NULL DEFAULT '',
  subject     TEXT    NOT NULL DEFAULT '',
  base_subject TEXT   NOT NULL DEFAULT '',     -- without Re: and the like, lower case: what lists are ordered by
  from_name   TEXT    NOT NULL DEFAULT '',
  from_addr   TEXT    NOT NULL DEFAULT '',
  to_names    TEXT    NOT NULL DEFAULT '',     -- display names of To and Cc, comma between
  to_addr     TEXT    NOT NULL DEFAULT '',     -- the first recipient's addr-spec
  date        INTEGER NOT NULL,
  size        INTEGER NOT NULL DEFAULT 0,      -- RFC822.SIZE, then the true number of octets
  preview     TEXT    NOT NULL DEFAULT '',
  attachments INTEGER NOT NULL DEFAULT 0,
  refs        TEXT    NOT NULL DEFAULT '',     -- In-Reply-To and References, spaces between
  body_at     INTEGER                          -- when its content was stored
) STRICT;
CREATE UNIQUE INDEX message_by_content ON message (content) WHERE content IS NOT NULL;
CREATE INDEX message_by_message_id ON message (message_id);

CREATE TABLE placement (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  folder       INTEGER NOT NULL REFERENCES folder (id),
  message      INTEGER NOT NULL REFERENCES message (id),
  uidvalidity  INTEGER NOT NULL DEFAULT 0,     -- not the folder's: to be relinked; 0: none yet; -1: the server refused it
  uid          INTEGER,                        -- NULL: local, or not confirmed by the server yet
  flags        TEXT    NOT NULL DEFAULT '',    -- what the user sees: server_flags with pending operations on top
  server_flags TEXT    NOT NULL DEFAULT '',    -- what the server last said
  modseq       INTEGER NOT NULL DEFAULT 0,
  seen         INTEGER NOT NULL GENERATED ALWAYS AS (instr(' ' || flags || ' ', ' \Seen ') > 0) VIRTUAL,
  date         INTEGER NOT NULL,               -- message.date again: lists are read from one index
  received     INTEGER NOT NULL,
  added_at     INTEGER NOT NULL,               -- when this row was made, and how it came
  added_why    TEXT    NOT NULL DEFAULT 'Arrived',
  gone_at      INTEGER,                        -- in grace since: removed here, or proven gone on the server
  gone_why     TEXT    NOT NULL DEFAULT ''     -- 'expunged' (by us), 'vanished' (elsewhere), 'folder', 'cancelled', 'refused', 'account'
) STRICT;
CREATE UNIQUE INDEX placement_by_uid ON placement (folder, uidvalidity, uid) WHERE uid IS NOT NULL;
CREATE INDEX placement_by_date ON placement (folder, date, id) WHERE gone_at IS NULL;
CREATE INDEX placement_newest ON placement (date, id, message) WHERE gone_at IS NULL;
CREATE INDEX placement_without_uid ON placement (folder) WHERE uid IS NULL AND gone_at IS NULL;
CREATE INDEX placement_of_message ON placement (message);
CREATE INDEX placement_in_grace ON placement (gone_at) WHERE gone_at IS NOT NULL;

CREATE TRIGGER placement_counts_on_insert AFTER INSERT ON placement WHEN NEW.gone_at IS NULL BEGIN
  UPDATE folder SET total = total + 1, unread = unread + (1 - NEW.seen) WHERE id = NEW.folder;
END;
CREATE TRIGGER placement_counts_on_delete AFTER DELETE ON placement WHEN OLD.gone_at IS NULL BEGIN
  UPDATE folder SET total = total - 1, unread = unread - (1 - OLD.seen) WHERE id = OLD.folder;
END;
CREATE TRIGGER placement_counts_on_update AFTER UPDATE OF folder, flags, gone_at ON placement BEGIN
  UPDATE folder SET total = total - 1, unread = unread - (1 - OLD.seen) WHERE id = OLD.folder AND OLD.gone_at IS NULL;
  UPDATE folder SET total = total + 1, unread = unread + (1 - NEW.seen) WHERE id = NEW.folder AND NEW.gone_at IS NULL;
END;

-- Bodies still to fetch, newest first, without reading every message.
CREATE TABLE body_wanted (
  placement INTEGER PRIMARY KEY REFERENCES placement (id) ON DELETE CASCADE,
  folder    INTEGER NOT NULL,                  -- negative while the row is in grace
  date      INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  problem   TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX body_wanted_by_date ON body_wanted (folder, date);
CREATE TRIGGER body_wanted_follows AFTER UPDATE OF folder, gone_at ON placement
WHEN OLD.folder <> NEW.folder OR (OLD.gone_at IS NULL) <> (NEW.gone_at IS NULL) BEGIN
  UPDATE body_wanted SET folder = iif(NEW.gone_at IS NULL, NEW.folder, -NEW.folder) WHERE placement = NEW.id;
END;

-- What the user did: one gesture is one click, one operation what is replayed. Kept for good: it is the journal.
CREATE TABLE gesture (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  label   TEXT    NOT NULL,
  undoes  INTEGER REFERENCES gesture (id),
  quiet   INTEGER NOT NULL DEFAULT 0,          -- not offered by undo: done by the program on the way
  undone  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX gesture_undoable ON gesture (id) WHERE undone = 0 AND quiet = 0 AND undoes IS NULL;

CREATE TABLE operation (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  gesture     INTEGER NOT NULL REFERENCES gesture (id),
  account     TEXT    NOT NULL,
  kind        TEXT    NOT NULL,
  payload     TEXT    NOT NULL,                -- operations.encode
  state       TEXT    NOT NULL,                -- 'pending', 'sent' (asked, no answer seen), 'done', 'refused', 'cancelled'
  after       INTEGER REFERENCES operation (id), -- not before this one is done (a move across accounts)
  attempts    INTEGER NOT NULL DEFAULT 0,
  not_before  INTEGER NOT NULL DEFAULT 0,
  words       TEXT    NOT NULL DEFAULT '',     -- the server's, when it refused or failed
  undone      INTEGER NOT NULL DEFAULT 0,      -- its inverse is committed: an interrupted undo goes on with the others
  at          INTEGER NOT NULL,
  ended_at    INTEGER
) STRICT;
CREATE INDEX operation_open ON operation (account, id) WHERE state IN ('pending', 'sent');
CREATE INDEX operation_of_gesture ON operation (gesture);
CREATE INDEX operation_after ON operation (after) WHERE after IS NOT NULL;

-- Which rows an operation touches, and where each was when it was recorded: what replay addresses on the server.
CREATE TABLE operation_row (
  operation   INTEGER NOT NULL REFERENCES operation (id),
  placement   INTEGER NOT NULL,
  folder      INTEGER NOT NULL,                -- the folder before the operation
  uidvalidity INTEGER NOT NULL,
  uid         INTEGER,
  copy        INTEGER,                         -- Copy: the row made for this one
  done        INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (operation, placement)
) STRICT, WITHOUT ROWID;
CREATE INDEX operation_row_by_placement ON operation_row (placement);
CREATE INDEX operation_row_by_uid ON operation_row (folder, uid) WHERE done = 0;
CREATE INDEX operation_row_by_copy ON operation_row (copy) WHERE copy IS NOT NULL;

-- What happened to a message that no operation tells: arrived, body stored, read elsewhere, vanished, relinked.
CREATE TABLE history (
  placement INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  what      TEXT    NOT NULL
) STRICT;
CREATE INDEX history_of_placement ON history (placement, at);

CREATE TABLE outbox (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  account       TEXT    NOT NULL,
  placement     INTEGER NOT NULL REFERENCES placement (id),
  content       BLOB    NOT NULL,
  message_id    TEXT    NOT NULL,
  envelope_from TEXT    NOT NULL,
  recipients    TEXT    NOT NULL,              -- JSON: [{"address", "state", "reply"}]
  state         TEXT    NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  next_attempt  INTEGER NOT NULL DEFAULT 0,
  reply         TEXT    NOT NULL DEFAULT '',
  sent_copy     INTEGER NOT NULL DEFAULT 0,    -- 1 when a copy is in Sent, or the server made one
  draft         TEXT    NOT NULL DEFAULT '',   -- JSON of the draft it was made from, to edit again
  created       INTEGER NOT NULL,
  updated       INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_open ON outbox (account, id) WHERE state NOT IN ('accepted');
CREATE INDEX outbox_of_placement ON outbox (placement);

-- UIDL -> content, with what was decided and done. A row exists from the moment its content is durable.
CREATE TABLE pop_ledger (
  account    TEXT    NOT NULL,
  uidl       TEXT    NOT NULL,
  content    BLOB    NOT NULL,
  placement  INTEGER NOT NULL,
  stored_at  INTEGER NOT NULL,
  decided    TEXT    NOT NULL,                 -- why it stays or goes, in words
  state      TEXT    NOT NULL,                 -- 'kept', 'asked' (DELE sent, QUIT unanswered), 'deleted', 'gone' (not listed any more)
  ended_at   INTEGER,
  PRIMARY KEY (account, uidl)
) STRICT, WITHOUT ROWID;
CREATE INDEX pop_ledger_of_placement ON pop_ledger (placement);

CREATE TABLE draft (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  account  TEXT    NOT NULL,
  payload  TEXT    NOT NULL,                   -- JSON of model.Draft
  saved_at INTEGER NOT NULL,
  open     INTEGER NOT NULL DEFAULT 1          -- 1 while a composer has it: reopened after a crash
) STRICT;

-- Whom the user heard from and wrote to: completion in the composer.
CREATE TABLE person (
  address TEXT    NOT NULL COLLATE NOCASE,
  name    TEXT    NOT NULL DEFAULT '',
  heard   INTEGER NOT NULL DEFAULT 0,
  wrote   INTEGER NOT NULL DEFAULT 0,
  last    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (address)
) STRICT, WITHOUT ROWID;

-- Small things remembered per account: server capabilities seen, whether it files sent mail itself, last problem.
CREATE TABLE account_fact (
  account TEXT NOT NULL,
  key     TEXT NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

-- The words of messages; rowid: message.id. Those without content yet are in a table of their own, which stays small:
-- replacing a record of a contentless table costs twice what adding one does.
CREATE VIRTUAL TABLE search USING fts5 (
  subject, sender, recipients, body, files,
  content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search (search, rank) VALUES ('automerge', 16);
CREATE VIRTUAL TABLE search_header USING fts5 (
  subject, sender, recipients, body, files,
  content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO folder (id, account, path, wire_name, role, selectable, subscribed, uidvalidity, uidnext, highestmodseq, server_total, total, unread, verified_at, gone_at) VALUES (1, 'a1b2c3d4', 'INBOX', X'494E424F58', 'inbox', 1, 1, 1699999999, 0, 0, 0, 0, 0, NULL, NULL);
INSERT INTO message (id, content, header, message_id, subject, base_subject, from_name, from_addr, to_names, to_addr, date, size, preview, attachments, refs, body_at) VALUES (1, X'20A60652D629AA11587A431263B5C63D04A09A82ADB3B89BF76FA193C8976713', X'', '<First@example.test>', 'First letter', 'first letter', 'Ann', 'ann@example.test', 'Bob', 'bob@example.test', 1700000000, 32, 'Dear Bob', 0, '', 1700000011);
INSERT INTO message (id, content, header, message_id, subject, base_subject, from_name, from_addr, to_names, to_addr, date, size, preview, attachments, refs, body_at) VALUES (2, NULL, X'5375626A6563743A20780D0A0D0A', '<Second@example.test>', 'Second letter', 'second letter', 'Ann', 'ann@example.test', 'Bob', 'bob@example.test', 1700000001, 121, '', 0, '', NULL);
INSERT INTO placement (id, folder, message, uidvalidity, uid, flags, server_flags, modseq, date, received, added_at, added_why, gone_at, gone_why) VALUES (1, 1, 1, 1699999999, 1, '\Seen', '\Seen', 0, 1700000000, 1700000000, 1700000010, 'Arrived', NULL, '');
INSERT INTO placement (id, folder, message, uidvalidity, uid, flags, server_flags, modseq, date, received, added_at, added_why, gone_at, gone_why) VALUES (2, 1, 2, 1699999999, 2, '\Flagged', '\Flagged', 0, 1700000001, 1700000001, 1700000010, 'Arrived', NULL, '');
INSERT INTO body_wanted (placement, folder, date, attempts, problem) VALUES (2, 1, 1700000001, 0, '');
INSERT INTO person (address, name, heard, wrote, last) VALUES ('ann@example.test', 'Ann', 2, 0, 1700000010);
INSERT INTO search (rowid, subject, sender, recipients, body, files) VALUES (1, 'First letter', 'Ann ann@example.test', 'Bob bob@example.test', 'Dear Bob', '');
INSERT INTO search_header (rowid, subject, sender, recipients, body, files) VALUES (2, 'Second letter', 'Ann ann@example.test', 'Bob bob@example.test', '', '');
PRAGMA user_version = 1;
