-- What servers tell of folders and messages beyond RFC 3501: whose a folder is, what may be done in it, and ids that
-- stay the same when a folder is renamed or a message is moved elsewhere.

ALTER TABLE folder ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;     -- not in the personal namespace (RFC 2342)
ALTER TABLE folder ADD COLUMN owner TEXT NOT NULL DEFAULT '';        -- of a shared one: whose, as the server names them
ALTER TABLE folder ADD COLUMN rights TEXT;                           -- letters of RFC 4314; NULL: not known, all is tried
ALTER TABLE folder ADD COLUMN rights_at INTEGER NOT NULL DEFAULT 0;  -- when they were last asked for
ALTER TABLE folder ADD COLUMN mailboxid TEXT NOT NULL DEFAULT '';    -- OBJECTID (RFC 8474); '': not offered

-- The server's own id of a content (EMAILID, X-GM-MSGID), the same in every folder of the account.
CREATE TABLE email_id (
  account TEXT    NOT NULL,
  emailid TEXT    NOT NULL,
  message INTEGER NOT NULL,
  size    INTEGER NOT NULL,                    -- as the server announced it
  PRIMARY KEY (account, emailid)
) STRICT, WITHOUT ROWID;
CREATE INDEX email_id_of_message ON email_id (message);

-- A provisional message that turns out to be one we have is replaced by that one.
CREATE TRIGGER email_id_follows AFTER UPDATE OF message ON placement WHEN OLD.message <> NEW.message BEGIN
  UPDATE email_id SET message = NEW.message WHERE message = OLD.message;
END;
CREATE TRIGGER email_id_goes AFTER DELETE ON message BEGIN
  DELETE FROM email_id WHERE message = OLD.id;
END;
