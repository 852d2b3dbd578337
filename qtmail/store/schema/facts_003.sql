-- The Outbox: not before a time, in the user's order, by an identity, with wishes about the delivery.

ALTER TABLE outbox ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;   -- state 'not-before': when it may go
ALTER TABLE outbox ADD COLUMN scheduled  INTEGER NOT NULL DEFAULT 0;   -- 1: the user chose that time; 0: undo send
ALTER TABLE outbox ADD COLUMN position   INTEGER NOT NULL DEFAULT 0;   -- its place in the queue
ALTER TABLE outbox ADD COLUMN identity   TEXT    NOT NULL DEFAULT '';  -- '': the account's own
ALTER TABLE outbox ADD COLUMN delivery   TEXT    NOT NULL DEFAULT '';  -- JSON of model.Delivery; '': nothing special
ALTER TABLE outbox ADD COLUMN again_of   INTEGER;                      -- the item whose refused recipients this one is for
UPDATE outbox SET position = id;
