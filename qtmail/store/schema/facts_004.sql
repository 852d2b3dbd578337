-- What is kept on this computer of a folder's messages, beyond their headers.

ALTER TABLE folder ADD COLUMN keep TEXT NOT NULL DEFAULT '';             -- the user's word for it (model.Keep); '': the account's
ALTER TABLE folder ADD COLUMN keep_since INTEGER NOT NULL DEFAULT 0;     -- in force: bodies of messages dated before it are left out,
ALTER TABLE folder ADD COLUMN keep_most INTEGER NOT NULL DEFAULT 0;      -- and of those with more octets; 0: no limit
ALTER TABLE folder ADD COLUMN keep_applied INTEGER NOT NULL DEFAULT 1;   -- 0: body_wanted.left_out is still being brought in line

-- 1: not here, and nobody wants it but the user who opens it
ALTER TABLE body_wanted ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
DROP INDEX body_wanted_by_date;
CREATE INDEX body_wanted_by_date ON body_wanted (folder, left_out, date);

CREATE VIEW body_left_out AS                     -- what left_out has to be
SELECT b.placement, b.date < f.keep_since OR (f.keep_most > 0 AND m.size > f.keep_most) AS left_out
FROM body_wanted AS b JOIN placement AS p ON p.id = b.placement JOIN message AS m ON m.id = p.message
  JOIN folder AS f ON f.id = p.folder;
CREATE TRIGGER body_wanted_left_out AFTER INSERT ON body_wanted
WHEN EXISTS (SELECT 1 FROM folder WHERE id = abs(NEW.folder) AND (keep_since > 0 OR keep_most > 0)) BEGIN
  UPDATE body_wanted SET left_out = (SELECT left_out FROM body_left_out WHERE placement = NEW.placement)
  WHERE placement = NEW.placement;
END;
DROP TRIGGER body_wanted_follows;
CREATE TRIGGER body_wanted_follows AFTER UPDATE OF folder, gone_at ON placement
WHEN OLD.folder <> NEW.folder OR (OLD.gone_at IS NULL) <> (NEW.gone_at IS NULL) BEGIN
  UPDATE body_wanted SET folder = iif(NEW.gone_at IS NULL, NEW.folder, -NEW.folder),
    left_out = (SELECT left_out FROM body_left_out WHERE placement = NEW.id)
  WHERE placement = NEW.id;
END;
