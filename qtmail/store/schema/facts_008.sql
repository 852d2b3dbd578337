-- Room was made: the content of old mail that its server still has was dropped here, and comes back when it is opened.

ALTER TABLE body_wanted ADD COLUMN freed_at INTEGER NOT NULL DEFAULT 0;  -- when its content was dropped; 0: it was never here
ALTER TABLE folder ADD COLUMN keep_more_at INTEGER NOT NULL DEFAULT 0;   -- what was dropped before then is wanted again

DROP VIEW body_left_out;
CREATE VIEW body_left_out AS                     -- what left_out has to be
SELECT b.placement,
  b.date < f.keep_since OR (f.keep_most > 0 AND m.size > f.keep_most) OR b.freed_at > f.keep_more_at AS left_out
FROM body_wanted AS b JOIN placement AS p ON p.id = b.placement JOIN message AS m ON m.id = p.message
  JOIN folder AS f ON f.id = p.folder;
