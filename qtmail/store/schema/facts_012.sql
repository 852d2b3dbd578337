-- No indexes of their own for beginnings of words: they took more room than the words themselves and half of the time
-- of indexing, and the index answers a beginning of three letters quickly without them. What is there of them in the
-- indexes stays, unused: an index without content cannot be made anew from here.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'prefix = ''2 3'', ', '')
WHERE type = 'table' AND name IN ('search', 'search_header', 'search_file');
PRAGMA writable_schema = RESET;
