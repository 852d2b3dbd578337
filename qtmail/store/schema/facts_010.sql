-- Conversations: kept with every message that comes, so that a list of them is read from one index.

ALTER TABLE message ADD COLUMN thread INTEGER NOT NULL DEFAULT 0;   -- its conversation; 0: not found yet
CREATE INDEX message_by_thread ON message (thread);

-- What messages call themselves and each other (store/threads.py).
CREATE TABLE thread_node (
  id      INTEGER PRIMARY KEY,                 -- of a Message-ID: the first 63 bits of its BLAKE2
  parent  INTEGER NOT NULL,                    -- the node it answers, as the first header said that told of it; 0: none
  here    INTEGER NOT NULL,                    -- 1: a message of this name came
  cluster INTEGER NOT NULL,                    -- all that names each other, however contradictory
  thread  INTEGER NOT NULL                     -- the conversation: the cluster, or a part of a tangled one
) STRICT;
CREATE INDEX thread_node_of_cluster ON thread_node (cluster);
-- The threads of clusters whose headers contradict each other, or in which the user had a say (store/tangles.py).
CREATE TABLE thread_tangle (
  thread  INTEGER PRIMARY KEY,
  cluster INTEGER NOT NULL
) STRICT;
CREATE INDEX thread_tangle_of_cluster ON thread_tangle (cluster);
-- Those to be looked into before the transaction ends.
CREATE TABLE thread_due (cluster INTEGER PRIMARY KEY) STRICT;

-- The user's word, by Message-ID: it outlives the messages. parent 0: a conversation begins here.
CREATE TABLE thread_choice (
  node   INTEGER PRIMARY KEY,
  parent INTEGER NOT NULL
) STRICT;
CREATE TABLE thread_mute (node INTEGER PRIMARY KEY) STRICT;

-- next: the next free thread. below: messages under this id were here before conversations were, and have none yet.
CREATE TABLE thread_state (next INTEGER NOT NULL, below INTEGER NOT NULL) STRICT;
INSERT INTO thread_state SELECT 1, coalesce(max(id), 0) + 1 FROM message;
-- Messages whose headers turned out to be others than they were when they came.
CREATE TABLE thread_again (message INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER thread_again_noted AFTER UPDATE OF message_id, refs ON message
WHEN NEW.thread <> 0 AND (OLD.message_id <> NEW.message_id OR OLD.refs <> NEW.refs) BEGIN
  INSERT OR IGNORE INTO thread_again VALUES (NEW.id);
END;

-- The newest row of each conversation in each folder. New rows are put in by store/messages.py, many at once.
CREATE TABLE conversation (
  thread INTEGER NOT NULL,
  folder INTEGER NOT NULL,
  date   INTEGER NOT NULL,
  head   INTEGER NOT NULL,
  PRIMARY KEY (thread, folder)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_by_date ON conversation (folder, date, head);

CREATE TRIGGER conversation_on_update AFTER UPDATE OF folder, gone_at, message, date ON placement
WHEN (OLD.folder, OLD.gone_at IS NULL, OLD.message, OLD.date) <> (NEW.folder, NEW.gone_at IS NULL, NEW.message, NEW.date)
BEGIN
  DELETE FROM conversation WHERE head = OLD.id AND folder = OLD.folder
    AND thread = (SELECT thread FROM message WHERE id = OLD.message);
  INSERT OR IGNORE INTO conversation
    SELECT m.thread, p.folder, p.date, p.id
    FROM message AS o CROSS JOIN message AS m ON m.thread = o.thread CROSS JOIN placement AS p ON p.message = m.id
    WHERE o.id = OLD.message AND o.thread <> 0 AND p.folder = OLD.folder AND p.gone_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversation AS c WHERE c.thread = o.thread AND c.folder = OLD.folder)
    ORDER BY p.date DESC, p.id DESC LIMIT 1;
  INSERT INTO conversation
    SELECT thread, NEW.folder, NEW.date, NEW.id FROM message WHERE id = NEW.message AND thread <> 0 AND NEW.gone_at IS NULL
  ON CONFLICT DO UPDATE SET date = excluded.date, head = excluded.head
  WHERE (excluded.date, excluded.head) > (date, head);
END;
CREATE TRIGGER conversation_on_delete AFTER DELETE ON placement WHEN OLD.gone_at IS NULL BEGIN
  DELETE FROM conversation WHERE head = OLD.id AND folder = OLD.folder
    AND thread = (SELECT thread FROM message WHERE id = OLD.message);
  INSERT OR IGNORE INTO conversation
    SELECT m.thread, p.folder, p.date, p.id
    FROM message AS o CROSS JOIN message AS m ON m.thread = o.thread CROSS JOIN placement AS p ON p.message = m.id
    WHERE o.id = OLD.message AND o.thread <> 0 AND p.folder = OLD.folder AND p.gone_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM conversation AS c WHERE c.thread = o.thread AND c.folder = OLD.folder)
    ORDER BY p.date DESC, p.id DESC LIMIT 1;
END;

DROP INDEX message_by_root;                    -- what the reader asks for is known by thread now
