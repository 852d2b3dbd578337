-- What was decided and done about each message on a POP3 server, in full.
ALTER TABLE pop_ledger ADD COLUMN size INTEGER NOT NULL DEFAULT 0;        -- octets, as the server announced it; 0: not known
ALTER TABLE pop_ledger ADD COLUMN proof TEXT NOT NULL DEFAULT 'whole';    -- 'whole': these bytes came under this name; 'matched': known by its header and size; 'part': header and first lines only
ALTER TABLE pop_ledger ADD COLUMN wish TEXT NOT NULL DEFAULT '';          -- the user's word on this message, above the policy: 'keep', 'remove'
ALTER TABLE pop_ledger ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;      -- 1: the user asked for the rest of it
ALTER TABLE pop_ledger ADD COLUMN place INTEGER NOT NULL DEFAULT 0;       -- grows with the server's order: the newest is the greatest
ALTER TABLE pop_ledger ADD COLUMN asked_at INTEGER;                       -- when DELE was sent last
ALTER TABLE pop_ledger ADD COLUMN answered_at INTEGER;                    -- when QUIT was answered +OK after it
