-- Immutable bytes, found by what they are. Nothing is ever rewritten in place; a blob nobody refers to is collected later.
CREATE TABLE blob (
  id     INTEGER PRIMARY KEY,
  hash   BLOB    NOT NULL UNIQUE, -- SHA-256 of the bytes before compression
  size   INTEGER NOT NULL,      -- octets before compression
  stored INTEGER NOT NULL,      -- 0: data is the bytes; 1: zstd
  at     INTEGER NOT NULL,
  data   BLOB    NOT NULL
) STRICT;
