-- The unread and the starred mail of a folder in order: the quick filter asks for them, also among a million.

CREATE INDEX placement_unread ON placement (folder, date, id) WHERE gone_at IS NULL AND seen = 0;
CREATE INDEX placement_starred ON placement (folder, date, id)
WHERE gone_at IS NULL AND instr(' ' || flags || ' ', ' \Flagged ') > 0;
