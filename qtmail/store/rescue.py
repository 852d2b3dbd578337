"""When the facts are damaged: save what exists only here, then let a new database be made.

What a server has comes back by itself. What it does not: drafts, the Outbox, POP3 and local mail, rows not appended
yet. The content database is asked as a whole, too: bytes that can be read are never left behind.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import msgspec
import zstandard

from qtmail.errors import StoreError
from qtmail.model import ContentHash, Draft
from qtmail.paths import Profile
from qtmail.store.connection import Database, Immediate, only_reading
from qtmail.store.content import Content, hash_of
from qtmail.store.drafts import unpack_draft

_SMALLEST = 100
"""No content takes fewer octets of its file, with its entries in indexes."""
_GUESSED = 2_000
"""Ids tried where the highest cannot be read,"""
_MOST = 100_000
"""and at most."""
_ONLY_HERE = (
    ("outbox", "SELECT content FROM outbox WHERE state <> 'accepted' ORDER BY id DESC"),
    (
        "mail",
        """
        SELECT m.content FROM placement AS p JOIN message AS m ON m.id = p.message
        WHERE p.uid IS NULL AND p.gone_at IS NULL AND m.content IS NOT NULL ORDER BY p.id DESC
        """,
    ),
)

_WORDS = {
    "thread_choice": "SELECT json_array(node, parent) FROM thread_choice",
    "thread_mute": "SELECT json_array(node) FROM thread_mute",
}
"""What the user said of conversations, by Message-ID: it holds for the mail that comes back."""


def rescue(profile: Profile, into: Path, *, now: int) -> int:
    """Write drafts, Outbox and what no server has, as far as it can be read, into a new folder as .eml and .json ->
    how many; then move the damaged database aside (never delete it), so that the next start makes a new one. What the
    user said of conversations goes over to that one.

    If not even the list of what is only here can be read, all content is written. Raises StoreError when `into`
    cannot be written; nothing is moved then.
    """
    try:
        into.mkdir(parents=True, exist_ok=False)
        count = _save(profile, into)
        words = {table: list(_rows(profile.facts, sql)) for table, sql in _WORDS.items()}
        _aside(profile.facts, now)
        _say_again(profile.facts, words)
        if not _usable(profile.content):
            _aside(profile.content, now)
    except OSError as error:
        raise StoreError(f"The rescued mail cannot be written: {error}.", hint="Choose another, new folder.") from error
    return count


def _say_again(facts: Path, words: dict[str, list[str | None]]) -> None:
    """Begin the new database with these, if there are any."""
    if not any(record for records in words.values() for record in records):
        return
    database = Database(facts, "facts")
    with database.turn() as writer, Immediate(writer):
        for table, records in words.items():
            known = [msgspec.json.decode(record) for record in records if record]
            if known:
                marks = ", ".join("?" * len(known[0]))
                writer.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", known)  # noqa: S608
    database.close()


def _save(profile: Profile, into: Path) -> int:
    contents = _Contents(profile.content)
    written: set[bytes] = set()
    complete = True
    for name, sql in _ONLY_HERE:
        wanted = list(_rows(profile.facts, sql))
        if wanted[-1:] != [None]:
            complete = False
            wanted += _one_by_one(profile.facts, "outbox", "content") if name == "outbox" else ()
        for content in wanted:
            if (
                content is not None
                and content not in written
                and (raw := contents.get(ContentHash(content))) is not None
            ):
                written.add(content)
                _write(into / f"{name}-{len(written):05}.eml", raw)
    if not complete:
        for content, raw in contents:
            if content not in written:
                written.add(content)
                _write(into / f"content-{len(written):05}.eml", raw)
    contents.close()
    drafts = 0
    for payload in _drafts(profile.facts):
        drafts += 1
        _write(into / f"draft-{drafts:05}.json", payload)
    return len(written) + drafts


def _drafts(path: Path) -> Iterator[bytes]:
    payloads = list(_rows(path, "SELECT payload FROM draft ORDER BY id DESC"))
    if payloads[-1:] != [None]:
        payloads = list(_one_by_one(path, "draft", "payload"))
    for payload in payloads:
        if payload is not None:
            try:
                yield msgspec.json.format(str(payload)).encode()
            except (msgspec.MsgspecError, UnicodeEncodeError):
                yield str(payload).encode("utf-8", "replace")


def facts_are_whole(profile: Profile) -> bool:
    """Whether the facts can be read and are sound, whatever the content is. Raises StoreLocked."""
    lines = list(_rows(profile.facts, "PRAGMA quick_check(20)"))
    return lines[-1:] == [None] and all("fts5" in line.lower() for line in lines[:-1] if line != "ok")


def renew_content(profile: Profile, *, now: int) -> int:
    """Move a damaged content database aside and make a new one of all in it that can be read -> how many."""
    aside = _aside(profile.content, now)
    old, new = _Contents(aside), Content(profile.content)
    count = 0
    try:
        for _hash, raw in old:
            new.put(raw, now=now)
            count += 1
    finally:
        new.close()
        old.close()
    return count


def read_draft(path: Path) -> Draft | None:
    """What `rescue` wrote of a draft; None: nothing that can be used."""
    try:
        return unpack_draft(path.read_text("utf-8"))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _rows(path: Path, sql: str) -> Iterator[Any]:
    """The first column of every record that can be read; then None if it was read to its end."""
    try:
        sqlite = only_reading(path)
    except apsw.Error:
        return
    try:
        for record in sqlite.execute(sql):
            yield record[0]
        yield None
    except apsw.Error:
        return
    finally:
        sqlite.close(True)


def _one_by_one(path: Path, table: str, column: str) -> Iterator[Any]:
    """A column of a table with ids, record by record over damaged places."""
    try:
        sqlite = only_reading(path)
    except apsw.Error:
        return
    try:
        for id_ in range(_highest(sqlite, table), 0, -1):
            try:
                yield from (
                    record[0]
                    for record in sqlite.execute(f"SELECT {column} FROM {table} WHERE id = ?", (id_,)).fetchall()  # noqa: S608
                )
            except apsw.Error:
                continue
    finally:
        sqlite.close(True)


def _highest(sqlite: apsw.Connection, table: str) -> int:
    """The highest id ever given, as far as that can be read."""
    for sql in (f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'", f"SELECT max(id) FROM {table}"):  # noqa: S608
        try:
            found: list[Any] = sqlite.execute(sql).fetchall()
        except apsw.Error:
            continue
        if found and found[0][0]:
            return min(int(found[0][0]), _MOST)
    return _GUESSED


class _Contents:
    """The content database, as far as it can be read: what comes out is what went in."""

    def __init__(self, path: Path) -> None:
        self._decompressor = zstandard.ZstdDecompressor()
        self._sqlite: apsw.Connection | None
        self._size = path.stat().st_size if path.exists() else 0
        try:
            self._sqlite = only_reading(path)
        except apsw.Error:
            self._sqlite = None

    def get(self, content: ContentHash) -> bytes | None:
        """None: not there, or not what it was."""
        return next((raw for _hash, raw in self._read("WHERE hash = ?", content)), None)

    def __iter__(self) -> Iterator[tuple[ContentHash, bytes]]:
        """Everything, one after the other, over the damaged places."""
        for id_ in range(1, self._highest() + 1):
            yield from self._read("WHERE id = ?", id_)

    def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite.close(True)

    def _highest(self) -> int:
        """The highest id; what a damaged page says is not believed beyond what the file can hold."""
        room = self._size // _SMALLEST
        try:
            found: list[Any] = self._sqlite.execute("SELECT max(id) FROM blob").fetchall() if self._sqlite else [(0,)]
        except apsw.Error:
            return room
        return min(int(found[0][0] or 0), room)

    def _read(self, where: str, value: bytes | int) -> list[tuple[ContentHash, bytes]]:
        if self._sqlite is None:
            return []
        try:
            found: list[Any] = self._sqlite.execute(
                f"SELECT hash, size, stored, data FROM blob {where}",  # noqa: S608 - literals
                (value,),
            ).fetchall()
            raws = [
                (ContentHash(hash_), self._decompressor.decompress(data, max_output_size=size) if stored else data)
                for hash_, size, stored, data in found
            ]
        except (apsw.Error, zstandard.ZstdError):
            return []
        return [(hash_, raw) for hash_, raw in raws if hash_of(raw) == hash_]


def _usable(path: Path) -> bool:
    return [line for line in _rows(path, "PRAGMA quick_check(1)") if line is not None] == ["ok"]


def _aside(path: Path, now: int) -> Path:
    """-> where it is now."""
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(path.with_name(f"{path.name}.damaged-{now}{suffix}"))
    return path.with_name(f"{path.name}.damaged-{now}")


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
